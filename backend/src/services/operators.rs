//! Who may use the operator routes. A valid token always passes; who fails too often has to wait.

use std::{num::NonZeroU32, time::Duration};

use domain::{AddressKey, ClientAddress, TokenHash, UnixMs};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    state::keyed::DashMapStateStore,
};
use shared::ErrorCode;
use subtle::ConstantTimeEq;

use super::{Error, Result, Scope, Services, authentication::hash, settings::OperatorToken};

/// Failures of one address that are answered at once; after that, one more each [`FAILURE_EVERY`].
const FAILURES: NonZeroU32 = NonZeroU32::new(10).expect("10 is not zero");
/// How often a further failure is answered.
const FAILURE_EVERY: Duration = Duration::from_secs(6);
/// Addresses remembered; beyond that, those that have waited long enough are forgotten.
const MAX_ADDRESSES: usize = 10_000;

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
    /// The operator's name, when the token is valid now and has the scope.
    pub fn operator(
        &self,
        token: Option<&str>,
        scope: Scope,
        client: ClientAddress,
    ) -> Result<String> {
        let settings = self.0.settings.borrow();
        let operator = token.and_then(|token| find(&settings.operators, &hash(token)));
        let Some(operator) =
            operator.filter(|operator| operator.expires.is_none_or(|end| end > UnixMs::now()))
        else {
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
        Ok(operator.name.clone())
    }
}

/// Compares with every token, each in constant time, so that the time taken tells nothing.
fn find<'a>(operators: &'a [OperatorToken], hash: &TokenHash) -> Option<&'a OperatorToken> {
    operators.iter().fold(None, |found, operator| {
        if bool::from(operator.hash.0.ct_eq(&hash.0)) { Some(operator) } else { found }
    })
}
