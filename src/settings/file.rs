//! The settings file: its keys, how each is read, and what each may hold.
//!
//! Read through the same tree as documents, so that each error has its place. The same list
//! makes the JSON Schema that editors are given; a test holds it against the copy in
//! `samples/settings`.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::settings::plan_settings::PlanSettings;
use crate::settings::reader::{Reader, SettingsError};
use crate::settings::schema;
use crate::spec::tree::Tree;
use crate::spec::{Node, SourceText};
use crate::target::tencent::map::options::{BasePath, Mock, Patch, PathDialects, PathMatch};

/// A settings file understood.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// What decides a plan.
    pub plan: PlanSettings,
    /// How the gateway is reached.
    pub connection: Connection,
}

/// How the gateway is reached, as far as the file sets it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Connection {
    /// Its address.
    pub endpoint: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The profile that holds the credentials.
    pub profile: Option<String>,
    /// Creates a second.
    pub rate: Option<f64>,
}

/// Reads a settings file's text; `name` is the file's, as shown.
///
/// # Errors
/// All that is wrong with it, in the order of the file.
pub fn parse(text: &str, name: &str) -> Result<Settings, Vec<SettingsError>> {
    let source = SourceText { name: Arc::from(name), text: text.to_owned() };
    let tree = Tree::read(source).map_err(|flaw| {
        vec![SettingsError { place: flaw.place, message: flaw.message, hint: None }]
    })?;
    let mut reader = Reader::default();
    let mut settings = Settings::default();
    let known: Vec<&str> = KEYS.iter().map(|key| key.name).collect();
    let root = tree.root();
    let entries = if root.is_null() { Vec::new() } else { reader.entries(root, Some(&known)) };
    for (name, node) in entries {
        let key = KEYS.iter().find(|key| key.name == name);
        // A section whose entries are all still to come, or commented out, says nothing.
        if let Some(key) = key.filter(|key| !(key.is_section && node.is_null())) {
            (key.read)(&mut reader, node, &mut settings);
        }
    }
    reader.oddities(&tree);
    reader.errors.sort_by_key(|error| (error.place.line, error.place.column));
    settings.plan.mapping.file = Some(Arc::new(tree));
    if reader.errors.is_empty() { Ok(settings) } else { Err(reader.errors) }
}

/// The JSON Schema of a settings file.
pub fn json_schema() -> Value {
    let properties: Map<String, Value> =
        KEYS.iter().map(|key| (key.name.to_owned(), (key.schema)())).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Settings of apiferry",
        "type": ["object", "null"],
        "additionalProperties": false,
        "properties": properties,
        "$defs": schema::definitions(),
    })
}

/// A key of the file.
struct Key {
    name: &'static str,
    /// Whether it holds entries; without any it may be left empty.
    is_section: bool,
    read: fn(&mut Reader, Node<'_>, &mut Settings),
    schema: fn() -> Value,
}

const fn section(
    name: &'static str,
    read: fn(&mut Reader, Node<'_>, &mut Settings),
    schema: fn() -> Value,
) -> Key {
    Key { name, is_section: true, read, schema }
}

const fn value(
    name: &'static str,
    read: fn(&mut Reader, Node<'_>, &mut Settings),
    schema: fn() -> Value,
) -> Key {
    Key { name, is_section: false, read, schema }
}

/// All keys, in the order of the reference.
const KEYS: &[Key] = &[
    section("services", |r, at, s| s.plan.services = r.list(at, Reader::service), schema::services),
    section("defaults", |r, at, s| s.plan.defaults = r.fields(at), schema::defaults),
    section("security", |r, at, s| s.plan.security = r.security(at), schema::security),
    section("rules", |r, at, s| s.plan.rules = r.rules(at), schema::rules),
    value(
        "paths",
        |r, at, s| set(&mut s.plan.mapping.paths, r.word(at, PATHS)),
        || schema::words("what becomes of paths as other frameworks write them", PATHS),
    ),
    value(
        "base-path",
        |r, at, s| set(&mut s.plan.mapping.base_path, r.word(at, BASE_PATH)),
        || schema::words("what becomes of a server's path at the front", BASE_PATH),
    ),
    value(
        "path-match",
        |r, at, s| set(&mut s.plan.mapping.path_match, r.word(at, PATH_MATCH)),
        || schema::words("how a path without parameters is matched", PATH_MATCH),
    ),
    value(
        "patch",
        |r, at, s| set(&mut s.plan.mapping.patch, r.word(at, PATCH)),
        || schema::words("what becomes of PATCH", PATCH),
    ),
    value(
        "backend-override",
        |r, at, s| s.plan.mapping.backend_override = r.address(at),
        schema::name,
    ),
    value(
        "mock",
        |r, at, s| s.plan.mapping.mock = r.word(at, MOCK),
        || schema::words("where MOCK backends are used", MOCK),
    ),
    value(
        "mock-synthesize",
        |r, at, s| set(&mut s.plan.mapping.mock_synthesize, r.flag(at)),
        schema::flag,
    ),
    value("error-codes", |r, at, s| set(&mut s.plan.mapping.error_codes, r.flag(at)), schema::flag),
    value(
        "description-limit",
        |r, at, s| set(&mut s.plan.mapping.description_limit, r.count(at)),
        schema::count,
    ),
    value(
        "example-limit",
        |r, at, s| set(&mut s.plan.mapping.example_limit, r.count(at)),
        schema::count,
    ),
    value("endpoint", |r, at, s| s.connection.endpoint = r.endpoint(at), schema::name),
    value("region", |r, at, s| s.connection.region = r.name(at), schema::name),
    value("profile", |r, at, s| s.connection.profile = r.name(at), schema::name),
    value("rate", |r, at, s| s.connection.rate = r.rate(at), schema::rate),
];

const PATHS: &[(&str, PathDialects)] =
    &[("adapt", PathDialects::Adapt), ("literal", PathDialects::Literal)];

const BASE_PATH: &[(&str, BasePath)] =
    &[("ignore", BasePath::Ignore), ("prepend", BasePath::Prepend)];

const PATH_MATCH: &[(&str, PathMatch)] =
    &[("plain", PathMatch::Plain), ("exact", PathMatch::Exact)];

const PATCH: &[(&str, Patch)] =
    &[("refuse", Patch::Refuse), ("any", Patch::Any), ("send", Patch::Send)];

const MOCK: &[(&str, Mock)] = &[("missing", Mock::Missing), ("all", Mock::All)];

fn set<T>(slot: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *slot = value;
    }
}

#[cfg(test)]
mod tests;
