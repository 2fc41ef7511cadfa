//! What a document holds and no field takes, whatever is set: reported once for the
//! document, by the kinds of things that its operations use.
//!
//! Requests and answers pass through the gateway as they are, so most of it is a note:
//! what is no longer checked, and what was written for readers. A description that every
//! response has to have means nothing by itself; it is named only beside others.

use crate::finding::Code;
use crate::finding::notes::Notes;
use crate::spec::model::{Media, Parameter};
use crate::spec::{Node, Operation, Schema};
use crate::target::tencent::map::extension;
use crate::target::tencent::map::vendors::is_vendors;

/// Schemas inside each other that are looked into: they may contain themselves.
const DEPTH: u32 = 4;

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
pub(crate) fn of_parameter(parameter: &Parameter<'_>, notes: &mut Notes) {
    if let Some(schema) = parameter.schema {
        of_schema(schema, parameter.node, notes);
    }
    notes.count_words(Code::PARAMETER_DETAILS, || parameter.node.place(), details(parameter));
}

/// What of a schema of parameters the gateway does not check.
pub(crate) fn of_schema(schema: Schema<'_>, node: Node<'_>, notes: &mut Notes) {
    let mut words = Vec::new();
    constrained(schema, DEPTH, &mut words);
    let words = words.into_iter().map(|word| (true, word));
    notes.count_words(Code::PARAMETER_CONSTRAINTS, || node.place(), words);
}

fn details(parameter: &Parameter<'_>) -> [(bool, &'static str); 5] {
    let data = parameter.given.parameter_data_ref();
    let (reserved, empty) = match &parameter.given {
        openapiv3::Parameter::Query { allow_reserved, allow_empty_value, .. } => {
            (*allow_reserved, *allow_empty_value == Some(true))
        }
        _ => (false, false),
    };
    let example = data.example.is_some()
        || !data.examples.is_empty()
        || parameter.schema.is_some_and(|schema| schema.example().is_some());
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
fn constrained(schema: Schema<'_>, depth: u32, words: &mut Vec<&'static str>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    let is_text = schema.kinds() == ["string"];
    let said = [
        (!schema.enumeration().is_empty(), "`enum`"),
        (schema.pattern().is_some(), "`pattern`"),
        (schema.min_length().is_some(), "`minLength`"),
        (schema.max_length().is_some(), "`maxLength`"),
        (is_text && schema.format().is_some_and(|format| !format.is_empty()), "`format`"),
        (schema.multiple_of().is_some(), "`multipleOf`"),
        (schema.minimum().is_some(), "`minimum`"),
        (schema.maximum().is_some(), "`maximum`"),
        (schema.min_items().is_some(), "`minItems`"),
        (schema.max_items().is_some(), "`maxItems`"),
        (schema.unique_items(), "`uniqueItems`"),
    ];
    words.extend(said.into_iter().filter(|(is_so, _)| *is_so).map(|(_, word)| word));
    let parts = [schema.all_of(), schema.one_of(), schema.any_of()].into_iter().flatten();
    parts.chain(schema.items()).for_each(|part| constrained(part, depth, words));
}
