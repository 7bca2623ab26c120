//! What an operator may set.

use std::time::Duration;

/// The settings of terminals. A change counts for runs that begin after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    buffer: usize,
    hold: Duration,
}

/// Why settings are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSettings {
    /// The buffer is too small to pace a program, or too large to have one for every terminal.
    #[error("expected a terminal buffer from 16 KiB to 64 MiB")]
    Buffer,
    /// LXD drops exec connections that stall for two minutes.
    #[error("expected a terminal hold from 1 to 100 seconds")]
    Hold,
}

impl Settings {
    /// Settings from the bytes of recent output kept per terminal, and how long a browser that does not acknowledge
    /// holds its program back.
    pub fn new(buffer: usize, hold: Duration) -> Result<Self, InvalidSettings> {
        if !(16 * 1024..=64 * 1024 * 1024).contains(&buffer) {
            return Err(InvalidSettings::Buffer);
        }
        if !(Duration::from_secs(1)..=Duration::from_secs(100)).contains(&hold) {
            return Err(InvalidSettings::Hold);
        }
        Ok(Self { buffer, hold })
    }

    /// Bytes of recent output kept per terminal.
    pub const fn buffer(self) -> usize {
        self.buffer
    }

    /// How long a browser that does not acknowledge holds its program back.
    pub const fn hold(self) -> Duration {
        self.hold
    }

    /// The bytes that may be sent beyond a browser's acknowledgement. At most half the buffer, so that what a
    /// browser is owed while it holds the program back never leaves the buffer.
    pub const fn window(self) -> u64 {
        const LARGEST: usize = 128 * 1024;
        let half = self.buffer / 2;
        (if half < LARGEST { half } else { LARGEST }) as u64
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self { buffer: 256 * 1024, hold: Duration::from_secs(30) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_at_most_half_the_buffer() {
        for buffer in [16 * 1024, 100_001, 256 * 1024, 1 << 20] {
            let settings = Settings::new(buffer, Duration::from_secs(30)).unwrap();
            assert!(settings.window() > 0 && 2 * settings.window() <= buffer as u64);
        }
        assert_eq!(Settings::default().window(), 131_072);
    }

    #[test]
    fn what_cannot_work_is_refused() {
        let second = Duration::from_secs(1);
        assert_eq!(Settings::new(4096, second), Err(InvalidSettings::Buffer));
        assert_eq!(Settings::new(1 << 20, Duration::ZERO), Err(InvalidSettings::Hold));
        assert_eq!(Settings::new(1 << 20, 120 * second), Err(InvalidSettings::Hold));
    }
}
