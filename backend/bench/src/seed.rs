//! A database with a past: sessions that ended over the last two years.

use std::path::Path;

use sqlx::{AssertSqlSafe, Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use store::Store;

use crate::Outcome;

/// A session a minute, of 65,536 visitors; one of eight left the queue. Their addresses are those that visitors of this program come from, fifteen sessions each, all of
/// them older than the hour that the hourly limit looks at.
const SESSIONS: &str = "
with recursive past(i) as (select 1 union all select i + 1 from past where i < ?1)
insert into session (id, token_hash, state, ended_reason, address, address_key, network_key, visitor,
                     terms_hash, terms_lang, terms_at, tutorial, lang, campaign, source, page, progress,
                     created_at, running_at, first_attached_at, last_input_at, expires_at, last_seen_at, ended_at,
                     ip, previous_at)
select printf('%08x-0000-4000-8000-%012x', i, i), randomblob(32), 'ended',
       case i % 8 when 0 then 'left_queue' when 1 then 'expired' when 2 then 'idle' else 'ended_by_visitor' end,
       host || '1', host || '1/32', host || '0/24', cast(printf('%032d', i & 65535) as blob),
       zeroblob(32), 'en', at, 'first', 'en', 'docs', 'shell', '3', '{\"1\":{\"passed\":true,\"ran\":[0,1,2]}}',
       at, iif(i % 8, at + 300, null), at + 400, at + 600000, at + 1800000, at + 900000, at + 900000,
       unhex(printf('00000000000000000000ffff0a%04x01', i & 65535)), iif(i > 65536, at - 65536 * 63000, null)
  from (select i, '10.' || ((i >> 8) & 255) || '.' || (i & 255) || '.' as host,
               (unixepoch() - 7200 - (?1 - i) * 63) * 1000 as at
          from past)";

const FIGURES: &str = "insert into daily (day, figure, value)
                       select day, figure, sum(value) from session_figure where true group by day, figure";

/// Makes a database with so many sessions of the past.
pub async fn sessions(path: &Path, count: u32) -> Outcome<()> {
    // The service's own way to make one.
    Store::open(path).await?.close().await;
    let mut writer =
        SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(path)).await?;
    // Nothing to lose yet.
    for pragma in
        ["pragma journal_mode = off", "pragma synchronous = off", "pragma cache_size = -300000"]
    {
        sqlx::query(pragma).execute(&mut writer).await?;
    }
    sqlx::query("begin immediate").execute(&mut writer).await?;
    // Adding up all of them at once is quicker than each by itself.
    let trigger: String =
        sqlx::query_scalar("select sql from sqlite_schema where name = 'session_brought'")
            .fetch_one(&mut writer)
            .await?;
    sqlx::query("drop trigger session_brought").execute(&mut writer).await?;
    sqlx::query(SESSIONS).bind(count).execute(&mut writer).await?;
    sqlx::query(FIGURES).execute(&mut writer).await?;
    sqlx::query(AssertSqlSafe(trigger)).execute(&mut writer).await?;
    sqlx::query("commit").execute(&mut writer).await?;
    writer.close().await?;
    Ok(())
}
