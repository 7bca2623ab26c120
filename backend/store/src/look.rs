//! Looks at a database without having it, also while another process does: what a start would refuse is found before.

use std::{collections::HashSet, path::Path};

use domain::{InstanceRef, ServerId};
use sqlx::{Connection, SqliteConnection};

use crate::{
    Error, Result, Store,
    open::{MIGRATIONS, options},
    row, server,
};

/// What a database says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// The mark on its containers.
    pub server_id: ServerId,
    /// The containers that it has rows for.
    pub instances: HashSet<InstanceRef>,
}

impl Store {
    /// Looks at the database at `path`; none where none has been made yet. Fails with [`Error::Newer`] when a newer
    /// version wrote it. Damage is looked for by [`Store::inspect`] only.
    pub async fn look_at(path: &Path) -> Result<Option<Look>> {
        if !path.exists() {
            return Ok(None);
        }
        read(path, async |reader| look(reader).await).await
    }

    /// The same, having read all of it: fails with [`Error::Corrupt`] when it is damaged. Takes a while where much is
    /// in it.
    pub async fn inspect(path: &Path) -> Result<Option<Look>> {
        if !path.exists() {
            return Ok(None);
        }
        read(path, async |reader| {
            damage(reader).await?;
            look(reader).await
        })
        .await
    }

    /// The mark of the database at `path`, if there is one; also while another process has it open.
    pub async fn server_id_at(path: &Path) -> Result<Option<ServerId>> {
        Ok(Self::look_at(path).await?.map(|look| look.server_id))
    }
}

async fn read<T>(
    path: &Path,
    work: impl AsyncFnOnce(&mut SqliteConnection) -> Result<T>,
) -> Result<T> {
    let reading = async {
        let mut reader = SqliteConnection::connect_with(&options(path).read_only(true)).await?;
        let found = work(&mut reader).await;
        reader.close().await?;
        found
    };
    reading.await.map_err(|error| error.at(path))
}

async fn look(reader: &mut SqliteConnection) -> Result<Option<Look>> {
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
    let rows = sqlx::query("select project, name from instance").fetch_all(reader).await?;
    let instance = |found| {
        Ok(InstanceRef {
            project: row::parsed(found, "project")?,
            name: row::parsed(found, "name")?,
        })
    };
    let instances = rows.iter().map(instance).collect::<Result<_, sqlx::Error>>()?;
    Ok(Some(Look { server_id, instances }))
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
