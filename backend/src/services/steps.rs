//! The pages of a tutorial: where the visitor is, what a page runs when it is entered, its check, doing it for them.

use std::time::Duration;

use domain::{InstanceRef, PageName};
use shared::{
    ErrorCode,
    session::{CheckResponse, ProgressRequest, SessionView},
};
use tutorial::{Page, PageId, Script};

use super::{
    Error, Result, Services, Visitor, scripts,
    sessions::{live, running},
    text,
    turns::Turn,
};

/// How long a check or a solution may take.
const SCRIPT_DEADLINE: Duration = Duration::from_secs(60);
/// Commands of one page that can be marked as run by one request.
const MAX_RAN: usize = 100;

impl Services {
    /// Notes where the visitor is and what was run there.
    pub async fn put_progress(
        &self,
        visitor: &Visitor,
        request: ProgressRequest,
    ) -> Result<SessionView> {
        live(visitor)?;
        let (page, _) = self.page(visitor, "page", &request.page)?;
        let ran = request.ran.unwrap_or_default();
        if ran.len() > MAX_RAN {
            return Err(Error::invalid("ran", "Send at most 100 commands at once."));
        }
        if !self.0.store.put_progress(visitor.id(), page, &ran).await? {
            return Err(Error::session_ended());
        }
        self.view_now(visitor).await
    }

    /// Runs a page's scripts, the first time it is entered: the background one hidden, the foreground one typed into
    /// the visitor's shell, both at once, since many a foreground script waits for what the other makes.
    pub async fn enter(&self, visitor: &Visitor, step: &str) -> Result<()> {
        let instance = running(visitor)?;
        let (name, page) = self.page(visitor, "step", step)?;
        if !page.run_on_enter || (page.background.is_none() && page.foreground.is_none()) {
            return Ok(());
        }
        if !self.0.store.mark_entered(visitor.id(), name).await? {
            return Ok(());
        }
        let entered = self.run_on_enter(instance, name, &page).await;
        if entered.is_err() {
            // The visitor may try again, where LXD was away or the disk full.
            self.0.store.forget_entered(visitor.id(), name).await?;
        }
        entered
    }

    async fn run_on_enter(
        &self,
        instance: &InstanceRef,
        name: PageName,
        page: &Page,
    ) -> Result<()> {
        let place = async |script: &Option<Script>, what: &str| match script {
            Some(script) => {
                let name = format!("{name}-{what}");
                scripts::place(&*self.0.provider, instance, &name, script).await.map(Some)
            }
            None => Ok(None),
        };
        let background = place(&page.background, "background").await?;
        let foreground = place(&page.foreground, "foreground").await?;
        if let Some(script) = background {
            scripts::run_detached(&*self.0.provider, instance, &script).await?;
        }
        if let Some(script) = foreground {
            self.type_script(instance, &script).await;
        }
        Ok(())
    }

    /// Asks whether a page's task is done.
    pub async fn check(&self, visitor: &Visitor, step: &str) -> Result<CheckResponse> {
        let instance = running(visitor)?;
        let (name, page) = self.page(visitor, "step", step)?;
        let verify = page
            .verify
            .as_ref()
            .ok_or_else(|| Error::not_found("This page has nothing to check."))?;
        let _turn = self.take_turn(visitor)?;
        let script =
            scripts::place(&*self.0.provider, instance, &format!("{name}-verify"), verify).await?;
        let ran = scripts::run(&*self.0.provider, instance, &script, SCRIPT_DEADLINE)
            .await
            .map_err(too_long)?;
        let passed = ran.code == 0;
        if passed {
            self.0.store.mark_passed(visitor.id(), name).await?;
        }
        let message = match passed {
            true => "Done.".to_owned(),
            false => text::last_line(&ran.said)
                .unwrap_or_else(|| "Not yet. Look at the step again.".to_owned()),
        };
        Ok(CheckResponse { passed, message })
    }

    /// Does a page's task for the visitor.
    pub async fn solve(&self, visitor: &Visitor, step: &str) -> Result<()> {
        let instance = running(visitor)?;
        let (name, page) = self.page(visitor, "step", step)?;
        let solve = page
            .solve
            .as_ref()
            .ok_or_else(|| Error::not_found("This page cannot be done for you."))?;
        let _turn = self.take_turn(visitor)?;
        let script =
            scripts::place(&*self.0.provider, instance, &format!("{name}-solve"), solve).await?;
        let ran = scripts::run(&*self.0.provider, instance, &script, SCRIPT_DEADLINE)
            .await
            .map_err(too_long)?;
        if ran.code == 0 {
            return Ok(());
        }
        let said = text::last_line(&ran.said).unwrap_or_default();
        Err(Error::new(
            ErrorCode::WrongState,
            format!("This could not be done for you here. It said: {said}"),
        ))
    }

    /// One check or solution of a session at a time: each writes its script anew, and one that a shell reads while it
    /// is written can be empty, which succeeds.
    fn take_turn(&self, visitor: &Visitor) -> Result<Turn> {
        self.0.scripts.take(visitor.id()).ok_or_else(|| {
            Error::new(
                ErrorCode::WrongState,
                "A check is still running. Wait until it has ended, then try again.",
            )
        })
    }

    /// Types a script's name into the first terminal, as the visitor would to run it in their own shell.
    async fn type_script(&self, instance: &InstanceRef, script: &scripts::Placed) {
        let key = terminal::TerminalKey {
            instance: instance.clone(),
            number: domain::TerminalNumber::FIRST,
        };
        let line = format!(" . {}\n", script.path());
        if let Err(error) = self.0.terminals.type_input(&key, line.into()).await {
            // The visitor left the shell or pressed Ctrl-C: theirs to decide.
            tracing::info!(instance = %instance, cause = %error, "a foreground script was not typed");
        }
    }

    /// A page of the session's tutorial, by what `field` of the request says.
    fn page(&self, visitor: &Visitor, field: &'static str, name: &str) -> Result<(PageName, Page)> {
        let no_page = || Error::invalid(field, "The tutorial has no such page.");
        let page_name: PageName = name.parse().map_err(|_| no_page())?;
        let id: PageId = name.parse().map_err(|_| no_page())?;
        let slug = visitor.0.tutorial.as_deref().ok_or_else(no_page)?;
        let page = self.with_scenario(slug, |scenario| scenario.page(id).cloned())?;
        Ok((page_name, page.ok_or_else(no_page)?))
    }
}

fn too_long(error: provider::Error) -> Error {
    match error {
        provider::Error::Deadline(_) => Error::new(
            ErrorCode::CheckTimeout,
            "This took too long and was stopped. See whether the container is busy, then try again.",
        ),
        other => other.into(),
    }
}
