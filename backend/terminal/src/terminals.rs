//! All terminals of the service.

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use domain::InstanceRef;
use provider::{ExecSpec, Provider};
use tokio::{
    runtime::Handle,
    sync::{broadcast, oneshot, watch},
    time::timeout,
};
use tokio_util::task::TaskTracker;

use crate::{
    Activity, Attach, AttachError, Attachment, CloseReason, Epoch, Notice, OpenError, Role,
    Settings, Since, Size, TerminalKey, TerminalStatus, TypeError,
    core::{Bounds, Core, Full, Typed},
    pump::pump,
    registry::{Outcome, Plan, Registry},
    run::Run,
    usage::Usage,
};

/// How long a shutdown waits for browsers to go and commands to be hung up.
const SHUTDOWN_WAIT: Duration = Duration::from_secs(5);

/// Changes that a listener may be behind; one that is further behind looks at everything anew.
const CHANGES: usize = 256;

/// All terminals of the service. Clones are the same terminals.
#[derive(Clone)]
pub struct Terminals(Arc<Inner>);

struct Inner {
    runtime: Handle,
    provider: Arc<dyn Provider>,
    settings: watch::Receiver<Settings>,
    registry: Mutex<Registry>,
    changes: broadcast::Sender<InstanceRef>,
    /// Every task and every attached browser; closed by a shutdown.
    tracker: TaskTracker,
    random: RandomState,
    epochs: AtomicU64,
}

impl Terminals {
    /// None yet. Must be called within a tokio runtime: that one runs the terminals, from wherever they are opened.
    pub fn new(provider: Arc<dyn Provider>, settings: watch::Receiver<Settings>) -> Self {
        Self(Arc::new(Inner {
            runtime: Handle::current(),
            provider,
            settings,
            registry: Mutex::default(),
            changes: broadcast::channel(CHANGES).0,
            tracker: TaskTracker::new(),
            random: RandomState::new(),
            epochs: AtomicU64::new(0),
        }))
    }

    /// Starts the command of a terminal that never ran, has exited or was lost, under a new epoch; nothing where it
    /// runs. Waits until the command is open. Goes on to its end even if the caller stops waiting.
    pub async fn open(&self, key: &TerminalKey, spec: ExecSpec) -> Result<(), OpenError> {
        self.ensure_open(key, spec, |core| core.exit().is_some()).await.map(drop)
    }

    /// Attaches a browser, which becomes the writer, or a watcher. A browser opens a terminal that does not run
    /// with `spec` in its own size, except one that has exited: that needs `restart`, or never to have been
    /// attached to. A fifth browser takes the place of the oldest.
    pub async fn attach(
        &self,
        key: &TerminalKey,
        mut spec: ExecSpec,
        how: Attach,
    ) -> Result<Attachment, AttachError> {
        let run = match how.role {
            Role::Watcher => return self.watch(key, how.since),
            Role::Browser { size, restart } => {
                (spec.cols, spec.rows) = (size.cols(), size.rows());
                let again =
                    |core: &Core| core.exit().is_some() && (restart || !core.ever_attached());
                self.ensure_open(key, spec, again).await?
            }
        };
        Attachment::new(run, how, self.0.tracker.token())
            .ok_or(AttachError::Open(OpenError::Closed))
    }

    /// Attaches a watcher to a terminal that runs or has run; opens nothing.
    pub fn watch(
        &self,
        key: &TerminalKey,
        since: Option<Since>,
    ) -> Result<Attachment, AttachError> {
        let run = self.0.registry().run(key).cloned().ok_or(AttachError::NotOpen)?;
        let how = Attach { role: Role::Watcher, since };
        Attachment::new(run, how, self.0.tracker.token())
            .ok_or(AttachError::Open(OpenError::Closed))
    }

    /// The terminals of a container, by number.
    pub fn statuses(&self, instance: &InstanceRef) -> Vec<TerminalStatus> {
        self.0.registry().statuses(instance)
    }

    /// How a container's terminals have been used.
    pub fn activity(&self, instance: &InstanceRef) -> Activity {
        self.0.registry().activity(instance)
    }

    /// Types into a terminal as a visitor would, and waits until the program's side has accepted it all.
    pub async fn type_input(&self, key: &TerminalKey, input: Bytes) -> Result<(), TypeError> {
        let run = self.0.registry().run(key).cloned().ok_or(TypeError::NotOpen)?;
        let (done, typed) = oneshot::channel();
        let done = Box::new(move |outcome| {
            // Nobody waits any more when the caller has gone.
            let _ = done.send(outcome);
        });
        run.with(|core, _| core.script(&input, done)).map_err(|Full| TypeError::TooMuchInput)?;
        match typed.await {
            Ok(Typed::Accepted) => Ok(()),
            Ok(Typed::Interrupted) => Err(TypeError::Interrupted),
            Err(_) => Err(TypeError::NotOpen),
        }
    }

    /// Tells all who are attached to a container's terminals.
    pub fn notify(&self, instance: &InstanceRef, notice: Notice) {
        let runs = self.0.registry().runs(instance);
        runs.iter().for_each(|run| run.with(|core, _| core.notify(notice)));
    }

    /// Tells all who are attached to any terminal.
    pub fn notify_all(&self, notice: Notice) {
        let runs = self.0.registry().all_runs();
        runs.iter().for_each(|run| run.with(|core, _| core.notify(notice)));
    }

    /// Lets all go who are attached to a container's terminals, hangs up the commands and forgets the terminals.
    /// Returns when the commands are hung up, within seconds. To be called once more when the container is gone: a
    /// browser may have attached in between.
    pub async fn close_instance(&self, instance: &InstanceRef, reason: CloseReason) {
        let runs = self.0.registry().remove(instance);
        runs.iter().for_each(|run| run.close(reason));
        for run in runs {
            run.over.cancelled().await;
        }
    }

    /// Opens nothing more, lets all go with [`CloseReason::Restarting`], and waits until they are gone, for seconds
    /// at most.
    pub async fn shutdown(&self) {
        let runs = {
            let registry = self.0.registry();
            self.0.tracker.close();
            registry.all_runs()
        };
        runs.iter().for_each(|run| run.close(CloseReason::Restarting));
        if timeout(SHUTDOWN_WAIT, self.0.tracker.wait()).await.is_err() {
            tracing::info!(left = self.0.tracker.len(), "not everyone left the terminals in time");
        }
    }

    /// The containers whose [`statuses`](Self::statuses) or attached browsers have changed, from now on. Who is
    /// told of a lag has to look at all containers.
    pub fn changes(&self) -> broadcast::Receiver<InstanceRef> {
        self.0.changes.subscribe()
    }

    async fn ensure_open(
        &self,
        key: &TerminalKey,
        spec: ExecSpec,
        again: impl FnOnce(&Core) -> bool,
    ) -> Result<Arc<Run>, OpenError> {
        let mut outcome = {
            let mut registry = self.0.registry();
            if self.0.tracker.is_closed() {
                return Err(OpenError::ShuttingDown);
            }
            let epoch = self.0.new_epoch();
            match registry.plan(key, epoch, &self.0.changes, again) {
                Plan::Use(run) => return Ok(run),
                Plan::Wait(outcome) => outcome,
                Plan::Open(tell, usage) => {
                    let outcome = tell.subscribe();
                    let opening = Arc::clone(&self.0).open(key.clone(), spec, epoch, usage, tell);
                    self.0.tracker.spawn_on(opening, &self.0.runtime);
                    outcome
                }
            }
        };
        let told = outcome.wait_for(Option::is_some).await;
        // Only a runtime that goes down drops the task that was to tell.
        told.ok().and_then(|outcome| outcome.clone()).unwrap_or(Err(OpenError::ShuttingDown))
    }
}

impl Inner {
    /// Opens a terminal as planned, and becomes its task.
    async fn open(
        self: Arc<Self>,
        key: TerminalKey,
        spec: ExecSpec,
        epoch: Epoch,
        usage: Arc<Usage>,
        tell: watch::Sender<Outcome>,
    ) {
        let size = Size::new(spec.cols, spec.rows).unwrap_or(Size::USUAL);
        let exec = match self.provider.exec(&key.instance, &spec).await {
            Ok(exec) => exec,
            Err(error) => {
                self.registry().not_opened(&key, epoch);
                tell.send_replace(Some(Err(OpenError::Provider(Arc::new(error)))));
                return;
            }
        };
        let run = Arc::new(Run::new(Core::new(epoch, self.bounds(), size), usage));
        let outcome = {
            let mut registry = self.registry();
            match registry.opened(&key, epoch, &run) {
                _ if self.tracker.is_closed() => Err(OpenError::ShuttingDown),
                true => Ok(Arc::clone(&run)),
                false => Err(OpenError::Closed),
            }
        };
        match &outcome {
            Ok(run) => run.usage.changed(),
            Err(_) => run.stop.cancel(),
        }
        tell.send_replace(Some(outcome));
        drop(tell);
        let lost = |error| {
            tracing::warn!(terminal = %key, %error, "the connection to a terminal was lost");
            self.registry().forget(&key, epoch);
        };
        pump(run, exec, lost).await;
    }

    /// Held for lookups only, never while waiting.
    fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn bounds(&self) -> Bounds {
        let settings = *self.settings.borrow();
        Bounds { buffer: settings.buffer(), window: settings.window(), hold: settings.hold() }
    }

    fn new_epoch(&self) -> Epoch {
        Epoch(self.random.hash_one(self.epochs.fetch_add(1, Ordering::Relaxed)))
    }
}

impl fmt::Debug for Terminals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terminals").field("tasks", &self.0.tracker.len()).finish_non_exhaustive()
    }
}
