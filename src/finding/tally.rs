//! What is so for many operations of a document and told once.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Code, Finding, Place};

/// Counts operations by what is told of them.
#[derive(Debug, Default)]
pub(crate) struct Once {
    seen: BTreeMap<Code, Seen>,
    /// How many operations were heard of.
    heard: usize,
}

/// What is known of one code.
#[derive(Debug)]
struct Seen {
    /// Of the first operation.
    place: Place,
    operations: usize,
    /// The last operation that was counted.
    last: usize,
    words: BTreeSet<&'static str>,
}

impl Once {
    /// Hears what is so for one more operation.
    pub(crate) fn hear(&mut self, told: impl IntoIterator<Item = (Code, Place, &'static str)>) {
        self.heard += 1;
        for (code, place, word) in told {
            let fresh = || Seen { place, operations: 0, last: 0, words: BTreeSet::new() };
            let seen = self.seen.entry(code).or_insert_with(fresh);
            seen.operations += usize::from(seen.last != self.heard);
            seen.last = self.heard;
            seen.words.extend(Some(word).filter(|word| !word.is_empty()));
        }
    }

    /// One finding a code, at the place of the first operation.
    pub(crate) fn findings(self) -> impl Iterator<Item = Finding> {
        self.seen.into_iter().map(|(code, seen)| {
            let message = message(code, &seen);
            Finding::new(code, seen.place, message)
        })
    }
}

fn message(code: Code, seen: &Seen) -> String {
    let count = seen.operations;
    let (noun, verb) =
        if count == 1 { ("operation", "requires") } else { ("operations", "require") };
    let words = || seen.words.iter().copied().collect::<Vec<_>>().join(", ");
    match code {
        Code::SecurityNotEnforced => {
            format!("{count} {noun} {verb} credentials, which the gateway passes on unchecked")
        }
        Code::NobodyMayCall => {
            format!("{count} {noun} can be called by nobody until a usage plan or an app is bound")
        }
        Code::SeveralServers => format!("{count} {noun} with several servers; the first is taken"),
        Code::ServerDefaults => {
            format!("{count} {noun} with a server whose variables take their defaults")
        }
        Code::Callbacks => {
            format!("{count} {noun} with callbacks, which the gateway does not have")
        }
        Code::PrefixPath => {
            format!("{count} {noun} with a plain path, which also answers for longer paths")
        }
        Code::Links => format!("{count} {noun} with links, which the gateway does not have"),
        Code::ResponseHeaders => {
            format!("{count} {noun} with response headers, which pass through undeclared")
        }
        Code::ParameterConstraints => {
            format!(
                "{count} {noun} with {} of parameters, which the gateway does not check",
                words()
            )
        }
        Code::ParameterDetails => {
            format!("{count} {noun} with {} of parameters, which no field takes", words())
        }
        Code::Documentation => format!("{count} {noun} with {}, which no field takes", words()),
        other => format!("{count} {noun}: {}", other.description()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_counts_once_however_many_words_it_has() {
        let place = || Place { source: "a".into(), line: 1, column: 1, pointer: "".into() };
        let told = |words: &[&'static str]| -> Vec<_> {
            words.iter().map(|word| (Code::ParameterConstraints, place(), *word)).collect()
        };
        let mut once = Once::default();
        once.hear(told(&["`pattern`", "`enum`"]));
        once.hear([]);
        once.hear(told(&["`enum`"]));
        let messages: Vec<String> = once.findings().map(|finding| finding.message).collect();
        let expected =
            "2 operations with `enum`, `pattern` of parameters, which the gateway does not check";
        assert_eq!(messages, [expected]);
    }
}
