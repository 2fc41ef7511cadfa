//! Work done on several threads and taken in order, with a bound on what is done ahead.
//!
//! A parallel iterator that collects would hold the whole catalog's plan; this holds at
//! most `ahead` results, so that memory follows the largest documents.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::{Condvar, Mutex, PoisonError};

/// Does `work` on every input, on `threads` threads, and gives each result to `take` in the
/// order of the inputs, on the calling thread. Stops early when `take` returns [`Go::Stop`].
pub(crate) fn in_order<I: Sync, T: Send>(
    inputs: &[I],
    threads: NonZero<usize>,
    ahead: usize,
    work: impl Fn(&I) -> T + Sync,
    mut take: impl FnMut(T) -> Go,
) {
    let queue =
        ResultQueue { results: Mutex::default(), changed: Condvar::new(), ahead: ahead.max(1) };
    std::thread::scope(|scope| {
        for _ in 0..threads.get().min(inputs.len()) {
            scope.spawn(|| {
                let _done = Leaving(&queue);
                while let Some(index) = queue.next(inputs.len()) {
                    queue.put(index, work(&inputs[index]));
                }
            });
        }
        for index in 0..inputs.len() {
            let Some(result) = queue.take(index) else { break };
            if take(result) == Go::Stop {
                break;
            }
        }
        queue.close();
    });
}

/// Whether to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Go {
    /// Go on with the next.
    On,
    /// Take no more.
    Stop,
}

/// Where results wait for their turn.
struct ResultQueue<T> {
    results: Mutex<Waiting<T>>,
    changed: Condvar,
    ahead: usize,
}

struct Waiting<T> {
    /// The first input that no thread works on yet.
    next: usize,
    /// How many results were taken.
    taken: usize,
    /// Results whose turn has not come.
    results: BTreeMap<usize, T>,
    closed: bool,
}

impl<T> Default for Waiting<T> {
    fn default() -> Self {
        Self { next: 0, taken: 0, results: BTreeMap::new(), closed: false }
    }
}

impl<T> ResultQueue<T> {
    /// The next input to work on, once it is not too far ahead; `None`: no more.
    fn next(&self, count: usize) -> Option<usize> {
        let held = self.lock();
        let far = |queue: &mut Waiting<T>| !queue.closed && queue.next >= queue.taken + self.ahead;
        let mut queue = self.changed.wait_while(held, far).unwrap_or_else(PoisonError::into_inner);
        if queue.closed || queue.next >= count {
            return None;
        }
        queue.next += 1;
        Some(queue.next - 1)
    }

    fn put(&self, index: usize, result: T) {
        self.lock().results.insert(index, result);
        self.changed.notify_all();
    }

    /// The result of this input, once it is there; `None`: the work was abandoned.
    fn take(&self, index: usize) -> Option<T> {
        let held = self.lock();
        let waiting = |queue: &mut Waiting<T>| !queue.closed && !queue.results.contains_key(&index);
        let mut queue =
            self.changed.wait_while(held, waiting).unwrap_or_else(PoisonError::into_inner);
        let result = queue.results.remove(&index);
        queue.taken = index + 1;
        self.changed.notify_all();
        result
    }

    fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Waiting<T>> {
        self.results.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Closes the queue when a worker panics, so that no thread waits for what will not come; the
/// panic itself is raised again by the scope.
struct Leaving<'a, T>(&'a ResultQueue<T>);

impl<T> Drop for Leaving<'_, T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.close();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const TWO: NonZero<usize> = NonZero::new(2).unwrap();

    #[test]
    fn results_come_in_the_order_of_the_inputs() {
        let inputs: Vec<u64> = (0..200).collect();
        let mut seen = Vec::new();
        let work = |i: &u64| (0..(i % 7) * 1000).fold(*i, |a, _| std::hint::black_box(a));
        in_order(&inputs, TWO, 4, work, |result| {
            seen.push(result);
            Go::On
        });
        assert_eq!(seen, inputs);
    }

    #[test]
    fn no_more_is_done_ahead_than_allowed() {
        let (begun, taken) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let work = |_: &u32| {
            let ahead = begun.fetch_add(1, Ordering::SeqCst) + 1 - taken.load(Ordering::SeqCst);
            assert!(ahead <= 4, "{ahead} ahead");
        };
        in_order(&[0; 100], TWO, 3, work, |()| {
            taken.fetch_add(1, Ordering::SeqCst);
            Go::On
        });
    }

    #[test]
    fn a_reader_that_has_enough_ends_the_work() {
        let begun = AtomicUsize::new(0);
        in_order(&[0; 1000], TWO, 2, |_| begun.fetch_add(1, Ordering::SeqCst), |_| Go::Stop);
        assert!(begun.load(Ordering::SeqCst) < 10);
    }

    #[test]
    fn nothing_to_do_is_done() {
        in_order(&[] as &[u8], TWO, 2, |_| (), |()| Go::On);
    }
}
