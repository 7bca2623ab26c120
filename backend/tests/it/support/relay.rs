//! A socket between the service and LXD that can be told to misbehave.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{UnixListener, UnixStream},
    sync::watch,
    task::JoinSet,
};

use super::lxd;

/// How the relay behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mood {
    /// It passes everything on.
    Well,
    /// It accepts and never answers; what is open stands still, and is cut when the mood changes.
    Hangs,
    /// It answers every request with status 500.
    Fails,
    /// A list of containers is empty and comes with an error.
    EmptyWithError,
    /// A list of containers is empty.
    Empty,
    /// A list of containers lacks this one.
    Lacks(String),
    /// A list of containers breaks off in the middle.
    BreaksOff,
    /// A container that is to be made is made, but the answer is lost.
    LosesCreates,
}

/// The relay; ends with this value.
pub struct Relay {
    /// Where it listens.
    pub socket: PathBuf,
    mood: watch::Sender<Mood>,
    /// Requests that it has answered otherwise than LXD would, since the mood changed.
    spoilt: Arc<AtomicU32>,
    _tasks: JoinSet<()>,
}

impl Relay {
    /// In front of the private daemon of all tests.
    pub fn start() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        // The temporary directory of the tests may be too deep for a socket's path.
        let socket = std::env::temp_dir().join(format!("tryit-it-{}-{number}", std::process::id()));
        let listener = UnixListener::bind(&socket).expect("a socket");
        let (mood, moods) = watch::channel(Mood::Well);
        let spoilt = Arc::<AtomicU32>::default();
        let mut tasks = JoinSet::new();
        let counted = spoilt.clone();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                connections.spawn(serve(client, moods.clone(), counted.clone()));
            }
        });
        Self { socket, mood, spoilt, _tasks: tasks }
    }

    /// `[lxd]` of a configuration that goes through it.
    pub fn table(&self) -> String {
        super::app::lxd_table(self.socket.to_str().expect("a path"))
    }

    /// Changes how it behaves.
    pub fn is(&self, mood: Mood) {
        self.spoilt.store(0, Ordering::Relaxed);
        self.mood.send_replace(mood);
    }

    /// Requests that it has spoilt since the mood changed.
    pub fn spoilt(&self) -> u32 {
        self.spoilt.load(Ordering::Relaxed)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.socket);
    }
}

/// One connection, which carries one request: the service keeps none in reserve.
async fn serve(mut client: UnixStream, mut moods: watch::Receiver<Mood>, spoilt: Arc<AtomicU32>) {
    let Some(head) = head(&mut client).await else { return };
    let text = String::from_utf8_lossy(&head).into_owned();
    let lists = text.starts_with("GET /1.0/instances?");
    let creates = text.starts_with("POST /1.0/instances?");
    let mood = moods.borrow_and_update().clone();
    let count = || spoilt.fetch_add(1, Ordering::Relaxed);
    match mood {
        Mood::Hangs => {
            count();
            // Cut when the mood changes.
            let _ = moods.wait_for(|mood| *mood != Mood::Hangs).await;
        }
        Mood::Fails => {
            count();
            answer(&mut client, 500, &refusal(), None).await;
        }
        Mood::EmptyWithError if lists => {
            count();
            let mut empty = refusal();
            empty["type"] = json!("sync");
            empty["metadata"] = json!([]);
            answer(&mut client, 200, &empty, None).await;
        }
        Mood::Empty | Mood::Lacks(_) | Mood::BreaksOff if lists => {
            count();
            let path = text.split(' ').nth(1).expect("a path").trim_start_matches("/1.0");
            let all = lxd::ask(reqwest::Method::GET, path, None).await.expect("a list");
            let all = all.as_array().expect("a list").clone().into_iter();
            let left: Vec<_> = all
                .filter(|one| match &mood {
                    Mood::Empty => false,
                    Mood::Lacks(name) => one["name"] != *name.as_str(),
                    _ => true,
                })
                .collect();
            let list = json!({"type": "sync", "status_code": 200, "error": "", "error_code": 0, "metadata": left});
            let cut = (mood == Mood::BreaksOff).then_some(list.to_string().len() / 2);
            answer(&mut client, 200, &list, cut).await;
        }
        mood => {
            let Ok(mut server) = UnixStream::connect(lxd::socket()).await else { return };
            if server.write_all(&head).await.is_err() {
                return;
            }
            if mood == Mood::LosesCreates && creates {
                count();
                // Long enough for the rest of the request, and then as if the server had gone away: however quick its
                // answer is, it is lost.
                let (mut asks, _) = client.split();
                let (_, mut to) = server.split();
                let sent = tokio::io::copy(&mut asks, &mut to);
                let _ = tokio::time::timeout(std::time::Duration::from_millis(5), sent).await;
                return;
            }
            tokio::select! {
                _ = copy_bidirectional(&mut client, &mut server) => return,
                _ = moods.wait_for(|mood| *mood == Mood::Hangs) => {}
            }
            let _ = moods.wait_for(|mood| *mood != Mood::Hangs).await;
        }
    }
}

/// A request's head, and whatever came with it.
async fn head(client: &mut UnixStream) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if client.read_buf(&mut head).await.ok()? == 0 {
            return None;
        }
    }
    Some(head)
}

fn refusal() -> Value {
    json!({"type": "error", "error": "database is on fire", "error_code": 500})
}

/// Answers, cut after so many bytes of the body, and hangs up.
async fn answer(client: &mut UnixStream, status: u16, body: &Value, cut: Option<usize>) {
    let body = body.to_string();
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let sent = &body.as_bytes()[..cut.unwrap_or(body.len())];
    // Whoever does not listen any more needs no answer.
    let _ = client.write_all(&[head.as_bytes(), sent].concat()).await;
}
