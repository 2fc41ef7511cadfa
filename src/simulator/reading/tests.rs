//! What was sent and what is read back of it compare as the same, however it is told.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::simulator::asked::Gateway;
use crate::simulator::check::{fields, request_type};
use crate::simulator::random::mix;
use crate::simulator::settings::SERVICE;
use crate::target::tencent::canonical::Canonical;
use crate::target::tencent::change::change;
use crate::target::tencent::compare::compare;
use crate::target::tencent::read_back::ReadBack;

type Fields = Map<String, Value>;

const SWITCHES: &[&str] = &[
    "empty: nulls",
    "empty: blank",
    "empty: absent",
    "defaults: true",
    "shuffled: true",
    "identity-parameters: true",
    "lower-case-positions: true",
    "service-protocol: true",
    "crlf: true",
    "unknown-fields: true",
    "empty: blank, defaults: true, shuffled: true, identity-parameters: true, \
     lower-case-positions: true, service-protocol: true, crlf: true, unknown-fields: true",
];

/// The requests of the converter's cases.
fn of_cases() -> Vec<Fields> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/specs");
    let mut found = Vec::new();
    for entry in fs_err::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.to_string_lossy().ends_with(".expected.json") {
            let lines: Vec<Value> =
                serde_json::from_str(&fs_err::read_to_string(path).unwrap()).unwrap();
            let items = lines.into_iter().filter(|line| line["kind"] == "item");
            found.extend(items.map(|line| line["request"].as_object().unwrap().clone()));
        }
    }
    assert!(found.len() > 100, "{}", found.len());
    found
}

/// A value of this field, by chance.
fn some(field: &Value, seed: &mut u64) -> Value {
    *seed = mix(*seed);
    let n = usize::try_from(*seed % 7).unwrap();
    let of = field["of"].as_str().or(field["items"].as_str()).unwrap_or_default();
    let name = field["name"].as_str().unwrap_or_default();
    match field["type"].as_str().unwrap_or_default() {
        "integer" => (n + 1).into(),
        "boolean" => (n % 2 == 0).into(),
        "object" => object(of, seed).into(),
        "array" if of == "string" => json!(["a", "b"]),
        "array" => (0..=n % 3).map(|_| Value::from(object(of, seed))).collect(),
        _ if name.ends_with("Position") && field["allowed"].is_null() => {
            json!(["PATH", "QUERY", "HEADER"][n % 3])
        }
        _ => match field["allowed"].as_array() {
            Some(allowed) => allowed[n % allowed.len()].clone(),
            None => json!(["a", "b\nc", " ", "${path}", "true", "\u{7528}\u{6237}", "\"q\""][n]),
        },
    }
}

fn object(of: &str, seed: &mut u64) -> Fields {
    let mut made = Fields::new();
    for field in fields(of) {
        *seed = mix(*seed);
        if field["required"] == true || !seed.is_multiple_of(3) {
            made.insert(field["name"].as_str().unwrap().to_owned(), some(field, seed));
        }
    }
    made
}

fn generated() -> impl Iterator<Item = Fields> {
    (0..120_u64).map(|seed| {
        let mut made = object(request_type("CreateApi"), &mut mix(seed));
        for (list, key) in [
            ("RequestParameters", "Name"),
            ("ServiceParameters", "Name"),
            ("ConstantParameters", "Name"),
            ("MicroServices", "MicroServiceName"),
            ("ResponseErrorCodes", "Code"),
        ] {
            let items = made.get_mut(list).and_then(Value::as_array_mut);
            for (item, n) in items.into_iter().flatten().zip(1..) {
                item[key] =
                    if key == "Code" { n.into() } else { format!("{} {n}", item[key]).into() };
                if key == "Name" && item["Position"].is_null() {
                    item["Position"] = "QUERY".into();
                }
            }
        }
        made
    })
}

/// The API of these fields, as it is read back under a switch.
fn read_back(sent: &Fields, switch: &str, seed: usize) -> ReadBack {
    let mut gateway = Gateway::new(&format!("seed: {seed}\nreading: {{ {switch} }}"));
    let text = Value::from(sent.clone()).to_string();
    let at = jiff::Timestamp::UNIX_EPOCH;
    let id = gateway.0.store.restore_api(SERVICE, "api-1", &text, at).id.clone();
    ReadBack::of(gateway.read(&id).unwrap()).unwrap()
}

#[test]
fn what_was_sent_is_what_is_read_back_however_it_is_told() {
    for (seed, sent) in of_cases().into_iter().step_by(3).chain(generated()).enumerate() {
        for switch in SWITCHES {
            let read = read_back(&sent, switch, seed);
            let found = compare(&sent, read.fields());
            assert_eq!(found.changes, [], "{switch}: {}", Value::from(sent));
            let adds = switch.contains("defaults") || switch.contains("identity");
            if !adds {
                let (sent, read) = (Canonical::of(&sent), Canonical::of(read.fields()));
                assert_eq!(sent, read, "{switch}");
            }
        }
    }
}

/// The places of all leaves of an object, lists by their first item.
fn leaves(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                leaves(value, &format!("{at}/{name}"), found);
            }
        }
        Value::Array(items) if !items.is_empty() => leaves(&items[0], &format!("{at}/0"), found),
        _ => found.push(at.to_owned()),
    }
}

fn another(value: &Value) -> Value {
    match value {
        Value::Bool(flag) => (!flag).into(),
        Value::Number(number) => (number.as_i64().unwrap() + 17).into(),
        Value::String(text) => format!("{text}-other").into(),
        _ => json!(["other"]),
    }
}

#[test]
fn one_leaf_that_is_changed_is_the_one_that_differs() {
    let mut tried = BTreeSet::new();
    for (seed, sent) in of_cases().into_iter().step_by(9).chain(generated()).enumerate() {
        let mut places = Vec::new();
        leaves(&Value::from(sent.clone()), "", &mut places);
        let will = Canonical::of(&sent);
        for place in places {
            let name = place.split('/').nth(1).unwrap();
            let is_key = ["/Position", "/Name", "/Code", "/MicroServiceName"]
                .iter()
                .any(|key| place.contains("/0") && place.ends_with(key));
            let decides = ["ServiceType", "AuthType", "ServiceId"].contains(&name);
            let answered = fields("ApiInfo").iter().any(|field| field["name"] == name);
            let hidden = place.ends_with("RelevantRequestParameterType");
            if is_key || decides || !answered || hidden || !will.uses(name) {
                continue;
            }
            let mut held = Value::from(sent.clone());
            let leaf = held.pointer_mut(&place).unwrap();
            *leaf = another(leaf);
            let read = read_back(held.as_object().unwrap(), SWITCHES[seed % SWITCHES.len()], seed);
            let found = compare(&sent, read.fields()).changes;
            assert_eq!(found.len(), 1, "{place}: {found:?} in {}", Value::from(sent.clone()));
            let last = place.rsplit('/').find(|part| part.parse::<u32>().is_err()).unwrap();
            assert!(found[0].field.ends_with(last), "{place}: {found:?}");
            assert!(found[0].is_in(name) && found[0].was != found[0].will, "{found:?}");
            tried.insert(place.replace("/0", ""));
        }
    }
    assert!(tried.len() > 60, "{}: {tried:?}", tried.len());
}

#[test]
fn a_change_leads_to_what_is_wanted_whether_it_merges_or_replaces() {
    let mut requests: Vec<_> = generated().collect();
    requests.truncate(120);
    for (seed, pair) in requests.windows(2).enumerate() {
        for how in ["merge", "replace"] {
            let switch = SWITCHES[seed % SWITCHES.len()];
            let scenario = format!("modify: {how}\nreading: {{ {switch} }}");
            let mut gateway = Gateway::new(&scenario);
            let (mut before, mut after) = (pair[0].clone(), pair[1].clone());
            for body in [&mut before, &mut after] {
                body.insert("Protocol".into(), "HTTP".into());
            }
            let at = jiff::Timestamp::UNIX_EPOCH;
            let text = Value::from(before.clone()).to_string();
            gateway.0.store.restore_api(SERVICE, "api-1", &text, at);
            let read =
                |gateway: &mut Gateway| ReadBack::of(gateway.read("api-1").unwrap()).unwrap();
            let held = read(&mut gateway);
            let body = change(SERVICE, &held, &after);
            let body: Value = serde_json::from_str(&body).unwrap();
            let asked = body.as_object().unwrap();
            assert_eq!(crate::simulator::check::request("ModifyApi", asked), Ok(()), "{body}");
            let how = gateway.0.settings.scenario.modify;
            let now = crate::simulator::change::changed(&before, asked, how);
            gateway.0.store.restore_changed(SERVICE, "api-1", &Value::from(now).to_string(), at);
            let found = compare(&after, read(&mut gateway).fields()).changes;
            assert_eq!(found, [], "{how:?} {switch}: {body}");
        }
    }
}
