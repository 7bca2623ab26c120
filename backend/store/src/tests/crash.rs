//! A process that is killed loses nothing that it was told is kept.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use domain::EndedReason;

use super::*;

/// Says to the test below that it is the child, and where its database is.
const CHILD: &str = "TRYIT_STORE_TEST_DATABASE";

/// The child: starts and ends sessions without pause, and prints the id of each one that is kept.
#[tokio::test]
async fn child_that_writes_until_it_is_killed() {
    let Some(path) = std::env::var_os(CHILD) else { return };
    let store = Store::open(Path::new(&path)).await.unwrap();
    for n in 0.. {
        let session = store
            .start(&from(&address(n)), &OPEN, DURATION, InstanceName::candidates(), NOW)
            .await
            .unwrap()
            .started();
        println!("kept {}", session.id);
        if n % 2 == 0 {
            store.end(session.id, EndedReason::EndedByVisitor, NOW).await.unwrap();
            println!("ended {}", session.id);
        }
    }
}

#[tokio::test]
async fn what_was_committed_survives_a_kill() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tryit.db");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "tests::crash::child_that_writes_until_it_is_killed", "--nocapture"])
        .env(CHILD, &path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let mut kept = Vec::new();
    let mut ended = Vec::new();
    for line in output.lines() {
        let line = line.unwrap();
        match line.split_once(' ') {
            Some(("kept", id)) => kept.push(id.parse::<SessionId>().unwrap()),
            Some(("ended", id)) => ended.push(id.parse::<SessionId>().unwrap()),
            _ => {}
        }
        if kept.len() == 25 {
            let refused = Store::open(&path).await.unwrap_err();
            let said = format!("(process {})", child.id());
            assert!(refused.to_string().contains(&said), "{refused}");
            child.kill().unwrap();
            break;
        }
    }
    child.wait().unwrap();
    assert_eq!(kept.len(), 25);

    let store = Store::open(&path).await.unwrap();
    for id in &kept {
        let session = store.session(*id).await.unwrap().expect("it was committed");
        assert_eq!(session.instance.is_none(), session.ended_at.is_some());
    }
    for id in &ended {
        assert!(store.session(*id).await.unwrap().unwrap().ended_at.is_some());
    }
    let check: String =
        sqlx::query_scalar("pragma integrity_check").fetch_one(store.readers()).await.unwrap();
    assert_eq!(check, "ok");
}
