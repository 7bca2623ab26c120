//! The neighbour: types, and gets each key back.

use std::time::Duration;

use tokio::time::Instant;

use crate::support::{Message, Socket};

/// How long a key may take, on a machine where much else is tested.
const AT_MOST: Duration = Duration::from_secs(5);
/// Keys of one turn.
const KEYS: usize = 20;

/// A visitor whose terminal gives back what is typed.
pub struct Neighbour(Socket);

impl Neighbour {
    /// Somebody at this terminal.
    pub async fn at(mut terminal: Socket) -> Self {
        terminal.type_in("stty raw -echo; echo lis\"\"tens; exec cat\n").await;
        terminal.expect("listens").await;
        let mut neighbour = Self(terminal);
        // Whatever followed it.
        while neighbour.0.next_within(Duration::from_millis(300)).await.is_some() {}
        neighbour.types().await;
        neighbour
    }

    /// Types a few keys, each when the last one is back.
    pub async fn types(&mut self) {
        for _ in 0..KEYS {
            self.0.output.clear();
            let typed = Instant::now();
            self.0.type_in("x").await;
            while self.0.output.is_empty() {
                let left = AT_MOST.saturating_sub(typed.elapsed());
                match self.0.next_within(left).await {
                    Some(Message::Close(code)) => panic!("the neighbour's terminal closed: {code}"),
                    Some(_) => {}
                    None => panic!("a key was not back within {AT_MOST:?}"),
                }
            }
            assert_eq!(self.0.output, b"x");
        }
    }
}
