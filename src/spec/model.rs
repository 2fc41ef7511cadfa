//! The content of an operation: one form for every version.
//!
//! Parameters are types of [`openapiv3`], built one by one after normalising, never by
//! deserialising a whole document: real documents break typed structs in one place and are
//! fine in all others. Schemas are read from the tree on demand. Bodies and answers pass through the gateway, so
//! of them there are media types and counts; what the mapping makes something of (an example,
//! a mock) is read from the tree on demand.

use std::borrow::Cow;
use std::sync::Arc;

use crate::finding::{Finding, Place};
use crate::spec::method::Method;
use crate::spec::reference::Resolver;
use crate::spec::schema::Schema;
use crate::spec::tree::{Key, Node};

/// One method on one path.
#[derive(Debug)]
pub struct Operation<'s> {
    /// The place of the operation's key.
    pub place: Place,
    /// The method, upper case.
    pub method: Method,
    /// The path template as written.
    pub path: Cow<'s, str>,
    /// `operationId`.
    pub operation_id: Option<&'s str>,
    /// `summary`, else its path's.
    pub summary: Option<&'s str>,
    /// `description`, else its path's.
    pub description: Option<&'s str>,
    /// `tags`.
    pub tags: Vec<String>,
    /// `deprecated`.
    pub deprecated: bool,
    /// Its own parameters and those inherited from the path.
    pub parameters: Vec<Parameter<'s>>,
    /// The media types of its request body; `None`: it has no body.
    pub body: Option<Vec<String>>,
    /// How many callbacks it has.
    pub callbacks: usize,
    /// Whether it has `externalDocs`.
    pub external_docs: bool,
    /// The servers that hold for this operation: its own, its path's or the document's.
    pub servers: Vec<Server>,
    /// Where they are declared, for messages and for precedence.
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

/// A parameter, references followed.
#[derive(Debug, Clone)]
pub struct Parameter<'s> {
    /// Its name, where it is, and how its value is written; of a schema nothing.
    pub given: openapiv3::Parameter,
    /// What its value is; `None` where no schema can be found, and where it is a text of some
    /// media type.
    pub schema: Option<Schema<'s>>,
    /// Where it is written.
    pub node: Node<'s>,
}

/// Where in the document something is declared.
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
    /// The address; relative where the document has it so.
    pub url: String,
    /// Where it is written.
    pub place: Place,
    /// Whether the document's address has variables.
    pub has_variables: bool,
    /// Variables that the address names and that have no default.
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
    resolver: Resolver<'s>,
    key: Key<'s>,
    node: Node<'s>,
}

impl<'s> Extension<'s> {
    pub(crate) fn new(resolver: Resolver<'s>, key: Key<'s>, node: Node<'s>) -> Self {
        Self { name: key.as_str(), resolver, key, node }
    }

    /// Its value in the tree, for the places of what is in it; a `$ref` in its place is
    /// followed, as exports of another gateway keep their values among the components.
    pub fn node(self) -> Node<'s> {
        self.resolver.find(self.node).unwrap_or(self.node)
    }

    /// Where it is written.
    pub fn place(self) -> Place {
        self.key.place()
    }
}

/// The answer declared for one status.
#[derive(Debug)]
pub struct Answer<'s> {
    /// `200`, `4XX`, `default`, as written.
    pub status: Cow<'s, str>,
    /// Its media types, in the document's order.
    pub media: Vec<Media<'s>>,
    /// Its description.
    pub description: Option<Cow<'s, str>>,
    /// How many headers it declares.
    pub headers: usize,
    /// How many links to other operations it declares.
    pub links: usize,
    /// Where it is written.
    pub place: Place,
}

/// One media type of an answer.
#[derive(Debug)]
pub struct Media<'s> {
    /// Such as `application/json`, parameters included.
    pub name: Cow<'s, str>,
    resolver: Resolver<'s>,
    written: Written<'s>,
}

/// Where a media type's example and schema are written.
#[derive(Debug)]
enum Written<'s> {
    /// In a Media Type Object.
    Object(Node<'s>),
    /// At the response, in 2.0.
    Parts { example: Option<Node<'s>>, schema: Option<Node<'s>> },
}

impl<'s> Media<'s> {
    pub(crate) fn new(resolver: Resolver<'s>, name: &'s str, object: Node<'s>) -> Self {
        Self { name: name.into(), resolver, written: Written::Object(object) }
    }

    pub(crate) fn of_swagger(
        resolver: Resolver<'s>,
        name: String,
        example: Option<Node<'s>>,
        schema: Option<Node<'s>>,
    ) -> Self {
        Self { name: name.into(), resolver, written: Written::Parts { example, schema } }
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
        match self.written {
            Written::Object(object) => {
                let object = self.resolver.find(object)?;
                object.get("example").or_else(|| self.first_of(object.get("examples")?))
            }
            Written::Parts { example, .. } => example,
        }
    }

    /// The first of named examples that has a value here.
    fn first_of(&self, examples: Node<'s>) -> Option<Node<'s>> {
        let examples = self.resolver.find(examples)?;
        examples.entries().find_map(|(_, example)| {
            let example = self.resolver.find(example)?;
            example.get("value").or_else(|| example.get("dataValue"))
        })
    }

    fn is_json(&self) -> bool {
        let name = self.name.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        name.ends_with("/json") || name.ends_with("+json") || name == "*/*"
    }

    /// Whether there is a schema, wherever it leads.
    pub fn has_schema(&self) -> bool {
        match self.written {
            Written::Object(object) => object.get("schema").is_some(),
            Written::Parts { schema, .. } => schema.is_some(),
        }
    }

    /// The schema, where there is one that can be found.
    pub fn schema(&self) -> Option<Schema<'s>> {
        let node = match self.written {
            Written::Object(object) => self.resolver.find(object)?.get("schema")?,
            Written::Parts { schema, .. } => schema?,
        };
        Schema::at(self.resolver, node)
    }
}

/// An example as the document gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// The text of the body: a string example of a type that is not JSON as it stands, and
    /// so one that is the JSON of an object; anything else as JSON.
    pub text: String,
    /// Whether the text is a body of its media type; an object is not a body of XML.
    pub is_body: bool,
    /// Where it is written.
    pub place: Place,
}
