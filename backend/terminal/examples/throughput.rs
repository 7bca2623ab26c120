//! What a terminal costs: output through it from a command that puts out LXD's frames of 4 KiB to browsers that
//! acknowledge, and the memory of idle ones.
//!
//! `cargo run --release -p terminal --example throughput`

// The tests use more of it.
#[allow(dead_code)]
#[path = "../tests/terminals/fake.rs"]
mod fake;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use domain::{InstanceRef, TerminalNumber};
use fake::{Fake, Program};
use provider::ExecSpec;
use terminal::{
    Attach, Attachment, BrowserCommand, Role, ServerEvent, Settings, Size, TerminalKey, Terminals,
};
use tokio::sync::watch;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const FRAME: usize = 4096;
const TOTAL: usize = 1 << 30;
const IDLE: usize = 2_000;

/// Frames that a socket holds.
const BACKLOG: usize = 48;

#[tokio::main]
async fn main() -> Outcome<()> {
    for browsers in [1, 4] {
        bulk(browsers).await?;
    }
    echo().await?;
    memory().await
}

/// Output of a flood, to each browser.
async fn bulk(browsers: usize) -> Outcome<()> {
    let stage = Stage::new();
    let (attachment, program) = stage.start(0).await?;
    let mut attachments = vec![attachment];
    while attachments.len() < browsers {
        attachments.push(stage.terminals.attach(&key(0)?, spec(), BROWSER).await?);
    }
    let (began, cpu) = (Instant::now(), cpu()?);
    let readers: Vec<_> =
        attachments.into_iter().map(|reader| tokio::spawn(read(reader))).collect();
    let frame = Bytes::from(vec![b'x'; FRAME]);
    for _ in 0..TOTAL / FRAME {
        program.output.send(frame.clone()).await?;
    }
    let mut events = 0;
    for reader in readers {
        events += reader.await?;
    }
    let (seconds, cpu) = (began.elapsed().as_secs_f64(), self::cpu()? - cpu);
    let megabytes = TOTAL as f64 / 1e6;
    println!(
        "{browsers} browser(s): {:.0} MB/s, {:.3} s of CPU per 200 MB (the playing side included), {} KiB per event",
        megabytes / seconds,
        cpu * 200.0 / megabytes,
        browsers * TOTAL / 1024 / events,
    );
    Ok(())
}

/// Reads everything, and acknowledges every 32 KiB.
async fn read(mut attachment: Attachment) -> usize {
    let (mut have, mut acked, mut events) = (0, 0, 0);
    while have < TOTAL as u64 {
        match attachment.events.next().await {
            Some(ServerEvent::Output(bytes)) => {
                events += 1;
                have += bytes.len() as u64;
            }
            Some(ServerEvent::Gap { from }) => (have, acked) = (from, from),
            Some(_) => {}
            None => break,
        }
        if have - acked >= 32 * 1024 || have == TOTAL as u64 {
            acked = have;
            let _ = attachment.commands.send(BrowserCommand::Ack(acked));
        }
    }
    events
}

/// One keystroke there and back, the command answering at once.
async fn echo() -> Outcome<()> {
    let stage = Stage::new();
    let (mut attachment, mut program) = stage.start(0).await?;
    tokio::spawn(async move {
        while let Some(input) = program.input.recv().await {
            if program.output.send(input).await.is_err() {
                break;
            }
        }
    });
    let mut have = 0;
    let mut times = Vec::new();
    for _ in 0..20_000 {
        let began = Instant::now();
        attachment.commands.send(BrowserCommand::Input(Bytes::from_static(b"x")))?;
        while let Some(event) = attachment.events.next().await {
            if let ServerEvent::Output(bytes) = event {
                have += bytes.len() as u64;
                break;
            }
        }
        times.push(began.elapsed());
        attachment.commands.send(BrowserCommand::Ack(have))?;
    }
    times.sort();
    println!("echo: p50 {:?}, p95 {:?}", times[times.len() / 2], times[times.len() * 95 / 100]);
    Ok(())
}

/// Terminals at the prompt with a browser each, then after 256 KiB of output.
async fn memory() -> Outcome<()> {
    let stage = Stage::new();
    let before = resident()?;
    let mut idle = Vec::new();
    for number in 0..IDLE {
        let (mut attachment, program) = stage.start(number).await?;
        program.output.send(Bytes::from_static(b"root@tryit-brave-otter:~# ")).await?;
        while !matches!(attachment.events.next().await, Some(ServerEvent::Output(_)) | None) {}
        idle.push((attachment, program));
    }
    println!(
        "idle: {:.1} KiB each (the playing side included)",
        (resident()? - before) / IDLE as f64
    );
    for (attachment, program) in &mut idle {
        let mut have = 26;
        for _ in 0..64 {
            program.output.send(Bytes::from(vec![b'x'; FRAME])).await?;
            while let Some(event) = attachment.events.next().await {
                if let ServerEvent::Output(bytes) = event {
                    have += bytes.len() as u64;
                    attachment.commands.send(BrowserCommand::Ack(have))?;
                    break;
                }
            }
        }
    }
    println!("after 256 KiB of output: {:.1} KiB each", (resident()? - before) / IDLE as f64);
    Ok(())
}

struct Stage {
    terminals: Terminals,
    requests: tokio::sync::Mutex<tokio::sync::mpsc::UnboundedReceiver<fake::Request>>,
    _settings: watch::Sender<Settings>,
}

impl Stage {
    fn new() -> Self {
        let (fake, requests) = Fake::new(BACKLOG);
        let (_settings, settings) = watch::channel(Settings::default());
        Self {
            terminals: Terminals::new(Arc::new(fake), settings),
            requests: requests.into(),
            _settings,
        }
    }

    async fn start(&self, number: usize) -> Outcome<(Attachment, Program)> {
        let key = key(number)?;
        let attach = self.terminals.attach(&key, spec(), BROWSER);
        let start = async { self.requests.lock().await.recv().await.map(fake::Request::start) };
        let (attached, program) = tokio::join!(attach, start);
        Ok((attached?, program.ok_or("no command was asked for")?))
    }
}

const BROWSER: Attach =
    Attach { role: Role::Browser { size: Size::USUAL, restart: false }, since: None };

fn key(number: usize) -> Outcome<TerminalKey> {
    let instance =
        InstanceRef { project: "tryit".parse()?, name: format!("tryit-{number}").parse()? };
    Ok(TerminalKey { instance, number: TerminalNumber::FIRST })
}

fn spec() -> ExecSpec {
    ExecSpec {
        command: vec!["bash".to_owned()],
        environment: [].into(),
        user: None,
        group: None,
        cwd: None,
        cols: 80,
        rows: 24,
    }
}

/// CPU time of all threads of this process, in seconds.
fn cpu() -> Outcome<f64> {
    let mut nanoseconds = 0.0;
    for thread in std::fs::read_dir("/proc/self/task")? {
        let stat = std::fs::read_to_string(thread?.path().join("schedstat"))?;
        nanoseconds += stat.split(' ').next().unwrap_or_default().parse::<f64>()?;
    }
    Ok(Duration::from_nanos(nanoseconds as u64).as_secs_f64())
}

/// Resident memory of this process, in KiB.
fn resident() -> Outcome<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
