//! One run behind a lock, with the bells that wake whoever waits for it.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use bytes::Bytes;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::{
    Attach, BrowserCommand, CloseReason, Role, ServerEvent,
    core::{BrowserId, Core, Resize},
    usage::Usage,
};

/// One run of a terminal's command, shared by its task (`pump`) and the attached browsers.
pub struct Run {
    state: Mutex<State>,
    /// Output may be taken in.
    room: Notify,
    /// Output was taken in.
    pub output: Notify,
    /// Input waits.
    input: Notify,
    /// A size is to be set.
    resize: Notify,
    /// The next deadline is earlier than it was.
    clock: Notify,
    /// The command is to be hung up; cancelled by who closes the run.
    pub stop: CancellationToken,
    /// The task has ended: the command is gone or was hung up.
    pub over: CancellationToken,
    pub usage: Arc<Usage>,
}

struct State {
    core: Core,
    bells: Vec<(BrowserId, Arc<Notify>)>,
    /// When the task looks at the clock next.
    armed: Option<Instant>,
    /// Another run took this one's place: it goes when its browsers have gone.
    retired: bool,
}

impl Run {
    pub fn new(core: Core, usage: Arc<Usage>) -> Self {
        Self {
            state: Mutex::new(State { core, bells: Vec::new(), armed: None, retired: false }),
            room: Notify::new(),
            output: Notify::new(),
            input: Notify::new(),
            resize: Notify::new(),
            clock: Notify::new(),
            stop: CancellationToken::new(),
            over: CancellationToken::new(),
            usage,
        }
    }

    /// Looks without changing anything.
    pub fn look<T>(&self, look: impl FnOnce(&Core) -> T) -> T {
        look(&self.lock().core)
    }

    /// Changes the core, then wakes everyone for whom there is something to do.
    pub fn with<T>(&self, change: impl FnOnce(&mut Core, Instant) -> T) -> T {
        self.with_state(|state, now| change(&mut state.core, now))
    }

    fn with_state<T>(&self, change: impl FnOnce(&mut State, Instant) -> T) -> T {
        let now = now();
        let mut state = self.lock();
        let before = summary(&state.core);
        let result = change(&mut state, now);
        let State { core, bells, armed, retired } = &*state;
        for (_, bell) in bells.iter().filter(|(id, _)| core.has_event(*id, now)) {
            bell.notify_one();
        }
        if core.room(now) > 0 {
            self.room.notify_one();
        }
        if core.has_input() {
            self.input.notify_one();
        }
        if core.has_resize() {
            self.resize.notify_one();
        }
        if core.deadline(now).is_some_and(|due| armed.is_none_or(|armed| due < armed)) {
            self.clock.notify_one();
        }
        if *retired && core.is_deserted() {
            self.stop.cancel();
        }
        let changed = summary(core) != before;
        drop(state);
        if changed {
            self.usage.changed();
        }
        result
    }

    // For browsers.

    /// Attaches a browser, with the bell that rings when it has an event; none when the run is closed.
    pub fn attach(&self, how: Attach) -> Option<(BrowserId, Arc<Notify>)> {
        let attached = self.with_state(|state, now| {
            let id = state.core.attach(how, now)?;
            let bell = Arc::new(Notify::new());
            state.bells.push((id, Arc::clone(&bell)));
            Some((id, bell))
        })?;
        if matches!(how.role, Role::Browser { .. }) {
            self.usage.attached();
        }
        Some(attached)
    }

    pub fn detach(&self, id: BrowserId, watcher: bool) {
        self.with_state(|state, _| {
            state.bells.retain(|(browser, _)| *browser != id);
            state.core.detach(id);
        });
        if !watcher {
            self.usage.detached();
        }
    }

    pub fn next_event(&self, id: BrowserId) -> Option<ServerEvent> {
        self.with(|core, now| core.next_event(id, now))
    }

    /// False when the browser is no longer attached.
    pub fn command(&self, id: BrowserId, watcher: bool, command: BrowserCommand) -> bool {
        if !watcher && matches!(command, BrowserCommand::Input(_) | BrowserCommand::Interrupt) {
            self.usage.input();
        }
        self.with(|core, now| core.command(id, command, now))
    }

    // For the registry.

    /// Lets all go and has the command hung up.
    pub fn close(&self, reason: CloseReason) {
        self.with(|core, _| core.close(reason));
        self.stop.cancel();
    }

    /// Ends the task of an ended run once its last browser has gone.
    pub fn retire(&self) {
        self.with_state(|state, _| state.retired = true);
    }

    // For the task.

    /// Waits until output may be taken in.
    pub async fn has_room(&self) {
        while !self.has_room_now() {
            self.room.notified().await;
        }
    }

    pub fn has_room_now(&self) -> bool {
        self.look(|core| core.room(now()) > 0)
    }

    /// Takes output in, as far and as soon as the pace allows. Browsers are woken only where this waits; for the
    /// rest, see [`ring`](Self::ring).
    pub async fn take_in(&self, mut output: Bytes) {
        loop {
            {
                let mut state = self.lock();
                state.core.output(&mut output, now());
            }
            self.output.notify_waiters();
            if output.is_empty() {
                return;
            }
            self.ring();
            self.has_room().await;
        }
    }

    /// Wakes everyone for whom there is something to do.
    pub fn ring(&self) {
        self.with(|_, _| ());
    }

    pub async fn next_input(&self) -> Bytes {
        loop {
            if let Some(input) = self.with(|core, _| core.next_input()) {
                return input;
            }
            self.input.notified().await;
        }
    }

    pub async fn next_resize(&self) -> Resize {
        loop {
            if let Some(resize) = self.with(|core, _| core.next_resize()) {
                return resize;
            }
            self.resize.notified().await;
        }
    }

    /// Wakes whoever waits for something that time alone brings. Never ends.
    pub async fn keep_time(&self) {
        loop {
            let armed = self.with_state(|state, now| {
                state.armed = state.core.deadline(now);
                state.armed
            });
            match armed {
                None => self.clock.notified().await,
                Some(due) => tokio::select! {
                    () = self.clock.notified() => {}
                    () = tokio::time::sleep_until(due.into()) => {}
                },
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tokio's clock, which a test can set.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

/// What outsiders see of a run: a change of it is told.
fn summary(core: &Core) -> (usize, Option<Option<i32>>) {
    (core.attached(), core.exit())
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.look(|core| f.debug_tuple("Run").field(&core.epoch()).finish())
    }
}
