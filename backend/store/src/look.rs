//! Looks at a database without having it, also while another process does: what a start would refuse is found before.

use std::{collections::HashSet, path::Path};

use domain::{InstanceRef, ServerId};
use sqlx::{Connection, SqliteConnection};

use crate::{
    Error, LinkEnd, Result, Store,
    open::{MIGRATIONS, options},
    row, server,
    session::link,
};

/// What a database says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// The mark on its containers.
    pub server_id: ServerId,
    /// The containers that it has rows for.
    pub instances: HashSet<InstanceRef>,
    /// The links of sessions that run.
    pub links: Vec<[LinkEnd; 2]>,
}

impl Store {
    /// Looks at the database at `path`; none where none has been made yet. Fails with [`Error::Newer`] when a newer
    /// version wrote it. Damage is looked for by [`Store::inspect`] only.
    pub async fn look_at(path: &Path) -> Result<Option<Look>> {
        look(path, false).await
    }

    /// The same, having read all of it: fails with [`Error::Corrupt`] when it is damaged. Takes a while where much is
    /// in it.
    pub async fn inspect(path: &Path) -> Result<Option<Look>> {
        look(path, true).await
    }
}

async fn look(path: &Path, for_damage: bool) -> Result<Option<Look>> {
    if !path.exists() {
        return Ok(None);
    }
    let looking = async {
        let mut reader = SqliteConnection::connect_with(&options(path).read_only(true)).await?;
        if for_damage {
            damage(&mut reader).await?;
        }
        let found = read(&mut reader).await?;
        reader.close().await?;
        Ok(found)
    };
    looking.await.map_err(|error: Error| error.at(path))
}

async fn read(reader: &mut SqliteConnection) -> Result<Option<Look>> {
    let table = "select count(*) from sqlite_master where name = '_sqlx_migrations'";
    if sqlx::query_scalar::<_, i64>(table).fetch_one(&mut *reader).await? == 0 {
        return Ok(None);
    }
    let applied: Vec<i64> = sqlx::query_scalar("select version from _sqlx_migrations order by 1")
        .fetch_all(&mut *reader)
        .await?;
    if let Some(&migration) = applied.iter().find(|version| !MIGRATIONS.version_exists(**version)) {
        return Err(Error::Newer { migration });
    }
    let server_id = server::server_id(reader).await?;
    let rows = sqlx::query("select project, name from instance").fetch_all(&mut *reader).await?;
    let instances = rows.iter().map(row::instance).collect::<Result<_, _>>()?;
    let links = link::live(reader).await?;
    Ok(Some(Look { server_id, instances, links }))
}

/// Looks for damage. A log that a crash left is fine; that of another file, beside a restored backup, is not, and
/// SQLite cannot tell it from the right one.
pub(crate) async fn damage(connection: &mut SqliteConnection) -> Result<()> {
    let found: String = sqlx::query_scalar("pragma quick_check(1)").fetch_one(connection).await?;
    match found.as_str() {
        "ok" => Ok(()),
        _ => Err(Error::Corrupt { path: None, cause: sqlx::Error::Protocol(found) }),
    }
}
