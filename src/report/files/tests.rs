//! A disk that loses power, and the recovery code run on what it leaves.
//!
//! The double keeps every operation in order. A crash at any point of them leaves what was
//! synced, and of the rest any part: each write whole, torn at any byte, or not at all, also
//! where a later one survived; each name new or old. What runs on it is what runs in
//! earnest: `files`, `Journal`, `table::replace`, the writer's batches, `prepare::resume`.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use tokio::sync::oneshot;

use crate::plan::Entry;
use crate::report::disk::{Disk, DiskFile};
use crate::report::fixtures::{head, item};
use crate::report::journal::file::Tail;
use crate::report::prepare::{self, Prepared};
use crate::report::resume::Options;
use crate::report::row::Row;
use crate::report::writer::{Batch, JournalMessage, JournalThread};
use crate::report::{files, table};
use crate::run::{Action, Assignment, BaseApi, Detail, Fact, ItemId, Outcome, Start, Transition};

type Inode = usize;

/// One operation, or something that happened elsewhere between two of them.
#[derive(Debug, Clone)]
enum Op {
    Write {
        file: Inode,
        at: usize,
        bytes: Vec<u8>,
    },
    Cut {
        file: Inode,
        len: usize,
    },
    Sync {
        file: Inode,
    },
    /// Names that change at one stroke.
    Names(Vec<(PathBuf, Option<Inode>)>),
    SyncNames,
    Noted(Note),
}

/// What the world outside the disk knows.
#[derive(Debug, Clone, Copy)]
enum Note {
    /// A create of this item went out at this second, and may take effect.
    Sent { item: usize, second: i64 },
    /// The gateway made it; its id is the item's number.
    Made { item: usize },
    /// What was sent surely had no effect.
    Cleared { item: usize },
}

#[derive(Debug, Default)]
struct Platter {
    names: BTreeMap<PathBuf, Inode>,
    files: Vec<Vec<u8>>,
    log: Vec<Op>,
    /// A disk that only says that it has synced.
    lies: bool,
}

#[derive(Debug, Clone, Default)]
struct CrashDisk(Arc<Mutex<Platter>>);

#[derive(Debug)]
struct CrashFile {
    disk: CrashDisk,
    file: Inode,
}

impl CrashDisk {
    fn with<T>(&self, act: impl FnOnce(&mut Platter) -> T) -> T {
        act(&mut self.0.lock().unwrap())
    }

    fn note(&self, note: Note) {
        self.with(|platter| platter.log.push(Op::Noted(note)));
    }

    fn lies(&self) -> bool {
        self.with(|platter| platter.lies)
    }

    fn log(&self) -> Vec<Op> {
        self.with(|platter| platter.log.clone())
    }
}

impl Platter {
    fn rename_all(&mut self, changes: Vec<(PathBuf, Option<Inode>)>) {
        for (path, file) in &changes {
            match file {
                Some(file) => self.names.insert(path.clone(), *file),
                None => self.names.remove(path),
            };
        }
        self.log.push(Op::Names(changes));
    }

    fn new_file(&mut self, path: &Path) -> Inode {
        self.files.push(Vec::new());
        let file = self.files.len() - 1;
        self.rename_all(vec![(path.to_owned(), Some(file))]);
        file
    }
}

fn missing() -> io::Error {
    io::ErrorKind::NotFound.into()
}

impl Disk for CrashDisk {
    type File = CrashFile;

    fn create(&self, path: &Path) -> io::Result<CrashFile> {
        let file = self.with(|platter| platter.new_file(path));
        Ok(CrashFile { disk: self.clone(), file })
    }

    fn append(&self, path: &Path) -> io::Result<CrashFile> {
        let file = self.with(|platter| {
            let found = platter.names.get(path).copied();
            found.unwrap_or_else(|| platter.new_file(path))
        });
        Ok(CrashFile { disk: self.clone(), file })
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Read>> {
        self.with(|platter| {
            let file = *platter.names.get(path).ok_or_else(missing)?;
            Ok(Box::new(Cursor::new(platter.files[file].clone())) as Box<dyn Read>)
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.with(|platter| {
            let file = *platter.names.get(from).ok_or_else(missing)?;
            platter.rename_all(vec![(from.to_owned(), None), (to.to_owned(), Some(file))]);
            Ok(())
        })
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.with(|platter| platter.rename_all(vec![(path.to_owned(), None)]));
        Ok(())
    }

    fn sync_folder(&self, _folder: &Path) -> io::Result<()> {
        self.with(|platter| platter.log.push(Op::SyncNames));
        Ok(())
    }

    fn dress(&self, _path: &Path, _like: &Path) -> io::Result<()> {
        Ok(())
    }
}

impl Write for CrashFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let file = self.file;
        self.disk.with(|platter| {
            let at = platter.files[file].len();
            platter.files[file].extend_from_slice(bytes);
            platter.log.push(Op::Write { file, at, bytes: bytes.to_vec() });
        });
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl DiskFile for CrashFile {
    fn sync(&mut self) -> io::Result<()> {
        if !self.disk.lies() {
            self.disk.with(|platter| platter.log.push(Op::Sync { file: self.file }));
        }
        Ok(())
    }

    fn cut(&mut self, len: u64) -> io::Result<()> {
        let (file, len) = (self.file, usize::try_from(len).unwrap());
        self.disk.with(|platter| {
            platter.files[file].truncate(len);
            platter.log.push(Op::Cut { file, len });
        });
        Ok(())
    }

    fn reserve(&mut self, _len: u64, _bytes: u64) -> io::Result<()> {
        Ok(())
    }
}

/// Chooses one of so many.
type Choose<'c> = dyn FnMut(usize) -> usize + 'c;

/// The disk after a power loss that came after these operations.
fn crash(before: &CrashDisk, log: &[Op], choose: &mut Choose<'_>) -> CrashDisk {
    let (mut names, mut files) = (before.0.lock().unwrap().names.clone(), Vec::new());
    let mut new_names = Vec::new();
    let mut unsynced: BTreeMap<Inode, Vec<&Op>> = BTreeMap::new();
    // What a run found when it began was safe: it is what an earlier crash left.
    files.clone_from(&before.0.lock().unwrap().files);
    for op in log {
        match op {
            Op::Write { file, .. } | Op::Cut { file, .. } => {
                unsynced.entry(*file).or_default().push(op);
            }
            Op::Sync { file } => {
                for op in unsynced.remove(file).unwrap_or_default() {
                    apply(op, usize::MAX, &mut files);
                }
            }
            Op::Names(changes) => new_names.push(changes),
            Op::SyncNames => new_names.drain(..).for_each(|changes| rename(changes, &mut names)),
            Op::Noted(_) => {}
        }
    }
    for op in unsynced.into_values().flatten() {
        match (choose(3), op) {
            (0, _) => {}
            (1, Op::Write { bytes, .. }) => apply(op, choose(bytes.len().max(1)), &mut files),
            (_, op) => apply(op, usize::MAX, &mut files),
        }
    }
    for changes in new_names {
        if choose(2) == 1 {
            rename(changes, &mut names);
        }
    }
    names.retain(|_, file| {
        *file < files.len() || {
            files.resize(*file + 1, Vec::new());
            true
        }
    });
    CrashDisk(Arc::new(Mutex::new(Platter { names, files, ..Platter::default() })))
}

fn apply(op: &Op, torn: usize, files: &mut Vec<Vec<u8>>) {
    let (Op::Write { file, .. } | Op::Cut { file, .. }) = op else { return };
    if files.len() <= *file {
        files.resize(*file + 1, Vec::new());
    }
    let content = &mut files[*file];
    match op {
        Op::Write { at, bytes, .. } => {
            let bytes = &bytes[..bytes.len().min(torn)];
            if content.len() < at + bytes.len() {
                content.resize(at + bytes.len(), 0);
            }
            content[*at..at + bytes.len()].copy_from_slice(bytes);
        }
        Op::Cut { len, .. } => content.resize(*len, 0),
        _ => {}
    }
}

fn rename(changes: &[(PathBuf, Option<Inode>)], names: &mut BTreeMap<PathBuf, Inode>) {
    for (path, file) in changes {
        match file {
            Some(file) => names.insert(path.clone(), *file),
            None => names.remove(path),
        };
    }
}

/// What is so, whatever the disk says.
#[derive(Debug, Clone, Default)]
struct Truth {
    /// Sends of each item, the second of the last, and whether one may stand.
    sends: [u32; ITEMS],
    last: [i64; ITEMS],
    may_stand: [bool; ITEMS],
    made: [bool; ITEMS],
}

impl Truth {
    fn learn(&mut self, note: Note) {
        match note {
            Note::Sent { item, second } => {
                self.sends[item] += 1;
                self.last[item] = second;
                self.may_stand[item] = true;
            }
            Note::Made { item } => self.made[item] = true,
            Note::Cleared { item } => self.may_stand[item] = false,
        }
    }
}

const ITEMS: usize = 4;

fn path() -> &'static Path {
    Path::new("reports/report.csv")
}

fn entries() -> Vec<Entry> {
    (0..ITEMS).map(|n| Entry::Item(item("GET", &format!("/{n}")))).collect()
}

/// A random number generator: splitmix64.
#[derive(Debug, Clone)]
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % sides as u64).unwrap()
    }
}

/// A run on a disk: what writes the journal, and the rows as they are learned.
struct Run {
    disk: CrashDisk,
    journal: JournalThread<CrashDisk>,
    rows: Vec<Row>,
    second: i64,
    starts: Vec<Start>,
}

impl Run {
    fn begin(disk: &CrashDisk, prepared: Prepared, tail: Option<Tail>) -> Self {
        let Prepared { work, rows, .. } = prepared;
        let journal = match tail {
            None => files::make(disk, path(), head(), &rows),
            Some(tail) => files::continue_at(disk, path(), tail, &head(), &rows),
        };
        let journal =
            JournalThread { journal: journal.unwrap(), of_items: rows.of_items, rows: channel().0 };
        let starts = work.items.into_iter().map(|assignment| assignment.start).collect();
        Self { disk: disk.clone(), journal, rows: rows.all, second: 0, starts }
    }

    fn write(&mut self, messages: Vec<JournalMessage>) {
        let batch = Batch::gather(messages.into_iter(), &self.journal.of_items);
        self.journal.write(&batch).unwrap();
        for (row, fact) in batch.learned {
            self.rows[row as usize].learn(&fact);
        }
    }

    fn state(&mut self, facts: Vec<Fact>) {
        self.write(vec![JournalMessage::Facts { facts, done: oneshot::channel().0 }]);
    }

    fn replace_csv(&mut self) {
        let (disk, rows) = (self.disk.clone(), self.rows.clone());
        table::replace(&disk, path(), &rows, |sha256| {
            let done = std::sync::mpsc::sync_channel(1).0;
            self.write(vec![JournalMessage::Csv { sha256: sha256.to_owned(), done }]);
            Ok(())
        })
        .unwrap();
    }

    fn base(&mut self) {
        let api = BaseApi { api_id: "api-old".into(), path: "/old".into(), method: "GET".into() };
        let (service, at) = ("service-a".to_owned(), self.now());
        self.state(vec![Fact::Base { service, at, apis: vec![api], more: false }]);
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.second).unwrap()
    }

    /// Some items are sent together, and each is answered somehow, as a run would.
    fn step(&mut self, truth: &mut Truth, dice: &mut Dice) {
        self.second += 1;
        let sent: Vec<usize> =
            (0..ITEMS).filter(|i| self.starts[*i] != DONE && dice.roll(2) == 0).collect();
        let mut facts: Vec<Fact> = Vec::new();
        for i in &sent {
            if truth.may_stand[*i] {
                facts.extend(self.look(*i, truth, dice));
            }
        }
        if !facts.is_empty() {
            self.state(facts);
        }
        let sent: Vec<usize> = sent.into_iter().filter(|i| self.starts[*i] != DONE).collect();
        self.state(sent.iter().map(|i| self.intent(*i, truth)).collect());
        for i in &sent {
            self.tell(truth, Note::Sent { item: *i, second: self.second });
        }
        let answers: Vec<Fact> = sent.iter().filter_map(|i| self.answer(*i, truth, dice)).collect();
        self.state(answers);
        if dice.roll(3) == 0 {
            self.replace_csv();
        }
    }

    fn tell(&self, truth: &mut Truth, note: Note) {
        truth.learn(note);
        self.disk.note(note);
    }

    fn intent(&self, i: usize, truth: &Truth) -> Fact {
        let digest = item("GET", &format!("/{i}")).digest.to_string();
        let attempt = truth.sends[i] + 1;
        self.fact(i, attempt, Transition::Intent { digest })
    }

    /// What an earlier send became, as a late look shows it.
    fn look(&mut self, i: usize, truth: &mut Truth, dice: &mut Dice) -> Vec<Fact> {
        if truth.made[i] {
            self.starts[i] = DONE;
            let outcome = Outcome::Found { id: format!("api-{i}") };
            return vec![self.settled(i, truth, outcome)];
        }
        self.tell(truth, Note::Cleared { item: i });
        let absent = self.fact(i, truth.sends[i], Transition::Absent);
        if dice.roll(4) > 0 {
            return vec![absent];
        }
        self.starts[i] = DONE;
        vec![absent, self.settled(i, truth, Outcome::GaveUp { code: "Code".into() })]
    }

    fn answer(&mut self, i: usize, truth: &mut Truth, dice: &mut Dice) -> Option<Fact> {
        let (attempt, detail) = (truth.sends[i], Detail::ours("Code", ""));
        let made = dice.roll(2) == 0;
        if made {
            self.tell(truth, Note::Made { item: i });
        }
        match dice.roll(3) {
            // Killed before the answer was read.
            0 => None,
            1 if made => {
                self.starts[i] = DONE;
                Some(self.settled(i, truth, Outcome::Created { id: format!("api-{i}") }))
            }
            1 => {
                self.tell(truth, Note::Cleared { item: i });
                Some(self.fact(i, attempt, Transition::Rejected(detail)))
            }
            _ => Some(self.fact(i, attempt, Transition::Doubt(detail))),
        }
    }

    fn settled(&self, i: usize, truth: &Truth, outcome: Outcome) -> Fact {
        let settled = Transition::Settled { outcome, detail: Detail::default() };
        self.fact(i, truth.sends[i], settled)
    }

    fn fact(&self, i: usize, attempt: u32, step: Transition) -> Fact {
        Fact::Item { item: id(i), action: Action::Create, attempt, at: self.now(), step }
    }
}

/// Nothing more is done with it.
const DONE: Start = Start::Keep { attempts: u32::MAX };

fn id(i: usize) -> ItemId {
    ItemId(u32::try_from(i).unwrap())
}

/// Takes up what a crash left, and holds it against the truth.
fn recover(disk: &CrashDisk, truth: &Truth) -> Result<Option<Run>, String> {
    let found = files::find(disk, path()).map_err(|error| error.to_string())?;
    let journal = found.journal.map_err(|error| error.to_string())?;
    let Some((history, tail)) = journal else {
        // Nothing is sent before the journal is there for good.
        return match truth.sends.iter().sum::<u32>() {
            0 => Ok(None),
            n => Err(format!("no journal after {n} sends")),
        };
    };
    if let Some(csv) = &found.csv {
        let rows = csv.rows.as_ref().map_err(|why| format!("the CSV is torn: {why}"))?;
        ensure(rows.len() == ITEMS, || format!("the CSV has {} rows", rows.len()))?;
        ensure(history.tables.contains(&csv.sha256), || "the CSV is taken for edited".into())?;
        for (csv, row) in rows.iter().zip(&history.rows) {
            let ahead = csv.is_ours() && !row.is_ours();
            ensure(!ahead, || format!("the CSV knows more than the journal: {csv:?}"))?;
        }
    }
    let services = history.services();
    let begun = truth.sends.iter().any(|sends| *sends > 0);
    let base = services.iter().any(|service| service.base.is_some());
    ensure(base || !begun, || "sent, and no base".into())?;
    let prepared = prepare::resume(entries(), history.rows, services, &Options::default());
    for (i, assignment) in prepared.work.items.iter().enumerate() {
        judge(i, assignment, truth)?;
    }
    for (i, row) in prepared.rows.all.iter().enumerate() {
        let told = row.attempts;
        ensure(told >= truth.sends[i], || format!("item {i}: {told} attempts told"))?;
        ensure(!row.is_ours() || truth.made[i], || format!("item {i} is called ours and is not"))?;
    }
    Ok(Some(Run::begin(disk, prepared, Some(tail))))
}

fn judge(i: usize, assignment: &Assignment, truth: &Truth) -> Result<(), String> {
    match &assignment.start {
        Start::Send { .. } => ensure(!truth.may_stand[i], || format!("item {i} may stand")),
        Start::Look { sent_at, .. } => {
            let second = sent_at.map(Timestamp::as_second);
            ensure(second.is_none_or(|second| second >= truth.last[i]), || {
                format!("item {i} was sent at {}, not at {second:?}", truth.last[i])
            })
        }
        Start::Keep { .. } => {
            let gave_up = matches!(assignment.was, Outcome::GaveUp { .. });
            let holds = !gave_up || !truth.may_stand[i];
            ensure(holds, || format!("item {i} was given up and may stand"))
        }
    }
}

fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

/// The disk as a run found it, its operations since, and what was so before.
fn first_run(lies: bool) -> (CrashDisk, Truth) {
    let disk = CrashDisk::default();
    disk.with(|platter| platter.lies = lies);
    (disk, Truth::default())
}

/// A report is made, three rounds are sent, then the power goes; three times over.
fn lives(seed: u64, lies: bool) -> Result<(), String> {
    let mut dice = Dice(seed);
    let (mut disk, mut truth) = first_run(lies);
    let mut second = 0;
    for _ in 0..3 {
        let before = crash(&disk, &[], &mut |_| 0);
        let now = truth.clone();
        let found = recover(&disk, &truth)?;
        let mut run = found.unwrap_or_else(|| Run::begin(&disk, prepare::import(entries()), None));
        run.second = second;
        run.base();
        for _ in 0..3 {
            run.step(&mut truth, &mut dice);
        }
        let log = disk.log();
        let cut = dice.roll(log.len() + 1);
        truth = now;
        for op in &log[..cut] {
            if let Op::Noted(note) = op {
                truth.learn(*note);
            }
        }
        second = run.second;
        disk = crash(&before, &log[..cut], &mut |sides| dice.roll(sides));
        disk.with(|platter| platter.lies = lies);
    }
    recover(&disk, &truth).map(drop)
}

fn try_seeds(seeds: std::ops::Range<u64>) {
    for seed in seeds {
        if let Err(broken) = lives(seed, false) {
            panic!("seed {seed}: {broken}");
        }
    }
}

#[test]
fn no_power_loss_costs_an_api_or_makes_one_twice() {
    try_seeds(0..300);
}

/// `cargo test --release --lib powerloss -- --ignored`
#[test]
#[ignore = "takes minutes"]
fn no_power_loss_of_very_many_costs_an_api_or_makes_one_twice() {
    try_seeds(0..200_000);
}

/// A test that cannot fail proves nothing: on a disk that does not sync, it does.
#[test]
fn a_disk_that_does_not_sync_breaks_the_promise_and_is_caught() {
    let broken = (0..50).filter(|seed| lives(*seed, true).is_err()).count();
    assert!(broken > 15, "{broken} of 50");
}

/// A short run, and what was so after each of its operations.
fn short_run() -> (CrashDisk, Vec<Op>, Vec<Truth>) {
    let (disk, mut truth) = first_run(false);
    let empty = crash(&disk, &[], &mut |_| 0);
    let mut run = Run::begin(&disk, prepare::import(entries()), None);
    run.base();
    for seed in 0..3 {
        run.step(&mut truth, &mut Dice(seed));
        run.replace_csv();
    }
    let log = disk.log();
    let mut truth = Truth::default();
    let mut truths = vec![truth.clone()];
    for op in &log {
        if let Op::Noted(note) = op {
            truth.learn(*note);
        }
        truths.push(truth.clone());
    }
    (empty, log, truths)
}

/// Every point of a run, with every subset of what was not synced, each part whole, gone,
/// or torn at either end or in the middle.
#[test]
fn every_subset_of_what_was_not_synced_can_be_taken_up() {
    let (empty, log, truths) = short_run();
    let mut tried = 0;
    for (cut, truth) in truths.iter().enumerate() {
        // An odometer over all choices.
        let mut wheels: Vec<(usize, usize)> = Vec::new();
        loop {
            let mut at = 0;
            let left = crash(&empty, &log[..cut], &mut |sides| {
                let places = [0, sides / 2, sides - 1];
                if at == wheels.len() {
                    wheels.push((0, sides.min(3)));
                }
                at += 1;
                let chosen = wheels[at - 1].0;
                if sides > 3 { places[chosen] } else { chosen }
            });
            wheels.truncate(at);
            recover(&left, truth).unwrap_or_else(|broken| panic!("{cut} {wheels:?}: {broken}"));
            tried += 1;
            while wheels.pop_if(|(chosen, sides)| *chosen + 1 == *sides).is_some() {}
            let Some((chosen, _)) = wheels.last_mut() else { break };
            *chosen += 1;
        }
    }
    assert!(tried > 300, "{tried}");
}

/// Every write of a run, torn at every byte.
#[test]
fn a_write_torn_at_any_byte_can_be_taken_up() {
    let (empty, log, truths) = short_run();
    for (cut, op) in log.iter().enumerate() {
        let Op::Write { bytes, .. } = op else { continue };
        let unsynced = log[..cut].iter().rev().take_while(|op| !matches!(op, Op::Sync { .. }));
        let earlier = unsynced.filter(|op| matches!(op, Op::Write { .. } | Op::Cut { .. })).count();
        for torn in 0..bytes.len() {
            let mut asked = 0;
            let left = crash(&empty, &log[..=cut], &mut |sides| {
                asked += 1;
                // What came before is whole; then this one is torn, there.
                match (asked.cmp(&(earlier + 1)), sides) {
                    (std::cmp::Ordering::Equal, _) => 1,
                    (std::cmp::Ordering::Greater, sides) if sides > 2 => torn,
                    (_, sides) => sides - 1,
                }
            });
            recover(&left, &truths[cut + 1])
                .unwrap_or_else(|broken| panic!("{cut} {torn}: {broken}"));
        }
    }
}
