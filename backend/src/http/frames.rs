//! Between the terminal's events and commands and the text frames of `tryit.v1`.

use shared::terminal::{ClientFrame, CloseCode, Hello, NoticeCode, ServerFrame, Size};

use crate::services::{BrowserCommand, CloseReason, Notice, ServerEvent, TerminalSize};

/// The frame of an event, or the code to close with. Output has no frame: it is binary.
pub fn server(n: u8, event: ServerEvent) -> Result<ServerFrame, CloseCode> {
    Ok(match event {
        ServerEvent::Hello(hello) => ServerFrame::Hello(Hello {
            terminal: n,
            epoch: hello.epoch.to_string(),
            from: hello.from,
            live: hello.live,
            truncated: hello.truncated,
            writer: hello.writer,
            window: hello.window,
            cols: hello.size.cols(),
            rows: hello.size.rows(),
        }),
        ServerEvent::Output(_) => return Err(CloseCode::ProtocolError),
        ServerEvent::Gap { from } => ServerFrame::Gap { from },
        ServerEvent::Size(size) => ServerFrame::Size(Size { cols: size.cols(), rows: size.rows() }),
        ServerEvent::Writer(writer) => ServerFrame::Writer(writer),
        ServerEvent::Taken(bytes) => ServerFrame::Taken(bytes),
        ServerEvent::Notice(notice) => ServerFrame::Notice { code: notice_code(notice) },
        ServerEvent::Exit { code } => ServerFrame::Exit { code },
        ServerEvent::TakenOver => ServerFrame::TakenOver {},
        ServerEvent::Close(reason) => return Err(close_code(reason)),
    })
}

/// The commands of a frame; its keys all count.
pub fn browser(frame: ClientFrame) -> Result<impl Iterator<Item = BrowserCommand>, CloseCode> {
    let resize = match frame.resize {
        Some(Size { cols, rows }) => {
            Some(TerminalSize::new(cols, rows).ok_or(CloseCode::ProtocolError)?)
        }
        None => None,
    };
    Ok([
        resize.map(BrowserCommand::Resize),
        frame.ack.map(BrowserCommand::Ack),
        frame.interrupt.map(|_| BrowserCommand::Interrupt),
    ]
    .into_iter()
    .flatten())
}

fn notice_code(notice: Notice) -> NoticeCode {
    match notice {
        Notice::Restarting => NoticeCode::Restarting,
        Notice::Reset => NoticeCode::Reset,
        Notice::LxdUnavailable => NoticeCode::LxdUnavailable,
        Notice::Exhausted => NoticeCode::ContainerExhausted,
    }
}

fn close_code(reason: CloseReason) -> CloseCode {
    match reason {
        CloseReason::Exited | CloseReason::Exhausted => CloseCode::Ended,
        CloseReason::TakenOver => CloseCode::TakenOver,
        CloseReason::ProtocolError => CloseCode::ProtocolError,
        CloseReason::TooMuchInput => CloseCode::TooMuchInput,
        CloseReason::SessionEnded => CloseCode::SessionEnded,
        CloseReason::Reset | CloseReason::Restarting => CloseCode::Restarting,
        CloseReason::Lost => CloseCode::Unavailable,
    }
}
