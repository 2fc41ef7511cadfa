//! Schemas on demand: references, and what stands beside them.

use serde_json::{Value, json};

use crate::spec::{DocumentSet, Node, Schema, SourceText};

/// The schema of a parameter in a document of this version, `components/schemas` at hand.
pub(crate) fn with<T>(
    version: &str,
    schema: &Value,
    others: &Value,
    then: impl FnOnce(Schema<'_>) -> T,
) -> T {
    let parameter = json!({ "name": "q", "in": "query", "schema": schema });
    let document = json!({
        "openapi": version,
        "paths": { "/a": { "get": { "parameters": [parameter] } } },
        "components": { "schemas": others },
    });
    let source = SourceText { name: "a.json".into(), text: document.to_string() };
    let set = DocumentSet::new(source).unwrap();
    let document = set.document().unwrap();
    let operation = document.operations().next().unwrap();
    then(operation.parameters[0].schema.unwrap())
}

/// Its type, its default and the names of its properties.
fn outline(version: &str, schema: &Value) -> (Vec<String>, Option<String>, Vec<String>) {
    let others = json!({
        "A": { "$ref": "#/components/schemas/B", "default": "of A" },
        "B": { "type": "string", "default": "of B", "properties": { "b": {} } },
    });
    with(version, schema, &others, |schema| {
        let text = |node: Node<'_>| node.as_str().unwrap().to_owned();
        let types = schema.types().into_iter().map(str::to_owned).collect();
        let names = schema.properties().map(|(name, _)| name.to_owned()).collect();
        (types, schema.default_value().map(text), names)
    })
}

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "cases read better without borrows")]
fn check(version: &str, schema: Value, default: &str, names: &[&str]) {
    let (types, found, properties) = outline(version, &schema);
    assert_eq!((types, found.as_deref()), (vec!["string".to_owned()], Some(default)));
    assert_eq!(properties, names);
}

#[test]
fn what_stands_beside_a_reference_counts_over_the_target_from_3_1_on() {
    let (a, b) = ("#/components/schemas/A", "#/components/schemas/B");
    let beside = json!({ "$ref": b, "default": "own", "properties": { "c": {} } });
    check("3.1.0", beside.clone(), "own", &["c", "b"]);
    check("3.0.3", beside, "of B", &["b"]);
    check("3.1.0", json!({ "$ref": a }), "of A", &["b"]);
    check("3.2.0", json!({ "$ref": a, "default": "own" }), "own", &["b"]);
    check("3.0.3", json!({ "$ref": a }), "of B", &["b"]);
}

#[test]
fn a_default_beside_a_reference_is_void_before_3_1() {
    let schema = json!({ "$ref": "#/components/schemas/B", "default": "own" });
    let others = json!({ "B": { "type": "string" } });
    let void = |version| with(version, &schema, &others, |it| it.void_default().is_some());
    assert!(void("3.0.0"));
    assert!(!void("3.1.0"));
    let own = json!({ "type": "string", "default": "own" });
    assert!(!with("3.0.0", &own, &others, |it| it.void_default().is_some()));
}
