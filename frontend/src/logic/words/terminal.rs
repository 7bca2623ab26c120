//! The words for a terminal that is not as it should be.

use shared::ErrorCode;
use shared::terminal::CloseCode;

use super::{Next, Words, error, words};
use crate::logic::attach::{Lost, Notice};

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
            "Your files stay, and what you type is kept.",
            Next::TryAgain,
        ),
        Lost::Restarting => words(
            "The service restarts. Connecting again…",
            "Your session and your files are kept.",
            Next::TryAgain,
        ),
        Lost::Reset => words(
            "A fresh container is being made.",
            "Your place in the guide and your time are kept.",
            Next::Nothing,
        ),
        Lost::Unavailable => words(
            "The machine can't be reached. Trying again…",
            "Your session is kept.",
            Next::TryAgain,
        ),
    }
}

/// The container has nothing left to run a terminal's command with.
pub const EXHAUSTED: Words = words(
    "Your container is full: no terminal opens in it.",
    "Enter tries again. Something in it has to stop first, or you take a fresh one.",
    Next::Reset,
);

/// The words for what a terminal reports; one line.
pub fn notice(notice: Notice) -> &'static str {
    match notice {
        Notice::OutputLost => "Older output is no longer here.",
        Notice::NewShell => "The service restarted: this is a new shell. Your files are kept.",
        Notice::FreshContainer => "This is a fresh container. The guide keeps its marks.",
        Notice::InputUncertain => {
            "Connection lost while typing: check whether the last keys arrived."
        }
        Notice::InputTooMuch => "That was too much to type at once; nothing of it was sent.",
    }
}
