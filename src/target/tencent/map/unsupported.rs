//! What a document holds and no field takes, whatever is set: reported once for the
//! document, by the kinds of things that its operations use.
//!
//! Requests and answers pass through the gateway as they are, so most of it is a note:
//! what is no longer checked, and what was written for readers. A description that every
//! response has to have means nothing by itself; it is named only beside others.

use openapiv3::{
    Parameter, ParameterData, Schema, SchemaKind, StringFormat, Type, VariantOrUnknownOrEmpty,
};

use crate::finding::Code;
use crate::finding::notes::Notes;
use crate::spec::Operation;
use crate::spec::model::Media;
use crate::spec::tree::Node;
use crate::target::tencent::map::extension;
use crate::target::tencent::map::vendors::is_vendors;

/// What of one operation has no field.
pub(crate) fn of_operation(operation: &Operation<'_>, notes: &mut Notes) {
    let mut told = |is_so: bool, code: Code| {
        if is_so {
            notes.count(code, &operation.place);
        }
    };
    told(operation.callbacks > 0, Code::CALLBACKS);
    told(operation.answers.iter().any(|answer| answer.links > 0), Code::LINKS);
    told(operation.answers.iter().any(|answer| answer.headers > 0), Code::RESPONSE_HEADERS);
    documentation(operation, notes);
}

/// What was written for readers.
fn documentation(operation: &Operation<'_>, notes: &mut Notes) {
    let answers = || operation.answers.iter().flat_map(|answer| &answer.media);
    let words = [
        (!operation.tags.is_empty(), "tags"),
        (operation.deprecated, "`deprecated`"),
        (operation.external_docs, "`externalDocs`"),
        (operation.body.is_some(), "request bodies"),
        (answers().any(Media::has_schema), "schemas of responses"),
        (operation.extensions.all().any(|it| is_unread(it.name)), "extensions"),
    ];
    let described = operation
        .answers
        .iter()
        .any(|it| it.description.as_deref().is_some_and(|it| !it.is_empty()));
    if words.iter().any(|(is_so, _)| *is_so) {
        let descriptions = (described, "descriptions of responses");
        notes.count_words(
            Code::DOCUMENTATION,
            || operation.place.clone(),
            words.into_iter().chain([descriptions]),
        );
    }
}

/// Whether no other part reads an extension or reports it.
fn is_unread(name: &str) -> bool {
    !extension::is_ours(name) && !is_vendors(name)
}

/// What of one parameter has no field.
pub(crate) fn of_parameter(
    parameter: &Parameter,
    schema: Option<&Schema>,
    node: Node<'_>,
    notes: &mut Notes,
) {
    let place = || node.place();
    let data = parameter.parameter_data_ref();
    let mut constraints = Vec::new();
    if let Some(schema) = schema {
        constrained(schema, &mut constraints);
    }
    notes.count_words(
        Code::PARAMETER_CONSTRAINTS,
        place,
        constraints.into_iter().map(|word| (true, word)),
    );
    notes.count_words(Code::PARAMETER_DETAILS, place, details(parameter, data, schema));
}

fn details(
    parameter: &Parameter,
    data: &ParameterData,
    schema: Option<&Schema>,
) -> [(bool, &'static str); 5] {
    let (reserved, empty) = match parameter {
        Parameter::Query { allow_reserved, allow_empty_value, .. } => {
            (*allow_reserved, *allow_empty_value == Some(true))
        }
        _ => (false, false),
    };
    let example = data.example.is_some()
        || !data.examples.is_empty()
        || schema.is_some_and(|schema| schema.schema_data.example.is_some());
    [
        (reserved, "`allowReserved`"),
        (empty, "`allowEmptyValue`"),
        (data.deprecated == Some(true), "`deprecated`"),
        (example, "examples"),
        (!data.extensions.is_empty(), "extensions"),
    ]
}

/// The keywords that say which values of its type a parameter takes, those of a list's
/// items and of alternatives among them.
fn constrained(schema: &Schema, words: &mut Vec<&'static str>) {
    let mut say = |is_so: bool, word| words.extend(is_so.then_some(word));
    match &schema.schema_kind {
        SchemaKind::Type(Type::String(string)) => {
            say(!string.enumeration.is_empty(), "`enum`");
            say(string.pattern.is_some(), "`pattern`");
            say(string.min_length.is_some(), "`minLength`");
            say(string.max_length.is_some(), "`maxLength`");
            say(names_a_format(&string.format), "`format`");
        }
        SchemaKind::Type(Type::Integer(number)) => {
            say(!number.enumeration.is_empty(), "`enum`");
            say(number.multiple_of.is_some(), "`multipleOf`");
            say(number.minimum.is_some(), "`minimum`");
            say(number.maximum.is_some(), "`maximum`");
        }
        SchemaKind::Type(Type::Number(number)) => {
            say(!number.enumeration.is_empty(), "`enum`");
            say(number.multiple_of.is_some(), "`multipleOf`");
            say(number.minimum.is_some(), "`minimum`");
            say(number.maximum.is_some(), "`maximum`");
        }
        SchemaKind::Type(Type::Boolean(boolean)) => say(!boolean.enumeration.is_empty(), "`enum`"),
        SchemaKind::Type(Type::Array(array)) => {
            say(array.min_items.is_some(), "`minItems`");
            say(array.max_items.is_some(), "`maxItems`");
            say(array.unique_items, "`uniqueItems`");
            array.items.iter().filter_map(|it| it.as_item()).for_each(|it| constrained(it, words));
        }
        SchemaKind::OneOf { one_of: members }
        | SchemaKind::AnyOf { any_of: members }
        | SchemaKind::AllOf { all_of: members } => {
            members.iter().filter_map(|it| it.as_item()).for_each(|it| constrained(it, words));
        }
        SchemaKind::Any(any) => {
            say(!any.enumeration.is_empty(), "`enum`");
            say(any.pattern.is_some(), "`pattern`");
        }
        SchemaKind::Type(Type::Object(_)) | SchemaKind::Not { .. } => {}
    }
}

fn names_a_format(format: &VariantOrUnknownOrEmpty<StringFormat>) -> bool {
    !matches!(format, VariantOrUnknownOrEmpty::Empty)
}
