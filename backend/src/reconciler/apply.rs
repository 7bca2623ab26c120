//! Does what the rules want. What takes long becomes a task of its own, one for each container at a time.

use std::{sync::Arc, time::Duration};

use domain::{EndedReason, InstanceName, InstanceRef, SessionId, UnixMs};
use store::Instance;
use terminal::CloseReason;
use tokio_util::task::TaskTracker;

use super::{Error, Shared, action::Action, bring_up};

/// The wait before a failed deletion is tried again doubles up to this.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

pub async fn apply(shared: &Arc<Shared>, tasks: &TaskTracker, action: Action) -> Result<(), Error> {
    match action {
        Action::Lose(id, lost) => {
            if shared.store.lose(id, lost, UnixMs::now()).await? {
                tracing::info!(session = %id, ?lost, "a session has lost its place in the queue");
            }
        }
        Action::Offer { max, hold } => {
            for id in shared.store.offer(max, UnixMs::now().plus(hold)).await? {
                tracing::info!(session = %id, "a place is offered");
            }
        }
        Action::End(id, reason) => end(shared, id, reason).await?,
        Action::Attached(id, at) => {
            shared.store.attached(id, at).await?;
        }
        Action::Seen(id, at) => shared.store.touch_seen(id, at).await?,
        Action::Typed(id, at) => shared.store.touch_input(id, at).await?,
        Action::NoteStopped(name) => {
            shared.store.mark_stopped(&name, UnixMs::now()).await?;
        }
        Action::ForgetStopped(name) => {
            shared.store.clear_stopped(&name).await?;
        }
        Action::Warm(new) => {
            shared.store.add_instance(&new, InstanceName::candidates(), UnixMs::now()).await?;
            // No session has changed, so nobody was told.
            shared.done.notify_one();
        }
        Action::Discard(row, why) => {
            if shared.store.discard_instance(&row.at.name, UnixMs::now()).await? {
                tracing::info!(instance = %row.at, why = why.as_str(), "a container leaves the pool");
                if why.is_failure() {
                    shared.pool_failed(&row.at, &row.source, why.as_str());
                }
                shared.done.notify_one();
            }
        }
        Action::OpenFirst(row) => {
            if let Some(busy) = shared.take(&row.at.name) {
                let shared = shared.clone();
                tasks.spawn(async move {
                    bring_up::open_again(&shared, &row).await;
                    drop(busy);
                });
            }
        }
        Action::BringUp(row) => {
            if let Some(busy) = shared.take(&row.at.name) {
                let shared = shared.clone();
                tasks.spawn(async move {
                    bring_up::bring_up(&shared, &row, &busy.unwanted).await;
                    drop(busy);
                });
            }
        }
        Action::GiveUp(name) => {
            if let Some(unwanted) = shared.busy().get(&name) {
                unwanted.cancel();
            }
        }
        Action::Delete(row, reason) => {
            if let Some(busy) = shared.take(&row.at.name) {
                let shared = shared.clone();
                tasks.spawn(async move {
                    delete(&shared, &row, reason).await;
                    drop(busy);
                });
            }
        }
        Action::Missing(session, instance) => {
            if let Some(busy) = shared.take(&instance.name) {
                let shared = shared.clone();
                tasks.spawn(async move {
                    missing(&shared, session, &instance).await;
                    drop(busy);
                });
            }
        }
        Action::Sign(instance, session) => {
            if let Some(busy) = shared.take(&instance.name) {
                let shared = shared.clone();
                tasks.spawn(async move {
                    sign(&shared, &instance, session).await;
                    drop(busy);
                });
            }
        }
        Action::DeleteOrphan(instance) => {
            if let Some(busy) = shared.take(&instance.name) {
                let shared = shared.clone();
                tasks.spawn(async move {
                    delete_orphan(&shared, &instance).await;
                    drop(busy);
                });
            }
        }
    }
    Ok(())
}

async fn end(shared: &Shared, id: SessionId, reason: EndedReason) -> Result<(), store::Error> {
    if shared.store.end(id, reason, UnixMs::now()).await? {
        tracing::info!(session = %id, %reason, "a session has ended");
    }
    Ok(())
}

/// A list may lack what is there, for whatever reason; a session is ended only when the server, asked for this one
/// container, says that there is none.
async fn missing(shared: &Shared, session: SessionId, instance: &InstanceRef) {
    match shared.provider.get(instance).await {
        Ok(None) => {
            if let Err(error) = end(shared, session, EndedReason::ContainerStopped).await {
                tracing::error!(%session, cause = %error, "the end of a session could not be noted");
            }
        }
        Ok(Some(_)) => {
            tracing::error!(%instance, "the server's list lacks a container that is there")
        }
        Err(error) => {
            tracing::warn!(%instance, cause = %error, "whether a container is gone cannot be said now");
        }
    }
}

/// Lets the browsers go, deletes the container, and only then removes its row.
async fn delete(shared: &Shared, row: &Instance, reason: CloseReason) {
    shared.terminals.close_instance(&row.at, reason).await;
    let deleted = shared.provider.delete(&row.at, shared.store.server_id()).await;
    let removed = match deleted {
        Ok(()) => {
            // An attach that was under way may have opened one more meanwhile.
            shared.terminals.close_instance(&row.at, reason).await;
            shared.store.remove_instance(&row.at.name).await
        }
        // Somebody took our mark off it: it is theirs now, and our row has no container any more.
        Err(provider::Error::Foreign(name)) => {
            tracing::error!(
                name,
                "a container to be deleted does not carry our mark any more: it is left alone"
            );
            shared.store.remove_instance(&row.at.name).await
        }
        Err(error) => {
            tracing::warn!(instance = %row.at, cause = %error, "a container could not be deleted yet");
            let wait = Duration::from_secs(1 << row.attempts.min(5)).min(LONGEST_WAIT);
            shared
                .store
                .record_failure(&row.at.name, &error.to_string(), UnixMs::now().plus(wait))
                .await
        }
    };
    if let Err(error) = removed {
        tracing::error!(instance = %row.at, cause = %error, "a deletion could not be noted");
    }
}

async fn sign(shared: &Shared, instance: &InstanceRef, session: SessionId) {
    match shared.provider.sign(instance, session).await {
        Ok(()) => {
            shared.signed().insert(instance.name.clone(), session);
        }
        Err(error) => {
            // It is tried again as long as it is not signed.
            tracing::debug!(%instance, cause = %error, "a container could not be signed yet");
        }
    }
}

async fn delete_orphan(shared: &Shared, instance: &InstanceRef) {
    tracing::warn!(%instance, "a container of ours has no row: it is deleted");
    if let Err(error) = shared.provider.delete(instance, shared.store.server_id()).await {
        tracing::warn!(%instance, cause = %error, "a container without a row could not be deleted yet");
    }
}
