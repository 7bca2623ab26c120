//! What lives now.

use std::collections::{BTreeMap, HashSet};

use domain::{Network, SessionState};
use sqlx::Row;

use super::{Counts, sessions};
use crate::{Result, Store, row};

/// The live sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Present {
    /// How many.
    pub counts: Counts,
    /// How many in which state; one that nothing is in is left out.
    pub states: BTreeMap<SessionState, u64>,
}

impl Store {
    /// What lives now: of everybody, or of visitors of a network.
    pub async fn present(&self, network: Option<&Network>) -> Result<Present> {
        let rows = sqlx::query(
            "select state, running_at, visitor, ip from session indexed by session_live_state where state <> 'ended'",
        )
        .fetch_all(&mut *self.reports().await?)
        .await?;
        let (mut present, mut visitors) = (Present::default(), HashSet::new());
        for found in &rows {
            if !sessions::is_of(found, network)? {
                continue;
            }
            *present.states.entry(row::parsed(found, "state")?).or_default() += 1;
            present.counts.sessions += 1;
            let started = row::moment_or_none(found, "running_at")?.is_some();
            present.counts.started += u64::from(started);
            visitors.insert(found.try_get::<&[u8], _>("visitor")?);
        }
        present.counts.visitors = visitors.len() as u64;
        Ok(present)
    }
}
