//! One operation, with all that holds for it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::mem::{Discriminant, discriminant};
use std::sync::Arc;

use crate::finding::{Code, Finding};
use crate::spec::method::Method;
use crate::spec::model::{
    Answer, Extension, Extensions, Level, Operation, Parameter, Requirement, Server,
};
use crate::spec::read::fields::{Fields, extensions, is_extension, wrong_type};
use crate::spec::read::parameter::broken;
use crate::spec::read::paths::{OperationEntry, PathEntry, is_any_method};
use crate::spec::read::security::requirements;
use crate::spec::read::servers::servers;
use crate::spec::read::{openapi3, swagger2};
use crate::spec::reference::{Resolver, reference_of};
use crate::spec::tree::{Key, Node};
use crate::spec::version::SpecVersion;

/// What the document declares for all of its operations.
#[derive(Debug)]
pub(crate) struct DocumentLevel<'s> {
    servers: Vec<Server>,
    security: Vec<Requirement>,
    extensions: Arc<[Extension<'s>]>,
    consumes: Vec<String>,
    produces: Vec<String>,
}

impl<'s> DocumentLevel<'s> {
    pub(crate) fn of(resolver: Resolver<'s>, findings: &mut Vec<Finding>) -> Self {
        let security = requirements(resolver, resolver.root, findings).unwrap_or_default();
        let mut level = Self {
            servers: Vec::new(),
            security,
            extensions: extension_list(resolver, resolver.root),
            consumes: Vec::new(),
            produces: Vec::new(),
        };
        if resolver.version == SpecVersion::Swagger2 {
            let mut fields = Fields::of(resolver.root, findings);
            level.consumes = fields.texts("consumes");
            level.produces = fields.texts("produces");
            let schemes = fields.texts("schemes");
            level.servers = swagger2::servers(resolver, schemes, findings);
        } else {
            level.servers = servers(resolver, resolver.root, findings);
        }
        level
    }
}

/// What a path item declares for all of its operations.
#[derive(Debug)]
pub(crate) struct PathLevel<'s> {
    path: &'s str,
    parameters: Vec<Node<'s>>,
    servers: Vec<Server>,
    summary: Option<&'s str>,
    description: Option<&'s str>,
    extensions: Arc<[Extension<'s>]>,
    declares_options: bool,
    item: Option<Node<'s>>,
    /// What reading this has found, which concerns each of its operations.
    findings: Vec<Finding>,
}

impl<'s> PathLevel<'s> {
    pub(crate) fn of(resolver: Resolver<'s>, entry: &PathEntry<'s>) -> Self {
        let mut findings = Vec::new();
        let mut level = Self {
            path: entry.path,
            parameters: Vec::new(),
            servers: Vec::new(),
            summary: None,
            description: None,
            extensions: Arc::default(),
            declares_options: entry.operations.iter().any(|it| it.method == Method::Options),
            item: entry.layers.iter().copied().find(|&layer| says_more(layer)),
            findings: Vec::new(),
        };
        for &layer in &entry.layers {
            let mut fields = Fields::of(layer, &mut findings);
            level.summary = level.summary.or_else(|| fields.text("summary"));
            level.description = level.description.or_else(|| fields.text("description"));
            if level.parameters.is_empty() {
                level.parameters =
                    fields.list("parameters").into_iter().flat_map(Node::items).collect();
            }
            if level.servers.is_empty() && resolver.version != SpecVersion::Swagger2 {
                level.servers = servers(resolver, layer, &mut findings);
            }
            if level.extensions.is_empty() {
                level.extensions = extension_list(resolver, layer);
            }
        }
        level.findings = findings;
        level
    }
}

/// Whether a path item is more than a reference to another one.
fn says_more(item: Node<'_>) -> bool {
    item.entries().any(|(key, _)| key.as_str() != "$ref")
}

/// The extensions of the document or of a path item, of which one may be an operation.
fn extension_list<'s>(resolver: Resolver<'s>, node: Node<'s>) -> Arc<[Extension<'s>]> {
    let all = extensions(node).filter(|(key, _)| !is_any_method(key.as_str()));
    all.map(|(key, value)| Extension::new(resolver, key, value)).collect()
}

/// Reads one operation. It exists whatever is wrong with it.
pub(crate) fn read<'s>(
    resolver: Resolver<'s>,
    document: &DocumentLevel<'s>,
    path: &PathLevel<'s>,
    entry: &OperationEntry<'s>,
) -> Operation<'s> {
    let mut findings = entry.findings.clone();
    findings.extend(path.findings.iter().cloned());
    let node = target(resolver, entry.node, &mut findings);
    let mut reader = Reader { resolver, document, path, node, findings };
    let Parameters { given, body, .. } = reader.parameters();
    let (servers, servers_level) = reader.servers();
    let answers = reader.answers();
    let own = node.into_iter().flat_map(extensions);
    let mut operation = Operation {
        place: entry.place.clone(),
        method: entry.method.clone(),
        path: path.path.into(),
        operation_id: None,
        summary: None,
        description: None,
        tags: Vec::new(),
        deprecated: false,
        parameters: given,
        body: reader.body(&body),
        callbacks: 0,
        external_docs: node.is_some_and(|node| node.get("externalDocs").is_some()),
        servers,
        servers_level,
        security: Vec::new(),
        extensions: Extensions {
            operation: own.map(|(key, value)| Extension::new(resolver, key, value)).collect(),
            path: path.extensions.clone(),
            document: document.extensions.clone(),
        },
        path_declares_options: path.declares_options,
        answers,
        findings: Vec::new(),
        nodes: [node, path.item],
    };
    reader.texts(&mut operation);
    operation.security = reader.security();
    operation.findings = reader.findings;
    operation
}

/// What an operation's value leads to.
fn target<'s>(
    resolver: Resolver<'s>,
    node: Node<'s>,
    findings: &mut Vec<Finding>,
) -> Option<Node<'s>> {
    match resolver.follow(node) {
        Ok(target) if target.is_map() => Some(target),
        Ok(target) => {
            let message =
                format!("the operation's `$ref` points to {}, not to an operation", target.kind());
            findings.push(Finding::new(Code::MISSING_REFERENCE, node.place(), message));
            None
        }
        Err(dangling) => {
            findings.push(dangling.finding(Code::MISSING_REFERENCE));
            None
        }
    }
}

struct Reader<'s, 'd> {
    resolver: Resolver<'s>,
    document: &'d DocumentLevel<'s>,
    path: &'d PathLevel<'s>,
    /// `None` where its `$ref` leads nowhere.
    node: Option<Node<'s>>,
    findings: Vec<Finding>,
}

/// An operation's parameters, and the body that 2.0 has among them.
#[derive(Default)]
struct Parameters<'s> {
    given: Vec<Parameter<'s>>,
    /// Which of them has a location and a name.
    index: HashMap<(Discriminant<openapiv3::Parameter>, String), usize>,
    body: Vec<swagger2::Given<'s>>,
}

impl<'s, 'd> Reader<'s, 'd> {
    fn fields(&mut self) -> Option<Fields<'s, '_>> {
        Some(Fields::of(self.node?, &mut self.findings))
    }

    fn is_swagger2(&self) -> bool {
        self.resolver.version == SpecVersion::Swagger2
    }

    /// The operation's own fields.
    fn texts(&mut self, operation: &mut Operation<'s>) {
        let path = self.path;
        let Some(mut fields) = self.fields() else { return };
        operation.tags = fields.texts("tags");
        operation.summary = fields.text("summary").or(path.summary);
        operation.description = fields.text("description").or(path.description);
        operation.operation_id = fields.text("operationId");
        operation.deprecated = fields.flag("deprecated").unwrap_or_default();
        operation.callbacks = fields.count("callbacks");
    }

    /// The media types of its body; `parts` are 2.0's parameters that are parts of it.
    fn body(&mut self, parts: &[swagger2::Given<'s>]) -> Option<Vec<String>> {
        let node = self.node?;
        if !self.is_swagger2() {
            return openapi3::body(self.resolver, node.get("requestBody")?, &mut self.findings);
        }
        swagger2::body(parts, &self.media_types("consumes", &self.document.consumes))
    }

    /// What 2.0 lists at an operation, else for the document.
    fn media_types(&mut self, key: &str, inherited: &'d [String]) -> Cow<'d, [String]> {
        match self.fields().filter(|fields| fields.node.get(key).is_some()) {
            Some(mut own) => own.texts(key).into(),
            None => inherited.into(),
        }
    }

    /// The parameters of the path, then the operation's own; an own one takes the place of
    /// the path's with the same name and location.
    fn parameters(&mut self) -> Parameters<'s> {
        let mut parameters = Parameters::default();
        let own = self.fields().and_then(|mut fields| fields.list("parameters"));
        let inherited = self.path.parameters.clone();
        let own: Vec<Node<'s>> = own.into_iter().flat_map(Node::items).collect();
        for node in inherited {
            self.parameter(node, 0, &mut parameters);
        }
        let from = parameters.given.len();
        for node in own {
            self.parameter(node, from, &mut parameters);
        }
        parameters
    }

    /// Reads one parameter; those before `from` are inherited.
    fn parameter(&mut self, written: Node<'s>, from: usize, into: &mut Parameters<'s>) {
        let node = match self.resolver.follow(written) {
            Ok(node) if node.is_map() => node,
            Ok(found) => {
                let why = format!("it is {}, not an object", found.kind());
                return self.findings.push(broken(written, &why));
            }
            Err(dangling) => return self.findings.push(dangling.finding(Code::MISSING_REFERENCE)),
        };
        let found = if self.is_swagger2() {
            match swagger2::parameter(self.resolver, node, &mut self.findings) {
                Some(swagger2::Given::Parameter(parameter, schema)) => Some((*parameter, schema)),
                Some(body) => return into.body.push(body),
                None => None,
            }
        } else {
            openapi3::parameter(self.resolver, node, &mut self.findings)
        };
        if let Some((mut given, schema)) = found {
            self.describe(&mut given, written);
            self.place_parameter(Parameter { given, schema, node }, from, into);
        }
    }

    /// From 3.1 on a description beside a reference to a parameter counts over its own.
    fn describe(&mut self, given: &mut openapiv3::Parameter, written: Node<'s>) {
        let follows = self.resolver.version >= SpecVersion::OpenApi31;
        if follows && reference_of(written).is_some() {
            let data = parameter_data(given);
            let beside = Fields::of(written, &mut self.findings).string("description");
            data.description = beside.or_else(|| data.description.take());
        }
    }

    fn place_parameter(
        &mut self,
        parameter: Parameter<'s>,
        from: usize,
        into: &mut Parameters<'s>,
    ) {
        match into.index.entry(key_of(&parameter.given)) {
            Entry::Vacant(entry) => {
                entry.insert(into.given.len());
                into.given.push(parameter);
            }
            Entry::Occupied(entry) if *entry.get() < from => {
                into.given[*entry.get()] = parameter;
            }
            Entry::Occupied(_) => {
                let name = &parameter.given.parameter_data_ref().name;
                let message = format!("the parameter `{name}` is repeated; the first one counts");
                let place = parameter.node.place();
                self.findings.push(Finding::new(Code::PARAMETER_REPEATED, place, message));
            }
        }
    }

    fn servers(&mut self) -> (Vec<Server>, Level) {
        if self.is_swagger2() {
            let schemes =
                self.fields().map(|mut fields| fields.texts("schemes")).unwrap_or_default();
            if !schemes.is_empty() {
                return (
                    swagger2::servers(self.resolver, schemes, &mut self.findings),
                    Level::Operation,
                );
            }
        } else if let Some(node) = self.node {
            let own = servers(self.resolver, node, &mut self.findings);
            if !own.is_empty() {
                return (own, Level::Operation);
            }
        }
        match self.path.servers.as_slice() {
            [] => (self.document.servers.clone(), Level::Document),
            servers => (servers.to_vec(), Level::Path),
        }
    }

    fn security(&mut self) -> Vec<Requirement> {
        let own = self.node.and_then(|node| requirements(self.resolver, node, &mut self.findings));
        own.unwrap_or_else(|| self.document.security.clone())
    }

    fn answers(&mut self) -> Vec<Answer<'s>> {
        let Some(map) = self.fields().and_then(|mut fields| fields.map("responses")) else {
            return Vec::new();
        };
        let produces = if self.is_swagger2() {
            self.media_types("produces", &self.document.produces)
        } else {
            Cow::default()
        };
        let map = self.resolver.find(map).unwrap_or(map);
        let statuses = map.entries().filter(|(key, _)| !is_extension(key.as_str()));
        statuses.filter_map(|(key, node)| self.answer(key, node, &produces)).collect()
    }

    fn answer(&mut self, key: Key<'s>, node: Node<'s>, produces: &[String]) -> Option<Answer<'s>> {
        let (resolver, status) = (self.resolver, key.as_str());
        let node = match resolver.follow(node) {
            Ok(node) if node.is_map() => node,
            Ok(found) => {
                self.findings.push(wrong_type(key.place(), status, found, "an object"));
                return None;
            }
            Err(dangling) => {
                self.findings.push(dangling.finding(Code::MISSING_REFERENCE));
                return None;
            }
        };
        let answer = if self.is_swagger2() {
            swagger2::answer(resolver, status, node, produces, &mut self.findings)
        } else {
            openapi3::answer(resolver, status, node, &mut self.findings)
        };
        if !is_status(status) {
            let message = format!("`{status}` is not a status");
            self.findings.push(Finding::new(Code::ODD_STATUS, key.place(), message));
        }
        Some(answer)
    }
}

/// `200`, `2XX` or `default`.
fn is_status(text: &str) -> bool {
    let is_range = || {
        let (class, rest) = text.split_at_checked(1).unwrap_or_default();
        matches!(class.parse(), Ok(1..=9)) && rest.eq_ignore_ascii_case("xx")
    };
    text == "default" || is_range() || matches!(text.parse(), Ok(100..1000))
}

fn parameter_data(parameter: &mut openapiv3::Parameter) -> &mut openapiv3::ParameterData {
    use openapiv3::Parameter;
    match parameter {
        Parameter::Query { parameter_data, .. }
        | Parameter::Header { parameter_data, .. }
        | Parameter::Path { parameter_data, .. }
        | Parameter::Cookie { parameter_data, .. } => parameter_data,
    }
}

/// The identity of a parameter; names of headers are the same in any case.
fn key_of(parameter: &openapiv3::Parameter) -> (Discriminant<openapiv3::Parameter>, String) {
    let name = &parameter.parameter_data_ref().name;
    let name = match parameter {
        openapiv3::Parameter::Header { .. } => name.to_ascii_lowercase(),
        _ => name.clone(),
    };
    (discriminant(parameter), name)
}
