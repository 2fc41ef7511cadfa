//! One operation, with all that holds for it.

use std::sync::Arc;

use openapiv3::{Parameter, ReferenceOr, Responses};

use crate::finding::{Code, Finding, Place};
use crate::spec::model::{
    Answer, Extension, Extensions, Level, Method, Operation, Requirement, Server,
};
use crate::spec::read::outline::{OperationOutline, PathOutline};
use crate::spec::read::security::requirements;
use crate::spec::read::servers::servers;
use crate::spec::read::status::{Status, status};
use crate::spec::read::{
    Dialect, Fields, Scope, extensions, is_extension, openapi3, swagger2, wrong_type,
};
use crate::spec::tree::{Key, Node};

/// What the document says for all of its operations.
#[derive(Debug)]
pub(crate) struct DocumentLevel<'s> {
    servers: Vec<Server>,
    security: Vec<Requirement>,
    extensions: Arc<[Extension<'s>]>,
    consumes: Vec<String>,
    produces: Vec<String>,
}

impl<'s> DocumentLevel<'s> {
    pub(crate) fn of(scope: Scope<'s>, findings: &mut Vec<Finding>) -> Self {
        let security = requirements(scope, scope.root, findings).unwrap_or_default();
        let mut level = Self {
            servers: Vec::new(),
            security,
            extensions: extension_list(scope, scope.root),
            consumes: Vec::new(),
            produces: Vec::new(),
        };
        if scope.dialect == Dialect::Swagger2 {
            let mut fields = Fields::of(scope.root, findings);
            level.consumes = fields.texts("consumes");
            level.produces = fields.texts("produces");
            let schemes = fields.texts("schemes");
            level.servers = swagger2::servers(scope, schemes, findings);
        } else {
            level.servers = servers(scope, scope.root, findings);
        }
        level
    }
}

/// What a path item says for all of its operations.
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
    pub(crate) fn of(scope: Scope<'s>, outline: &PathOutline<'s>) -> Self {
        let mut findings = Vec::new();
        let mut level = Self {
            path: outline.path,
            parameters: Vec::new(),
            servers: Vec::new(),
            summary: None,
            description: None,
            extensions: Arc::default(),
            declares_options: outline
                .operations
                .iter()
                .any(|found| found.method == Method::Options),
            item: outline.layers.iter().copied().find(|&layer| says_more(layer)),
            findings: Vec::new(),
        };
        for &layer in &outline.layers {
            let mut fields = Fields::of(layer, &mut findings);
            level.summary = level.summary.or_else(|| fields.text("summary"));
            level.description = level.description.or_else(|| fields.text("description"));
            if level.parameters.is_empty() {
                level.parameters =
                    fields.list("parameters").into_iter().flat_map(Node::items).collect();
            }
            if level.servers.is_empty() && scope.dialect != Dialect::Swagger2 {
                level.servers = servers(scope, layer, &mut findings);
            }
            if level.extensions.is_empty() {
                level.extensions = extension_list(scope, layer);
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

fn extension_list<'s>(scope: Scope<'s>, node: Node<'s>) -> Arc<[Extension<'s>]> {
    extensions(node).map(|(key, value)| Extension::new(scope, key, value)).collect()
}

/// Reads one operation. It exists whatever is wrong with it.
pub(crate) fn read<'s>(
    scope: Scope<'s>,
    document: &DocumentLevel<'s>,
    path: &PathLevel<'s>,
    outline: &OperationOutline<'s>,
) -> Operation<'s> {
    let mut findings = outline.findings.clone();
    findings.extend(path.findings.iter().cloned());
    let node = target(scope, outline.node, &mut findings);
    let mut reader = Reader { scope, document, path, node, findings };
    let parameters = reader.parameters();
    let (servers, servers_level) = reader.servers();
    let (responses, answers) = reader.responses();
    let api = reader.api(parameters.body, responses);
    let own = node.into_iter().flat_map(extensions);
    let extensions = Extensions {
        operation: own.map(|(key, value)| Extension::new(scope, key, value)).collect(),
        path: path.extensions.clone(),
        document: document.extensions.clone(),
    };
    let (api_parameters, parameter_places) = parameters.given.into_iter().unzip();
    Operation {
        place: outline.place.clone(),
        method: outline.method.clone(),
        path: path.path.into(),
        api: openapiv3::Operation { parameters: api_parameters, ..api },
        parameter_places,
        servers,
        servers_level,
        security: reader.security(),
        extensions,
        path_declares_options: path.declares_options,
        answers,
        findings: reader.findings,
        nodes: [node, path.item],
    }
}

/// What an operation's value leads to.
fn target<'s>(scope: Scope<'s>, node: Node<'s>, findings: &mut Vec<Finding>) -> Option<Node<'s>> {
    match scope.follow(node) {
        Ok(target) if target.is_map() => Some(target),
        Ok(target) => {
            let message =
                format!("the operation's `$ref` leads to {}, not an operation", target.kind());
            findings.push(Finding::new(Code::MISSING_REFERENCE, node.place(), message));
            None
        }
        Err(lost) => {
            findings.push(lost.finding(Code::MISSING_REFERENCE));
            None
        }
    }
}

struct Reader<'s, 'd> {
    scope: Scope<'s>,
    document: &'d DocumentLevel<'s>,
    path: &'d PathLevel<'s>,
    /// `None` where its `$ref` leads nowhere.
    node: Option<Node<'s>>,
    findings: Vec<Finding>,
}

/// An operation's parameters, and the body that 2.0 has among them.
#[derive(Default)]
struct Parameters {
    given: Vec<(ReferenceOr<Parameter>, Place)>,
    body: Vec<swagger2::Given>,
}

impl<'s> Reader<'s, '_> {
    fn fields(&mut self) -> Option<Fields<'s, '_>> {
        Some(Fields::of(self.node?, &mut self.findings))
    }

    fn is_swagger2(&self) -> bool {
        self.scope.dialect == Dialect::Swagger2
    }

    fn api(&mut self, body: Vec<swagger2::Given>, responses: Responses) -> openapiv3::Operation {
        let request_body = self.request_body(body);
        let path = self.path;
        let Some(mut fields) = self.fields() else { return openapiv3::Operation::default() };
        openapiv3::Operation {
            tags: fields.texts("tags"),
            summary: fields.text("summary").or(path.summary).map(str::to_owned),
            description: fields.text("description").or(path.description).map(str::to_owned),
            external_docs: fields.node.get("externalDocs").map(openapi3::external_docs),
            operation_id: fields.string("operationId"),
            deprecated: fields.flag("deprecated").unwrap_or_default(),
            callbacks: fields.map("callbacks").map(openapi3::callbacks).unwrap_or_default(),
            request_body: request_body.map(ReferenceOr::Item),
            responses,
            ..openapiv3::Operation::default()
        }
    }

    fn request_body(&mut self, body: Vec<swagger2::Given>) -> Option<openapiv3::RequestBody> {
        let node = self.node?;
        if !self.is_swagger2() {
            return openapi3::request_body(
                self.scope,
                node.get("requestBody")?,
                &mut self.findings,
            );
        }
        let own = Fields::of(node, &mut self.findings).texts("consumes");
        let consumes = if node.get("consumes").is_some() { &own } else { &self.document.consumes };
        swagger2::request_body(body, consumes)
    }

    /// The parameters of the path, then the operation's own; an own one takes the place of
    /// the path's with the same name and location.
    fn parameters(&mut self) -> Parameters {
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
    fn parameter(&mut self, node: Node<'s>, from: usize, into: &mut Parameters) {
        let node = match self.scope.follow(node) {
            Ok(node) if node.is_map() => node,
            Ok(found) => {
                let why = format!("it is {}, not an object", found.kind());
                return self.findings.push(openapi3::broken(node, &why));
            }
            Err(lost) => return self.findings.push(lost.finding(Code::MISSING_REFERENCE)),
        };
        let parameter = if self.is_swagger2() {
            match swagger2::parameter(self.scope, node, &mut self.findings) {
                Some(swagger2::Given::Parameter(parameter)) => Some(*parameter),
                Some(body) => return into.body.push(body),
                None => None,
            }
        } else {
            openapi3::parameter(self.scope, node, &mut self.findings)
        };
        if let Some(parameter) = parameter {
            self.place_parameter(parameter, node.place(), from, into);
        }
    }

    fn place_parameter(
        &mut self,
        parameter: Parameter,
        place: Place,
        from: usize,
        into: &mut Parameters,
    ) {
        let known = |(given, _): &(ReferenceOr<Parameter>, Place)| match given {
            ReferenceOr::Item(given) => same(given, &parameter),
            ReferenceOr::Reference { .. } => false,
        };
        match into.given.iter().position(known) {
            Some(index) if index < from => {
                into.given[index] = (ReferenceOr::Item(parameter), place);
            }
            Some(_) => {
                let name = &parameter.parameter_data_ref().name;
                let message = format!("the parameter `{name}` stands twice; the first one counts");
                self.findings.push(Finding::new(Code::PARAMETER_REPEATED, place, message));
            }
            None => into.given.push((ReferenceOr::Item(parameter), place)),
        }
    }

    fn servers(&mut self) -> (Vec<Server>, Level) {
        if self.is_swagger2() {
            let schemes =
                self.fields().map(|mut fields| fields.texts("schemes")).unwrap_or_default();
            if !schemes.is_empty() {
                return (
                    swagger2::servers(self.scope, schemes, &mut self.findings),
                    Level::Operation,
                );
            }
        } else if let Some(node) = self.node {
            let own = servers(self.scope, node, &mut self.findings);
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
        let own = self.node.and_then(|node| requirements(self.scope, node, &mut self.findings));
        own.unwrap_or_else(|| self.document.security.clone())
    }

    fn responses(&mut self) -> (Responses, Vec<Answer<'s>>) {
        let mut responses = Responses::default();
        let mut answers = Vec::new();
        let Some(map) = self.fields().and_then(|mut fields| fields.map("responses")) else {
            return (responses, answers);
        };
        let produces = self.produces();
        let map = self.scope.find(map).unwrap_or(map);
        for (key, node) in map.entries().filter(|(key, _)| !is_extension(key.as_str())) {
            let Some((response, answer)) = self.response(key, node, &produces) else { continue };
            let response = ReferenceOr::Item(response);
            match status(key.as_str()) {
                Some(Status::Default) => responses.default = Some(response),
                Some(Status::Code(code)) => _ = responses.responses.insert(code, response),
                None => {
                    let message = format!("`{}` is no status", key.as_str());
                    self.findings.push(Finding::new(Code::ODD_STATUS, key.place(), message));
                }
            }
            answers.push(answer);
        }
        (responses, answers)
    }

    fn produces(&mut self) -> Vec<String> {
        if !self.is_swagger2() {
            return Vec::new();
        }
        match self.node.and_then(|node| node.get("produces")) {
            Some(_) => self.fields().map(|mut fields| fields.texts("produces")).unwrap_or_default(),
            None => self.document.produces.clone(),
        }
    }

    fn response(
        &mut self,
        key: Key<'s>,
        node: Node<'s>,
        produces: &[String],
    ) -> Option<(openapiv3::Response, Answer<'s>)> {
        let status = key.as_str();
        let node = match self.scope.follow(node) {
            Ok(node) if node.is_map() => node,
            Ok(found) => {
                self.findings.push(wrong_type(key.place(), status, found, "an object"));
                return None;
            }
            Err(lost) => {
                self.findings.push(lost.finding(Code::MISSING_REFERENCE));
                return None;
            }
        };
        Some(if self.is_swagger2() {
            let response = swagger2::response(node, produces, &mut self.findings);
            let answer = swagger2::answer(self.scope, status, node, &response);
            (response, answer)
        } else {
            let response = openapi3::response(node, &mut self.findings);
            (response, openapi3::answer(self.scope, status, node))
        })
    }
}

/// Whether two parameters are one: names of headers differ in more than case only.
fn same(a: &Parameter, b: &Parameter) -> bool {
    let (first, second) = (&a.parameter_data_ref().name, &b.parameter_data_ref().name);
    match (a, b) {
        (Parameter::Header { .. }, Parameter::Header { .. }) => first.eq_ignore_ascii_case(second),
        _ => std::mem::discriminant(a) == std::mem::discriminant(b) && first == second,
    }
}
