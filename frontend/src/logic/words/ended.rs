//! The words for the end of a session.

use shared::session::EndedReason;

use super::{Next, Words, words};

/// What a container that is gone takes along.
const GONE: &str = "The container and everything in it are gone.";

/// What happened to a session that has ended. `ran` says whether it ever had a container of its own.
pub fn ended(reason: EndedReason, ran: bool) -> Words {
    let (title, detail) = match reason {
        EndedReason::Expired => ("Your time is up.", GONE),
        EndedReason::EndedByVisitor if ran => ("You ended the session.", GONE),
        EndedReason::EndedByVisitor => ("You left before it began.", "Nothing was started."),
        EndedReason::EndedByOperator if ran => ("The operator ended the session.", GONE),
        EndedReason::EndedByOperator => {
            ("The operator ended the session.", "It had not begun; nothing of yours is lost.")
        }
        EndedReason::StartFailed => (
            "The container could not be made.",
            "The service tried several times; the operator can see why.",
        ),
        EndedReason::Abandoned => {
            ("Nobody opened the terminal.", "So the place was given to someone else.")
        }
        EndedReason::Idle => (
            "Nobody was here for a while.",
            "So the session was ended to make room for others, and the container is gone.",
        ),
        EndedReason::ContainerStopped => (
            "The container was shut down.",
            "A session ends with its container, and this one is gone.",
        ),
        EndedReason::LeftQueue => (
            "You left the queue.",
            "The page was closed or without a connection for too long, so your place was given up.",
        ),
        EndedReason::OfferLapsed => (
            "Your place was given on.",
            "It was held for you and nobody took it in time. A new start queues again.",
        ),
        EndedReason::Abuse => {
            ("The session was ended for misuse.", "The terms say what is allowed.")
        }
    };
    let next = if reason == EndedReason::Abuse { Next::Nothing } else { Next::StartNew };
    words(title, detail, next)
}
