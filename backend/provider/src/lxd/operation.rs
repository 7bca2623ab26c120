//! Awaits operations: the server answers when they are over, and reports on them meanwhile.

use std::time::Duration;

use domain::{InstanceRef, Project};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;

use super::{api::Api, fault, socket::Buffers, wire::Operation};
use crate::{CALL_DEADLINE, Error, Progress, Result};

/// What is over within this time is not reported on: that would cost more than it tells.
const WORTH_A_REPORT: Duration = Duration::from_millis(200);

impl Api {
    /// Awaits an operation's end. On failure: its words, as an error.
    pub async fn finish(
        &self,
        operation: &Operation,
        project: &Project,
        deadline: Duration,
    ) -> Result<Operation> {
        // The id, not the URL: in a cluster that has a query, and "/wait" after it would be lost.
        let mut url = self.url(Some(project), ["operations", &operation.id, "wait"]);
        url.query_pairs_mut().append_pair("timeout", &deadline.as_secs().max(1).to_string());
        match self.get_within::<Operation>(url, deadline + CALL_DEADLINE).await {
            Ok(over) if over.status_code == 200 => Ok(over),
            Ok(over) if over.is_over() => Err(fault::answered(over.status_code, &over.err)),
            // Operations are kept in memory only.
            Err(Error::NotFound(why)) if why.contains("peration not found") => {
                Err(Error::Unreachable(format!("the operation was lost: {why}")))
            }
            // LXD answers with what goes on, Incus with a refusal.
            Err(error) if !fault::is_timeout(&error) => Err(error),
            _ => {
                self.cancel(operation, project).await;
                Err(Error::Deadline(deadline))
            }
        }
    }

    /// Awaits an operation's end and passes on what the server reports until then.
    pub async fn finish_reporting(
        &self,
        operation: &Operation,
        project: &Project,
        deadline: Duration,
        progress: &mpsc::Sender<Progress>,
    ) -> Result<Operation> {
        let report = async {
            tokio::time::sleep(WORTH_A_REPORT).await;
            if let Err(error) = self.report(operation, project, progress).await {
                tracing::debug!(%error, "no reports on an operation");
            }
            std::future::pending().await
        };
        tokio::select! {
            over = self.finish(operation, project, deadline) => over,
            never = report => never,
        }
    }

    /// Awaits whatever works on the instance just now.
    pub async fn settle(&self, instance: &InstanceRef, deadline: Duration) -> Result<()> {
        /// The operations by their status.
        type ByStatus = std::collections::BTreeMap<String, Vec<Operation>>;
        let mut url = self.url(Some(&instance.project), ["operations"]);
        url.query_pairs_mut().append_pair("recursion", "1");
        let operations: ByStatus = self.get(url).await?;
        for operation in operations.into_values().flatten() {
            if !operation.is_over() && operation.concerns(instance) && operation.class == "task" {
                // How it ended is for whoever began it.
                let _ = self.finish(&operation, &instance.project, deadline).await;
            }
        }
        Ok(())
    }

    /// Asks the server to give an operation up; most cannot be.
    async fn cancel(&self, operation: &Operation, project: &Project) {
        let url = self.url(Some(project), ["operations", &operation.id]);
        if let Err(error) = self.tell(Method::DELETE, url, &json!({})).await {
            tracing::debug!(%error, "an operation that takes too long cannot be given up");
        }
    }

    /// Passes on what the server reports of an operation, until it is over.
    async fn report(
        &self,
        operation: &Operation,
        project: &Project,
        progress: &mpsc::Sender<Progress>,
    ) -> Result<()> {
        let mut url = self.url(Some(project), ["events"]);
        url.query_pairs_mut().append_pair("type", "operation");
        let events = self.socket(&url, Buffers::Events).await?;
        // What was reported before the subscription.
        let now: Operation =
            self.get(self.url(Some(project), ["operations", &operation.id])).await?;
        send(&now.metadata, progress);
        while let Some(message) = events.receive().await? {
            let Message::Text(text) = message else { continue };
            match serde_json::from_str::<Event>(&text) {
                Ok(event) if event.metadata.id == operation.id => {
                    send(&event.metadata.metadata, progress)
                }
                _ => {}
            }
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct Event {
    metadata: Operation,
}

fn send(metadata: &Value, progress: &mpsc::Sender<Progress>) {
    if let Some(report) = progress_of(metadata) {
        // A full channel is skipped: the next report says more.
        let _ = progress.try_send(report);
    }
}

/// The report in an operation's metadata: the text under a key like `download_progress`.
fn progress_of(metadata: &Value) -> Option<Progress> {
    let (_, value) = metadata
        .as_object()?
        .iter()
        .find(|(key, value)| key.ends_with("_progress") && value.is_string())?;
    let message = value.as_str().filter(|text| !text.is_empty())?.to_owned();
    let percent = message.split_once('%').and_then(|(before, _)| {
        let digits = before.rsplit(|c: char| !c.is_ascii_digit()).next()?;
        digits.parse().ok().filter(|percent| *percent <= 100)
    });
    Some(Progress { message, percent })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(metadata: Value) -> Option<(String, Option<u8>)> {
        progress_of(&metadata).map(|progress| (progress.message, progress.percent))
    }

    #[test]
    fn reports_are_found_under_whatever_key() {
        assert_eq!(
            progress(
                json!({"create_instance_from_image_unpack_progress": "Unpack: 45% (19.01MB/s)", "progress": {}})
            ),
            Some(("Unpack: 45% (19.01MB/s)".to_owned(), Some(45)))
        );
        assert_eq!(
            progress(json!({"container_progress": "Remapping container filesystem"})),
            Some(("Remapping container filesystem".to_owned(), None))
        );
        assert_eq!(
            progress(json!({"download_progress": "rootfs: 100% (1.0MB/s)"})).unwrap().1,
            Some(100)
        );
        assert_eq!(progress(json!({"x_progress": "999% (1.0MB/s)"})).unwrap().1, None);
    }

    #[test]
    fn silence_is_no_report() {
        for metadata in
            [json!(null), json!({"container_progress": ""}), json!({"fds": {"0": "secret"}})]
        {
            assert_eq!(progress(metadata), None);
        }
    }
}
