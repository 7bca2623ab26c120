//! The service's one row: its identity, and whether the operator has closed it.

use domain::{ServerId, UnixMs};
use sqlx::{Row, SqliteConnection, SqlitePool};

use crate::{Error, Result, Store, row, secret::Secret};

/// Whether the operator has closed the service at run time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Maintenance {
    /// Whether it is closed.
    pub on: bool,
    /// What visitors are told.
    pub message: Option<String>,
}

impl Store {
    /// Whether the operator has closed the service at run time.
    pub async fn maintenance(&self) -> Result<Maintenance> {
        let mut reader = self.readers().acquire().await?;
        maintenance(&mut reader).await
    }

    /// Closes or opens the service. Sessions go on; only starts are refused.
    pub async fn put_maintenance(&self, maintenance: &Maintenance) -> Result<()> {
        let statement = sqlx::query("update server set maintenance = ?1, maintenance_message = ?2")
            .bind(maintenance.on)
            .bind(&maintenance.message);
        self.change(statement).await.map(drop)
    }

    /// Whether the database takes a write now.
    pub async fn check_writable(&self) -> Result<()> {
        // A row that stays as it is, yet goes through the log like any other.
        self.change(sqlx::query("update server set maintenance = maintenance")).await.map(drop)
    }
}

pub(crate) async fn maintenance(connection: &mut SqliteConnection) -> Result<Maintenance> {
    let row = sqlx::query("select maintenance, maintenance_message from server")
        .fetch_one(connection)
        .await?;
    Ok(Maintenance {
        on: row.try_get("maintenance")?,
        message: row.try_get("maintenance_message")?,
    })
}

pub(crate) async fn server_id(connection: &mut SqliteConnection) -> Result<ServerId> {
    let row = sqlx::query("select server_id from server").fetch_one(connection).await?;
    Ok(row::parsed(&row, "server_id")?)
}

/// The database's identity, made on its first day.
pub(crate) async fn identity(writer: &SqlitePool) -> Result<(ServerId, Secret)> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|error| Error::Sqlite(sqlx::Error::Io(error.into())))?;
    sqlx::query(
        "insert into server (id, server_id, secret, created_at) values (1, ?1, ?2, ?3) on conflict do nothing",
    )
    .bind(ServerId::random().to_string())
    .bind(&secret[..])
    .bind(UnixMs::now().0)
    .execute(writer)
    .await?;

    let row = sqlx::query("select server_id, secret from server").fetch_one(writer).await?;
    let secret =
        Secret::new(row.try_get("secret")?).map_err(|error| row::wrong("secret", error))?;
    Ok((row::parsed(&row, "server_id")?, secret))
}
