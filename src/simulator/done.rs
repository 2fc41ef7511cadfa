//! What came of a request that was carried out.

use jiff::Timestamp;

use crate::simulator::answer::Fields;
use crate::simulator::ledger::Verdict;

/// What came of a request that was carried out.
pub(crate) struct Done {
    pub(crate) verdict: Verdict,
    pub(crate) fields: Fields,
    /// What was made or taken away, for the ledger.
    pub(crate) api_id: String,
    /// The service that was made, for the ledger.
    pub(crate) service: String,
    /// The body of what was made or changed, for the ledger.
    pub(crate) body: String,
}

impl Done {
    pub(crate) fn new(verdict: Verdict, fields: Fields) -> Self {
        let (api_id, service, body) = Default::default();
        Self { verdict, fields, api_id, service, body }
    }
}

/// The form that the gateway gives times in.
pub(crate) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
