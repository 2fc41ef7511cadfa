//! Something to tell about a source: a code, a place, a message, a hint.
//!
//! Codes are stable: users search for them and name them in `--deny` and `--allow`.
//! Rendering for people is the preview's; here are only values.

use std::fmt;
use std::sync::Arc;

/// How much a finding costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; nothing is lost.
    Note,
    /// Something that the document says is not carried over as it stands.
    Warning,
    /// The operation (or the source, where no operation is concerned) cannot be sent.
    Error,
}

impl Severity {
    /// The word in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Where in which source.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// The source's name as shown.
    pub source: Arc<str>,
    /// From 1; 0 where the place is the source as a whole.
    pub line: u32,
    /// From 1, in characters; 0 where the place is the source as a whole.
    pub column: u32,
    /// JSON pointer, `""` for the whole document.
    pub pointer: Arc<str>,
}

/// Something to tell about a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What kind of thing it is.
    pub code: Code,
    /// The code's own severity, unless `--deny` raised it.
    pub severity: Severity,
    /// Where it is.
    pub place: Place,
    /// What is so, in one sentence without a full stop.
    pub message: String,
    /// What to do about it, where this place has better advice than the code's own.
    pub hint: Option<String>,
}

impl Finding {
    /// A finding with the code's own severity and hint.
    pub fn new(code: Code, place: Place, message: impl Into<String>) -> Self {
        Self { code, severity: code.severity(), place, message: message.into(), hint: None }
    }

    /// The same finding with advice of its own.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The advice to show: this place's own, else the code's.
    pub fn advice(&self) -> Option<&str> {
        self.hint.as_deref().or_else(|| self.code.hint())
    }
}

macro_rules! codes {
    ($($variant:ident $text:literal $severity:ident $description:literal, $hint:expr;)*) => {
        /// What kind of thing a finding tells. The texts are stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $description] $variant,)*
        }

        impl Code {
            /// All codes, in the order of the reference.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable text, kebab-case.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// What a finding of this code costs.
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }

            /// One sentence for the reference.
            pub fn description(self) -> &'static str {
                match self { $(Self::$variant => $description,)* }
            }

            /// What to do about it, in general.
            pub fn hint(self) -> Option<&'static str> {
                match self { $(Self::$variant => $hint,)* }
            }
        }
    };
}

// One line a code: variant, text, severity, description, hint.
codes! {
    // What is read.
    Unreadable "unreadable" Error "The source cannot be read", None;
    NotADocument "not-a-document" Error "The source is no OpenAPI or Swagger document", None;
    UnsupportedVersion "unsupported-version" Error "The document's version is not read", Some("Swagger 2.0 and OpenAPI 3.0, 3.1 and 3.2 are read");
    SyntaxError "syntax-error" Error "The text is not valid JSON or YAML", None;
    BadEncoding "bad-encoding" Error "The text is in an encoding that is not read", Some("save it as UTF-8");
    OverBudget "over-budget" Error "The document is larger or nested deeper than any real one", None;
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Code {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.iter().copied().find(|code| code.as_str() == text).ok_or(())
    }
}
