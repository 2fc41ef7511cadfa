//! Resumes from the outside: of killed, stopped, edited and finished reports.

use crate::case::{Case, Simulator, document};

const FAST: &str = "--rate 400 --rate-limit 500 --settle 0.3";

fn imported(count: usize) -> (Case, Simulator) {
    let case = Case::new().credentials().file("a.yaml", document("a", count));
    let simulator = case.simulator("--limit 500");
    let command = format!(
        "import a.yaml --endpoint {} --service service-simulated --report r.csv {FAST}",
        simulator.endpoint
    );
    case.run(&command).exits(0);
    (case, simulator)
}

#[test]
fn a_finished_report_resumed_sends_nothing() {
    let (case, simulator) = imported(5);
    let before = case.read("r.csv");
    case.run("resume r.csv").exits(0);
    assert_eq!(case.read("r.csv"), before);
    assert_eq!(simulator.created().len(), 5);
}

#[test]
fn new_operations_of_the_source_are_sent_and_vanished_ones_keep_their_row() {
    let (case, simulator) = imported(5);
    case.write("a.yaml", document("a", 7).replace("/a/0:", "/renamed:"));
    case.run("resume r.csv").exits(0);
    let rows = case.report("r.csv");
    assert_eq!(rows.len(), 8);
    let gone = rows.iter().find(|row| row["path"] == "/a/0").expect("the vanished row");
    assert_eq!(gone["outcome"], "created");
    assert!(gone["findings"].contains("source-gone"), "{gone:?}");
    assert_eq!(simulator.created().len(), 8);
}

#[test]
fn what_changed_under_a_created_api_is_told_and_not_sent() {
    let (case, simulator) = imported(3);
    case.write("a.yaml", document("a", 3).replace("many.example.com", "other.example.com"));
    case.run("resume r.csv")
        .exits(0)
        .says("3 operations have changed since their APIs were created");
    assert!(case.report("r.csv").iter().all(|row| row["findings"].contains("changed")));
    assert_eq!(simulator.created().len(), 3);
}

#[test]
fn a_report_without_its_journal_is_verified_row_by_row() {
    let (case, simulator) = imported(4);
    std::fs::remove_file(case.path("r.csv.journal")).expect("the journal");
    case.run(&format!(
        "resume r.csv --endpoint {} --region ap-guangzhou {FAST}",
        simulator.endpoint
    ));
    assert_eq!(simulator.created().len(), 4);
}

#[test]
fn a_report_that_a_spreadsheet_has_sorted_and_rewritten_costs_nothing() {
    let (case, simulator) = imported(4);
    let text = case.read("r.csv");
    let mut lines: Vec<&str> = text.lines().collect();
    lines[1..].reverse();
    case.write("r.csv", format!("\u{feff}{}\r\n", lines.join("\r\n").replace(',', ";")));
    case.run("resume r.csv").exits(0);
    assert_eq!(case.report("r.csv").len(), 4);
    assert_eq!(simulator.created().len(), 4);
}

/// An import of `x/pets.yaml` in `x`, which is `z` since; beside it `y` with another document
/// of the same name.
fn moved(pets: &str, sources: &str) -> (Case, Simulator) {
    let case = Case::new()
        .credentials()
        .file("x/pets.yaml", pets)
        .file("y/pets.yaml", document("other", 1));
    let simulator = case.simulator("--limit 500");
    let command = format!(
        "import {sources} --endpoint {} --service service-simulated --report r.csv {FAST}",
        simulator.endpoint
    );
    let mut import = case.command(&command);
    import.current_dir(case.path("x"));
    case.finish(import);
    std::fs::rename(case.path("x"), case.path("z")).expect("a folder moved");
    (case, simulator)
}

#[test]
fn a_resume_elsewhere_never_takes_another_folders_sources_for_its_own() {
    let (case, simulator) = moved(&document("pets", 1), "pets.yaml");
    let mut resume = case.command("resume ../z/r.csv");
    resume.current_dir(case.path("y"));
    case.finish(resume).exits(5).says("x is gone");
    let rows = case.report("z/r.csv");
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["outcome"], "created");
    assert!(rows[0]["findings"].contains("source-gone"), "{rows:?}");
    assert_eq!(simulator.created().into_keys().collect::<Vec<_>>(), ["GET /pets/0"]);
}

#[test]
fn where_the_folder_is_gone_what_was_never_sent_waits_for_it() {
    let refused = document("pets", 1) + "  /none:\n    trace: { responses: {} }\n";
    let (case, simulator) = moved(&refused, ".");
    case.run("resume z/r.csv").exits(5);
    let rows = case.report("z/r.csv");
    assert_eq!(
        rows.iter().map(|row| &*row["outcome"]).collect::<Vec<_>>(),
        ["created", "not-sent"]
    );
    assert!(rows.iter().all(|row| row["findings"].contains("source-gone")), "{rows:?}");
    std::fs::rename(case.path("z"), case.path("x")).expect("a folder moved back");
    case.run("resume x/r.csv").exits(3);
    assert_eq!(case.report("x/r.csv")[1]["outcome"], "unfit");
    assert_eq!(simulator.created().len(), 1);
}

#[test]
fn a_missing_report_is_wrong_use() {
    Case::new().run("resume nowhere.csv").exits(2).says("nowhere.csv");
}

#[test]
fn a_report_of_something_else_is_refused() {
    let case = Case::new().file("r.csv", "name,price\nfoo,1\n");
    case.run("resume r.csv").exits(2).says("r.csv");
}

/// `/a/0`, which was there before, and `/a/1`, which an import made; its report has the two
/// ids the other way round, as a sorted column leaves them, and no journal.
fn swapped() -> (Case, Simulator, String) {
    let (case, simulator) = imported(1);
    let gateway = format!("--endpoint {} --region ap-guangzhou {FAST}", simulator.endpoint);
    case.write("a.yaml", document("a", 2));
    case.run(&format!("import a.yaml --service service-simulated --report ours.csv {gateway}"))
        .exits(0);
    std::fs::remove_file(case.path("ours.csv.journal")).expect("the journal");
    let ids = case.report("ours.csv").iter().map(|row| row["api_id"].clone()).collect::<Vec<_>>();
    let text = case.read("ours.csv");
    let text = text.replace(&ids[0], "?").replace(&ids[1], &ids[0]).replace('?', &ids[1]);
    case.write("ours.csv", text);
    (case, simulator, gateway)
}

#[test]
fn an_id_that_a_spreadsheet_moved_to_another_row_is_not_deleted() {
    let (case, simulator, gateway) = swapped();
    let gateway = gateway.replace(" --settle 0.3", "");
    case.run(&format!("undo ours.csv --yes {gateway}")).exits(4);
    let rows = case.report("ours.csv");
    assert_eq!((&*rows[1]["outcome"], &*rows[1]["error_code"]), ("created", "mismatch"));
    assert!(rows[1]["error_message"].contains("is GET /a/0"), "{rows:?}");
    let deleted = simulator.ledger().iter().filter(|event| event["action"] == "DeleteApi").count();
    assert_eq!(deleted, 0);
    case.run(&format!("undo ours.csv --yes {gateway}")).exits(4);
}

#[test]
fn ids_that_a_spreadsheet_moved_are_put_right_by_a_resume() {
    let (case, simulator, gateway) = swapped();
    let before = simulator.created();
    case.run(&format!("resume ours.csv {gateway}"));
    assert_eq!(simulator.created(), before);
    for (row, word) in case.report("ours.csv").iter().zip(["exists", "found"]) {
        assert_eq!(row["outcome"], word, "{row:?}");
        assert_eq!([row["api_id"].clone()][..], before[&format!("GET {}", row["path"])][..]);
    }
}

#[test]
fn what_somebody_else_deleted_does_not_stay_created_and_is_made_again_on_request() {
    let (case, simulator) = imported(2);
    for file in ["r.csv", "r.csv.journal"] {
        std::fs::copy(case.path(file), case.path(&format!("copy-{file}"))).expect("a copy");
    }
    case.run("undo copy-r.csv --yes").exits(0);
    case.run("resume r.csv").exits(3).says("apiferry resume r.csv --retry gone");
    for row in case.report("r.csv") {
        assert_eq!((&*row["outcome"], &*row["error_code"]), ("deleted", "gone"), "{row:?}");
    }
    case.run("resume r.csv --retry deleted").exits(3);
    assert!(simulator.created().values().all(|ids| ids.len() == 1));
    case.run("resume r.csv --retry gone").exits(0);
    for row in case.report("r.csv") {
        let made = &simulator.created()[&format!("GET {}", row["path"])];
        assert_eq!((&*row["outcome"], &row["api_id"]), ("created", &made[1]), "{row:?}");
    }
    let before = case.read("r.csv");
    case.run("resume r.csv --retry gone").exits(0);
    assert_eq!(case.read("r.csv"), before, "what stands is left as it is");
}

#[test]
fn what_was_meant_for_a_service_that_is_not_there_goes_to_the_one_that_is_named() {
    let case = Case::new().credentials().file("a.yaml", document("a", 11));
    let simulator = case.simulator("--limit 500");
    let ended = case.run(&format!(
        "import a.yaml --endpoint {} --service service-wrong --report r.csv {FAST}",
        simulator.endpoint
    ));
    let ended = ended.exits(5).says("apiferry resume r.csv --service service-wrong=ID");
    assert!(!ended.stderr.contains("11/11"), "{}", ended.stderr);
    case.run("resume r.csv --service service-none=service-simulated").exits(2);
    case.run("resume r.csv --service service-wrong=service-simulated").exits(0);
    assert_eq!(simulator.created().len(), 11);
    case.run("resume r.csv").exits(0);
    let rows = case.report("r.csv");
    assert!(rows.iter().all(|row| row["service"] == "service-simulated"), "{rows:?}");
    assert!(simulator.created().values().all(|ids| ids.len() == 1));
    case.run("resume r.csv --service service-simulated=service-other").exits(2);
}

#[test]
fn an_undo_that_can_ask_nobody_deletes_nothing() {
    let (case, simulator) = imported(2);
    let deleted = || simulator.ledger().iter().any(|event| event["action"] == "DeleteApi");
    case.run("undo r.csv").exits(2).says("--yes");
    assert!(!deleted());
    case.run("undo r.csv --dry-run").exits(0);
    assert!(!deleted());
    case.run("undo r.csv --yes").exits(0);
    assert!(deleted());
    case.run("undo r.csv").exits(0);
}
