//! What a simulator is told before it starts.

use std::path::PathBuf;

use crate::simulator::scenario::{Account, Scenario};

/// The service of a simulator that was told none.
pub const SERVICE: &str = "service-simulated";

/// What a simulator is told before it starts.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The services that are there from the start.
    pub services: Vec<String>,
    /// APIs that one service may hold.
    pub quota: u64,
    /// Requests a second for one action and one SecretId.
    pub limit: u32,
    /// Who may call.
    pub credentials: Vec<Account>,
    /// Where the ledger is kept; in memory where there is none. What an earlier simulator
    /// wrote there is held again.
    pub ledger: Option<PathBuf>,
    /// How it behaves.
    pub scenario: Scenario,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            services: vec![SERVICE.to_owned()],
            quota: 100,
            limit: 20,
            credentials: vec![Account::example()],
            ledger: None,
            scenario: Scenario::default(),
        }
    }
}

impl Settings {
    /// Who may call.
    pub(crate) fn accounts(&self) -> &[Account] {
        let scenario = &self.scenario.credentials;
        if scenario.is_empty() { &self.credentials } else { scenario }
    }
}

impl Account {
    /// The account that a simulator knows unless it is told others.
    pub fn example() -> Self {
        Self::new("AKIDEXAMPLE", "SecretExample")
    }

    /// An account without a token that never expires.
    pub fn new(id: &str, key: &str) -> Self {
        Self { id: id.to_owned(), key: key.to_owned(), token: None, expires_after: None }
    }
}
