//! The same over HTTPS, with certificates of both sides.

use std::{fs, path::PathBuf, process::Command};

use bytes::Bytes;
use provider::{
    Error, ExecSpec, Provider,
    lxd::{Address, Https, Lxd, Settings},
};
use reqwest::Method;
use serde_json::json;
use tokio::sync::OnceCell;

use crate::{
    assert_error,
    support::{Server, nobody, sh, test},
};

/// The URL where the server listens.
async fn listening(server: &Server) -> &'static str {
    static URL: OnceCell<String> = OnceCell::const_new();
    URL.get_or_init(async || {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = json!({"config": {"core.https_address": format!("127.0.0.1:{port}")}});
        server.rest.send(Method::PATCH, "/1.0", config).await.unwrap();
        format!("https://127.0.0.1:{port}")
    })
    .await
}

/// A key and a self-signed certificate.
fn certificate(name: &str) -> (PathBuf, PathBuf) {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let path = |ending| directory.join(format!("{name}-{}.{ending}", std::process::id()));
    let (certificate, key) = (path("crt"), path("key"));
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
        ])
        .args(["-subj", "/CN=provider-test", "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output()
        .expect("openssl is installed");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    (certificate, key)
}

/// A certificate of the given file as the API wants it: the base64 between the lines of PEM.
fn body(certificate: &PathBuf) -> String {
    let pem = fs::read_to_string(certificate).unwrap();
    pem.lines().filter(|line| !line.starts_with("-----")).collect()
}

async fn settings(server: &Server, name: &str) -> Settings {
    let (client_certificate, client_key) = certificate(name);
    let pem =
        server.rest.get("/1.0").await["environment"]["certificate"].as_str().unwrap().to_owned();
    let server_certificate = client_certificate.with_extension("server.crt");
    fs::write(&server_certificate, pem).unwrap();
    let url = listening(server).await.to_owned();
    let address = Address::Https(Https { url, client_certificate, client_key, server_certificate });
    Settings { address, ..Settings::default() }
}

fn https(settings: &Settings) -> &Https {
    match &settings.address {
        Address::Https(https) => https,
        Address::Unix(_) => unreachable!("made above"),
    }
}

#[test]
fn a_trusted_client_does_everything() {
    test(|server| async move {
        let settings = settings(&server, "trusted").await;
        let certificate = body(&https(&settings).client_certificate);
        let trust = json!({"type": "client", "name": "provider-test", "certificate": certificate});
        server.rest.send(Method::POST, "/1.0/certificates", trust).await.unwrap();
        let lxd = Lxd::new(&settings).unwrap();
        assert!(lxd.info().await.unwrap().trusted);

        let instance = server.create("a", server.source()).await.unwrap();
        lxd.start(&instance, nobody()).await.unwrap();
        assert_eq!(lxd.run(&instance, &sh("echo hi")).await.unwrap().stdout, "hi\n");
        lxd.write_file(&instance, "/tmp/f", Bytes::from("x"), 0o600).await.unwrap();
        assert_eq!(lxd.read_file(&instance, "/tmp/f", 10).await.unwrap(), "x");
        let spec = ExecSpec {
            command: vec!["sh".to_owned()],
            environment: Default::default(),
            user: None,
            group: None,
            cwd: None,
            cols: 80,
            rows: 24,
        };
        let mut exec = lxd.exec(&instance, &spec).await.unwrap();
        exec.writer.write(Bytes::from("echo $((6*7))\n")).await.unwrap();
        let mut output = String::new();
        while !output.contains("42") {
            output.push_str(&String::from_utf8_lossy(&exec.reader.read().await.unwrap().unwrap()));
        }
        exec.control.hang_up().await.unwrap();
        let mut events = lxd.events(server.projects()).await.unwrap();
        lxd.delete(&instance, server.mark).await.unwrap();
        while events.recv().await.unwrap().instance != instance {}
    });
}

#[test]
fn a_stranger_is_told_that_it_is_one() {
    test(|server| async move {
        let lxd = Lxd::new(&settings(&server, "stranger").await).unwrap();
        assert!(!lxd.info().await.unwrap().trusted);
        assert_error!(lxd.list(server.projects()).await, Error::Untrusted(_));
    });
}

#[test]
fn another_server_is_not_spoken_to() {
    test(|server| async move {
        let settings = settings(&server, "pinned").await;
        let https = https(&settings);
        // Its own certificate stands for that of some other server.
        fs::copy(&https.client_certificate, &https.server_certificate).unwrap();
        let error = Lxd::new(&settings).unwrap().info().await.unwrap_err().to_string();
        assert!(error.contains("not the pinned one"), "{error}");
    });
}

#[test]
fn a_file_that_is_no_certificate_is_named() {
    test(|server| async move {
        let settings = settings(&server, "broken").await;
        fs::write(&https(&settings).client_key, "no key").unwrap();
        let error = Lxd::new(&settings).map(drop).unwrap_err().to_string();
        assert!(error.contains(".key"), "{error}");
    });
}
