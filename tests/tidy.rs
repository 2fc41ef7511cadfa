//! House rules, held by reading the source tree.
//!
//! What a lint can hold is in `Cargo.toml` and `.clippy.toml`; here is what only a look at
//! the files can: floors, headers, sizes, words, and that no page falls behind the code.

#![expect(clippy::expect_used, reason = "a test that cannot read the project fails")]

#[path = "tidy/imports.rs"]
mod imports;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use apiferry::plan::codes;
use apiferry::target::tencent::model;

/// One file under `src/`, with its tests cut off.
struct SourceFile {
    path: String,
    whole: String,
    code: String,
}

/// All files of `src/`, sorted.
fn sources() -> Vec<SourceFile> {
    let mut files = Vec::new();
    collect(&root().join("src"), "rs", &mut files);
    files.sort();
    files.iter().map(|path| read_source(path)).collect()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn collect(folder: &Path, extension: &str, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of the project") {
        let path = entry.expect("an entry of the project").path();
        if path.is_dir() {
            collect(&path, extension, into);
        } else if path.extension().is_some_and(|e| e == extension) {
            into.push(path);
        }
    }
}

fn read_source(path: &Path) -> SourceFile {
    let whole = fs::read_to_string(path).expect("a source file in UTF-8");
    let code = whole.split("\n#[cfg(test)]\nmod ").next().unwrap_or_default();
    let path = path.strip_prefix(root()).expect("below the root").display().to_string();
    // Tests that have a file of their own are tests all the same.
    let is_test = path.ends_with("tests.rs") || TEST_FILES.iter().any(|it| path.starts_with(it));
    let code = if is_test { String::new() } else { code.to_owned() };
    SourceFile { path, whole, code }
}

/// The lines of code that are no comments.
fn code_lines(file: &SourceFile) -> impl Iterator<Item = (usize, &str)> {
    file.code
        .lines()
        .enumerate()
        .map(|(i, line)| (i + 1, line))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// Asserts that no line of these files holds one of the needles.
fn absent(files: impl Fn(&str) -> bool, needles: &[&str], law: &str) {
    let mut broken = Vec::new();
    for file in sources().iter().filter(|file| files(&file.path)) {
        for (number, line) in code_lines(file) {
            if let Some(needle) = needles.iter().find(|needle| line.contains(**needle)) {
                broken.push(format!("{}:{number}: {needle}", file.path));
            }
        }
    }
    assert!(broken.is_empty(), "{law}:\n{}", broken.join("\n"));
}

fn room(path: &str, name: &str) -> bool {
    path == format!("src/{name}.rs") || path.starts_with(&format!("src/{name}/"))
}

/// The files that touch the world: they read files, clocks, sockets or terminals.
const STARRED: &[&str] = &[
    "src/source.rs",
    "src/source/",
    "src/cli/credentials.rs",
    "src/cli/credentials/",
    "src/cli/surroundings.rs",
    "src/cli/commands/simulate.rs",
    "src/cli/destination.rs",
    "src/cli/exports.rs",
    "src/cli/input.rs",
    "src/cli/printer.rs",
    "src/cli/process.rs",
    "src/target/tencent/client.rs",
    "src/target/tencent/client/",
    "src/run/pipeline.rs",
    "src/report/disk.rs",
    "src/report/live.rs",
    "src/report/lock.rs",
    "src/report/paths.rs",
    "src/report/prior.rs",
    "src/report/writer.rs",
    "src/show/progress.rs",
    "src/simulator.rs",
    "src/simulator/",
];

fn starred(path: &str) -> bool {
    STARRED.iter().any(|star| path == *star || (star.ends_with('/') && path.starts_with(star)))
}

#[test]
fn every_star_stands_beside_a_file_or_a_folder_that_exists() {
    let gone = STARRED.iter().filter(|star| {
        let path = root().join(star);
        !(if star.ends_with('/') { path.is_dir() } else { path.is_file() })
    });
    assert_eq!(gone.collect::<Vec<_>>(), Vec::<&&str>::new());
    let twice: Vec<_> =
        STARRED.iter().filter(|it| STARRED.iter().filter(|o| o == it).count() > 1).collect();
    assert_eq!(twice, Vec::<&&str>::new());
}

#[test]
fn spec_and_plan_touch_nothing() {
    absent(
        |path| room(path, "spec") || room(path, "plan"),
        &[
            "std::fs",
            "fs_err",
            "std::net",
            "std::env",
            "std::process",
            "tokio",
            "reqwest",
            "::now()",
        ],
        "spec and plan read no file, clock, environment or socket",
    );
}

#[test]
fn only_starred_files_read_files_and_clocks() {
    absent(
        |path| !starred(path) && path != "src/main.rs",
        &[
            "std::fs::",
            "fs_err::",
            "File::open",
            "Instant::now",
            "SystemTime::now",
            "Timestamp::now",
            "TcpStream",
            "TcpListener::bind",
        ],
        "only the files that touch the world read files, clocks and sockets",
    );
}

/// The floors, from the top: a room imports only what stands below its own floor, or itself.
const FLOORS: &[&[&str]] = &[
    &["cli"],
    &["simulator", "show"],
    &["report"],
    &["run"],
    &["plan"],
    &["settings"],
    &["target"],
    &["source"],
    &["spec"],
    &["finding"],
    &["text"],
];

/// Imports that are not down yet, as `file: room`.
const NOT_YET: &[&str] = &[];

#[test]
fn imports_go_down_only() {
    let mut broken = Vec::new();
    for (floor, rooms) in FLOORS.iter().enumerate() {
        for name in *rooms {
            let upper: Vec<&str> =
                FLOORS[..=floor].iter().flat_map(|it| it.iter().copied()).collect();
            for file in sources().iter().filter(|file| room(&file.path, name)) {
                for (number, line) in code_lines(file) {
                    for other in upper.iter().filter(|other| *other != name) {
                        let imports = line.contains(&format!("crate::{other}::"))
                            || line.contains(&format!("crate::{other};"));
                        let known = format!("{}: {other}", file.path);
                        if imports && !NOT_YET.contains(&known.as_str()) {
                            broken.push(format!("{}:{number}: {other}", file.path));
                        }
                    }
                }
            }
        }
    }
    assert!(broken.is_empty(), "imports that do not go down:\n{}", broken.join("\n"));
}

#[test]
fn no_two_files_import_each_other() {
    let sources = sources();
    let is_product = |file: &&SourceFile| {
        !file.code.is_empty()
            && !["src/lib.rs", "src/main.rs"].contains(&&*file.path)
            && !TEST_FILES.iter().any(|start| file.path.starts_with(start))
    };
    let files: Vec<(&str, &str)> = sources
        .iter()
        .filter(is_product)
        .map(|file| (file.path.trim_start_matches("src/"), &*file.code))
        .collect();
    let circles = imports::circles(&files);
    assert!(circles.is_empty(), "files that import each other: {circles:#?}");
}

/// Names that two types share still: an error is called one in every room; the rest are to go.
const NAMESAKES: &[&str] = &[
    "Answer",
    "Credentials",
    "Entry",
    "Error",
    "Fault",
    "Fields",
    "Format",
    "Found",
    "Input",
    "Kind",
    "Lines",
    "Origin",
    "Page",
    "Progress",
    "Retry",
    "Tally",
    "Told",
];

#[test]
fn no_two_types_share_a_name() {
    let mut places: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    // The simulator shares nothing with the rest, not even words.
    for file in sources().iter().filter(|file| !room(&file.path, "simulator")) {
        for (_, line) in code_lines(file) {
            let line = line.trim_start();
            let line = line.strip_prefix("pub(crate) ").or_else(|| line.strip_prefix("pub "));
            let kinds = ["struct ", "enum ", "trait ", "type "];
            let name = line.and_then(|it| kinds.iter().find_map(|kind| it.strip_prefix(kind)));
            let Some(name) = name else { continue };
            let end = name.find(|c: char| !c.is_alphanumeric()).unwrap_or(name.len());
            places.entry(name[..end].to_owned()).or_default().insert(file.path.clone());
        }
    }
    places.retain(|name, places| places.len() > 1 && !NAMESAKES.contains(&&**name));
    assert!(places.is_empty(), "types that share a name: {places:#?}");
}

#[test]
fn the_simulator_shares_no_wire_type_with_the_client() {
    let others = [
        "crate::finding",
        "crate::spec",
        "crate::settings",
        "crate::plan",
        "crate::run",
        "crate::report",
        "crate::show",
        "crate::source",
        "crate::cli",
        "tencent::request",
        "tencent::envelope",
        "tencent::client",
        "tencent::codes",
        "tencent::model",
        "tencent::map",
        "tencent::{",
        "target::{",
        "target::Gateway",
        "target::Reply",
    ];
    absent(|path| room(path, "simulator"), &others, "the simulator shares only the signature");
}

/// Doubles and samples that only tests use.
const TEST_FILES: &[&str] = &["src/run/simulated", "src/report/fixtures.rs"];

/// Fields of a request at every level.
fn field_names() -> BTreeSet<&'static str> {
    let (mut names, mut types) = (BTreeSet::new(), vec![model::REQUEST]);
    while let Some(of) = types.pop() {
        names.extend(model::fields(of).iter().map(|field| field.name.as_str()));
        types.extend(model::fields(of).iter().filter_map(|field| field.inner()));
    }
    names
}

/// The texts in quotes on a line of code.
fn literals(line: &str) -> impl Iterator<Item = &str> {
    line.split('"').skip(1).step_by(2)
}

#[test]
fn fields_and_codes_of_the_gateway_stand_in_its_own_folder() {
    let published = include_str!("../src/target/tencent/testdata/meanings.txt").lines();
    let codes: BTreeSet<&str> =
        published.filter_map(|line| Some(line.split_once(' ')?.0)).collect();
    let fields = field_names();
    // `ServiceConfig.Url` and `/ServiceConfig/Url` are fields too.
    let is_field =
        |text: &str| text.trim_start_matches('/').split(['.', '/']).all(|it| fields.contains(it));
    let files = sources().into_iter().filter(|file| {
        let mut apart = TEST_FILES.iter().chain(&["src/target/tencent", "src/simulator"]);
        !apart.any(|start| file.path.starts_with(start))
    });
    let mut broken = Vec::new();
    for file in files {
        for (number, line) in code_lines(&file) {
            let told = literals(line).filter(|text| is_field(text) || codes.contains(text));
            broken.extend(told.map(|text| format!("{}:{number}: {text}", file.path)));
        }
    }
    assert!(broken.is_empty(), "words of one gateway outside its folder:\n{}", broken.join("\n"));
}

#[test]
fn every_file_opens_with_what_it_is_for() {
    let missing: Vec<_> = sources()
        .into_iter()
        .filter(|file| !file.whole.starts_with("//!"))
        .map(|file| file.path)
        .collect();
    assert!(missing.is_empty(), "files without a //! header: {missing:?}");
}

#[test]
fn files_stay_short_before_their_tests() {
    let long: Vec<_> = sources()
        .into_iter()
        .map(|file| (file.code.lines().count(), file.path))
        .filter(|(lines, _)| *lines > 450)
        .collect();
    assert!(long.is_empty(), "files over 450 lines before their tests: {long:?}");
}

/// Length in lines of every function outside tests, with its place.
fn functions() -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for file in sources() {
        let lines: Vec<&str> = file.code.lines().collect();
        for (i, line) in lines.iter().enumerate().filter(|(_, line)| opens_function(line)) {
            let indent = line.len() - line.trim_start().len();
            let closing = format!("{}}}", " ".repeat(indent));
            // A function of a trait has no body.
            let opens = lines[i..].iter().find(|line| line.ends_with([';', '{']));
            if opens.is_none_or(|line| line.ends_with(';')) {
                continue;
            }
            if let Some(length) = lines[i..].iter().position(|l| *l == closing) {
                found.push((length + 1, format!("{}:{}", file.path, i + 1)));
            }
        }
    }
    found
}

fn opens_function(line: &str) -> bool {
    let rest = line.trim_start();
    let rest = ["pub(crate) ", "pub(super) ", "pub ", "const ", "async "]
        .iter()
        .fold(rest, |rest, prefix| rest.strip_prefix(prefix).unwrap_or(rest));
    rest.starts_with("fn ") && !line.ends_with(';') && !line.ends_with('}')
}

#[test]
fn functions_stay_small() {
    let mut functions = functions();
    functions.sort();
    assert!(functions.len() > 1_000, "the reader of functions finds functions");
    let at = |tenths: usize| functions[functions.len() * tenths / 10].0;
    let (median, ninth) = (at(5), at(9));
    assert!(median <= 7, "the median function has {median} lines");
    assert!(ninth <= 20, "one function of ten has more than {ninth} lines");
    let long: Vec<_> = functions.iter().filter(|(lines, _)| *lines > 54).collect();
    assert!(long.is_empty(), "functions over 54 lines: {long:#?}");
}

/// Lines of code that are neither blank nor comments nor tests. Who adds a feature raises it
/// by what the feature needs.
const MOST_LINES: usize = 33_250;

#[test]
fn the_code_stays_small() {
    let files = sources();
    let count =
        |file: &SourceFile| code_lines(file).filter(|(_, it)| !it.trim().is_empty()).count();
    let total: usize = files.iter().map(count).sum();
    assert!(total <= MOST_LINES, "{total} lines of code, over {MOST_LINES}");
}

#[test]
fn nothing_is_left_to_do_in_comments() {
    absent(|_| true, &["todo!(", "unimplemented!(", "dbg!("], "no stub is called done");
    let marks = ["TODO", "FIXME", "XXX"];
    let marked: Vec<_> = sources()
        .into_iter()
        .filter(|file| marks.iter().any(|mark| file.whole.contains(mark)))
        .map(|file| file.path)
        .collect();
    assert!(marked.is_empty(), "unfinished business: {marked:?}");
}

#[test]
fn a_code_is_told_by_its_own_room_or_one_above() {
    let floor = |path: &str| {
        FLOORS.iter().position(|rooms| rooms.iter().any(|name| room(path, name))).unwrap_or(0)
    };
    let files = sources();
    let mut broken = Vec::new();
    for declaring in files.iter().filter(|file| file.path.ends_with("/codes.rs")) {
        let entries = code_lines(declaring).filter_map(|(_, line)| line.trim().split_once(" \""));
        for name in entries.map(|(name, _)| format!("Code::{name}")) {
            let below = |file: &&SourceFile| floor(&file.path) > floor(&declaring.path);
            for file in files.iter().filter(below) {
                let says = |(_, line): &(usize, &str)| {
                    line.split(|c: char| !c.is_alphanumeric() && !"_:".contains(c))
                        .any(|word| word == name)
                };
                broken
                    .extend(code_lines(file).find(says).map(|_| format!("{}: {name}", file.path)));
            }
        }
    }
    assert!(broken.is_empty(), "codes of a room above: {broken:#?}");
}

#[test]
fn codes_are_kebab_case_and_unique() {
    let mut seen = std::collections::BTreeSet::new();
    for code in codes::all() {
        let text = code.as_str();
        assert!(
            text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
            "{text}"
        );
        assert!(seen.insert(text), "{text} twice");
        assert!(!code.description().ends_with('.'), "{text}: no full stop after a single sentence");
    }
}
