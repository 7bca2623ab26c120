//! Reads server-sent events from the pieces of a body, however they were cut.

/// Collects bytes until a message is whole.
#[derive(Debug, Default)]
pub struct EventReader {
    line: Vec<u8>,
    data: String,
}

/// The longest line that is kept; a session view is far below it.
const MAX_LINE: usize = 256 * 1024;

impl EventReader {
    /// Takes the next piece and returns the data of the messages that it completes. Comments, names and ids of
    /// messages are of no use here and are dropped; so is a line that is not UTF-8 or is absurdly long.
    pub fn push(&mut self, piece: &[u8]) -> Vec<String> {
        let mut messages = Vec::new();
        for &byte in piece {
            if byte != b'\n' {
                if self.line.len() < MAX_LINE {
                    self.line.push(byte);
                }
                continue;
            }
            let line = std::mem::take(&mut self.line);
            let line = line.strip_suffix(b"\r").unwrap_or(&line);
            if line.is_empty() {
                if !self.data.is_empty() {
                    messages.push(std::mem::take(&mut self.data));
                }
            } else if let Some(data) = line.strip_prefix(b"data:")
                && let Ok(data) = std::str::from_utf8(data)
            {
                if !self.data.is_empty() {
                    self.data.push('\n');
                }
                self.data.push_str(data.strip_prefix(' ').unwrap_or(data));
            }
        }
        messages
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str =
        ": hello\n\ndata: {\"a\":\"é\"}\n\n: still here\n\nevent: x\r\ndata:1\r\ndata: 2\r\n\r\n";

    #[test]
    fn any_cut_gives_the_same_messages() {
        let bytes = BODY.as_bytes();
        for cut in 0..=bytes.len() {
            let mut reader = EventReader::default();
            let mut messages = reader.push(&bytes[..cut]);
            messages.extend(reader.push(&bytes[cut..]));
            assert_eq!(messages, ["{\"a\":\"é\"}", "1\n2"], "cut at {cut}");
        }
    }

    #[test]
    fn an_unfinished_message_waits() {
        let mut reader = EventReader::default();
        assert!(reader.push(b"data: {}\n").is_empty());
        assert_eq!(reader.push(b"\n"), ["{}"]);
    }
}
