//! What a service holds, as OpenAPI 3.0.3.
//!
//! What the standard can say stands where the standard has it, for readers and other tools;
//! every field stands in an `x-apigw-*` word besides, and `x-apigw-exact` at the root has an
//! import take those alone. So an import of the document creates what was read, and an export
//! of that is the same text. What cannot be read back or said is a [`Gap`].

pub mod answers;
mod gap;
pub mod holding;
mod operation;
mod paths;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value, json};

use crate::target::tencent::read_back::ReadBack;

pub use gap::Gap;
pub use holding::Holding;

use gap::route;
use operation::Naming;
use paths::{Place, sort_key};

/// A document of a service. A service has a second one where one document cannot say all.
#[derive(Debug, Clone)]
pub struct Exported {
    /// The document.
    pub document: Value,
    /// What it does not hold.
    pub gaps: Vec<Gap>,
    /// How many APIs it holds.
    pub apis: usize,
}

/// The documents of a service; none where it holds nothing and nothing was missed.
pub fn documents(holding: &Holding) -> Vec<Exported> {
    let mut apis: Vec<&ReadBack> = holding.apis.iter().collect();
    apis.sort_by_key(|api| sort_key(api));
    let naming = Naming::of(&apis);
    let mut parts: Vec<Part> = vec![Part::default()];
    for api in apis {
        let place = Place::of(api);
        let free = parts.iter().position(|part| part.takes(&place)).unwrap_or(parts.len());
        if free == parts.len() {
            parts.push(Part::default());
        }
        parts[free].add(api, place, &naming);
        if free > 0 {
            parts[free].gaps.push(Gap {
                code: "second-document",
                route: route(api),
                message:
                    "another API stands there already, so this one is in a document of its own"
                        .to_owned(),
                is_loss: false,
            });
        }
    }
    parts[0].gaps.extend(holding.unread.iter().map(|id| Gap {
        code: "not-read",
        route: String::new(),
        message: format!("the service lists the API {id}, which was not read"),
        is_loss: true,
    }));
    parts.into_iter().map(|part| part.exported(holding)).collect()
}

/// A document in the making.
#[derive(Debug, Default)]
struct Part {
    paths: BTreeMap<String, Map<String, Value>>,
    /// Which key a path of this shape has.
    shapes: HashMap<String, String>,
    schemes: BTreeSet<&'static str>,
    gaps: Vec<Gap>,
    apis: usize,
}

impl Part {
    /// Whether the place is free, and no other key of the document means the same.
    fn takes(&self, place: &Place) -> bool {
        let is_same = |key: &String| *key == place.key;
        let is_taken =
            || self.paths.get(&place.key).is_some_and(|item| item.contains_key(place.method));
        self.shapes.get(&place.shape).is_none_or(is_same) && !is_taken()
    }

    fn add(&mut self, api: &ReadBack, place: Place, naming: &Naming) {
        let (operation, scheme) = operation::of(api, &place, naming, &mut self.gaps);
        self.schemes.extend(scheme);
        self.shapes.insert(place.shape, place.key.clone());
        self.paths.entry(place.key).or_default().insert(place.method.to_owned(), operation.into());
        self.apis += 1;
    }

    fn exported(self, holding: &Holding) -> Exported {
        let name = if holding.name.is_empty() { &holding.service } else { &holding.name };
        let mut document = json!({
            "openapi": "3.0.3",
            "info": { "title": name, "version": "1.0.0" },
            "servers": [{ "url": "/" }],
            "security": [],
            "x-apigw-exact": true,
            "paths": self.paths,
        });
        if !holding.description.is_empty() {
            document["info"]["description"] = holding.description.as_str().into();
        }
        if !self.schemes.is_empty() {
            let schemes =
                self.schemes.into_iter().map(|name| (name.into(), operation::scheme(name)));
            document["components"] =
                json!({ "securitySchemes": schemes.collect::<Map<String, Value>>() });
        }
        Exported { document, gaps: self.gaps, apis: self.apis }
    }
}
