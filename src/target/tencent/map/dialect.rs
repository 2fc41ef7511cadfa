//! Paths written as other frameworks write them, carried over to what this gateway matches:
//! parameters of one segment, and plain paths, which match as prefixes (FACTS 5.1).
//!
//! A parameter keeps the name by which the document declares it. What takes in the rest of a
//! path becomes the end of a plain path; beside parameters the gateway has nothing like it.
//! What a path means in itself (braces, slashes, names) is not judged here.

mod pieces;

use std::borrow::Cow;
use std::collections::HashSet;

use pieces::{Piece, Takes, Variable, pieces};

/// A path as this gateway is given it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CarriedPath<'p> {
    /// As callers use it.
    pub(crate) front: Cow<'p, str>,
    /// As the backend is sent it, after its server's path.
    pub(crate) back: Cow<'p, str>,
    /// The parameter whose place is taken by what follows the path; empty where it has no name.
    pub(crate) rest: Option<String>,
    /// What is not as it was written.
    pub(crate) changes: Vec<PathChange>,
}

/// A difference between the path as written and as carried over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PathChange {
    /// A parameter is written otherwise and means the same.
    Written,
    /// A parameter took only these values.
    Pattern { name: String, pattern: String },
    /// A parameter could be left out.
    Optional(String),
    /// What takes in the rest of the path has become a prefix.
    Rest,
    /// What takes in several segments takes one.
    Greedy(String),
    /// Slashes without a segment between them are one for callers.
    Slashes,
}

impl<'p> CarriedPath<'p> {
    /// The path as it is.
    pub(crate) fn literal(path: &'p str) -> Self {
        Self { front: path.into(), back: path.into(), rest: None, changes: Vec::new() }
    }

    /// Whether a path holds nothing that any other framework gives a meaning to.
    pub(crate) fn is_plain(path: &str) -> bool {
        !path.contains([':', '<', '*', '=', '+', '?']) && !path.contains("//")
    }

    /// What a path means whose operation declares parameters of these names.
    pub(crate) fn read(path: &'p str, declared: &HashSet<&str>) -> Self {
        let pieces = pieces(path, declared);
        let (names, changes) = (HashSet::new(), Vec::new());
        let mut carrying = Carrying { declared, path: String::new(), names, rest: None, changes };
        for (at, piece) in pieces.iter().enumerate() {
            match piece {
                Piece::Text(text) => carrying.path.push_str(text),
                Piece::Variable(variable) => {
                    carrying.variable(variable, at + 1 == pieces.len());
                }
            }
        }
        carrying.finish(path)
    }
}

/// A path in the making.
struct Carrying<'d> {
    declared: &'d HashSet<&'d str>,
    path: String,
    names: HashSet<String>,
    rest: Option<String>,
    changes: Vec<PathChange>,
}

impl Carrying<'_> {
    fn variable(&mut self, variable: &Variable<'_>, is_last: bool) {
        let (name, told) = (variable.name, self.changes.len());
        if variable.is_optional {
            self.changes.push(PathChange::Optional(name.into()));
        }
        if let Some(pattern) = variable.pattern {
            let (name, pattern) = (name.into(), pattern.into());
            self.changes.push(PathChange::Pattern { name, pattern });
        }
        match variable.takes {
            Takes::Segment if name.is_empty() && !variable.is_own => {
                self.parameter(self.free("segment"));
            }
            Takes::Segment => self.parameter(name.to_owned()),
            Takes::Segments(pattern) => self.segments(name, pattern, is_last),
            Takes::Rest => self.rest(name, is_last),
        }
        if told == self.changes.len() && !variable.is_own {
            self.changes.push(PathChange::Written);
        }
    }

    /// `shelves/*/books/**`: the first part that varies has the parameter's name.
    fn segments(&mut self, name: &str, pattern: &str, is_last: bool) {
        let mut parts = pattern.split('/').peekable();
        while let Some(part) = parts.next() {
            match part {
                "*" => self.parameter(self.free(name)),
                "**" => self.rest(name, is_last && parts.peek().is_none()),
                text => self.path.push_str(text),
            }
            if parts.peek().is_some() {
                self.path.push('/');
            }
        }
    }

    fn rest(&mut self, name: &str, is_last: bool) {
        if is_last && self.names.is_empty() {
            self.changes.push(PathChange::Rest);
            self.rest = Some(name.to_owned());
        } else {
            let name = self.free(if name.is_empty() { "rest" } else { name });
            self.changes.push(PathChange::Greedy(name.clone()));
            self.parameter(name);
        }
    }

    fn parameter(&mut self, name: String) {
        self.path.extend(["{", &name, "}"]);
        self.names.insert(name);
    }

    /// This name, or one like it, where the path has none of it yet.
    fn free(&self, name: &str) -> String {
        let numbered = (self.names.len() + 1..).map(|number| format!("{name}{number}"));
        let mut candidates = std::iter::once(name.to_owned()).chain(numbered);
        let is_free = |it: &String| {
            !self.names.contains(it) && (it == name || !self.declared.contains(it.as_str()))
        };
        candidates.find(is_free).unwrap_or_default()
    }

    fn finish(self, written: &str) -> CarriedPath<'_> {
        let Self { path, rest, mut changes, .. } = self;
        let front = one_slash(&path);
        if front != path {
            changes.push(PathChange::Slashes);
        }
        if changes.is_empty() {
            return CarriedPath::literal(written);
        }
        CarriedPath { front: front.into_owned().into(), back: path.into(), rest, changes }
    }
}

/// The path with one slash where several stand together.
fn one_slash(path: &str) -> Cow<'_, str> {
    if !path.contains("//") {
        return path.into();
    }
    let mut front = String::with_capacity(path.len());
    for c in path.chars() {
        if c != '/' || !front.ends_with('/') {
            front.push(c);
        }
    }
    front.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, declared: &[&str], front: &str, changes: &[PathChange]) {
        let carried = CarriedPath::read(path, &declared.iter().copied().collect());
        assert_eq!((&*carried.front, &*carried.changes), (front, changes), "{path}");
    }

    fn pattern(name: &str, pattern: &str) -> PathChange {
        PathChange::Pattern { name: name.into(), pattern: pattern.into() }
    }

    #[test]
    fn what_every_framework_writes_is_as_it_was() {
        for path in ["/", "/a/{id}/b", "/{x}:verb", "/v1/a:batchGet", "/{a}.{b}", "/a+b", "/1:2"] {
            check(path, &["id", "x"], path, &[]);
        }
        check("/a/{id:}", &["id:"], "/a/{id:}", &[]);
        check("/{a}/{a}", &["a"], "/{a}/{a}", &[]);
    }

    #[test]
    fn colons_of_express_begin_a_parameter() {
        check("/a/:id/b", &[], "/a/{id}/b", &[PathChange::Written]);
        let two = [PathChange::Written, PathChange::Written];
        check("/f/:from-:to", &[], "/f/{from}-{to}", &two);
        check("/a/x:id", &["id"], "/a/x{id}", &[PathChange::Written]);
        check("/a/x:id", &[], "/a/x:id", &[]);
        check("/a/:id(\\d+)", &[], "/a/{id}", &[pattern("id", "\\d+")]);
        let optional = [PathChange::Optional("id".into())];
        check("/a/:id?", &[], "/a/{id}", &optional);
        check("/a/:path*", &[], "/a/", &[PathChange::Rest]);
    }

    #[test]
    fn angle_brackets_of_flask_hold_a_converter_and_a_name() {
        check("/a/<id>", &[], "/a/{id}", &[PathChange::Written]);
        check("/a/<int:id>/b", &[], "/a/{id}/b", &[pattern("id", "int")]);
        check("/a/<string:id>", &[], "/a/{id}", &[PathChange::Written]);
        check("/a/<path:rest>", &[], "/a/", &[PathChange::Rest]);
        check("/a/<id:int>", &["id"], "/a/{id}", &[pattern("id", "int")]);
        check("/a<b", &[], "/a<b", &[]);
    }

    #[test]
    fn a_pattern_is_cut_off_and_one_that_takes_slashes_is_the_rest() {
        check("/a/{id:[0-9]{4}}", &["id"], "/a/{id}", &[pattern("id", "[0-9]{4}")]);
        check("/a/{id : [^/]+}/b", &["id"], "/a/{id}/b", &[PathChange::Written]);
        check("/a/{id:.*}", &["id"], "/a/", &[PathChange::Rest]);
        check("/a/{id:int}", &["id"], "/a/{id}", &[pattern("id", "int")]);
        check("/a/{id=5}", &["id"], "/a/{id}", &[pattern("id", "5")]);
        check("/a/{id?}", &["id"], "/a/{id}", &[PathChange::Optional("id".into())]);
    }

    #[test]
    fn the_rest_of_a_path_is_a_prefix() {
        for path in ["/f/{p+}", "/f/{*p}", "/f/{**p}", "/f/{p=**}", "/f/**", "/f/*p", "/f/{+p}"] {
            check(path, &["p"], "/f/", &[PathChange::Rest]);
        }
        check("/{proxy+}", &[], "/", &[PathChange::Rest]);
    }

    #[test]
    fn beside_a_parameter_the_rest_of_a_path_is_one_segment() {
        let greedy = |name: &str| [PathChange::Greedy(name.into())];
        check("/a/{id}/{p+}", &["id", "p"], "/a/{id}/{p}", &greedy("p"));
        check("/a/**/b", &[], "/a/{rest}/b", &greedy("rest"));
        check("/{p=**}:verb", &[], "/{p}:verb", &greedy("p"));
    }

    #[test]
    fn a_star_is_one_segment() {
        check("/a/*", &[], "/a/{segment}", &[PathChange::Written]);
        let two = [PathChange::Written, PathChange::Written];
        check("/a/*/*", &["segment"], "/a/{segment}/{segment2}", &two);
        check("/a/*.json", &[], "/a/*.json", &[]);
    }

    #[test]
    fn a_parameter_of_several_segments_is_written_out() {
        check("/v1/{name=a/*}:do", &["name"], "/v1/a/{name}:do", &[PathChange::Written]);
        check("/{name=a/*/b/*}", &["name"], "/a/{name}/b/{name2}", &[PathChange::Written]);
        check("/{name=a/**}", &["name"], "/a/", &[PathChange::Rest]);
    }

    #[test]
    fn slashes_without_a_segment_between_them_are_one_for_callers_alone() {
        let carried = CarriedPath::read("//a///b", &HashSet::new());
        assert_eq!((&*carried.front, &*carried.back), ("/a/b", "//a///b"));
        assert_eq!(carried.changes, [PathChange::Slashes]);
    }
}
