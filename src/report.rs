//! What happened, kept: the journal that the program trusts and the CSV that people read.
//!
//! A [`Report`] is made by [`Report::create`] or taken up again from an [`Earlier`]; the
//! run writes through its [`Pen`], and [`Report::finish`] gives the rows back. What is in
//! the rows before is [`opening`]'s business, and what is in the head by `cli`.

pub mod row;

pub mod known;
pub mod record;

mod disk;
mod earlier;
mod error;
mod journal;
mod keeper;
pub mod lock;
pub mod opening;
mod place;
#[cfg(test)]
mod samples;
mod store;
mod table;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::{Builder, JoinHandle};

use fs_err as fs;
use jiff::Timestamp;

use disk::RealDisk;
use journal::{Journal, folder, with};
use keeper::{Clerk, Kept, Order, Page, Scribe, Written};
use lock::Lock;
use opening::Opening;
use place::{locate, shown};
pub use row::ReportRow;

pub use earlier::Earlier;
pub use error::{Error, ErrorKind};
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
        fs::create_dir_all(folder(path)).map_err(|error| refused(path, &error))?;
        let path = locate(path)?;
        let lock = Lock::report(&path, now)?;
        Self::check_free(&path)?;
        let journal = store::make(&RealDisk, &path, head, &opening).map_err(|error| {
            // Where nothing was before, half a report is not left: nothing was sent from it,
            // and it would be in the way of the next try.
            _ = fs::remove_file(&path);
            refused(&path, &error)
        })?;
        start(path, journal, opening, lock)
    }

    /// Whether there is no report at this path yet. [`Self::create`] asks too; this is for
    /// those who have something to do before it.
    ///
    /// # Errors
    /// There is one.
    pub fn check_free(path: &Path) -> Result<(), Error> {
        // A link is as free as what it leads to.
        let place = match fs::read_link(path) {
            Ok(_) => locate(path)?,
            Err(_) => path.to_owned(),
        };
        for file in [&place, &with(&place, ".journal")] {
            let Ok(found) = fs::symlink_metadata(file) else { continue };
            let name = shown(file);
            return Err(if found.is_file() {
                Error::new(ErrorKind::Exists, format!("{name} exists already"))
            } else {
                Error::new(ErrorKind::NoPlace, format!("{name} exists already and is not a file"))
            });
        }
        Ok(())
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
            let message = format!("there is no report at {}", shown(&path));
            return Err(Error::new(ErrorKind::Missing, message));
        }
        // A file that is none of ours gets no lock beside it.
        if fs::metadata(&journal).is_err() {
            match table::find(&RealDisk, &path) {
                Err(error) => return Err(earlier::no_report(&path, &error.to_string())),
                Ok(Some(table::Found { rows: Err(why), .. })) => {
                    return Err(earlier::no_report(&path, &why));
                }
                Ok(_) => {}
            }
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
            let trouble =
                Some(Error::new(ErrorKind::Bug, "a thread of the report ended too early"));
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
    if let Some(why) = kept.lost {
        let mut message = format!("the journal could no longer be written: {why}");
        for line in kept.unrecorded {
            message.push_str("\n  not in the journal: ");
            message.push_str(&crate::text::escape(&line));
        }
        return Some(Error::new(ErrorKind::JournalLost, message));
    }
    let message = format!("{} could not be replaced: {}", shown(path), stale?);
    Some(Error::new(ErrorKind::CsvBehind, message))
}

fn refused(path: &Path, error: &io::Error) -> Error {
    Error::new(ErrorKind::NotMade, format!("cannot make the report {}: {error}", shown(path)))
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
        let path = shown(&path);
        let message = format!("cannot keep {bytes} bytes free for the journal of {path}: {error}");
        Error::new(ErrorKind::DiskBefore, message)
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::plan::{Entry, Item};
    use crate::run::{
        Action, BaseApi, Detail, Fact, ItemId, Outcome, Start, Transition, Witness as _,
    };
    use opening::{Before, Decided, Options, Trust, open};
    use row::State;
    use samples::{head, item};

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn plan(paths: &[&str]) -> Vec<Entry> {
        paths.iter().map(|path| Entry::Item(item("GET", path))).collect()
    }

    fn first(paths: &[&str]) -> Decided {
        open(plan(paths), Before::default())
    }

    fn fact(n: u32, step: Transition) -> Fact {
        Fact::Item { item: ItemId(n), action: Action::Create, attempt: 1, at: NOW, step }
    }

    fn intent(n: u32, item: &Item) -> Fact {
        let digest = item.digest.as_str().to_owned();
        fact(n, Transition::Intent { digest })
    }

    fn created(n: u32, id: &str) -> Fact {
        let outcome = Outcome::Created { id: id.into() };
        fact(n, Transition::Settled { outcome, detail: Detail::default() })
    }

    fn base() -> Fact {
        let api = BaseApi { api_id: "api-0".into(), path: "/old".into(), method: "GET".into() };
        Fact::Base { service: "service-a".into(), at: NOW, apis: vec![api], more: false }
    }

    fn state(report: &Report, facts: Vec<Fact>) -> Result<(), crate::run::WitnessLost> {
        futures::executor::block_on(report.witness().state(facts))
    }

    fn go_on(earlier: Earlier, paths: &[&str]) -> (Decided, Earlier) {
        let mut earlier = earlier;
        let before = Before {
            rows: std::mem::take(&mut earlier.rows),
            services: std::mem::take(&mut earlier.services),
            options: Options { trust: earlier.trust, ..Options::default() },
        };
        (open(plan(paths), before), earlier)
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
        assert_eq!(*starts[0], Start::Keep { attempts: 1 });
        assert_eq!(decided.work.items[0].was, Outcome::Created { id: "api-1".into() });
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
        assert_eq!(error.kind(), ErrorKind::Exists);
        fs::remove_file(&path).unwrap();
        let error = Report::create(&path, head(), first(&["/a"]).opening, NOW).unwrap_err();
        assert!(error.to_string().contains("report.csv.journal"), "{error}");
    }

    #[test]
    fn a_report_that_is_nowhere_is_told_and_nothing_is_made() {
        let folder = tempfile::tempdir().unwrap();
        for path in ["report.csv", "nowhere/report.csv"] {
            let error = Report::reopen(&folder.path().join(path), false, NOW).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::Missing | ErrorKind::NoPlace), "{error}");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_report_that_cannot_be_made_is_told_and_nothing_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let places = [folder.path().to_owned(), "/dev/full".into(), "/proc/report.csv".into()];
        for path in places {
            let error = Report::create(&path, head(), first(&["/a"]).opening, NOW).unwrap_err();
            assert!(
                matches!(
                    error.kind(),
                    ErrorKind::NotMade | ErrorKind::NoPlace | ErrorKind::NoLock | ErrorKind::Exists
                ),
                "{error}"
            );
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn two_runs_do_not_write_one_report() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.csv");
        let report = Report::create(&path, head(), first(&["/a"]).opening, NOW).unwrap();
        let error = Report::reopen(&path, false, NOW).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Locked);
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
        assert_eq!(Report::reopen(&path, false, NOW).unwrap_err().kind(), ErrorKind::Locked);
        drop(report);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(csv(&path).len(), 1);
    }
}
