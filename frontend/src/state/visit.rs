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
use crate::browser::{address, page, random, time};
use crate::engine;
use crate::logic::availability::availability;
use crate::logic::clock::in_words;
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
    /// What is free, in one line.
    pub free: RwSignal<String>,
    /// Whether the service takes no starts.
    pub closed: RwSignal<bool>,
    /// How long a session lasts, in words; empty while that is not known.
    pub duration: RwSignal<String>,
    /// Whether the service takes no feedback.
    pub no_feedback: RwSignal<bool>,
    /// What is accepted by starting, as HTML.
    pub terms: RwSignal<String>,
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
    terms_hash: StoredValue<Option<String>>,
    slug: StoredValue<Option<String>>,
    keyring: StoredValue<Keyring, LocalStorage>,
}

impl Visit {
    /// A visit of the tutorial that the link names, else of the default one.
    pub fn new(slug: Option<String>, framed: bool) -> Self {
        let keyring = Keyring::open(framed);
        let visit = Visit {
            framed,
            stage: RwSignal::new(Stage::Loading),
            free: RwSignal::new("Asking what is free…".to_owned()),
            closed: RwSignal::new(false),
            duration: RwSignal::new(String::new()),
            no_feedback: RwSignal::new(false),
            terms: RwSignal::new("<p>Loading…</p>".to_owned()),
            terms_hash: StoredValue::new(None),
            tutorial: RwSignal::new(None),
            starting: RwSignal::new(false),
            refusal: RwSignal::new(None),
            said: RwSignal::new(String::new()),
            keeps: keyring.keeps(),
            slug: StoredValue::new(slug),
            keyring: StoredValue::new_local(keyring),
        };
        visit.arrive();
        spawn_local(visit.watch_status());
        visit
    }

    /// The tutorial's name in addresses, once it is known.
    pub fn slug(self) -> Option<String> {
        self.slug.get_value()
    }

    /// The title of the tab while there is nothing else to say.
    pub fn title(self) -> String {
        let title = self.tutorial.with(|tutorial| Some(tutorial.as_ref()?.summary.title.clone()));
        title.map_or_else(|| "tryit".to_owned(), |title| format!("{title} · tryit"))
    }

    /// Finds out what there is: an own session to go on with, else the landing page.
    pub fn arrive(self) {
        self.stage.set(Stage::Loading);
        spawn_local(async move {
            if let Err(failure) = self.find().await {
                self.stage.set(Stage::Stuck(failure));
            }
        });
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
        match &answer {
            Ok(status) => {
                let availability = availability(status);
                self.free.set(availability.line);
                // What a start was refused for while the service was closed is over.
                if availability.can_start && self.closed.get_untracked() {
                    self.refusal.set(None);
                }
                self.closed.set(!availability.can_start);
                self.duration.set(in_words(status.duration_seconds));
                self.no_feedback.set(!status.feedback);
            }
            Err(failure) => self.free.set(failure.words().title.to_owned()),
        }
        answer
    }

    async fn ask_terms(self) -> Answer<String> {
        let terms = api::terms().await?;
        Ok(self.take_terms(&terms))
    }

    /// Shows terms, and answers their hash.
    fn take_terms(self, terms: &Terms) -> String {
        self.terms.set(terms.html.clone());
        self.terms_hash.set_value(Some(terms.hash.clone()));
        terms.hash.clone()
    }

    /// Asks what is free, again and again while someone could start.
    async fn watch_status(self) {
        loop {
            let asks =
                self.stage.with_untracked(|stage| matches!(stage, Stage::Landing | Stage::Loading));
            if asks && page::is_visible() {
                drop(self.ask_status().await);
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
        let terms_hash = match self.terms_hash.get_value() {
            Some(hash) => hash,
            None => self.ask_terms().await?,
        };
        let request = StartRequest {
            terms_hash,
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
        if let Failure::Refused(error, _) = &failure
            && let Some(terms) = &error.terms
        {
            self.take_terms(terms);
        }
        self.said.set(failure.words().title.to_owned());
        self.refusal.set(Some(failure));
        spawn_local(async move { drop(self.ask_status().await) });
    }

    /// The keys to this browser's other sessions; some may have ended.
    pub fn others(self, than: &str) -> Vec<Key> {
        self.keyring.with_value(|keyring| {
            keyring.others(than).map(|(id, token)| Key { id, token }).collect()
        })
    }

    /// Forgets a session and goes back to before the start.
    pub fn start_over(self, id: &str) {
        self.keyring.with_value(|keyring| keyring.forget(id));
        self.refusal.set(None);
        self.stage.set(Stage::Landing);
        spawn_local(async move { drop(self.ask_status().await) });
    }
}
