//! An answer's object exactly as the official type model has it: every field of its type,
//! null where nothing is known, and none besides.

use serde_json::{Map, Value};

use crate::simulator::check::fields;

/// The object of this type that these values make.
pub(crate) fn object(type_name: &str, mut values: Map<String, Value>) -> Map<String, Value> {
    let field = |field: &Value| {
        let name = field["name"].as_str().unwrap_or_default();
        let given = values.remove(name).unwrap_or_default();
        (name.to_owned(), value(field, given))
    };
    fields(type_name).iter().map(field).collect()
}

/// The same of a JSON value; anything but an object stays as it is.
pub(crate) fn shaped(type_name: &str, value: Value) -> Value {
    match value {
        Value::Object(values) => object(type_name, values).into(),
        other => other,
    }
}

fn value(field: &Value, value: Value) -> Value {
    let inner = |key: &str| field[key].as_str().unwrap_or_default();
    match value {
        Value::Object(values) => object(inner("of"), values).into(),
        Value::Array(items) => items.into_iter().map(|item| shaped(inner("items"), item)).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_object_has_the_fields_of_its_type_and_no_other() {
        let given = json!({"Path": "/a", "Colour": "red"});
        assert_eq!(shaped("RequestConfig", given), json!({"Path": "/a", "Method": null}));
        let given = json!({"ServiceParameters": [
            {"Name": "a", "RelevantRequestParameterType": "string"},
        ]});
        let shaped = shaped("ApiInfo", given);
        assert_eq!(shaped.as_object().unwrap().len(), 52);
        assert_eq!(shaped["ServiceParameters"][0].as_object().unwrap().len(), 6);
        assert_eq!(shaped["ServiceConfig"], Value::Null);
    }
}
