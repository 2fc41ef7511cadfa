//! What goes wrong with a request, and what becomes of it.

use std::time::Duration;

use serde::Deserialize;

/// Something that goes wrong with some requests. All conditions given must hold.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Fault {
    /// Whose requests are counted and struck.
    #[serde(default = "create_api")]
    pub action: String,
    /// The numbers of the requests, from 1.
    #[serde(default)]
    pub at: Vec<u64>,
    /// From this number on.
    #[serde(default)]
    pub from: Option<u64>,
    /// To this number.
    #[serde(default)]
    pub to: Option<u64>,
    /// From this time on, since the first create.
    #[serde(default)]
    pub after_ms: Option<u64>,
    /// To this time.
    #[serde(default)]
    pub until_ms: Option<u64>,
    /// This share of them, by chance.
    #[serde(default)]
    pub share: Option<f64>,
    /// Whether the request is carried out; if not set, where the reply is proper.
    #[serde(default)]
    pub carried_out: Option<bool>,
    /// How long it waits before it is carried out, whether or not the caller still does.
    #[serde(default)]
    pub late_ms: u64,
    /// What comes back.
    #[serde(default)]
    pub reply: ReplyFault,
    /// How fast it comes back.
    #[serde(default)]
    pub bytes_per_second: Option<u32>,
}

fn create_api() -> String {
    "CreateApi".to_owned()
}

/// What comes back instead of, or as, the answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReplyFault {
    /// The answer.
    #[default]
    Proper,
    /// A reset before the body was read.
    Unread,
    /// A reset.
    Reset,
    /// A closed connection.
    Close,
    /// A page of a proxy, of this status.
    Page(u16),
    /// The first half of the answer, then a closed connection.
    Cut,
    /// Bytes that are not HTTP.
    Garbage,
    /// Nothing, for ever.
    Silence,
    /// A redirect, 307, to here.
    Redirect,
    /// This error code.
    Error(String),
    /// A body of many megabytes.
    Huge,
    /// A body that claims to be compressed, and would grow to a gigabyte.
    GzipBomb,
    /// JSON that is not an envelope.
    WrongJson,
    /// This status and this body, as JSON.
    Says {
        /// Such as 200 or 429.
        status: u16,
        /// The body, to the byte.
        body: String,
    },
    /// These bytes, head and all.
    Raw(String),
    /// Of a create: a true answer that names another method and path.
    OtherRoute,
    /// Of a listing: a total that is one too high.
    WrongTotal,
    /// Of a listing: the first page again, whatever was asked for.
    RepeatedPage,
    /// Of a listing: an empty page.
    EmptyPage,
    /// Of a listing: half of a page.
    ShortPage,
    /// Of a listing: entries without a path.
    NoPath,
}

/// What will become of one request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fate {
    /// Whether it is carried out.
    pub(crate) carried_out: bool,
    /// How long it waits before it is.
    pub(crate) late: Duration,
    /// How long the answer takes.
    pub(crate) latency: Duration,
    /// What comes back.
    pub(crate) reply: ReplyFault,
    /// How fast.
    pub(crate) bytes_per_second: Option<u32>,
    /// Whether a fault struck.
    pub(crate) struck: bool,
}

impl Fault {
    /// Whether the `number`th request of its action, so long after the first create, is one
    /// that it may strike.
    pub(crate) fn counts(&self, number: u64, elapsed: Duration) -> bool {
        let listed = self.at.is_empty() || self.at.contains(&number);
        let after = self.from.is_none_or(|from| number >= from);
        let before = self.to.is_none_or(|to| number <= to);
        let begun = self.after_ms.is_none_or(|ms| elapsed >= Duration::from_millis(ms));
        let over = self.until_ms.is_some_and(|ms| elapsed >= Duration::from_millis(ms));
        listed && after && before && begun && !over
    }
}

impl ReplyFault {
    /// Whether a request with this reply is carried out where the fault does not say.
    pub(crate) fn carries_out(&self) -> bool {
        matches!(
            self,
            Self::Proper
                | Self::OtherRoute
                | Self::WrongTotal
                | Self::RepeatedPage
                | Self::EmptyPage
                | Self::ShortPage
                | Self::NoPath
        )
    }
}
