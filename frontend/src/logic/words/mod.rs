//! What the page says when something is in the way: what happened, what is kept, the one thing to do next.
//!
//! Every code of the API, every close code of a terminal and every end of a session has its own words; a new one
//! does not compile until it has some.

mod ended;
mod error;
mod terminal;

pub use ended::ended;
pub use error::error;
pub use terminal::{EXHAUSTED, closed, lost, notice};

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
    /// Take a fresh container.
    Reset,
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
            Next::Reset => Some("Take a fresh container"),
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

#[cfg(test)]
mod tests {
    use super::*;
    use shared::ErrorCode;
    use shared::terminal::CloseCode;

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
    fn every_end_has_its_own_words_and_all_but_misuse_a_new_start() {
        use shared::session::EndedReason as Reason;
        let reasons = [
            Reason::Expired,
            Reason::EndedByVisitor,
            Reason::EndedByOperator,
            Reason::StartFailed,
            Reason::Abandoned,
            Reason::Idle,
            Reason::ContainerStopped,
            Reason::LeftQueue,
            Reason::OfferLapsed,
            Reason::Abuse,
        ];
        let titles = reasons.map(|reason| {
            reads_well(&ended(reason, false));
            reads_well(&ended(reason, true));
            assert_eq!(ended(reason, true).next == Next::StartNew, reason != Reason::Abuse);
            ended(reason, true).title
        });
        assert_eq!(std::collections::BTreeSet::from(titles).len(), titles.len());
    }

    #[test]
    fn a_session_that_never_began_is_not_mourned() {
        use shared::session::EndedReason::EndedByVisitor;
        assert_eq!(ended(EndedByVisitor, false).title, "You left before it began.");
        assert_eq!(ended(EndedByVisitor, true).title, "You ended the session.");
    }

    #[test]
    fn a_full_container_offers_a_fresh_one() {
        use crate::logic::attach::Lost;
        assert_eq!(error(ErrorCode::ContainerExhausted).next, Next::Reset);
        assert_eq!(EXHAUSTED.next, Next::Reset);
        reads_well(&EXHAUSTED);
        for lost in [Lost::Network, Lost::Restarting, Lost::Reset, Lost::Unavailable] {
            let words = self::lost(lost);
            reads_well(&words);
            assert_ne!(words.next, Next::Reset);
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
