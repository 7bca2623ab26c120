//! What goes between a terminal and a browser that is attached to it.

use bytes::Bytes;

use crate::Epoch;

/// A size in characters: 1 to 500 columns, 1 to 300 rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    cols: u16,
    rows: u16,
}

impl Size {
    /// What a terminal has where nothing else is known: 80 × 24.
    pub const USUAL: Self = Self { cols: 80, rows: 24 };

    /// A size, or none where a number is out of range.
    pub const fn new(cols: u16, rows: u16) -> Option<Self> {
        if cols >= 1 && cols <= 500 && rows >= 1 && rows <= 300 {
            Some(Self { cols, rows })
        } else {
            None
        }
    }

    /// Columns.
    pub const fn cols(self) -> u16 {
        self.cols
    }

    /// Rows.
    pub const fn rows(self) -> u16 {
        self.rows
    }
}

/// How a browser attaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attach {
    /// What it may do.
    pub role: Role,
    /// What it has of the output; none when it has nothing (also when its epoch cannot be read).
    pub since: Option<Since>,
}

/// What an attached browser may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// See, type, set the size, and hold the program back.
    Browser {
        /// Its size, which becomes the terminal's.
        size: Size,
        /// Starts the command again if it has exited; without effect on one that runs.
        restart: bool,
    },
    /// Only see. Opens nothing, holds nothing back, and whatever it sends but acknowledgements is ignored.
    Watcher,
}

/// What a browser has of a terminal's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Since {
    /// How many bytes: the number of the next one it needs.
    pub bytes: u64,
    /// Of which run; none means the present one.
    pub epoch: Option<Epoch>,
}

/// From a terminal to a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerEvent {
    /// The first event, before every byte.
    Hello(Hello),
    /// The next bytes of output, at most [`MAX_FRAME`](crate::MAX_FRAME).
    Output(Bytes),
    /// Output was lost; the next byte has this number, which counts as acknowledged.
    Gap {
        /// The number of the next byte.
        from: u64,
    },
    /// The terminal has another size than this browser was told last.
    Size(Size),
    /// Whether this browser is now the one whose size and replies count.
    Writer(bool),
    /// How many of this browser's input bytes were accepted, or dropped by an interrupt.
    Taken(u64),
    /// Something that the visitor should know.
    Notice(Notice),
    /// The command ended, and all its output was sent before.
    Exit {
        /// How, where known.
        code: Option<i32>,
    },
    /// Another browser took this one's place; the close follows.
    TakenOver,
    /// The last event.
    Close(CloseReason),
}

/// The first event of an attachment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hello {
    /// The run that byte numbers count in.
    pub epoch: Epoch,
    /// The number of the first byte that follows, which counts as acknowledged.
    pub from: u64,
    /// Bytes before this number are replay.
    pub live: u64,
    /// Whether older output was lost.
    pub truncated: bool,
    /// Whether this browser is the one whose size and replies count.
    pub writer: bool,
    /// At most this many bytes are sent beyond the last acknowledgement.
    pub window: u64,
    /// The terminal's size.
    pub size: Size,
}

/// What a visitor should know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The service restarts; the session goes on.
    Restarting,
    /// The session gets a fresh container.
    Reset,
    /// LXD cannot be reached; the session is kept.
    LxdUnavailable,
    /// The container has no processes or memory left for a terminal.
    Exhausted,
}

/// Why a terminal lets a browser go; the close code that stands for it is given with each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// The command ended (4000).
    Exited,
    /// Another browser took the place (4001).
    TakenOver,
    /// The browser acknowledged what it was not sent, or sent a frame that is too large (4400).
    ProtocolError,
    /// Too much of the browser's input waits for the program (4413).
    TooMuchInput,
    /// The session is over (4410).
    SessionEnded,
    /// The container was replaced (1012); [`Notice::Reset`] comes before it.
    Reset,
    /// The service restarts (1012); [`Notice::Restarting`] comes before it.
    Restarting,
    /// The container has nothing left to run the command with (4000); [`Notice::Exhausted`] comes before it.
    Exhausted,
    /// The connection to LXD was lost, and the run with it; the next attach starts a new one (4503).
    Lost,
}

/// From a browser to a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BrowserCommand {
    /// The browser's size; it becomes the terminal's while the browser is the writer.
    Resize(Size),
    /// The absolute count of output bytes that the browser has parsed.
    Ack(u64),
    /// Drops all input that waits, then Ctrl-C.
    Interrupt,
    /// Typed or pasted bytes, at most [`MAX_FRAME`](crate::MAX_FRAME).
    Input(Bytes),
}
