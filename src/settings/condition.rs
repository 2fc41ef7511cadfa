//! Which operations a rule or an option matches.
//!
//! All keys of a condition must hold; a list within a key means any of them. Values are
//! globs. `{name}` in a path glob is a path template's parameter, not an alternative.

use globset::{GlobBuilder, GlobMatcher};

/// The keys of a condition, in the order of the reference.
pub const KEYS: &[&str] = &[
    "source",
    "title",
    "path",
    "method",
    "tag",
    "operation",
    "operationId",
    "deprecated",
    "extension",
];

/// What a condition looks at: one operation, as its document has it.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The source as shown.
    pub source: &'a str,
    /// `info.title`.
    pub title: Option<&'a str>,
    /// The path template as written.
    pub path: &'a str,
    /// Upper case.
    pub method: &'a str,
    /// Its tags.
    pub tags: &'a [String],
    /// Its `operationId`.
    pub operation_id: Option<&'a str>,
    /// Whether it is deprecated.
    pub deprecated: bool,
    /// The names of the extensions that hold for it.
    pub extensions: &'a [&'a str],
}

/// A rule's `match`, or an `--include` or `--exclude`. An empty one always holds.
#[derive(Debug, Clone, Default)]
pub struct Condition {
    /// Globs over the source.
    pub source: Vec<Glob>,
    /// Globs over the title.
    pub title: Vec<Glob>,
    /// Globs over the path.
    pub path: Vec<Glob>,
    /// Globs over the method, in any case.
    pub method: Vec<Glob>,
    /// Globs over the tags; one tag that matches is enough.
    pub tag: Vec<Glob>,
    /// Globs over the `operationId`.
    pub operation: Vec<Glob>,
    /// Whether it has to be deprecated or must not be.
    pub deprecated: Vec<bool>,
    /// Globs over the extensions' names; one that is present is enough.
    pub extension: Vec<Glob>,
}

impl Condition {
    /// Whether it matches this operation.
    pub fn matches(&self, subject: &Subject<'_>) -> bool {
        any(&self.source, [subject.source])
            && any(&self.title, subject.title)
            && any(&self.path, [subject.path])
            && any(&self.method, [subject.method])
            && any(&self.tag, subject.tags.iter().map(String::as_str))
            && any(&self.operation, subject.operation_id)
            && (self.deprecated.is_empty() || self.deprecated.contains(&subject.deprecated))
            && any(&self.extension, subject.extensions.iter().copied())
    }

    /// Adds one value to one key.
    pub fn add(&mut self, key: &str, value: &str) -> Result<(), ConditionError> {
        match key {
            "source" => self.source.push(Glob::source(value)?),
            "title" => self.title.push(Glob::text(value)?),
            "path" => self.path.push(Glob::path(value)?),
            "method" => self.method.push(Glob::method(value)?),
            "tag" => self.tag.push(Glob::text(value)?),
            "operation" | "operationId" => self.operation.push(Glob::text(value)?),
            "deprecated" => self.deprecated.push(flag(value)?),
            "extension" => self.extension.push(Glob::text(value)?),
            _ => return Err(ConditionError::UnknownKey { key: key.into() }),
        }
        Ok(())
    }
}

/// No globs ask for nothing.
fn any<'v>(globs: &[Glob], values: impl IntoIterator<Item = &'v str>) -> bool {
    let mut values = values.into_iter();
    globs.is_empty() || values.any(|value| globs.iter().any(|glob| glob.matches(value)))
}

fn flag(value: &str) -> Result<bool, ConditionError> {
    match value {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(ConditionError::Deprecated { value: value.into() }),
    }
}

/// An `--include` or `--exclude`, with the text that was typed.
#[derive(Debug, Clone)]
pub struct Expr {
    /// As typed.
    pub text: String,
    /// What it means.
    pub condition: Condition,
}

impl std::str::FromStr for Expr {
    type Err = ConditionError;

    /// Reads `path:/v1/** method:GET deprecated`. A word without a key goes on with the
    /// value before it, since tags and titles hold spaces.
    fn from_str(text: &str) -> Result<Self, ConditionError> {
        let mut pairs: Vec<(&str, String)> = Vec::new();
        for word in text.split_whitespace() {
            match (word.split_once(':'), pairs.last_mut()) {
                _ if word == "deprecated" => pairs.push(("deprecated", "true".into())),
                (Some((key, value)), _) if KEYS.contains(&key) => pairs.push((key, value.into())),
                (Some((key, _)), None) => {
                    return Err(ConditionError::UnknownKey { key: key.into() });
                }
                (None, None) => return Err(ConditionError::UnknownKey { key: word.into() }),
                (Some((key, _)), Some(_)) if looks_like_key(key) => {
                    return Err(ConditionError::UnknownKey { key: key.into() });
                }
                (_, Some((_, value))) => *value = format!("{value} {word}"),
            }
        }
        let mut condition = Condition::default();
        for (key, value) in &pairs {
            condition.add(key, value)?;
        }
        if pairs.is_empty() {
            Err(ConditionError::Empty)
        } else {
            Ok(Self { text: text.into(), condition })
        }
    }
}

fn looks_like_key(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c.is_ascii_lowercase())
}

/// A glob over one kind of value.
#[derive(Debug, Clone)]
pub struct Glob {
    matcher: GlobMatcher,
    /// A path without wildcards, which is compared in a hundredth of a matcher's time: there
    /// may be a rule for each operation.
    literal: Option<String>,
    /// Also try what follows each slash: source globs hold below any folder.
    below: bool,
}

impl Glob {
    /// Over a path template: `*` stays within a segment, `**` does not, braces are literal.
    pub fn path(glob: &str) -> Result<Self, ConditionError> {
        let literal: String = glob.chars().map(brace_as_class).collect();
        let built = Self::build(glob, GlobBuilder::new(&literal).literal_separator(true), false)?;
        let is_literal = !glob.contains(['*', '?', '[', ']', '\\', '!']);
        Ok(Self { literal: is_literal.then(|| glob.to_owned()), ..built })
    }

    /// Over a source: as [`Self::path`], but `{a,b}` are alternatives, and a relative glob
    /// also holds for a source below any folder, since sources are shown as typed.
    pub fn source(glob: &str) -> Result<Self, ConditionError> {
        let relative = glob.strip_prefix("./").unwrap_or(glob);
        let builder = &mut GlobBuilder::new(relative);
        Self::build(glob, builder.literal_separator(true), !relative.starts_with('/'))
    }

    /// Over a name or a title: `*` matches anything.
    pub fn text(glob: &str) -> Result<Self, ConditionError> {
        Self::build(glob, &GlobBuilder::new(glob), false)
    }

    /// Over a method, which documents and people write in either case.
    pub fn method(glob: &str) -> Result<Self, ConditionError> {
        Self::build(glob, GlobBuilder::new(glob).case_insensitive(true), false)
    }

    fn build(typed: &str, builder: &GlobBuilder<'_>, below: bool) -> Result<Self, ConditionError> {
        let built = builder.build();
        let refused = |e: globset::Error| ConditionError::Glob {
            glob: typed.into(),
            why: e.kind().to_string(),
        };
        Ok(Self { matcher: built.map_err(refused)?.compile_matcher(), literal: None, below })
    }

    /// Whether the whole value matches.
    pub fn matches(&self, value: &str) -> bool {
        if let Some(literal) = &self.literal {
            return literal == value;
        }
        if self.matcher.is_match(value) {
            return true;
        }
        self.below
            && value.match_indices('/').any(|(at, _)| self.matcher.is_match(&value[at + 1..]))
    }
}

fn brace_as_class(c: char) -> String {
    if matches!(c, '{' | '}') { format!("[{c}]") } else { c.to_string() }
}

/// Why a condition cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConditionError {
    /// No such key.
    #[error("`{key}` is not one of the keys {}", KEYS.join(", "))]
    UnknownKey {
        /// What was there instead.
        key: String,
    },
    /// A glob that does not close its brackets, say.
    #[error("`{glob}` is not a glob: {why}")]
    Glob {
        /// As typed.
        glob: String,
        /// In the glob library's words.
        why: String,
    },
    /// `deprecated` is true or false.
    #[error("`deprecated` must be true or false, not `{value}`")]
    Deprecated {
        /// As typed.
        value: String,
    },
    /// Nothing was typed.
    #[error("an empty expression selects nothing")]
    Empty,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pets() -> Subject<'static> {
        Subject {
            source: "catalog/shop/pets.yaml",
            title: Some("Pet Store"),
            path: "/v1/pets/{petId}",
            method: "GET",
            tags: &[],
            operation_id: Some("getPet"),
            deprecated: false,
            extensions: &["x-internal"],
        }
    }

    #[track_caller]
    fn holds(expr: &str) -> bool {
        expr.parse::<Expr>().unwrap().condition.matches(&pets())
    }

    #[test]
    fn all_keys_must_hold() {
        assert!(holds("path:/v1/** method:get"));
        assert!(!holds("path:/v1/** method:PUT"));
        assert!(!holds("deprecated"));
        assert!(holds("deprecated:false"));
        assert!(holds("title:Pet Store method:GET"));
        assert!(holds("extension:x-int*"));
    }

    #[test]
    fn a_key_given_twice_means_any_of_them() {
        assert!(holds("method:PUT method:GET"));
        assert!(!holds("method:PUT method:POST"));
        assert!(holds("deprecated:true deprecated:false"));
    }

    #[test]
    fn a_star_stays_within_a_segment_of_a_path() {
        assert!(!holds("path:/v1/*"));
        assert!(holds("path:/v1/*/*"));
        assert!(holds("path:/*/pets/**"));
        assert!(holds("operation:get*") && holds("operationId:get*"));
        assert!(holds("method:g*") && !holds("method:p*"));
    }

    #[test]
    fn braces_in_a_path_glob_are_a_parameter() {
        assert!(holds("path:/v1/pets/{petId}"));
        assert!(!holds("path:/v1/pets/{id}"));
    }

    #[test]
    fn a_source_glob_holds_below_any_folder() {
        assert!(holds("source:shop/**"));
        assert!(holds("source:./catalog/**"));
        assert!(holds("source:*.yaml"));
        assert!(!holds("source:hop/**"));
        assert!(!holds("source:/shop/**"));
    }

    #[test]
    fn what_nobody_can_have_meant_is_refused() {
        let refused = |text: &str| text.parse::<Expr>().unwrap_err();
        assert_eq!(refused("pth:/v1"), ConditionError::UnknownKey { key: "pth".into() });
        assert_eq!(refused("tag:a pth:/v1"), ConditionError::UnknownKey { key: "pth".into() });
        assert_eq!(refused("pets"), ConditionError::UnknownKey { key: "pets".into() });
        assert_eq!(refused(" "), ConditionError::Empty);
        assert!(matches!(refused("path:/[a"), ConditionError::Glob { .. }));
        assert!(matches!(refused("deprecated:yes"), ConditionError::Deprecated { .. }));
    }
}
