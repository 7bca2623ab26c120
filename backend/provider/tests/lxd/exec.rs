//! Interactive commands.
//!
//! LXD 5.0 loses what a command on a terminal writes right before it ends, so no test relies on that.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use bytes::Bytes;
use domain::InstanceRef;
use provider::{
    Error, Exec, ExecReader, ExecSpec, Limits, Provider, Source,
    lxd::{Address, Lxd, Settings},
};
use tokio::time::timeout;

use crate::{
    assert_error,
    relay::Relay,
    support::{Server, eventually, nobody, sh, test},
};

fn command(words: &[&str]) -> ExecSpec {
    ExecSpec {
        command: words.iter().map(|&word| word.to_owned()).collect(),
        environment: BTreeMap::new(),
        user: None,
        group: None,
        cwd: None,
        cols: 80,
        rows: 24,
    }
}

async fn read(reader: &mut dyn ExecReader) -> provider::Result<Option<Bytes>> {
    timeout(Duration::from_secs(10), reader.read()).await.expect("output, the end or an error")
}

/// Reads until the output contains `wanted`.
async fn read_until(reader: &mut dyn ExecReader, wanted: &str) -> String {
    let mut output = String::new();
    while !output.contains(wanted) {
        let bytes =
            read(reader).await.unwrap().unwrap_or_else(|| panic!("no {wanted:?} in {output:?}"));
        output.push_str(&String::from_utf8_lossy(&bytes));
    }
    output
}

/// All that is left of the output.
async fn read_rest(reader: &mut dyn ExecReader) -> String {
    let mut output = Vec::new();
    while let Some(bytes) = read(reader).await.unwrap() {
        output.extend_from_slice(&bytes);
    }
    String::from_utf8_lossy(&output).into_owned()
}

/// Whether a process with these words runs in the container.
async fn runs(server: &Server, instance: &InstanceRef, words: &str) -> bool {
    let output = server.lxd.run(instance, &sh("ps -o args")).await.unwrap();
    String::from_utf8_lossy(&output.stdout).lines().any(|line| line.trim() == words)
}

#[test]
fn a_shell_answers_resizes_and_tells_its_exit_code() {
    test(|server| async move {
        let instance = server.container("a").await;
        let Exec { mut reader, mut writer, mut control, exit } =
            server.lxd.exec(&instance, &command(&["sh"])).await.unwrap();
        writer.write(Bytes::from("echo $((6*7)) $TERM; stty size\n")).await.unwrap();
        let output = read_until(&mut *reader, "24 80").await;
        assert!(output.contains("42 xterm-256color"), "{output:?}");
        control.resize(100, 40).await.unwrap();
        writer.write(Bytes::from("stty size\n")).await.unwrap();
        read_until(&mut *reader, "40 100").await;
        writer.write(Bytes::from("exit 7\n")).await.unwrap();
        read_rest(&mut *reader).await;
        assert_eq!(timeout(Duration::from_secs(5), exit).await.unwrap(), Some(7));
        // After the end nothing waits, and nothing panics.
        assert_eq!(read(&mut *reader).await.unwrap(), None);
        assert_error!(writer.write(Bytes::from("x")).await, Error::NotRunning(_));
        assert_error!(control.resize(80, 24).await, Error::NotRunning(_));
        control.hang_up().await.unwrap();
    });
}

#[test]
fn user_environment_and_directory_are_taken() {
    test(|server| async move {
        let instance = server.container("a").await;
        let spec = ExecSpec {
            environment: BTreeMap::from([("GREETING".to_owned(), "hé llo".to_owned())]),
            user: Some(1000),
            group: Some(1000),
            cwd: Some("/tmp".to_owned()),
            ..command(&["sh", "-c", "id -u; id -g; pwd; echo $GREETING; read answer"])
        };
        let mut exec = server.lxd.exec(&instance, &spec).await.unwrap();
        let output = read_until(&mut *exec.reader, "llo\r\n").await;
        assert_eq!(output, "1000\r\n1000\r\n/tmp\r\nhé llo\r\n");
        exec.writer.write(Bytes::from("\n")).await.unwrap();
        read_rest(&mut *exec.reader).await;
        assert_eq!(exec.exit.await, Some(0));
    });
}

#[test]
fn a_large_paste_arrives_whole() {
    test(|server| async move {
        const SIZE: usize = 1_000_000;
        let instance = server.container("a").await;
        let spec =
            command(&["sh", "-c", "stty raw -echo; echo go; head -c 1000000 | md5sum; sleep 4717"]);
        let Exec { mut reader, mut writer, .. } = server.lxd.exec(&instance, &spec).await.unwrap();
        read_until(&mut *reader, "go").await;
        let paste: Vec<u8> = (0..SIZE).map(|at| (at % 251) as u8).collect();
        timeout(Duration::from_secs(20), writer.write(Bytes::from(paste))).await.unwrap().unwrap();
        read_until(&mut *reader, "35efddb2811ce9ecbdfa17f18472e604").await;
    });
}

#[test]
fn output_that_nobody_reads_holds_the_program_back() {
    test(|server| async move {
        let instance = server.container("a").await;
        // Each line is written to a file too, so that one sees how far the program is.
        let script = "i=0; while :; do i=$((i+1)); echo $i >/tmp/n; printf '%04000d\\n' $i; done";
        let mut exec = server.lxd.exec(&instance, &command(&["sh", "-c", script])).await.unwrap();
        read(&mut *exec.reader).await.unwrap();
        let lines = async || {
            let text = server.lxd.read_file(&instance, "/tmp/n", 100).await.unwrap();
            String::from_utf8_lossy(&text).trim().parse::<u64>().unwrap_or(0)
        };
        let mut last = 0;
        eventually("the program stands still", async || {
            let before = std::mem::replace(&mut last, lines().await);
            tokio::time::sleep(Duration::from_millis(300)).await;
            before == last && last > 0
        })
        .await;
        assert!(last < 1_000, "{last} lines of 4 KB were taken without being read");
        for _ in 0..2 * last {
            read(&mut *exec.reader).await.unwrap();
        }
        eventually("the program goes on", async || lines().await > last).await;
    });
}

#[test]
fn hanging_up_ends_the_command_and_its_children() {
    test(|server| async move {
        let instance = server.container("a").await;
        let Exec { mut reader, mut control, exit, writer: _writer } = server
            .lxd
            .exec(&instance, &command(&["sh", "-c", "echo up; sleep 4711; true"]))
            .await
            .unwrap();
        read_until(&mut *reader, "up").await;
        assert!(runs(&server, &instance, "sleep 4711").await);
        control.hang_up().await.unwrap();
        read_rest(&mut *reader).await;
        assert_eq!(timeout(Duration::from_secs(5), exit).await.unwrap(), Some(137));
        assert!(!runs(&server, &instance, "sleep 4711").await);
    });
}

#[test]
fn dropping_all_halves_ends_the_command() {
    test(|server| async move {
        let instance = server.container("a").await;
        let mut exec = server
            .lxd
            .exec(&instance, &command(&["sh", "-c", "echo up; sleep 4712; true"]))
            .await
            .unwrap();
        read_until(&mut *exec.reader, "up").await;
        drop(exec);
        eventually("the command is gone", async || !runs(&server, &instance, "sleep 4712").await)
            .await;
        let operations = async || {
            let all = server.rest.get("/1.0/operations?recursion=1").await;
            let running = all["running"].as_array().cloned().unwrap_or_default();
            running.iter().any(|operation| {
                operation["resources"].to_string().contains(instance.name.as_str())
            })
        };
        eventually("the server holds nothing open", async || !operations().await).await;
    });
}

#[test]
fn a_lost_connection_is_no_end_of_output() {
    test(|server| async move {
        let instance = server.container("a").await;
        let relay = Relay::to(&server.socket);
        let address = Address::Unix(Some(relay.socket.clone()));
        let lxd = Arc::new(Lxd::new(&Settings { address, ..Settings::default() }).unwrap());
        let Exec { mut reader, mut writer, exit, control: _control } =
            lxd.exec(&instance, &command(&["sh", "-c", "echo up; sleep 4713"])).await.unwrap();
        read_until(&mut *reader, "up").await;
        drop(relay);
        assert_error!(read(&mut *reader).await, Error::Unreachable(_));
        assert!(writer.write(Bytes::from("x")).await.is_err());
        assert_eq!(timeout(Duration::from_secs(5), exit).await.unwrap(), None);
        assert_error!(lxd.info().await, Error::Unreachable(_));
        eventually("the command is gone", async || !runs(&server, &instance, "sleep 4713").await)
            .await;
    });
}

#[test]
fn a_container_without_processes_says_so() {
    test(|server| async move {
        let limits = Limits { processes: Some(20), ..Limits::default() };
        let instance = server.create("a", Source { limits, ..server.source() }).await.unwrap();
        server.lxd.start(&instance, nobody()).await.unwrap();
        let fill = sh("for i in $(seq 30); do sleep 4716 >/dev/null 2>&1 & done");
        server.lxd.run(&instance, &fill).await.unwrap();
        assert_error!(server.lxd.run(&instance, &sh("true")).await, Error::Exhausted(_));
        let mut exec = server.lxd.exec(&instance, &command(&["sh"])).await.unwrap();
        assert_error!(read(&mut *exec.reader).await, Error::Exhausted(_));
        assert_error!(read(&mut *exec.reader).await, Error::Exhausted(_));
        assert_eq!(exec.exit.await, None);
    });
}

#[test]
fn a_command_in_a_stopped_container_is_refused() {
    test(|server| async move {
        let instance = server.create("a", server.source()).await.unwrap();
        assert_error!(server.lxd.exec(&instance, &command(&["sh"])).await, Error::NotRunning(_));
        assert_error!(
            server.lxd.exec(&server.instance("none"), &command(&["sh"])).await,
            Error::NotFound(_)
        );
    });
}
