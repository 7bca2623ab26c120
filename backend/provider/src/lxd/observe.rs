//! What containers there are, and what happens to them.

use std::time::Duration;

use domain::{InstanceName, InstanceRef, Project};
use futures_util::{StreamExt, stream::FuturesUnordered};
use serde::Deserialize;
use tokio::{sync::mpsc, time::timeout};
use tokio_tungstenite::tungstenite::Message;

use super::{
    Lxd, fault,
    socket::{Buffers, Socket},
    wire::{Instance, instance_of},
};
use crate::{Error, InstanceAction, InstanceEvent, Observed, Result};

/// The server pings every 10 s; without anything for this long the connection is dead.
const SILENCE: Duration = Duration::from_secs(45);
/// Events that may wait for whoever follows them.
const WAITING: usize = 256;

impl Lxd {
    pub(super) async fn find(&self, instance: &InstanceRef) -> Result<Option<Observed>> {
        let found = self.api.get::<Instance>(self.api.instance(instance, [])).await;
        fault::unless_absent(found)?.map(|found| found.observed(&instance.project)).transpose()
    }

    /// All containers of a project, whosever they are.
    pub(super) async fn instances(&self, project: &Project) -> Result<Vec<Instance>> {
        let mut url = self.api.url(Some(project), ["instances"]);
        url.query_pairs_mut().append_pair("recursion", "1");
        self.api.get(url).await
    }

    pub(super) async fn marked(&self, projects: &[Project]) -> Result<Vec<Observed>> {
        let mut marked = Vec::new();
        for project in projects {
            for instance in self.instances(project).await? {
                // A cluster member that is away has its instances listed by name alone: whose they are is unknown.
                if instance.created_at.is_none() {
                    return Err(Error::Unreachable(format!(
                        "nothing is known of {} just now",
                        instance.name
                    )));
                }
                if instance.mark().is_some() {
                    marked.push(instance.observed(project)?);
                }
            }
        }
        Ok(marked)
    }

    pub(super) async fn follow(
        &self,
        projects: &[Project],
    ) -> Result<mpsc::Receiver<InstanceEvent>> {
        let (events, receiver) = mpsc::channel(WAITING);
        let mut sockets = Vec::new();
        for project in projects {
            let mut url = self.api.url(Some(project), ["events"]);
            url.query_pairs_mut().append_pair("type", "lifecycle");
            sockets.push((project.clone(), self.api.socket(&url, Buffers::Events).await?));
        }
        tokio::spawn(async move {
            let mut streams: FuturesUnordered<_> =
                sockets.iter().map(|(project, socket)| forward(project, socket, &events)).collect();
            // One project without its events is as bad as all: the stream ends with the first of them.
            streams.next().await;
        });
        Ok(receiver)
    }
}

/// Passes events on until the connection ends or nobody wants them any more.
async fn forward(project: &Project, socket: &Socket, events: &mpsc::Sender<InstanceEvent>) {
    loop {
        let message = tokio::select! {
            message = timeout(SILENCE, socket.receive()) => message,
            () = events.closed() => return socket.close().await,
        };
        match message {
            Ok(Ok(Some(Message::Text(text)))) => {
                if let Some(event) = parse(project, &text)
                    && events.send(event).await.is_err()
                {
                    return socket.close().await;
                }
            }
            Ok(Ok(Some(_))) => {}
            Ok(Ok(None)) => return,
            Ok(Err(error)) => return tracing::debug!(%error, %project, "the event stream broke"),
            Err(_) => return tracing::debug!(%project, "the event stream is silent"),
        }
    }
}

/// A frame of the event stream, as far as it is about an instance of the project.
fn parse(project: &Project, text: &str) -> Option<InstanceEvent> {
    let event: Event = serde_json::from_str(text).ok()?;
    // A confined client is sent the events of other projects too.
    if event.project.as_deref().is_some_and(|of| of != project.as_str()) {
        return None;
    }
    let name: InstanceName = instance_of(&event.metadata.source)?.parse().ok()?;
    let action = match event.metadata.action.as_str() {
        "instance-stopped" | "instance-shutdown" => InstanceAction::Stopped,
        "instance-started" | "instance-restarted" => InstanceAction::Started,
        "instance-deleted" => InstanceAction::Deleted,
        _ => InstanceAction::Other,
    };
    Some(InstanceEvent { instance: InstanceRef { project: project.clone(), name }, action })
}

#[derive(Deserialize)]
struct Event {
    project: Option<String>,
    metadata: Lifecycle,
}

#[derive(Deserialize)]
struct Lifecycle {
    action: String,
    source: String,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(action: &str, source: &str) -> Option<(String, InstanceAction)> {
        let project: Project = "tryit".parse().unwrap();
        let text = json!({
            "type": "lifecycle",
            "project": "tryit",
            "metadata": {"action": action, "source": source},
        });
        parse(&project, &text.to_string())
            .map(|event| (event.instance.name.to_string(), event.action))
    }

    #[test]
    fn whatever_stops_a_container_is_a_stop() {
        let source = "/1.0/instances/tryit-calm-seal?project=tryit";
        for (action, meaning) in [
            ("instance-stopped", InstanceAction::Stopped),
            ("instance-shutdown", InstanceAction::Stopped),
            ("instance-started", InstanceAction::Started),
            ("instance-restarted", InstanceAction::Started),
            ("instance-deleted", InstanceAction::Deleted),
            ("instance-exec", InstanceAction::Other),
        ] {
            assert_eq!(event(action, source), Some(("tryit-calm-seal".to_owned(), meaning)));
        }
    }

    #[test]
    fn snapshots_profiles_and_other_projects_are_not_containers_of_ours() {
        assert_eq!(
            event("instance-snapshot-created", "/1.0/instances/a/snapshots/s?project=tryit"),
            None
        );
        assert_eq!(event("profile-updated", "/1.0/profiles/default?project=tryit"), None);
        let other = json!({"project": "x", "metadata": {"action": "instance-started", "source": "/1.0/instances/a"}});
        assert_eq!(parse(&"tryit".parse().unwrap(), &other.to_string()), None);
    }
}
