//! Commands in containers.

use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;
use provider::{Exec, ExecReader, ExecSpec, Provider};
use tokio::time::timeout;

use crate::support::test;

fn shell() -> ExecSpec {
    ExecSpec {
        command: vec!["sh".to_owned()],
        environment: BTreeMap::new(),
        user: None,
        group: None,
        cwd: None,
        cols: 80,
        rows: 24,
    }
}

/// Reads until the output contains `wanted`.
async fn read_until(reader: &mut dyn ExecReader, wanted: &str) -> String {
    let mut output = String::new();
    let reading = async {
        while !output.contains(wanted) {
            let bytes = reader.read().await.unwrap().expect("more output");
            output.push_str(&String::from_utf8_lossy(&bytes));
        }
    };
    let done = timeout(Duration::from_secs(10), reading).await;
    assert!(done.is_ok(), "no {wanted:?} in {output:?}");
    output
}

async fn rest(reader: &mut dyn ExecReader) -> String {
    let mut output = String::new();
    while let Some(bytes) = timeout(Duration::from_secs(10), reader.read()).await.unwrap().unwrap()
    {
        output.push_str(&String::from_utf8_lossy(&bytes));
    }
    output
}

#[test]
fn a_shell_answers_resizes_and_tells_its_exit_code() {
    test(|server| async move {
        let instance = server.container("a").await;
        let Exec { mut reader, mut writer, mut control, exit } =
            server.lxd.exec(&instance, &shell()).await.unwrap();
        writer.write(Bytes::from("echo $((6*7)) $TERM; stty size\n")).await.unwrap();
        let output = read_until(&mut *reader, "24 80").await;
        assert!(output.contains("42 xterm-256color"), "{output:?}");
        control.resize(100, 40).await.unwrap();
        writer.write(Bytes::from("stty size\n")).await.unwrap();
        read_until(&mut *reader, "40 100").await;
        writer.write(Bytes::from("exit 7\n")).await.unwrap();
        rest(&mut *reader).await;
        assert_eq!(timeout(Duration::from_secs(5), exit).await.unwrap(), Some(7));
    });
}
