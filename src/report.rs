//! What happened, kept: the journal that the program trusts and the CSV that people read.
//!
//! A [`Report`] is made by [`Report::create`] or taken up again from an [`Earlier`]; the
//! run writes through its [`Pen`], and [`Report::finish`] gives the rows back. What is in
//! the rows is decided by `plan::resume`, and what is in the head by `cli`.

pub mod bar;
pub mod row;
pub mod summary;

pub mod known;
pub mod record;

mod disk;
mod journal;
mod keeper;
pub mod lock;
mod table;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::{Builder, JoinHandle};

use fs_err as fs;
use jiff::Timestamp;

use crate::error::{Error, Exit};
use crate::plan::resume::{Opening, Target, Trust};
use crate::run::KnownService;

use disk::{Disk, RealDisk};
use journal::{Damage, Journal, Tail, folder, with};
use keeper::{Clerk, Kept, Order, Page, Scribe, Written};
use known::{History, Known};
use lock::Lock;
use record::{Record, TOOL};
use row::ReportRow;

pub use keeper::Pen;
pub use record::Head;

/// Journal bytes that are reserved for each item that may be sent: an intent, a doubt, an
/// absence and an outcome with the gateway's message.
const RESERVED: u64 = 1_000;

/// Journal bytes that are reserved beside: listings and marks.
const RESERVED_BESIDE: u64 = 64 * 1024;

/// A report that a run writes to.
#[derive(Debug)]
pub struct Report {
    path: PathBuf,
    pen: Arc<Pen>,
    orders: Sender<Order>,
    pages: Sender<Page>,
    /// Until it is closed.
    threads: Option<(JoinHandle<Kept>, JoinHandle<Written>)>,
    /// Freed last: the threads write under it.
    _lock: Lock,
}

/// A report at its end.
#[derive(Debug)]
pub struct Finished {
    /// The rows as they stand.
    pub rows: Vec<ReportRow>,
    /// What could not be kept on this disk, where something could not.
    pub trouble: Option<Error>,
}

impl Report {
    /// Makes a report of these rows: the journal first, then the CSV, then the blocks that
    /// the run will need. Folders on the way are made.
    ///
    /// # Errors
    /// There is a report already, another run makes it, or it cannot be made.
    pub fn create(
        path: &Path,
        head: Head,
        opening: Opening,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let path = locate(path)?;
        let lock = Lock::report(&path, now)?;
        let journal = with(&path, ".journal");
        for file in [&path, &journal] {
            if fs::symlink_metadata(file).is_ok() {
                return Err(Error::usage(format!("{} exists already", shown(file))).hint(
                    "`apiferry resume` goes on with a report; a new import needs a new one",
                ));
            }
        }
        begin(path, head, opening, lock)
    }

    /// Finds what earlier runs left: the journal, or the CSV where there is none. Reads
    /// only; `repair` lets a damaged journal count as none.
    ///
    /// # Errors
    /// There is no report, another run holds it, or it cannot be trusted.
    pub fn reopen(path: &Path, repair: bool, now: Timestamp) -> Result<Earlier, Error> {
        let path = locate(path)?;
        let journal = with(&path, ".journal");
        if [&path, &journal].iter().all(|file| fs::metadata(file).is_err()) {
            return Err(Error::usage(format!("there is no report at {}", shown(&path)))
                .hint("`apiferry import` makes one; its last line of output names it"));
        }
        let lock = Lock::report(&path, now)?;
        Earlier::read(path, lock, repair, now)
    }

    /// The hand that the run writes with.
    pub fn witness(&self) -> Arc<Pen> {
        Arc::clone(&self.pen)
    }

    /// Where the CSV is, symbolic links followed.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes what is left to write and closes. To be called when nobody writes any more.
    pub fn finish(mut self) -> Finished {
        let Some((kept, written)) = self.close() else {
            let trouble = Some(Error::new(Exit::Bug, "a thread of the report ended too early"));
            return Finished { rows: Vec::new(), trouble };
        };
        Finished { trouble: trouble(&self.path, kept, written.stale), rows: written.rows }
    }

    /// Ends the threads, the rows' first: what it writes is marked in the journal.
    fn close(&mut self) -> Option<(Kept, Written)> {
        let (clerk, scribe) = self.threads.take()?;
        // A thread that no longer listens has panicked, and joining tells.
        _ = self.pages.send(Page::Close);
        let written = scribe.join();
        _ = self.orders.send(Order::Close);
        Some((clerk.join().ok()?, written.ok()?))
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        self.close();
    }
}

/// What a person must know when the disk did not keep all.
fn trouble(path: &Path, kept: Kept, stale: Option<String>) -> Option<Error> {
    let resume = format!("make room or mend the disk, then `apiferry resume {}`", shown(path));
    if let Some(why) = kept.lost {
        let mut message = format!("the journal could no longer be written: {why}");
        for line in kept.unrecorded {
            message.push_str("\n  not in the journal: ");
            message.push_str(&crate::text::escape(&line));
        }
        return Some(Error::new(Exit::Disk, message).hint(resume));
    }
    let message = format!("the report could not be replaced: {}", stale?);
    Some(
        Error::new(Exit::Disk, message)
            .hint(format!("the journal holds everything; {resume} writes the report again")),
    )
}

/// What earlier runs left. Nothing is written before [`Earlier::go_on`].
#[derive(Debug)]
pub struct Earlier {
    /// What the import was; `None` where a CSV is all there is.
    pub head: Option<Head>,
    /// The rows in the report's order.
    pub rows: Vec<Known>,
    /// What each service held before our first create there.
    pub services: Vec<KnownService>,
    /// How far the rows can be believed.
    pub trust: Trust,
    /// Whether the last run came to its end.
    pub ended: bool,
    /// What a person should know of what was found.
    pub notices: Vec<String>,
    path: PathBuf,
    lock: Lock,
    /// Where the journal's good part ends; `None` where there is none to go on with.
    tail: Option<Tail>,
    /// The CSV is none that this program wrote.
    edited: bool,
    now: Timestamp,
}

impl Earlier {
    fn read(path: PathBuf, lock: Lock, repair: bool, now: Timestamp) -> Result<Self, Error> {
        let mut earlier = Self {
            head: None,
            rows: Vec::new(),
            services: Vec::new(),
            trust: Trust::CsvAlone,
            ended: false,
            notices: Vec::new(),
            path,
            lock,
            tail: None,
            edited: false,
            now,
        };
        let found = table::find(&RealDisk, &earlier.path);
        let found = found.map_err(|error| Error::usage(format!("cannot read it: {error}")))?;
        match read_journal(&earlier.path) {
            Ok(Some((history, tail))) => earlier.trust_journal(history, tail, found),
            Ok(None) => earlier.trust_csv(found)?,
            Err(error) if repair && error.exit() == Exit::Disk => {
                earlier.notices.push(format!("{error}; it is set aside"));
                earlier.trust_csv(found)?;
            }
            Err(error) => return Err(error),
        }
        Ok(earlier)
    }

    fn trust_journal(&mut self, history: History, tail: Tail, found: Option<table::Found>) {
        self.services = history.services();
        let History { head, rows, tables, ended, .. } = history;
        (self.head, self.rows, self.ended) = (head, rows, ended);
        (self.trust, self.tail) = (Trust::Journal, Some(tail));
        if tail.len > tail.good {
            let torn = tail.len - tail.good;
            self.notices.push(format!("the journal's last {torn} bytes were torn and are cut off"));
        }
        if let Some(found) = found.filter(|found| !tables.contains(&found.sha256)) {
            self.edited = true;
            if found.rows.is_ok_and(|rows| claims_more(&rows, &self.rows)) {
                self.trust = Trust::CsvAlone;
                self.notices.push(
                    "the report tells of more APIs than its journal: everything is looked up"
                        .into(),
                );
            }
        }
    }

    fn trust_csv(&mut self, found: Option<table::Found>) -> Result<(), Error> {
        let rows = match found.map(|found| found.rows) {
            Some(Ok(rows)) if !rows.is_empty() => rows,
            Some(Err(why)) => {
                return Err(Error::usage(format!("{} is no report: {why}", shown(&self.path))));
            }
            _ => return Err(Error::usage(format!("{} holds no rows", shown(&self.path)))),
        };
        self.rows = known::merge(rows).into_iter().map(Known::bare).collect();
        self.edited = true;
        self.notices.push("there is no journal: everything in the report is looked up".into());
        Ok(())
    }

    /// Takes the report up with the rows of `opening`. `head` says what takes it up, and is
    /// the new journal's head where there was none.
    ///
    /// # Errors
    /// The journal or the CSV cannot be written.
    pub fn go_on(self, head: Head, opening: Opening) -> Result<Report, Error> {
        let disk = |error: io::Error| {
            Error::new(Exit::Disk, format!("cannot take the report up: {error}"))
                .hint("nothing was sent; make room or mend the disk and try again")
        };
        sweep(&self.path);
        if self.edited {
            keep_edited(&self.path, self.now).map_err(disk)?;
        }
        let Some(tail) = self.tail else {
            set_aside(&with(&self.path, ".journal"), self.now).map_err(disk)?;
            return begin(self.path, head, opening, self.lock);
        };
        let mut journal =
            Journal::reopen(&RealDisk, &with(&self.path, ".journal"), tail).map_err(disk)?;
        journal.append(&taken_up(head, &opening)).map_err(disk)?;
        journal.sync().map_err(disk)?;
        lay_out(&self.path, &mut journal, &opening).map_err(disk)?;
        start(self.path, journal, opening, self.lock)
    }
}

fn taken_up(head: Head, opening: &Opening) -> Vec<Record> {
    let Head { run, created_at, .. } = head;
    let resume =
        Record::Resume { run, tool: TOOL.to_owned(), at: created_at, plan: opening.plan.clone() };
    let keys = keys(opening);
    let row = |n: &u32| opening.rows[*n as usize].line(*n, keys[*n as usize].clone());
    std::iter::once(resume).chain(opening.rewritten.iter().map(row)).collect()
}

/// The short key of each row that is an item of the work.
fn keys(opening: &Opening) -> Vec<Option<String>> {
    let mut keys = vec![None; opening.rows.len()];
    for Target { row, item, .. } in &opening.targets {
        keys[*row as usize] = Some(item.key.short());
    }
    keys
}

/// Makes journal and CSV, and starts the threads. What cannot be made whole is not left.
fn begin(path: PathBuf, mut head: Head, opening: Opening, lock: Lock) -> Result<Report, Error> {
    let place = shown(&path);
    let refused = |error: io::Error| {
        Error::usage(format!("cannot make the report {place}: {error}"))
            .hint("nothing was sent; --report names another place")
    };
    head.csv = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    head.plan.clone_from(&opening.plan);
    let file = with(&path, ".journal");
    let rows = opening.rows.iter().zip(keys(&opening));
    let mut journal = Journal::create(&RealDisk, &file, &head, rows).map_err(refused)?;
    if let Err(error) = lay_out(&path, &mut journal, &opening) {
        // What failed is told already.
        _ = fs::remove_file(&file);
        return Err(refused(error));
    }
    start(path, journal, opening, lock)
}

/// Writes the CSV as it stands before the run.
fn lay_out(path: &Path, journal: &mut Journal<RealDisk>, opening: &Opening) -> io::Result<()> {
    let rows = opening.rows.iter().map(|known| &known.row);
    table::replace(&RealDisk, path, rows, |sha256| {
        journal.append(&[Record::Csv { sha256: sha256.to_owned() }])?;
        journal.sync()
    })
}

/// Reserves what the run will need, and starts the threads.
fn start(
    path: PathBuf,
    mut journal: Journal<RealDisk>,
    opening: Opening,
    lock: Lock,
) -> Result<Report, Error> {
    let bytes = RESERVED * opening.targets.len() as u64 + RESERVED_BESIDE;
    let failed = |error: io::Error| {
        let message = format!("cannot keep {bytes} bytes free for the journal: {error}");
        let resume =
            format!("nothing was sent; make room, then `apiferry resume {}`", shown(&path));
        Error::new(Exit::Disk, message).hint(resume)
    };
    journal.reserve(bytes).map_err(failed)?;
    let (orders, orders_in) = channel();
    let (pages, pages_in) = channel();
    let clerk = Clerk { journal, targets: opening.targets, pages: pages.clone() };
    let (rows, orders_out) = (opening.rows, orders.clone());
    let scribe = Scribe { disk: RealDisk, path: path.clone(), rows, orders: orders_out };
    let spawn = |name: &str| Builder::new().name(name.to_owned());
    let clerk = spawn("journal").spawn(move || clerk.work(&orders_in)).map_err(failed)?;
    let scribe = spawn("report").spawn(move || scribe.work(&pages_in)).map_err(failed)?;
    let pen = Arc::new(Pen::new(orders.clone()));
    let threads = Some((clerk, scribe));
    Ok(Report { path, pen, orders, pages, threads, _lock: lock })
}

/// The journal beside `path`; `None` where there is none, or one that a power loss left
/// without a byte in it.
fn read_journal(path: &Path) -> Result<Option<(History, Tail)>, Error> {
    let path = with(path, ".journal");
    let unreadable =
        |error: &io::Error| Error::new(Exit::Disk, format!("cannot read the journal: {error}"));
    let file = match RealDisk.open(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file.map_err(|error| unreadable(&error))?,
    };
    let mut history = History::default();
    match journal::read(file, |record| history.take(record)) {
        Ok(tail) if tail.good == 0 => Ok(None),
        Ok(tail) => Ok(Some((history, tail))),
        Err(Damage::Io(error)) => Err(unreadable(&error)),
        Err(Damage::Garbled { line }) => {
            Err(Error::new(Exit::Disk, format!("{}: line {line} is damaged", shown(&path)))
                .hint("`resume --repair` sets the journal aside and looks everything up"))
        }
        Err(Damage::Foreign { line, why }) => {
            Err(Error::usage(format!("{}: line {line}: {why}", shown(&path))))
        }
    }
}

/// Whether a CSV names APIs as ours that the journal does not know: then the journal is an
/// older copy.
fn claims_more(csv: &[ReportRow], journal: &[Known]) -> bool {
    let known: std::collections::HashSet<&str> =
        journal.iter().flat_map(|known| known.row.api_id.split(' ')).collect();
    let claims = csv.iter().filter(|row| row.state.is_ours() && !row.api_id.is_empty());
    claims.into_iter().any(|row| !known.contains(&*row.api_id))
}

/// Where the report really is: links followed, folders made.
fn locate(path: &Path) -> Result<PathBuf, Error> {
    let place = shown(path);
    let bad = |error: io::Error| Error::usage(format!("cannot make the report {place}: {error}"));
    if path.is_dir() {
        return Err(Error::usage(format!("{} is a folder", shown(path)))
            .hint("--report names a file, such as reports/petstore.csv"));
    }
    let path = match fs::read_link(path) {
        Ok(target) => folder(path).join(target),
        Err(_) => path.to_owned(),
    };
    let Some(name) = path.file_name() else {
        return Err(Error::usage(format!("{} names no file", shown(&path))));
    };
    fs::create_dir_all(folder(&path)).map_err(bad)?;
    let folder = fs::canonicalize(folder(&path)).map_err(bad)?;
    Ok(folder.join(name))
}

/// Removes what killed runs left half written. The lock is held: nobody writes there.
fn sweep(path: &Path) {
    let Some(name) = path.file_name().map(|name| name.to_string_lossy().into_owned()) else {
        return;
    };
    let Ok(files) = fs::read_dir(folder(path)) else { return };
    for file in files.flatten() {
        let found = file.file_name().to_string_lossy().into_owned();
        let rest = found.strip_prefix(&name).unwrap_or_default();
        if rest.starts_with(".tmp-") || rest.starts_with(".journal.tmp-") {
            // A leftover costs nothing but its place.
            _ = fs::remove_file(file.path());
        }
    }
}

/// Keeps a CSV that a person edited, under a name of its own.
fn keep_edited(path: &Path, now: Timestamp) -> io::Result<()> {
    if fs::metadata(path).is_err() {
        return Ok(());
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let copy = path.with_file_name(format!("{stem}.edited-{}.csv", stamp(now)));
    fs::copy(path, copy).map(drop)
}

fn set_aside(journal: &Path, now: Timestamp) -> io::Result<()> {
    match fs::rename(journal, with(journal, &format!(".broken-{}", stamp(now)))) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

/// A time for a file's name.
fn stamp(now: Timestamp) -> String {
    now.strftime("%Y%m%d-%H%M%S").to_string()
}

fn shown(path: &Path) -> String {
    crate::text::escape(&path.display().to_string()).into_owned()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::plan::resume::{Before, Decided, decide};
    use crate::plan::{Entry, Item};
    use crate::run::{BaseApi, Detail, Fact, ItemId, Outcome, Start, Witness as _};
    use record::tests::head;
    use row::State;
    use row::tests::item;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn plan(paths: &[&str]) -> Vec<Entry> {
        paths.iter().map(|path| Entry::Item(item("GET", path))).collect()
    }

    fn first(paths: &[&str]) -> Decided {
        decide(plan(paths), Before::default())
    }

    fn intent(n: u32, item: &Item) -> Fact {
        let digest = item.digest.as_str().to_owned();
        Fact::Intent { item: ItemId(n), attempt: 1, sent_at: NOW, digest }
    }

    fn created(n: u32, id: &str) -> Fact {
        let outcome = Outcome::Created { id: id.into() };
        Fact::Settled { item: ItemId(n), attempts: 1, outcome, detail: Detail::default(), at: NOW }
    }

    fn base() -> Fact {
        let api = BaseApi { api_id: "api-0".into(), path: "/old".into(), method: "GET".into() };
        Fact::Base { service: "service-a".into(), apis: vec![api], listed_at: NOW }
    }

    fn state(report: &Report, facts: Vec<Fact>) -> Result<(), crate::run::WitnessLost> {
        futures::executor::block_on(report.witness().state(facts))
    }

    fn go_on(earlier: Earlier, paths: &[&str]) -> (Decided, Earlier) {
        let mut earlier = earlier;
        let before = Before {
            rows: std::mem::take(&mut earlier.rows),
            services: std::mem::take(&mut earlier.services),
            trust: earlier.trust,
            ..Before::default()
        };
        (decide(plan(paths), before), earlier)
    }

    fn csv(path: &Path) -> Vec<ReportRow> {
        table::read(&fs::read(path).unwrap()).unwrap()
    }

    #[test]
    fn a_killed_import_is_taken_up_where_it_stood() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("reports/report.csv");
        let decided = first(&["/a", "/b", "/c"]);
        let items: Vec<Arc<Item>> =
            decided.work.items.iter().map(|a| Arc::clone(&a.item)).collect();
        let report = Report::create(&path, head(), decided.opening, NOW).unwrap();
        assert_eq!(csv(&path).len(), 3, "the rows stand before anything is sent");
        state(&report, vec![base()]).unwrap();
        state(&report, vec![intent(0, &items[0]), intent(1, &items[1])]).unwrap();
        state(&report, vec![created(0, "api-1")]).unwrap();
        // Killed: nobody finishes it, but the lock goes.
        drop(report);

        let earlier = Report::reopen(&path, false, NOW).unwrap();
        assert_eq!(earlier.head.as_ref().unwrap().csv, "report.csv");
        assert_eq!(earlier.trust, Trust::Journal);
        assert_eq!(earlier.services[0].base.as_ref().unwrap()[0].api_id, "api-0");
        let (decided, earlier) = go_on(earlier, &["/a", "/b", "/c"]);
        let starts: Vec<&Start> = decided.work.items.iter().map(|a| &a.start).collect();
        assert!(matches!(starts[0], Start::Keep { outcome: Outcome::Created { .. }, attempts: 1 }));
        assert_eq!(*starts[1], Start::Look { attempts: 1, sent_at: Some(NOW) });
        assert_eq!(*starts[2], Start::Send { attempts: 0 });

        let report = earlier.go_on(head(), decided.opening).unwrap();
        state(&report, vec![created(1, "api-2"), created(2, "api-3"), Fact::Ended]).unwrap();
        let finished = report.finish();
        assert!(finished.trouble.is_none());
        assert!(finished.rows.iter().all(|row| row.state == State::Created));
        assert_eq!(csv(&path), finished.rows);
        assert!(Report::reopen(&path, false, NOW).unwrap().ended);
    }

    #[test]
    fn a_report_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.csv");
        drop(Report::create(&path, head(), first(&["/a"]).opening, NOW).unwrap());
        let error = Report::create(&path, head(), first(&["/a"]).opening, NOW).unwrap_err();
        assert_eq!(error.exit(), Exit::Usage);
        assert!(error.advice().unwrap().contains("resume"));
        fs::remove_file(&path).unwrap();
        let error = Report::create(&path, head(), first(&["/a"]).opening, NOW).unwrap_err();
        assert!(error.to_string().contains("report.csv.journal"), "{error}");
    }

    #[test]
    fn two_runs_do_not_write_one_report() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.csv");
        let report = Report::create(&path, head(), first(&["/a"]).opening, NOW).unwrap();
        let error = Report::reopen(&path, false, NOW).unwrap_err();
        assert_eq!(error.exit(), Exit::Locked);
        assert!(error.to_string().contains(&std::process::id().to_string()), "{error}");
        report.finish();
        assert!(Report::reopen(&path, false, NOW).is_ok());
    }

    #[test]
    fn a_lost_csv_comes_back_from_the_journal() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.csv");
        drop(Report::create(&path, head(), first(&["/a", "/b"]).opening, NOW).unwrap());
        fs::remove_file(&path).unwrap();
        let earlier = Report::reopen(&path, false, NOW).unwrap();
        let (decided, earlier) = go_on(earlier, &["/a", "/b"]);
        drop(earlier.go_on(head(), decided.opening).unwrap());
        assert_eq!(csv(&path).len(), 2);
    }

    #[test]
    fn without_its_journal_everything_in_a_report_is_in_doubt() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.csv");
        let report = Report::create(&path, head(), first(&["/a", "/b"]).opening, NOW).unwrap();
        state(&report, vec![created(0, "api-1")]).unwrap();
        report.finish();
        fs::remove_file(with(&path, ".journal")).unwrap();

        let earlier = Report::reopen(&path, false, NOW).unwrap();
        assert!(earlier.head.is_none());
        let (decided, earlier) = go_on(earlier, &["/a", "/b", "/new"]);
        let look = Start::Look { attempts: 0, sent_at: None };
        assert!(matches!(decided.work.items[0].start, Start::Keep { .. }));
        assert_eq!(decided.work.items[1].start, look);
        assert_eq!(decided.work.items[2].start, look, "its row may have been deleted");
        // The doubt outlives this resume: it is killed before it has looked at anything.
        drop(earlier.go_on(head(), decided.opening).unwrap());
        let (decided, _) = go_on(Report::reopen(&path, false, NOW).unwrap(), &["/a", "/b", "/new"]);
        assert_eq!(decided.work.items[1].start, look);
        assert_eq!(decided.work.items[2].start, look);
    }

    #[test]
    fn an_edited_report_is_kept_aside_and_the_journal_wins() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.csv");
        let report = Report::create(&path, head(), first(&["/a", "/b"]).opening, NOW).unwrap();
        state(&report, vec![created(0, "api-1")]).unwrap();
        let rows = report.finish().rows;
        let edited = "outcome;path;method;service\r\nrefused;/b;GET;service-a\r\n";
        fs::write(&path, edited).unwrap();

        let (decided, earlier) = go_on(Report::reopen(&path, false, NOW).unwrap(), &["/a", "/b"]);
        earlier.go_on(head(), decided.opening).unwrap().finish();
        assert_eq!(csv(&path), rows);
        let kept = folder.path().join("report.edited-19700101-000000.csv");
        assert_eq!(fs::read_to_string(kept).unwrap(), edited);
    }

    #[test]
    fn a_link_is_followed_and_locked_where_it_leads() {
        let folder = tempfile::tempdir().unwrap();
        let (link, path) = (folder.path().join("link.csv"), folder.path().join("report.csv"));
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let report = Report::create(&link, head(), first(&["/a"]).opening, NOW).unwrap();
        assert_eq!(Report::reopen(&path, false, NOW).unwrap_err().exit(), Exit::Locked);
        drop(report);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(csv(&path).len(), 1);
    }
}
