//! The parameters that callers send: names, positions, types, defaults.
//!
//! Request bodies and form fields pass through the gateway and are not declared. Types are
//! the few that the gateway's clients write; what has no such type is a string there, and
//! a finding tells what was flattened. An object in the query is declared by what is sent of
//! it: see `objects`.

mod arrival;
mod objects;
mod taking;
mod types;

use std::collections::HashSet;

use serde_json::Value;

use crate::finding::notes::Notes;
use crate::finding::{Code, Place};
use crate::spec::Operation;
use crate::spec::model::Parameter;
use crate::target::tencent::fields::{Fields, set};
use crate::target::tencent::map::backend::{Constant, Renamed};
use crate::target::tencent::map::options::MappingOptions;
use crate::target::tencent::map::unsupported;
use crate::target::tencent::names::{REQUEST_PARAMETERS, item};

use arrival::Arrival;
use taking::{Declared, Taking, key_of};

/// Headers that the OpenAPI specification takes out of parameters: requests carry them
/// whether declared or not.
const NO_PARAMETERS: &[&str] = &["accept", "content-type", "authorization"];

/// Parameters that the gateway takes at most (its error text).
pub(crate) const LIMIT: usize = 100;

/// The request parameters of an operation whose front path names `names`, which leave out
/// `rest`, and whose backend is sent `sent` under other names.
pub(crate) fn request_parameters(
    operation: &Operation<'_>,
    names: &[&str],
    rest: Option<&str>,
    sent: &[Renamed],
    options: &MappingOptions,
    notes: &mut Notes,
) -> Vec<Value> {
    let mut taking = Taking {
        names: names.iter().copied().collect(),
        rest,
        description_limit: options.description_limit,
        redact: options.redact,
        notes,
        own: arrival::own_names(operation),
        room: LIMIT.saturating_sub(operation.parameters.len() + names.len()),
        seen: HashSet::new(),
        taken: Vec::new(),
    };
    operation.parameters.iter().for_each(|parameter| taking.parameter(parameter));
    let of_path = names.iter().map(|name| ("PATH", *name));
    // A path has the parameters that it names.
    let of_backend = sent.iter().filter(|it| it.source_position != "PATH");
    let of_backend = of_backend.map(|it| (it.source_position, it.source_name.as_str()));
    for (position, name) in of_path.chain(of_backend) {
        if taking.seen.insert((position, key_of(position, name))) {
            let (notes, place) = (&mut *taking.notes, &operation.place);
            let what = if position == "PATH" { "the path" } else { "what the backend is sent" };
            notes.of_item(REQUEST_PARAMETERS, taking.taken.len(), what, || place.clone());
            taking.taken.push(undeclared(position, name, place, notes));
        }
    }
    taking.taken
}

/// What the backend is sent of them: what is renamed, and path parameters under their own
/// names, as far as the backend's path names them. Others pass through without being listed.
pub(crate) fn service_parameters(renamed: &[Renamed], front: &[&str], back: &[&str]) -> Vec<Value> {
    let in_path = |it: &&Renamed| it.position == "PATH";
    let back: HashSet<&str> = back.iter().copied().collect();
    let renamed_in_path: HashSet<&str> =
        renamed.iter().filter(in_path).map(|it| it.name.as_str()).collect();
    // A path that the settings set has names of its own.
    let has_place = |it: &&Renamed| !in_path(it) || back.contains(it.name.as_str());
    let own = front.iter().filter(|own| back.contains(*own) && !renamed_in_path.contains(*own));
    let own = own.map(|own| service_parameter("PATH", own, "PATH", own));
    let moved = renamed
        .iter()
        .filter(has_place)
        .map(|it| service_parameter(it.position, &it.name, it.source_position, &it.source_name));
    moved.chain(own).collect()
}

fn service_parameter(position: &str, name: &str, source_position: &str, source: &str) -> Value {
    let mut parameter = Fields::with_capacity(4);
    set(&mut parameter, item::NAME, name);
    set(&mut parameter, item::POSITION, position);
    set(&mut parameter, item::SOURCE_POSITION, source_position);
    set(&mut parameter, item::SOURCE_NAME, source);
    parameter.into()
}

/// A parameter of a fixed value.
pub(crate) fn constant(constant: &Constant) -> Value {
    let mut parameter = Fields::with_capacity(4);
    set(&mut parameter, item::NAME, &*constant.name);
    set(&mut parameter, item::POSITION, constant.position);
    set(&mut parameter, item::DEFAULT_VALUE, &*constant.value);
    parameter.into()
}

fn undeclared(position: &str, name: &str, place: &Place, notes: &mut Notes) -> Value {
    let whose = if position == "PATH" { "the path names" } else { "the backend is sent" };
    let message = format!("{whose} `{name}`, which is not declared; it is declared as a string");
    notes.tell(Code::PARAMETER_UNDECLARED, place, message);
    let mut parameter = Fields::with_capacity(4);
    set(&mut parameter, item::NAME, name);
    set(&mut parameter, item::POSITION, position);
    set(&mut parameter, item::TYPE, "string");
    set(&mut parameter, item::REQUIRED, position == "PATH");
    parameter.into()
}

impl Taking<'_> {
    fn parameter(&mut self, parameter: &Parameter<'_>) {
        let Some(position) = self.position(parameter) else { return };
        let data = parameter.given.parameter_data_ref();
        if !self.is_first(position, &data.name, parameter.node) {
            return;
        }
        unsupported::of_parameter(parameter, self.notes);
        match Arrival::of(parameter) {
            Arrival::OwnName { always } => {
                let kind = self.kind(parameter);
                let default = self.default_of(parameter.schema, parameter.node);
                let required = (data.required && always) || position == "PATH";
                self.declare(Declared {
                    name: data.name.clone(),
                    position,
                    kind,
                    required,
                    description: data.description.as_deref(),
                    default,
                    node: parameter.node,
                });
            }
            Arrival::Properties(shape) => self.object(parameter, &shape),
            Arrival::Unknown => self.unknown(parameter),
        }
    }

    /// Where callers put it; `None` where the gateway has no such parameter.
    fn position(&mut self, parameter: &Parameter<'_>) -> Option<&'static str> {
        let (name, node) = (parameter.given.parameter_data_ref().name.as_str(), parameter.node);
        if name.trim().is_empty() {
            let message = "a parameter without a name is left out";
            self.tell(Code::PARAMETER_UNNAMED, node, message.into());
            return None;
        }
        let position = match parameter.given {
            openapiv3::Parameter::Query { .. } => "QUERY",
            openapiv3::Parameter::Path { .. } => "PATH",
            openapiv3::Parameter::Header { .. } => "HEADER",
            openapiv3::Parameter::Cookie { .. } => {
                let message = format!("the cookie `{name}` is not declared; cookies pass through");
                self.tell(Code::COOKIE_PARAMETER, node, message);
                return None;
            }
        };
        if position == "HEADER" && NO_PARAMETERS.contains(&&*key_of(position, name)) {
            return None;
        }
        if position == "PATH" && !self.names.contains(name) {
            if self.rest == Some(name) {
                return None;
            }
            let message =
                format!("the path does not name the parameter `{name}`, so it is left out");
            self.tell(Code::PARAMETER_UNUSED, node, message);
            return None;
        }
        Some(position)
    }
}
