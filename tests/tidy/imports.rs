//! Which file imports which, read from `use` and from paths in the code, and the circles
//! among them: files that import each other, also by way of others.

use std::collections::{BTreeMap, BTreeSet};

/// A module by its names below the crate.
type Module = Vec<String>;

/// The circles, each as its files in order. A file is its path below `src/` and its code.
pub(crate) fn circles(files: &[(&str, &str)]) -> BTreeSet<Vec<String>> {
    let modules: BTreeMap<Module, &str> =
        files.iter().map(|(path, code)| (module(path), *code)).collect();
    let edges: BTreeMap<&Module, BTreeSet<&Module>> =
        modules.iter().map(|(name, code)| (name, imported(name, code, &modules))).collect();
    let reached: BTreeMap<&Module, BTreeSet<&Module>> =
        modules.keys().map(|from| (from, reachable(from, &edges))).collect();
    let circle = |from: &Module| -> Vec<String> {
        let back = reached[from].iter().filter(|to| reached[**to].contains(from));
        back.map(|it| it.join("::")).collect()
    };
    modules.keys().map(circle).filter(|circle| circle.len() > 1).collect()
}

fn module(path: &str) -> Module {
    path.trim_end_matches(".rs").split('/').map(str::to_owned).collect()
}

fn reachable<'m>(
    from: &'m Module,
    edges: &BTreeMap<&'m Module, BTreeSet<&'m Module>>,
) -> BTreeSet<&'m Module> {
    let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(at) = next.pop() {
        next.extend(edges[at].iter().filter(|to| seen.insert(**to)));
    }
    seen
}

/// The modules that this one imports from: of each path the longest that is a file.
fn imported<'m>(
    of: &Module,
    code: &str,
    modules: &'m BTreeMap<Module, &str>,
) -> BTreeSet<&'m Module> {
    let mut found = BTreeSet::new();
    for path in used(code).into_iter().chain(named(code)) {
        let Some(whole) = absolute(of, &path, modules) else { continue };
        let file = (1..=whole.len()).rev().find_map(|n| modules.get_key_value(&whole[..n]));
        found.extend(file.map(|(name, _)| name).filter(|name| *name != of));
    }
    found
}

/// A path from the crate; `None`: it leads to another crate.
fn absolute(of: &Module, path: &[String], modules: &BTreeMap<Module, &str>) -> Option<Module> {
    let first = path.first()?;
    let ups = path.iter().take_while(|it| *it == "super").count();
    match first.as_str() {
        "crate" => Some(path[1..].to_vec()),
        "self" => Some([of, &path[1..]].concat()),
        "super" => Some([&of[..of.len().saturating_sub(ups)], &path[ups..]].concat()),
        _ => {
            let child = [of.as_slice(), &path[..1]].concat();
            modules.contains_key(&child).then(|| [of, path].concat())
        }
    }
}

/// The paths of all `use`.
fn used(code: &str) -> Vec<Vec<String>> {
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let (mut paths, mut open) = (Vec::new(), None::<String>);
    for line in lines {
        let begins = line.trim_start().trim_start_matches("pub(crate) ").trim_start_matches("pub ");
        match (&mut open, begins.strip_prefix("use ")) {
            (None, Some(rest)) => open = Some(rest.to_owned()),
            (Some(text), _) => text.push_str(line.trim()),
            (None, None) => {}
        }
        if let Some(text) = open.take_if(|text| text.ends_with(';')) {
            flatten(&[], text.trim_end_matches(';'), &mut paths);
        }
    }
    paths
}

/// `a::{b, c::{d, e}}` to `a::b`, `a::c::d`, `a::c::e`.
fn flatten(before: &[String], text: &str, into: &mut Vec<Vec<String>>) {
    let text = text.split(" as ").next().unwrap_or_default().trim();
    let (plain, group) = match text.split_once('{') {
        Some((plain, group)) => (plain, group.trim_end().strip_suffix('}')),
        None => (text, None),
    };
    let names = plain.split("::").map(str::trim).filter(|name| !name.is_empty());
    let path: Vec<String> = before.iter().cloned().chain(names.map(str::to_owned)).collect();
    let Some(group) = group else { return into.push(path) };
    let (mut depth, mut from) = (0, 0);
    for (at, c) in group.char_indices().chain([(group.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                if !group[from..at].trim().is_empty() {
                    flatten(&path, &group[from..at], into);
                }
                from = at + 1;
            }
            _ => {}
        }
    }
}

/// The paths that are written out where they are used.
fn named(code: &str) -> Vec<Vec<String>> {
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let words = lines.flat_map(|line| line.split(move |c| !is_word(c)));
    let starts =
        |word: &&str| ["crate::", "super::", "self::"].iter().any(|start| word.starts_with(start));
    words.filter(starts).map(|word| word.split("::").map(str::to_owned).collect()).collect()
}

#[test]
fn files_that_import_each_other_are_a_circle_also_by_way_of_others() {
    let circle = |files: &[(&str, &str)]| circles(files).into_iter().collect::<Vec<_>>();
    let straight = [("a.rs", "use crate::b::{self, C};"), ("b.rs", "use std::fs;")];
    assert_eq!(circle(&straight), Vec::<Vec<String>>::new());
    let by_way = [
        ("a.rs", "use crate::{b::B,\n    c};\nmod a;"),
        ("b.rs", "pub use d::D;"),
        ("b/d.rs", "fn f() { super::super::a::f() }"),
        ("c.rs", "// crate::a::f"),
    ];
    assert_eq!(circle(&by_way), [["a", "b", "b::d"]]);
}
