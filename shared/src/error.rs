//! The one error envelope of the API and its closed list of codes.

use serde::{Deserialize, Serialize};

use crate::status::Terms;

/// `{"error": {…}}`, the body of every refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorEnvelope {
    /// What went wrong.
    pub error: ErrorBody,
}

/// What went wrong, for a program (`code`) and for a person (`message`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// The stable code.
    pub code: ErrorCode,
    /// One or two plain sentences that say what to do.
    pub message: String,
    /// The key of the request that is wrong, where one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The terms now in force, with [`ErrorCode::TermsOutdated`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<Terms>,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $status:literal $name:literal,)*) => {
        /// The stable code of an error. The list is closed: a client may match on all of it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ErrorCode {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)*
        }

        impl ErrorCode {
            /// Every code, in the order of their HTTP status.
            pub const ALL: &[ErrorCode] = &[$(ErrorCode::$variant,)*];

            /// The HTTP status that the code travels with.
            pub const fn status(self) -> u16 {
                match self { $(ErrorCode::$variant => $status,)* }
            }

            /// The code as it stands in JSON.
            pub const fn as_str(self) -> &'static str {
                match self { $(ErrorCode::$variant => $name,)* }
            }
        }
    };
}

codes! {
    /// The request could not be understood; `field` names the key.
    InvalidRequest = 400 "invalid_request",
    /// No token, a wrong one, or one of a session that does not exist.
    Unauthorized = 401 "unauthorized",
    /// The token is right but lacks the scope.
    Forbidden = 403 "forbidden",
    /// The address is banned.
    Banned = 403 "banned",
    /// The request came from a page of another origin.
    OriginRefused = 403 "origin_refused",
    /// Nothing is at this address.
    NotFound = 404 "not_found",
    /// The route exists, but not with this method.
    MethodNotAllowed = 405 "method_not_allowed",
    /// The accepted terms are no longer in force; the new ones come with the error.
    TermsOutdated = 409 "terms_outdated",
    /// The session's state does not allow this.
    WrongState = 409 "wrong_state",
    /// The session cannot be extended (again, or now).
    ExtensionRefused = 409 "extension_refused",
    /// The container has no processes, memory or disk left to do this.
    ContainerExhausted = 409 "container_exhausted",
    /// The session has ended.
    SessionEnded = 410 "session_ended",
    /// The time for feedback has passed.
    FeedbackClosed = 410 "feedback_closed",
    /// The body is larger than allowed.
    TooLarge = 413 "too_large",
    /// The body is not JSON.
    UnsupportedType = 415 "unsupported_type",
    /// The service does not answer under this host name.
    UnknownHost = 421 "unknown_host",
    /// The address has as many sessions as it may.
    AddressLimit = 429 "address_limit",
    /// The network around the address has as many sessions as it may.
    NetworkLimit = 429 "network_limit",
    /// The address started as many sessions in an hour as it may.
    StartRate = 429 "start_rate",
    /// Too many requests, sockets or failed tokens.
    TooManyRequests = 429 "too_many_requests",
    /// Something unforeseen; the log has the cause.
    Internal = 500 "internal",
    /// The operator has closed the service for a while.
    Maintenance = 503 "maintenance",
    /// Every place is taken, and the queue is full.
    QueueFull = 503 "queue_full",
    /// LXD cannot be reached.
    Unavailable = 503 "unavailable",
    /// A step's check took too long.
    CheckTimeout = 504 "check_timeout",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_reads_in_json_as_it_says() {
        for code in ErrorCode::ALL {
            assert_eq!(serde_json::to_string(code).unwrap(), format!("\"{}\"", code.as_str()));
        }
    }

    #[test]
    fn absent_keys_are_left_out() {
        let body = ErrorBody {
            code: ErrorCode::NotFound,
            message: "No.".into(),
            field: None,
            terms: None,
        };
        let json = serde_json::to_string(&ErrorEnvelope { error: body }).unwrap();
        assert_eq!(json, r#"{"error":{"code":"not_found","message":"No."}}"#);
    }
}
