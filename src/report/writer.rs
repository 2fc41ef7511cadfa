//! Who writes while a run lives: one thread that owns the journal, one that owns the rows.
//!
//! The journal's thread takes what has gathered, writes it at one stroke, syncs once if
//! anyone's next step hangs on it, and lets them all go. The rows' thread learns from what
//! was written and replaces the CSV when it has changed, so that no send ever waits for it.
//! The CSV never shows what the journal may still lose: the journal is synced first.

use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::report::disk::Disk;
use crate::report::journal::file::Journal;
use crate::report::journal::line::{Record, bounded};
use crate::report::prepare::ItemRow;
use crate::report::row::Row;
use crate::report::table;
use crate::run::{Fact, Outcome, Transition, Witness, WitnessLost};

/// The CSV is replaced no more often than this.
const PACE: Duration = Duration::from_secs(1);

/// And takes no more than this part of the time, however long it is.
const SHARE: u32 = 20;

/// When it could not be replaced, the next try.
const RETRY: Duration = Duration::from_secs(5);

/// A message to the journal's thread.
#[derive(Debug)]
pub(crate) enum JournalMessage {
    /// Write these down.
    Facts { facts: Vec<Fact>, done: oneshot::Sender<Result<(), WitnessLost>> },
    /// A CSV of this SHA-256 is about to be put in place.
    Csv { sha256: String, done: SyncSender<()> },
    /// Nothing more comes.
    Close,
}

/// A message to the rows' thread.
#[derive(Debug)]
pub(crate) enum RowMessage {
    /// A row has learned something.
    Learned(u32, Fact<String>),
    /// Nothing more comes.
    Close,
}

/// What a run writes its facts with.
#[derive(Debug)]
pub struct Writer {
    journal: Sender<JournalMessage>,
}

impl Writer {
    pub(crate) fn new(journal: Sender<JournalMessage>) -> Self {
        Self { journal }
    }
}

impl Witness for Writer {
    async fn state(&self, facts: Vec<Fact>) -> Result<(), WitnessLost> {
        let closed = || WitnessLost("the report is closed".into());
        let (done, written) = oneshot::channel();
        self.journal.send(JournalMessage::Facts { facts, done }).map_err(|_| closed())?;
        written.await.unwrap_or_else(|_| Err(closed()))
    }
}

/// The journal's thread.
#[derive(Debug)]
pub(crate) struct JournalThread<D: Disk> {
    pub(crate) journal: Journal<D>,
    pub(crate) of_items: Vec<ItemRow>,
    pub(crate) rows: Sender<RowMessage>,
}

/// What the journal's thread leaves.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// Why the journal could no longer be kept, where it could not.
    pub(crate) lost: Option<String>,
    /// What happened and is not in it: one line each.
    pub(crate) unrecorded: Vec<String>,
}

impl<D: Disk> JournalThread<D> {
    /// Writes until told that nothing more comes.
    pub(crate) fn work(mut self, messages: &Receiver<JournalMessage>) -> Kept {
        let mut kept = Kept::default();
        let mut open = true;
        while open && let Ok(first) = messages.recv() {
            let batch =
                Batch::gather(std::iter::once(first).chain(messages.try_iter()), &self.of_items);
            open = !batch.last;
            if kept.lost.is_none()
                && let Err(error) = self.write(&batch)
            {
                // Never again: after a failed sync the next one may lie.
                kept.lost = Some(error.to_string());
            }
            if kept.lost.is_some() {
                kept.unrecorded.extend(batch.made);
            }
            for (row, fact) in batch.learned {
                // The rows' thread outlives this one; if it does not, the journal still counts.
                _ = self.rows.send(RowMessage::Learned(row, fact));
            }
            let answer = kept.lost.clone().map_or(Ok(()), |why| Err(WitnessLost(why)));
            // Who no longer waits has been dropped by a second signal.
            batch.waiting.into_iter().for_each(|done| _ = done.send(answer.clone()));
            batch.tables.into_iter().for_each(|done| _ = done.send(()));
        }
        if kept.lost.is_none() {
            kept.lost = self.journal.close().err().map(|error| error.to_string());
        }
        kept
    }

    /// Writes a batch, and syncs it if anyone's next step hangs on it.
    pub(crate) fn write(&mut self, batch: &Batch) -> io::Result<()> {
        if !batch.records.is_empty() {
            self.journal.append(&batch.records)?;
        }
        if batch.must_sync { self.journal.sync() } else { Ok(()) }
    }
}

/// Messages that are answered by one write.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    records: Vec<Record>,
    must_sync: bool,
    /// What the rows learn of it.
    pub(crate) learned: Vec<(u32, Fact<String>)>,
    /// What to show a person if the records cannot be written.
    made: Vec<String>,
    waiting: Vec<oneshot::Sender<Result<(), WitnessLost>>>,
    tables: Vec<SyncSender<()>>,
    last: bool,
}

impl Batch {
    /// Takes messages together, up to the one that ends them.
    pub(crate) fn gather(
        messages: impl Iterator<Item = JournalMessage>,
        of_items: &[ItemRow],
    ) -> Self {
        let mut batch = Self::default();
        for message in messages {
            match message {
                JournalMessage::Facts { facts, done } => {
                    batch.waiting.push(done);
                    for fact in facts {
                        batch.add(fact, of_items);
                    }
                }
                JournalMessage::Csv { sha256, done } => {
                    batch.records.push(Record::Csv { sha256 });
                    batch.must_sync = true;
                    batch.tables.push(done);
                }
                JournalMessage::Close => {
                    batch.last = true;
                    break;
                }
            }
        }
        batch
    }

    fn add(&mut self, fact: Fact, of_items: &[ItemRow]) {
        self.must_sync |= fact.must_sync();
        let of = fact.item().and_then(|item| of_items.get(item.0 as usize));
        self.made.extend(made(&fact, of));
        let key = |_| of.map(|of| of.item.key.short()).unwrap_or_default();
        for fact in bounded(fact.named(key)) {
            self.learned.extend(of.map(|of| (of.row, fact.clone())));
            self.records.push(Record::Fact(fact));
        }
    }
}

/// What a person must be told if it cannot be written down: that an API or a service came or
/// went.
fn made(fact: &Fact, of: Option<&ItemRow>) -> Option<String> {
    let (Fact::Item { step, .. } | Fact::Service { step, .. }) = fact else { return None };
    let Transition::Settled { outcome, .. } = step else { return None };
    let (Outcome::Created { id } | Outcome::Found { id } | Outcome::Deleted { id }) = outcome
    else {
        return None;
    };
    let what = if let Fact::Service { service, .. } = fact {
        format!("the service {service}")
    } else {
        let key = &of?.item.key;
        format!("{} {} in {}", key.method, key.path, key.service)
    };
    Some(format!("{} {id}: {what}", outcome.as_str()))
}

/// The rows' thread.
#[derive(Debug)]
pub(crate) struct RowThread<D: Disk> {
    pub(crate) disk: D,
    pub(crate) path: PathBuf,
    pub(crate) rows: Vec<Row>,
    pub(crate) journal: Sender<JournalMessage>,
}

/// What the rows' thread leaves.
#[derive(Debug)]
pub(crate) struct Written {
    /// The rows at the end.
    pub(crate) rows: Vec<Row>,
    /// Why the CSV does not show them, where it does not.
    pub(crate) stale: Option<String>,
}

impl<D: Disk> RowThread<D> {
    /// Learns and writes until told that nothing more comes. The CSV exists already, so that
    /// nothing is due before something is learned.
    pub(crate) fn work(mut self, messages: &Receiver<RowMessage>) -> Written {
        let mut dirty = false;
        let mut stale = None;
        let mut due = now();
        loop {
            let next = if dirty {
                messages.recv_timeout(due.saturating_duration_since(now()))
            } else {
                messages.recv().map_err(|_| RecvTimeoutError::Disconnected)
            };
            match next {
                Ok(RowMessage::Learned(row, fact)) => {
                    dirty = true;
                    if let Some(row) = self.rows.get_mut(row as usize) {
                        row.learn(&fact);
                    }
                    if now() < due {
                        continue;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Ok(RowMessage::Close) | Err(RecvTimeoutError::Disconnected) => break,
            }
            let began = now();
            stale = self.replace().err();
            dirty = stale.is_some();
            let took = began.elapsed();
            due = began + if dirty { RETRY } else { PACE.max(took * SHARE) };
        }
        if dirty {
            stale = self.replace().err();
        }
        Written { rows: self.rows, stale: stale.map(|error| error.to_string()) }
    }

    fn replace(&self) -> io::Result<()> {
        table::replace(&self.disk, &self.path, &self.rows, |sha256| {
            let (done, marked) = sync_channel(1);
            let message = JournalMessage::Csv { sha256: sha256.to_owned(), done };
            // A journal that can no longer be kept is not a reason to leave the CSV stale: it
            // is then all that tells what happened.
            _ = self.journal.send(message);
            _ = marked.recv();
            Ok(())
        })
    }
}

#[expect(clippy::disallowed_methods, reason = "when to replace the CSV is decided here alone")]
fn now() -> Instant {
    Instant::now()
}
