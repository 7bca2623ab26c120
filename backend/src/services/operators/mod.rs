//! Who may use the operator routes, and what they do. A valid token always passes; who fails too often has to wait.

mod audit;
mod bans;
mod maintenance;
mod sessions;
mod statistics;
mod usage;
mod watch;

use std::{num::NonZeroU32, time::Duration};

use domain::{AddressKey, ClientAddress, Network, TokenHash, UnixMs};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    state::keyed::DashMapStateStore,
};
use shared::ErrorCode;
use store::NewAuditEntry;
use subtle::ConstantTimeEq;

pub use statistics::StatisticsQuery;

use super::{Error, Result, Scope, Services, authentication::hash, settings::OperatorToken};

/// Failures of one address that are answered at once; after that, one more each [`FAILURE_EVERY`].
const FAILURES: NonZeroU32 = NonZeroU32::new(10).expect("10 is not zero");
/// How often a further failure is answered.
const FAILURE_EVERY: Duration = Duration::from_secs(6);
/// Addresses remembered; beyond that, those that have waited long enough are forgotten.
const MAX_ADDRESSES: usize = 10_000;

/// An operator who may do what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator(String);

impl Operator {
    /// A row of the audit.
    fn act(&self, action: &str, subject: Option<String>, detail: Option<String>) -> NewAuditEntry {
        NewAuditEntry { actor: self.0.clone(), action: action.to_owned(), subject, detail }
    }
}

/// Failed tokens by address.
pub(super) struct Throttle(RateLimiter<AddressKey, DashMapStateStore<AddressKey>, DefaultClock>);

impl Default for Throttle {
    fn default() -> Self {
        let quota = Quota::with_period(FAILURE_EVERY).unwrap_or(Quota::per_minute(FAILURES));
        Self(RateLimiter::dashmap(quota.allow_burst(FAILURES)))
    }
}

impl Throttle {
    /// Counts a failure; the time to wait once there were too many.
    fn failed(&self, client: ClientAddress) -> Option<Duration> {
        if self.0.len() > MAX_ADDRESSES {
            self.0.retain_recent();
        }
        let denied = self.0.check_key(&client.address_key()).err()?;
        Some(denied.wait_time_from(DefaultClock::default().now()))
    }
}

impl Services {
    /// The operator, when the token is valid now and has the scope.
    pub fn operator(
        &self,
        token: Option<&str>,
        scope: Scope,
        client: ClientAddress,
    ) -> Result<Operator> {
        let settings = self.0.settings.borrow();
        let Some(operator) = token.and_then(|token| valid(&settings.operators, token)) else {
            return Err(match self.0.throttle.failed(client) {
                None => Error::unauthorized(),
                Some(wait) => {
                    tracing::warn!(client = %client, "an address tries operator tokens");
                    Error::new(
                        ErrorCode::TooManyRequests,
                        "Too many wrong tokens from this address.",
                    )
                    .retry_after(wait)
                }
            });
        };
        if !operator.scopes.contains(&scope) {
            let message = format!("This token lacks the scope `{}`.", scope.as_str());
            return Err(Error::new(ErrorCode::Forbidden, message));
        }
        Ok(Operator(operator.name.clone()))
    }

    /// Waits until the token no longer has the scope: it was taken out of the configuration, or its time is up.
    pub async fn revoked(&self, token: &str, scope: Scope) {
        let mut settings = self.0.settings.clone();
        loop {
            let expires = {
                let settings = settings.borrow_and_update();
                match valid(&settings.operators, token) {
                    Some(operator) if operator.scopes.contains(&scope) => operator.expires,
                    _ => return,
                }
            };
            let expiry = async {
                match expires {
                    Some(end) => tokio::time::sleep(end.since(UnixMs::now())).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                changed = settings.changed() => if changed.is_err() { return },
                () = expiry => {}
            }
        }
    }
}

/// The token as it is configured, if its time is not up.
fn valid<'a>(operators: &'a [OperatorToken], token: &str) -> Option<&'a OperatorToken> {
    find(operators, &hash(token))
        .filter(|operator| operator.expires.is_none_or(|end| end > UnixMs::now()))
}

/// Compares with every token, each in constant time, so that the time taken tells nothing.
fn find<'a>(operators: &'a [OperatorToken], hash: &TokenHash) -> Option<&'a OperatorToken> {
    operators.iter().fold(None, |found, operator| {
        if bool::from(operator.hash.0.ct_eq(&hash.0)) { Some(operator) } else { found }
    })
}

/// A network of a request.
fn network(text: &str) -> Result<Network> {
    text.trim().parse().map_err(|_| {
        let message = "Send a network like 198.51.100.0/24 or 2001:db8::/48, or an address.";
        Error::invalid("network", message)
    })
}
