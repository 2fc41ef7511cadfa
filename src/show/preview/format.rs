//! In which form a plan is written.

/// How a plan is written.
#[derive(Debug, Clone, Copy)]
pub enum Format {
    /// For people.
    Table(Style, Extent),
    /// One object.
    Json,
    /// One object a line, in source order.
    Jsonl,
    /// The findings alone, for code scanning.
    Sarif,
}

/// How much of a plan people are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Extent {
    /// Of several documents one screen, of one document all.
    #[default]
    Overview,
    /// Every document with its items and findings.
    List,
    /// Only what it adds up to.
    Totals,
}

/// How wide and whether in colour; the terminal is the command's to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Columns.
    pub width: usize,
    /// Whether colour may be used.
    pub colour: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self { width: 80, colour: false }
    }
}
