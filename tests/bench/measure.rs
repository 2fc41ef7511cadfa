//! What a process costs, and several of them side by side.

use std::io;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use wait4::Wait4 as _;

/// One process that takes part in a comparison.
pub struct Contestant {
    pub name: String,
    /// Makes the command anew for each round.
    pub command: Box<dyn Fn() -> io::Result<Command>>,
}

impl Contestant {
    pub fn new(
        name: impl Into<String>,
        command: impl Fn() -> io::Result<Command> + 'static,
    ) -> Self {
        Self { name: name.into(), command: Box::new(command) }
    }
}

/// What one run of a process took.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cost {
    /// User and system time of all its threads and of what it waited for.
    pub cpu: Duration,
    pub wall: Duration,
    /// Largest resident set, in bytes.
    pub peak: u64,
    /// `None`: a signal ended it.
    pub exit: Option<i32>,
}

/// Runs a process to its end.
///
/// The kernel starts a child's peak at what its parent held when it was made, so whoever
/// measures must hold little: what needs memory is done in processes of its own.
#[expect(clippy::disallowed_methods, reason = "a stopwatch is what this is")]
pub fn measure(mut command: Command) -> io::Result<Cost> {
    let begun = Instant::now();
    let used = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn()?.wait4()?;
    Ok(Cost {
        cpu: used.rusage.utime + used.rusage.stime,
        wall: begun.elapsed(),
        peak: used.rusage.maxrss,
        exit: used.status.code(),
    })
}

/// The costs of each contestant, round by round. Each round has all of them one after the
/// other, so that a machine that is slow for a while is slow for all.
pub fn rounds(contestants: &[Contestant], count: usize) -> io::Result<Vec<Vec<Cost>>> {
    let mut costs = vec![Vec::new(); contestants.len()];
    for _ in 0..count {
        for (contestant, costs) in contestants.iter().zip(&mut costs) {
            costs.push(measure((contestant.command)()?)?);
        }
    }
    Ok(costs)
}

/// The middle of all rounds, figure by figure.
pub fn typical(costs: &[Cost]) -> Cost {
    let of = |figure: fn(&Cost) -> f64| median(costs.iter().map(figure));
    Cost {
        cpu: Duration::from_secs_f64(of(|cost| cost.cpu.as_secs_f64())),
        wall: Duration::from_secs_f64(of(|cost| cost.wall.as_secs_f64())),
        peak: costs.iter().map(|cost| cost.peak).max().unwrap_or_default(),
        exit: costs.last().and_then(|cost| cost.exit),
    }
}

/// The middle of the rounds' ratios of a figure. Not the ratio of the middles: what is
/// compared are runs that were neighbours in time.
pub fn ratio(ours: &[Cost], theirs: &[Cost], figure: fn(&Cost) -> f64) -> f64 {
    median(ours.iter().zip(theirs).map(|(one, other)| figure(one) / figure(other)))
}

pub fn cpu(cost: &Cost) -> f64 {
    cost.cpu.as_secs_f64()
}

#[expect(clippy::cast_precision_loss, reason = "no process has that much memory")]
pub fn peak(cost: &Cost) -> f64 {
    cost.peak as f64
}

fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}
