//! Counts the operations of a document with the same finding, and reports it once.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Code, Finding, Place};

/// Counts operations by their findings.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    seen: BTreeMap<Code, Seen>,
    /// How many operations were counted.
    operations: usize,
}

/// The count of one code.
#[derive(Debug, Clone)]
struct Seen {
    /// Of the first operation.
    place: Place,
    operations: usize,
    /// The last operation that was counted.
    last: usize,
    words: BTreeSet<&'static str>,
}

impl Tally {
    /// Counts one more operation, with what is so for it.
    pub(crate) fn count(&mut self, told: impl IntoIterator<Item = (Code, Place, &'static str)>) {
        self.operations += 1;
        for (code, place, word) in told {
            let fresh = || Seen { place, operations: 0, last: 0, words: BTreeSet::new() };
            let seen = self.seen.entry(code).or_insert_with(fresh);
            seen.operations += usize::from(seen.last != self.operations);
            seen.last = self.operations;
            seen.words.extend(Some(word).filter(|word| !word.is_empty()));
        }
    }

    /// One finding a code, at the place of the first operation.
    pub(crate) fn findings(self) -> impl Iterator<Item = Finding> {
        self.seen.into_iter().map(|(code, seen)| {
            let message = message(code, &seen);
            Finding { operations: seen.operations, ..Finding::new(code, seen.place, message) }
        })
    }
}

fn message(code: Code, seen: &Seen) -> String {
    let count = seen.operations;
    let noun = if count == 1 { "operation" } else { "operations" };
    match code.counted() {
        Some(counted) => {
            let words = seen.words.iter().copied().collect::<Vec<_>>().join(", ");
            format!("{count} {noun} {}", counted.replace("{}", &words))
        }
        None => format!("{count} {noun}: {}", code.description()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_counts_once_however_many_words_it_has() {
        let place = || Place { source: "a".into(), line: 1, column: 1, pointer: "".into() };
        let told = |words: &[&'static str]| -> Vec<_> {
            words.iter().map(|word| (Code::PARAMETER_CONSTRAINTS, place(), *word)).collect()
        };
        let mut tally = Tally::default();
        tally.count(told(&["`pattern`", "`enum`"]));
        tally.count([]);
        tally.count(told(&["`enum`"]));
        let messages: Vec<String> = tally.findings().map(|finding| finding.message).collect();
        let expected =
            "2 operations with `enum`, `pattern` of parameters, which the gateway does not check";
        assert_eq!(messages, [expected]);
    }
}
