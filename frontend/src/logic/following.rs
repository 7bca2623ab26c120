//! How the page follows its session: by the stream, and by asking where that is cut.

/// So many times the page asks before it tries a stream again that brought nothing: something on the way holds
/// streams back, and trying costs seconds.
const ASKS_WITHOUT_STREAM: u32 = 6;

/// What was seen of the way to the service.
#[derive(Debug, Default)]
pub struct Following {
    asks: u32,
    away: bool,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Follow the stream at once.
    Stream,
    /// Wait, then follow the stream.
    WaitAndStream,
    /// Wait, then ask again.
    WaitAndAsk,
}

impl Following {
    /// The stream ended; `seen` says whether it brought anything. The page asks next.
    pub fn cut(&mut self, seen: bool) {
        self.asks = if seen { 1 } else { ASKS_WITHOUT_STREAM };
    }

    /// The page asked, and got an answer or none.
    pub fn asked(&mut self, answered: bool) -> Step {
        let back = self.away && answered;
        self.away = !answered;
        self.asks = self.asks.saturating_sub(1);
        match answered {
            _ if back => Step::Stream,
            true if self.asks == 0 => Step::WaitAndStream,
            _ => Step::WaitAndAsk,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_that_was_cut_is_followed_again_soon() {
        let mut following = Following::default();
        following.cut(true);
        assert_eq!(following.asked(true), Step::WaitAndStream);
    }

    #[test]
    fn where_streams_are_held_back_the_page_asks() {
        let mut following = Following::default();
        following.cut(false);
        let steps: Vec<_> = (0..ASKS_WITHOUT_STREAM).map(|_| following.asked(true)).collect();
        assert!(steps[..5].iter().all(|step| *step == Step::WaitAndAsk));
        assert_eq!(steps[5], Step::WaitAndStream);
    }

    #[test]
    fn a_service_that_is_back_is_followed_at_once() {
        let mut following = Following::default();
        following.cut(true);
        for _ in 0..20 {
            assert_eq!(following.asked(false), Step::WaitAndAsk);
        }
        assert_eq!(following.asked(true), Step::Stream);
    }
}
