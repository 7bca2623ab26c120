//! What the containers of many sessions use: asked side by side, within bounds, and left out where no answer comes.

use std::{collections::HashMap, time::Duration};

use domain::{InstanceRef, SessionId, SessionState};
use futures_util::{StreamExt, stream};
use shared::operator::Usage;
use store::Session;
use tokio::time::{Instant, timeout_at};

use crate::services::Services;

/// Questions that are open at once: the server has visitors to serve.
const PARALLEL: usize = 8;
/// How long all answers together may take. A list without some figures now is worth more than a whole one later.
const DEADLINE: Duration = Duration::from_secs(3);

impl Services {
    /// What the containers of those of the sessions use that run.
    pub(super) async fn usages(&self, sessions: &[Session]) -> HashMap<SessionId, Usage> {
        let running = sessions.iter().filter(|session| session.state == SessionState::Running);
        let asked: Vec<(SessionId, InstanceRef)> =
            running.filter_map(|session| Some((session.id, session.instance.clone()?))).collect();
        let count = asked.len();
        let mut answers = stream::iter(asked)
            .map(|(id, at)| async move { (id, self.0.provider.usage(&at).await) })
            .buffer_unordered(PARALLEL);
        let (mut usages, end) = (HashMap::with_capacity(count), Instant::now() + DEADLINE);
        loop {
            match timeout_at(end, answers.next()).await {
                Ok(Some((id, Ok(Some(usage))))) => drop(usages.insert(id, shown(usage))),
                Ok(Some((_, Ok(None)))) => {}
                Ok(Some((id, Err(error)))) => {
                    tracing::debug!(session = %id, cause = %error, "no usage of a container");
                }
                Ok(None) => return usages,
                Err(_) => {
                    let answered = usages.len();
                    tracing::debug!(asked = count, answered, "not all usages came in time");
                    return usages;
                }
            }
        }
    }
}

fn shown(usage: provider::Usage) -> Usage {
    Usage {
        cpu_ms: u64::try_from(usage.cpu.as_millis()).unwrap_or(u64::MAX),
        memory_bytes: usage.memory,
        processes: usage.processes,
        received_bytes: usage.received,
        sent_bytes: usage.sent,
    }
}
