//! The countdown: the server says how much time is left, the browser's steady clock only measures since then.

/// When a session's time is up, on the browser's monotonic clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Countdown {
    ends_at: f64,
}

/// What the time left calls for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// Nothing.
    Calm,
    /// Less than five minutes.
    Soon,
    /// Less than a minute.
    Last,
}

impl Countdown {
    /// `remaining` milliseconds as the server said at `now`, milliseconds of the browser's monotonic clock.
    pub fn new(remaining: u64, now: f64) -> Self {
        Countdown { ends_at: now + remaining as f64 }
    }

    /// Whole seconds left at `now`, never below 0.
    pub fn seconds_left(self, now: f64) -> u32 {
        ((self.ends_at - now) / 1000.0).ceil().max(0.0) as u32
    }
}

/// How urgent `seconds` left are.
pub fn urgency(seconds: u32) -> Urgency {
    match seconds {
        0..=60 => Urgency::Last,
        61..=300 => Urgency::Soon,
        _ => Urgency::Calm,
    }
}

/// What to say when the time left calls for something else than `before`.
pub fn warning(before: Urgency, now: Urgency) -> Option<&'static str> {
    match now {
        _ if before == now => None,
        Urgency::Calm => None,
        Urgency::Soon => Some("Five minutes left."),
        Urgency::Last => Some("One minute left. Then the container is deleted."),
    }
}

/// `24:08`, `1:02:03`.
pub fn minutes(seconds: u32) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// `30 minutes`, `1 minute`, `45 seconds`: a length of time in words, for a sentence.
pub fn in_words(seconds: u64) -> String {
    let (number, unit) = match seconds {
        0..=90 => (seconds, "second"),
        91..=7_199 => (seconds.div_ceil(60), "minute"),
        _ => (seconds.div_ceil(3600), "hour"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

/// Seconds with one decimal, `0.4 s`: how long something took.
pub fn took(milliseconds: f64) -> String {
    let tenths = (milliseconds / 100.0).round().max(0.0) as u32;
    format!("{}.{} s", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_countdown_runs_on_the_local_clock_from_what_the_server_said() {
        let countdown = Countdown::new(60_000, 5_000.0);
        assert_eq!(countdown.seconds_left(5_000.0), 60);
        assert_eq!(countdown.seconds_left(5_001.0), 60);
        assert_eq!(countdown.seconds_left(64_999.0), 1);
        assert_eq!(countdown.seconds_left(99_000.0), 0);
    }

    #[test]
    fn times_read_well() {
        assert_eq!(minutes(1448), "24:08");
        assert_eq!(minutes(3723), "1:02:03");
        assert_eq!(minutes(0), "0:00");
        assert_eq!(in_words(1800), "30 minutes");
        assert_eq!(in_words(1), "1 second");
        assert_eq!(in_words(95), "2 minutes");
        assert_eq!(in_words(7_200), "2 hours");
        assert_eq!(took(449.0), "0.4 s");
        assert_eq!(took(12_000.0), "12.0 s");
    }

    #[test]
    fn warnings_begin_at_five_minutes_and_at_one() {
        assert_eq!(urgency(301), Urgency::Calm);
        assert_eq!(urgency(300), Urgency::Soon);
        assert_eq!(urgency(60), Urgency::Last);
    }

    #[test]
    fn each_warning_is_said_once_and_again_after_more_time() {
        let mut before = urgency(302);
        let mut said = Vec::new();
        for seconds in (0..=301).rev().chain([900]).chain((0..=301).rev()) {
            said.extend(warning(before, urgency(seconds)));
            before = urgency(seconds);
        }
        let each = ["Five minutes left.", "One minute left. Then the container is deleted."];
        assert_eq!(said, [each, each].concat());
    }
}
