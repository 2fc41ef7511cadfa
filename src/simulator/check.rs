//! A request's body against the official type model: unknown, mistyped and missing fields.
//!
//! The model is read here as plain JSON. The gateway's room reads the same data for itself;
//! if the two shared code, a misspelt field would agree with itself.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use crate::simulator::answer::Refusal;

static MODEL: LazyLock<Value> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "a test reads the embedded model")]
    serde_json::from_str(include_str!("../target/tencent/model.json")).expect("the model is JSON")
});

/// The actions that the simulator knows.
pub(crate) fn knows(action: &str) -> bool {
    MODEL["actions"].get(action).is_some()
}

/// Checks a request's body.
pub(crate) fn request(action: &str, body: &Map<String, Value>) -> Result<(), Refusal> {
    object(request_type(action), body, "")
}

/// The type of an action's body.
pub(crate) fn request_type(action: &str) -> &'static str {
    MODEL["actions"][action]["request"].as_str().unwrap_or_default()
}

/// The fields of a type, for what needs to know more of them.
pub(crate) fn fields(name: &str) -> &'static [Value] {
    MODEL["types"][name].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn object(name: &str, body: &Map<String, Value>, at: &str) -> Result<(), Refusal> {
    let fields = fields(name);
    let known = |key: &String| fields.iter().any(|field| field["name"] == **key);
    if let Some(key) = body.keys().find(|key| !known(key)) {
        let text = format!("The parameter `{at}{key}` is not recognized.");
        return Err(Refusal::new("UnknownParameter", text));
    }
    for field in fields {
        let name = field["name"].as_str().unwrap_or_default();
        let place = format!("{at}{name}");
        match body.get(name).filter(|value| !value.is_null()) {
            Some(value) => one(field, value, &place)?,
            None if field["required"] == true => {
                let text = format!("The request is missing the parameter `{place}`.");
                return Err(Refusal::new("MissingParameter", text));
            }
            None => {}
        }
    }
    Ok(())
}

fn one(field: &Value, value: &Value, at: &str) -> Result<(), Refusal> {
    match (field["type"].as_str().unwrap_or_default(), value) {
        ("string", Value::String(text)) => listed(field, "allowed", text, at),
        ("integer", Value::Number(number)) if number.is_i64() => range(field, number.as_i64(), at),
        ("boolean", Value::Bool(_)) => Ok(()),
        ("object", Value::Object(inner)) => {
            object(field["of"].as_str().unwrap_or_default(), inner, &format!("{at}."))
        }
        ("array", Value::Array(items)) => array(field, items, at),
        (wanted, _) => {
            let text = format!("The parameter `{at}` is not of the type {wanted}.");
            Err(Refusal::new("InvalidParameter.FormatError", text))
        }
    }
}

fn array(field: &Value, items: &[Value], at: &str) -> Result<(), Refusal> {
    if field["max_items"].as_u64().is_some_and(|most| items.len() as u64 > most) {
        let text = format!("The parameter `{at}` has more than 100 entries.");
        return Err(Refusal::new("InvalidParameterValue.LimitExceeded", text));
    }
    let of = field["items"].as_str().unwrap_or_default();
    for (index, item) in items.iter().enumerate() {
        let place = format!("{at}.{index}");
        match item {
            Value::String(text) if of == "string" => listed(field, "allowed_items", text, &place)?,
            Value::Object(inner) if of != "string" => object(of, inner, &format!("{place}."))?,
            _ => {
                let text = format!("The parameter `{place}` is not of the type {of}.");
                return Err(Refusal::new("InvalidParameter.FormatError", text));
            }
        }
    }
    Ok(())
}

fn listed(field: &Value, list: &str, text: &str, at: &str) -> Result<(), Refusal> {
    let lists = [&field[list], &field["also"]].into_iter().filter_map(Value::as_array);
    let mut allowed = lists.flatten().peekable();
    if field[list].is_null() || allowed.any(|one| one == text) {
        return Ok(());
    }
    let text = format!("The parameter `{at}` has the value `{text}`, which is not an option.");
    Err(Refusal::new("InvalidParameterValue.NotInOptions", text))
}

fn range(field: &Value, number: Option<i64>, at: &str) -> Result<(), Refusal> {
    let number = number.unwrap_or_default();
    let low = field["min"].as_i64().is_some_and(|least| number < least);
    let high = field["max"].as_i64().is_some_and(|most| number > most);
    if low || high {
        let text = format!("The parameter `{at}` is out of range.");
        return Err(Refusal::new("InvalidParameterValue.RangeExceeded", text));
    }
    Ok(())
}
