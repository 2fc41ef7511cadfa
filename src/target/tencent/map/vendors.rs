//! What other gateways wrote into a document: backends, access control, CORS.
//!
//! Each gateway is one file, and what is asked of it one value, a [`Vendor`]. Where a word of
//! its names a backend, `servers` is not read; where any word shows that the document's servers
//! are the gateway that the catalog is leaving, they are no backend of any operation. What the
//! words say besides and no field takes is told, access control by a code of its own.

mod aliyun;
mod apisix;
mod aws;
mod azure;
mod google;
mod huawei;
mod kong;
mod plugin;
mod reading;

use crate::finding::notes::Notes;
use crate::finding::{Code, Finding, Place};
use crate::spec::model::{Extension, Server};
use crate::spec::{Document, Operation};
use crate::target::tencent::map::backend::Backend;
use crate::target::tencent::map::context::Context;
use crate::target::tencent::names;

use plugin::plugins;
use reading::unread;

/// A backend, or why it cannot be carried over.
type Found = Result<Backend, Box<Finding>>;

/// A gateway that a catalog may be leaving, and what its words in a document mean.
#[derive(Debug)]
struct Vendor {
    /// As people call it.
    name: &'static str,
    /// What its extensions begin with.
    prefixes: &'static [&'static str],
    /// What becomes of its words.
    words: &'static [(&'static str, Word)],
    /// What becomes of a word that is not among them.
    others: Word,
    /// The words of which the first that is there names the backend.
    backends: &'static [&'static str],
    /// Reads the backend of an operation; `None` where none is named.
    backend: fn(Context<'_>, &mut Notes) -> Option<Found>,
    /// Which words, or beginnings of words, show that the document's servers are the gateway.
    serves: &'static [&'static str],
}

/// What becomes of an extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    /// It is read, here or by `spec`.
    Read,
    /// It is an object of which these keys are read.
    Object(&'static [&'static str]),
    /// It is access control.
    Access,
    /// It is written for readers.
    Documentation,
    /// It means something to that gateway alone, which is told.
    Ignored,
    /// The same, with what can be done about it.
    Advised(&'static str),
}

const VENDORS: &[Vendor] = &[
    aws::VENDOR,
    google::VENDOR,
    huawei::VENDOR,
    aliyun::VENDOR,
    kong::VENDOR,
    apisix::VENDOR,
    azure::VENDOR,
];

impl Vendor {
    fn of(name: &str) -> Option<&'static Self> {
        let begins = |vendor: &&Self| vendor.prefixes.iter().any(|it| name.starts_with(it));
        VENDORS.iter().find(begins)
    }

    fn word(&self, name: &str) -> Word {
        let listed = self.words.iter().find(|(word, _)| *word == name);
        listed.map_or(self.others, |(_, word)| *word)
    }

    fn serves(&self, name: &str) -> bool {
        self.serves.iter().any(|beginning| name.starts_with(beginning))
    }
}

fn word(name: &str) -> Option<Word> {
    Vendor::of(name).map(|vendor| vendor.word(name))
}

/// The backend of another vendor's extension, or why it cannot be carried over; `None`
/// where no vendor's extension names a backend.
pub(crate) fn backend(context: Context<'_>, notes: &mut Notes) -> Option<Found> {
    let (vendor, found) =
        VENDORS.iter().find_map(|vendor| Some((vendor, (vendor.backend)(context, notes)?)))?;
    let from = vendor.backends.iter().find_map(|name| extension(context.operation, name));
    if let Some(from) = from {
        let backend = found.as_ref().ok();
        for field in fields_of(backend) {
            notes.from(field, from_words(vendor, from.name), &from.place());
        }
    }
    Some(found)
}

/// The word as the table writes it, which outlives the document.
fn from_words(vendor: &Vendor, name: &str) -> &'static str {
    vendor.backends.iter().find(|word| **word == name).copied().unwrap_or_default()
}

/// The fields that come from a vendor's backend, where the request has them.
fn fields_of(backend: Option<&Backend>) -> impl Iterator<Item = &'static str> {
    let always =
        [names::SERVICE_TYPE, names::BACKEND_URL, names::BACKEND_PATH, names::SERVICE_TIMEOUT];
    let further = backend.map(|backend| {
        [
            backend.method.as_ref().map(|_| names::BACKEND_METHOD),
            backend.mock.as_ref().map(|_| names::MOCK_MESSAGE),
            backend.renamed.first().map(|_| names::SERVICE_PARAMETERS),
            backend.constants.first().map(|_| names::CONSTANT_PARAMETERS),
        ]
    });
    always.into_iter().chain(further.into_iter().flatten().flatten())
}

/// Whether an extension is read or told here, so that it is not for readers alone.
pub(crate) fn is_vendors(name: &str) -> bool {
    word(name).is_some_and(|word| word != Word::Documentation)
}

/// The gateway that the document's servers are, if its words show that.
pub(crate) fn left_by(document: &Document<'_>) -> Option<&'static str> {
    let serving = |name: &str| Vendor::of(name).filter(|vendor| vendor.serves(name));
    document.extension_names().find_map(serving).map(|vendor| vendor.name)
}

/// Why a server is no backend: it is the gateway that the catalog is leaving.
pub(crate) fn left_server(context: Context<'_>, server: &Server) -> Option<Finding> {
    let by_name = server.url.contains(huawei::ENTRY).then_some(huawei::VENDOR.name);
    let gateway = context.document.left.or(by_name)?;
    let shown = crate::text::address(&server.url);
    let message = format!("the server `{shown}` is {gateway}, which the catalog is leaving");
    Some(Finding::new(Code::SERVER_IS_GATEWAY, server.place.clone(), message))
}

/// Whether another gateway answers preflight requests for the operation, and where it says so.
pub(crate) fn cors(operation: &Operation<'_>) -> Option<(bool, Place)> {
    let plugin = || plugins(operation).into_iter().find(|plugin| plugin.name == "cors");
    huawei::cors(operation).or_else(|| plugin().map(|plugin| (true, plugin.place)))
}

/// What another gateway checks of the operation's callers, in words.
pub(crate) fn access(operation: &Operation<'_>) -> Vec<&'static str> {
    let words = operation.extensions.all().filter(|it| !aws::is_open(it)).filter_map(|it| {
        let vendor = Vendor::of(it.name)?;
        vendor.words.iter().find(|(name, word)| *name == it.name && *word == Word::Access)
    });
    let words = words.map(|(name, _)| *name);
    let of_plugins = plugins(operation).into_iter().filter_map(|plugin| plugin.access());
    words.chain(of_plugins).chain(aliyun::access(operation)).collect()
}

/// Finds the vendors' other extensions, which are ignored.
pub(crate) fn tell_others(extensions: &[Extension<'_>], findings: &mut Vec<Finding>) {
    for extension in extensions.iter().filter(|extension| !says_nothing(extension)) {
        let hint = match word(extension.name) {
            Some(Word::Object(read)) => {
                findings.extend(unread(extension.node(), extension.name, read));
                continue;
            }
            Some(Word::Ignored) => None,
            Some(Word::Advised(hint)) => Some(hint),
            _ => continue,
        };
        let message = format!("`{}` is ignored", extension.name);
        let finding = Finding::new(Code::EXTENSION_NOT_CARRIED, extension.place(), message);
        findings.push(Finding { hint: hint.map(Into::into), ..finding });
    }
}

/// Whether a word is read, or says what holds anyway.
fn says_nothing(extension: &Extension<'_>) -> bool {
    plugin::is_read(extension.name) || apisix::is_on(extension)
}

/// Finds the vendors' extensions at the schemes that a document defines: what the gateway that
/// it is leaving checks of callers is no longer checked.
pub(crate) fn tell_checks<'s>(
    schemes: impl Iterator<Item = Vec<Extension<'s>>>,
    findings: &mut Vec<Finding>,
) {
    for mut words in schemes {
        words.retain(|word| is_vendors(word.name));
        let Some(first) = words.first() else { continue };
        let names: Vec<&str> = words.iter().map(|word| word.name).collect();
        let message = format!(
            "another gateway checks callers by `{}`, and this one does not",
            names.join("`, `")
        );
        findings.push(Finding::new(Code::ACCESS_NOT_CARRIED, first.place(), message));
    }
}

/// Finds what the vendors' words say of the parameters of an operation.
pub(crate) fn tell(operation: &Operation<'_>, notes: &mut Notes) {
    azure::tell(operation, notes);
}

/// An extension by name, the operation's before the path's and the document's.
fn extension<'a>(operation: &Operation<'a>, name: &str) -> Option<Extension<'a>> {
    operation.extensions.all().find(|extension| extension.name == name).copied()
}
