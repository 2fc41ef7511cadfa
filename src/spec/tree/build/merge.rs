//! What only YAML has: aliases, keys that are not scalars, and merge keys.
//!
//! A merge costs what the alias that it merges was counted for, so no budget of its own.

use std::collections::HashSet;

use crate::spec::tree::build::{
    Builder, EXPANSION_COUNTS_FROM, MAX_BYTES, MAX_DEPTH, MAX_EXPANSION, MAX_NODES, Open, Size,
    cell_of, over,
};
use crate::spec::tree::cell::{Cell, Hidden, Shape, hash, index, mark};
use crate::spec::tree::problem::{Oddity, ParseError};

impl Builder<'_> {
    /// Another place for a node that stands elsewhere.
    pub(crate) fn alias(&mut self, at: usize, target: u32, size: Size) -> Result<(), ParseError> {
        self.push(Cell::new(Shape::Alias, at, target, 0))?;
        let depth = self.open.len();
        let Some(open) = self.open.last_mut() else { return Ok(()) };
        open.size.add(size);
        let total = self.open.iter().fold(Size::default(), |mut total, open| {
            total.add(open.size);
            total
        });
        self.check(at, total, index(depth) + size.depth)
    }

    fn check(&self, at: usize, total: Size, depth: u32) -> Result<(), ParseError> {
        let written = self.cells.len() as u64 - self.merged;
        let nodes = total.nodes.saturating_add(written);
        let allowed = MAX_NODES.min(EXPANSION_COUNTS_FROM.max(written * MAX_EXPANSION));
        if nodes > allowed {
            return Err(over(at, format!("aliases expand it to more than {allowed} nodes")));
        }
        if total.bytes > MAX_BYTES {
            return Err(over(
                at,
                format!("aliases expand it to more than {} MiB", MAX_BYTES >> 20),
            ));
        }
        if depth > MAX_DEPTH {
            return Err(over(at, format!("nested more than {MAX_DEPTH} levels deep by aliases")));
        }
        Ok(())
    }

    /// The value after this merge key is complete: its entries come at the end of the open
    /// map, and the merge key itself is passed over from now on. What cannot be merged
    /// leaves an ordinary key, which is told.
    pub(crate) fn merge_value(&mut self, key: u32) {
        if !self.mergeable(key + 1) {
            return self.oddity(Oddity::OddMerge { key });
        }
        self.cells[key as usize].hidden = Hidden::Gone;
        if self.keys.last().is_some_and(|&last| cell_of(last) == key) {
            self.keys.pop();
        }
        if let Some(open) = self.open.last() {
            self.merges.push((open.cell, key + 1));
        }
    }

    /// In place of a key that is no scalar; its entry is passed over.
    pub(crate) fn odd_key(&mut self, at: usize) -> Result<(), ParseError> {
        self.push(Cell { hidden: Hidden::Gone, ..Cell::new(Shape::Text, at, 0, 0) })
    }

    /// A key that is an alias of a scalar.
    pub(crate) fn key_again(&mut self, at: usize, target: u32) -> Result<(), ParseError> {
        let Cell { a, b, shape, .. } = self.cells[target as usize];
        let shape = if shape == Shape::Side { shape } else { Shape::Text };
        let hash = hash(self.slice(shape, &(a as usize..b as usize)));
        self.keys.push(u64::from(hash) << 32 | u64::from(self.next()));
        self.push(Cell { mark: mark(hash), ..Cell::new(shape, at, a, b) })
    }

    pub(crate) fn is_container(&self, cell: u32) -> bool {
        self.cells[cell as usize].is_container()
    }

    fn mergeable(&self, value: u32) -> bool {
        let meant = self.meant(value);
        match self.cells[meant as usize].shape {
            Shape::Map => true,
            Shape::List => self
                .items(meant)
                .all(|item| self.cells[self.meant(item) as usize].shape == Shape::Map),
            _ => false,
        }
    }

    fn meant(&self, cell: u32) -> u32 {
        let found = &self.cells[cell as usize];
        if found.shape == Shape::Alias { found.a } else { cell }
    }

    fn items(&self, list: u32) -> impl Iterator<Item = u32> + '_ {
        let end = self.cells[list as usize].a;
        let within = move |cell: &u32| *cell < end;
        let step = move |&cell: &u32| Some(self.cells[cell as usize].end(cell)).filter(within);
        std::iter::successors(Some(list + 1).filter(within), step)
    }

    /// Appends what merge keys bring to a map that ends: a key's cell and an alias each,
    /// where neither the map nor an earlier merged map has the key. What this costs is
    /// bounded, since the alias that is merged was counted with all that it means.
    pub(super) fn merge(&mut self, open: &Open) -> Result<(), ParseError> {
        if self.merges.last().is_none_or(|&(map, _)| map != open.cell) {
            return Ok(());
        }
        let from =
            self.merges.iter().rposition(|&(map, _)| map != open.cell).map_or(0, |last| last + 1);
        let merges = self.merges.split_off(from);
        let mut known: HashSet<String> =
            self.keys[open.keys..].iter().map(|&key| self.key_text(key).to_owned()).collect();
        for (_, value) in merges {
            for map in self.merged_maps(value) {
                self.merge_map(map, &mut known)?;
            }
        }
        Ok(())
    }

    fn merged_maps(&self, value: u32) -> Vec<u32> {
        let meant = self.meant(value);
        match self.cells[meant as usize].shape {
            Shape::List => self.items(meant).map(|item| self.meant(item)).collect(),
            _ => vec![meant],
        }
    }

    fn merge_map(&mut self, map: u32, known: &mut HashSet<String>) -> Result<(), ParseError> {
        let end = self.cells[map as usize].a;
        let mut key = map + 1;
        while key < end {
            let cell = self.cells[key as usize];
            let text = self.slice(cell.shape, &cell.range());
            if cell.hidden == Hidden::No && known.insert(text.to_owned()) {
                let target = self.meant(key + 1);
                let at = self.cells[key as usize + 1].at as usize;
                self.merged += 2;
                self.push(cell)?;
                self.push(Cell::new(Shape::Alias, at, target, 0))?;
            }
            key = self.cells[key as usize + 1].end(key + 1);
        }
        Ok(())
    }
}
