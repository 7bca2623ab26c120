//! Why a service refuses: a stable code, a sentence for the visitor, and the cause for the log.

use std::{borrow::Cow, time::Duration};

use shared::{ErrorBody, ErrorCode, status::Terms};

/// What a service answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A refusal.
#[derive(Debug)]
pub struct Error {
    code: ErrorCode,
    message: Cow<'static, str>,
    field: Option<Cow<'static, str>>,
    terms: Option<Box<Terms>>,
    retry_after: Option<Duration>,
}

impl Error {
    /// A refusal with its code and words that say what to do.
    pub fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), field: None, terms: None, retry_after: None }
    }

    /// A key of the request is wrong.
    pub fn invalid(
        field: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { field: Some(field.into()), ..Self::new(ErrorCode::InvalidRequest, message) }
    }

    /// The accepted terms are not in force; these are.
    pub fn terms_outdated(terms: Terms) -> Self {
        let message =
            "The terms have changed since this page was loaded. Read them again, then start.";
        Self { terms: Some(Box::new(terms)), ..Self::new(ErrorCode::TermsOutdated, message) }
    }

    /// No token, a wrong one, or one of a session that does not exist.
    pub fn unauthorized() -> Self {
        Self::new(
            ErrorCode::Unauthorized,
            "This needs a valid token, sent as `Authorization: Bearer …`.",
        )
    }

    /// Nothing is there.
    pub fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::NotFound, message)
    }

    /// The session has ended.
    pub fn session_ended() -> Self {
        Self::new(ErrorCode::SessionEnded, "This session has ended. Start a new one.")
    }

    /// The container has nothing left to do this with.
    pub fn container_exhausted() -> Self {
        Self::new(
            ErrorCode::ContainerExhausted,
            "The container has no processes, memory or disk left for this. Stop what fills it, or reset the session: \
             you get a fresh container and keep your time and progress.",
        )
    }

    /// Something unforeseen: the cause is logged here, once, and not shown.
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(cause = %cause, "a request failed");
        Self::new(ErrorCode::Internal, "Something went wrong on our side. Try again in a moment.")
    }

    /// The same, with a hint when to try again.
    #[must_use]
    pub fn retry_after(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }

    /// The stable code.
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// When to try again, where known.
    pub fn retry_hint(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The body of the answer.
    pub fn body(&self) -> ErrorBody {
        ErrorBody {
            code: self.code,
            message: self.message.to_string(),
            field: self.field.as_ref().map(ToString::to_string),
            terms: self.terms.as_deref().cloned(),
        }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.message)
    }
}

impl std::error::Error for Error {}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Full(_) | store::Error::Busy(_) | store::Error::Moved { .. } => {
                tracing::error!(cause = %error, "a request could not be written down");
                Self::new(
                    ErrorCode::Unavailable,
                    "The service cannot write anything down right now. Nothing was changed; try again in a moment.",
                )
            }
            error => Self::internal(&error),
        }
    }
}

impl From<provider::Error> for Error {
    fn from(error: provider::Error) -> Self {
        match error {
            error if error.is_outage() => {
                tracing::warn!(cause = %error, "the container server did not answer a request");
                Self::new(
                    ErrorCode::Unavailable,
                    "The server that runs the containers cannot be reached right now. Your session is kept; try again in a moment.",
                )
            }
            provider::Error::Exhausted(cause) => {
                tracing::info!(cause, "a container is exhausted");
                Self::container_exhausted()
            }
            provider::Error::NotRunning(_) => Self::new(
                ErrorCode::WrongState,
                "The container is not running right now. If you restarted it, try again in a moment.",
            ),
            provider::Error::NotFound(cause) => {
                // Between a reset and the deletion that it brings, or when somebody else deleted it.
                tracing::info!(cause, "a container was asked for something and is not there");
                Self::new(
                    ErrorCode::WrongState,
                    "The container is not there any more. If you have reset the session, try again in a moment.",
                )
            }
            error @ (provider::Error::Refused(_) | provider::Error::Protocol(_)) => {
                // LXD in trouble, or a visitor whose file is in the way.
                tracing::warn!(cause = %error, "the container server did not do what it was asked");
                Self::new(
                    ErrorCode::Unavailable,
                    "This could not be done in the container. Try again in a moment; if that does not help, reset the \
                     session: you get a fresh container and keep your time and progress.",
                )
            }
            error => Self::internal(&error),
        }
    }
}
