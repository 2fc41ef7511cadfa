//! What one kind of finding comes to.

use indexmap::IndexSet;

use crate::finding::{Finding, Place};
use crate::plan::Entry;

/// Places of a kind of finding that are kept, in the order of the sources.
const PLACES: usize = 3;

/// Routes of a kind of finding that are kept, to name them in a cure.
pub(crate) const ROUTES: usize = 3;

/// What one kind of finding comes to.
#[derive(Debug, Default)]
pub struct Toll {
    /// Operations that have it.
    pub operations: usize,
    /// Documents, and sources that cannot be read, that have it.
    pub documents: usize,
    /// The first of them.
    pub places: Vec<Place>,
    /// The methods of its operations.
    pub methods: IndexSet<String>,
    /// The paths of its first operations.
    pub paths: IndexSet<String>,
    /// The last document that was counted, from 1.
    last: usize,
}

impl Toll {
    pub(crate) fn document(&mut self, number: usize, finding: &Finding) {
        self.operations += finding.operations;
        self.at(number, finding);
    }

    pub(crate) fn entry(&mut self, number: usize, finding: &Finding, entry: &Entry) {
        let (method, path) = entry.route();
        self.operations += 1;
        if self.methods.len() <= ROUTES {
            self.methods.insert(method.to_owned());
        }
        if self.paths.len() <= ROUTES {
            self.paths.insert(path.to_owned());
        }
        self.at(number, finding);
    }

    fn at(&mut self, number: usize, finding: &Finding) {
        self.documents += usize::from(self.last != number);
        self.last = number;
        if self.places.len() < PLACES {
            self.places.push(finding.place.clone());
        }
    }
}
