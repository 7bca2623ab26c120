//! Commands run to their end, and files.

use std::{path::Path, time::Duration};

use bytes::Bytes;
use provider::{Error, Provider};
use tokio::time::timeout;

use crate::support::{Machine, run_spec, runs_on_the_machine, until};

#[tokio::test]
async fn commands_of_an_instance_share_files_and_processes() {
    let machine = Machine::new();
    let instance = machine.start("tryit-a").await;
    let other = machine.start("tryit-b").await;
    machine.run(&instance, "echo shared >/root/file; sleep 1000 & echo $! >/root/pid").await;
    assert_eq!(
        machine.says(&instance, "cat file; kill $(cat pid) && echo killed").await,
        "shared\nkilled"
    );
    assert_eq!(
        machine.run(&other, "cat file").await.code,
        1,
        "another instance has files of its own"
    );
}

#[tokio::test]
async fn a_command_gets_its_environment_and_its_outputs_are_told_apart_and_cut() {
    let machine = Machine::new();
    let instance = machine.start("tryit-a").await;
    let output = machine.run(&instance, "echo $GREETING $HOME $PWD; echo oops >&2; exit 3").await;
    assert_eq!(
        (output.code, &output.stdout[..], &output.stderr[..]),
        (3, &b"hello /root /root\n"[..], &b"oops\n"[..])
    );
    assert_eq!(machine.run(&instance, "yes | head -c 100000").await.stdout.len(), 4096);
    assert_eq!(machine.run(&instance, "kill -9 $$").await.code, 137);
    assert_eq!(
        machine.says(&instance, "env | grep -c CARGO").await,
        "0",
        "nothing of the service's environment"
    );
}

#[tokio::test]
async fn a_daemon_left_behind_is_not_waited_for() {
    let machine = Machine::new();
    let instance = machine.start("tryit-a").await;
    let ran =
        timeout(Duration::from_secs(5), machine.says(&instance, "sleep 1000 & echo started")).await;
    assert_eq!(ran.unwrap(), "started");
}

#[tokio::test]
async fn past_the_deadline_a_command_is_killed_with_what_it_started() {
    let machine = Machine::new();
    let instance = machine.start("tryit-a").await;
    let deadline = Duration::from_millis(300);
    let spec = run_spec("sleep 100125 | cat; true", deadline);
    let refused = machine.preview.run(&instance, &spec).await.unwrap_err();
    assert!(matches!(refused, Error::Deadline(given) if given == deadline), "{refused}");
    until("the program ends", || !runs_on_the_machine("sleep 100125 ")).await;
}

#[tokio::test]
async fn files_are_pushed_and_read_inside_only() {
    let machine = Machine::new();
    let instance = machine.start("tryit-a").await;
    let preview = &machine.preview;
    let content = Bytes::from(vec![0xa7; 200_000]);
    preview
        .write_file(&instance, "/opt/new dir/it's a file", content.clone(), 0o750)
        .await
        .unwrap();
    assert_eq!(
        machine.says(&instance, "stat -c '%a %s %U' \"/opt/new dir/it's a file\"").await,
        "750 200000 root"
    );
    assert_eq!(
        preview.read_file(&instance, "/opt/new dir/it's a file", 200_000).await.unwrap(),
        content
    );

    let read = |path: &'static str, max| preview.read_file(&instance, path, max);
    assert!(matches!(
        read("/opt/new dir/it's a file", 199_999).await,
        Err(Error::TooLarge(199_999))
    ));
    assert!(matches!(read("/no/such", 10).await, Err(Error::NotFound(_))));
    assert!(matches!(read("/opt", 10).await, Err(Error::Refused(_))));
    assert!(matches!(read("opt", 10).await, Err(Error::Refused(_))));

    let secret = concat!(env!("CARGO_TARGET_TMPDIR"), "/secret");
    std::fs::write(secret, "secret").unwrap();
    machine.run(&instance, &format!("ln -s {secret} /root/link")).await;
    assert!(
        matches!(read("/root/link", 10).await, Err(Error::NotFound(_))),
        "a link leads nowhere outside"
    );
    let etc = preview
        .write_file(&instance, "/../../../../etc/preview-was-here", Bytes::new(), 0o644)
        .await;
    assert!(etc.is_ok() && !Path::new("/etc/preview-was-here").exists());
    assert!(matches!(
        preview.write_file(&instance, "/usr/x", Bytes::new(), 0o644).await,
        Err(Error::Refused(_))
    ));
}
