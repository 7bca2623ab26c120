//! The words of the queue: how many wait before, how long it may take, until when a place is held.

use shared::session::{SessionState, SessionView};

use super::clock::in_words;

/// Where one stands.
pub fn place(position: Option<u64>) -> String {
    match position {
        Some(0 | 1) => "You are the next.".to_owned(),
        Some(position) => format!("You are number {position} in the queue."),
        None => "You are in the queue.".to_owned(),
    }
}

/// How long it may take. The service reckons with the ends of the sessions that run; an early one makes it shorter.
pub fn estimate(eta_seconds: Option<u64>) -> String {
    match eta_seconds {
        Some(0) => "A place may be free any moment.".to_owned(),
        Some(1..60) => "A place in less than a minute.".to_owned(),
        Some(60..=90) => "A place in about a minute, or sooner.".to_owned(),
        Some(seconds) => format!("A place in about {}, or sooner.", in_words(seconds)),
        None => "How long it takes can't be said yet.".to_owned(),
    }
}

/// What the title of the tab says of a session; nothing while the tutorial's own title says enough.
pub fn title(view: &SessionView) -> Option<String> {
    match (view.state, view.position) {
        (SessionState::Queued, Some(position @ 2..)) => Some(format!("{position} in the queue")),
        (SessionState::Queued, Some(_)) => Some("Next in the queue".to_owned()),
        (SessionState::Queued, None) => Some("In the queue".to_owned()),
        (SessionState::Offered, _) => Some("● Your place is ready".to_owned()),
        (SessionState::Starting | SessionState::Running | SessionState::Ended, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_as_what_it_means() {
        assert_eq!(place(Some(1)), "You are the next.");
        assert_eq!(place(Some(12)), "You are number 12 in the queue.");
        assert_eq!(place(None), "You are in the queue.");
    }

    #[test]
    fn estimates_are_as_exact_as_they_can_be_and_no_more() {
        assert_eq!(estimate(Some(0)), "A place may be free any moment.");
        assert_eq!(estimate(Some(59)), "A place in less than a minute.");
        assert_eq!(estimate(Some(61)), "A place in about a minute, or sooner.");
        assert_eq!(estimate(Some(91)), "A place in about 2 minutes, or sooner.");
        assert_eq!(estimate(Some(400)), "A place in about 7 minutes, or sooner.");
        assert_eq!(estimate(None), "How long it takes can't be said yet.");
    }

    #[test]
    fn the_tab_says_what_one_waits_for() {
        let view = |state: &str| -> SessionView {
            let json = format!(
                r#"{{"id":"a","state":"{state}","position":3,"created_at":"","extensions_left":1,"terminals":[],
                "setup":"pending","facts":{{}},"progress":{{"page":"intro"}},"server_time":""}}"#
            );
            serde_json::from_str(&json).unwrap()
        };
        let mut queued = view("queued");
        assert_eq!(title(&queued).as_deref(), Some("3 in the queue"));
        queued.position = Some(1);
        assert_eq!(title(&queued).as_deref(), Some("Next in the queue"));
        assert_eq!(title(&view("offered")).as_deref(), Some("● Your place is ready"));
        assert_eq!(title(&view("running")), None);
    }
}
