//! The service's one row: its identity, and whether it is closed.

use domain::{ServerId, UnixMs};
use sqlx::{Row, SqliteConnection, SqlitePool};

use crate::{Error, NewBan, Result, Store, ban, row, secret::Secret};

/// Whether the service is closed: by the configuration, at run time, or both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Maintenance {
    /// Whether it is closed.
    pub on: bool,
    /// What visitors are told: the words of run time before those of the configuration.
    pub message: Option<String>,
    /// Whether the configuration closes it, so that nothing at run time can open it.
    pub configured: bool,
}

/// A switch, and what visitors are told while it is on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Closed {
    /// Whether it is closed.
    pub on: bool,
    /// What visitors are told.
    pub message: Option<String>,
}

impl Store {
    /// Whether the service is closed. Sessions go on; only starts are refused.
    pub async fn maintenance(&self) -> Result<Maintenance> {
        let mut reader = self.readers().acquire().await?;
        maintenance(&mut reader).await
    }

    /// Has what the configuration bans and closes be exactly this, in one transaction.
    pub async fn configure(&self, closed: &Closed, bans: &[NewBan], now: UnixMs) -> Result<()> {
        let mut write = self.write().await?;
        sqlx::query(
            "update server set configured_maintenance = ?1, configured_maintenance_message = ?2",
        )
        .bind(closed.on)
        .bind(&closed.message)
        .execute(write.connection())
        .await?;
        ban::replace_configured(write.connection(), bans, now).await?;
        write.commit().await
    }
}

pub(crate) async fn maintenance(connection: &mut SqliteConnection) -> Result<Maintenance> {
    let row = sqlx::query(
        "select maintenance, maintenance_message, configured_maintenance, configured_maintenance_message from server",
    )
    .fetch_one(connection)
    .await?;
    let switch = |on: &str, message: &str| {
        let on: bool = row.try_get(on)?;
        Ok::<_, sqlx::Error>((on, row.try_get::<Option<String>, _>(message)?.filter(|_| on)))
    };
    let (on, message) = switch("maintenance", "maintenance_message")?;
    let (configured, words) = switch("configured_maintenance", "configured_maintenance_message")?;
    Ok(Maintenance { on: on || configured, message: message.or(words), configured })
}

/// Closes or opens the service at run time.
pub(crate) async fn put_maintenance(
    connection: &mut SqliteConnection,
    closed: &Closed,
) -> Result<()> {
    sqlx::query("update server set maintenance = ?1, maintenance_message = ?2")
        .bind(closed.on)
        .bind(&closed.message)
        .execute(connection)
        .await?;
    Ok(())
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
