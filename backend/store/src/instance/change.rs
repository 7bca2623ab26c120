//! Changes of containers' rows. True (or a name) means that the change was made by this call.

use std::time::Duration;

use domain::{InstanceName, UnixMs};

use super::{NewInstance, Ready};
use crate::{
    Result, Store, row,
    session::place::{self, Container},
};

/// Longer errors are cut, so that the column's bound is never what fails.
const ERROR_MAX: usize = 500;

impl Store {
    /// Writes the row of a container for the pool, under the first name that is free.
    pub async fn add_instance(
        &self,
        new: &NewInstance,
        names: impl Iterator<Item = InstanceName> + Send,
        now: UnixMs,
    ) -> Result<InstanceName> {
        let mut write = self.write().await?;
        let container =
            Container { source: &new.source, generation: &new.generation, project: &new.project };
        let name = place::insert(write.connection(), &container, None, names, now).await?;
        write.commit().await?;
        Ok(name)
    }

    /// What a container is made of is known now.
    pub async fn set_generation(&self, name: &InstanceName, generation: &str) -> Result<bool> {
        let statement = sqlx::query("update instance set generation = ?2 where name = ?1");
        self.change(statement.bind(name.as_str()).bind(generation)).await
    }

    /// A container that was being made is ready: its session runs from now, for `duration` unless its end is set
    /// already; one of the pool is warm.
    pub async fn instance_ready(
        &self,
        name: &InstanceName,
        duration: Duration,
        now: UnixMs,
    ) -> Result<Ready> {
        let mut write = self.write().await?;
        let made = sqlx::query(
            "update instance
                set state = case when session_id is null then 'warm' else 'claimed' end,
                    ready_at = ?2, changed_at = ?2, attempts = 0, retry_at = null, last_error = null
              where name = ?1 and state = 'creating'
             returning session_id",
        )
        .bind(name.as_str())
        .bind(now.0)
        .fetch_optional(write.connection())
        .await?;
        let Some(made) = made else { return Ok(Ready::Unwanted) };
        let Some(session) = row::parsed_or_none(&made, "session_id")? else {
            write.commit().await?;
            return Ok(Ready::Warm);
        };
        if !place::run(write.connection(), session, duration, now).await? {
            return Ok(Ready::Unwanted);
        }
        write.changed(session);
        write.commit().await?;
        Ok(Ready::Claimed(session))
    }

    /// Gives a container that is still to be made another name: its own is taken by a stranger's.
    pub async fn rename_instance(
        &self,
        name: &InstanceName,
        names: impl Iterator<Item = InstanceName> + Send,
        now: UnixMs,
    ) -> Result<Option<InstanceName>> {
        let mut write = self.write().await?;
        let new = place::free_name(write.connection(), names).await?;
        let renamed = sqlx::query(
            "update instance set name = ?2, changed_at = ?3 where name = ?1 and state = 'creating'
             returning session_id",
        )
        .bind(name.as_str())
        .bind(new.as_str())
        .bind(now.0)
        .fetch_optional(write.connection())
        .await?;
        let Some(renamed) = renamed else { return Ok(None) };
        if let Some(session) = row::parsed_or_none(&renamed, "session_id")? {
            write.changed(session);
        }
        write.commit().await?;
        Ok(Some(new))
    }

    /// Notes a failure to bring the container where it is wanted, and when to try again.
    pub async fn record_failure(
        &self,
        name: &InstanceName,
        error: &str,
        retry_at: UnixMs,
    ) -> Result<bool> {
        self.try_again(name, error, 1, retry_at).await
    }

    /// Notes that the server went away meanwhile, which is no failure of this container, and when to try again.
    pub async fn record_outage(
        &self,
        name: &InstanceName,
        error: &str,
        retry_at: UnixMs,
    ) -> Result<bool> {
        self.try_again(name, error, 0, retry_at).await
    }

    /// `failures` is how many this one counts for.
    async fn try_again(
        &self,
        name: &InstanceName,
        error: &str,
        failures: u32,
        retry_at: UnixMs,
    ) -> Result<bool> {
        let error: String = error.chars().take(ERROR_MAX).collect();
        self.change_instance(
            sqlx::query(
                "update instance set attempts = attempts + ?4, last_error = ?2, retry_at = ?3
                  where name = ?1 returning session_id",
            )
            .bind(name.as_str())
            .bind(error)
            .bind(retry_at.0)
            .bind(failures),
        )
        .await
    }

    /// Notes the cluster member that the container is on.
    pub async fn set_location(&self, name: &InstanceName, location: Option<&str>) -> Result<bool> {
        self.change_instance(
            sqlx::query(
                "update instance set location = ?2 where name = ?1 and location is not ?2 returning session_id",
            )
            .bind(name.as_str())
            .bind(location),
        )
        .await
    }

    /// Notes that the container was seen stopped; the first time counts.
    pub async fn mark_stopped(&self, name: &InstanceName, now: UnixMs) -> Result<bool> {
        self.change_instance(
            sqlx::query(
                "update instance set stopped_at = ?2 where name = ?1 and stopped_at is null returning session_id",
            )
            .bind(name.as_str())
            .bind(now.0),
        )
        .await
    }

    /// Notes that the container runs again.
    pub async fn clear_stopped(&self, name: &InstanceName) -> Result<bool> {
        self.change_instance(
            sqlx::query(
                "update instance set stopped_at = null
                  where name = ?1 and stopped_at is not null returning session_id",
            )
            .bind(name.as_str()),
        )
        .await
    }

    /// Marks a container of the pool for deletion. A session's is marked by ending the session.
    pub async fn discard_instance(&self, name: &InstanceName, now: UnixMs) -> Result<bool> {
        self.change_instance(
            sqlx::query(
                "update instance set state = 'deleting', changed_at = ?2, attempts = 0, retry_at = null
                  where name = ?1 and state in ('creating', 'warm') and session_id is null
                 returning session_id",
            )
            .bind(name.as_str())
            .bind(now.0),
        )
        .await
    }

    /// Forgets a container that was to be deleted and is surely gone; its place is free from now.
    pub async fn remove_instance(&self, name: &InstanceName) -> Result<bool> {
        self.change_instance(
            sqlx::query(
                "delete from instance where name = ?1 and state = 'deleting' returning session_id",
            )
            .bind(name.as_str()),
        )
        .await
    }
}
