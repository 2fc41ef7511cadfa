//! What `ModifyApi` makes of an API. Whether fields that a request leaves out keep their value
//! is not published, so it is played either way. Pure.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::simulator::check::fields;

type Body = Map<String, Value>;

/// What becomes of fields that a `ModifyApi` leaves out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Modify {
    /// They are as if they had never been set.
    #[default]
    Replace,
    /// They keep their value.
    Merge,
}

/// Fields of a request that are none of the API's.
const ORDERS: [&str; 4] =
    ["ApiId", "AuthRequired", "TagSpecifications", "IsDeleteResponseErrorCodes"];

/// The body that an API has after a `ModifyApi`.
pub(crate) fn changed(held: &Body, asked: &Body, how: Modify) -> Body {
    let can_be_set = |name: &str| fields("ModifyApiRequest").iter().any(|it| it["name"] == name);
    // A create needs these two and a change does not.
    let stays = |name: &str| how == Modify::Merge || ["ServiceTimeout", "Protocol"].contains(&name);
    let mut body = held.clone();
    body.retain(|name, _| !can_be_set(name) || stays(name));
    let given =
        |(name, value): &(&String, &Value)| !value.is_null() && !ORDERS.contains(&name.as_str());
    body.extend(asked.iter().filter(given).map(|(name, value)| (name.clone(), value.clone())));
    keep_error_codes(&mut body, held, asked);
    body
}

/// Error codes stay until they are replaced, or deleted by the field that is for it: an empty
/// list does not clear them.
fn keep_error_codes(body: &mut Body, held: &Body, asked: &Body) {
    const CODES: &str = "ResponseErrorCodes";
    if asked.get(CODES).and_then(Value::as_array).is_some_and(|codes| !codes.is_empty()) {
        return;
    }
    body.remove(CODES);
    if asked.get("IsDeleteResponseErrorCodes") != Some(&true.into()) {
        body.extend(held.get(CODES).map(|codes| (CODES.to_owned(), codes.clone())));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn after(asked: &Value, how: Modify) -> Value {
        let held = json!({
            "ApiName": "a", "ApiDesc": "d", "Protocol": "HTTP", "UserType": "u",
            "ResponseErrorCodes": [{"Code": 1}],
        });
        changed(held.as_object().unwrap(), asked.as_object().unwrap(), how).into()
    }

    #[test]
    fn fields_that_are_left_out_are_lost_or_kept_as_told() {
        let asked = json!({"ApiId": "api-1", "ApiName": "b", "ApiType": null});
        let kept = json!([{"Code": 1}]);
        let merged = json!({"ApiName": "b", "ApiDesc": "d", "Protocol": "HTTP", "UserType": "u", "ResponseErrorCodes": kept});
        assert_eq!(after(&asked, Modify::Merge), merged);
        let replaced = json!({"Protocol": "HTTP", "UserType": "u", "ApiName": "b", "ResponseErrorCodes": kept});
        assert_eq!(after(&asked, Modify::Replace), replaced);
    }

    #[test]
    fn error_codes_are_deleted_only_by_the_field_that_is_for_it() {
        for how in [Modify::Merge, Modify::Replace] {
            let codes = |asked: Value| after(&asked, how)["ResponseErrorCodes"].clone();
            assert_eq!(codes(json!({"ResponseErrorCodes": []})), json!([{"Code": 1}]));
            assert_eq!(codes(json!({"ResponseErrorCodes": [{"Code": 2}]})), json!([{"Code": 2}]));
            let emptied = json!({"ResponseErrorCodes": [], "IsDeleteResponseErrorCodes": true});
            assert_eq!(codes(emptied), Value::Null);
        }
    }
}
