//! Instances come, end and go.

use domain::ServerId;
use provider::{Error, InstanceAction, InstanceStatus, Provider};
use tokio::time::timeout;

use crate::support::{
    Machine, SOON, at, nobody_listens, project, run_spec, runs_on_the_machine, spec, until,
};

#[tokio::test]
async fn deletion_kills_all_processes() {
    let machine = Machine::new();
    let instance = machine.start("tryit-a").await;
    let screen = machine.shell(&instance).await;
    machine.run(&instance, "setsid nohup sleep 100126 >/dev/null 2>&1 &").await;
    until("the program starts", || runs_on_the_machine("sleep 100126 ")).await;
    machine.preview.delete(&instance, machine.mark).await.unwrap();
    assert!(!runs_on_the_machine("sleep 100126 "));
    assert_eq!(screen.drained().await.1, Some(137));
    assert_eq!(machine.preview.get(&instance).await.unwrap(), None);
    machine.preview.delete(&instance, machine.mark).await.expect("a second time");
}

#[tokio::test]
async fn dropping_the_provider_leaves_nothing_behind() {
    let machine = Machine::new();
    let instance = machine.start("tryit-a").await;
    machine.run(&instance, "sleep 100127 >/dev/null 2>&1 &").await;
    until("the program starts", || runs_on_the_machine("sleep 100127 ")).await;
    drop(machine);
    until("the program ends", || !runs_on_the_machine("sleep 100127 ")).await;
}

#[tokio::test]
async fn creating_starting_and_listing_can_be_repeated() {
    let machine = Machine::new();
    let preview = &machine.preview;
    let instance = machine.create("tryit-a").await;
    machine.create("tryit-a").await;
    let status = || async { preview.get(&instance).await.unwrap().map(|observed| observed.status) };
    assert_eq!(status().await, Some(InstanceStatus::Stopped));
    preview.start(&instance, nobody_listens()).await.unwrap();
    machine.run(&instance, "touch /root/kept").await;
    preview.start(&instance, nobody_listens()).await.unwrap();
    assert_eq!(machine.says(&instance, "ls /root").await, "kept", "a running one is left alone");
    assert_eq!(status().await, Some(InstanceStatus::Running));
    assert_eq!(preview.list(&[project()]).await.unwrap().len(), 1);
    assert_eq!(preview.list(&["other".parse().unwrap()]).await.unwrap(), []);
}

#[tokio::test]
async fn instances_of_another_mark_are_left_alone() {
    let machine = Machine::new();
    let preview = &machine.preview;
    let instance = machine.create("tryit-a").await;
    let foreign = preview.delete(&instance, ServerId::random()).await;
    assert!(matches!(foreign, Err(Error::Foreign(_))));
    let taken = preview.create(&spec(&instance, ServerId::random()), nobody_listens()).await;
    assert!(matches!(taken, Err(Error::NameTaken(_))));
    preview.unmark(&instance).await.unwrap();
    assert_eq!(preview.list(&[project()]).await.unwrap(), []);
    assert_eq!(preview.get(&instance).await.unwrap().map(|observed| observed.mark), Some(None));
}

#[tokio::test]
async fn what_does_not_run_says_so() {
    let machine = Machine::new();
    let instance = machine.create("tryit-a").await;
    let spec = run_spec("true", SOON);
    assert!(matches!(machine.preview.run(&instance, &spec).await, Err(Error::NotRunning(_))));
    assert!(matches!(machine.preview.run(&at("tryit-b"), &spec).await, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn an_instance_that_ends_by_itself_is_told() {
    let machine = Machine::new();
    let mut events = machine.preview.events(&[project()]).await.unwrap();
    let instance = machine.start("tryit-a").await;
    let mut next = async || timeout(SOON, events.recv()).await.unwrap().unwrap().action;
    assert_eq!(next().await, InstanceAction::Other);
    assert_eq!(next().await, InstanceAction::Started);
    let _killed = machine.preview.run(&instance, &run_spec("kill -9 -1; sleep 1000", SOON)).await;
    assert_eq!(next().await, InstanceAction::Stopped);
    let observed = machine.preview.get(&instance).await.unwrap().unwrap();
    assert_eq!(observed.status, InstanceStatus::Stopped);
    machine.preview.start(&instance, nobody_listens()).await.unwrap();
    assert_eq!(machine.says(&instance, "echo again").await, "again");
}
