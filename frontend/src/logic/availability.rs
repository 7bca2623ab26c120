//! What is free right now, in one line.

use shared::status::{ServiceState, Status};

use super::clock::in_words;

/// The line under the start button, and whether the button can be clicked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Availability {
    /// One or two sentences.
    pub line: String,
    /// Whether a start can be asked for.
    pub can_start: bool,
}

/// What `status` means to someone who is about to start.
pub fn availability(status: &Status) -> Availability {
    let (active, max) = (status.sessions.active, status.sessions.max);
    let said = |fallback: &str| status.message.clone().unwrap_or_else(|| fallback.to_owned());
    match status.state {
        ServiceState::Open => Availability {
            line: format!("Ready now. {active} of {max} machines in use."),
            can_start: true,
        },
        ServiceState::Full => {
            let waiting = match status.queue.length {
                0 => "You would be the next.".to_owned(),
                1 => "One visitor waits before you.".to_owned(),
                waiting => format!("{waiting} visitors wait before you."),
            };
            let eta =
                status.queue.eta_seconds.map(|eta| format!(" A place in about {}.", in_words(eta)));
            let line =
                format!("All {max} machines are in use. {waiting}{}", eta.unwrap_or_default());
            Availability { line, can_start: true }
        }
        ServiceState::Maintenance => Availability {
            line: format!(
                "Closed for maintenance. {}",
                said("This page notices when it opens again.")
            ),
            can_start: false,
        },
        ServiceState::Unavailable => Availability {
            line: format!(
                "{} This page keeps asking.",
                said("The machines can't be reached right now.")
            ),
            can_start: false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::status::{Client, Family, Places, Queue};

    fn status(state: ServiceState) -> Status {
        Status {
            state,
            message: None,
            sessions: Places { active: 5, max: 32 },
            queue: Queue { length: 3, eta_seconds: Some(240) },
            client: Client { address: "192.0.2.1".into(), family: Family::Ipv4 },
            feedback: true,
            duration_seconds: 1800,
            default_tutorial: None,
            server_time: String::new(),
        }
    }

    #[test]
    fn each_state_reads_as_what_it_means() {
        assert_eq!(
            availability(&status(ServiceState::Open)).line,
            "Ready now. 5 of 32 machines in use."
        );
        let full = availability(&status(ServiceState::Full));
        assert_eq!(
            full.line,
            "All 32 machines are in use. 3 visitors wait before you. A place in about 4 minutes."
        );
        assert!(full.can_start);
        let mut closed = status(ServiceState::Maintenance);
        closed.message = Some("Back at 14:00.".into());
        assert_eq!(availability(&closed).line, "Closed for maintenance. Back at 14:00.");
        assert!(!availability(&closed).can_start);
        assert!(!availability(&status(ServiceState::Unavailable)).can_start);
    }
}
