//! Where everybody in the queue stands, and when a place is likely: worked out once after each change, shared by all
//! who wait. A hundred waiting visitors cost one query and a look at a map each.

use std::{collections::HashMap, sync::Arc, time::Duration};

use domain::{Places, SessionId, SessionState, UnixMs};
use store::{Line, Session};
use tokio::{
    sync::{Mutex, watch},
    time::{MissedTickBehavior, interval, sleep},
};
use tokio_util::sync::CancellationToken;

use super::{Result, Services};
use crate::server_state::Reach;

/// Changes that come within this time of one another are worked out as one.
const GATHER: Duration = Duration::from_millis(100);

/// How often it is worked out even if nothing points to a change: the operator may have closed the service.
const EVERY: Duration = Duration::from_secs(2);

/// An estimate that moved by less than this is not worth telling.
const WORTH_TELLING: Duration = Duration::from_secs(5);

/// What one waiting visitor may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    /// Place among those who wait, from 1.
    pub position: u64,
    /// When a place is likely; absent while none is given away.
    pub at: Option<UnixMs>,
}

impl Standing {
    /// Whether a visitor who was told `self` should hear of `new`. Both estimates may be in the past: any moment now.
    pub fn differs(&self, new: &Self, now: UnixMs) -> bool {
        let moved = match (self.at, new.at) {
            (Some(told), Some(new)) => {
                let (told, new) = (told.max(now), new.max(now));
                told.since(new).max(new.since(told)) >= WORTH_TELLING
            }
            (told, new) => told.is_some() != new.is_some(),
        };
        self.position != new.position || moved
    }
}

/// The queue as of one moment.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Queue {
    standings: HashMap<SessionId, Standing>,
    /// When a place is likely for the first in line, be there one or not.
    first: Option<UnixMs>,
    /// The same for whoever comes next.
    next: Option<UnixMs>,
}

impl Queue {
    fn new(line: &Line, max: u32, duration: Duration, is_open: bool, now: UnixMs) -> Self {
        let place = |expires_at: &Option<UnixMs>| expires_at.unwrap_or(now.plus(duration));
        let leaving = std::iter::repeat_n(now, line.deleting);
        let held = line.held.iter().map(place).chain(leaving).collect();
        let forecast = Places { max, held }.forecast(duration, now);
        // While nothing is given away nobody can say when.
        let mut moments = forecast.take(if is_open { usize::MAX } else { 0 });
        let standings: Vec<_> = (1..)
            .zip(&line.waiting)
            .map(|(position, id)| (*id, Standing { position, at: moments.next() }))
            .collect();
        let next = moments.next();
        let first = standings.first().map_or(next, |(_, standing)| standing.at);
        Self { standings: standings.into_iter().collect(), first, next }
    }

    pub(super) fn standing(&self, id: SessionId) -> Option<Standing> {
        self.standings.get(&id).copied()
    }
}

/// The latest queue, for all who want to know.
#[derive(Default)]
pub(super) struct Watched {
    latest: watch::Sender<Arc<Queue>>,
    /// Taken while it is worked out, so that an older one never takes a newer one's place.
    turn: Mutex<()>,
}

impl Watched {
    pub(super) fn follow(&self) -> watch::Receiver<Arc<Queue>> {
        self.latest.subscribe()
    }
}

impl Services {
    /// Works out the queue after each change, until `stop`.
    pub async fn follow_queue(&self, stop: CancellationToken) {
        let (mut changes, mut server) = (self.0.store.changes(), self.0.server.clone());
        let mut settings = self.0.settings.clone();
        let mut tick = interval(EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let following = async {
            loop {
                tokio::select! {
                    _ = changes.recv() => sleep(GATHER).await,
                    Ok(()) = server.changed() => {}
                    Ok(()) = settings.changed() => {}
                    _ = tick.tick() => {}
                }
                // What changed until now is seen by the same look.
                changes = changes.resubscribe();
                if let Err(error) = self.work_out_queue().await {
                    tracing::error!(cause = %error, "where visitors stand in the queue is not known now");
                }
            }
        };
        stop.run_until_cancelled(following).await;
    }

    /// Works it out now.
    async fn work_out_queue(&self) -> Result<(), store::Error> {
        let _turn = self.0.queue.turn.lock().await;
        let line = self.0.store.line().await?;
        let is_open = self.0.server.borrow().reach == Reach::Reachable
            && !self.0.store.maintenance().await?.on;
        let (max, duration) = {
            let settings = self.0.settings.borrow();
            (settings.limits.max, settings.duration)
        };
        let queue = Queue::new(&line, max, duration, is_open, UnixMs::now());
        self.0.queue.latest.send_if_modified(|latest| {
            let is_new = **latest != queue;
            if is_new {
                *latest = Arc::new(queue);
            }
            is_new
        });
        Ok(())
    }

    /// Where a session stands, while it waits. One that came a moment ago is not in the latest queue yet.
    pub(super) async fn standing(&self, session: &Session) -> Option<Standing> {
        if session.state != SessionState::Queued {
            return None;
        }
        if let Some(standing) = self.0.queue.latest.borrow().standing(session.id) {
            return Some(standing);
        }
        if let Err(error) = self.work_out_queue().await {
            tracing::error!(cause = %error, "where a visitor stands in the queue is not known now");
        }
        self.0.queue.latest.borrow().standing(session.id)
    }

    /// How long whoever comes next is likely to wait, where it can be said.
    pub(super) fn wait_of_the_next(&self, now: UnixMs) -> Option<Duration> {
        self.0.queue.latest.borrow().next.map(|at| at.since(now))
    }

    /// In how long the first in line, be there one or not, is likely to get a place.
    pub(super) fn wait_of_the_first(&self, now: UnixMs) -> Option<Duration> {
        self.0.queue.latest.borrow().first.map(|at| at.since(now))
    }
}

/// Whole seconds, and never too few.
pub(super) fn seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMs = UnixMs(1_777_898_096_007);
    const DURATION: Duration = Duration::from_secs(1800);

    fn after(seconds: u64) -> UnixMs {
        NOW.plus(Duration::from_secs(seconds))
    }

    fn line(waiting: usize) -> Line {
        let waiting = (0..waiting).map(|_| SessionId::random()).collect();
        Line { waiting, held: vec![Some(after(600)), None], deleting: 1 }
    }

    #[test]
    fn everybody_is_told_their_own_place_and_the_next_one_whats_left() {
        let line = line(3);
        let queue = Queue::new(&line, 3, DURATION, true, NOW);
        let told: Vec<_> = line.waiting.iter().map(|id| queue.standing(*id).unwrap()).collect();
        let expected = [(1, 0), (2, 600), (3, 1800)]
            .map(|(position, at)| Standing { position, at: Some(after(at)) });
        assert_eq!(told, expected);
        assert_eq!((queue.first, queue.next), (Some(NOW), Some(after(1800))));
        assert_eq!(queue.standing(SessionId::random()), None);
    }

    #[test]
    fn while_no_place_is_given_away_nobody_is_promised_one() {
        let line = line(2);
        let queue = Queue::new(&line, 3, DURATION, false, NOW);
        let told = queue.standing(line.waiting[1]);
        assert_eq!(told, Some(Standing { position: 2, at: None }));
        assert_eq!((queue.first, queue.next), (None, None));
    }

    #[test]
    fn the_first_of_an_empty_line_is_whoever_comes_next() {
        let queue = Queue::new(&Line { deleting: 0, ..line(0) }, 2, DURATION, true, NOW);
        assert_eq!((queue.first, queue.next), (Some(after(600)), Some(after(600))));
    }

    #[test]
    fn only_what_is_worth_telling_is_told() {
        let told = Standing { position: 3, at: Some(after(60)) };
        let differs = |new| told.differs(&new, NOW);
        assert!(!differs(told));
        assert!(!differs(Standing { at: Some(after(64)), ..told }));
        assert!(differs(Standing { at: Some(after(65)), ..told }));
        assert!(differs(Standing { at: Some(after(55)), ..told }));
        assert!(differs(Standing { at: None, ..told }));
        assert!(differs(Standing { position: 2, ..told }));
        let any_moment = Standing { at: Some(NOW), ..told };
        let still = Standing { at: Some(after(100)), ..told };
        assert!(!any_moment.differs(&still, after(100)), "any moment now, then as before");
    }

    #[test]
    fn a_wait_is_never_told_too_short() {
        assert_eq!(
            [0, 1, 999, 1000, 1001].map(|ms| seconds(Duration::from_millis(ms))),
            [0, 1, 1, 1, 2]
        );
    }
}
