//! Who says what of a request: fields said by one voice over another's, leaf by leaf.
//!
//! Maps merge, everything else (lists too) is taken whole from the strongest voice.

use serde_json::{Map, Value};

/// Fields of `CreateApi` that someone says, as they stand on the wire.
pub type Fields = Map<String, Value>;

/// Adds what `weaker` says where `stronger` is silent.
pub(crate) fn fill(stronger: &mut Fields, weaker: &Fields) {
    for (name, value) in weaker {
        match (stronger.get_mut(name), value) {
            (None, _) => _ = stronger.insert(name.clone(), value.clone()),
            (Some(Value::Object(inner)), Value::Object(weaker)) => fill(inner, weaker),
            (Some(_), _) => {}
        }
    }
}

/// What these fields say where `stronger` is silent.
pub(crate) fn without(fields: &Fields, stronger: &Fields) -> Fields {
    let rest = fields.iter().filter_map(|(name, value)| {
        let value = match (stronger.get(name), value) {
            (None, value) => value.clone(),
            (Some(Value::Object(stronger)), Value::Object(inner)) => {
                Value::Object(without(inner, stronger))
            }
            (Some(_), _) => return None,
        };
        Some((name.clone(), value))
    });
    rest.collect()
}

/// What is said at a path of field names.
pub(crate) fn said<'f>(fields: &'f Fields, path: &[&str]) -> Option<&'f Value> {
    let (last, parents) = path.split_last()?;
    let mut here = fields;
    for name in parents {
        here = here.get(*name)?.as_object()?;
    }
    here.get(*last)
}

/// What is said at a path, where it is text.
pub(crate) fn text<'f>(fields: &'f Fields, path: &[&str]) -> Option<&'f str> {
    said(fields, path)?.as_str()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(value: Value) -> Fields {
        match value {
            Value::Object(fields) => fields,
            other => panic!("no object: {other}"),
        }
    }

    #[test]
    fn the_stronger_wins_leaf_by_leaf_and_lists_whole() {
        let mut stronger = fields(json!({ "A": { "x": 1 }, "L": [1], "N": 1 }));
        let weaker =
            fields(json!({ "A": { "x": 2, "y": 2 }, "L": [2, 3], "N": { "z": 1 }, "B": 4 }));
        fill(&mut stronger, &weaker);
        assert_eq!(
            Value::Object(stronger),
            json!({ "A": { "x": 1, "y": 2 }, "L": [1], "N": 1, "B": 4 })
        );
    }

    #[test]
    fn what_is_said_already_is_left_out_leaf_by_leaf() {
        let weaker = fields(json!({ "A": { "x": 2, "y": 2 }, "L": [2], "N": 1 }));
        let stronger = fields(json!({ "A": { "x": 1 }, "L": [1, 2], "B": 3 }));
        assert_eq!(Value::Object(without(&weaker, &stronger)), json!({ "A": { "y": 2 }, "N": 1 }));
    }

    #[test]
    fn a_leaf_is_found_by_its_names() {
        let fields = fields(json!({ "A": { "x": "y" }, "B": 1 }));
        assert_eq!(text(&fields, &["A", "x"]), Some("y"));
        assert_eq!(text(&fields, &["B"]), None);
        assert_eq!(said(&fields, &["B", "x"]), None);
    }
}
