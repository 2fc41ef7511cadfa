//! Objects in the query: declared by what is sent of them.
//!
//! Required is never more than every caller sends. What the document leaves open is not
//! declared: what the gateway does not know passes through.

use openapiv3::QueryStyle;

use crate::finding::Code;
use crate::spec::model::Parameter;
use crate::spec::tree::Node;
use crate::spec::{ObjectShape, Schema};
use crate::target::tencent::map::parameters::arrival::{is_list, is_list_of_objects};
use crate::target::tencent::map::parameters::taking::{Declared, Taking, style_of};
use crate::target::tencent::map::parameters::types::{ParameterType, type_of, type_of_any};
use crate::target::tencent::map::unsupported;

/// Names that a message lists.
const LISTED: usize = 12;

/// One of the names that an object is sent under.
struct Part<'s> {
    sent: String,
    property: &'s str,
    /// What it is: one of these.
    schemas: Vec<Schema<'s>>,
    required: bool,
}

impl<'s> Part<'s> {
    /// A property as it is sent; `None` where nothing says how.
    fn of(
        whole: &Parameter<'s>,
        shape: &ObjectShape<'s>,
        property: &'s str,
        schemas: &[Schema<'s>],
    ) -> Option<Self> {
        let data = whole.given.parameter_data_ref();
        let is_deep = is_deep_object(&whole.given);
        let shapes: Vec<_> = schemas.iter().map(|schema| ObjectShape::of(*schema)).collect();
        if shapes.iter().all(ObjectShape::is_only_object) {
            return None;
        }
        let is_always = data.required && shape.others.is_empty() && !shape.is_nullable;
        let is_list =
            |schema: &Schema<'_>| is_list_of_objects(*schema) || is_deep && is_list(*schema);
        let is_told = !shapes.iter().any(|shape| shape.is_object) && !schemas.iter().any(is_list);
        Some(Self {
            sent: if is_deep { format!("{}[{property}]", data.name) } else { property.to_owned() },
            property,
            schemas: schemas.to_vec(),
            required: is_always && is_told && shape.required.contains(&property),
        })
    }
}

fn is_deep_object(given: &openapiv3::Parameter) -> bool {
    matches!(given, openapiv3::Parameter::Query { style: QueryStyle::DeepObject, .. })
}

impl Taking<'_> {
    /// An object whose properties are sent.
    pub(crate) fn object(&mut self, parameter: &Parameter<'_>, shape: &ObjectShape<'_>) {
        let (mut parts, mut nested) = (Vec::new(), Vec::new());
        let named = shape.properties.iter().filter(|(property, _)| !property.trim().is_empty());
        for (property, schemas) in named {
            match Part::of(parameter, shape, property, schemas) {
                Some(part) => parts.push(part),
                None => nested.push(*property),
            }
        }
        let (name, node) = (&parameter.given.parameter_data_ref().name, parameter.node);
        if parts.len() > self.room {
            let message = format!(
                "`{name}`, an object, is sent as {} parameters, more than the gateway takes; \
                 they pass through undeclared",
                parts.len()
            );
            return self.tell(Code::OBJECT_UNDECLARED, node, message);
        }
        self.room -= parts.len();
        self.expanded(name, &parts, node);
        self.left(name, shape, &nested, node);
        if !shape.others.is_empty() {
            self.otherwise(parameter, shape);
        }
        for part in &parts {
            self.part(parameter, part);
        }
    }

    /// An object or a list of which the document does not say how it is sent.
    pub(crate) fn unknown(&mut self, parameter: &Parameter<'_>) {
        let kind = parameter.schema.map(type_of);
        let Some(ParameterType::Flat(shape)) = kind else { return };
        let name = &parameter.given.parameter_data_ref().name;
        let style = style_of(&parameter.given);
        let message = format!(
            "`{name}`, {shape}{style}, is sent in no way that the specification tells; it passes \
             through undeclared"
        );
        self.tell(Code::OBJECT_UNDECLARED, parameter.node, message);
    }

    /// Tells what stands in the object's place.
    fn expanded(&mut self, name: &str, parts: &[Part<'_>], node: Node<'_>) {
        if !parts.is_empty() {
            let names = listed(parts.iter().map(|part| part.sent.as_str()));
            let message =
                format!("`{name}`, an object, is declared by what it is sent as: {names}");
            self.tell(Code::OBJECT_EXPANDED, node, message);
        }
    }

    /// Tells what of the object is not declared.
    fn left(&mut self, name: &str, shape: &ObjectShape<'_>, nested: &[&str], node: Node<'_>) {
        if !nested.is_empty() {
            let names = listed(nested.iter().copied());
            let message = format!(
                "of `{name}` the objects in it pass through undeclared, since nothing says how \
                 they are sent: {names}"
            );
            self.tell(Code::OBJECT_UNDECLARED, node, message);
        }
        if shape.is_open() {
            let message = format!(
                "`{name}`, an object, is sent under names that its schema does not give; they \
                 pass through undeclared"
            );
            self.tell(Code::OBJECT_UNDECLARED, node, message);
        }
    }

    /// The parameter's own name, under which it is sent where it is no object.
    fn otherwise(&mut self, parameter: &Parameter<'_>, shape: &ObjectShape<'_>) {
        let data = parameter.given.parameter_data_ref();
        let default = self.default_of(parameter.schema, parameter.node);
        let kind = self.kind_of(&data.name, &shape.others, parameter.node);
        self.declare(Declared {
            name: data.name.clone(),
            position: "QUERY",
            kind,
            required: false,
            description: data.description.as_deref(),
            default: default.filter(|value| !value.is_map()),
            node: parameter.node,
        });
    }

    fn part(&mut self, parameter: &Parameter<'_>, part: &Part<'_>) {
        let node = parameter.node;
        if self.own.contains(&*part.sent) {
            let (sent, name) = (&part.sent, &parameter.given.parameter_data_ref().name);
            let message = format!("`{sent}` of `{name}` is a parameter of its own, which counts");
            return self.tell(Code::PARAMETER_REPEATED, node, message);
        }
        if !self.is_first("QUERY", &part.sent, node) {
            return;
        }
        let [first, others @ ..] = &part.schemas[..] else { return };
        part.schemas.iter().for_each(|schema| unsupported::of_schema(*schema, node, self.notes));
        let of_whole = parameter.schema.and_then(Schema::default_value);
        let own = if others.is_empty() { self.default_of(Some(*first), node) } else { None };
        let kind = self.kind_of(&part.sent, &part.schemas, node);
        self.declare(Declared {
            name: part.sent.clone(),
            position: "QUERY",
            kind,
            required: part.required,
            description: first.description(),
            default: of_whole.and_then(|whole| whole.get(part.property)).or(own),
            node: first.written(),
        });
    }

    /// The gateway's type of a value that one of these schemas describes.
    fn kind_of(&mut self, name: &str, schemas: &[Schema<'_>], node: Node<'_>) -> &'static str {
        match type_of_any(schemas.iter().copied()) {
            ParameterType::Plain(kind) => kind,
            ParameterType::Flat(shape) => self.flattened(name, shape, node),
        }
    }
}

/// Names in a message, as many as a person reads.
fn listed<'a>(names: impl Iterator<Item = &'a str> + Clone) -> String {
    let count = names.clone().count();
    let shown: Vec<String> = names.take(LISTED).map(|name| format!("`{name}`")).collect();
    match count - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
