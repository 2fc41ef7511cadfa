//! What a report remembers of the import that began it, so that `resume REPORT` needs no
//! other argument. Never a secret: credentials are read again from where they come from.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::cli::{GatewayArgs, ReferenceArgs, SourceArgs};

/// The import's own arguments and where it ran.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Remembered {
    /// The folder that relative sources and settings are relative to, absolute.
    pub folder: PathBuf,
    /// What was read and how it was mapped.
    pub sources: SourceArgs,
    /// Where it was sent.
    pub gateway: GatewayArgs,
    /// `--release`.
    pub release: Option<String>,
    /// The services that `--create-services` has made or found and `--spread` has chosen, by
    /// source: a resume sends nothing elsewhere, however the documents have grown.
    pub services: BTreeMap<String, String>,
}

impl GatewayArgs {
    /// What was typed now over what was typed then.
    #[must_use]
    pub fn over(self, then: Self) -> Self {
        Self {
            simulate: self.simulate || then.simulate,
            endpoint: self.endpoint.or(then.endpoint),
            region: self.region.or(then.region),
            ca_file: self.ca_file.or(then.ca_file),
            allow_plain_http: self.allow_plain_http || then.allow_plain_http,
            profile: self.profile.or(then.profile),
            cvm_role: self.cvm_role || then.cvm_role,
            language: self.language.or(then.language),
            rate: self.rate.or(then.rate),
            rate_limit: self.rate_limit.or(then.rate_limit),
            concurrency: self.concurrency.or(then.concurrency),
            timeout: self.timeout.or(then.timeout),
            settle: self.settle.or(then.settle),
            attempts: self.attempts.or(then.attempts),
            strict_once: self.strict_once || then.strict_once,
            max_failures: self.max_failures.or(then.max_failures),
        }
    }
}

impl ReferenceArgs {
    /// What was typed now beside what was typed then.
    #[must_use]
    pub fn over(self, then: Self) -> Self {
        let mut hosts = then.allow_remote_refs;
        hosts.extend(self.allow_remote_refs);
        Self { allow_remote_refs: hosts, ref_root: self.ref_root.or(then.ref_root) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_now_outranks_what_was_typed_then() {
        let then = GatewayArgs {
            rate: Some(5.0),
            region: Some("a".into()),
            simulate: true,
            ..GatewayArgs::default()
        };
        let now = GatewayArgs { rate: Some(7.0), ..GatewayArgs::default() };
        let both = now.over(then);
        assert_eq!(
            (both.rate, both.region.as_deref(), both.simulate),
            (Some(7.0), Some("a"), true)
        );
    }

    #[test]
    fn what_a_report_remembers_comes_back_as_it_was() {
        let remembered = Remembered {
            folder: "/catalogs".into(),
            sources: SourceArgs {
                sources: vec!["a".into()],
                deny: vec!["clash".into()],
                ..SourceArgs::default()
            },
            gateway: GatewayArgs { settle: Some(0.5), ..GatewayArgs::default() },
            release: Some("test".into()),
            services: [("a".to_owned(), "service-a".to_owned())].into(),
        };
        let text = serde_json::to_string(&remembered).unwrap();
        let back: Remembered = serde_json::from_str(&text).unwrap();
        assert_eq!(format!("{back:?}"), format!("{remembered:?}"));
    }
}
