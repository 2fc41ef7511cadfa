//! Tables for a terminal: the first column to the left, figures to the right.

use crate::measure::Cost;

/// Prints rows below a head, each column as wide as it has to be.
pub fn print(head: &[&str], rows: &[Vec<String>]) {
    let head = head.iter().map(ToString::to_string).collect();
    let rows: Vec<&Vec<String>> = std::iter::once(&head).chain(rows).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..head.len()).map(|column| width(column).unwrap_or(0)).collect();
    for row in rows {
        print!("{:<1$}", row[0], widths[0]);
        for (cell, width) in row.iter().zip(&widths).skip(1) {
            print!("  {cell:>width$}");
        }
        println!();
    }
    println!();
}

/// The head of what [`costs`] makes.
pub const COSTS: [&str; 5] = ["", "CPU s", "wall s", "peak MB", "exit"];

/// A row of what a process took.
pub fn costs(name: &str, cost: &Cost) -> Vec<String> {
    vec![
        name.to_owned(),
        format!("{:.3}", cost.cpu.as_secs_f64()),
        format!("{:.3}", cost.wall.as_secs_f64()),
        format!("{:.0}", megabytes(cost.peak)),
        cost.exit.map_or_else(|| "killed".to_owned(), |code| code.to_string()),
    ]
}

#[expect(clippy::cast_precision_loss, reason = "shown to a megabyte")]
pub fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// Says how a figure stands to its target.
pub fn target(what: &str, figure: f64, at_most: f64) {
    let verdict = if figure <= at_most { "held" } else { "MISSED" };
    println!("{what}: {figure:.2}, target at most {at_most:.2}: {verdict}");
}
