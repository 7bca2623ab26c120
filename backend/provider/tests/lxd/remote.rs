//! Images of a remote server that speaks simplestreams.

use std::{collections::BTreeMap, fs, process::Command, sync::Arc};

use bytes::Bytes;
use provider::{CreateSpec, Origin, Progress, Provider, Source};
use reqwest::Method;
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinSet,
};

use crate::support::{build_image, test, turn};

/// An image server: files by path.
struct ImageServer {
    url: String,
    _tasks: JoinSet<()>,
}

impl ImageServer {
    async fn serve(files: BTreeMap<String, Bytes>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let files = Arc::new(files);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((connection, _)) = listener.accept().await {
                connections.spawn(answer(connection, Arc::clone(&files)));
            }
        });
        Self { url, _tasks: tasks }
    }
}

/// Answers one request for a file.
async fn answer(mut connection: TcpStream, files: Arc<BTreeMap<String, Bytes>>) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        match connection.read_u8().await {
            Ok(byte) => request.push(byte),
            Err(_) => return,
        }
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let path = request.split_whitespace().nth(1).unwrap_or_default();
    let (status, body) = match files.get(path) {
        Some(body) => ("200 OK", body.clone()),
        None => ("404 Not Found", Bytes::new()),
    };
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    let _ = connection.write_all(head.as_bytes()).await;
    if request.starts_with("GET") {
        let _ = connection.write_all(&body).await;
    }
}

fn hash(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The smallest image, cut into metadata and root as image servers have it, and the two lists that lead there.
fn files() -> BTreeMap<String, Bytes> {
    let image = build_image();
    let work = image.parent().unwrap();
    let tar = |name: &str, arguments: &[&str]| {
        let file = work.join(name);
        let made =
            Command::new("tar").arg("-czf").arg(&file).arg("-C").arg(work).args(arguments).status();
        assert!(made.unwrap().success());
        fs::read(file).unwrap()
    };
    let metadata = tar("meta.tar.gz", &["metadata.yaml"]);
    let root = tar("root.tar.gz", &["--owner=0", "--group=0", "-C", "rootfs", "."]);
    let item = |name: &str, content: &[u8]| {
        json!({
            "ftype": name,
            "path": format!("images/{name}"),
            "sha256": hash(&[content]),
            "size": content.len(),
            "combined_rootxz_sha256": hash(&[&metadata, &root]),
        })
    };
    let arch = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    let product = format!("tiny:1:{arch}:default");
    let products = json!({
        "format": "products:1.0",
        "content_id": "images",
        "datatype": "image-downloads",
        "products": {
            &product: {
                "aliases": "tiny",
                "arch": arch,
                "os": "Tiny",
                "release": "1",
                "release_title": "1",
                "variant": "default",
                "versions": {"20260101_00:00": {"items": {
                    "lxd.tar.xz": item("lxd.tar.xz", &metadata),
                    "incus.tar.xz": item("incus.tar.xz", &metadata),
                    "root.tar.xz": item("root.tar.xz", &root),
                }}},
            },
        },
    });
    let index = json!({
        "format": "index:1.0",
        "index": {"images": {
            "format": "products:1.0",
            "datatype": "image-downloads",
            "path": "streams/v1/images.json",
            "products": [product],
        }},
    });
    BTreeMap::from([
        ("/streams/v1/index.json".to_owned(), index.to_string().into()),
        ("/streams/v1/images.json".to_owned(), products.to_string().into()),
        ("/images/lxd.tar.xz".to_owned(), metadata.clone().into()),
        ("/images/incus.tar.xz".to_owned(), metadata.into()),
        ("/images/root.tar.xz".to_owned(), root.into()),
    ])
}

#[test]
fn an_image_of_a_remote_server_is_fetched_and_then_kept() {
    test(|server| async move {
        let images = ImageServer::serve(files()).await;
        let origin = Origin::Remote { server: images.url.clone(), alias: "tiny".to_owned() };
        let source = Source { origin, ..server.source() };
        let before = server.lxd.generation(&source).await.unwrap();
        let (progress, mut reports) = mpsc::channel::<Progress>(100);
        {
            let _turn = turn().await;
            let spec = CreateSpec {
                instance: server.instance("a"),
                mark: server.mark,
                source: source.clone(),
            };
            server.lxd.create(&spec, progress).await.unwrap();
        }
        let first = server.lxd.generation(&source).await.unwrap();
        assert_eq!(before.unfetched.as_ref(), Some(&before.now), "it is not there yet");
        assert_ne!(before.now, first.now, "the image is known now");
        assert_eq!(first.unfetched, before.unfetched, "and what was made before is made of it");
        while let Some(report) = reports.recv().await {
            assert!(!report.message.is_empty());
        }
        drop(images);
        // The server has the image: the remote one is not asked again.
        let at = format!("/1.0/instances/{}", server.instance("a").name);
        let fingerprint = server.rest.get(&at).await["config"]["volatile.base_image"].clone();
        let image = format!("/1.0/images/{}", fingerprint.as_str().unwrap());
        assert_eq!(server.rest.get(&image).await["cached"], true);
        server.rest.done(Method::DELETE, &image, json!({})).await.unwrap();
    });
}

#[test]
fn a_remote_server_that_does_not_answer_is_said() {
    test(|server| async move {
        let images = ImageServer::serve(BTreeMap::new()).await;
        let origin = Origin::Remote { server: images.url.clone(), alias: "tiny".to_owned() };
        let error = server.create("a", Source { origin, ..server.source() }).await.unwrap_err();
        eprintln!("{error:?}");
        assert_eq!(server.lxd.get(&server.instance("a")).await.unwrap(), None);
    });
}
