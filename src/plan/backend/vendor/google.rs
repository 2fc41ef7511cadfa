//! `x-google-backend` of Cloud Endpoints and API Gateway: an address, how the path is
//! translated, a deadline.

use super::{extension, not_carried, refused, text};
use crate::gateway::request::ServiceParameter;
use crate::plan::backend::{Address, Backend};
use crate::plan::notes::Notes;
use crate::plan::path::{Template, join};
use crate::plan::scene::Scene;
use crate::spec::{Finding, Node};

pub(super) const NAME: &str = "x-google-backend";

/// The backend that `x-google-backend` names.
pub(super) fn backend(
    scene: Scene<'_>,
    notes: &mut Notes,
) -> Option<Result<Backend, Box<Finding>>> {
    let found = extension(scene, NAME)?;
    let node = found.node();
    let address = text(node, "address")?;
    not_carried(found, &["jwt_audience", "disable_auth", "protocol"], notes);
    let address = match Address::parse(address) {
        Ok(address) => address,
        Err(fault) => {
            return Some(refused(found.place(), format!("the address `{address}` {fault}")));
        }
    };
    let path = &*scene.path();
    let is_own = scene.operation.extensions.operation.iter().any(|own| own.name == NAME);
    let constant = match text(node, "path_translation") {
        Some(translation) => translation == "CONSTANT_ADDRESS",
        None => is_own,
    };
    Some(Ok(Backend {
        kind: "HTTP".into(),
        path: if constant { constant_path(&address) } else { join(&address.path, path) },
        parameters: constant.then(|| as_query(path)),
        timeout: node.get("deadline").and_then(Node::as_f64).and_then(seconds),
        url: Some(address.url),
        ..Backend::default()
    }))
}

fn constant_path(address: &Address) -> String {
    if address.path.is_empty() { "/".to_owned() } else { address.path.clone() }
}

/// A constant address is given the path's parameters as a query.
fn as_query(path: &str) -> Vec<ServiceParameter> {
    let names = Template::parse(path).map(|template| template.names).unwrap_or_default();
    let parameter = |name: &&str| ServiceParameter {
        name: Some((*name).to_owned()),
        position: Some("QUERY".into()),
        relevant_request_parameter_position: Some("PATH".into()),
        relevant_request_parameter_name: Some((*name).to_owned()),
        ..ServiceParameter::default()
    };
    names.iter().map(parameter).collect()
}

/// Whole seconds, at least one.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
fn seconds(deadline: f64) -> Option<i64> {
    (0.0..1e6).contains(&deadline).then(|| (deadline.ceil() as i64).max(1))
}
