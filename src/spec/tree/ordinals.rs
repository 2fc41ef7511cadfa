//! Which item of its list a cell is, and which container holds a scalar, without a walk over
//! thousands of neighbours.
//!
//! A cell does not say either; the pointer of its place does. Nearly all lists are short, and
//! a short walk costs less than any table; but in a long list each item that has a finding
//! would walk over all before it. So a table is made when a walk gets long.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

/// Steps after which a walk is long.
const LONG: usize = 128;

/// The tables of one tree.
#[derive(Debug, Default)]
pub(crate) struct Ordinals {
    /// The cells of the items of long lists, by the list's cell.
    lists: Mutex<HashMap<u32, Box<[u32]>>>,
    /// The cells of all containers.
    containers: OnceLock<Box<[u32]>>,
}

impl Ordinals {
    /// How many of a list's `items` stand before this one.
    pub(crate) fn before(
        &self,
        list: u32,
        item: u32,
        items: impl Iterator<Item = u32> + Clone,
    ) -> usize {
        let near = items.clone().take(LONG).position(|cell| cell >= item);
        near.unwrap_or_else(|| {
            let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
            let cells = lists.entry(list).or_insert_with(|| items.collect());
            cells.partition_point(|&cell| cell < item)
        })
    }

    /// The last container that begins before this cell, of a tree of `count` cells.
    pub(crate) fn container_before(
        &self,
        cell: u32,
        count: u32,
        is_container: impl Fn(u32) -> bool,
    ) -> u32 {
        let mut near = (0..cell).rev().take(LONG);
        near.find(|&cell| is_container(cell)).unwrap_or_else(|| {
            let all = || (0..count).filter(|&cell| is_container(cell)).collect();
            let cells = self.containers.get_or_init(all);
            let before = cells.partition_point(|&other| other < cell);
            before.checked_sub(1).map_or(0, |last| cells[last])
        })
    }
}
