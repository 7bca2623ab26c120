//! When to compare again: a short timer, commits, what happens to terminals, the end of a task, the server's events, a
//! change of settings.

use std::{sync::Arc, time::Duration};

use domain::{InstanceRef, SessionId};
use provider::InstanceAction;
use tokio::{
    sync::{broadcast, mpsc, watch},
    time::{Interval, MissedTickBehavior, interval, sleep},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{Settings, Shared};

/// Deadlines are noticed this late at most.
const TICK: Duration = Duration::from_secs(1);
/// How long to wait before the server's events are asked for again.
const FOLLOW_AGAIN: Duration = Duration::from_secs(2);

/// Why the reconciler was woken.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wake {
    /// Something may have changed at the server.
    pub look_at_the_server: bool,
}

/// All that wakes it.
pub struct Wakes {
    shared: Arc<Shared>,
    stop: CancellationToken,
    tick: Interval,
    commits: broadcast::Receiver<SessionId>,
    terminals: broadcast::Receiver<InstanceRef>,
    events: mpsc::Receiver<()>,
    settings: watch::Receiver<Settings>,
}

impl Wakes {
    pub fn new(shared: &Arc<Shared>, tasks: &TaskTracker, stop: &CancellationToken) -> Self {
        let (happened, events) = mpsc::channel(1);
        tasks.spawn(stop.clone().run_until_cancelled_owned(follow(shared.clone(), happened)));
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            shared: shared.clone(),
            stop: stop.clone(),
            tick,
            commits: shared.store.changes(),
            terminals: shared.terminals.changes(),
            events,
            settings: shared.settings.clone(),
        }
    }

    /// Waits; none when it is time to stop.
    pub async fn next(&mut self) -> Option<Wake> {
        let look = tokio::select! {
            () = self.stop.cancelled() => return None,
            _ = self.tick.tick() => false,
            _ = self.commits.recv() => {
                // What was committed meanwhile is seen by the same look.
                self.commits = self.commits.resubscribe();
                false
            }
            _ = self.terminals.recv() => {
                self.terminals = self.terminals.resubscribe();
                false
            }
            () = self.shared.done.notified() => false,
            Some(()) = self.events.recv() => true,
            Ok(()) = self.settings.changed() => true,
        };
        Some(Wake { look_at_the_server: look })
    }
}

/// Follows the server's events, for as long as the service runs. What happened is not kept, only that something did:
/// the list says the rest.
async fn follow(shared: Arc<Shared>, happened: mpsc::Sender<()>) {
    loop {
        let projects = shared.settings.borrow().projects.clone();
        match shared.provider.events(&projects).await {
            Ok(mut events) => {
                // What happened before is not among them.
                let _ = happened.try_send(());
                while let Some(event) = events.recv().await {
                    // What a task of ours does to a container is no news.
                    let is_news = !shared.busy().contains_key(&event.instance.name);
                    if is_news
                        && matches!(
                            event.action,
                            InstanceAction::Stopped
                                | InstanceAction::Started
                                | InstanceAction::Deleted
                        )
                    {
                        let _ = happened.try_send(());
                    }
                }
                // The connection ended: perhaps the server did.
                let _ = happened.try_send(());
            }
            Err(error) => {
                tracing::debug!(cause = %error, "the server's events cannot be followed now")
            }
        }
        sleep(FOLLOW_AGAIN).await;
    }
}
