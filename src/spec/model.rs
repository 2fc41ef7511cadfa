//! A document understood: one shape for every version.
//!
//! The typed part of an operation is [`openapiv3::Operation`], built node by node after
//! normalising, never by deserialising a whole document: real documents break typed
//! structs in one place and are fine in all others. Schemas are pruned from it; what the
//! mapping makes something of (an example, a mock) is read from the tree on demand.

use std::borrow::Cow;
use std::sync::Arc;

use crate::finding::{Code, Finding, Place};
use crate::spec::read::operation::{self, DocumentLevel, PathLevel};
use crate::spec::read::outline::Outline;
use crate::spec::read::{Fields, Scope, extensions, security, version};
use crate::spec::reference::Shelf;
use crate::spec::schema::Schema;
use crate::spec::tree::{Key, Node};

pub use crate::spec::method::Method;

/// A source understood.
///
/// Operations are made one at a time, since a document of 20,000 operations would
/// otherwise hold all of them at once.
#[derive(Debug)]
pub struct Document<'s> {
    /// The source's name as shown.
    pub source: Arc<str>,
    /// The version as written, such as `3.0.3`.
    pub version: String,
    /// `info.title`.
    pub title: Option<String>,
    /// What is to be told of the document as a whole.
    pub findings: Vec<Finding>,
    scope: Scope<'s>,
    outline: Outline<'s>,
    level: DocumentLevel<'s>,
}

impl<'s> Document<'s> {
    pub(crate) fn of(shelf: &'s Shelf) -> Result<Self, Vec<Finding>> {
        let root = shelf.root().root();
        let (dialect, version, newer) = version::of(root).map_err(|finding| vec![finding])?;
        let scope = Scope { shelf, root, dialect };
        let mut findings: Vec<Finding> = newer.into_iter().collect();
        let title = title(scope, &mut findings);
        let level = DocumentLevel::of(scope, &mut findings);
        let mut outline = Outline::of(scope);
        findings.append(&mut outline.findings);
        findings.extend(not_imported(scope, &outline));
        findings.extend(shelf.lost());
        let source = shelf.root().name().clone();
        Ok(Self { source, version, title, findings, scope, outline, level })
    }

    /// How many operations it holds; `operations` yields as many.
    pub fn operation_count(&self) -> usize {
        self.outline.operation_count()
    }

    /// The extensions of each security scheme that it defines.
    pub fn scheme_extensions(&self) -> impl Iterator<Item = Vec<Extension<'s>>> + '_ {
        let extension = |(key, value)| Extension::new(self.scope, key, value);
        security::definitions(self.scope)
            .map(move |scheme| extensions(scheme).map(extension).collect())
    }

    /// Its operations, in the document's order, each made when it is asked for.
    pub fn operations(&self) -> impl Iterator<Item = Operation<'s>> + '_ {
        self.outline.paths.iter().flat_map(move |path| {
            let level = PathLevel::of(self.scope, path);
            path.operations
                .iter()
                .map(move |outline| operation::read(self.scope, &self.level, &level, outline))
        })
    }
}

fn title(scope: Scope<'_>, findings: &mut Vec<Finding>) -> Option<String> {
    let info = scope.find(scope.root.get("info")?)?;
    Fields::of(info, findings).string("title")
}

/// What describes requests and is no operation, or that there is nothing at all.
fn not_imported(scope: Scope<'_>, outline: &Outline<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in ["webhooks", "x-webhooks", "x-ms-paths"] {
        if let Some((key, value)) = scope.root.entry(name)
            && value.is_map()
            && !value.is_empty()
        {
            let count = value.entries().count();
            let message = format!("`{name}` holds {count} of them, which are no operations");
            findings.push(Finding::new(Code::NOT_IMPORTED, key.place(), message));
        }
    }
    if outline.paths.is_empty() {
        let place =
            scope.root.entry("paths").map_or_else(|| scope.root.place(), |(key, _)| key.place());
        findings.push(Finding::new(
            Code::NO_PATHS,
            place,
            "there are no paths, so nothing to import",
        ));
    }
    findings
}

/// One method on one path.
#[derive(Debug)]
pub struct Operation<'s> {
    /// The place of the operation's key.
    pub place: Place,
    /// The method, upper case.
    pub method: Method,
    /// The path template as written.
    pub path: Cow<'s, str>,
    /// The normalised operation. Every parameter (its own and those inherited from the
    /// path) and every response is an `Item`, references followed; schemas of bodies and
    /// responses are pruned to their media types.
    pub api: openapiv3::Operation,
    /// The place of each of `api.parameters`.
    pub parameter_places: Vec<Place>,
    /// The servers that hold for this operation: its own, its path's or the document's.
    pub servers: Vec<Server>,
    /// Whose `servers` they are, for messages and for what outranks what.
    pub servers_level: Level,
    /// Alternatives; each is a list of schemes that must all be met. Empty: none required.
    pub security: Vec<Requirement>,
    /// `x-` extensions of the operation, its path and the document.
    pub extensions: Extensions<'s>,
    /// Whether the same path declares `OPTIONS`.
    pub path_declares_options: bool,
    /// The answers by status, in the document's order, with examples on demand.
    pub answers: Vec<Answer<'s>>,
    /// What reading it has found; one error makes the operation unfit.
    pub findings: Vec<Finding>,
    /// Its value and its path item, where each is an object.
    pub(crate) nodes: [Option<Node<'s>>; 2],
}

impl Operation<'_> {
    /// Where a key is written, at the operation or at its path; where neither has it, the
    /// operation's own place.
    pub fn place_of(&self, key: &str) -> Place {
        let written = self.nodes.iter().flatten().find_map(|node| node.entry(key));
        written.map_or_else(|| self.place.clone(), |(key, _)| key.place())
    }

    /// Looks into all that the mapping may look into, so that every file that it leads to
    /// is asked for.
    pub(crate) fn touch(&self) {
        for media in self.answers.iter().flat_map(|answer| &answer.media) {
            media.example();
        }
    }
}

/// Where in the document something was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// At the root.
    Document,
    /// At the path item.
    Path,
    /// At the operation.
    Operation,
}

/// A server, its variables filled with their defaults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// The address; relative where the document says so.
    pub url: String,
    /// Where it is written.
    pub place: Place,
    /// Whether the document's address has variables.
    pub has_variables: bool,
    /// Variables that the address names and nobody gives a default.
    pub unfilled: Vec<String>,
}

/// Schemes that must all be met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// Empty: anonymous access is an alternative.
    pub schemes: Vec<Scheme>,
    /// Where it is written.
    pub place: Place,
}

/// One security scheme as required.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheme {
    /// Its name in the document.
    pub name: String,
    /// `apiKey`, `http/basic`, `http/bearer`, `oauth2`, `openIdConnect`, `mutualTLS`, …;
    /// `None` where the document requires a scheme that it does not define.
    pub kind: Option<String>,
}

/// The `x-` extensions that hold for an operation, each with its place.
#[derive(Debug, Clone, Default)]
pub struct Extensions<'s> {
    /// Of the operation.
    pub operation: Vec<Extension<'s>>,
    /// Of its path item.
    pub path: Arc<[Extension<'s>]>,
    /// Of the document's root.
    pub document: Arc<[Extension<'s>]>,
}

impl<'s> Extensions<'s> {
    /// All that hold, the operation's own first.
    pub fn all(&self) -> impl Iterator<Item = &Extension<'s>> {
        self.operation.iter().chain(self.path.iter()).chain(self.document.iter())
    }
}

/// One `x-` extension. Values are made when they are asked for: a document may keep half
/// of itself in one.
#[derive(Debug, Clone, Copy)]
pub struct Extension<'s> {
    /// Its key, `x-` included.
    pub name: &'s str,
    scope: Scope<'s>,
    key: Key<'s>,
    node: Node<'s>,
}

impl<'s> Extension<'s> {
    pub(crate) fn new(scope: Scope<'s>, key: Key<'s>, node: Node<'s>) -> Self {
        Self { name: key.as_str(), scope, key, node }
    }

    /// Its value where it stands, for the places of what is in it; a `$ref` in its place is
    /// followed, as exports of another gateway keep their values among the components.
    pub fn node(self) -> Node<'s> {
        self.scope.find(self.node).unwrap_or(self.node)
    }

    /// Where it is written.
    pub fn place(self) -> Place {
        self.key.place()
    }
}

/// What the document says of one status.
#[derive(Debug)]
pub struct Answer<'s> {
    /// `200`, `4XX`, `default`, as written.
    pub status: Cow<'s, str>,
    /// Its media types, in the document's order.
    pub media: Vec<Media<'s>>,
    /// Its description.
    pub description: Option<Cow<'s, str>>,
    /// Where it is written.
    pub place: Place,
}

/// One media type of an answer.
#[derive(Debug)]
pub struct Media<'s> {
    /// Such as `application/json`, parameters included.
    pub name: Cow<'s, str>,
    scope: Scope<'s>,
    says: Says<'s>,
}

/// Where a media type's example and schema are written.
#[derive(Debug)]
enum Says<'s> {
    /// A Media Type Object.
    Object(Node<'s>),
    /// 2.0 has them at the response.
    Parts { example: Option<Node<'s>>, schema: Option<Node<'s>> },
}

impl<'s> Media<'s> {
    pub(crate) fn new(scope: Scope<'s>, name: &'s str, object: Node<'s>) -> Self {
        Self { name: name.into(), scope, says: Says::Object(object) }
    }

    pub(crate) fn of_swagger(
        scope: Scope<'s>,
        name: String,
        example: Option<Node<'s>>,
        schema: Option<Node<'s>>,
    ) -> Self {
        Self { name: name.into(), scope, says: Says::Parts { example, schema } }
    }

    /// The example that the document gives, `$ref`s followed: `example`, the first of
    /// `examples`, 2.0's `examples`, else the schema's own.
    pub fn example(&self) -> Option<Example> {
        let node = self.own_example().or_else(|| self.schema()?.example())?;
        let (text, is_body) = match node.as_str() {
            Some(text) if !self.is_json() || self.is_written_out(text) => (text.to_owned(), true),
            _ => {
                let is_plain = !node.is_map() && !node.is_list();
                (node.to_json(), is_plain || self.is_json() || self.name.contains("yaml"))
            }
        };
        Some(Example { text, is_body, place: node.place() })
    }

    /// Whether a text is the JSON of a body rather than a body that is a text: generators
    /// write examples of objects so.
    fn is_written_out(&self, text: &str) -> bool {
        let is_text = || self.schema().is_some_and(|schema| schema.types().contains(&"string"));
        let is_json = || serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
        text.trim_start().starts_with(['{', '[']) && is_json() && !is_text()
    }

    fn own_example(&self) -> Option<Node<'s>> {
        match self.says {
            Says::Object(object) => {
                let object = self.scope.find(object)?;
                object.get("example").or_else(|| self.first_of(object.get("examples")?))
            }
            Says::Parts { example, .. } => example,
        }
    }

    /// The first of named examples that has a value here.
    fn first_of(&self, examples: Node<'s>) -> Option<Node<'s>> {
        let examples = self.scope.find(examples)?;
        examples.entries().find_map(|(_, example)| {
            let example = self.scope.find(example)?;
            example.get("value").or_else(|| example.get("dataValue"))
        })
    }

    fn is_json(&self) -> bool {
        let name = self.name.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        name.ends_with("/json") || name.ends_with("+json") || name == "*/*"
    }

    /// Whether there is a schema, wherever it leads.
    pub fn has_schema(&self) -> bool {
        match self.says {
            Says::Object(object) => object.get("schema").is_some(),
            Says::Parts { schema, .. } => schema.is_some(),
        }
    }

    /// The schema, where there is one that can be found.
    pub fn schema(&self) -> Option<Schema<'s>> {
        let node = match self.says {
            Says::Object(object) => self.scope.find(object)?.get("schema")?,
            Says::Parts { schema, .. } => schema?,
        };
        Schema::at(self.scope, node)
    }
}

/// An example as the document gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// The text of the body: a string example of a type that is not JSON as it stands, and
    /// so one that is the JSON of an object; anything else as JSON.
    pub text: String,
    /// Whether the text is a body of its media type; an object is none of XML.
    pub is_body: bool,
    /// Where it is written.
    pub place: Place,
}
