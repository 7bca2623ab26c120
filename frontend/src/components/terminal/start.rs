//! The start, where the terminal will be: the steps with ticks and how long each took.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::session::PhaseStep;

use crate::browser::time;
use crate::components::ui::{effect, flag, maybe, text};
use crate::logic::attach::Link;
use crate::logic::clock::took;
use crate::logic::phases::{Phases, STEPS, Standing, covers, label, patience};
use crate::state::Session;

/// How often the running step's time is drawn.
const DRAW_MS: u32 = 100;

/// Lies over the terminal until it is attached: for the first time, and to a fresh container.
#[component]
pub fn StartCover() -> impl IntoView {
    let session = expect_context::<Session>();
    let link = session.tabs.terminal(1).face().link;
    let ready = Memo::new(move |before: Option<&bool>| {
        link.with(|link| !covers(session.state.get(), link, before == Some(&true)))
    });
    let begun = Memo::new(move |_| session.phases.with(Phases::has_begun));
    let now = RwSignal::new(time::now());
    effect(move || {
        if ready.get() {
            return;
        }
        spawn_local(async move {
            while ready.try_get_untracked() == Some(false) {
                now.try_set(time::now());
                time::sleep(DRAW_MS).await;
            }
        });
    });
    maybe(move || match (ready.get(), begun.get()) {
        (true, _) => None,
        (false, true) => Some(steps(session, link, now)),
        (false, false) => Some(
            view! { <div class="starting"><p>"Connecting to your terminal…"</p></div> }.into_any(),
        ),
    })
}

/// The steps, what is waited for, and a word to who has waited long.
fn steps(session: Session, link: RwSignal<Link>, now: RwSignal<f64>) -> AnyView {
    let waits = text(move || match link.get() {
        Link::Waiting(message) => message,
        _ => {
            let message =
                session.view.with(|view| view.phase.as_ref().map(|phase| phase.message.clone()));
            message.unwrap_or_else(|| "Asking for a terminal…".to_owned())
        }
    });
    let patience = text(move || {
        session
            .phases
            .with(|phases| patience(phases.elapsed(now.get())))
            .unwrap_or_default()
            .to_owned()
    });
    view! {
        <div class="starting">
            <h2>"Making your machine"</h2>
            <ol>{Vec::from(STEPS.map(|each| step(session, each, now)))}</ol>
            <p role="status">{waits}</p>
            <p class="quiet-line">{patience}</p>
        </div>
    }
    .into_any()
}

/// One step.
fn step(session: Session, step: PhaseStep, now: RwSignal<f64>) -> AnyView {
    let standing = move || session.phases.with(|phases| phases.standing(step, now.get()));
    let seconds = text(move || match standing() {
        Standing::Done(Some(milliseconds)) | Standing::Now(milliseconds) => took(milliseconds),
        Standing::Done(None) | Standing::Ahead => String::new(),
    });
    let percent = text(move || {
        let percent = session.view.with(|view| {
            let phase = view.phase.as_ref().filter(|phase| phase.step == step)?;
            phase.percent.map(|percent| format!("{percent} %"))
        });
        percent.unwrap_or_default()
    });
    let done = flag(move || matches!(standing(), Standing::Done(_)));
    let now = flag(move || matches!(standing(), Standing::Now(_)));
    view! {
        <li class:done=done class:now=now>
            <span class="grow">{label(step)}</span>
            <span>{percent}</span>
            <span class="took">{seconds}</span>
        </li>
    }
    .into_any()
}
