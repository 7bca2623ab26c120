//! How many sockets and update streams one session and one address may hold: counted here, given back on drop.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::{AddressKey, ClientAddress, SessionId};
use shared::ErrorCode;
use tokio::{sync::Notify, time::timeout};

use crate::services::{Error, Result};

/// Sockets per session.
const SOCKETS_PER_SESSION: u32 = 8;
/// Operators' sockets per session; they take nothing from the visitor's.
const WATCHERS_PER_SESSION: u32 = 8;
/// Update streams per session.
const STREAMS_PER_SESSION: u32 = 4;
/// Sockets and streams per client address.
const PER_ADDRESS: u32 = 64;

/// What a seat is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A terminal's websocket.
    Socket,
    /// An operator's socket on a visitor's terminal.
    Watcher,
    /// An update stream.
    Stream,
}

/// How long a seat that is about to be free is waited for.
const SOON: Duration = Duration::from_secs(1);

/// All seats taken.
#[derive(Clone, Default)]
pub struct Seats(Arc<Room>);

#[derive(Default)]
struct Room {
    taken: Mutex<Taken>,
    given_back: Notify,
}

#[derive(Default)]
struct Taken {
    by_session: HashMap<(SessionId, Kind), u32>,
    by_address: HashMap<AddressKey, u32>,
}

/// A seat, given back when dropped.
pub struct Seat {
    seats: Seats,
    session: (SessionId, Kind),
    address: AddressKey,
}

impl Seats {
    /// Takes a seat, or says why not.
    pub fn take(&self, client: ClientAddress, session: SessionId, kind: Kind) -> Result<Seat> {
        let (session, address) = ((session, kind), client.address_key());
        let per_session = match kind {
            Kind::Socket => SOCKETS_PER_SESSION,
            Kind::Watcher => WATCHERS_PER_SESSION,
            Kind::Stream => STREAMS_PER_SESSION,
        };
        let mut taken = self.0.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let own = taken.by_session.get(&session).copied().unwrap_or(0);
        let near = taken.by_address.get(&address).copied().unwrap_or(0);
        if own >= per_session || near >= PER_ADDRESS {
            return Err(Error::new(
                ErrorCode::TooManyRequests,
                "This session is open in too many places at once. Close some of its tabs, then try again.",
            ));
        }
        *taken.by_session.entry(session).or_default() += 1;
        *taken.by_address.entry(address).or_default() += 1;
        Ok(Seat { seats: self.clone(), session, address })
    }

    /// Takes a seat that is about to be given back; none when that takes longer than a second.
    pub async fn take_soon(
        &self,
        client: ClientAddress,
        session: SessionId,
        kind: Kind,
    ) -> Option<Seat> {
        let free = async {
            loop {
                let given_back = self.0.given_back.notified();
                if let Ok(seat) = self.take(client, session, kind) {
                    return seat;
                }
                given_back.await;
            }
        };
        timeout(SOON, free).await.ok()
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.0.taken.lock().unwrap_or_else(PoisonError::into_inner);
        give_back(&mut taken.by_session, &self.session);
        give_back(&mut taken.by_address, &self.address);
        drop(taken);
        self.seats.0.given_back.notify_waiters();
    }
}

fn give_back<K: Eq + Hash>(counts: &mut HashMap<K, u32>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    #[test]
    fn a_seat_is_given_back_and_nothing_is_left() {
        let seats = Seats::default();
        let client = IpAddr::from([198, 51, 100, 7]).into();
        let session = SessionId::random();
        let taken: Vec<_> = (0..SOCKETS_PER_SESSION)
            .map(|_| seats.take(client, session, Kind::Socket).unwrap())
            .collect();
        assert!(seats.take(client, session, Kind::Socket).is_err());
        assert!(seats.take(client, session, Kind::Stream).is_ok());
        drop(taken);
        assert!(seats.take(client, session, Kind::Socket).is_ok());
        let inner = seats.0.taken.lock().unwrap();
        assert!(inner.by_session.is_empty() && inner.by_address.is_empty());
    }

    #[test]
    fn one_address_cannot_take_everything() {
        let seats = Seats::default();
        let client = IpAddr::from([198, 51, 100, 7]).into();
        let taken: Vec<_> = (0..PER_ADDRESS)
            .map(|_| seats.take(client, SessionId::random(), Kind::Socket).unwrap())
            .collect();
        assert!(seats.take(client, SessionId::random(), Kind::Socket).is_err());
        let other = IpAddr::from([198, 51, 100, 8]).into();
        assert!(seats.take(other, SessionId::random(), Kind::Socket).is_ok());
        drop(taken);
    }
}
