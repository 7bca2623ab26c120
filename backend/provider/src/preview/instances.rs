//! The instances that there are, in memory: a sandbox lives no longer than the service.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use domain::{InstanceRef, Project, ServerId, SessionId, UnixMs};
use tokio::sync::mpsc;

use super::sandbox::Sandbox;
use crate::{Error, InstanceAction, InstanceEvent, InstanceStatus, Observed, Result};

/// Events that may wait for one that follows them; one that falls further behind is dropped and lists anew.
const WAITING: usize = 256;

/// All instances, shared with what watches their sandboxes.
#[derive(Clone, Default)]
pub(super) struct Instances(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    instances: BTreeMap<InstanceRef, Instance>,
    followers: Vec<Follower>,
}

struct Follower {
    projects: Vec<Project>,
    events: mpsc::Sender<InstanceEvent>,
}

struct Instance {
    mark: Option<ServerId>,
    session: Option<SessionId>,
    created_at: UnixMs,
    sandbox: Option<Arc<Sandbox>>,
}

impl Instances {
    /// Notes a stopped instance.
    pub fn create(&self, at: &InstanceRef, mark: ServerId) -> Result<()> {
        let mut state = self.state();
        match state.instances.get(at) {
            Some(instance) if instance.mark == Some(mark) => Ok(()),
            Some(_) => Err(Error::NameTaken(at.to_string())),
            None => {
                let instance = Instance {
                    mark: Some(mark),
                    session: None,
                    created_at: UnixMs::now(),
                    sandbox: None,
                };
                state.instances.insert(at.clone(), instance);
                state.publish(at, InstanceAction::Other);
                Ok(())
            }
        }
    }

    /// The instance's sandbox, when it runs; none when it is stopped.
    pub fn sandbox(&self, at: &InstanceRef) -> Result<Option<Arc<Sandbox>>> {
        let state = self.state();
        let instance = state.instances.get(at).ok_or_else(|| Error::NotFound(at.to_string()))?;
        Ok(instance.sandbox.clone().filter(|sandbox| sandbox.runs()))
    }

    /// Gives a stopped instance its sandbox. One that got another meanwhile keeps that.
    pub fn started(&self, at: &InstanceRef, sandbox: Arc<Sandbox>) -> Result<()> {
        let mut state = self.state();
        let instance =
            state.instances.get_mut(at).ok_or_else(|| Error::NotFound(at.to_string()))?;
        if !instance.runs() {
            instance.sandbox = Some(sandbox);
            state.publish(at, InstanceAction::Started);
        }
        Ok(())
    }

    /// What to do when an instance's sandbox has ended.
    pub fn on_end(&self, at: InstanceRef) -> impl FnOnce() + Send + 'static {
        // Held weakly: sandboxes are held by the instances.
        let state: Weak<_> = Arc::downgrade(&self.0);
        move || {
            if let Some(state) = state.upgrade() {
                Self(state).state().publish(&at, InstanceAction::Stopped);
            }
        }
    }

    /// Takes an instance out, if it carries the mark. Its sandbox, if it had one.
    pub fn remove(&self, at: &InstanceRef, mark: ServerId) -> Result<Option<Arc<Sandbox>>> {
        let mut state = self.state();
        match state.instances.get(at) {
            None => return Ok(None),
            Some(instance) if instance.mark != Some(mark) => {
                return Err(Error::Foreign(at.to_string()));
            }
            Some(_) => {}
        }
        let instance = state.instances.remove(at);
        state.publish(at, InstanceAction::Deleted);
        Ok(instance.and_then(|instance| instance.sandbox))
    }

    /// Takes the mark off.
    pub fn unmark(&self, at: &InstanceRef) -> Result<()> {
        let mut state = self.state();
        state.instances.get_mut(at).ok_or_else(|| Error::NotFound(at.to_string()))?.mark = None;
        Ok(())
    }

    /// Notes whose it is.
    pub fn sign(&self, at: &InstanceRef, session: SessionId) -> Result<()> {
        let mut state = self.state();
        let instance =
            state.instances.get_mut(at).ok_or_else(|| Error::NotFound(at.to_string()))?;
        instance.session = Some(session);
        Ok(())
    }

    /// All instances as they are.
    pub fn observe(&self) -> Vec<Observed> {
        let state = self.state();
        let observed = |(at, instance): (&InstanceRef, &Instance)| Observed {
            instance: at.clone(),
            mark: instance.mark,
            session: instance.session,
            status: if instance.runs() { InstanceStatus::Running } else { InstanceStatus::Stopped },
            created_at: instance.created_at,
            location: None,
        };
        state.instances.iter().map(observed).collect()
    }

    /// Follows what happens in some projects from now on.
    pub fn follow(&self, projects: &[Project]) -> mpsc::Receiver<InstanceEvent> {
        let (events, followed) = mpsc::channel(WAITING);
        self.state().followers.push(Follower { projects: projects.to_vec(), events });
        followed
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn publish(&mut self, at: &InstanceRef, action: InstanceAction) {
        let event = InstanceEvent { instance: at.clone(), action };
        self.followers.retain(|follower| {
            let wants = follower.projects.contains(&at.project);
            if wants {
                follower.events.try_send(event.clone()).is_ok()
            } else {
                !follower.events.is_closed()
            }
        });
    }
}

impl Instance {
    fn runs(&self) -> bool {
        self.sandbox.as_ref().is_some_and(|sandbox| sandbox.runs())
    }
}
