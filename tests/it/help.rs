//! `help`: what is said of each code is true, tried with the program as it is pasted.

use apiferry::finding::page::Block;
use apiferry::finding::{Code, Severity};
use apiferry::plan::codes;

use crate::case::{Case, Ended};

/// What an example leaves out, since it is not the point.
const HEAD: &str = "openapi: 3.0.3\nservers: [{ url: \"https://api.internal\" }]\n";

fn case_of(page: &[Block<'_>]) -> Case {
    let case = Case::new();
    for (n, block) in page.iter().enumerate() {
        match block {
            Block::Example(text) if text.contains("openapi") || text.contains("swagger") => {
                let extension = if text.starts_with('{') { "json" } else { "yaml" };
                case.write(&format!("example/{n}.{extension}"), text);
            }
            Block::Example(text) => {
                case.write(&format!("example/{n}.yaml"), format!("{HEAD}{text}\n"));
            }
            Block::With(text) => case.write("apiferry.yaml", text),
            _ => {}
        }
    }
    case
}

/// A preview with these options, pasted into a shell.
fn preview(case: &Case, options: &str) -> Ended {
    let program = case.command("preview");
    let mut shell = std::process::Command::new("/bin/sh");
    let line = format!("exec \"$0\" preview example --format jsonl {options}");
    shell.arg("-c").arg(line).arg(program.get_program()).current_dir(case.path("."));
    shell.env_clear().envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    case.finish(shell)
}

/// How often the code is found in its severity, of operations that are not left out.
fn found(ended: &Ended, code: Code) -> usize {
    let lines = ended.lines();
    let told = lines.iter().filter(|line| line["kind"] != "skipped");
    let findings = told.filter_map(|line| line["findings"].as_array()).flatten();
    let is_one = |finding: &&serde_json::Value| {
        finding["code"] == code.as_str() && finding["severity"] == code.severity().as_str()
    };
    findings.filter(is_one).count()
}

fn has_example(page: &[Block<'_>]) -> bool {
    page.iter().any(|block| matches!(block, Block::Example(_)))
}

#[test]
fn every_code_has_a_page_that_begins_with_words() {
    let missing: Vec<Code> = codes::all()
        .filter(|code| !matches!(codes::page(*code)[..], [Block::Words(_), ..]))
        .collect();
    assert!(missing.is_empty(), "without a section in codes.en.md beside their codes: {missing:?}");
}

#[test]
fn the_example_of_a_code_has_its_finding() {
    let mut wrong = Vec::new();
    for code in codes::all() {
        let page = codes::page(code);
        if has_example(&page) {
            let ended = preview(&case_of(&page), "");
            if ended.code == Some(2) || found(&ended, code) == 0 {
                wrong.push(format!("{code}: {ended:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "examples without their finding:\n{}", wrong.join("\n"));
}

#[test]
fn every_cure_cures_when_it_is_pasted() {
    let mut wrong = Vec::new();
    for code in codes::all() {
        let page = codes::page(code);
        for cure in page.iter().filter(|_| has_example(&page)) {
            let case = case_of(&page);
            let options = match cure {
                Block::Options(line) => *line,
                Block::Settings(lines) => {
                    let with = case.path("apiferry.yaml");
                    let before = std::fs::read_to_string(with).unwrap_or_default();
                    case.write("apiferry.yaml", format!("{before}\n{lines}\n"));
                    ""
                }
                _ => continue,
            };
            let ended = preview(&case, options);
            if !matches!(ended.code, Some(0 | 3)) || found(&ended, code) > 0 {
                wrong.push(format!("{code}: {cure:?}: {ended:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "cures that do not cure:\n{}", wrong.join("\n"));
}

#[test]
fn what_blocks_has_a_cure_to_paste_wherever_a_setting_can_cure_it() {
    // Of these the document, or what it needs, has to be mended.
    let mended = [
        "unreadable",
        "bad-encoding",
        "not-a-document",
        "unsupported-version",
        "syntax-error",
        "over-budget",
        "second-document",
        "missing-path-item",
        "too-many-parameters",
        "body-too-large",
        "invalid-field",
    ];
    let is_cure = |block: &Block<'_>| matches!(block, Block::Options(_) | Block::Settings(_));
    let without = codes::all()
        .filter(|code| {
            code.severity() == Severity::Error && !codes::page(*code).iter().any(is_cure)
        })
        .map(Code::as_str);
    assert_eq!(without.collect::<Vec<_>>(), mended);
}

#[test]
fn help_explains_codes_topics_and_commands() {
    let case = Case::new();
    let page = case.run("help findings patch-method").exits(0).stdout;
    assert!(
        page.starts_with("patch-method (error)\n") && page.contains("\n    patch: any\n"),
        "{page}"
    );
    let list = case.run("help findings").exits(0).stdout;
    assert!(codes::all().all(|code| list.contains(&format!("\n{code} ("))), "{list}");
    for topic in ["report", "settings", "scenario", "exit-codes", "preview"] {
        assert!(case.run(&format!("help {topic}")).exits(0).stdout.len() > 300, "{topic}");
    }
    assert!(case.run("help").exits(0).stdout.contains("exit-codes"));
    case.run("help findings patch-methode").exits(2).says("did you mean `patch-method`?");
    case.run("help reports").exits(2).says("did you mean `report`?");
    case.run("help nonsense").exits(2).says("the topics are findings, report");
    assert!(case.run("man").exits(0).stdout.contains(".SH EXIT-CODES"));
}

/// Between two marks the page holds exactly this. With `UPDATE_EXPECT` set it is rewritten instead.
fn page_holds(page: &str, mark: &str, generated: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    let text = std::fs::read_to_string(&path).expect("the page");
    let (open, close) = (format!("<!-- {mark} -->\n"), format!("<!-- /{mark} -->"));
    let (before, rest) = text.split_once(&open).expect("the opening mark");
    let (held, after) = rest.split_once(&close).expect("the closing mark");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, format!("{before}{open}{generated}{close}{after}"))
            .expect("the page");
    } else {
        let mend = "UPDATE_EXPECT=1 cargo test --test it help:: mends it";
        assert_eq!(held, generated, "{page} has fallen behind; {mend}");
    }
}

#[test]
fn the_readme_shows_a_real_screen_in_at_most_1500_words() {
    let case = Case::new();
    let project = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in ["samples/problems.yaml", "samples/bookshop.json"] {
        case.write(name, std::fs::read(project.join(name)).expect("a sample"));
    }
    let shown = case.run("preview samples/problems.yaml samples/bookshop.json").exits(3).stdout;
    for page in ["README.md", "README.zh-CN.md"] {
        page_holds(page, "preview", &format!("```text\n{shown}```\n"));
    }
    let text = std::fs::read_to_string(project.join("README.md")).expect("the page");
    let words = text.split_whitespace().count();
    assert!(words <= 1500, "{words} words");
}
