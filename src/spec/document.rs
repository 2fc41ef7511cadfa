//! A document understood: one shape for every version.
//!
//! The typed part of an operation is [`openapiv3::Operation`], built node by node after
//! normalising, never by deserialising a whole document: real documents break typed
//! structs in one place and are fine in all others. Schemas are pruned from it; what the
//! mapping makes something of (an example, a mock) is read from the tree on demand.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::finding::{Finding, Place};

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
    shelf: PhantomData<&'s ()>,
}

impl<'s> Document<'s> {
    /// How many operations it holds; `operations` yields as many.
    pub fn operation_count(&self) -> usize {
        self.operations().count()
    }

    /// Its operations, in the document's order, each made when it is asked for.
    pub fn operations(&self) -> impl Iterator<Item = Operation<'s>> + '_ {
        std::iter::empty()
    }
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
    pub extensions: Extensions,
    /// Whether the same path declares `OPTIONS`.
    pub path_declares_options: bool,
    /// The answers by status, in the document's order, with examples on demand.
    pub answers: Vec<Answer<'s>>,
    /// What reading it has found; one error makes the operation unfit.
    pub findings: Vec<Finding>,
}

/// A method, upper case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Method {
    /// `GET`
    Get,
    /// `PUT`
    Put,
    /// `POST`
    Post,
    /// `DELETE`
    Delete,
    /// `OPTIONS`
    Options,
    /// `HEAD`
    Head,
    /// `PATCH`
    Patch,
    /// `TRACE`
    Trace,
    /// `QUERY` of OpenAPI 3.2.
    Query,
    /// One of 3.2's `additionalOperations`, as written.
    Other(String),
}

impl Method {
    /// As it is written on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Get => "GET",
            Self::Put => "PUT",
            Self::Post => "POST",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
            Self::Head => "HEAD",
            Self::Patch => "PATCH",
            Self::Trace => "TRACE",
            Self::Query => "QUERY",
            Self::Other(name) => name,
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
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
pub struct Extensions {
    /// Of the operation.
    pub operation: Vec<Extension>,
    /// Of its path item.
    pub path: Arc<[Extension]>,
    /// Of the document's root.
    pub document: Arc<[Extension]>,
}

impl Extensions {
    /// All that hold, the operation's own first.
    pub fn all(&self) -> impl Iterator<Item = &Extension> {
        self.operation.iter().chain(self.path.iter()).chain(self.document.iter())
    }
}

/// One `x-` extension.
#[derive(Debug, Clone)]
pub struct Extension {
    /// Its key, `x-` included.
    pub name: String,
    /// Its value.
    pub value: serde_json::Value,
    /// Where it is written.
    pub place: Place,
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
}

impl<'s> Media<'s> {
    /// The example that the document gives, `$ref`s followed: `example`, the first of
    /// `examples`, 2.0's `examples`, else the schema's own.
    pub fn example(&self) -> Option<Example> {
        None
    }

    /// The schema, where there is one that can be found.
    pub fn schema(&self) -> Option<Schema<'s>> {
        None
    }
}

/// An example as the document gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// The text of the body: a string example of a type that is not JSON as it stands,
    /// anything else as JSON.
    pub text: String,
    /// Where it is written.
    pub place: Place,
}

/// A schema, looked into only where something is made of it. `$ref`s are followed on the
/// way in, so that no caller sees one.
#[derive(Debug, Clone, Copy)]
pub struct Schema<'s> {
    tree: PhantomData<&'s ()>,
}
