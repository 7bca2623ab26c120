//! Networks whose visitors may not start a session.

use domain::{BanId, BanOrigin, Network, UnixMs};
use sqlx::{FromRow, Row, SqliteConnection, sqlite::SqliteRow};

use crate::{
    Result, Store,
    page::{self, Cursor, Page},
    row,
};

/// A ban to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBan {
    /// Whom.
    pub network: Network,
    /// Why, for the operators: at most 1,000 characters, perhaps none.
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

/// What became of lifting a ban.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unban {
    /// It is lifted.
    Lifted(Ban),
    /// The configuration made it, and would make it again with the next load: nothing was done.
    OfTheConfiguration,
    /// There is none of this id, or no more.
    Absent,
}

impl Store {
    /// A page of at most `limit` bans that have not run out, newest first.
    pub async fn list_bans(
        &self,
        cursor: Option<Cursor>,
        limit: u32,
        now: UnixMs,
    ) -> Result<Page<Ban>> {
        let items = sqlx::query_as(
            "select * from ban where (until is null or until > ?1) and id < ?2 order by id desc limit ?3",
        )
        .bind(now.0)
        .bind(page::below(cursor))
        .bind(i64::from(limit) + 1)
        .fetch_all(self.readers())
        .await?;
        Ok(Page::new(items, limit, |ban: &Ban| ban.id.0))
    }
}

/// Adds a ban. Sessions that live are not ended by it.
pub(crate) async fn add(
    connection: &mut SqliteConnection,
    ban: &NewBan,
    origin: BanOrigin,
    now: UnixMs,
) -> Result<Ban> {
    let id = insert(connection, ban, origin, now).await?;
    Ok(by_id(connection, id).await?.ok_or(sqlx::Error::RowNotFound)?)
}

/// Lifts a ban that was made at run time. One of the configuration is lifted there.
pub(crate) async fn lift(connection: &mut SqliteConnection, id: BanId) -> Result<Unban> {
    let Some(ban) = by_id(connection, id).await? else { return Ok(Unban::Absent) };
    if ban.origin == BanOrigin::Configuration {
        return Ok(Unban::OfTheConfiguration);
    }
    delete(connection, id).await?;
    Ok(Unban::Lifted(ban))
}

/// Has the bans of the configuration be exactly these. One that stays as it was keeps its row.
pub(crate) async fn replace_configured(
    connection: &mut SqliteConnection,
    bans: &[NewBan],
    now: UnixMs,
) -> Result<()> {
    let present: Vec<Ban> = sqlx::query_as("select * from ban where origin = ?1")
        .bind(BanOrigin::Configuration.as_str())
        .fetch_all(&mut *connection)
        .await?;
    let same = |ban: &Ban, wanted: &NewBan| {
        ban.network.to_string() == wanted.network.to_string()
            && (&ban.reason, ban.until) == (&wanted.reason, wanted.until)
    };
    for gone in present.iter().filter(|ban| !bans.iter().any(|wanted| same(ban, wanted))) {
        delete(connection, gone.id).await?;
    }
    for new in bans.iter().filter(|wanted| !present.iter().any(|ban| same(ban, wanted))) {
        insert(connection, new, BanOrigin::Configuration, now).await?;
    }
    Ok(())
}

async fn by_id(connection: &mut SqliteConnection, id: BanId) -> Result<Option<Ban>> {
    Ok(sqlx::query_as("select * from ban where id = ?1")
        .bind(id.0)
        .fetch_optional(connection)
        .await?)
}

async fn delete(connection: &mut SqliteConnection, id: BanId) -> Result<()> {
    sqlx::query("delete from ban where id = ?1").bind(id.0).execute(connection).await?;
    Ok(())
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
