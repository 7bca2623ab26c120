//! How many connections one peer may hold, and how long one may keep the server waiting: whoever opens many, or sends
//! a byte now and then, takes nothing away from others.

use std::{
    any::Any,
    collections::HashMap,
    net::{IpAddr, Shutdown, TcpStream},
    os::fd::AsFd,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use actix_web::{dev::Extensions, rt};
use domain::{AddressKey, ClientAddress};
use tokio::time::sleep;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::Settings;

/// Connections of one peer that is no trusted proxy.
const PER_PEER: u32 = 64;
/// So many more are told why they are not served; beyond that there is no time for words.
const TOLD: u32 = 64;
/// How long a connection may go without a whole request's head: the web server closes one that sends nothing after
/// 5 s, and lets one that has sent a byte by then go on for as long as it likes.
const SILENCE: Duration = Duration::from_secs(10);
/// The same for one that is only to be told why.
const SILENCE_OF_SURPLUS: Duration = Duration::from_secs(1);

/// All connections, by peer.
#[derive(Clone, Default)]
pub struct Connections(Arc<Mutex<HashMap<AddressKey, u32>>>);

/// A connection, as its requests know it.
pub struct Connection {
    /// Whether its peer has too many, so that it is served nothing but the reason.
    pub is_surplus: bool,
    usage: Arc<Usage>,
    counted: Option<(Connections, AddressKey)>,
    _gone: DropGuard,
}

/// A request under way, until its answer is sent.
pub struct UnderWay(Arc<Usage>);

/// How a connection is used.
struct Usage {
    opened_at: Instant,
    under_way: AtomicU32,
    /// When the last request was over, in milliseconds after the opening.
    silent_since: AtomicU64,
}

impl Connections {
    /// Counts a new connection and leaves what its requests must know in `data`; or cuts it.
    pub fn welcome(&self, settings: &Settings, connection: &dyn Any, data: &mut Extensions) {
        let Some(stream) = connection.downcast_ref::<rt::net::TcpStream>() else { return };
        // One that is gone already needs nothing.
        let Ok(peer) = stream.peer_addr().map(|peer| peer.ip().to_canonical()) else { return };
        let Ok(handle) = stream.as_fd().try_clone_to_owned().map(TcpStream::from) else { return };
        let is_trusted = settings.trusted.iter().any(|network| network.contains(peer));
        let (number, counted) = match is_trusted {
            true => (0, None),
            false => {
                let (number, key) = self.count(peer);
                (number, Some((self.clone(), key)))
            }
        };
        let is_surplus = number > PER_PEER;
        let usage = Arc::new(Usage {
            opened_at: Instant::now(),
            under_way: AtomicU32::new(0),
            silent_since: AtomicU64::new(0),
        });
        let gone = CancellationToken::new();
        if number > PER_PEER + TOLD {
            cut(&handle);
        } else {
            let silence = if is_surplus { SILENCE_OF_SURPLUS } else { SILENCE };
            let watching = cut_when_silent(handle, usage.clone(), silence);
            rt::spawn(gone.clone().run_until_cancelled_owned(watching));
        }
        data.insert(Connection { is_surplus, usage, counted, _gone: gone.drop_guard() });
    }

    fn count(&self, peer: IpAddr) -> (u32, AddressKey) {
        let key = ClientAddress::from(peer).address_key();
        let mut counts = self.counts();
        let count = counts.entry(key).or_default();
        *count += 1;
        (*count, key)
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<AddressKey, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    /// A request has come.
    pub fn begin(&self) -> UnderWay {
        self.usage.under_way.fetch_add(1, Ordering::Relaxed);
        UnderWay(self.usage.clone())
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let Some((connections, key)) = self.counted.take() else { return };
        let mut counts = connections.counts();
        if let Some(count) = counts.get_mut(&key) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&key);
            }
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        // The moment first: with no request under way it counts.
        self.0.silent_since.store(self.0.age(), Ordering::Relaxed);
        self.0.under_way.fetch_sub(1, Ordering::Release);
    }
}

impl Usage {
    fn age(&self) -> u64 {
        self.opened_at.elapsed().as_millis().try_into().unwrap_or(u64::MAX)
    }

    /// For how long nothing has been under way.
    fn silence(&self) -> Duration {
        if self.under_way.load(Ordering::Acquire) > 0 {
            return Duration::ZERO;
        }
        let since = self.silent_since.load(Ordering::Relaxed);
        Duration::from_millis(self.age().saturating_sub(since))
    }
}

/// Ends with the connection, or ends it.
async fn cut_when_silent(handle: TcpStream, usage: Arc<Usage>, longest: Duration) {
    loop {
        match longest.checked_sub(usage.silence()) {
            None | Some(Duration::ZERO) => return cut(&handle),
            Some(left) => sleep(left).await,
        }
    }
}

fn cut(handle: &TcpStream) {
    // A failure means that it is cut already.
    let _ = handle.shutdown(Shutdown::Both);
}
