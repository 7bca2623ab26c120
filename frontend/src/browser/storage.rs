//! Where the keys to the sessions are kept: what the browser allows, best first.
//!
//! A page of its own keeps them in `localStorage`, a framed one in `sessionStorage`; where storage is blocked, in
//! the state of this history entry (survives a reload), else in memory, and the visitor is told. A second note,
//! always in the tab's own storage, says which session this tab shows.

use std::cell::RefCell;

use js_sys::{Object, Reflect};
use leptos::prelude::window;
use wasm_bindgen::JsCast as _;
use web_sys::Storage;

use crate::logic::tokens::{Entry, Tokens};

const TOKENS: &str = "tryit.sessions";
const TAB: &str = "tryit.session";

/// How long what is kept lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    /// Until the storage is cleared (or, framed, until the tab closes).
    Stored,
    /// While the tab is open.
    Tab,
    /// Until the page is reloaded.
    Page,
}

/// The keys to this browser's sessions.
#[derive(Debug)]
pub struct Keyring {
    place: Place,
    memory: RefCell<Tokens>,
}

#[derive(Debug)]
enum Place {
    Storage(Storage),
    History,
    Memory,
}

impl Keyring {
    /// Finds the best place that works.
    pub fn open(framed: bool) -> Self {
        let storage = if framed { session_storage() } else { local_storage() };
        let place = match storage.filter(works) {
            Some(storage) => Place::Storage(storage),
            None if history_set(TOKENS, &history_get(TOKENS).unwrap_or_default()) => Place::History,
            None => Place::Memory,
        };
        Keyring { place, memory: RefCell::default() }
    }

    /// How long what is kept lasts.
    pub fn keeps(&self) -> Keeps {
        match self.place {
            Place::Storage(_) => Keeps::Stored,
            Place::History => Keeps::Tab,
            Place::Memory => Keeps::Page,
        }
    }

    /// Remembers a session, as the one of this tab too.
    pub fn remember(&self, id: &str, entry: Entry) {
        self.change(|tokens| tokens.insert(id, entry));
        match session_storage() {
            Some(tab) if tab.set_item(TAB, id).is_ok() => {}
            _ => {
                history_set(TAB, id);
            }
        }
    }

    /// Forgets a session.
    pub fn forget(&self, id: &str) {
        self.change(|tokens| tokens.remove(id));
    }

    /// The session that this tab shows, else (unless `own` is asked for) the newest of the tutorial.
    pub fn find(&self, tutorial: &str, own: bool) -> Option<(String, Entry)> {
        let tokens = self.load();
        let tab = session_storage()
            .and_then(|tab| tab.get_item(TAB).ok().flatten())
            .or_else(|| history_get(TAB));
        let of_tab = tab.and_then(|id| Some((id.clone(), tokens.get(&id)?.clone())));
        of_tab.filter(|(_, entry)| entry.tutorial == tutorial).or_else(|| {
            let newest = tokens.newest(tutorial).filter(|_| !own);
            newest.map(|(id, entry)| (id.to_owned(), entry.clone()))
        })
    }

    /// All sessions but one, with their tokens.
    pub fn others(&self, than: &str) -> impl Iterator<Item = (String, String)> {
        self.load().others(than)
    }

    /// Other tabs change the same map: it is read again before each change.
    fn change(&self, change: impl FnOnce(&mut Tokens)) {
        let mut tokens = self.load();
        change(&mut tokens);
        let json = tokens.to_json();
        let kept = match &self.place {
            Place::Storage(storage) => storage.set_item(TOKENS, &json).is_ok(),
            Place::History => history_set(TOKENS, &json),
            Place::Memory => true,
        };
        if !kept {
            leptos::logging::warn!("the browser does not keep the session's key");
        }
        *self.memory.borrow_mut() = tokens;
    }

    fn load(&self) -> Tokens {
        let json = match &self.place {
            Place::Storage(storage) => storage.get_item(TOKENS).ok().flatten(),
            Place::History => history_get(TOKENS),
            Place::Memory => None,
        };
        json.map_or_else(|| self.memory.borrow().clone(), |json| Tokens::parse(&json))
    }
}

/// Keeps a setting of the page (not a secret), where the browser allows it.
pub fn keep(name: &str, value: &str) {
    if let Some(storage) = local_storage() {
        let _ = storage.set_item(name, value);
    }
}

/// A setting of the page that was kept.
pub fn kept(name: &str) -> Option<String> {
    local_storage()?.get_item(name).ok()?
}

fn local_storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

fn session_storage() -> Option<Storage> {
    window().session_storage().ok().flatten()
}

/// Some browsers hand out a storage that refuses every write.
fn works(storage: &Storage) -> bool {
    let probe = "tryit.probe";
    storage.set_item(probe, "1").is_ok() && storage.remove_item(probe).is_ok()
}

fn history_get(name: &str) -> Option<String> {
    let state = window().history().ok()?.state().ok()?;
    Reflect::get(&state, &name.into()).ok()?.as_string()
}

fn history_set(name: &str, value: &str) -> bool {
    let Ok(history) = window().history() else { return false };
    let state = Object::new();
    if let Ok(old) = history.state()
        && old.is_object()
    {
        Object::assign(&state, old.unchecked_ref());
    }
    Reflect::set(&state, &name.into(), &value.into()).is_ok()
        && history.replace_state(&state, "").is_ok()
}
