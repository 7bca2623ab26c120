//! A start: what is asked for is parsed here, whether it may be is decided by the store in one transaction.

use domain::{ClientAddress, InstanceName, PageName, SessionId, SourceName, UnixMs};
use shared::{
    ErrorCode,
    session::{StartRequest, StartResponse},
};
use store::{Admission, NewSession, Refusal};

use super::{
    Error, Result, Services,
    authentication::Token,
    status::{NEARLY_FULL, STARTING},
    text,
};
use crate::{server_state::Reach, source};

impl Services {
    /// Starts a session for a visitor at `client`. A repeated request with the same `key` gets the same session.
    pub async fn start(
        &self,
        client: ClientAddress,
        request: StartRequest,
        key: Option<&str>,
    ) -> Result<StartResponse> {
        let new = self.parse_start(client, request, key)?;
        let token = match key {
            Some(key) => Token::from_bytes(self.0.store.derive_token(key)),
            None => Token::random()?,
        };
        if let Some(session) = self.0.store.session_of_token(&token.hash()).await? {
            return self.started(&session, &token).await;
        }
        let terms = self.accepted_terms(&new.terms_hash, new.lang.as_deref())?;
        if let Some(message) = self.outage() {
            let maintenance = self.0.store.maintenance().await?;
            // Who closed the service says more.
            return Err(match maintenance.on {
                true => refused(Refusal::Maintenance { message: maintenance.message }),
                false => Error::new(ErrorCode::Unavailable, message),
            });
        }
        let settings = self.settings();
        let source = source::for_image_id(&settings.sources, new.image_id.as_deref())
            .ok_or_else(|| Error::internal(&"no source is configured"))?;
        let generation = self.generation(&source.source.name)?;
        let new = NewSession {
            id: SessionId::random(),
            token_hash: token.hash(),
            address: client,
            terms,
            tutorial: new.tutorial,
            lang: new.lang,
            referrer: new.referrer,
            campaign: new.campaign,
            source: source.source.name.clone(),
            generation,
            project: source.source.project.clone(),
            page: new.page,
        };
        let now = UnixMs::now();
        let names = InstanceName::candidates();
        let admission =
            self.0.store.start(&new, &settings.limits, settings.duration, names, now).await?;
        match admission {
            Admission::Started(session) => {
                tracing::info!(session = %session.id, state = %session.state, tutorial = session.tutorial, "a session was started");
                self.started(&session, &token).await
            }
            Admission::Existing(session) => self.started(&session, &token).await,
            Admission::Refused(refusal) => Err(self.refused(refusal, now)),
        }
    }

    fn refused(&self, refusal: Refusal, now: UnixMs) -> Error {
        let error = refused(refusal);
        match error.code() {
            // A visitor who waits gets a place then, and leaves theirs in the queue.
            ErrorCode::QueueFull => {
                self.wait_of_the_first(now).into_iter().fold(error, Error::retry_after)
            }
            _ => error,
        }
    }

    /// What a container made from a source now would be; refused where none can be made.
    pub(super) fn generation(&self, source: &SourceName) -> Result<String> {
        let server = self.0.server.borrow();
        if server.full.contains(source) {
            return Err(Error::new(ErrorCode::Unavailable, NEARLY_FULL));
        }
        server.generations.get(source).cloned().ok_or_else(|| {
            if server.reach == Reach::Unknown {
                return Error::new(ErrorCode::Unavailable, STARTING);
            }
            let cause = format!("source {source} cannot be used: run `tryit check`");
            tracing::error!(cause, "a container was refused");
            Error::new(
                ErrorCode::Unavailable,
                "What this tutorial runs on is not there yet. Try again later.",
            )
        })
    }

    async fn started(&self, session: &store::Session, token: &Token) -> Result<StartResponse> {
        Ok(StartResponse { session: self.view_of(session).await?, token: token.to_text() })
    }

    fn parse_start(
        &self,
        client: ClientAddress,
        request: StartRequest,
        key: Option<&str>,
    ) -> Result<Parsed> {
        let StartRequest { terms_hash, tutorial, lang, referrer, campaign } = request;
        if key.is_some_and(|key| {
            !(22..=128).contains(&key.len()) || !key.bytes().all(|b| b.is_ascii_graphic())
        }) {
            return Err(Error::invalid(
                "Idempotency-Key",
                "Send 22 to 128 characters that nobody can guess, for example a UUID.",
            ));
        }
        tracing::debug!(client = %client, "a start was asked for");
        let tutorial =
            text::optional(tutorial, "tutorial", 200)?.or_else(|| self.default_tutorial());
        let (image_id, page) = match tutorial.as_deref() {
            Some(slug) => self
                .with_scenario(slug, |scenario| {
                    (
                        scenario.imageid.clone(),
                        scenario.pages.first().map(|page| page.id.to_string()),
                    )
                })
                .map_err(|_| Error::invalid("tutorial", "There is no tutorial of this name."))?,
            None => (None, None),
        };
        Ok(Parsed {
            terms_hash,
            tutorial,
            image_id,
            page: page.and_then(|page| page.parse().ok()).unwrap_or(PageName::Intro),
            lang: text::optional(lang, "lang", 35)?,
            referrer: text::optional(referrer, "ref", 200)?,
            campaign: text::optional(campaign, "campaign", 200)?,
        })
    }
}

/// A start that makes sense.
struct Parsed {
    terms_hash: String,
    tutorial: Option<String>,
    image_id: Option<String>,
    page: PageName,
    lang: Option<String>,
    referrer: Option<String>,
    campaign: Option<String>,
}

fn refused(refusal: Refusal) -> Error {
    match refusal {
        Refusal::Maintenance { message } => Error::new(
            ErrorCode::Maintenance,
            message.unwrap_or_else(|| {
                "The service is closed for a while. Come back a little later.".to_owned()
            }),
        ),
        Refusal::Banned => Error::new(
            ErrorCode::Banned,
            "Starts from this address are blocked. If you think that is a mistake, write to the operator.",
        ),
        Refusal::AddressLimit => Error::new(
            ErrorCode::AddressLimit,
            "This address has as many sessions as it may have. End one of them, or wait until one has ended, then start.",
        ),
        Refusal::NetworkLimit => Error::new(
            ErrorCode::NetworkLimit,
            "The network you are in has as many sessions as it may have. Try again when one has ended.",
        ),
        Refusal::StartRate { retry_after } => {
            let error = Error::new(
                ErrorCode::StartRate,
                "Too many sessions were started from this address within an hour. Try again later.",
            );
            retry_after.into_iter().fold(error, Error::retry_after)
        }
        Refusal::QueueFull => Error::new(
            ErrorCode::QueueFull,
            "Every place is taken right now. Try again in a few minutes.",
        ),
    }
}
