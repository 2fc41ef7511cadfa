//! Bodies made from schemas: valid, bounded and the same every time.

use serde_json::json;

use crate::spec::{DocumentSet, SourceText};
use crate::target::tencent::map::synthesis::*;

/// The value made of a schema, other schemas in `components` at hand.
fn made_among(schema: &Value, others: &Value) -> Option<Value> {
    let answer =
        json!({ "description": "", "content": { "application/json": { "schema": schema } } });
    let document = json!({
        "openapi": "3.1.0",
        "paths": { "/a": { "get": { "responses": { "200": answer } } } },
        "components": { "schemas": others },
    });
    let set =
        DocumentSet::new(SourceText { name: "a.json".into(), text: document.to_string() }).unwrap();
    let document = set.document().unwrap();
    let operation = document.operations().next().unwrap();
    value(operation.answers[0].media[0].schema().unwrap())
}

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "cases read better without borrows")]
fn check(schema: Value, expected: Value) {
    assert_eq!(made_among(&schema, &json!({})), Some(expected), "{schema}");
}

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "cases read better without borrows")]
fn none(schema: Value) {
    assert_eq!(made_among(&schema, &json!({})), None, "{schema}");
}

#[test]
fn what_the_schema_gives_is_taken_in_this_order() {
    check(json!({ "type": "string", "enum": ["b", "a"], "default": "a" }), json!("b"));
    check(json!({ "type": "integer", "default": 7, "example": 8 }), json!(7));
    check(json!({ "type": "integer", "example": 8 }), json!(8));
    check(json!({ "const": { "a": 1 } }), json!({ "a": 1 }));
    // An example of another type is no value.
    check(json!({ "type": "integer", "example": "8" }), json!(0));
}

#[test]
fn bounds_are_kept() {
    check(json!({ "type": "integer", "minimum": 3, "exclusiveMaximum": 5 }), json!(3));
    check(json!({ "type": "integer", "exclusiveMinimum": 3 }), json!(4));
    check(json!({ "type": "integer", "maximum": -2 }), json!(-2));
    check(json!({ "type": "integer", "minimum": 1, "multipleOf": 5 }), json!(5));
    check(json!({ "type": "number", "minimum": 0.25, "maximum": 0.75 }), json!(0.5));
    none(json!({ "type": "integer", "minimum": 2, "maximum": 1 }));
    check(json!({ "type": "string", "minLength": 8 }), json!("stringst"));
    check(json!({ "type": "string", "maxLength": 3 }), json!("str"));
    check(json!({ "type": "string", "pattern": "^v[0-9]$" }), json!("v0"));
    none(json!({ "type": "string", "minLength": 2, "maxLength": 1 }));
}

#[test]
fn formats_are_written_as_they_are() {
    check(json!({ "type": "string", "format": "date" }), json!("2024-01-01"));
    check(json!({ "type": "string", "format": "email" }), json!("user@example.com"));
    check(json!({ "type": "string", "format": "unheard-of" }), json!("string"));
}

#[test]
fn lists_hold_as_many_as_they_must() {
    check(json!({ "type": "array", "items": { "type": "boolean" } }), json!([true]));
    check(json!({ "type": "array", "items": { "type": "integer" }, "minItems": 2 }), json!([0, 1]));
    check(json!({ "type": "array", "items": {}, "maxItems": 0 }), json!([]));
    let unique = json!({ "type": "array", "uniqueItems": true, "minItems": 2 });
    let with = |items: Value| {
        let mut schema = unique.clone();
        schema["items"] = items;
        schema
    };
    check(with(json!({ "type": "string" })), json!(["string", "strin1"]));
    none(with(json!({ "enum": ["a"] })));
    none(json!({ "type": "array", "minItems": 21, "items": {} }));
}

#[test]
fn the_first_items_have_schemas_of_their_own() {
    let tuple = json!({ "prefixItems": [{ "type": "string" }, { "type": "integer" }] });
    let with = |key: &str, value: Value| {
        let mut schema = tuple.clone();
        schema[key] = value;
        schema
    };
    check(tuple.clone(), json!(["string", 0]));
    check(with("items", json!(false)), json!(["string", 0]));
    check(with("maxItems", json!(1)), json!(["string"]));
    let three = json!({ "minItems": 3, "allOf": [with("items", json!({ "type": "boolean" }))] });
    check(three, json!(["string", 0, false]));
}

#[test]
fn what_nothing_is_valid_against_has_no_value() {
    none(json!({ "not": {} }));
    none(json!({ "not": true }));
    check(
        json!({ "properties": { "a": { "not": {} }, "b": { "not": { "type": "string" } } } }),
        json!({ "b": {} }),
    );
}

#[test]
fn objects_hold_what_is_answered() {
    check(
        json!({
            "required": ["id", "other"],
            "properties": {
                "id": { "type": "integer" },
                "secret": { "type": "string", "writeOnly": true },
                "never": false,
            },
            "additionalProperties": { "type": "boolean" },
        }),
        json!({ "id": 0, "other": true }),
    );
    none(json!({ "type": "object", "required": ["a"], "properties": { "a": false } }));
}

#[test]
fn parts_are_taken_together_and_alternatives_one_by_one() {
    check(
        json!({ "allOf": [
            { "type": "object", "properties": { "a": { "type": "string" } } },
            { "properties": { "b": { "type": "boolean" } }, "required": ["b"] },
        ] }),
        json!({ "a": "string", "b": true }),
    );
    check(json!({ "anyOf": [false, { "type": "integer" }] }), json!(0));
    check(
        json!({
            "properties": { "kind": { "type": "string" } },
            "oneOf": [{ "properties": { "a": { "type": "integer" } } }],
        }),
        json!({ "a": 0, "kind": "string" }),
    );
    check(json!({ "type": ["null", "string"] }), json!("string"));
}

#[test]
fn a_schema_that_contains_itself_ends() {
    let node = json!({ "type": "object", "properties": {
        "name": { "type": "string" },
        "next": { "$ref": "#/components/schemas/Node" },
        "children": { "type": "array", "items": { "$ref": "#/components/schemas/Node" } },
    } });
    let made =
        made_among(&json!({ "$ref": "#/components/schemas/Node" }), &json!({ "Node": node }));
    assert_eq!(made, Some(json!({ "name": "string", "children": [] })));
    let endless = json!({ "allOf": [{ "$ref": "#/components/schemas/A" }], "type": "object" });
    let made = made_among(&json!({ "$ref": "#/components/schemas/A" }), &json!({ "A": endless }));
    assert_eq!(made, Some(json!({})));
}

#[test]
fn a_wide_schema_gives_a_bounded_value() {
    let mut others = Map::new();
    for level in 0..7 {
        let next = json!({ "$ref": format!("#/components/schemas/L{}", level + 1) });
        let properties: Map<String, Value> =
            (0..20).map(|i| (format!("p{i}"), next.clone())).collect();
        others.insert(format!("L{level}"), json!({ "type": "object", "properties": properties }));
    }
    others.insert("L7".into(), json!({ "type": "string" }));
    let first = json!({ "$ref": "#/components/schemas/L0" });
    let made = made_among(&first, &Value::Object(others)).unwrap();
    assert!(made.to_string().len() < 20_000, "{}", made.to_string().len());
}

#[test]
fn what_the_schema_gives_counts_only_where_it_is_valid_itself() {
    let inner = json!({ "type": "object", "required": ["id"], "properties": { "id": { "type": "integer" } } });
    let with = |example: Value| {
        let mut schema = inner.clone();
        schema["example"] = example;
        schema
    };
    check(with(json!({ "id": 7 })), json!({ "id": 7 }));
    check(with(json!({ "id": "7" })), json!({ "id": 0 }));
    check(with(json!({})), json!({ "id": 0 }));
    check(json!({ "enum": ["a", 3], "type": "integer" }), json!(3));
    check(json!({ "type": "string", "maxLength": 2, "example": "abc" }), json!("st"));
}

#[test]
fn an_object_has_as_many_properties_as_it_must_and_may() {
    check(
        json!({ "type": "object", "minProperties": 2, "additionalProperties": { "type": "integer" } }),
        json!({ "key1": 0, "key2": 0 }),
    );
    let two = json!({ "a": { "type": "integer" }, "b": { "type": "integer" } });
    check(
        json!({ "type": "object", "maxProperties": 1, "properties": two, "required": ["b"] }),
        json!({ "b": 0 }),
    );
    check(json!({ "type": "object", "maxProperties": 1, "properties": two }), json!({ "a": 0 }));
    none(json!({ "type": "object", "minProperties": 1, "additionalProperties": false }));
}

#[test]
fn a_closed_part_leaves_out_what_only_another_part_names() {
    let part = json!({ "properties": { "a": { "type": "integer" }, "b": { "type": "integer" } } });
    let closed = |more: Value| json!({ "type": "object", "additionalProperties": false, "properties": more, "allOf": [part] });
    check(closed(json!({ "a": {} })), json!({ "a": 0 }));
    check(closed(json!({})), json!({}));
}

#[test]
fn a_property_is_all_that_several_parts_say_of_it() {
    let base = json!({ "required": ["kind"], "properties": { "kind": { "type": "string" } } });
    let dog = json!({ "properties": { "kind": { "enum": ["dog"] } } });
    check(json!({ "allOf": [base, dog] }), json!({ "kind": "dog" }));
}

#[test]
fn null_is_no_way_out_of_a_list_of_values_that_lacks_it() {
    let deep = |allowed: Value| {
        let leaf = json!({ "type": "string", "nullable": true, "enum": allowed });
        (0..DEPTH).fold(leaf, |inner, _| json!({ "type": "object", "properties": { "a": inner } }))
    };
    let made = |allowed: Value| made_among(&deep(allowed), &json!({})).unwrap().to_string();
    assert!(made(json!(["b", null])).contains("null"));
    assert!(!made(json!(["b"])).contains("null"));
}

#[test]
fn an_item_is_all_that_several_parts_say_of_it() {
    let has = |name: &str| json!({ "type": "object", "required": [name], "properties": { (name): { "type": "integer" } } });
    let list = |name: &str| json!({ "type": "array", "minItems": 1, "items": has(name) });
    check(json!({ "allOf": [list("a"), list("b")] }), json!([{ "a": 0, "b": 0 }]));
    let map = |name: &str| json!({ "type": "object", "minProperties": 1, "additionalProperties": has(name) });
    check(json!({ "allOf": [map("a"), map("b")] }), json!({ "key1": { "a": 0, "b": 0 } }));
}

#[test]
fn of_alternatives_exactly_one_holds() {
    let with = |name: &str, required: bool| {
        let required: &[&str] = if required { &[name] } else { &[] };
        json!({ "type": "object", "properties": { (name): { "type": "integer" } }, "required": required })
    };
    check(json!({ "oneOf": [with("a", false), with("b", true)] }), json!({ "a": 0 }));
    none(json!({ "oneOf": [with("a", false), with("b", false)] }));
    check(json!({ "anyOf": [with("a", false), with("b", false)] }), json!({ "a": 0 }));
    check(
        json!({ "oneOf": [{ "type": "string" }, { "type": "string" }, { "type": "integer" }] }),
        json!(0),
    );
}
