//! Looks at the server in a task of its own: however long that takes, the loop goes on with what it knows.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use domain::{InstanceRef, Project, SourceName, UnixMs};
use provider::{Error, Generation, Observed};
use tokio::sync::oneshot::{self, error::TryRecvError};
use tokio_util::task::AbortOnDropHandle;

use super::{Settings, Shared};
use crate::source::SessionSource;

/// How old a list may be before the server is asked again, even if nothing points to a change.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// The same while the server does not answer.
const KNOCK_EVERY: Duration = Duration::from_secs(2);

/// A complete list of the server's containers.
#[derive(Debug)]
pub struct Listing {
    /// When it was asked for: it says nothing about rows that changed since.
    pub began_at: UnixMs,
    /// The containers that had a row then: one that has none by now was deleted meanwhile, and is no orphan.
    pub had_rows: HashSet<InstanceRef>,
    /// Every container that carries some tryit's mark.
    pub instances: Vec<Observed>,
}

/// What the server answered.
#[derive(Debug)]
pub struct Answer {
    /// What it has.
    pub listing: Listing,
    /// Of each source: what a container made now would be, or why none can be made.
    pub generations: Vec<(SourceName, Result<Generation, Error>)>,
}

/// One look at a time.
#[derive(Default)]
pub struct Looking {
    asked_at: Option<UnixMs>,
    under_way: Option<UnderWay>,
}

struct UnderWay {
    answer: oneshot::Receiver<Result<Answer, Error>>,
    _task: AbortOnDropHandle<()>,
}

impl Looking {
    /// Something points to a change: the server is asked once more, as soon as it has answered what it is asked now.
    pub fn again(&mut self) {
        self.asked_at = None;
    }

    /// The answer to the last look, once.
    pub fn answer(&mut self) -> Option<Result<Answer, Error>> {
        let answer = match self.under_way.as_mut()?.answer.try_recv() {
            Err(TryRecvError::Empty) => return None,
            // A look that panicked has brought nothing; the next one is due soon.
            answered => answered.ok(),
        };
        self.under_way = None;
        answer
    }

    /// Begins a look if one is due. The loop is woken when it is over.
    pub async fn begin_if_due(
        &mut self,
        shared: &Arc<Shared>,
        settings: &Settings,
        reachable: bool,
    ) -> Result<(), store::Error> {
        let every = if reachable { LOOK_EVERY } else { KNOCK_EVERY };
        let is_due = self.asked_at.is_none_or(|at| at.plus(every) <= UnixMs::now());
        if self.under_way.is_some() || !is_due {
            return Ok(());
        }
        let began_at = UnixMs::now();
        let had_rows: HashSet<_> =
            shared.store.instances().await?.into_iter().map(|row| row.at).collect();
        self.asked_at = Some(began_at);
        let (shared, settings) = (shared.clone(), settings.clone());
        let (tell, answer) = oneshot::channel();
        let task = tokio::spawn(async move {
            // Nobody listens any more when the service stops.
            let _ = tell.send(look(&shared, &settings, began_at, had_rows).await);
            shared.done.notify_one();
        });
        self.under_way = Some(UnderWay { answer, _task: AbortOnDropHandle::new(task) });
        Ok(())
    }
}

async fn look(
    shared: &Shared,
    settings: &Settings,
    began_at: UnixMs,
    had_rows: HashSet<InstanceRef>,
) -> Result<Answer, Error> {
    let mut projects: HashSet<Project> = settings.projects.iter().cloned().collect();
    projects.extend(had_rows.iter().map(|at| at.project.clone()));
    let projects: Vec<_> = projects.into_iter().collect();
    let instances = shared.provider.list(&projects).await?;
    let mut generations = Vec::new();
    for source in &settings.sources {
        let made_of = match too_full(shared, settings, source).await {
            Some(error) => Err(error),
            None => shared.provider.generation(&source.source).await,
        };
        let generation = made_of.map(|made_of| source.generations(&made_of));
        generations.push((source.source.name.clone(), generation));
    }
    Ok(Answer { listing: Listing { began_at, had_rows, instances }, generations })
}

/// Why a source must not be used: a disk that fills up takes the sessions that are on it along.
async fn too_full(shared: &Shared, settings: &Settings, source: &SessionSource) -> Option<Error> {
    // What cannot be told keeps nobody out.
    let fill = shared.provider.fill(&source.source).await.ok()??;
    let max = settings.max_fill;
    (fill > max).then(|| {
        Error::Exhausted(format!("its storage pool is fuller than lxd.max_fill ({max} %)"))
    })
}

/// What is known of each source after an answer: one that could not be asked about is what it was. `unusable` keeps why
/// the others cannot be used, so that each cause is said once.
pub fn known(
    generations: Vec<(SourceName, Result<Generation, Error>)>,
    before: &HashMap<SourceName, String>,
    unusable: &mut HashMap<SourceName, String>,
) -> HashMap<SourceName, String> {
    let mut known = HashMap::new();
    for (source, generation) in generations {
        let generation = match generation {
            Ok(generation) => Some(generation.now),
            Err(error) if error.is_outage() => before.get(&source).cloned(),
            Err(error) => {
                let cause = error.to_string();
                if unusable.insert(source.clone(), cause.clone()).as_ref() != Some(&cause) {
                    tracing::warn!(%source, cause, "a source cannot be used now");
                }
                None
            }
        };
        if let Some(generation) = generation {
            if unusable.remove(&source).is_some() {
                tracing::info!(%source, "a source can be used again");
            }
            known.insert(source, generation);
        }
    }
    known
}
