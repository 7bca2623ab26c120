//! What a terminal has said, by its byte numbers: whatever is said again must be the same.

use std::collections::HashMap;

/// Older bytes of an epoch are forgotten beyond this.
const KEPT: usize = 4 << 20;

/// All epochs of one terminal.
#[derive(Default)]
pub struct Transcript(HashMap<String, Segment>);

/// An unbroken piece of output.
struct Segment {
    from: u64,
    bytes: Vec<u8>,
}

impl Transcript {
    /// Adds bytes that begin at `at`; says where they differ from what stood there.
    pub fn put(&mut self, epoch: &str, at: u64, bytes: &[u8]) -> Result<(), String> {
        let fresh = || Segment { from: at, bytes: Vec::new() };
        let segment = self.0.entry(epoch.to_owned()).or_insert_with(fresh);
        let end = segment.from + segment.bytes.len() as u64;
        if at < segment.from || at > end || segment.bytes.len() > KEPT {
            // Something between was lost, and said to be.
            *segment = fresh();
        }
        let start = usize::try_from(at - segment.from).unwrap_or(usize::MAX);
        let known = segment.bytes.get(start..).unwrap_or_default();
        let common = known.len().min(bytes.len());
        if let Some(offset) = (0..common).find(|i| known[*i] != bytes[*i]) {
            return Err(format!("byte {} of epoch {epoch} was another before", at + offset as u64));
        }
        segment.bytes.extend_from_slice(&bytes[common..]);
        Ok(())
    }
}
