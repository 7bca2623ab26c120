//! A server to test against, raw access to it, and containers that are gone afterwards.

use std::{
    collections::BTreeMap,
    env, fs,
    future::Future,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use domain::{InstanceRef, Project, ServerId};
use futures_util::FutureExt;
use provider::{
    CreateSpec, InstanceKind, Limits, Origin, Provider, Result, RunSpec, Source,
    lxd::{Address, Lxd, Settings},
};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::sync::{Mutex, MutexGuard, OnceCell, mpsc};

const SOCKET: &str = "TRYIT_TEST_LXD_SOCKET";
/// The alias of the smallest image.
pub const IMAGE: &str = "provider-test";

/// Runs a test against the server; without one it is skipped, but not on CI.
pub fn test<F: Future<Output = ()>>(body: impl FnOnce(Server) -> F) {
    let Some(socket) = env::var_os(SOCKET) else {
        assert!(env::var("CI").as_deref() != Ok("true"), "{SOCKET} is not set");
        eprintln!("skipped: {SOCKET} is not set; see scripts/lxd-private");
        return;
    };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let server = Server::at(socket.into()).await;
        server.cleaned(body(server.clone())).await;
    });
}

/// The server, as one test sees it.
#[derive(Clone)]
pub struct Server {
    pub lxd: std::sync::Arc<Lxd>,
    pub rest: Rest,
    pub socket: PathBuf,
    pub project: Project,
    pub mark: ServerId,
    /// The key of the socket by which a container asks the server.
    pub guest_api: &'static str,
    /// The bridge of the profile `default`.
    pub bridge: String,
    prefix: String,
}

impl Server {
    async fn at(socket: PathBuf) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let settings =
            Settings { address: Address::Unix(Some(socket.clone())), ..Settings::default() };
        let rest = Rest::at(&socket);
        let profile = rest.get("/1.0/profiles/default").await;
        let guest_api = match rest.get("/1.0").await["environment"]["server"].as_str() {
            Some("incus") => "security.guestapi",
            _ => "security.devlxd",
        };
        let server = Self {
            guest_api,
            lxd: Lxd::new(&settings).unwrap().into(),
            bridge: profile["devices"]["eth0"]["network"].as_str().unwrap().to_owned(),
            rest,
            socket,
            project: "default".parse().unwrap(),
            mark: ServerId::random(),
            prefix: format!("t{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed)),
        };
        static IMPORTED: OnceCell<()> = OnceCell::const_new();
        IMPORTED.get_or_init(|| import(&server.rest)).await;
        server
    }

    /// Runs the body, then deletes every container of this test.
    async fn cleaned(&self, body: impl Future<Output = ()>) {
        let result = std::panic::AssertUnwindSafe(body).catch_unwind().await;
        let all = self.rest.get("/1.0/instances?recursion=1&all-projects=true").await;
        for instance in all.as_array().unwrap() {
            let (name, project) =
                (instance["name"].as_str().unwrap(), instance["project"].as_str().unwrap());
            if name.starts_with(&self.prefix) {
                let at = format!("/1.0/instances/{name}?project={project}");
                let stop = format!("/1.0/instances/{name}/state?project={project}");
                self.rest
                    .done(Method::PUT, &stop, json!({"action": "stop", "force": true}))
                    .await
                    .ok();
                self.rest.done(Method::DELETE, &at, json!({})).await.unwrap();
            }
        }
        if let Err(panic) = result {
            std::panic::resume_unwind(panic);
        }
    }

    /// The project of the tests, as a list.
    pub fn projects(&self) -> &[Project] {
        std::slice::from_ref(&self.project)
    }

    /// A container's name; `tail` tells those of one test apart.
    pub fn instance(&self, tail: &str) -> InstanceRef {
        InstanceRef {
            project: self.project.clone(),
            name: format!("{}-{tail}", self.prefix).parse().unwrap(),
        }
    }

    /// The smallest source.
    pub fn source(&self) -> Source {
        Source {
            name: "test".parse().unwrap(),
            origin: Origin::Image { alias: IMAGE.to_owned() },
            project: self.project.clone(),
            kind: InstanceKind::Container,
            profiles: vec!["default".to_owned()],
            target: None,
            nesting: false,
            limits: Limits::default(),
            config: BTreeMap::new(),
        }
    }

    /// Makes a stopped container.
    pub async fn create(&self, tail: &str, source: Source) -> Result<InstanceRef> {
        let instance = self.instance(tail);
        let spec = CreateSpec { instance: instance.clone(), mark: self.mark, source };
        let _turn = turn().await;
        self.lxd.create(&spec, nobody()).await?;
        Ok(instance)
    }

    /// Puts a program of this machine into a container, with the libraries it needs.
    pub async fn push_program(&self, instance: &InstanceRef, program: &Path) {
        let libraries = libraries(program);
        for path in libraries.iter().map(PathBuf::as_path).chain([program]) {
            let content = fs::read(path).unwrap().into();
            self.lxd.write_file(instance, path.to_str().unwrap(), content, 0o755).await.unwrap();
        }
    }

    /// Makes a running container from the smallest source.
    pub async fn container(&self, tail: &str) -> InstanceRef {
        let instance = self.create(tail, self.source()).await.unwrap();
        self.lxd.start(&instance, nobody()).await.unwrap();
        instance
    }
}

/// One create at a time over all tests: each has a client of its own, so none of them knows of the others.
pub async fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::const_new(());
    TURN.lock().await
}

/// Progress that nobody wants.
pub fn nobody() -> mpsc::Sender<provider::Progress> {
    mpsc::channel(1).0
}

/// A script to run.
pub fn sh(script: &str) -> RunSpec {
    RunSpec {
        command: vec!["sh".to_owned(), "-c".to_owned(), script.to_owned()],
        environment: BTreeMap::new(),
        cwd: None,
        user: None,
        group: None,
        deadline: Duration::from_secs(10),
        max_output: 64 * 1024,
    }
}

/// Waits for a condition that the server does not announce.
pub async fn eventually(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let wait = async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(15), wait)
        .await
        .unwrap_or_else(|_| panic!("never: {what}"));
}

/// Raw requests, to prepare and to look behind the provider's back.
#[derive(Clone)]
pub struct Rest(Client);

impl Rest {
    fn at(socket: &Path) -> Self {
        // Without a configuration of its own the client would look for a TLS backend.
        let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap();
        let tls = tls.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth();
        let client =
            Client::builder().tls_backend_preconfigured(tls).pool_max_idle_per_host(0).no_proxy();
        Self(client.unix_socket(socket).build().unwrap())
    }

    pub async fn get(&self, path: &str) -> Value {
        self.send(Method::GET, path, json!({})).await.unwrap()
    }

    /// Sends a request; the metadata of the answer, or the server's words. It is sent again while the server stumbles
    /// over a network or an access list of another test that goes meanwhile.
    pub async fn send(&self, method: Method, path: &str, body: Value) -> Result<Value, String> {
        loop {
            let request = self.0.request(method.clone(), format!("http://lxd{path}")).json(&body);
            match Self::unwrap(request.send().await.unwrap().json().await.unwrap()) {
                Err(error) if error.contains("ACL network usage") => {}
                answer => return answer,
            }
        }
    }

    /// Sends a request and awaits its operation.
    pub async fn done(&self, method: Method, path: &str, body: Value) -> Result<Value, String> {
        let operation = self.send(method, path, body).await?;
        self.over(operation).await
    }

    async fn over(&self, operation: Value) -> Result<Value, String> {
        let wait = format!("/1.0/operations/{}/wait", operation["id"].as_str().unwrap());
        let over = self.send(Method::GET, &wait, json!({})).await?;
        if over["status_code"] == 200 {
            Ok(over)
        } else {
            Err(over["err"].as_str().unwrap().to_owned())
        }
    }

    fn unwrap(answer: Value) -> Result<Value, String> {
        match answer["type"].as_str() {
            Some("error") => Err(answer["error"].as_str().unwrap().to_owned()),
            _ => Ok(answer["metadata"].clone()),
        }
    }
}

/// Imports the smallest image: this machine's busybox.
async fn import(rest: &Rest) {
    if rest.send(Method::GET, &format!("/1.0/images/aliases/{IMAGE}"), json!({})).await.is_ok() {
        return;
    }
    let image = build_image();
    let request = rest.0.post("http://lxd/1.0/images").body(fs::read(&image).unwrap());
    let answer = request.header("content-type", "application/octet-stream").send().await.unwrap();
    let operation = Rest::unwrap(answer.json().await.unwrap()).unwrap();
    let over = rest.over(operation).await.unwrap();
    let alias = json!({"name": IMAGE, "target": over["metadata"]["fingerprint"]});
    rest.send(Method::POST, "/1.0/images/aliases", alias).await.unwrap();
}

/// A gzip file without content; its header's file name makes it one of a kind.
pub fn empty_gzip(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, "").unwrap();
    assert!(
        Command::new("gzip").args(["--force", "--name"]).arg(&path).status().unwrap().success()
    );
    path.with_extension("gz")
}

/// The libraries that a program needs; none for a static one.
fn libraries(program: &Path) -> Vec<PathBuf> {
    let ldd = Command::new("ldd").arg(program).output().unwrap();
    let words = String::from_utf8(ldd.stdout).unwrap();
    words.split_whitespace().filter(|word| word.starts_with('/')).map(PathBuf::from).collect()
}

/// Builds the image and returns the tarball.
pub fn build_image() -> PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let work = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("image-{}-{number}", std::process::id()));
    let root = work.join("rootfs");
    for directory in ["bin", "sbin", "etc", "dev", "proc", "sys", "tmp", "run", "root", "var"] {
        fs::create_dir_all(root.join(directory)).unwrap();
    }
    let busybox = Path::new("/bin/busybox");
    fs::copy(busybox, root.join("bin/busybox")).expect("busybox is installed");
    for library in libraries(busybox) {
        let copy = root.join(library.strip_prefix("/").unwrap());
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::copy(library, copy).unwrap();
    }
    for applet in [
        "sh", "cat", "echo", "sync", "test", "ls", "ps", "printf", "md5sum", "wc", "mkdir", "seq",
        "touch", "ip", "df", "sleep", "stty", "dd", "head", "id", "kill", "true", "env", "yes",
    ] {
        symlink("busybox", root.join("bin").join(applet)).unwrap();
    }
    for applet in ["init", "poweroff", "reboot"] {
        symlink("../bin/busybox", root.join("sbin").join(applet)).unwrap();
    }
    fs::write(root.join("etc/inittab"), "::ctrlaltdel:/sbin/poweroff\n::shutdown:/bin/true\n")
        .unwrap();
    fs::write(
        root.join("etc/passwd"),
        "root:x:0:0:root:/root:/bin/sh\nu:x:1000:1000::/tmp:/bin/sh\n",
    )
    .unwrap();
    fs::write(root.join("etc/group"), "root:x:0:\nu:x:1000:\n").unwrap();
    let metadata = json!({"architecture": env::consts::ARCH, "creation_date": 1, "properties": {}});
    fs::write(work.join("metadata.yaml"), metadata.to_string()).unwrap();
    let image = work.join("image.tar.gz");
    let tar = Command::new("tar")
        .args(["--owner=0", "--group=0", "--numeric-owner", "--mtime=@0", "--sort=name", "-czf"])
        .arg(&image)
        .args(["-C".as_ref(), work.as_os_str(), "metadata.yaml".as_ref(), "rootfs".as_ref()])
        .status();
    assert!(tar.unwrap().success());
    image
}

/// Whether an error is what it should be.
#[macro_export]
macro_rules! assert_error {
    ($result:expr, $pattern:pat) => {
        match $result {
            Err($pattern) => {}
            other => panic!("expected {}, got {:?}", stringify!($pattern), other.map(|_| ())),
        }
    };
}
