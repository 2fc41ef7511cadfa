//! The parameters of a request in the making: each name once, each of a type of the gateway.

use std::collections::HashSet;

use openapiv3::{ParameterSchemaOrContent, PathStyle, QueryStyle};
use serde_json::Value;

use crate::finding::Code;
use crate::finding::notes::Notes;
use crate::spec::model::Parameter;
use crate::spec::{Node, Schema};
use crate::target::tencent::fields::{Fields, set, set_some};
use crate::target::tencent::map::parameters::arrival::is_list_of_objects;
use crate::target::tencent::map::parameters::types::{ParameterType, text_of, type_of, value_of};
use crate::target::tencent::map::plain::{one_line, plain};
use crate::target::tencent::names::{REQUEST_PARAMETERS, item};
use crate::text::secrets;

/// A parameter of the gateway in the making.
pub(crate) struct Declared<'s> {
    pub(crate) name: String,
    pub(crate) position: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) required: bool,
    pub(crate) description: Option<&'s str>,
    pub(crate) default: Option<Node<'s>>,
    /// Where it is written.
    pub(crate) node: Node<'s>,
}

pub(crate) struct Taking<'a> {
    pub(crate) names: HashSet<&'a str>,
    /// The parameter that has become the end of the path.
    pub(crate) rest: Option<&'a str>,
    pub(crate) description_limit: usize,
    /// Whether defaults that are secrets are left out.
    pub(crate) redact: bool,
    pub(crate) notes: &'a mut Notes,
    /// Query parameters that are sent under their own names.
    pub(crate) own: HashSet<&'a str>,
    /// How many parameters objects may become.
    pub(crate) room: usize,
    /// Positions and names so far; header names in lower case.
    pub(crate) seen: HashSet<(&'static str, String)>,
    pub(crate) taken: Vec<Value>,
}

impl Taking<'_> {
    pub(crate) fn declare(&mut self, declared: Declared<'_>) {
        let Declared { name, position, kind, node, .. } = declared;
        let desc = plain(declared.description.unwrap_or_default(), self.description_limit);
        if desc.cut {
            let message = format!("the description of `{name}` is cut");
            self.tell(Code::DESCRIPTION_CUT, node, message);
        }
        let default = declared.default.and_then(|value| self.default(value, &name, kind, node));
        let default = default.filter(|value| !self.is_redacted(value, &name, node));
        let mut taken = Fields::with_capacity(6);
        set(&mut taken, item::NAME, name);
        set_some(&mut taken, item::DESC, Some(desc.text).filter(|text| !text.is_empty()));
        set(&mut taken, item::POSITION, position);
        set(&mut taken, item::TYPE, kind);
        set_some(&mut taken, item::DEFAULT_VALUE, default);
        set(&mut taken, item::REQUIRED, declared.required);
        let (index, what) = (self.taken.len(), "the parameter");
        self.notes.of_item(REQUEST_PARAMETERS, index, what, || node.place());
        self.taken.push(taken.into());
    }

    /// Whether there is none of this name yet, which is told.
    pub(crate) fn is_first(&mut self, position: &'static str, name: &str, node: Node<'_>) -> bool {
        let is_first = self.seen.insert((position, key_of(position, name)));
        if !is_first {
            let message = format!("the parameter `{name}` is declared twice; the first counts");
            self.tell(Code::PARAMETER_REPEATED, node, message);
        }
        is_first
    }

    /// The gateway's type; tells what was flattened.
    pub(crate) fn kind(&mut self, parameter: &Parameter<'_>) -> &'static str {
        let data = parameter.given.parameter_data_ref();
        let kind = parameter.schema.map_or(ParameterType::Plain("string"), type_of);
        let shape = match (&data.format, kind) {
            (ParameterSchemaOrContent::Content(content), _) => {
                let media = content.keys().next().map_or("another media type", String::as_str);
                format!("text of {}", one_line(media))
            }
            (_, ParameterType::Plain(plain)) => return plain,
            (_, ParameterType::Flat(shape)) => {
                let of_objects = parameter.schema.is_some_and(is_list_of_objects);
                let of_what = if of_objects { " of objects" } else { "" };
                format!("{shape}{of_what}{}", style_of(&parameter.given))
            }
        };
        self.flattened(&data.name, &shape, parameter.node)
    }

    pub(crate) fn flattened(&mut self, name: &str, shape: &str, node: Node<'_>) -> &'static str {
        let message = format!("`{name}`, {shape}, is declared as a string");
        self.tell(Code::PARAMETER_FLATTENED, node, message);
        "string"
    }

    /// The default that a schema has; one that is void is told.
    pub(crate) fn default_of<'s>(
        &mut self,
        schema: Option<Schema<'s>>,
        node: Node<'_>,
    ) -> Option<Node<'s>> {
        let schema = schema?;
        if let Some(void) = schema.void_default() {
            let text = text_of(void).unwrap_or_default();
            let message =
                format!("the default `{}` beside a `$ref` does not count", one_line(&text));
            self.tell(Code::VOID_DEFAULT, node, message);
        }
        schema.default_value()
    }

    /// The default; one that is not a value of the parameter's type is a finding and left out.
    pub(crate) fn default(
        &mut self,
        value: Node<'_>,
        name: &str,
        kind: &str,
        node: Node<'_>,
    ) -> Option<String> {
        let text = text_of(value)?;
        let value = value_of(&text, kind);
        if value.is_none() {
            let text = one_line(&text);
            let message = format!(
                "`{text}` is not of the type {kind}; `{name}` is declared without a default"
            );
            self.tell(Code::DEFAULT_OF_ANOTHER_TYPE, node, message);
        }
        value
    }

    /// Whether a default is a secret that is to be left out; one that is none is told as well.
    fn is_redacted(&mut self, value: &str, name: &str, node: Node<'_>) -> bool {
        let Some(kind) = secrets::named(name, value) else { return false };
        let left_out = if self.redact { "; it is left out" } else { "" };
        let message = format!("the default of `{name}` looks like {kind}{left_out}");
        self.tell(Code::SECRET_IN_DOCUMENT, node, message);
        self.redact
    }

    pub(crate) fn tell(&mut self, code: Code, node: Node<'_>, message: String) {
        self.notes.tell(code, &node.place(), message);
    }
}

/// A name as it is told from others of its position: headers are the same in any case.
pub(crate) fn key_of(position: &str, name: &str) -> String {
    if position == "HEADER" { name.to_ascii_lowercase() } else { name.to_owned() }
}

/// How the document wants a flattened value written, where it is not the usual way.
pub(crate) fn style_of(parameter: &openapiv3::Parameter) -> &'static str {
    use openapiv3::Parameter;
    match parameter {
        Parameter::Query { style: QueryStyle::DeepObject, .. } => " written as `deepObject`",
        Parameter::Query { style: QueryStyle::PipeDelimited, .. } => " separated by `|`",
        Parameter::Query { style: QueryStyle::SpaceDelimited, .. } => " separated by spaces",
        Parameter::Query { parameter_data, .. } if parameter_data.explode == Some(false) => {
            " separated by commas"
        }
        Parameter::Path { style: PathStyle::Matrix, .. } => " written as `matrix`",
        Parameter::Path { style: PathStyle::Label, .. } => " written as `label`",
        _ => "",
    }
}
