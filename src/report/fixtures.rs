//! Values that the tests of this room share.

use jiff::Timestamp;

use serde_json::Map;

use crate::plan::{Digest, Item, ItemKey, Origin};
use crate::report::journal::line::Head;
use crate::run::Outcome;
use crate::target::tencent::body::Body;

/// An item named after its path.
pub(crate) fn item(method: &str, path: &str) -> Item {
    Item {
        key: ItemKey { service: "service-a".into(), method: method.into(), path: path.into() },
        api_name: format!("{method} {path}"),
        request: Body::of(&mut Map::from_iter([("Path".to_owned(), path.into())]).into()),
        digest: Digest::of(path.as_bytes()),
        origin: origin(),
        findings: Vec::new(),
        authorised_by: None,
    }
}

pub(crate) fn origin() -> Origin {
    Origin {
        source: "petstore.yaml".into(),
        line: 41,
        column: 5,
        pointer: "/paths/~1pets/get".into(),
        operation_id: Some("listPets".into()),
    }
}

pub(crate) fn head() -> Head {
    let endpoint = "https://apigateway.tencentcloudapi.com".to_owned();
    Head::new("run-1".into(), Timestamp::UNIX_EPOCH, endpoint, "ap-guangzhou".into())
}

/// An outcome of every kind, with an id where it has one.
pub(crate) fn all_outcomes() -> Vec<Outcome> {
    let (id, code) = (|| "api-1".to_owned(), || "Code".to_owned());
    vec![
        Outcome::Created { id: id() },
        Outcome::Found { id: id() },
        Outcome::Exists { id: id() },
        Outcome::Refused { code: code() },
        Outcome::GaveUp { code: code() },
        Outcome::Unconfirmed,
        Outcome::Duplicate { ids: vec![id(), "api-2".to_owned()] },
        Outcome::Unfit,
        Outcome::Skipped,
        Outcome::Deleted { id: id() },
        Outcome::NotSent,
    ]
}
