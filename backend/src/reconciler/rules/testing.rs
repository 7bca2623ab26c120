//! Worlds for the rules' tests.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use domain::{
    InstanceName, InstanceRef, InstanceState, PageName, Progress, ServerId, SessionId,
    SessionState, Setup, UnixMs,
};
use provider::{InstanceStatus, Observed};
use store::{Instance, Session};

use crate::reconciler::{looking::Listing, settings::Settings, world::World};

pub fn world(now: UnixMs, sessions: Vec<Session>) -> World {
    World {
        now,
        served_since: UnixMs(0),
        reachable: true,
        back_since: None,
        maintenance: false,
        mark: ServerId::random(),
        sessions,
        instances: Vec::new(),
        listing: None,
        activity: HashMap::new(),
        heard_of: HashMap::new(),
        generations: HashMap::new(),
        open: HashSet::new(),
        reopened: HashMap::new(),
        setbacks: HashMap::new(),
        begun: HashMap::new(),
        signed: HashMap::new(),
        busy: HashSet::new(),
        settings: Settings {
            sources: Vec::new(),
            projects: Vec::new(),
            places: 32,
            max_fill: 90,
            duration: Duration::from_secs(1800),
            claim: Duration::from_secs(60),
            idle: Duration::from_secs(900),
            no_show: Duration::from_secs(60),
            start_deadline: Duration::from_secs(120),
            start_tries: 3,
        },
    }
}

pub fn starting(at: UnixMs) -> Session {
    Session {
        seq: 1,
        id: SessionId::random(),
        state: SessionState::Starting,
        ended_reason: None,
        address: None,
        tutorial: None,
        lang: None,
        referrer: None,
        campaign: None,
        source: "shell".parse().unwrap(),
        page: PageName::Intro,
        progress: Progress::default(),
        facts: Default::default(),
        phase: None,
        setup: Setup::Pending,
        extensions: 0,
        created_at: at,
        offer_until: None,
        running_at: None,
        first_attached_at: None,
        last_input_at: None,
        expires_at: None,
        last_seen_at: at,
        ended_at: None,
        instance: None,
    }
}

pub fn queued(at: UnixMs) -> Session {
    Session { state: SessionState::Queued, ..starting(at) }
}

pub fn offered(at: UnixMs) -> Session {
    let offer_until = Some(at.plus(Duration::from_secs(60)));
    Session { state: SessionState::Offered, offer_until, ..starting(at) }
}

pub fn running(at: UnixMs) -> Session {
    Session {
        state: SessionState::Running,
        running_at: Some(at),
        expires_at: Some(at.plus(Duration::from_secs(1800))),
        ..starting(at)
    }
}

pub fn creating(session: &Session) -> Instance {
    Instance {
        at: InstanceRef {
            project: "tryit".parse().unwrap(),
            name: InstanceName::from_number(7, true),
        },
        source: session.source.clone(),
        generation: "g".into(),
        state: InstanceState::Creating,
        session: Some(session.id),
        location: None,
        created_at: session.created_at,
        changed_at: session.created_at,
        ready_at: None,
        stopped_at: None,
        attempts: 0,
        retry_at: None,
        last_error: None,
    }
}

pub fn claimed(session: &Session) -> Instance {
    Instance { state: InstanceState::Claimed, ready_at: session.running_at, ..creating(session) }
}

/// A container that is being made for the pool since `at`.
pub fn warming(at: UnixMs) -> Instance {
    let row = creating(&starting(at));
    let name = InstanceName::from_number(u64::try_from(at.0).unwrap(), true);
    Instance { session: None, at: InstanceRef { name, ..row.at.clone() }, ..row }
}

/// A container that waits in the pool since `at`.
pub fn warm(at: UnixMs) -> Instance {
    Instance { state: InstanceState::Warm, ready_at: Some(at), ..warming(at) }
}

pub fn listing(began_at: UnixMs, instances: impl IntoIterator<Item = Observed>) -> Listing {
    Listing { began_at, had_rows: HashSet::new(), instances: instances.into_iter().collect() }
}

pub fn seen(row: &Instance, status: InstanceStatus) -> Observed {
    Observed {
        instance: row.at.clone(),
        mark: None,
        session: None,
        status,
        created_at: row.created_at,
        location: None,
    }
}
