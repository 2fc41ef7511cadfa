//! What makes an item the same item: its key and its digest.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// The identity of an item: service, method and path as they are sent. One service holds
/// at most one API of a key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ItemKey {
    /// `ServiceId` as sent.
    pub service: String,
    /// `RequestConfig.Method` as sent.
    pub method: String,
    /// `RequestConfig.Path` as sent, `=` included.
    pub path: String,
}

impl ItemKey {
    /// A short stable name for journals: `k-` and 16 hexadecimal digits.
    pub fn short(&self) -> String {
        let mut hash = Sha256::new();
        for part in [&self.service, &self.method, &self.path] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        format!("k-{}", hex::encode(&hash.finalize()[..8]))
    }
}

/// SHA-256 of a request body, in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Digest(String);

impl Digest {
    /// The digest of these bytes.
    pub fn of(body: &[u8]) -> Self {
        Self(hex::encode(Sha256::digest(body)))
    }

    /// As in reports.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
