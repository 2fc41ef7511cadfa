//! A report from its making to its end, on a real disk.

use std::sync::Arc;

use std::path::Path;

use fs_err as fs;
use jiff::Timestamp;

use crate::plan::{Entry, Item};
use crate::report::fixtures::{head, item};
use crate::report::paths::with;
use crate::report::prepare::{self, Prepared};
use crate::report::resume::{Options, Trust};
use crate::report::{ErrorKind, Head, Moment, Prior, Report, Row, Uptime, table};
use crate::run::{Action, BaseApi, Detail, Fact, ItemId, Outcome, Start, Transition, Witness as _};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

/// The same, on a machine that does not tell how long it has run.
const NOW_BY_BOTH: Moment = Moment { wall: NOW, uptime: None };

fn plan(paths: &[&str]) -> Vec<Entry> {
    paths.iter().map(|path| Entry::Item(item("GET", path))).collect()
}

fn first(paths: &[&str]) -> Prepared {
    prepare::import(plan(paths))
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

fn go_on(mut prior: Prior, paths: &[&str]) -> (Prepared, Prior) {
    let options = Options { trust: prior.trust, ..Options::default() };
    let (rows, services) = (std::mem::take(&mut prior.rows), std::mem::take(&mut prior.services));
    (prepare::resume(plan(paths), rows, services, &options), prior)
}

/// What a CSV holds: neither where an operation is in its source nor whether it is in doubt.
fn assert_same_cells(csv: &[Row], rows: &[Row]) {
    let cells = |rows: &[Row]| rows.iter().map(|row| row.cells().join("|")).collect::<Vec<_>>();
    assert_eq!(cells(csv), cells(rows));
}

fn csv(path: &Path) -> Vec<Row> {
    table::read(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn a_killed_import_is_taken_up_where_it_stood() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("reports/report.csv");
    let prepared = first(&["/a", "/b", "/c"]);
    let items: Vec<Arc<Item>> = prepared.work.items.iter().map(|a| Arc::clone(&a.item)).collect();
    let report = Report::create(&path, head(), prepared.rows, NOW).unwrap();
    assert_eq!(csv(&path).len(), 3, "the rows stand before anything is sent");
    state(&report, vec![base()]).unwrap();
    state(&report, vec![intent(0, &items[0]), intent(1, &items[1])]).unwrap();
    state(&report, vec![created(0, "api-1")]).unwrap();
    // Killed: nobody finishes it, but the lock goes.
    drop(report);

    let prior = Prior::open(&path, false, &NOW_BY_BOTH).unwrap();
    assert_eq!(prior.head.as_ref().unwrap().csv, "report.csv");
    assert_eq!(prior.trust, Trust::Journal);
    assert_eq!(prior.services[0].base.as_ref().unwrap()[0].api_id, "api-0");
    let (prepared, prior) = go_on(prior, &["/a", "/b", "/c"]);
    let starts: Vec<&Start> = prepared.work.items.iter().map(|a| &a.start).collect();
    assert_eq!(*starts[0], Start::Keep { attempts: 1 });
    assert_eq!(prepared.work.items[0].was, Outcome::Created { id: "api-1".into() });
    assert_eq!(*starts[1], Start::Look { attempts: 1, sent_at: Some(NOW) });
    assert_eq!(*starts[2], Start::Send { attempts: 0 });

    let report = prior.continue_with(head(), prepared.rows).unwrap();
    state(&report, vec![created(1, "api-2"), created(2, "api-3"), Fact::Ended]).unwrap();
    let finished = report.finish();
    assert!(finished.trouble.is_none());
    assert!(finished.rows.iter().all(|row| row.word() == "created"));
    assert_same_cells(&csv(&path), &finished.rows);
    assert!(Prior::open(&path, false, &NOW_BY_BOTH).unwrap().ended);
}

#[test]
fn a_report_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.csv");
    drop(Report::create(&path, head(), first(&["/a"]).rows, NOW).unwrap());
    let error = Report::create(&path, head(), first(&["/a"]).rows, NOW).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Exists);
    fs::remove_file(&path).unwrap();
    let error = Report::create(&path, head(), first(&["/a"]).rows, NOW).unwrap_err();
    assert!(error.to_string().contains("report.csv.journal"), "{error}");
}

#[test]
fn a_report_that_is_nowhere_is_told_and_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    for path in ["report.csv", "nowhere/report.csv"] {
        let error = Prior::open(&folder.path().join(path), false, &NOW_BY_BOTH).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Missing | ErrorKind::NoPlace), "{error}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_report_that_cannot_be_made_is_told_and_nothing_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let places = [folder.path().to_owned(), "/dev/full".into(), "/proc/report.csv".into()];
    for path in places {
        let error = Report::create(&path, head(), first(&["/a"]).rows, NOW).unwrap_err();
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
    let report = Report::create(&path, head(), first(&["/a"]).rows, NOW).unwrap();
    let error = Prior::open(&path, false, &NOW_BY_BOTH).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Locked);
    assert!(error.to_string().contains(&std::process::id().to_string()), "{error}");
    report.finish();
    assert!(Prior::open(&path, false, &NOW_BY_BOTH).is_ok());
}

#[test]
fn a_lost_csv_comes_back_from_the_journal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.csv");
    drop(Report::create(&path, head(), first(&["/a", "/b"]).rows, NOW).unwrap());
    fs::remove_file(&path).unwrap();
    let prior = Prior::open(&path, false, &NOW_BY_BOTH).unwrap();
    let (prepared, prior) = go_on(prior, &["/a", "/b"]);
    drop(prior.continue_with(head(), prepared.rows).unwrap());
    assert_eq!(csv(&path).len(), 2);
}

#[test]
fn without_its_journal_everything_in_a_report_is_in_doubt() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.csv");
    let report = Report::create(&path, head(), first(&["/a", "/b"]).rows, NOW).unwrap();
    state(&report, vec![created(0, "api-1")]).unwrap();
    report.finish();
    fs::remove_file(with(&path, ".journal")).unwrap();

    let prior = Prior::open(&path, false, &NOW_BY_BOTH).unwrap();
    assert!(prior.head.is_none());
    let (prepared, prior) = go_on(prior, &["/a", "/b", "/new"]);
    let look = Start::Look { attempts: 0, sent_at: None };
    assert!(matches!(prepared.work.items[0].start, Start::Keep { .. }));
    assert_eq!(prepared.work.items[1].start, look);
    assert_eq!(prepared.work.items[2].start, look, "its row may have been deleted");
    // The doubt outlives this resume: it is killed before it has looked at anything.
    drop(prior.continue_with(head(), prepared.rows).unwrap());
    let (prepared, _) =
        go_on(Prior::open(&path, false, &NOW_BY_BOTH).unwrap(), &["/a", "/b", "/new"]);
    assert_eq!(prepared.work.items[1].start, look);
    assert_eq!(prepared.work.items[2].start, look);
}

#[test]
fn an_edited_report_is_kept_aside_and_the_journal_wins() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.csv");
    let report = Report::create(&path, head(), first(&["/a", "/b"]).rows, NOW).unwrap();
    state(&report, vec![created(0, "api-1")]).unwrap();
    let rows = report.finish().rows;
    let edited = "outcome;path;method;service\r\nrefused;/b;GET;service-a\r\n";
    fs::write(&path, edited).unwrap();

    let (prepared, prior) = go_on(Prior::open(&path, false, &NOW_BY_BOTH).unwrap(), &["/a", "/b"]);
    prior.continue_with(head(), prepared.rows).unwrap().finish();
    assert_same_cells(&csv(&path), &rows);
    let kept = folder.path().join("report.edited-19700101-000000.csv");
    assert_eq!(fs::read_to_string(kept).unwrap(), edited);
}

#[test]
fn a_link_is_followed_and_locked_where_it_leads() {
    let folder = tempfile::tempdir().unwrap();
    let (link, path) = (folder.path().join("link.csv"), folder.path().join("report.csv"));
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let report = Report::create(&link, head(), first(&["/a"]).rows, NOW).unwrap();
    assert_eq!(Prior::open(&path, false, &NOW_BY_BOTH).unwrap_err().kind(), ErrorKind::Locked);
    drop(report);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(csv(&path).len(), 1);
}

#[test]
fn where_a_clock_was_set_or_the_machine_started_anew_a_doubt_is_counted_from_now_on() {
    let uptime = |boot: &str, millis| Some(Uptime { boot: boot.into(), millis });
    for (boot, millis, sent_at) in [("b", 3_605_000, 0), ("b", 15_000, 3_600), ("c", 5, 3_600)] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.csv");
        let prepared = first(&["/a"]);
        let items = prepared.work.items.iter().map(|a| Arc::clone(&a.item)).collect::<Vec<_>>();
        let head = Head { uptime: uptime("b", 5_000), ..head() };
        let report = Report::create(&path, head, prepared.rows, NOW).unwrap();
        state(&report, vec![intent(0, &items[0])]).unwrap();
        drop(report);
        let wall = Timestamp::from_second(3_600).unwrap();
        let now = Moment { wall, uptime: uptime(boot, millis) };
        let prior = Prior::open(&path, false, &now).unwrap();
        let counted = prior.rows[0].doubt.unwrap().sent_at;
        assert_eq!(counted, Some(Timestamp::from_second(sent_at).unwrap()), "{boot} {millis}");
    }
}

#[test]
fn what_was_made_in_a_folder_that_has_vanished_is_listed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gone/report.csv");
    let prepared = first(&["/a", "/b"]);
    let items = prepared.work.items.iter().map(|a| Arc::clone(&a.item)).collect::<Vec<_>>();
    let report = Report::create(&path, head(), prepared.rows, NOW).unwrap();
    state(&report, vec![intent(0, &items[0]), intent(1, &items[1])]).unwrap();
    // The writer may put the CSV there in the middle of it.
    assert!((0..1_000).any(|_| fs::remove_dir_all(folder.path().join("gone")).is_ok()));
    state(&report, vec![created(0, "api-1")]).unwrap();
    let trouble = report.finish().trouble.unwrap();
    assert_eq!(trouble.kind(), ErrorKind::Gone);
    assert!(trouble.to_string().ends_with("\n  service-a api-1 GET /a"), "{trouble}");
}
