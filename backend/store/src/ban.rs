//! Networks whose visitors may not start a session.

use domain::{BanId, BanOrigin, Network, UnixMs};
use sqlx::{FromRow, Row, SqliteConnection, sqlite::SqliteRow};

use crate::{Result, Store, row};

/// A ban to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBan {
    /// Whom.
    pub network: Network,
    /// Why, for the operators.
    pub reason: String,
    /// Until when; for good where there is none.
    pub until: Option<UnixMs>,
}

/// A ban.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ban {
    /// Its id.
    pub id: BanId,
    /// Whom.
    pub network: Network,
    /// Why.
    pub reason: String,
    /// Who made it.
    pub origin: BanOrigin,
    /// Until when; for good where there is none.
    pub until: Option<UnixMs>,
    /// Since when.
    pub created_at: UnixMs,
}

impl Store {
    /// Every ban that has not run out.
    pub async fn bans(&self, now: UnixMs) -> Result<Vec<Ban>> {
        Ok(sqlx::query_as("select * from ban where until is null or until > ?1 order by id")
            .bind(now.0)
            .fetch_all(self.readers())
            .await?)
    }

    /// Adds a ban. Sessions that live are not ended by it.
    pub async fn add_ban(&self, ban: &NewBan, origin: BanOrigin, now: UnixMs) -> Result<BanId> {
        let mut write = self.write().await?;
        let id = insert(write.connection(), ban, origin, now).await?;
        write.commit().await?;
        Ok(id)
    }

    /// Lifts a ban that was made at run time. One of the configuration is lifted there.
    pub async fn remove_ban(&self, id: BanId) -> Result<bool> {
        let statement = sqlx::query("delete from ban where id = ?1 and origin <> ?2")
            .bind(id.0)
            .bind(BanOrigin::Configuration.as_str());
        self.change(statement).await
    }

    /// Has the bans of the configuration be exactly these.
    pub async fn replace_configured_bans(&self, bans: &[NewBan], now: UnixMs) -> Result<()> {
        let mut write = self.write().await?;
        sqlx::query("delete from ban where origin = ?1")
            .bind(BanOrigin::Configuration.as_str())
            .execute(write.connection())
            .await?;
        for ban in bans {
            insert(write.connection(), ban, BanOrigin::Configuration, now).await?;
        }
        write.commit().await
    }
}

async fn insert(
    connection: &mut SqliteConnection,
    ban: &NewBan,
    origin: BanOrigin,
    now: UnixMs,
) -> Result<BanId> {
    let (low, high) = ban.network.sort_range();
    let inserted = sqlx::query(
        "insert into ban (network, low, high, reason, origin, until, created_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )
    .bind(ban.network.to_string())
    .bind(&low[..])
    .bind(&high[..])
    .bind(&ban.reason)
    .bind(origin.as_str())
    .bind(ban.until.map(|until| until.0))
    .bind(now.0)
    .execute(connection)
    .await?;
    Ok(BanId(inserted.last_insert_rowid()))
}

impl FromRow<'_, SqliteRow> for Ban {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: BanId(row.try_get("id")?),
            network: row::parsed(row, "network")?,
            reason: row.try_get("reason")?,
            origin: row::parsed(row, "origin")?,
            until: row::moment_or_none(row, "until")?,
            created_at: row::moment(row, "created_at")?,
        })
    }
}
