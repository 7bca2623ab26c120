//! The form: a star is sent at once, the rest when the visitor says so.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::feedback::Feedback;

use super::stars::stars;
use crate::browser::api::Failure;
use crate::browser::storage;
use crate::components::ui::{click, flag, maybe, text};
use crate::components::warning;
use crate::state::Session;

/// The longest message, in characters.
const MAX_MESSAGE: &str = "4000";

/// Where the id of the last session is kept on which feedback was left: only then there is some to ask for.
const LEFT: &str = "tryit.feedback";

/// An e-mail address is only sent with the consent to keep it.
fn filled(rating: u8, message: String, email: String, consent: bool) -> Feedback {
    let text = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let email = text(email).filter(|_| consent);
    Feedback { rating, message: text(message), email_consent: email.is_some(), email }
}

/// Feedback on the session; it can be changed until the service closes it.
#[component]
pub fn FeedbackForm(
    /// Begins with what was left before, for a page that does not know.
    recall: bool,
) -> impl IntoView {
    let session = expect_context::<Session>();
    let fields = Fields::default();
    let state = RwSignal::new(String::new());
    let failed = RwSignal::new(None::<Failure>);
    if recall && storage::kept(LEFT).is_some_and(|id| id == session.key().id) {
        spawn_local(async move {
            if let Ok(left) = session.key().feedback().await {
                fields.set(left);
            }
        });
    }
    let send = move || {
        state.set("Sending…".to_owned());
        spawn_local(async move {
            let key = session.key();
            let sent = key.leave_feedback(&fields.get()).await;
            if sent.is_ok() {
                storage::keep(LEFT, &key.id);
            }
            state.try_set(if sent.is_ok() { "Saved. Thank you." } else { "" }.to_owned());
            failed.try_set(sent.err());
        });
    };
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        send();
    };
    let rated = Memo::new(move |_| fields.rating.get() > 0);
    let rest = maybe(move || rated.get().then(|| rest(fields)));
    let refusal = maybe(move || failed.get().map(|failure| warning(failure.words(), None)));
    view! {
        <form class="feedback" on:submit=submit>
            {stars(fields.rating, send)}
            {rest}
            <p class="muted" role="status">{state}</p>
            {refusal}
        </form>
    }
}

/// What the form holds.
#[derive(Clone, Copy, Default)]
struct Fields {
    rating: RwSignal<u8>,
    message: RwSignal<String>,
    email: RwSignal<String>,
    consent: RwSignal<bool>,
}

impl Fields {
    fn get(self) -> Feedback {
        let texts = (self.message.get_untracked(), self.email.get_untracked());
        filled(self.rating.get_untracked(), texts.0, texts.1, self.consent.get_untracked())
    }

    fn set(self, left: Feedback) {
        self.rating.try_set(left.rating);
        self.message.try_set(left.message.unwrap_or_default());
        self.email.try_set(left.email.unwrap_or_default());
        self.consent.try_set(left.email_consent);
    }
}

/// What opens after a star.
fn rest(Fields { message, email, consent, .. }: Fields) -> AnyView {
    let input = |into: RwSignal<String>| move |event| into.set(event_target_value(&event));
    let tick = click(move || consent.update(|consent| *consent = !*consent));
    let (shown_message, shown_email) = (text(move || message.get()), text(move || email.get()));
    view! {
        <label class="field">
            "What was good, what was missing? (optional)"
            <textarea rows="3" maxlength=MAX_MESSAGE prop:value=shown_message on:input=input(message)></textarea>
        </label>
        <label class="field">
            "E-mail, for an answer (optional)"
            <input type="email" autocomplete="email" maxlength="254" prop:value=shown_email on:input=input(email)/>
        </label>
        <label class="tick">
            <input type="checkbox" prop:checked=flag(move || consent.get()) on:click=tick/>
            "My address may be kept and used to answer me. Without this it is not sent."
        </label>
        <button class="primary" type="submit">"Send"</button>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_sent_only_with_consent() {
        let without = filled(5, " good ".into(), "a@b.example".into(), false);
        assert_eq!(
            without,
            Feedback { rating: 5, message: Some("good".into()), ..Feedback::default() }
        );
        let with = filled(5, String::new(), "a@b.example".into(), true);
        assert_eq!((with.email.as_deref(), with.email_consent), (Some("a@b.example"), true));
        assert!(!filled(5, String::new(), " ".into(), true).email_consent);
    }
}
