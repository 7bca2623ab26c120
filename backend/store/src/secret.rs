//! What is derived from the database's secret.

use std::fmt;

use domain::AddressKey;
use hmac::{Hmac, Mac, digest::InvalidLength};
use sha2::Sha256;

/// 32 random bytes, made with the database, as the HMAC that they key.
pub(crate) struct Secret(Hmac<Sha256>);

impl Secret {
    pub(crate) fn new(bytes: &[u8]) -> Result<Self, InvalidLength> {
        Hmac::new_from_slice(bytes).map(Self)
    }

    /// The session token of an idempotency key.
    pub(crate) fn token(&self, key: &str) -> [u8; 32] {
        self.hmac(&[key.as_bytes()])
    }

    /// What stands for a visitor once the address is forgotten. No idempotency key holds a zero byte (it is a
    /// header), so that no key makes a token that is some visitor's pseudonym.
    pub(crate) fn visitor(&self, address: AddressKey) -> [u8; 32] {
        self.hmac(&[b"visitor\0", address.to_string().as_bytes()])
    }

    fn hmac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
