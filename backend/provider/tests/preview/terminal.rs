//! Interactive commands: what a visitor at the terminal sees.

use provider::Exec;

use crate::support::{Machine, Screen, runs_on_the_machine, until};

#[tokio::test]
async fn a_prompt_appears_and_commands_answer() {
    let machine = Machine::new();
    let instance = machine.start("tryit-brave-otter").await;
    let mut screen = machine.shell(&instance).await;
    screen.until("root@tryit-brave-otter:~# ").await;
    screen.types("echo $((6*7)) $(id -u) $TERM\n").await;
    screen.until("42 0 xterm-256color").await;
    screen.types("exit 7\n").await;
    assert_eq!(screen.drained().await.1, Some(7));
}

#[tokio::test]
async fn a_resize_reaches_the_program() {
    let machine = Machine::new();
    let instance = machine.start("tryit-a").await;
    let mut screen = machine.shell(&instance).await;
    screen.until("# ").await;
    screen.types("stty size\n").await;
    screen.until("24 80").await;
    screen
        .types("sh -c 'trap \"stty size\" WINCH; echo set; while :; do sleep 0.01; done'\n")
        .await;
    screen.until("set\r\n").await;
    screen.exec.control.resize(100, 40).await.unwrap();
    screen.until("40 100").await;
}

/// A shell in whose foreground `program`, a `cat` of the terminal, repeats what is typed. Its words tell it from those of
/// other tests on the machine.
async fn echoing(machine: &Machine, program: &'static str) -> Screen {
    let instance = machine.start("tryit-a").await;
    let mut screen = machine.shell(&instance).await;
    screen.until("# ").await;
    screen.types(program).await;
    screen.types("\n").await;
    until("the program starts", || runs_on_the_machine(&format!("{program} "))).await;
    screen.types("ping\n").await;
    screen.until("ping\r\nping\r\n").await;
    screen
}

#[tokio::test]
async fn control_c_interrupts() {
    let machine = Machine::new();
    let mut screen = echoing(&machine, "cat - - /dev/null").await;
    screen.types("\x03").await;
    screen.until("# ").await;
    screen.types("echo code $?\n").await;
    screen.until("code 130").await;
}

#[tokio::test]
async fn job_control_works() {
    let machine = Machine::new();
    let mut screen = echoing(&machine, "cat - /dev/null").await;
    screen.types("\x1a").await;
    screen.until("Stopped").await;
    screen.until("# ").await;
    screen.types("fg\n").await;
    screen.until("cat - /dev/null\r\n").await;
    screen.types("pong\n").await;
    screen.until("pong\r\npong\r\n").await;
    screen.types("\x04").await;
    screen.until("# ").await;
    screen.types("echo code $?\n").await;
    screen.until("code 0").await;
}

#[tokio::test]
async fn all_output_arrives_before_the_end() {
    let machine = Machine::new();
    let instance = machine.start("tryit-a").await;
    let mut screen = machine.shell(&instance).await;
    screen.until("# ").await;
    screen.types("seq 100000 && exec true\n").await;
    let (output, code) = screen.drained().await;
    assert!(output.contains("\r\n99999\r\n100000\r\n"), "{} bytes", output.len());
    assert_eq!(code, Some(0));
}

#[tokio::test]
async fn a_hang_up_ends_the_shell_and_its_foreground() {
    let machine = Machine::new();
    let instance = machine.start("tryit-a").await;
    let mut screen = machine.shell(&instance).await;
    screen.until("# ").await;
    screen.types("sleep 100123\n").await;
    until("the program starts", || runs_on_the_machine("sleep 100123 ")).await;
    screen.exec.control.hang_up().await.unwrap();
    assert_eq!(screen.drained().await.1, Some(137));
    until("the program ends", || !runs_on_the_machine("sleep 100123 ")).await;
}

#[tokio::test]
async fn dropping_all_halves_ends_the_shell() {
    let machine = Machine::new();
    let instance = machine.start("tryit-a").await;
    let mut screen = machine.shell(&instance).await;
    screen.until("# ").await;
    screen.types("exec sleep 100124\n").await;
    until("the program starts", || runs_on_the_machine("sleep 100124 ")).await;
    let Exec { reader, writer, control, exit } = screen.exec;
    drop((reader, writer, exit));
    assert!(runs_on_the_machine("sleep 100124 "), "one half is left");
    drop(control);
    until("the program ends", || !runs_on_the_machine("sleep 100124 ")).await;
}
