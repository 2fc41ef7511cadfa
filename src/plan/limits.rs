//! What the gateway would refuse of one request, found before it is sent.
//!
//! Figures and required fields are the gateway's published ones. What it does not publish
//! (lengths of paths and descriptions, the range of timeouts) is not guessed here.

use serde_json::Value;

use crate::gateway::request::CreateApi;
use crate::spec::{Code, Finding, Place};

use super::backend::{Reach, reach};
use super::layers::Fields;
use super::parameters;

/// Bytes that a signed request may have.
pub(super) const BODY_LIMIT: usize = 10 * 1024 * 1024;

/// Checks one request as it would be sent, in a body of `size` bytes.
pub(super) fn check(request: &CreateApi, size: usize, place: &Place, findings: &mut Vec<Finding>) {
    let mut say = |code, message| findings.push(Finding::new(code, place.clone(), message));
    let count = request.request_parameters.as_ref().map_or(0, Vec::len);
    if count > parameters::LIMIT {
        let message = format!("{count} parameters; the gateway takes {}", parameters::LIMIT);
        say(Code::TooManyParameters, message);
    }
    if size > BODY_LIMIT {
        say(
            Code::BodyTooLarge,
            format!("the request has {size} bytes; the gateway takes {BODY_LIMIT}"),
        );
    }
}

/// What of weaker fields means something for this kind of backend: a default address does
/// not make a mock one that has an address.
pub(super) fn that_apply(fields: &Fields, service_type: Option<&Value>) -> Fields {
    let kind = service_type.and_then(Value::as_str).unwrap_or("HTTP");
    let applies = |name: &str| match name {
        "ServiceConfig" => reach(kind) != Reach::Nothing,
        "ServiceMockReturnMessage" => kind == "MOCK",
        _ => true,
    };
    fields.iter().filter(|(name, _)| applies(name)).map(|(n, v)| (n.clone(), v.clone())).collect()
}
