//! A session's row as its visitor may see it.

use std::time::Duration;

use domain::{SessionState, UnixMs};
use shared::session::{self, SessionView, StepProgress, TerminalView};
use store::Session;
use terminal::TerminalState;
use tutorial::Scenario;

use super::{
    Result, Services,
    queue::{self, Standing},
};

impl Services {
    pub(super) async fn view_of(&self, session: &Session) -> Result<SessionView> {
        let standing = self.standing(session).await;
        Ok(self.view_at(session, standing))
    }

    /// The view of who stands there in the queue.
    pub(super) fn view_at(&self, session: &Session, standing: Option<Standing>) -> SessionView {
        let now = UnixMs::now();
        let settings = self.0.settings.borrow();
        let (extensions, window) = (settings.extensions, settings.feedback.window);
        let takes_feedback = settings.feedback.enabled;
        let may_link = !settings.link.is_empty();
        drop(settings);
        let running = session.state == SessionState::Running;
        SessionView {
            id: session.id.to_string(),
            name: session.instance.as_ref().map(|at| at.name.to_string()),
            state: state(session.state),
            phase: session.phase.as_ref().map(phase),
            position: standing.map(|standing| standing.position),
            eta_seconds: standing
                .and_then(|standing| standing.at)
                .map(|at| queue::seconds(at.since(now))),
            // It stays in the row, and means nothing afterwards.
            offer_until: session
                .offer_until
                .filter(|_| session.state == SessionState::Offered)
                .map(|at| at.to_string()),
            created_at: session.created_at.to_string(),
            running_at: session.running_at.map(|at| at.to_string()),
            expires_at: session.expires_at.map(|at| at.to_string()),
            remaining_ms: session
                .expires_at
                .filter(|_| session.state.is_live())
                .map(|at| millis(at.since(now))),
            extensions_left: if running {
                extensions.saturating_sub(session.extensions)
            } else {
                0
            },
            terminals: self.terminal_views(session),
            setup: self.setup_of(session),
            facts: session.facts.clone(),
            progress: progress(session),
            tutorial: session.tutorial.clone(),
            lang: session.lang.clone(),
            ended_reason: session.ended_reason.map(reason),
            links: self.links_of(session),
            may_link: running && may_link,
            feedback_until: session
                .ended_at
                .filter(|_| takes_feedback)
                .map(|at| at.plus(window).to_string()),
            server_time: now.to_string(),
        }
    }

    /// Where the tutorial brings nothing to be set up, that is done as soon as the container is there.
    fn setup_of(&self, session: &Session) -> session::Setup {
        let brings_nothing = |slug: &String| {
            let ask = |scenario: &Scenario| scenario.assets.is_empty() && scenario.facts.is_empty();
            self.with_scenario(slug, ask).unwrap_or(true)
        };
        let is_there = session.state == SessionState::Running;
        match session.setup {
            domain::Setup::Pending if is_there && session.tutorial.iter().all(brings_nothing) => {
                session::Setup::Done
            }
            other => setup(other),
        }
    }

    fn terminal_views(&self, session: &Session) -> Vec<TerminalView> {
        let Some(instance) =
            session.instance.as_ref().filter(|_| session.state == SessionState::Running)
        else {
            return Vec::new();
        };
        let statuses = self.0.terminals.statuses(instance);
        let view = |status: &terminal::TerminalStatus| {
            let (state, exit_code) = match status.state {
                TerminalState::Open => (session::TerminalState::Open, None),
                TerminalState::Exited { code } => (session::TerminalState::Exited, code),
            };
            TerminalView { n: status.number.get(), state, exit_code }
        };
        statuses.iter().map(view).collect()
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn progress(session: &Session) -> session::Progress {
    let steps = session.progress.pages().map(|(page, done)| {
        (
            page.to_string(),
            StepProgress { passed: done.passed, ran: done.ran.iter().copied().collect() },
        )
    });
    session::Progress { page: session.page.to_string(), steps: steps.collect() }
}

fn phase(phase: &domain::Phase) -> session::Phase {
    let step = match phase.step {
        domain::PhaseStep::Creating => session::PhaseStep::Creating,
        domain::PhaseStep::Starting => session::PhaseStep::Starting,
        domain::PhaseStep::Preparing => session::PhaseStep::Preparing,
        domain::PhaseStep::Opening => session::PhaseStep::Opening,
    };
    session::Phase { step, message: phase.message.clone(), percent: phase.percent }
}

pub(super) fn state(state: SessionState) -> session::SessionState {
    match state {
        SessionState::Queued => session::SessionState::Queued,
        SessionState::Offered => session::SessionState::Offered,
        SessionState::Starting => session::SessionState::Starting,
        SessionState::Running => session::SessionState::Running,
        SessionState::Ended => session::SessionState::Ended,
    }
}

fn setup(setup: domain::Setup) -> session::Setup {
    match setup {
        domain::Setup::Pending => session::Setup::Pending,
        domain::Setup::Running => session::Setup::Running,
        domain::Setup::Done => session::Setup::Done,
        domain::Setup::Failed => session::Setup::Failed,
    }
}

pub(super) fn reason(reason: domain::EndedReason) -> session::EndedReason {
    match reason {
        domain::EndedReason::Expired => session::EndedReason::Expired,
        domain::EndedReason::EndedByVisitor => session::EndedReason::EndedByVisitor,
        domain::EndedReason::EndedByOperator => session::EndedReason::EndedByOperator,
        domain::EndedReason::StartFailed => session::EndedReason::StartFailed,
        domain::EndedReason::Abandoned => session::EndedReason::Abandoned,
        domain::EndedReason::Idle => session::EndedReason::Idle,
        domain::EndedReason::ContainerStopped => session::EndedReason::ContainerStopped,
        domain::EndedReason::LeftQueue => session::EndedReason::LeftQueue,
        domain::EndedReason::OfferLapsed => session::EndedReason::OfferLapsed,
        domain::EndedReason::Abuse => session::EndedReason::Abuse,
    }
}
