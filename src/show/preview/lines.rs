//! The lines of sources that findings are shown with, kept when the texts are dropped.

use std::collections::HashMap;
use std::sync::Arc;

use crate::finding::Place;
use crate::spec::DocumentSet;

/// Lines by source and number.
#[derive(Debug, Clone, Default)]
pub struct Lines(HashMap<(Arc<str>, u32), Box<str>>);

impl Lines {
    /// The lines of these places, as far as the sources are at hand.
    pub fn of(set: &DocumentSet, places: impl IntoIterator<Item = Place>) -> Self {
        let mut wanted: HashMap<Arc<str>, Vec<u32>> = HashMap::new();
        for Place { source, line, .. } in places {
            wanted.entry(source).or_default().push(line);
        }
        let mut lines = Self::default();
        for tree in set.trees() {
            if let Some((source, numbers)) = wanted.remove_entry(tree.name()) {
                lines.add(&source, numbers, tree.text());
            }
        }
        lines
    }

    fn add(&mut self, source: &Arc<str>, mut numbers: Vec<u32>, text: &str) {
        numbers.sort_unstable();
        numbers.dedup();
        let (mut rest, mut next) = (text.split('\n'), 1);
        for number in numbers.into_iter().filter(|number| *number > 0) {
            let Some(line) = rest.nth((number - next) as usize) else { return };
            next = number + 1;
            let line = line.trim_end_matches('\r').into();
            self.0.insert((Arc::clone(source), number), line);
        }
    }

    /// The line of a place.
    pub fn line(&self, place: &Place) -> Option<&str> {
        self.0.get(&(Arc::clone(&place.source), place.line)).map(|line| &**line)
    }
}
