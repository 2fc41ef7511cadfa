//! Path templates: what the gateway can match, and which parameters they name.

use std::borrow::Cow;
use std::collections::HashSet;

/// A path template that the gateway can be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template<'p> {
    /// The parameters, in the order of the path.
    pub(crate) names: Vec<&'p str>,
    /// The first parameter that is only part of its segment, as `{id}` in `/{id}.json`.
    pub(crate) partial: Option<&'p str>,
}

/// Why the gateway cannot be given a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PathFault<'p> {
    /// It does not begin with a slash.
    NoSlash,
    /// It holds this `?` or `#`.
    Query(char),
    /// A brace has no partner.
    Brace,
    /// `{}`.
    Empty,
    /// It names the parameter twice.
    Twice(&'p str),
}

impl<'p> Template<'p> {
    /// Reads a path as a document writes it.
    pub(crate) fn parse(path: &'p str) -> Result<Self, PathFault<'p>> {
        if !path.starts_with('/') {
            return Err(PathFault::NoSlash);
        }
        if let Some(mark) = path.chars().find(|c| matches!(c, '?' | '#')) {
            return Err(PathFault::Query(mark));
        }
        let mut template = Self { names: Vec::new(), partial: None };
        let (mut at, mut seen) = (0, HashSet::new());
        while let Some(open) = path[at..].find(['{', '}']).map(|found| at + found) {
            at = template.take(path, open, &mut seen)?;
        }
        Ok(template)
    }

    /// Takes the parameter whose brace opens at `open`; where it ends.
    fn take(
        &mut self,
        path: &'p str,
        open: usize,
        seen: &mut HashSet<&'p str>,
    ) -> Result<usize, PathFault<'p>> {
        let inner = path[open..].strip_prefix('{').ok_or(PathFault::Brace)?;
        let length = inner.find(['{', '}', '/']).ok_or(PathFault::Brace)?;
        if !inner[length..].starts_with('}') {
            return Err(PathFault::Brace);
        }
        let name = &inner[..length];
        if name.is_empty() {
            return Err(PathFault::Empty);
        }
        if !seen.insert(name) {
            return Err(PathFault::Twice(name));
        }
        let end = open + length + 2;
        let whole =
            path[..open].ends_with('/') && (end == path.len() || path[end..].starts_with('/'));
        if !whole && self.partial.is_none() {
            self.partial = Some(name);
        }
        self.names.push(name);
        Ok(end)
    }
}

/// The path with its parameters' names taken out: two paths of one shape are one route.
pub(crate) fn shape(path: &str) -> Cow<'_, str> {
    if !path.contains('{') {
        return Cow::Borrowed(path);
    }
    let mut shape = String::with_capacity(path.len());
    let mut inside = false;
    for c in path.chars() {
        inside = match c {
            '{' => true,
            '}' => false,
            _ => inside,
        };
        if !inside || c == '{' {
            shape.push(c);
        }
    }
    Cow::Owned(shape)
}

/// The path without what tells the gateway how to match it.
pub(crate) fn unmarked(path: &str) -> &str {
    path.strip_prefix('=').or_else(|| path.strip_prefix("^~")).unwrap_or(path)
}

/// The path with the mark that has the gateway match it exactly, not as a prefix.
pub(crate) fn exact(path: &str) -> String {
    format!("={path}")
}

/// What a path holds that the path of no request holds. Clients take dot segments away before
/// they send (RFC 3986, 5.2.4), and no server lets a NUL through.
pub(crate) fn impossible(path: &str) -> Option<&'static str> {
    let is_dots = |segment: &str| matches!(segment, "." | "..");
    if path.contains(char::is_whitespace) {
        Some("white space")
    } else if path.contains(char::is_control) || path.contains("%00") {
        Some("a control character")
    } else {
        path.split('/').any(is_dots).then_some("a `.` or `..` segment")
    }
}

/// A server's path and a template, one after the other, with one slash between.
pub(crate) fn join(base: &str, path: &str) -> String {
    let base = base.trim_end_matches('/');
    if path.starts_with('/') { format!("{base}{path}") } else { format!("{base}/{path}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_request_path_holds_is_named() {
        assert_eq!(impossible("/a b"), Some("white space"));
        assert_eq!(impossible("/a\u{1b}[31m"), Some("a control character"));
        assert_eq!(impossible("/a%00"), Some("a control character"));
        assert_eq!(impossible("/a/../b"), Some("a `.` or `..` segment"));
        assert_eq!(impossible("/."), Some("a `.` or `..` segment"));
        for fine in ["/", "/a..b/...", "/a%20b", "/.well-known/x", "/宠物"] {
            assert_eq!(impossible(fine), None, "{fine}");
        }
    }

    #[track_caller]
    fn check(path: &str, names: &[&str], partial: Option<&str>) {
        assert_eq!(Template::parse(path), Ok(Template { names: names.to_vec(), partial }));
    }

    #[test]
    fn parameters_are_named_in_the_order_of_the_path() {
        check("/", &[], None);
        check("/a/{x}/b/{y-z}", &["x", "y-z"], None);
        check("/{x}/", &["x"], None);
    }

    #[test]
    fn a_parameter_beside_other_text_is_partial() {
        check("/a/{x}:verb", &["x"], Some("x"));
        check("/{x}.{y}", &["x", "y"], Some("x"));
        check("/{x}/v{y}", &["x", "y"], Some("y"));
    }

    #[test]
    fn what_the_gateway_cannot_match_is_named() {
        assert_eq!(Template::parse("a"), Err(PathFault::NoSlash));
        assert_eq!(Template::parse(""), Err(PathFault::NoSlash));
        assert_eq!(Template::parse("/a?b=c"), Err(PathFault::Query('?')));
        assert_eq!(Template::parse("/#X=y"), Err(PathFault::Query('#')));
        for path in ["/{", "/}", "/{a", "/{a/b}", "/{a{b}}", "/a}"] {
            assert_eq!(Template::parse(path), Err(PathFault::Brace), "{path}");
        }
        assert_eq!(Template::parse("/{}"), Err(PathFault::Empty));
        assert_eq!(Template::parse("/{a}/{b}/{a}"), Err(PathFault::Twice("a")));
    }

    #[test]
    fn paths_that_differ_in_a_name_only_have_one_shape() {
        assert_eq!(shape("/a/{x}/b"), shape("/a/{yy}/b"));
        assert_eq!(shape("/a/{x}"), "/a/{}");
        assert_ne!(shape("/a/{x}"), shape("/a/x"));
        assert!(matches!(shape("/a"), Cow::Borrowed("/a")));
    }

    #[test]
    fn one_slash_joins() {
        assert_eq!(join("/v1/", "/pets"), "/v1/pets");
        assert_eq!(join("", "/pets"), "/pets");
        assert_eq!(join("/v1", "pets"), "/v1/pets");
        assert_eq!(join("", "pets"), "/pets");
    }
}
