//! Fields of a request as JSON, which is how settings, extensions and the mapping all set
//! them: merging, and reading and writing by path.
//!
//! Objects merge field by field; everything else (lists too) is taken whole from the one
//! with precedence.

use serde_json::{Map, Value};

/// Fields of `CreateApi` as they are on the wire.
pub type Fields = Map<String, Value>;

/// Adds those of `more` that `fields` does not set.
pub(crate) fn fill(fields: &mut Fields, more: Fields) {
    for (name, value) in more {
        match (fields.get_mut(&name), value) {
            (None, value) => _ = fields.insert(name, value),
            (Some(Value::Object(inner)), Value::Object(more)) => fill(inner, more),
            (Some(_), _) => {}
        }
    }
}

/// The fields that `above` does not set.
pub(crate) fn without(fields: &Fields, above: &Fields) -> Fields {
    let rest = fields.iter().filter_map(|(name, value)| {
        let value = match (above.get(name), value) {
            (None, value) => value.clone(),
            (Some(Value::Object(above)), Value::Object(inner)) => {
                Value::Object(without(inner, above))
            }
            (Some(_), _) => return None,
        };
        Some((name.clone(), value))
    });
    rest.collect()
}

/// The value at a path such as `ServiceConfig.Url`.
pub(crate) fn value<'f>(fields: &'f Fields, path: &str) -> Option<&'f Value> {
    let (name, rest) = split(path);
    // Objects are small: to hash a name takes longer than to compare it with all others.
    let (_, value) = fields.iter().find(|(known, _)| *known == name)?;
    match rest {
        Some(rest) => self::value(value.as_object()?, rest),
        None => Some(value),
    }
}

/// The first name of a path, and the path below it.
fn split(path: &str) -> (&str, Option<&str>) {
    match path.bytes().position(|byte| byte == b'.') {
        Some(dot) => (&path[..dot], Some(&path[dot + 1..])),
        None => (path, None),
    }
}

/// The value at a path, where it is text.
pub(crate) fn text<'f>(fields: &'f Fields, path: &str) -> Option<&'f str> {
    value(fields, path)?.as_str()
}

/// Sets the value at a path.
pub(crate) fn set(fields: &mut Fields, path: &str, value: impl Into<Value>) {
    let (name, rest) = split(path);
    let Some(rest) = rest else {
        fields.insert(name.to_owned(), value.into());
        return;
    };
    if let Value::Object(inner) = fields.entry(name).or_insert_with(|| Fields::new().into()) {
        set(inner, rest, value);
    }
}

/// Sets the value at a path, if there is one.
pub(crate) fn set_some(fields: &mut Fields, path: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        set(fields, path, value);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(value: Value) -> Fields {
        match value {
            Value::Object(fields) => fields,
            other => panic!("not an object: {other}"),
        }
    }

    #[test]
    fn the_above_wins_leaf_by_leaf_and_lists_whole() {
        let mut above = fields(json!({ "A": { "x": 1 }, "L": [1], "N": 1 }));
        let below =
            fields(json!({ "A": { "x": 2, "y": 2 }, "L": [2, 3], "N": { "z": 1 }, "B": 4 }));
        fill(&mut above, below);
        assert_eq!(
            Value::Object(above),
            json!({ "A": { "x": 1, "y": 2 }, "L": [1], "N": 1, "B": 4 })
        );
    }

    #[test]
    fn what_is_set_already_is_left_out_leaf_by_leaf() {
        let below = fields(json!({ "A": { "x": 2, "y": 2 }, "L": [2], "N": 1 }));
        let above = fields(json!({ "A": { "x": 1 }, "L": [1, 2], "B": 3 }));
        assert_eq!(Value::Object(without(&below, &above)), json!({ "A": { "y": 2 }, "N": 1 }));
    }

    #[test]
    fn a_leaf_is_read_and_set_by_its_path() {
        let mut fields = fields(json!({ "A": { "x": "y" }, "B": 1 }));
        assert_eq!(text(&fields, "A.x"), Some("y"));
        assert_eq!(text(&fields, "B"), None);
        assert_eq!(value(&fields, "B.x"), None);
        set(&mut fields, "A.z", 2);
        set(&mut fields, "C.d.e", "f");
        assert_eq!(
            Value::Object(fields),
            json!({ "A": { "x": "y", "z": 2 }, "B": 1, "C": { "d": { "e": "f" } } })
        );
    }
}
