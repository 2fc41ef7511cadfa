//! What parameters of all versions have in common, as types of OpenAPI 3.0.

use indexmap::IndexMap;
use openapiv3::{
    AnySchema, ParameterData, ParameterSchemaOrContent, ReferenceOr, SchemaData, SchemaKind,
};

use crate::finding::{Code, Finding};
use crate::spec::read::fields::{Fields, extensions};
use crate::spec::tree::Node;

/// A parameter that cannot be understood.
pub(crate) fn broken(node: Node<'_>, why: &str) -> Finding {
    Finding::new(Code::BROKEN_PARAMETER, node.place(), format!("this parameter is left out: {why}"))
}

/// The fields that 2.0 has too.
pub(crate) fn data(name: String, location: &str, fields: &mut Fields<'_, '_>) -> ParameterData {
    let extensions = extensions(fields.node);
    ParameterData {
        name,
        required: fields.flag("required").unwrap_or_default() || location == "path",
        description: fields.string("description"),
        extensions: extensions
            .map(|(key, value)| (key.as_str().to_owned(), value.to_value()))
            .collect(),
        format: format(),
        deprecated: None,
        example: None,
        examples: IndexMap::new(),
        explode: None,
    }
}

/// The format of a parameter that has a schema, which is kept beside it.
fn format() -> ParameterSchemaOrContent {
    let any = openapiv3::Schema {
        schema_data: SchemaData::default(),
        schema_kind: SchemaKind::Any(AnySchema::default()),
    };
    ParameterSchemaOrContent::Schema(ReferenceOr::Item(any))
}
