//! A machine with sandboxes, and what their terminals show.

use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;
use domain::{InstanceRef, Project, ServerId};
use provider::{
    CreateSpec, Exec, ExecSpec, InstanceKind, Limits, Origin, Output, Provider, RunSpec, Source,
    preview::Preview,
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::mpsc,
    time::timeout,
};

/// More than anything here takes.
pub const SOON: Duration = Duration::from_secs(20);

pub struct Machine {
    pub preview: Preview,
    pub mark: ServerId,
}

impl Machine {
    /// Must be called within a tokio runtime.
    pub fn new() -> Self {
        // What a shell starts in the background ignores the first two, what `nohup` starts the last, and whatever these
        // start inherits that. A signal that is handled is back at its default in a new program.
        for kind in [SignalKind::interrupt(), SignalKind::quit(), SignalKind::hangup()] {
            drop(signal(kind).expect("signals can be handled"));
        }
        Self { preview: Preview::new().expect("bubblewrap is installed"), mark: ServerId::random() }
    }

    pub async fn create(&self, name: &str) -> InstanceRef {
        let instance = at(name);
        self.preview.create(&spec(&instance, self.mark), nobody_listens()).await.unwrap();
        instance
    }

    pub async fn start(&self, name: &str) -> InstanceRef {
        let instance = self.create(name).await;
        self.preview.start(&instance, nobody_listens()).await.unwrap();
        instance
    }

    pub async fn shell(&self, instance: &InstanceRef) -> Screen {
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

    pub async fn run(&self, instance: &InstanceRef, script: &str) -> Output {
        self.preview.run(instance, &run_spec(script, SOON)).await.unwrap()
    }

    pub async fn says(&self, instance: &InstanceRef, script: &str) -> String {
        let output = self.run(instance, script).await;
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}

/// What a terminal has shown.
pub struct Screen {
    pub exec: Exec,
    seen: String,
}

impl Screen {
    /// Reads until the text appears; what came up to it counts as seen.
    pub async fn until(&mut self, text: &str) {
        let read = async {
            loop {
                if let Some(at) = self.seen.find(text) {
                    break self.seen.split_off(at + text.len());
                }
                let bytes = self.exec.reader.read().await.unwrap().expect("the command still runs");
                self.seen.push_str(&String::from_utf8_lossy(&bytes));
            }
        };
        let rest = timeout(SOON, read).await;
        self.seen = rest.unwrap_or_else(|_| panic!("waited for {text:?}, saw {:?}", self.seen));
    }

    pub async fn types(&mut self, text: &'static str) {
        self.exec.writer.write(Bytes::from_static(text.as_bytes())).await.unwrap();
    }

    /// The rest of the output and the exit code.
    pub async fn drained(mut self) -> (String, Option<i32>) {
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

pub fn at(name: &str) -> InstanceRef {
    InstanceRef { project: project(), name: name.parse().unwrap() }
}

pub fn project() -> Project {
    "tryit".parse().unwrap()
}

pub fn nobody_listens<T>() -> mpsc::Sender<T> {
    mpsc::channel(1).0
}

pub fn spec(instance: &InstanceRef, mark: ServerId) -> CreateSpec {
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

pub fn run_spec(script: &str, deadline: Duration) -> RunSpec {
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
pub fn runs_on_the_machine(words: &str) -> bool {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    entries.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok()).any(|line| {
        let line: Vec<_> = line.iter().map(|byte| if *byte == 0 { b' ' } else { *byte }).collect();
        String::from_utf8_lossy(&line).contains(words)
    })
}

pub async fn until(what: &str, condition: impl Fn() -> bool) {
    let wait = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(timeout(SOON, wait).await.is_ok(), "never: {what}");
}
