//! The words for the end of a session.

use shared::session::EndedReason;

use super::{Next, Words, words};

/// What happened to a session that has ended.
pub fn ended(reason: EndedReason) -> Words {
    match reason {
        EndedReason::Expired => words(
            "Your time is up.",
            "The container and everything in it are gone.",
            Next::StartNew,
        ),
        EndedReason::EndedByVisitor => words(
            "You ended the session.",
            "The container and everything in it are gone.",
            Next::StartNew,
        ),
        EndedReason::EndedByOperator => {
            words("The operator ended the session.", "The container is gone.", Next::StartNew)
        }
        EndedReason::StartFailed => words(
            "The container could not be made.",
            "The service tried several times; the operator can see why.",
            Next::StartNew,
        ),
        EndedReason::Abandoned => words(
            "Nobody opened the terminal.",
            "So the place was given to someone else.",
            Next::StartNew,
        ),
        EndedReason::Idle => words(
            "Nobody was here for a while.",
            "So the session was ended, to make room for others.",
            Next::StartNew,
        ),
        EndedReason::ContainerStopped => words(
            "The container was shut down.",
            "A session ends with its container, and this one is gone.",
            Next::StartNew,
        ),
        EndedReason::LeftQueue => {
            words("You left the queue.", "The page was closed for too long.", Next::StartNew)
        }
        EndedReason::OfferLapsed => words(
            "Your place was given on.",
            "It was held for a while and not taken.",
            Next::StartNew,
        ),
        EndedReason::Abuse => words(
            "The session was ended for misuse.",
            "The terms say what is allowed.",
            Next::Nothing,
        ),
    }
}
