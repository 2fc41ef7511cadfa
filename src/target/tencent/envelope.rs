//! Response bytes and HTTP status in, [`Reply`] out.
//!
//! The gateway answers HTTP 200 also when it refuses, with the error inside; any other
//! status comes from something in between and says nothing about what became of the
//! request. So only a whole, well-formed envelope is believed, and only its own words: a
//! success without an id, or one with an error beside it, is [`Reply::Lost`].
//!
//! Nothing here reads a socket; how long an answer may be is the client's to see to. The
//! content type is not judged: the gateway does not promise one, and a body that parses as
//! an envelope is not a page of a proxy.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::target::meaning::{Hold, Meaning};
use crate::target::tencent::codes::meaning;
use crate::target::tencent::read_back::ReadBack;
use crate::target::{ApiError, Created, Listed, Page, Reply, ServiceState};
use crate::text::{cut, escape};

/// Reads the answer of `CreateApi`.
pub fn created(status: u16, body: &[u8]) -> Reply<Created> {
    read(status, body, |answer| {
        let api = answer.fields.get("Result").ok_or("a success without a result")?;
        let api_id = id(api, "ApiId").ok_or("a success without an ApiId")?;
        let (path, method) = (word(api, "Path"), word(api, "Method"));
        Ok(Created { api_id, path, method, request_id: answer.request_id })
    })
}

/// Reads the answer of `DescribeApi`.
pub fn read_back(status: u16, body: &[u8]) -> Reply<ReadBack> {
    read(status, body, |mut answer| {
        answer.fields.remove("Result").and_then(ReadBack::of).ok_or("a success without a result")
    })
}

/// Reads the answer of an action of which nothing more is wanted than whether it was done. A result may be null, which without an error is no refusal; but
/// then only the gateway's own mark, the `RequestId`, tells that it is the gateway's word.
pub fn done(status: u16, body: &[u8]) -> Reply<()> {
    read(status, body, |answer| match answer.fields.get("Result") {
        Some(Value::Bool(true) | Value::Object(_)) => Ok(()),
        None if !answer.request_id.is_empty() => Ok(()),
        _ => Err("neither a success nor an error"),
    })
}

/// Reads the answer of `DescribeApisStatus`.
pub fn page(status: u16, body: &[u8]) -> Reply<Page> {
    read(status, body, |answer| {
        let result = answer.fields.get("Result").ok_or("a listing without a result")?;
        let entries = entries(result, "ApiIdStatusSet").ok_or("a listing without a list")?;
        let apis: Vec<_> = entries.iter().filter_map(listed).collect();
        let incomplete = (entries.len() - apis.len()) as u64;
        Ok(Page { total: result.get("TotalCount").and_then(count), apis, incomplete })
    })
}

/// Reads the answer of `DescribeService` and of `CreateService`, which have no `Result`.
pub fn service(status: u16, body: &[u8]) -> Reply<ServiceState> {
    read(status, body, |answer| {
        service_state(&Value::Object(answer.fields)).ok_or("a service without a ServiceId")
    })
}

/// Reads the answer of `DescribeServicesStatus`.
pub fn services(status: u16, body: &[u8]) -> Reply<Vec<ServiceState>> {
    read(status, body, |answer| {
        let result = answer.fields.get("Result").ok_or("a listing without a result")?;
        let entries = entries(result, "ServiceSet").ok_or("a listing without a list")?;
        let read = entries.iter().map(service_state).collect::<Option<_>>();
        read.ok_or("a service without a ServiceId")
    })
}

/// An answer that is the gateway's, as far as its form tells.
struct Response {
    /// What lies under `Response`, nulls left out: a null says as much as nothing.
    fields: Map<String, Value>,
    request_id: String,
}

/// Reads an answer of any action; `success` sees it once it is no error, and says what it
/// is instead of the success that it claims to be.
fn read<T>(
    status: u16,
    body: &[u8],
    success: impl FnOnce(Response) -> Result<T, &'static str>,
) -> Reply<T> {
    let Some(answer) = open(body) else { return Reply::Lost(foreign(status, body)) };
    let error = answer.fields.get("Error").map(|error| refusal(error, &answer.request_id));
    let claims_success = ["Result", "ServiceId"].iter().any(|key| answer.fields.contains_key(*key));
    match (status, error) {
        // A limiter in front of the gateway that speaks its language.
        (429, error) if !answer.request_id.is_empty() && !claims_success => {
            Reply::Error(error.flatten().unwrap_or_else(|| throttled(answer.request_id)))
        }
        (200, None) => success(answer)
            .map_or_else(|why| Reply::Lost(format!("the answer is {why}")), Reply::Ok),
        (200, Some(Some(error))) if claims_success => {
            Reply::Lost(format!("the answer is a success and the error {}", error.code))
        }
        (200, Some(Some(error))) => Reply::Error(error),
        (200, Some(None)) => Reply::Lost("the answer is an error without a code".to_owned()),
        _ => Reply::Lost(foreign(status, body)),
    }
}

fn open(body: &[u8]) -> Option<Response> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Envelope {
        response: Map<String, Value>,
    }
    // JSON takes no byte order mark, and what stands in between may put one there.
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let mut fields = serde_json::from_slice::<Envelope>(body).ok()?.response;
    fields.retain(|_, value| !value.is_null());
    let request_id = fields.get("RequestId").and_then(Value::as_str).unwrap_or_default();
    Some(Response { request_id: safe(request_id, 100), fields })
}

fn refusal(error: &Value, request_id: &str) -> Option<ApiError> {
    let code = word(error, "Code").filter(|code| is_word(code, 128))?;
    let message = safe(&word(error, "Message").unwrap_or_default(), MESSAGE_CHARS);
    Some(ApiError { meaning: meaning(&code), code, message, request_id: request_id.to_owned() })
}

fn throttled(request_id: String) -> ApiError {
    ApiError {
        code: "RequestLimitExceeded".into(),
        meaning: Meaning::Wait(Hold::Everyone),
        message: "HTTP 429".into(),
        request_id,
    }
}

/// What a text that was compressed begins with.
const GZIP: &[u8] = b"\x1f\x8b";

/// What to say of an answer that is not the gateway's, or not one to believe.
fn foreign(status: u16, body: &[u8]) -> String {
    if body.is_empty() {
        return format!("HTTP {status} without an answer");
    }
    if body.starts_with(GZIP) {
        return format!("HTTP {status} and a compressed answer, which was not asked for");
    }
    let start = String::from_utf8_lossy(&body[..body.len().min(400)]);
    let start = start.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("HTTP {status} and no answer of the gateway: {}", safe(&start, 100))
}

fn listed(entry: &Value) -> Option<Listed> {
    Some(Listed {
        api_id: id(entry, "ApiId")?,
        path: word(entry, "Path")?,
        method: word(entry, "Method")?,
        name: word(entry, "ApiName"),
        created_time: word(entry, "CreatedTime"),
    })
}

fn service_state(entry: &Value) -> Option<ServiceState> {
    let environments = entries(entry, "AvailableEnvironments").unwrap_or_default();
    Some(ServiceState {
        service_id: id(entry, "ServiceId")?,
        name: word(entry, "ServiceName"),
        api_total: entry.get("ApiTotalCount").and_then(Value::as_u64),
        outer_sub_domain: word(entry, "OuterSubDomain").filter(|domain| !domain.is_empty()),
        environments: environments.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
    })
}

/// A list; one that is null or absent is empty, anything else is none.
fn entries<'v>(of: &'v Value, key: &str) -> Option<&'v [Value]> {
    match of.get(key) {
        None | Some(Value::Null) => Some(&[]),
        Some(list) => list.as_array().map(Vec::as_slice),
    }
}

fn word(of: &Value, key: &str) -> Option<String> {
    of.get(key).and_then(Value::as_str).map(str::to_owned)
}

/// A count, also one that is written as text.
fn count(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

fn id(of: &Value, key: &str) -> Option<String> {
    word(of, key).filter(|id| is_word(id, 64))
}

/// Whether this can be an id or a code: short, and printable without a blank.
fn is_word(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The most characters of a message that are kept.
const MESSAGE_CHARS: usize = 500;

/// The start of a text from the network, on one line and without what a terminal obeys.
fn safe(text: &str, longest: usize) -> String {
    escape(&cut(text, longest)).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn create(status: u16, answer: &Value) -> Reply<Created> {
        created(status, answer.to_string().as_bytes())
    }

    fn is_lost<T>(reply: &Reply<T>) -> bool {
        matches!(reply, Reply::Lost(_))
    }

    fn success() -> Value {
        json!({"Response": {
            "Result": {"ApiId": "api-12345678", "Path": "/a", "Method": "GET", "CreatedTime": null},
            "RequestId": "r-1",
        }})
    }

    fn error(code: &str) -> Value {
        json!({"Response": {"Error": {"Code": code, "Message": "no"}, "RequestId": "r-1"}})
    }

    #[test]
    fn a_success_is_one_with_an_id() {
        let Reply::Ok(created) = create(200, &success()) else { panic!() };
        assert_eq!((created.api_id.as_str(), created.request_id.as_str()), ("api-12345678", "r-1"));
        assert_eq!((created.path.as_deref(), created.method.as_deref()), (Some("/a"), Some("GET")));
    }

    #[test]
    fn a_byte_order_mark_before_an_answer_hides_nothing() {
        let marked = [b"\xef\xbb\xbf".as_slice(), success().to_string().as_bytes()].concat();
        assert!(matches!(created(200, &marked), Reply::Ok(_)));
        assert!(is_lost(&created(200, &[b"\xef\xbb\xbf".as_slice(), &marked].concat())));
    }

    #[test]
    fn a_success_without_an_id_to_believe_is_in_doubt() {
        let ids = [json!(null), json!(""), json!(7), json!("a b"), json!("a\nb"), json!(["a"])];
        for id in ids.into_iter().chain([json!("x".repeat(10_000)), json!("\u{202e}a")]) {
            let mut answer = success();
            answer["Response"]["Result"]["ApiId"] = id;
            assert!(is_lost(&create(200, &answer)), "{answer}");
        }
        assert!(is_lost(&create(200, &json!({"Response": {"Result": null, "RequestId": "r"}}))));
        assert!(is_lost(&create(200, &json!({"Response": {"RequestId": "r"}}))));
    }

    #[test]
    fn an_answer_that_was_compressed_unasked_is_called_so() {
        let Reply::Lost(why) = created(200, b"\x1f\x8b\x08\0\xff") else { panic!() };
        assert_eq!(why, "HTTP 200 and a compressed answer, which was not asked for");
    }

    #[test]
    fn an_error_inside_http_200_is_an_error() {
        let Reply::Error(told) = create(200, &error("FailedOperation.EbError")) else { panic!() };
        assert_eq!(told.code, "FailedOperation.EbError");
        assert_eq!((told.message.as_str(), told.request_id.as_str()), ("no", "r-1"));
    }

    #[test]
    fn an_error_beside_a_success_is_in_doubt() {
        let mut answer = success();
        answer["Response"]["Error"] = json!({"Code": "InvalidParameter", "Message": "no"});
        assert!(is_lost(&create(200, &answer)));
        let flat =
            json!({"Response": {"ServiceId": "service-1", "Error": {"Code": "LimitExceeded"}}});
        assert!(is_lost(&service(200, flat.to_string().as_bytes())));
    }

    #[test]
    fn an_error_without_a_code_is_in_doubt() {
        for code in [json!(null), json!(""), json!(7), json!("two words"), json!("x".repeat(1000))]
        {
            let answer = json!({"Response": {"Error": {"Code": code, "Message": "no"}}});
            assert!(is_lost(&create(200, &answer)), "{answer}");
        }
    }

    #[test]
    fn any_other_status_is_in_doubt_whatever_the_body_says() {
        for status in [100, 201, 204, 301, 307, 400, 403, 413, 429, 500, 502, 503, 504] {
            assert!(is_lost(&create(status, &success())), "{status}");
            assert!(is_lost(&created(status, b"<html>Bad Gateway</html>")), "{status}");
            let told = create(status, &error("InvalidParameter"));
            assert_eq!(is_lost(&told), status != 429, "{status}");
        }
    }

    #[test]
    fn http_429_with_a_request_id_is_a_throttle() {
        let bare = create(429, &json!({"Response": {"RequestId": "r-1"}}));
        assert!(matches!(bare, Reply::Error(told) if told.code == "RequestLimitExceeded"));
        let coded = create(429, &error("RequestLimitExceeded.IPLimitExceeded"));
        assert!(matches!(coded, Reply::Error(told) if told.code.ends_with(".IPLimitExceeded")));
        assert!(is_lost(&created(429, b"slow down")));
        assert!(is_lost(&create(429, &json!({"Response": {}}))));
    }

    #[test]
    fn what_is_no_envelope_is_in_doubt() {
        let deep = "[".repeat(100_000);
        let cut = success().to_string();
        let twice = cut.repeat(2);
        let bodies =
            ["", "null", "[]", "\"Response\"", "{\"response\":{}}", "{\"Response\":[]}", &deep];
        for body in bodies.into_iter().chain([&cut[..cut.len() - 1], &twice]) {
            assert!(is_lost(&created(200, body.as_bytes())), "{body:.40}");
        }
        assert!(is_lost(&created(200, b"{\"Response\":{\"RequestId\":\"\xff\"}}")));
    }

    #[test]
    fn a_message_is_one_safe_line_of_bounded_length() {
        let mut answer = error("InvalidParameter");
        answer["Response"]["Error"]["Message"] =
            json!(format!("a\n\u{1b}[31mb\u{202e}c\u{9b}{}", "d".repeat(1_000_000)));
        let Reply::Error(told) = create(200, &answer) else { panic!() };
        assert!(told.message.starts_with(r"a\n\x1b[31mb\u{202e}c\x9bdd"), "{}", told.message);
        assert!(told.message.chars().count() < 540);
    }

    #[test]
    fn a_page_counts_what_it_cannot_read() {
        let entry =
            |id: Value| json!({"ApiId": id, "Path": "/a", "Method": "GET", "ApiName": null});
        let answer = json!({"Response": {"Result": {"TotalCount": 3, "ApiIdStatusSet": [
            entry(json!("api-1")), entry(json!(null)), {"ApiId": "api-2", "Method": "GET"}, 7,
        ]}, "RequestId": "r"}});
        let Reply::Ok(page) = page(200, answer.to_string().as_bytes()) else { panic!() };
        assert_eq!((page.total, page.apis.len(), page.incomplete), (Some(3), 1, 3));
        assert_eq!(page.apis[0].name, None);
    }

    #[test]
    fn a_page_without_a_list_is_empty_and_one_with_something_else_is_in_doubt() {
        let read = |result: Value| {
            page(200, json!({"Response": {"Result": result}}).to_string().as_bytes())
        };
        let empty = Page { total: Some(0), ..Page::default() };
        assert_eq!(read(json!({"TotalCount": 0, "ApiIdStatusSet": null})), Reply::Ok(empty));
        assert_eq!(read(json!({"TotalCount": -1})), Reply::Ok(Page::default()));
        assert_eq!(read(json!({"TotalCount": "all"})), Reply::Ok(Page::default()));
        let text = Page { total: Some(7), ..Page::default() };
        assert_eq!(read(json!({"TotalCount": "7"})), Reply::Ok(text));
        assert!(is_lost(&read(json!({"TotalCount": 0, "ApiIdStatusSet": "none"}))));
        assert!(is_lost(&read(json!(null))));
    }

    #[test]
    fn a_service_is_read_from_the_top_and_from_a_list() {
        let state = json!({"ServiceId": "service-1", "ServiceName": "n", "ApiTotalCount": 4,
            "OuterSubDomain": "a.example", "AvailableEnvironments": ["release"], "RequestId": "r"});
        let Reply::Ok(one) = service(200, json!({"Response": state}).to_string().as_bytes()) else {
            panic!()
        };
        assert_eq!(
            (one.api_total, one.environments.as_slice()),
            (Some(4), &["release".to_owned()][..])
        );
        let list = json!({"Response": {"Result": {"TotalCount": 1, "ServiceSet": [state]}}});
        assert_eq!(services(200, list.to_string().as_bytes()), Reply::Ok(vec![one]));
        assert!(is_lost(&service(200, br#"{"Response":{"RequestId":"r"}}"#)));
    }

    #[test]
    fn deleting_and_releasing_are_done_unless_the_gateway_says_otherwise() {
        let told = |response: &str| done(200, format!(r#"{{"Response":{response}}}"#).as_bytes());
        let well = [
            r#"{"Result":true}"#,
            r#"{"Result":{"ReleaseDesc":"d"}}"#,
            r#"{"Result":null,"RequestId":"r"}"#,
            r#"{"RequestId":"r"}"#,
        ];
        for response in well {
            assert_eq!(told(response), Reply::Ok(()), "{response}");
        }
        for response in [r#"{"Result":false,"RequestId":"r"}"#, r#"{"Result":null}"#, "{}"] {
            assert!(is_lost(&told(response)), "{response}");
        }
        let refused = r#"{"Result":null,"Error":{"Code":"ResourceNotFound"},"RequestId":"r"}"#;
        assert!(matches!(told(refused), Reply::Error(_)));
    }

    /// What a success has to be, told without the code above.
    fn is_plain_success(status: u16, body: &[u8]) -> bool {
        let Ok(answer) = serde_json::from_slice::<Value>(body) else { return false };
        let id = answer.pointer("/Response/Result/ApiId").and_then(Value::as_str);
        status == 200
            && answer.pointer("/Response/Error").is_none_or(Value::is_null)
            && id.is_some_and(|id| id.len() < 65 && id.chars().all(|c| c.is_ascii_graphic()))
            && id != Some("")
    }

    proptest! {
        #[test]
        fn no_bytes_panic_and_none_are_a_success_by_accident(status: u16, body: Vec<u8>) {
            prop_assert!(!matches!(created(status, &body), Reply::Ok(_)));
            prop_assert!(!matches!(page(status, &body), Reply::Ok(_)));
            prop_assert!(!matches!(service(status, &body), Reply::Ok(_)));
        }

        #[test]
        fn a_damaged_answer_is_a_success_only_if_it_still_reads_as_one(
            status in prop_oneof![Just(200), any::<u16>()],
            edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3), 0..4),
            error_too: bool,
        ) {
            let mut answer = success();
            if error_too {
                answer["Response"]["Error"] = json!({"Code": "X", "Message": "y"});
            }
            let mut body = answer.to_string().into_bytes();
            for (at, byte, kind) in edits {
                let at = at.index(body.len());
                match kind {
                    0 => body[at] = byte,
                    1 => body.insert(at, byte),
                    _ => body.truncate(at.max(1)),
                }
            }
            let told = created(status, &body);
            prop_assert_eq!(matches!(told, Reply::Ok(_)), is_plain_success(status, &body));
        }
    }
}
