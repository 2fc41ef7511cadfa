//! What is so for many operations of a document and told once.

use std::collections::BTreeMap;

use crate::spec::{Code, Finding, Place};

/// Counts operations by what is told of them.
#[derive(Debug, Default)]
pub(super) struct Once {
    seen: BTreeMap<Code, (Place, usize)>,
}

impl Once {
    /// Hears what is so for one more operation.
    pub(super) fn hear(&mut self, told: impl IntoIterator<Item = (Code, Place)>) {
        for (code, place) in told {
            self.seen.entry(code).or_insert((place, 0)).1 += 1;
        }
    }

    /// One finding a code, at the place of the first operation.
    pub(super) fn findings(self) -> impl Iterator<Item = Finding> {
        self.seen.into_iter().map(|(code, (place, count))| {
            let (noun, verb) = if count == 1 { ("operation", "requires") } else { ("operations", "require") };
            let message = match code {
                Code::SecurityNotEnforced => {
                    format!("{count} {noun} {verb} credentials, which the gateway passes on unchecked")
                }
                Code::NobodyMayCall => {
                    format!("{count} {noun} can be called by nobody until a usage plan or an app is bound")
                }
                Code::SeveralServers => format!("{count} {noun} with several servers; the first is taken"),
                Code::Callbacks => format!("{count} {noun} with callbacks, which the gateway does not have"),
                Code::PrefixPath => {
                    format!("{count} {noun} with a plain path, which also answers for longer paths")
                }
                Code::Links => format!("{count} {noun} with links, which the gateway does not have"),
                Code::ResponseHeaders => {
                    format!("{count} {noun} with response headers, which pass through undeclared")
                }
                other => format!("{count} {noun}: {}", other.description()),
            };
            Finding::new(code, place, message)
        })
    }
}
