//! Turns what the server or the connection says into the boundary's errors.
//!
//! LXD and Incus have few status codes of their own (a refusal is a 500 as often as a 403), so their words decide.

use tokio_tungstenite::tungstenite;

use crate::{Error, Result};

/// An error that the server answered: its code and its words.
pub(super) fn answered(code: u16, words: &str) -> Error {
    let has = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
    let words_owned = || words.to_owned();
    if code == 503 || has(UNREACHABLE) {
        Error::Unreachable(words_owned())
    } else if has(EXHAUSTED) {
        Error::Exhausted(words_owned())
    } else if has(NOT_RUNNING) {
        Error::NotRunning(words_owned())
    } else if code == 404 || has(NOT_FOUND) {
        Error::NotFound(words_owned())
    } else if code == 403 && has(UNTRUSTED) {
        Error::Untrusted(words_owned())
    } else {
        Error::Refused(words_owned())
    }
}

/// The member that has the instance is gone.
const UNREACHABLE: &[&str] =
    &["Unable to connect to", "Missing event connection with target", "is shutting down"];
const EXHAUSTED: &[&str] = &[
    "annot allocate memory",
    "esource temporarily unavailable",
    "o space left on device",
    "isk quota exceeded",
    "o many open files",
    // What a failed fork in the container looks like from outside.
    "etrieve PID of executing child process",
];
const NOT_RUNNING: &[&str] = &["is not running", "isn't running"];
const NOT_FOUND: &[&str] =
    &["nstance not found", "mage not found", "rofile not found", "roject not found"];
const UNTRUSTED: &[&str] =
    &["not authorized", "Forbidden", "forbidden", "does not have permission", "ertificate"];

/// Whether the server waited as long as it was asked to.
pub(super) fn is_timeout(error: &Error) -> bool {
    matches!(error, Error::Refused(words) if words.contains("context deadline exceeded"))
}

/// Whether somebody else works on the instance just now.
pub(super) fn is_busy(error: &Error) -> bool {
    const BUSY: [&str; 2] = ["is busy running", "matching non-reusable operation"];
    matches!(error, Error::Refused(words) if BUSY.iter().any(|busy| words.contains(busy)))
}

/// Whether the thing is there already.
pub(super) fn already_exists(error: &Error) -> bool {
    const THERE: [&str; 3] =
        ["already exists", "already in use", "UNIQUE constraint failed: instances"];
    matches!(error, Error::Refused(words) if THERE.iter().any(|there| words.contains(there)))
}

/// Whether the instance is already as it should be.
pub(super) fn already(error: &Error, state: &str) -> bool {
    match error {
        Error::Refused(words) | Error::NotRunning(words) => {
            words.contains(&format!("already {state}"))
        }
        _ => false,
    }
}

/// Whether the thing is simply not there, which is no error to whoever wants it gone.
pub(super) fn unless_absent<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A request that got no whole answer.
pub(super) fn request(server: &str, error: &reqwest::Error) -> Error {
    if error.is_builder() {
        return Error::Protocol(chain(error));
    }
    let why = if error.is_timeout() { "no answer in time".to_owned() } else { chain(error) };
    Error::Unreachable(format!("{server}: {why}"))
}

/// A websocket that could not be opened, or broke.
pub(super) fn websocket(error: tungstenite::Error) -> Error {
    match error {
        tungstenite::Error::Http(response) => {
            let (code, body) =
                (response.status().as_u16(), response.body().as_deref().unwrap_or_default());
            let words =
                super::wire::error_text(body).unwrap_or_else(|| response.status().to_string());
            answered(code, &words)
        }
        tungstenite::Error::Utf8(why) => Error::Protocol(why),
        tungstenite::Error::Capacity(why) => Error::Protocol(why.to_string()),
        other => Error::Unreachable(other.to_string()),
    }
}

/// What `error` and all its causes say: the outer ones alone are empty phrases.
fn chain(error: &reqwest::Error) -> String {
    let mut words = String::new();
    let mut next: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(cause) = next {
        if !words.is_empty() {
            words.push_str(": ");
        }
        words.push_str(&cause.to_string());
        next = cause.source();
    }
    if words.is_empty() { error.to_string() } else { words }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_words_decide() {
        type Case = (u16, &'static str, fn(&Error) -> bool);
        let cases: &[Case] = &[
            (503, "LXD is shutting down", |e| matches!(e, Error::Unreachable(_))),
            (
                500,
                "Get \"https://10.0.0.2:8443/\": Unable to connect to: 10.0.0.2:8443",
                Error::is_outage,
            ),
            (500, "Missing event connection with target cluster member", Error::is_outage),
            (400, "Instance is not running", |e| matches!(e, Error::NotRunning(_))),
            (404, "Instance not found", |e| matches!(e, Error::NotFound(_))),
            (403, "not authorized", |e| matches!(e, Error::Untrusted(_))),
            (403, "Network not allowed in project", |e| matches!(e, Error::Refused(_))),
            (500, "sftp: \"write /root/x: no space left on device\"", |e| {
                matches!(e, Error::Exhausted(_))
            }),
            (500, "fork/exec: Resource temporarily unavailable", |e| {
                matches!(e, Error::Exhausted(_))
            }),
            (400, "Instance is busy running a \"stop\" operation", is_busy),
            (400, "This \"instances\" entry already exists", already_exists),
            (400, "The instance is already stopped", |e| already(e, "stopped")),
        ];
        for (code, words, is_right) in cases {
            assert!(
                is_right(&answered(*code, words)),
                "{code} {words}: {:?}",
                answered(*code, words)
            );
        }
    }
}
