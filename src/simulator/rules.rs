//! What a well-formed `CreateApi` must make sense as: per backend, per front, per kind of
//! authorisation, with the codes published for it.
//!
//! Where the gateway's documentation is silent, what is plausible passes: a stand-in that
//! refuses more than is known would teach its users rules that nobody wrote.

use serde_json::{Map, Value};

use super::answer::Refusal;
use super::store::word;

type Body = Map<String, Value>;

/// Judges a body that has the right fields of the right types.
pub(super) fn judge(body: &Body) -> Result<(), Refusal> {
    front(body)?;
    backend(body)
}

fn front(body: &Body) -> Result<(), Refusal> {
    let path = text(body, &["RequestConfig", "Path"]);
    if !["/", "=/", "^~/", "~"].iter().any(|start| path.starts_with(start)) {
        return refuse("InvalidApiRequestConfig", "RequestConfig.Path must begin with /.");
    }
    Ok(())
}

fn backend(body: &Body) -> Result<(), Refusal> {
    match word(body, "ServiceType") {
        "MOCK" if word(body, "ServiceMockReturnMessage").is_empty() => {
            refuse("InvalidServiceMockReturnMessage", "A MOCK backend needs a return message.")
        }
        _ => Ok(()),
    }
}

/// A string inside nested objects, empty where there is none.
fn text<'b>(body: &'b Body, path: &[&str]) -> &'b str {
    let (first, rest) = path.split_first().unwrap_or((&"", &[]));
    let inner = rest.iter().try_fold(body.get(*first), |value, key| Some(value?.get(*key)));
    inner.flatten().and_then(Value::as_str).unwrap_or_default()
}

fn refuse(code: &str, message: &str) -> Result<(), Refusal> {
    Err(Refusal::new(&format!("InvalidParameterValue.{code}"), message))
}
