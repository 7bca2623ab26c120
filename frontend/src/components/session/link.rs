//! The dialog that links two sessions: which one, and what to type in both.
//!
//! A file of its own, which the menu loads. It names nothing of the session's file: what both name would become a third
//! one, which every session loads.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::session::{Link, SessionState};
use wasm_split_helpers::{SplitLoaderError, wasm_split};

use crate::browser::api::{Failure, Key};
use crate::components::ui::{click, flag, maybe};

/// The port of LXD, for which there is more to say.
const LXD: &str = "8443";

/// What the dialog is made of.
pub struct Parts {
    /// What its signals live as long as.
    pub owner: Owner,
    /// The key to the session.
    pub own: Key,
    /// The keys to this browser's other sessions; some may have ended.
    pub others: Vec<Key>,
    /// A command that can be copied.
    pub command: Arc<dyn Fn(String) -> AnyView + Send + Sync>,
}

/// What is known.
#[derive(Clone, Copy)]
struct State {
    /// The other sessions that run, each with its container's name, once they were asked.
    others: RwSignal<Option<Vec<(Key, String)>>>,
    links: RwSignal<Vec<Link>>,
    busy: RwSignal<bool>,
    refused: RwSignal<Option<Failure>>,
}

/// What is in the dialog.
#[wasm_split(link, fallible)]
pub fn open(parts: Parts) -> Result<AnyView, SplitLoaderError> {
    let owner = parts.owner.clone();
    Ok(owner.with(|| content(parts)))
}

fn content(parts: Parts) -> AnyView {
    let Parts { own, others, command, .. } = parts;
    let state = State {
        others: RwSignal::new(None),
        links: RwSignal::new(Vec::new()),
        busy: RwSignal::new(false),
        refused: RwSignal::new(None),
    };
    let key = own.clone();
    spawn_local(async move { state.look(&key, others).await });
    let linked = maybe(move || {
        let links = state.links.get();
        Some(all(links.iter().map(|link| how(link, &*command))))
    });
    let choice = maybe(move || {
        let Some(others) = state.others.get() else {
            return Some(view! { <p>"Looking for your other sessions…"</p> }.into_any());
        };
        if others.is_empty() {
            let none = "No other session of yours is running in this browser. Open a second one from the menu, then come back.";
            return Some(view! { <p>{none}</p> }.into_any());
        }
        let links = state.links.get();
        let rest = others.into_iter().filter(|(key, _)| links.iter().all(|link| link.id != key.id));
        let buttons = rest.map(|(key, name)| {
            let own = own.clone();
            let link = click(move || spawn_local(state.link(own.clone(), key.clone())));
            let busy = flag(move || state.busy.get());
            view! { <button class="primary" disabled=busy on:click=link>"Link with "{name}</button> }.into_any()
        });
        let buttons = all(buttons);
        Some(view! { <p class="acts">{buttons}</p> }.into_any())
    });
    let refused = maybe(move || {
        let failure = state.refused.get()?;
        let words = failure.words();
        // Only the service knows the reason, and says it in words.
        let detail = failure.message().unwrap_or_else(|| words.detail.to_owned());
        Some(
            view! { <p class="warning" role="alert"><strong>{words.title}</strong>" "{detail}</p> }
                .into_any(),
        )
    });
    view! {
        <p class="muted">"Two containers of yours reach each other over the network, and nobody else's do."</p>
        <div role="status">{linked}{choice}</div>
        {refused}
        <p class="acts"><button class="quiet" popovertarget="link">"Close"</button></p>
    }
    .into_any()
}

/// One after another. (How lists are shown is in the session's file.)
fn all(views: impl Iterator<Item = AnyView>) -> AnyView {
    views.fold(().into_any(), |before, view| view! { {before}{view} }.into_any())
}

impl State {
    /// Asks for what there is.
    async fn look(self, own: &Key, keys: Vec<Key>) {
        let mut found = Vec::new();
        for key in keys {
            if let Ok(view) = key.view().await
                && view.state == SessionState::Running
                && let Some(name) = view.name
            {
                found.push((key, name));
            }
        }
        self.take(own.links().await);
        self.others.try_set(Some(found));
    }

    /// Links the session with another one.
    async fn link(self, own: Key, other: Key) {
        self.busy.set(true);
        self.refused.set(None);
        let answer = own.link(&other).await;
        self.busy.try_set(false);
        self.take(answer);
    }

    fn take(self, answer: Result<Vec<Link>, Failure>) {
        match answer {
            Ok(links) => drop(self.links.try_set(links)),
            Err(failure) => drop(self.refused.try_set(Some(failure))),
        }
    }
}

/// What reaches the other one, and for LXD what to type in both.
fn how(link: &Link, command: &dyn Fn(String) -> AnyView) -> AnyView {
    let (name, address) = (link.name.clone(), link.address.clone());
    let host = if address.contains(':') { format!("[{address}]") } else { address.clone() };
    let ports = all(link.ports.iter().map(|port| view! { " "{port.clone()} }.into_any()));
    let lxd = link.ports.iter().any(|port| port == LXD).then(|| {
        let there = format!(
            "lxc config set core.https_address {host}:{LXD}; lxc config trust add --name peer -q"
        );
        view! {
            <p>"There: let LXD answer on that address, and print a token."</p>
            {command(there)}
            <p>"Here: put that token in the place of TOKEN."</p>
            {command("lxc remote add peer TOKEN".to_owned())}
            <p class="muted">"Then "<code>"lxc list peer:"</code>" shows its containers."</p>
        }
    });
    view! {
        <p><strong>{name}</strong>" is at "<code>{address}</code>", port"{ports}"."</p>
        {lxd}
    }
    .into_any()
}
