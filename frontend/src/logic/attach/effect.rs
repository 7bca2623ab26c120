//! What the protocol asks to be done, and how a terminal stands.

use shared::terminal::{CloseCode, Size};

/// Something that the driver has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Open a socket with this query.
    Connect(Query),
    /// Close the socket; no close code is reported for it.
    Disconnect,
    /// Send a text frame.
    SendText(String),
    /// Send a binary frame.
    SendBytes(Vec<u8>),
    /// Clear the screen in the order of the output, then report `parsed(screen, upto)`.
    Reset(Mark),
    /// Give a piece of the frame at hand to the terminal, then report `parsed(screen, upto)`.
    Write {
        /// Where the piece begins in the frame.
        start: usize,
        /// Where it ends.
        end: usize,
        /// What to report once it is parsed.
        mark: Mark,
    },
    /// Set the terminal's size: another browser's rules, or this one's again.
    Resize(Size),
    /// Call [`Attach::ack_due`] after so many milliseconds.
    AckIn(u32),
    /// Call [`Attach::hold_over`] after so many milliseconds.
    HoldFor(u32),
    /// Call [`Attach::retry`] after so many milliseconds.
    RetryIn(u32),
    /// Tell the visitor.
    Tell(Notice),
}

/// A place in the output that the terminal reports when it has parsed up to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Which screen: one more at each reset.
    pub screen: u32,
    /// The number of the byte after.
    pub upto: u64,
}

/// What a socket is opened with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// The terminal's size.
    pub size: Size,
    /// What the browser has: bytes and the epoch they belong to.
    pub have: Option<(u64, String)>,
    /// Start the command again.
    pub new: bool,
}

/// How the terminal stands, for the visitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// The socket is being opened.
    Connecting,
    /// The session is starting; the service says what it waits for.
    Waiting(String),
    /// Attached.
    Live,
    /// The connection was lost and comes back by itself.
    Lost(Lost),
    /// The command ended, with its status where known.
    Exited(Option<i32>),
    /// The container has nothing left to run a command with.
    Exhausted,
    /// Stopped for good, or until the visitor acts.
    Stopped(CloseCode),
}

/// Why a connection was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// The network, as far as one can see.
    Network,
    /// The service restarts.
    Restarting,
    /// The session gets a fresh container.
    Reset,
    /// LXD can't be reached.
    Unavailable,
}

/// What the visitor has to know about what they see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Older output is gone.
    OutputLost,
    /// The command runs anew since the service restarted.
    NewShell,
    /// The session has a fresh container.
    FreshContainer,
    /// The connection was lost while keys were under way: they may or may not have arrived.
    InputUncertain,
    /// More was typed or pasted than can wait.
    InputTooMuch,
}
