//! Reads containers' rows.

use domain::{InstanceName, Project};
use sqlx::{FromRow, Row, sqlite::SqliteRow};

use super::Instance;
use crate::{Result, Store, row};

impl Store {
    /// Every container there is a row for, oldest first.
    pub async fn instances(&self) -> Result<Vec<Instance>> {
        Ok(sqlx::query_as("select * from instance order by created_at, name")
            .fetch_all(self.readers())
            .await?)
    }

    /// One container's row.
    pub async fn instance(&self, name: &InstanceName) -> Result<Option<Instance>> {
        Ok(sqlx::query_as("select * from instance where name = ?1")
            .bind(name.as_str())
            .fetch_optional(self.readers())
            .await?)
    }

    /// The projects that rows name, whatever the configuration says by now.
    pub async fn projects_in_use(&self) -> Result<Vec<Project>> {
        let rows = sqlx::query("select distinct project from instance order by project")
            .fetch_all(self.readers())
            .await?;
        Ok(rows.iter().map(|found| row::parsed(found, "project")).collect::<Result<_, _>>()?)
    }
}

impl FromRow<'_, SqliteRow> for Instance {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            at: row::instance(row)?,
            source: row::parsed(row, "source")?,
            generation: row.try_get("generation")?,
            state: row::parsed(row, "state")?,
            session: row::parsed_or_none(row, "session_id")?,
            location: row.try_get("location")?,
            created_at: row::moment(row, "created_at")?,
            changed_at: row::moment(row, "changed_at")?,
            ready_at: row::moment_or_none(row, "ready_at")?,
            stopped_at: row::moment_or_none(row, "stopped_at")?,
            attempts: row.try_get("attempts")?,
            retry_at: row::moment_or_none(row, "retry_at")?,
            last_error: row.try_get("last_error")?,
        })
    }
}
