//! The start as a list: what was done, what is being done, what comes, and how long each took.

use shared::session::{PhaseStep, SessionState};

use super::attach::Link;

/// The steps of a start, in order.
pub const STEPS: [PhaseStep; 4] =
    [PhaseStep::Creating, PhaseStep::Starting, PhaseStep::Preparing, PhaseStep::Opening];

/// What a step is called.
pub fn label(step: PhaseStep) -> &'static str {
    match step {
        PhaseStep::Creating => "Create the container",
        PhaseStep::Starting => "Boot it",
        PhaseStep::Preparing => "Wait until it is ready",
        PhaseStep::Opening => "Open a root shell",
    }
}

/// When each step was first seen, in milliseconds of the browser's clock.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Phases {
    asked: f64,
    begun: bool,
    seen: Vec<(PhaseStep, f64)>,
    done: Option<f64>,
}

/// How a step stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Standing {
    /// Done; with how long it took, where it was watched.
    Done(Option<f64>),
    /// Under way, for so long.
    Now(f64),
    /// Not begun.
    Ahead,
}

impl Phases {
    /// A start asked for at `now`.
    pub fn new(now: f64) -> Self {
        Phases { asked: now, ..Phases::default() }
    }

    /// The session is starting; after it ran, that is a new start in a fresh container.
    pub fn begin(&mut self, now: f64) {
        if self.done.is_some() {
            *self = Phases::new(now);
        }
        self.begun = true;
    }

    /// Whether a start was seen at all: who comes back to a running session saw none.
    pub fn has_begun(&self) -> bool {
        self.begun
    }

    /// The service reports a step. An earlier one than the last means a new try: the list begins again.
    pub fn step(&mut self, step: PhaseStep, now: f64) {
        match self.seen.last() {
            Some((last, _)) if *last == step => {}
            Some((last, _)) if step < *last => self.seen = vec![(step, now)],
            Some(_) => self.seen.push((step, now)),
            None => self.seen.push((step, self.asked)),
        }
    }

    /// The session runs.
    pub fn finish(&mut self, now: f64) {
        self.done.get_or_insert(now);
    }

    /// How `step` stands at `now`.
    pub fn standing(&self, step: PhaseStep, now: f64) -> Standing {
        let at = self.seen.iter().position(|(seen, _)| *seen == step);
        let next = |at: usize| self.seen.get(at + 1).map(|(_, since)| *since).or(self.done);
        match at {
            Some(at) => match next(at) {
                Some(end) => Standing::Done(Some(end - self.seen[at].1)),
                None => Standing::Now(now - self.seen[at].1),
            },
            None if self.done.is_some() => Standing::Done(None),
            None if self.seen.last().is_some_and(|(last, _)| step < *last) => Standing::Done(None),
            None => Standing::Ahead,
        }
    }

    /// Milliseconds since the start was asked for.
    pub fn elapsed(&self, now: f64) -> f64 {
        self.done.unwrap_or(now) - self.asked
    }
}

/// Whether the start covers the terminal. `uncovered` says whether it stood free before: a terminal that was once
/// attached stays in sight when its connection is lost, unless the session starts anew in a fresh container.
pub fn covers(state: SessionState, link: &Link, uncovered: bool) -> bool {
    let starting = state == SessionState::Starting;
    match link {
        Link::Live | Link::Exited(_) | Link::Exhausted | Link::Stopped(_) => false,
        Link::Lost(_) => starting,
        Link::Connecting | Link::Waiting(_) => starting || !uncovered,
    }
}

/// What to say to someone who has waited for `milliseconds`.
pub fn patience(milliseconds: f64) -> Option<&'static str> {
    match milliseconds {
        ms if ms < 8_000.0 => None,
        ms if ms < 30_000.0 => Some("A little longer than usual. The guide can be read meanwhile."),
        ms if ms < 75_000.0 => {
            Some("The server is busy. Your place is safe; nothing to do but wait.")
        }
        _ => Some("This is unusually slow. After two minutes the service gives up and says so."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_shows_how_long_it_took() {
        let mut phases = Phases::new(100.0);
        phases.step(PhaseStep::Creating, 150.0);
        phases.step(PhaseStep::Creating, 160.0);
        assert_eq!(phases.standing(PhaseStep::Creating, 300.0), Standing::Now(200.0));
        phases.step(PhaseStep::Starting, 400.0);
        assert_eq!(phases.standing(PhaseStep::Creating, 500.0), Standing::Done(Some(300.0)));
        assert_eq!(phases.standing(PhaseStep::Opening, 500.0), Standing::Ahead);
        phases.finish(900.0);
        assert_eq!(phases.standing(PhaseStep::Starting, 999.0), Standing::Done(Some(500.0)));
        assert_eq!(phases.standing(PhaseStep::Opening, 999.0), Standing::Done(None));
        assert_eq!(phases.elapsed(5_000.0), 800.0);
    }

    #[test]
    fn a_fresh_container_begins_the_list_anew() {
        let mut phases = Phases::new(0.0);
        phases.finish(1.0);
        assert!(!phases.has_begun(), "a session that runs already");
        phases.begin(90_000.0);
        phases.step(PhaseStep::Starting, 90_500.0);
        phases.begin(90_600.0);
        assert_eq!(phases.standing(PhaseStep::Starting, 91_000.0), Standing::Now(1_000.0));
        assert_eq!(phases.elapsed(91_000.0), 1_000.0);
        assert!(phases.has_begun());
    }

    #[test]
    fn the_start_covers_the_terminal_until_it_is_attached() {
        use crate::logic::attach::Lost;
        use SessionState::{Running, Starting};
        assert!(covers(Starting, &Link::Waiting(String::new()), false));
        assert!(covers(Running, &Link::Connecting, false), "a session that is come back to");
        assert!(!covers(Starting, &Link::Live, false), "the socket may be quicker than the stream");
        assert!(!covers(Running, &Link::Connecting, true));
        assert!(!covers(Running, &Link::Lost(Lost::Network), true));
        assert!(covers(Starting, &Link::Lost(Lost::Reset), true), "a reset starts anew");
    }

    #[test]
    fn a_skipped_step_counts_as_done_and_a_new_try_begins_again() {
        let mut phases = Phases::new(0.0);
        phases.step(PhaseStep::Preparing, 10.0);
        assert_eq!(phases.standing(PhaseStep::Creating, 20.0), Standing::Done(None));
        phases.step(PhaseStep::Creating, 30.0);
        assert_eq!(phases.standing(PhaseStep::Preparing, 40.0), Standing::Ahead);
    }
}
