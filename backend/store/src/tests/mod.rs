//! The store against real files: each test has a database of its own in a directory that goes with it.

mod admission;
mod bans;
mod commits;
mod crash;
mod feedback;
mod instances;
mod links;
mod lists;
mod opening;
mod operator;
mod plan;
mod pool;
mod progress;
mod queue;
mod resets;
mod schema;
mod statistics;
mod transitions;

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use domain::{BanId, BanOrigin, InstanceName, SessionId, StartLimits, TokenHash, UnixMs};
use tempfile::TempDir;

use crate::{
    AcceptedTerms, Admission, Closed, NewAuditEntry, NewBan, NewInstance, NewSession, Ready,
    Refusal, Result, Session, Store, ban,
};

/// The moment at which most tests begin.
const NOW: UnixMs = UnixMs(1_777_898_096_007);
const DURATION: Duration = Duration::from_secs(30 * 60);
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// Limits that let everybody in.
const OPEN: StartLimits =
    StartLimits { max: 1000, per_address: 1000, per_network: 1000, per_hour: 1000, queue_max: 0 };

struct Db {
    store: Store,
    directory: TempDir,
}

impl Db {
    async fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&directory.path().join("tryit.db")).await.unwrap();
        Self { store, directory }
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("tryit.db")
    }

    /// Closes the database and opens it again.
    async fn reopen(self) -> Result<Self> {
        let path = self.path();
        self.store.close().await;
        drop(self.store);
        Ok(Self { store: Store::open(&path).await?, directory: self.directory })
    }

    async fn start(
        &self,
        new: &NewSession,
        limits: &StartLimits,
        now: UnixMs,
    ) -> Result<Admission> {
        self.store.start(new, limits, DURATION, InstanceName::candidates(), now).await
    }

    /// A session whose container is still to be made.
    async fn starting(&self, address: &str) -> Session {
        self.start(&from(address), &OPEN, NOW).await.unwrap().started()
    }

    /// A session that runs since [`NOW`].
    async fn running(&self, address: &str) -> Session {
        let session = self.starting(address).await;
        let ready = self.store.instance_ready(&name_of(&session), DURATION, NOW).await.unwrap();
        assert_eq!(ready, Ready::Claimed(session.id));
        self.session(session.id).await
    }

    /// Bans a network, whoever does.
    async fn ban(&self, ban: &NewBan, origin: BanOrigin) -> BanId {
        let mut write = self.store.write().await.unwrap();
        let ban = ban::add(write.connection(), ban, origin, NOW).await.unwrap();
        write.commit().await.unwrap();
        ban.id
    }

    /// Closes the service at run time.
    async fn close(&self, message: Option<&str>) {
        let closed = Closed { on: true, message: message.map(str::to_owned) };
        self.store.put_maintenance(&closed, &act("maintenance.put"), NOW).await.unwrap();
    }

    async fn session(&self, id: SessionId) -> Session {
        self.store.session(id).await.unwrap().unwrap()
    }

    /// A container that waits in the pool since `at`.
    async fn warm(&self, at: UnixMs) -> InstanceName {
        let new = NewInstance {
            project: "default".parse().unwrap(),
            source: "shell".parse().unwrap(),
            generation: "g1".to_owned(),
        };
        let name = self.store.add_instance(&new, InstanceName::candidates(), at).await.unwrap();
        assert_eq!(self.store.instance_ready(&name, DURATION, at).await.unwrap(), Ready::Warm);
        name
    }
}

impl Admission {
    fn started(self) -> Session {
        match self {
            Self::Started(session) => session,
            other => panic!("expected a new session, got {other:?}"),
        }
    }

    fn refused(self) -> Refusal {
        match self {
            Self::Refused(refusal) => refusal,
            other => panic!("expected a refusal, got {other:?}"),
        }
    }
}

/// A start from an address, with a token of its own.
fn from(address: &str) -> NewSession {
    static TOKENS: AtomicU64 = AtomicU64::new(0);
    let mut token_hash = [0; 32];
    token_hash[..8].copy_from_slice(&TOKENS.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    NewSession {
        id: SessionId::random(),
        token_hash: TokenHash(token_hash),
        address: address.parse::<std::net::IpAddr>().unwrap().into(),
        terms: AcceptedTerms { hash: [7; 32], lang: "en".to_owned() },
        tutorial: Some("tour".to_owned()),
        lang: Some("en".to_owned()),
        referrer: Some("news".to_owned()),
        campaign: Some("spring".to_owned()),
        source: "shell".parse().unwrap(),
        generation: "g1".to_owned(),
        project: "default".parse().unwrap(),
        page: "intro".parse().unwrap(),
    }
}

/// Something that an operator does.
fn act(action: &str) -> NewAuditEntry {
    NewAuditEntry {
        actor: "ops".to_owned(),
        action: action.to_owned(),
        subject: None,
        detail: None,
    }
}

/// The `n`th of many addresses that share no network.
fn address(n: u32) -> String {
    std::net::Ipv4Addr::from_bits(0x0b00_0001 + (n << 8)).to_string()
}

fn name_of(session: &Session) -> InstanceName {
    session.instance.clone().expect("the session has a container").name
}
