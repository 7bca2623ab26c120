//! A visit: from the link to a session, and back after its end.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::ErrorCode;
use shared::session::{SessionView, StartRequest};
use shared::status::{Status, Terms};
use shared::tutorial::Tutorial;

use crate::browser::api::{self, Answer, Failure, Key};
use crate::browser::storage::{Keeps, Keyring};
use crate::browser::{address, random, time};
use crate::engine;
use crate::logic::tokens::Entry;
use crate::pages::session;

/// How often the landing page asks what is free.
const ASK_AGAIN_MS: u32 = 15_000;
/// How often a start is sent when no answer came: it carries the same key, so it never costs a second place.
const START_TRIES: u32 = 3;

/// Where the visit is.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// Finding out.
    Loading,
    /// Before a start.
    Landing,
    /// In a session, which was as in this view when the stage began.
    Session(Key, Box<SessionView>),
    /// Something is in the way.
    Stuck(Failure),
}

/// The visit; copies are the same one.
#[derive(Clone, Copy)]
pub struct Visit {
    /// Shown inside another site's page.
    pub framed: bool,
    /// Where it is.
    pub stage: RwSignal<Stage>,
    /// What is free.
    pub status: RwSignal<Option<Answer<Status>>>,
    /// What is accepted by starting.
    pub terms: RwSignal<Option<Terms>>,
    /// The tutorial.
    pub tutorial: RwSignal<Option<Arc<Tutorial>>>,
    /// Whether a start is under way.
    pub starting: RwSignal<bool>,
    /// Why the last start was refused.
    pub refusal: RwSignal<Option<Failure>>,
    /// What a screen reader says next.
    pub said: RwSignal<String>,
    /// How long the browser keeps the key to the session.
    pub keeps: Keeps,
    slug: StoredValue<Option<String>>,
    keyring: StoredValue<Keyring, LocalStorage>,
}

impl Visit {
    /// A visit of the tutorial that the link names, else of the default one.
    pub fn new(slug: Option<String>, framed: bool) -> Self {
        let keyring = Keyring::open(framed);
        Visit {
            framed,
            stage: RwSignal::new(Stage::Loading),
            status: RwSignal::new(None),
            terms: RwSignal::new(None),
            tutorial: RwSignal::new(None),
            starting: RwSignal::new(false),
            refusal: RwSignal::new(None),
            said: RwSignal::new(String::new()),
            keeps: keyring.keeps(),
            slug: StoredValue::new(slug),
            keyring: StoredValue::new_local(keyring),
        }
    }

    /// The tutorial's name in addresses, once it is known.
    pub fn slug(self) -> Option<String> {
        self.slug.get_value()
    }

    /// Finds out what there is: an own session to go on with, else the landing page.
    pub fn arrive(self) {
        self.stage.set(Stage::Loading);
        spawn_local(async move {
            if let Err(failure) = self.find().await {
                self.stage.set(Stage::Stuck(failure));
            }
        });
        spawn_local(self.watch_status());
    }

    async fn find(self) -> Answer<()> {
        let slug = match self.slug() {
            Some(slug) => slug,
            None => {
                let default = self.ask_status().await?.default_tutorial.unwrap_or_default();
                self.slug.set_value(Some(default.clone()).filter(|slug| !slug.is_empty()));
                default
            }
        };
        spawn_local(async move { drop(self.ask_terms().await) });
        if !slug.is_empty() && self.tutorial.with_untracked(Option::is_none) {
            let tutorial = api::tutorial(&slug).await?;
            self.tutorial.set(Some(Arc::new(tutorial)));
        }
        let own_only = address::parameter("another").is_some();
        let found = self.keyring.with_value(|keyring| keyring.find(&slug, own_only));
        let Some((id, entry)) = found else {
            self.stage.set(Stage::Landing);
            return Ok(());
        };
        let key = Key { id, token: entry.token };
        match key.view().await {
            Ok(view) => self.open(key, view).await,
            Err(failure) => match failure.code() {
                Some(ErrorCode::Unauthorized | ErrorCode::NotFound | ErrorCode::SessionEnded) => {
                    self.start_over(&key.id);
                }
                _ => return Err(failure),
            },
        }
        Ok(())
    }

    async fn ask_status(self) -> Answer<Status> {
        let answer = api::status().await;
        self.status.try_set(Some(answer.clone()));
        answer
    }

    async fn ask_terms(self) -> Answer<Terms> {
        let terms = api::terms().await?;
        self.terms.try_set(Some(terms.clone()));
        Ok(terms)
    }

    /// Asks what is free, again and again while someone could start.
    async fn watch_status(self) {
        loop {
            match self.stage.try_get_untracked() {
                Some(Stage::Landing | Stage::Loading) if crate::browser::page::is_visible() => {
                    let _ = self.ask_status().await;
                }
                Some(_) => {}
                None => return,
            }
            time::sleep(ASK_AGAIN_MS).await;
        }
    }

    /// Accepts the terms and starts a session.
    pub fn start(self) {
        if self.starting.get_untracked() {
            return;
        }
        self.starting.set(true);
        self.refusal.set(None);
        // What a session needs is loaded while the service works. Where that fails, it is tried again then.
        spawn_local(async { drop(session::load().await) });
        spawn_local(async {
            engine::load().await;
        });
        spawn_local(async move {
            match self.post().await {
                Ok((key, view)) => self.open(key, view).await,
                Err(failure) => self.refused(failure),
            }
            self.starting.set(false);
        });
    }

    /// Shows a session; loads what it needs where that is not there yet.
    async fn open(self, key: Key, view: SessionView) {
        self.stage.set(match session::load().await {
            Ok(()) => Stage::Session(key, Box::new(view)),
            Err(_) => Stage::Stuck(Failure::Offline),
        });
    }

    async fn post(self) -> Answer<(Key, SessionView)> {
        let terms = match self.terms.get_untracked() {
            Some(terms) => terms,
            None => self.ask_terms().await?,
        };
        let request = StartRequest {
            terms_hash: terms.hash,
            tutorial: self.slug(),
            lang: address::language(),
            referrer: address::parameter("ref"),
            campaign: address::parameter("campaign"),
        };
        let idempotency = random::key();
        let mut tries = 1;
        let started = loop {
            match api::start(&request, &idempotency).await {
                Err(Failure::Offline) if tries < START_TRIES => time::sleep(1_000 * tries).await,
                answer => break answer?,
            }
            tries += 1;
        };
        let key = Key { id: started.session.id.clone(), token: started.token };
        let entry = Entry {
            token: key.token.clone(),
            tutorial: started.session.tutorial.clone().or_else(|| self.slug()).unwrap_or_default(),
            at: time::wall_clock(),
        };
        self.keyring.with_value(|keyring| keyring.remember(&key.id, entry));
        Ok((key, started.session))
    }

    fn refused(self, failure: Failure) {
        if let Failure::Refused(error) = &failure
            && let Some(terms) = &error.terms
        {
            self.terms.set(Some(terms.clone()));
        }
        self.said.set(failure.words().title.to_owned());
        self.refusal.set(Some(failure));
        spawn_local(async move { drop(self.ask_status().await) });
    }

    /// Forgets a session and goes back to before the start.
    pub fn start_over(self, id: &str) {
        self.keyring.with_value(|keyring| keyring.forget(id));
        self.refusal.set(None);
        self.stage.set(Stage::Landing);
        spawn_local(async move { drop(self.ask_status().await) });
    }
}
