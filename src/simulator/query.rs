//! The older form of a request: fields in the query of a GET, nested by dots and numbers.
//!
//! `RequestConfig.Path=%2Fa&RequestParameters.0.Required=True` becomes the JSON that a POST
//! would hold. A query knows only text, so the type model decides what each text means;
//! one without a meaning stays text and is refused later.

use indexmap::IndexMap;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::simulator::check::fields;

/// More names than any field of the model has above it.
const DEEPEST: usize = 8;

/// A query as the body of this type.
pub(crate) fn to_body(type_name: &str, query: &str) -> Map<String, Value> {
    let mut tree = Tree::default();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        tree.put(decode(name).split('.').take(DEEPEST), decode(value));
    }
    tree.object(type_name)
}

/// What lies under a name: a text, or more names.
#[derive(Default)]
struct Tree {
    text: String,
    inner: IndexMap<String, Self>,
}

impl Tree {
    fn put<'n>(&mut self, mut names: impl Iterator<Item = &'n str>, value: String) {
        let mut at = self;
        for name in names.by_ref() {
            at = at.inner.entry(name.to_owned()).or_default();
        }
        at.text = value;
    }

    fn object(self, type_name: &str) -> Map<String, Value> {
        let named = |name: &str| fields(type_name).iter().find(|field| field["name"] == *name);
        let read = |(name, tree): (String, Self)| {
            let value = tree.value(named(&name).unwrap_or(&Value::Null));
            (name, value)
        };
        self.inner.into_iter().map(read).collect()
    }

    fn value(self, field: &Value) -> Value {
        let text = |text: String| Value::String(text);
        match field["type"].as_str().unwrap_or_default() {
            "object" => self.object(field["of"].as_str().unwrap_or_default()).into(),
            "array" => {
                let of = field["items"].as_str().unwrap_or_default();
                let items = self.inner.into_values();
                items
                    .map(
                        |item| {
                            if of == "string" { text(item.text) } else { item.object(of).into() }
                        },
                    )
                    .collect()
            }
            "integer" => self.text.parse::<i64>().map_or_else(|_| text(self.text), Value::from),
            "boolean" => {
                let word = self.text.to_lowercase().parse::<bool>();
                word.map_or_else(|_| text(self.text), Value::from)
            }
            _ => text(self.text),
        }
    }
}

/// The text behind `%2F` and `+`.
fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_query_is_read_as_the_json_that_it_stands_for() {
        let query = "ServiceId=s&ServiceTimeout=15&EnableCORS=False&RequestConfig.Path=%2F%E7%94%A8\
                     &RequestConfig.Method=GET&RequestParameters.0.Name=a+b&RequestParameters.0.Required=True\
                     &RequestParameters.1.Name=c%2Bd";
        let wanted = json!({
            "ServiceId": "s", "ServiceTimeout": 15, "EnableCORS": false,
            "RequestConfig": {"Path": "/用", "Method": "GET"},
            "RequestParameters": [{"Name": "a b", "Required": true}, {"Name": "c+d"}],
        });
        assert_eq!(Value::from(to_body("CreateApiRequest", query)), wanted);
        let filters = "Filters.0.Name=ApiPath&Filters.0.Values.0=%2Fa&Filters.0.Values.1=%2Fb";
        let wanted = json!({"Filters": [{"Name": "ApiPath", "Values": ["/a", "/b"]}]});
        assert_eq!(Value::from(to_body("DescribeApisStatusRequest", filters)), wanted);
    }

    #[test]
    fn a_query_of_endless_depth_is_cut() {
        let read = to_body("CreateApiRequest", &format!("{}=1", "a.".repeat(100_000)));
        assert!(Value::from(read).to_string().len() < 100);
    }

    #[test]
    fn what_stands_for_nothing_stays_text() {
        let query = "ServiceTimeout=soon&EnableCORS=perhaps&Nonsense.0=x&%zz=%";
        let read = to_body("CreateApiRequest", query);
        assert_eq!(read["ServiceTimeout"], "soon");
        assert_eq!(read["EnableCORS"], "perhaps");
        assert_eq!(read["%zz"], "%");
        assert!(read.contains_key("Nonsense"));
    }
}
