//! Codes of findings. Each room declares its own codes, in a file `codes`.
//!
//! Codes are stable: users search for them and name them in `--deny` and `--allow`. The list
//! of all of them is [`crate::plan::codes`].

use std::fmt;
use std::hash::{Hash, Hasher};

/// How much a finding costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; nothing is lost.
    Note,
    /// Something in the document is not imported as written.
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

/// What kind of thing a finding reports. Codes are in the order of the reference.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Code(&'static Entry);

/// A code's line in the reference.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    /// Its place in the reference, first so that it decides the order.
    pub(crate) rank: u16,
    pub(crate) text: &'static str,
    pub(crate) severity: Severity,
    pub(crate) description: &'static str,
    pub(crate) hint: Option<&'static str>,
    pub(crate) counted: Option<&'static str>,
}

impl Code {
    pub(crate) const fn new(entry: &'static Entry) -> Self {
        Self(entry)
    }

    /// The stable text, kebab-case.
    pub const fn as_str(self) -> &'static str {
        self.0.text
    }

    /// What a finding of this code costs.
    pub const fn severity(self) -> Severity {
        self.0.severity
    }

    /// One sentence for the reference.
    pub const fn description(self) -> &'static str {
        self.0.description
    }

    /// What to do about it, in general.
    pub const fn hint(self) -> Option<&'static str> {
        self.0.hint
    }

    /// What follows "3 operations" where operations are counted and reported together, `{}`
    /// standing for the words that differ.
    pub(crate) const fn counted(self) -> Option<&'static str> {
        self.0.counted
    }
}

impl Hash for Code {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.rank.hash(state);
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Declares the codes of a room: the rank of the first, then one line for each code.
macro_rules! codes {
    (
        from $first:literal;
        $($name:ident $text:literal $severity:ident $description:literal
            $(, hint $hint:literal)? $(, counted $counted:literal)?;)*
    ) => {
        /// The codes declared here, in the order of the reference.
        pub(crate) const CODES: &[$crate::finding::code::Code] =
            &[$($crate::finding::code::Code::$name),*];

        #[expect(non_camel_case_types, reason = "it only numbers the codes by their names")]
        enum Rank { $($name),* }

        impl $crate::finding::code::Code {
            $(
                #[doc = $description]
                pub const $name: Self = Self::new(&$crate::finding::code::Entry {
                    rank: $first + Rank::$name as u16,
                    text: $text,
                    severity: $crate::finding::code::Severity::$severity,
                    description: $description,
                    hint: [$(Some($hint),)? None][0],
                    counted: [$(Some($counted),)? None][0],
                });
            )*
        }
    };
}

pub(crate) use codes;
