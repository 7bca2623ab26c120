//! The preview sandbox, on this machine's bubblewrap.

use std::{collections::BTreeMap, path::Path, time::Duration};

use bytes::Bytes;
use domain::{InstanceRef, Project, ServerId};
use provider::{
    CreateSpec, Error, Exec, ExecSpec, InstanceAction, InstanceKind, InstanceStatus, Limits,
    Origin, Output, Provider, RunSpec, Source, preview::Preview,
};
use tokio::{sync::mpsc, time::timeout};

/// More than anything here takes.
const SOON: Duration = Duration::from_secs(20);

struct Machine {
    preview: Preview,
    mark: ServerId,
}

impl Machine {
    fn new() -> Self {
        Self { preview: Preview::new().expect("bubblewrap is installed"), mark: ServerId::random() }
    }

    async fn create(&self, name: &str) -> InstanceRef {
        let instance = at(name);
        self.preview.create(&spec(&instance, self.mark), nobody_listens()).await.unwrap();
        instance
    }

    async fn start(&self, name: &str) -> InstanceRef {
        let instance = self.create(name).await;
        self.preview.start(&instance, nobody_listens()).await.unwrap();
        instance
    }

    async fn shell(&self, instance: &InstanceRef) -> Screen {
        let spec = ExecSpec {
            command: vec!["bash".to_owned(), "-l".to_owned()],
            environment: BTreeMap::new(),
            user: None,
            group: None,
            cwd: None,
            cols: 80,
            rows: 24,
        };
        Screen { exec: self.preview.exec(instance, &spec).await.unwrap(), seen: String::new() }
    }

    async fn run(&self, instance: &InstanceRef, script: &str) -> Output {
        self.preview.run(instance, &run_spec(script, SOON)).await.unwrap()
    }

    async fn says(&self, instance: &InstanceRef, script: &str) -> String {
        let output = self.run(instance, script).await;
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}

/// What a terminal has shown.
struct Screen {
    exec: Exec,
    seen: String,
}

impl Screen {
    async fn until(&mut self, text: &str) {
        let read = async {
            while !self.seen.contains(text) {
                let bytes = self.exec.reader.read().await.unwrap().expect("the command still runs");
                self.seen.push_str(&String::from_utf8_lossy(&bytes));
            }
        };
        let in_time = timeout(SOON, read).await.is_ok();
        assert!(in_time, "waited for {text:?}, saw {:?}", self.seen);
        self.seen.clear();
    }

    async fn types(&mut self, text: &'static str) {
        self.exec.writer.write(Bytes::from_static(text.as_bytes())).await.unwrap();
    }

    /// The rest of the output and the exit code.
    async fn to_the_end(mut self) -> (String, Option<i32>) {
        let read = async {
            while let Some(bytes) = self.exec.reader.read().await.unwrap() {
                self.seen.push_str(&String::from_utf8_lossy(&bytes));
            }
            self.exec.exit.await
        };
        let code = timeout(SOON, read).await.expect("the command ends");
        (self.seen, code)
    }
}

fn at(name: &str) -> InstanceRef {
    InstanceRef { project: project(), name: name.parse().unwrap() }
}

fn project() -> Project {
    "tryit".parse().unwrap()
}

fn nobody_listens<T>() -> mpsc::Sender<T> {
    mpsc::channel(1).0
}

fn spec(instance: &InstanceRef, mark: ServerId) -> CreateSpec {
    let source = Source {
        name: "preview".parse().unwrap(),
        origin: Origin::Image { alias: "preview".to_owned() },
        project: project(),
        kind: InstanceKind::Container,
        profiles: Vec::new(),
        target: None,
        nesting: false,
        limits: Limits::default(),
        config: BTreeMap::new(),
    };
    CreateSpec { instance: instance.clone(), mark, source }
}

fn run_spec(script: &str, deadline: Duration) -> RunSpec {
    RunSpec {
        command: ["sh", "-c", script].map(str::to_owned).to_vec(),
        environment: BTreeMap::from([("GREETING".to_owned(), "hello".to_owned())]),
        cwd: None,
        user: None,
        group: None,
        deadline,
        max_output: 4096,
    }
}

/// Whether a process of the machine was started with these words.
fn runs_on_the_machine(words: &str) -> bool {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    entries.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok()).any(|line| {
        let line: Vec<_> = line.iter().map(|byte| if *byte == 0 { b' ' } else { *byte }).collect();
        String::from_utf8_lossy(&line).contains(words)
    })
}

async fn until(what: &str, condition: impl Fn() -> bool) {
    let wait = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(timeout(SOON, wait).await.is_ok(), "never: {what}");
}

#[tokio::test]
async fn a_prompt_appears_and_commands_answer() {
    let machine = Machine::new();
    let instance = machine.start("tryit-brave-otter").await;
    let mut screen = machine.shell(&instance).await;
    screen.until("root@tryit-brave-otter:~# ").await;
    screen.types("echo $((6*7)) $(id -u) $TERM\n").await;
    screen.until("42 0 xterm-256color").await;
    screen.types("exit 7\n").await;
    assert_eq!(screen.to_the_end().await.1, Some(7));
}

#[tokio::test]
async fn a_resize_reaches_the_program() {
    let machine = Machine::new();
    let instance = machine.start("tryit-a").await;
    let mut screen = machine.shell(&instance).await;
    screen.until("# ").await;
    screen.types("stty size\n").await;
    screen.until("24 80").await;
    screen.types("trap 'stty size' WINCH; echo set\n").await;
    screen.until("set\r\n").await;
    screen.exec.control.resize(100, 40).await.unwrap();
    screen.until("40 100").await;
}

#[tokio::test]
async fn control_c_and_job_control_work() {
    let machine = Machine::new();
    let instance = machine.start("tryit-a").await;
    let mut screen = machine.shell(&instance).await;
    screen.until("# ").await;
    screen.types("cat\nping\n").await;
    screen.until("ping\r\nping\r\n").await;
    screen.types("\x1a").await;
    screen.until("Stopped").await;
    screen.until("# ").await;
    screen.types("fg\n").await;
    screen.until("cat\r\n").await;
    screen.types("pong\n").await;
    screen.until("pong\r\npong\r\n").await;
    screen.types("\x03").await;
    screen.until("# ").await;
    screen.types("echo code $?\n").await;
    screen.until("code 130").await;
}

#[tokio::test]
async fn all_output_arrives_before_the_end() {
    let machine = Machine::new();
    let instance = machine.start("tryit-a").await;
    let mut screen = machine.shell(&instance).await;
    screen.until("# ").await;
    screen.types("seq 100000 && exec true\n").await;
    let (output, code) = screen.to_the_end().await;
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
    assert_eq!(screen.to_the_end().await.1, Some(137));
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

#[tokio::test]
async fn nothing_of_the_machine_can_be_seen_or_changed() {
    let machine = Machine::new();
    let instance = machine.start("tryit-a").await;
    let here = env!("CARGO_MANIFEST_DIR");
    assert_eq!(machine.run(&instance, &format!("test -e {here}")).await.code, 1);
    assert_eq!(
        machine.says(&instance, "ls -A /root /home /mnt /srv | grep -v -e : -e bashrc").await,
        ""
    );
    assert_eq!(machine.says(&instance, "ls /sys /boot /var/run/docker.sock 2>/dev/null").await, "");
    for change in [
        "touch /usr/x",
        "echo x >/proc/sys/kernel/core_pattern",
        "umount /proc/sys",
        "umount /proc",
        "mount -t tmpfs none /mnt",
        "mount -o remount,rw /usr",
        "mknod /root/disk b 8 0",
        "chroot / true",
        "unshare --mount true",
        "hostname other",
    ] {
        let output = machine.run(&instance, change).await;
        assert_ne!(output.code, 0, "{change}: {output:?}");
    }
    assert_eq!(
        machine
            .says(
                &instance,
                "grep -h -e CapEff -e CapBnd -e NoNewPrivs /proc/self/status | cut -f2"
            )
            .await,
        "0000000000000000\n0000000000000000\n1"
    );
    assert_eq!(
        machine.says(&instance, "cat /proc/net/dev | grep -c :").await,
        "1",
        "loopback alone"
    );
    assert_eq!(
        machine.says(&instance, "echo x 2>&1 >/dev/tty | grep -c .").await,
        "1",
        "no terminal of the service's"
    );

    let id = std::process::id();
    let visible = machine
        .says(
            &instance,
            &format!("grep -l tryit-preview-tests /proc/{id}/cmdline; ls /proc | grep -c '^[0-9]'"),
        )
        .await;
    assert!(visible.parse::<u32>().is_ok_and(|processes| processes < 10), "{visible}");
}

#[tokio::test]
async fn what_is_root_inside_is_nobody_special_outside() {
    let machine = Machine::new();
    let instance = machine.start("tryit-a").await;
    let outside = machine.says(&instance, "awk '{print $2}' /proc/self/uid_map").await;
    assert_ne!(outside, "0", "the machine's root must not be the sandbox's");
}

#[tokio::test]
async fn deletion_kills_all_processes() {
    let machine = Machine::new();
    let instance = machine.start("tryit-a").await;
    let screen = machine.shell(&instance).await;
    machine.run(&instance, "setsid nohup sleep 100126 >/dev/null 2>&1 &").await;
    until("the program starts", || runs_on_the_machine("sleep 100126 ")).await;
    machine.preview.delete(&instance, machine.mark).await.unwrap();
    assert!(!runs_on_the_machine("sleep 100126 "));
    assert_eq!(screen.to_the_end().await.1, Some(137));
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
