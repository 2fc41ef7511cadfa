//! How `DescribeApi` answers what is held: what the documentation leaves open, played either
//! way.
//!
//! Whatever is told here, the answer says the same API: a reader that finds a difference
//! under any of these has made it up.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::simulator::body::word;
use crate::simulator::check::fields;
use crate::simulator::random::mix;

type Info = Map<String, Value>;

/// How `DescribeApi` answers.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Reading {
    /// How a field without a value is answered.
    pub empty: Empty,
    /// Whether fields that were not sent are answered with the gateway's defaults.
    pub defaults: bool,
    /// Whether lists come in another order.
    pub shuffled: bool,
    /// Whether parameters that reach the backend unchanged are listed as its parameters.
    pub identity_parameters: bool,
    /// Whether positions are answered in lower case.
    pub lower_case_positions: bool,
    /// Whether `Protocol` is answered as the service spells it.
    pub service_protocol: bool,
    /// Whether lines end by CR LF.
    pub crlf: bool,
    /// Whether fields that the model does not know are answered too.
    pub unknown_fields: bool,
    /// How long a create or a change stays unseen.
    pub lag_ms: u64,
}

/// How a field without a value is answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Empty {
    /// As null.
    #[default]
    Nulls,
    /// As an empty text, list or object, as 0 or false.
    Blank,
    /// Not at all.
    Absent,
}

impl Reading {
    /// The fields that were sent, with what the gateway adds to them.
    pub(crate) fn prepare(&self, mut info: Info, protocol: &str) -> Info {
        if self.defaults {
            fill_defaults(&mut info);
        }
        if self.identity_parameters {
            add_identity_parameters(&mut info);
        }
        if self.service_protocol && word(&info, "Protocol") == "HTTP" {
            info.insert("Protocol".into(), protocol.into());
        }
        info
    }

    /// The shaped answer as it is told; `salt` decides the order.
    pub(crate) fn tell(&self, mut info: Info, salt: u64) -> Info {
        for (name, value) in &mut info {
            self.walk(name, value, salt);
        }
        self.tell_empty("ApiInfo", &mut info);
        if self.unknown_fields {
            info.insert("GatewayRevision".into(), 7.into());
            info.insert("Labels".into(), json!([{"Key": "a", "Value": null}]));
        }
        info
    }

    fn walk(&self, name: &str, value: &mut Value, salt: u64) {
        match value {
            Value::Array(items) => {
                if self.shuffled {
                    let key = |item: &Value| {
                        item.to_string().bytes().fold(salt, |sum, byte| mix(sum ^ u64::from(byte)))
                    };
                    items.sort_by_key(key);
                }
                for item in items {
                    self.walk(name, item, salt);
                }
            }
            Value::Object(inner) => {
                inner.iter_mut().for_each(|(name, value)| self.walk(name, value, salt));
            }
            Value::String(text) if self.lower_case_positions && name.ends_with("Position") => {
                *text = text.to_lowercase();
            }
            Value::String(text) if self.crlf => *text = text.replace('\n', "\r\n"),
            _ => {}
        }
    }

    fn tell_empty(&self, type_name: &str, info: &mut Info) {
        for field in fields(type_name) {
            let Some(value) = field["name"].as_str().and_then(|name| info.get_mut(name)) else {
                continue;
            };
            let of = field["of"].as_str().or(field["items"].as_str()).unwrap_or_default();
            match value {
                Value::Null if self.empty == Empty::Blank => *value = blank(field),
                Value::Object(inner) => self.tell_empty(of, inner),
                Value::Array(items) => {
                    let objects = items.iter_mut().filter_map(Value::as_object_mut);
                    objects.for_each(|inner| self.tell_empty(of, inner));
                }
                _ => {}
            }
        }
        if self.empty == Empty::Absent {
            info.retain(|_, value| !value.is_null());
        }
    }
}

fn blank(field: &Value) -> Value {
    match field["type"].as_str().unwrap_or_default() {
        "string" => "".into(),
        "integer" => 0.into(),
        "boolean" => false.into(),
        "array" => json!([]),
        _ => json!({}),
    }
}

/// What clients' tests and the console show of APIs that were created without these.
fn fill_defaults(info: &mut Info) {
    let mut defaults = json!({
        "ApiType": "NORMAL", "AuthType": "NONE", "ApiBusinessType": "NORMAL", "EnableCORS": false,
        "IsDebugAfterCharge": false, "IsBase64Encoded": false, "IsBase64Trigger": false,
        "AuthRelationApiId": "", "ResponseType": "HTML", "ServiceScfIsIntegratedResponse": false,
        "OauthConfig": {"PublicKey": "", "TokenLocation": "", "LoginRedirectUrl": ""},
    });
    let more = match word(info, "ServiceType") {
        "SCF" => json!({
            "ServiceScfFunctionNamespace": "default", "ServiceScfFunctionQualifier": "$LATEST",
            "ServiceScfEventIsAsyncCall": false,
        }),
        "TSF" => json!({
            "ServiceTsfLoadBalanceConf": {
                "IsLoadBalance": true, "Method": "RoundRobinRule", "SessionStickRequired": false,
                "SessionStickTimeout": 0,
            },
            "ServiceTsfHealthCheckConf": {
                "IsHealthCheck": false, "RequestVolumeThreshold": 20,
                "SleepWindowInMilliseconds": 5000, "ErrorThresholdPercentage": 50,
            },
        }),
        "MOCK" => json!({"ServiceConfig": {"Product": "", "UniqVpcId": "", "Url": "", "Path": ""}}),
        _ => json!({"ServiceConfig": {"Product": "", "UniqVpcId": "", "UpstreamId": ""}}),
    };
    fill(&mut defaults, more);
    let mut filled = Value::from(std::mem::take(info));
    fill(&mut filled, defaults);
    if let Value::Object(filled) = filled {
        *info = filled;
    }
    for list in ["RequestParameters", "ServiceParameters", "ConstantParameters"] {
        for item in info.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            fill(item, json!({"Desc": "", "DefaultValue": "", "Required": false}));
        }
    }
    for item in
        info.get_mut("ResponseErrorCodes").and_then(Value::as_array_mut).into_iter().flatten()
    {
        fill(item, json!({"Desc": "", "ConvertedCode": 0, "NeedConvert": false}));
    }
}

/// Adds what is not set yet, object by object.
fn fill(value: &mut Value, more: Value) {
    if let (Value::Object(fields), Value::Object(more)) = (value, more) {
        for (name, value) in more {
            fill(fields.entry(name).or_insert_with(|| value.clone()), value);
        }
    }
}

fn add_identity_parameters(info: &mut Info) {
    let list = |name: &str| info.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let mut mapped = list("ServiceParameters");
    let reaches = |mapped: &[Value], parameter: &Value| {
        mapped.iter().any(|one| {
            let passes = |name: &str, position: &str| {
                one[name] == parameter["Name"] && one[position] == parameter["Position"]
            };
            passes("Name", "Position")
                || passes("RelevantRequestParameterName", "RelevantRequestParameterPosition")
        })
    };
    for parameter in list("RequestParameters") {
        if !reaches(&mapped, &parameter) {
            mapped.push(json!({
                "Name": parameter["Name"], "Position": parameter["Position"],
                "RelevantRequestParameterName": parameter["Name"],
                "RelevantRequestParameterPosition": parameter["Position"],
                "RelevantRequestParameterDesc": parameter["Desc"], "DefaultValue": parameter["DefaultValue"],
            }));
        }
    }
    if !mapped.is_empty() {
        info.insert("ServiceParameters".into(), mapped.into());
    }
}

#[cfg(test)]
mod tests;
