//! Commands without a terminal, and files.

use std::time::Duration;

use bytes::Bytes;
use provider::{Error, Provider, RunSpec};

use crate::{
    assert_error,
    support::{eventually, sh, test},
};

#[test]
fn outputs_and_exit_code_come_apart() {
    test(|server| async move {
        let instance = server.container("a").await;
        let spec = RunSpec {
            environment: [("A".to_owned(), "b c".to_owned())].into(),
            user: Some(1000),
            cwd: Some("/tmp".to_owned()),
            ..sh("cat; echo out $A; pwd; id -u; echo err >&2; exit 3")
        };
        let output = server.lxd.run(&instance, &spec).await.unwrap();
        assert_eq!(output.code, 3);
        assert_eq!(output.stdout, "out b c\n/tmp\n1000\n");
        assert_eq!(output.stderr, "err\n");
    });
}

#[test]
fn long_output_is_cut_and_the_command_still_ends() {
    test(|server| async move {
        let instance = server.container("a").await;
        let spec = RunSpec { max_output: 1000, ..sh("yes | head -c 3000000; echo x >&2") };
        let output = server.lxd.run(&instance, &spec).await.unwrap();
        assert_eq!((output.code, output.stdout.len(), &output.stderr[..]), (0, 1000, &b"x\n"[..]));
    });
}

#[test]
fn what_takes_too_long_is_killed() {
    test(|server| async move {
        let instance = server.container("a").await;
        let spec = RunSpec { deadline: Duration::from_millis(500), ..sh("exec sleep 4714") };
        assert_error!(server.lxd.run(&instance, &spec).await, Error::Deadline(_));
        eventually("it is gone", async || {
            let output = server.lxd.run(&instance, &sh("ps -o args")).await.unwrap();
            !String::from_utf8_lossy(&output.stdout).contains("sleep 4714")
        })
        .await;
    });
}

#[test]
fn a_child_that_stays_keeps_nobody_waiting() {
    test(|server| async move {
        let instance = server.container("a").await;
        // Incus tells the exit code at once; LXD waits for the output's end and is not waited for.
        match server.lxd.run(&instance, &sh("sleep 4715 & echo done")).await {
            Ok(output) => assert_eq!((output.code, &output.stdout[..]), (0, &b"done\n"[..])),
            other => assert_error!(other, Error::LeftRunning),
        }
        let output =
            server.lxd.run(&instance, &sh("sleep 4715 >/dev/null 2>&1 & echo done")).await.unwrap();
        assert_eq!(output.stdout, "done\n");
    });
}

#[test]
fn a_file_is_written_with_its_directory_and_read_back() {
    test(|server| async move {
        let lxd = &server.lxd;
        let instance = server.container("a").await;
        let content = Bytes::from_static(b"one\0two\n");
        lxd.write_file(&instance, "/opt/deep/er/a b?&%.txt", content.clone(), 0o750).await.unwrap();
        assert_eq!(lxd.read_file(&instance, "/opt/deep/er/a b?&%.txt", 8).await.unwrap(), content);
        lxd.write_file(&instance, "/opt/deep/er/a b?&%.txt", Bytes::from("x"), 0o750)
            .await
            .unwrap();
        let output =
            lxd.run(&instance, &sh("ls -ln /opt/deep/er; ls -ldn /opt/deep")).await.unwrap();
        let listing = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(listing.contains("-rwxr-x---    1 0        0                1"), "{listing}");
        assert!(listing.contains("drwxr-xr-x    1 0        0"), "{listing}");
    });
}

#[test]
fn what_cannot_be_read_says_why() {
    test(|server| async move {
        let lxd = &server.lxd;
        let instance = server.container("a").await;
        lxd.write_file(&instance, "/tmp/f", Bytes::from(vec![b'x'; 100_000]), 0o644).await.unwrap();
        assert_error!(lxd.read_file(&instance, "/tmp/f", 99_999).await, Error::TooLarge(99_999));
        assert_eq!(lxd.read_file(&instance, "/tmp/f", 100_000).await.unwrap().len(), 100_000);
        assert_error!(lxd.read_file(&instance, "/tmp/none", 10).await, Error::NotFound(_));
        assert_error!(lxd.read_file(&instance, "/tmp", 10).await, Error::Refused(_));
        assert_error!(
            lxd.read_file(&server.instance("none"), "/tmp/f", 10).await,
            Error::NotFound(_)
        );
    });
}
