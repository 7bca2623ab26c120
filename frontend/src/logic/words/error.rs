//! The words for the errors of the API.

use shared::ErrorCode;

use super::{Next, Words, words};

/// The words for an error of the API.
pub fn error(code: ErrorCode) -> Words {
    match code {
        ErrorCode::InvalidRequest => {
            words("The service did not understand that.", "Nothing was changed.", Next::Reload)
        }
        ErrorCode::Unauthorized => words(
            "This session is not known any more.",
            "It has ended and its container is gone.",
            Next::StartNew,
        ),
        ErrorCode::Forbidden => {
            words("That is not allowed here.", "Nothing was changed.", Next::Nothing)
        }
        ErrorCode::Banned => words(
            "Starts from your address are blocked.",
            "The operator of this service decided so.",
            Next::Nothing,
        ),
        ErrorCode::OriginRefused => words(
            "The request came from another site.",
            "Open the tutorial on its own page and start it there.",
            Next::Reload,
        ),
        ErrorCode::NotFound => words(
            "There is nothing at this address.",
            "The link may be old, or the tutorial was renamed.",
            Next::Tutorials,
        ),
        ErrorCode::MethodNotAllowed => words(
            "The service does not offer that.",
            "The page may be older than the service.",
            Next::Reload,
        ),
        ErrorCode::TermsOutdated => words(
            "The terms have changed meanwhile.",
            "Nothing was started. Please read them once more.",
            Next::ReadTerms,
        ),
        ErrorCode::WrongState => words(
            "The session is not ready for that.",
            "It has moved on meanwhile; the page shows where it is.",
            Next::Nothing,
        ),
        ErrorCode::ExtensionRefused => words(
            "No more time can be added now.",
            "The session goes on until its end.",
            Next::Nothing,
        ),
        ErrorCode::ContainerExhausted => words(
            "Your container is full.",
            "It has no processes, memory or disk left for this. Stop or delete something, or take a fresh one.",
            Next::Reset,
        ),
        ErrorCode::SessionEnded => {
            words("The session has ended.", "Its container is gone.", Next::StartNew)
        }
        ErrorCode::FeedbackClosed => words(
            "It is too late for feedback on this session.",
            "Thank you anyway.",
            Next::Nothing,
        ),
        ErrorCode::TooLarge => {
            words("That is too large.", "Nothing was changed. Make it shorter.", Next::TryAgain)
        }
        ErrorCode::UnsupportedType => words(
            "The service did not understand that.",
            "The page may be older than the service.",
            Next::Reload,
        ),
        ErrorCode::UnknownHost => words(
            "The service does not answer under this name.",
            "Use the address that its operator published.",
            Next::Nothing,
        ),
        ErrorCode::AddressLimit => words(
            "You have as many sessions as one address may have.",
            "End one of them, or wait until one has ended.",
            Next::TryAgain,
        ),
        ErrorCode::NetworkLimit => words(
            "Your network has as many sessions as it may have.",
            "Others around you are trying this too. A place is free when one of them ends.",
            Next::TryAgain,
        ),
        ErrorCode::StartRate => words(
            "Too many starts from your address within an hour.",
            "Sessions that run go on.",
            Next::TryAgain,
        ),
        ErrorCode::TooManyRequests => {
            words("That was too fast.", "Nothing is lost. Wait a moment.", Next::TryAgain)
        }
        ErrorCode::Internal => words(
            "Something went wrong in the service.",
            "It has been noted there. What you have is kept.",
            Next::TryAgain,
        ),
        ErrorCode::Maintenance => words(
            "The service is closed for maintenance.",
            "Sessions that run go on; new ones can start when it is over.",
            Next::TryAgain,
        ),
        ErrorCode::QueueFull => words(
            "Every machine is taken.",
            "The queue is full, too. Sessions are short: a place is usually free within minutes.",
            Next::TryAgain,
        ),
        ErrorCode::Unavailable => words(
            "The machines can't be reached right now.",
            "The service keeps trying. What you have is kept.",
            Next::TryAgain,
        ),
        ErrorCode::CheckTimeout => words(
            "The check took too long.",
            "Your container may be busy. Nothing was changed.",
            Next::TryAgain,
        ),
    }
}
