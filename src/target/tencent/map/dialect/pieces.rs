//! A path taken apart into texts and parameters, in all the ways of writing them that are known.
//!
//! Read are `{x}` with the marks and patterns of JAX-RS, Spring, ASP.NET, AWS, gRPC and RFC
//! 6570; `:x` of Express; `<x>` of Flask and Bottle; `*`, `**` and `*x` of Spring, Gin and
//! Rails. What is none of these is text.

use std::collections::HashSet;

/// A part of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece<'p> {
    /// As it stands.
    Text(&'p str),
    /// What varies.
    Variable(Variable<'p>),
}

/// A parameter as some framework writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Variable<'p> {
    /// Empty where it has none.
    pub(crate) name: &'p str,
    pub(crate) takes: Takes<'p>,
    /// What its value has to match, as written.
    pub(crate) pattern: Option<&'p str>,
    pub(crate) is_optional: bool,
    /// Whether braces and a name is how this gateway writes it too.
    pub(crate) is_own: bool,
}

/// How much of a path a parameter takes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes<'p> {
    /// One segment, or a part of it.
    Segment,
    /// All that follows, slashes included.
    Rest,
    /// Segments of this form, `*` being any one and `**` any number.
    Segments(&'p str),
}

impl<'p> Variable<'p> {
    fn one(name: &'p str) -> Self {
        Self { name, takes: Takes::Segment, pattern: None, is_optional: false, is_own: false }
    }

    fn rest(name: &'p str) -> Self {
        Self { takes: Takes::Rest, ..Self::one(name) }
    }

    /// One that has to match a pattern; one that takes slashes in as well is the rest.
    fn matching(name: &'p str, pattern: &'p str) -> Self {
        let literal_dots = pattern.replace("\\.", "");
        let takes_slashes = [".*", ".+"].iter().any(|any| literal_dots.contains(any));
        match pattern {
            "path" | "**" => Self::rest(name),
            "" | "string" | "default" | "*" | "[^/]+" | "[^/]*" => Self::one(name),
            _ if takes_slashes => Self::rest(name),
            _ => Self { pattern: Some(pattern), ..Self::one(name) },
        }
    }
}

/// The parts of a path whose operation declares parameters of these names.
pub(crate) fn pieces<'p>(path: &'p str, declared: &HashSet<&str>) -> Vec<Piece<'p>> {
    let mut reader = PathReader { path, declared, pieces: Vec::new(), after_colon: false };
    let (mut at, mut text) = (0, 0);
    while let Some(mark) = path[at..].find(['{', '<', ':', '*', '/']).map(|found| at + found) {
        let Some((variable, end)) = reader.variable(mark) else {
            at = mark + 1;
            continue;
        };
        reader.text(text, mark);
        reader.pieces.push(Piece::Variable(variable));
        (at, text) = (end, end);
    }
    reader.text(text, path.len());
    reader.pieces
}

struct PathReader<'p, 'd> {
    path: &'p str,
    declared: &'d HashSet<&'d str>,
    pieces: Vec<Piece<'p>>,
    /// Whether this segment has a parameter that began with a colon.
    after_colon: bool,
}

impl<'p> PathReader<'p, '_> {
    fn text(&mut self, from: usize, to: usize) {
        if from < to {
            self.pieces.push(Piece::Text(&self.path[from..to]));
        }
    }

    /// The parameter that begins at a mark, and where it ends.
    fn variable(&mut self, at: usize) -> Option<(Variable<'p>, usize)> {
        let (before, rest) = self.path.split_at(at);
        let begins = before.ends_with('/');
        let (found, length) = match rest.as_bytes()[0] {
            b'{' => {
                let inner = enclosed(rest, '{', '}')?;
                (self.braced(inner)?, inner.len() + 2)
            }
            b'<' => {
                let inner = enclosed(rest, '<', '>')?;
                (self.angled(inner)?, inner.len() + 2)
            }
            b':' => self.colon(rest, begins)?,
            b'*' if begins => star(rest)?,
            _ => {
                self.after_colon = false;
                return None;
            }
        };
        Some((found, at + length))
    }

    fn braced(&self, inner: &'p str) -> Option<Variable<'p>> {
        let own = Variable { is_own: true, ..Variable::one(inner) };
        if self.declared.contains(inner) {
            return Some(own);
        }
        if let Some((name, pattern)) = inner.split_once([':', '=']) {
            let (name, pattern) = (name.trim_start_matches('*').trim(), pattern.trim());
            let is_segments = pattern.contains('/') && pattern.contains('*') && inner.contains('=');
            let several = Variable { takes: Takes::Segments(pattern), ..Variable::one(name) };
            let found = if is_segments { several } else { Variable::matching(name, pattern) };
            return is_name(name).then_some(found);
        }
        if let Some(name) = inner.strip_suffix('?') {
            let optional = Variable { is_optional: true, ..Variable::one(name) };
            return is_name(name).then_some(optional);
        }
        let name = inner.trim_start_matches(['*', '+']).trim_end_matches(['*', '+']);
        if name.len() == inner.len() {
            return (!inner.contains('/')).then_some(own);
        }
        is_name(name).then(|| Variable::rest(name))
    }

    /// `<converter:name>` of Flask, `<name:filter>` of Bottle: the declared one is the name.
    fn angled(&self, inner: &'p str) -> Option<Variable<'p>> {
        let Some((first, last)) = inner.rsplit_once(':') else {
            return is_name(inner).then(|| Variable::one(inner));
        };
        let bottles = self.declared.contains(first) && !self.declared.contains(last);
        let (name, pattern) = if bottles { (first, last) } else { (last, first) };
        is_name(name).then(|| Variable::matching(name, pattern))
    }

    /// `:name`, `:name(pattern)`, `:name?`, `:name*`. Elsewhere than at the beginning of a
    /// segment a colon is a method of Google's, unless the name is declared.
    fn colon(&mut self, rest: &'p str, begins: bool) -> Option<(Variable<'p>, usize)> {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let length = rest[1..].find(|c| !is_word(c)).unwrap_or(rest.len() - 1);
        let name = &rest[1..=length];
        if !is_name(name) || !(begins || self.after_colon || self.declared.contains(name)) {
            return None;
        }
        self.after_colon = true;
        let mut end = length + 1;
        let mut found = Variable::one(name);
        if let Some(pattern) = enclosed(&rest[end..], '(', ')') {
            found = Variable::matching(name, pattern);
            end += pattern.len() + 2;
        }
        match rest[end..].bytes().next() {
            Some(b'?') => found.is_optional = true,
            Some(b'*' | b'+') => found.takes = Takes::Rest,
            _ => return Some((found, end)),
        }
        Some((found, end + 1))
    }
}

/// A segment that is `*`, `**`, or `*` and a name.
fn star(rest: &str) -> Option<(Variable<'_>, usize)> {
    let segment = rest.split('/').next()?;
    let found = match &segment[1..] {
        "" => Variable::one(""),
        "*" => Variable::rest(""),
        name if is_name(name) => Variable::rest(name),
        _ => return None,
    };
    Some((found, segment.len()))
}

/// Characters of a parameter: brackets without a partner may stand as close as they like.
const LONGEST: usize = 1000;

/// What stands between a bracket at the beginning and its partner.
fn enclosed(text: &str, open: char, close: char) -> Option<&str> {
    let mut depth = 0;
    for (at, c) in text.char_indices().take(LONGEST) {
        if c == open {
            depth += 1;
        } else if c == close {
            depth -= 1;
        }
        if depth == 0 {
            return text.get(open.len_utf8()..at).filter(|_| at > 0);
        }
    }
    None
}

fn is_name(text: &str) -> bool {
    let is_of_names = |c: char| c.is_alphanumeric() || "_-.".contains(c);
    text.starts_with(|c: char| c.is_alphabetic() || c == '_') && text.chars().all(is_of_names)
}
