//! What the page says when something is in the way: what happened, what is kept, the one thing to do next.
//!
//! Every code of the API, every close code of a terminal and every end of a session has its own words; a new one
//! does not compile until it has some.

use shared::ErrorCode;
use shared::session::EndedReason;
use shared::terminal::CloseCode;

use super::attach::{Lost, Notice};

/// A message with a way on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// What happened, in one sentence.
    pub title: &'static str,
    /// What is kept, or why.
    pub detail: &'static str,
    /// The one thing to do next.
    pub next: Next,
}

/// The one thing to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Do the same again.
    TryAgain,
    /// Load the page anew.
    Reload,
    /// Start a new session.
    StartNew,
    /// Read the terms and accept them again.
    ReadTerms,
    /// Go to the list of tutorials.
    Tutorials,
    /// Take the terminal back from the other browser.
    TakeBack,
    /// Start the terminal's command again, or attach again.
    Reconnect,
    /// Nothing to do here; read on.
    Nothing,
}

impl Next {
    /// What the button says; none where there is nothing to click.
    pub fn label(self) -> Option<&'static str> {
        match self {
            Next::TryAgain => Some("Try again"),
            Next::Reload => Some("Reload the page"),
            Next::StartNew => Some("Start a new session"),
            Next::ReadTerms => Some("Read the new terms"),
            Next::Tutorials => Some("All tutorials"),
            Next::TakeBack => Some("Take it back"),
            Next::Reconnect => Some("Connect again"),
            Next::Nothing => None,
        }
    }
}

const fn words(title: &'static str, detail: &'static str, next: Next) -> Words {
    Words { title, detail, next }
}

/// The service could not be reached at all.
pub const OFFLINE: Words = words(
    "The service can't be reached.",
    "Nothing is lost. Check your connection.",
    Next::TryAgain,
);

/// The service's answer could not be read.
pub const UNREADABLE: Words = words(
    "The service's answer can't be read.",
    "The page may be older than the service. Your session is kept.",
    Next::Reload,
);

/// The terminal's program could not be loaded.
pub const NO_ENGINE: Words = words(
    "The terminal did not load.",
    "Your session is kept. Check your connection.",
    Next::TryAgain,
);

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
            "There is no more time to add.",
            "The session goes on until its end.",
            Next::Nothing,
        ),
        ErrorCode::ContainerExhausted => words(
            "Your container is full.",
            "It has no processes, memory or disk left for this. Stop or delete something, then try again.",
            Next::TryAgain,
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
            "Sessions are short: a place is usually free within minutes.",
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

/// The words for a terminal that was closed.
pub fn closed(code: CloseCode) -> Words {
    match code {
        CloseCode::Left => words("The terminal is closed.", "Its programs go on.", Next::Reconnect),
        CloseCode::Restarting => {
            words("The service restarts.", "The page comes back by itself.", Next::Nothing)
        }
        CloseCode::Ended => words(
            "The shell has ended.",
            "Enter starts it again, in the same container.",
            Next::Reconnect,
        ),
        CloseCode::TakenOver => words(
            "The terminal is open in another browser.",
            "At most four show the same terminal; this was the oldest.",
            Next::TakeBack,
        ),
        CloseCode::ProtocolError => words(
            "The page and the service did not understand each other.",
            "The session goes on. Please report this if it comes again.",
            Next::Reload,
        ),
        CloseCode::Unauthorized => error(ErrorCode::Unauthorized),
        CloseCode::Forbidden => {
            words("This terminal is not open to you.", "The session goes on.", Next::Reload)
        }
        CloseCode::NoSuchTerminal => {
            words("There is no such terminal.", "Use one of the others.", Next::Nothing)
        }
        CloseCode::NoPong => {
            words("The connection was lost.", "The page comes back by itself.", Next::Nothing)
        }
        CloseCode::NotStarted => words(
            "The session has no place yet.",
            "The terminal opens when it has one.",
            Next::Reconnect,
        ),
        CloseCode::SessionEnded => error(ErrorCode::SessionEnded),
        CloseCode::TooMuchInput => words(
            "That was more input than the program takes.",
            "Part of it did not arrive. The program goes on.",
            Next::Reconnect,
        ),
        CloseCode::TooManySockets => words(
            "This session is open in too many places.",
            "Close it elsewhere, then connect again.",
            Next::Reconnect,
        ),
        CloseCode::Unavailable => words(
            "The machines can't be reached right now.",
            "The page keeps trying; the session is kept.",
            Next::Nothing,
        ),
    }
}

/// The words for a connection that comes back by itself.
pub fn lost(lost: Lost) -> Words {
    match lost {
        Lost::Network => words(
            "Connection lost. Connecting again…",
            "Programs go on, and what you type is kept.",
            Next::TryAgain,
        ),
        Lost::Restarting => {
            words("The service restarts. Connecting again…", "Your files are kept.", Next::TryAgain)
        }
        Lost::Unavailable => words(
            "The machine can't be reached. Trying again…",
            "Your session is kept.",
            Next::TryAgain,
        ),
    }
}

/// The words for what a terminal reports; one line.
pub fn notice(notice: Notice) -> &'static str {
    match notice {
        Notice::OutputLost => "Older output is no longer here.",
        Notice::NewShell => "The service restarted: this is a new shell. Your files are kept.",
        Notice::FreshContainer => "This is a fresh container.",
        Notice::Restarting => "The service restarts. Your session goes on.",
        Notice::LxdUnavailable => "The machine can't be reached right now. Your session is kept.",
        Notice::InputUncertain => {
            "Connection lost while typing: check whether the last keys arrived."
        }
        Notice::InputTooMuch => "That was too much to type at once; nothing of it was sent.",
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    fn reads_well(words: &Words) {
        for text in [words.title, words.detail] {
            assert!(text.ends_with(['.', '…']), "{text}");
            assert!(!text.contains('!'), "{text}");
        }
        assert!(words.title.len() <= 64, "{}", words.title);
    }

    #[test]
    fn every_error_and_close_code_has_its_own_words() {
        let mut titles = std::collections::BTreeMap::new();
        for code in ErrorCode::ALL {
            reads_well(&error(*code));
            titles.entry(error(*code).title).or_insert_with(Vec::new).push(code.as_str());
        }
        // Two of them are the same event to a visitor: a page that does not match the service.
        let shared: Vec<_> = titles.values().filter(|codes| codes.len() > 1).collect();
        assert_eq!(shared, [&vec!["invalid_request", "unsupported_type"]]);
        for code in CloseCode::ALL {
            reads_well(&closed(*code));
        }
    }

    #[test]
    fn a_retry_is_offered_where_time_heals() {
        for code in [
            ErrorCode::QueueFull,
            ErrorCode::Maintenance,
            ErrorCode::Unavailable,
            ErrorCode::StartRate,
        ] {
            assert_eq!(error(code).next, Next::TryAgain);
        }
        assert_eq!(error(ErrorCode::Banned).next.label(), None);
    }
}
