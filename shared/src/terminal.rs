//! The terminal protocol `tryit.v1`: its text frames and close codes. Binary frames are terminal bytes.

use serde::{Deserialize, Serialize};

/// The websocket subprotocol.
pub const PROTOCOL: &str = "tryit.v1";

/// The subprotocol entry that carries the session's token: `bearer.<token>`.
pub const BEARER_PREFIX: &str = "bearer.";

/// The largest binary frame, both ways.
pub const MAX_BINARY_BYTES: usize = 64 * 1024;

/// The browser acknowledges what it has parsed at least this often.
pub const ACK_EVERY_BYTES: u64 = 32 * 1024;

/// The browser keeps at most this much input that the server has not taken.
pub const MAX_UNTAKEN_BYTES: u64 = 64 * 1024;

/// From the server, as text: one key, one object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerFrame {
    /// Comes before every byte.
    Hello(Hello),
    /// What is being waited for, while the session is starting.
    Status {
        /// In words.
        message: String,
    },
    /// Output was lost; the next byte sent has this number. Reset the screen and acknowledge from here.
    Gap {
        /// The number of the next byte.
        from: u64,
    },
    /// The size changed (another browser's, or this one's as the server took it).
    Size(Size),
    /// Whether this browser's size and replies count.
    Writer(bool),
    /// How many of this socket's input bytes LXD has accepted, or `interrupt` dropped.
    Taken(u64),
    /// Something happened that the visitor should know.
    Notice {
        /// What.
        code: NoticeCode,
    },
    /// The command ended; all its output was sent before.
    Exit {
        /// How, where known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<i32>,
    },
    /// A fifth browser took this one's place.
    TakenOver {},
}

/// The first frame of an attachment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The terminal's number.
    pub terminal: u8,
    /// One run of the command; byte numbers count from 0 in each.
    pub epoch: String,
    /// The number of the first byte that follows.
    pub from: u64,
    /// Bytes before this number are replay.
    pub live: u64,
    /// Whether older output was lost.
    pub truncated: bool,
    /// Whether this browser's size and replies count.
    pub writer: bool,
    /// At most this many bytes are sent beyond the last acknowledgement.
    pub window: u64,
    /// Columns.
    pub cols: u16,
    /// Rows.
    pub rows: u16,
}

/// A size in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    /// Columns, 1 to 500.
    pub cols: u16,
    /// Rows, 1 to 300.
    pub rows: u16,
}

impl Size {
    /// Whether both are within what a terminal may have.
    pub const fn is_valid(self) -> bool {
        self.cols >= 1 && self.cols <= 500 && self.rows >= 1 && self.rows <= 300
    }
}

/// What a notice tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeCode {
    /// The service restarts; the session goes on.
    Restarting,
    /// The session got a fresh container.
    Reset,
    /// LXD cannot be reached; the session is kept.
    LxdUnavailable,
    /// The container has no processes or memory left for a terminal.
    ContainerExhausted,
    /// A notice that this version does not know.
    #[serde(other)]
    Other,
}

/// From the browser, as text. Unknown keys are ignored; several keys in one frame all count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientFrame {
    /// The browser's size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resize: Option<Size>,
    /// The absolute count of bytes that the browser has parsed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ack: Option<u64>,
    /// Drop queued input, then Ctrl-C.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interrupt: Option<Interrupt>,
}

/// The (empty) argument of `interrupt`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interrupt {}

/// Why a terminal's socket was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum CloseCode {
    /// The browser left.
    Left = 1000,
    /// The service restarts, or the container was replaced: come back.
    Restarting = 1012,
    /// The command ended.
    Ended = 4000,
    /// Another browser took the place.
    TakenOver = 4001,
    /// The browser broke the protocol.
    ProtocolError = 4400,
    /// The token is wrong.
    Unauthorized = 4401,
    /// The token is right, but this is not allowed.
    Forbidden = 4403,
    /// No such terminal.
    NoSuchTerminal = 4404,
    /// No pong came.
    NoPong = 4408,
    /// The session is queued or offered.
    NotStarted = 4409,
    /// The session has ended.
    SessionEnded = 4410,
    /// Too much input is waiting.
    TooMuchInput = 4413,
    /// Too many sockets.
    TooManySockets = 4429,
    /// LXD cannot be reached.
    Unavailable = 4503,
}

impl CloseCode {
    /// Every code.
    pub const ALL: &[CloseCode] = &[
        CloseCode::Left,
        CloseCode::Restarting,
        CloseCode::Ended,
        CloseCode::TakenOver,
        CloseCode::ProtocolError,
        CloseCode::Unauthorized,
        CloseCode::Forbidden,
        CloseCode::NoSuchTerminal,
        CloseCode::NoPong,
        CloseCode::NotStarted,
        CloseCode::SessionEnded,
        CloseCode::TooMuchInput,
        CloseCode::TooManySockets,
        CloseCode::Unavailable,
    ];

    /// The number on the wire.
    pub const fn as_u16(self) -> u16 {
        self as u16
    }

    /// The code of a number, where it is one of ours. 1001 (going away) counts as [`CloseCode::Left`].
    pub fn from_u16(number: u16) -> Option<Self> {
        if number == 1001 {
            return Some(CloseCode::Left);
        }
        Self::ALL.iter().copied().find(|code| code.as_u16() == number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_read_as_the_protocol_says() {
        let json = |frame: &ServerFrame| serde_json::to_string(frame).unwrap();
        assert_eq!(json(&ServerFrame::Writer(true)), r#"{"writer":true}"#);
        assert_eq!(json(&ServerFrame::Exit { code: None }), r#"{"exit":{}}"#);
        assert_eq!(json(&ServerFrame::TakenOver {}), r#"{"taken_over":{}}"#);
        assert_eq!(
            json(&ServerFrame::Notice { code: NoticeCode::LxdUnavailable }),
            r#"{"notice":{"code":"lxd_unavailable"}}"#
        );
    }

    #[test]
    fn unknown_keys_of_a_browser_are_ignored() {
        let frame: ClientFrame = serde_json::from_str(r#"{"ack":7,"colour":"red"}"#).unwrap();
        assert_eq!(frame, ClientFrame { ack: Some(7), ..ClientFrame::default() });
        let frame: ClientFrame = serde_json::from_str(r#"{"interrupt":{}}"#).unwrap();
        assert!(frame.interrupt.is_some());
    }
}
