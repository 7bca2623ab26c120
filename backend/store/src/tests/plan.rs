//! What every start asks does not depend on how many sessions there ever were. (Where a statement says `indexed by`,
//! SQLite itself refuses to run it any other way.)

use sqlx::{AssertSqlSafe, Row};

use super::*;
use crate::{session::ADMIT, statistics::LONG};

async fn plan(db: &Db, sql: &'static str) -> Vec<String> {
    let rows = sqlx::query(AssertSqlSafe(format!("explain query plan {sql}")));
    let rows = rows.fetch_all(&mut *db.store.write().await.unwrap().connection()).await.unwrap();
    rows.iter().map(|row| row.get("detail")).collect()
}

#[tokio::test]
async fn admission_searches_indexes_only() {
    let db = Db::new().await;
    // The planner of a database with statistics may decide otherwise than that of an empty one.
    for analysed in [false, true] {
        if analysed {
            for n in 0..50 {
                db.starting(&address(n)).await;
            }
            db.store.change(sqlx::query("analyze")).await.unwrap();
        }
        let plan = plan(&db, ADMIT).await;
        for index in [
            "session_live_state",
            "session_live_address",
            "session_live_network",
            "session_started",
            "session_visitor",
        ] {
            let used = plan
                .iter()
                .any(|step| step.starts_with("SEARCH session USING") && step.contains(index));
            assert!(used, "{index}: {plan:#?}");
        }
        assert!(!plan.iter().any(|step| step.starts_with("SCAN session")), "{plan:#?}");
        let instances = plan.iter().find(|step| step.contains(" instance ")).unwrap();
        assert!(
            instances.starts_with("SEARCH") && instances.contains("instance_state"),
            "{plan:#?}"
        );
    }
}

#[tokio::test]
async fn statistics_read_indexes_that_hold_all_they_ask_for() {
    let db = Db::new().await;
    for sql in LONG {
        let plan = plan(&db, sql).await;
        assert!(plan[0].starts_with("SEARCH session USING COVERING INDEX"), "{sql}: {plan:#?}");
        let sorts = sql.contains("session_ip");
        assert_eq!(plan.len(), 1 + usize::from(sorts), "only few are sorted: {plan:#?}");
    }
}
