//! Plugins of Kong and APISIX, which a document attaches at its root, a path or an operation.
//!
//! Three kinds mean something here: CORS, what checks callers, and what rewrites the request
//! that the backend is sent. All others are told where they stand.

use crate::finding::notes::Notes;
use crate::finding::{Finding, Place};
use crate::spec::model::Extension;
use crate::spec::{Node, Operation};
use crate::target::tencent::map::backend::{Backend, Constant};
use crate::target::tencent::map::vendors::reading::{constant, lost, refused, text};
use crate::target::tencent::names;

/// A plugin that is on for an operation.
#[derive(Debug)]
pub(super) struct Plugin<'a> {
    pub(super) name: &'a str,
    config: Node<'a>,
    pub(super) place: Place,
}

/// Words that hold one plugin, its name behind.
const SINGLE: &[&str] = &["x-kong-plugin-", "x-adc-plugin-"];

/// Words that hold plugins by name.
const SEVERAL: &[&str] = &["x-apisix-plugins", "x-adc-plugins"];

/// Plugins that are read and check nobody.
const REWRITES: &[&str] = &["request-transformer", "proxy-rewrite"];

/// The plugins that mean something here.
pub(super) const READ: &[&str] = &[
    "cors",
    REWRITES[0],
    REWRITES[1],
    "acl",
    "authz-casbin",
    "authz-casdoor",
    "authz-keycloak",
    "basic-auth",
    "cas-auth",
    "consumer-restriction",
    "forward-auth",
    "hmac-auth",
    "ip-restriction",
    "jwt",
    "jwt-auth",
    "key-auth",
    "key-auth-enc",
    "ldap-auth",
    "ldap-auth-advanced",
    "mtls-auth",
    "multi-auth",
    "oauth2",
    "oauth2-introspection",
    "opa",
    "openid-connect",
    "referer-restriction",
    "saml",
    "session",
    "ua-restriction",
    "uri-blocker",
    "vault-auth",
    "wolf-rbac",
];

/// Whether an extension is a single plugin that is read.
pub(super) fn is_read(extension: &str) -> bool {
    let name = SINGLE.iter().find_map(|prefix| extension.strip_prefix(prefix));
    name.is_some_and(|name| READ.contains(&name))
}

impl Plugin<'_> {
    /// The plugin's name, if it checks callers.
    pub(super) fn access(&self) -> Option<&'static str> {
        let rest = READ.iter().filter(|name| !REWRITES.contains(name) && **name != "cors");
        rest.copied().find(|name| *name == self.name)
    }

    fn is_on(&self) -> bool {
        let is = |key, value| self.config.get(key).and_then(Node::as_bool) == Some(value);
        let of_meta = self.config.get("_meta").and_then(|meta| meta.get("disable")?.as_bool());
        !is("enabled", false) && !is("disable", true) && of_meta != Some(true)
    }
}

/// The plugins of an operation. Those of its own stand in place of its path's and the
/// document's of the same name.
pub(super) fn plugins<'a>(operation: &Operation<'a>) -> Vec<Plugin<'a>> {
    let mut found: Vec<Plugin<'a>> = Vec::new();
    for plugin in operation.extensions.all().flat_map(|extension| of_extension(*extension)) {
        if !found.iter().any(|known| known.name == plugin.name) {
            found.push(plugin);
        }
    }
    found.retain(Plugin::is_on);
    found
}

fn of_extension(extension: Extension<'_>) -> Vec<Plugin<'_>> {
    if let Some(name) = SINGLE.iter().find_map(|prefix| extension.name.strip_prefix(prefix)) {
        let plugin = Plugin { name, config: extension.node(), place: extension.place() };
        return vec![plugin];
    }
    if !SEVERAL.contains(&extension.name) {
        return Vec::new();
    }
    let plugin = |(key, config)| Plugin {
        name: crate::spec::tree::Key::as_str(key),
        config,
        place: key.place(),
    };
    extension.node().entries().map(plugin).collect()
}

/// What plugins make of the request that the backend is sent.
#[derive(Debug, Default)]
pub(super) struct Rewrite {
    path: Option<String>,
    method: Option<String>,
    constants: Vec<Constant>,
}

impl Rewrite {
    /// What the plugin of this name rewrites, or why the backend's path is not known.
    pub(super) fn of(
        operation: &Operation<'_>,
        name: &str,
        notes: &mut Notes,
    ) -> Result<Option<Self>, Box<Finding>> {
        let plugins = plugins(operation);
        let Some(plugin) = plugins.iter().find(|plugin| plugin.name == name) else {
            return Ok(None);
        };
        for field in [names::BACKEND_PATH, names::BACKEND_METHOD, names::CONSTANT_PARAMETERS] {
            notes.from(field, "the plugin", &plugin.place);
        }
        let mut rewrite = Self::default();
        let config = plugin.config.get("config").unwrap_or(plugin.config);
        for (key, value) in config.entries() {
            let place = key.place();
            match (key.as_str(), value.as_str()) {
                ("uri", Some(path)) if !path.contains('$') => rewrite.path = Some(path.to_owned()),
                ("uri" | "regex_uri", _) => {
                    let message = format!("`{}` rewrites the path with variables", plugin.name);
                    return refused(place, message);
                }
                ("method" | "http_method", Some(method)) => {
                    rewrite.method = Some(method.to_ascii_uppercase());
                }
                ("add" | "set" | "headers", _) => rewrite.add(value, plugin.name, notes),
                ("replace", _) if let Some(path) = text(value, "uri") => {
                    rewrite.path = Some(path.to_owned());
                }
                ("name" | "enabled" | "_meta" | "tags" | "disable", _) => {}
                (key, _) => lost(notes, &place, &format!("`{key}` of `{}`", plugin.name)),
            }
        }
        Ok(Some(rewrite))
    }

    /// Fixed headers and queries: lists of `name:value`, or names with their values, in groups.
    fn add(&mut self, group: Node<'_>, plugin: &str, notes: &mut Notes) {
        for (key, value) in group.entries() {
            let position = if key.as_str() == "querystring" { "QUERY" } else { "HEADER" };
            let is_fixed = |text: &str| !text.contains('$');
            match (key.as_str(), value.as_str()) {
                ("headers" | "querystring", _) if value.is_list() => {
                    let pairs = value.items().filter_map(|it| it.as_str()?.split_once(':'));
                    self.constants.extend(
                        pairs
                            .filter(|(_, value)| is_fixed(value))
                            .map(|(name, value)| constant(position, name, value)),
                    );
                }
                ("set" | "add", _) if value.is_map() => self.add(value, plugin, notes),
                (name, Some(text)) if is_fixed(text) => {
                    self.constants.push(constant(position, name, text));
                }
                (name, _) => lost(notes, &key.place(), &format!("`{name}` of `{plugin}`")),
            }
        }
    }

    /// The backend as the plugins rewrite it.
    pub(super) fn apply(self, backend: Backend) -> Backend {
        Backend {
            path: self.path.unwrap_or(backend.path),
            method: self.method.or(backend.method),
            constants: [backend.constants, self.constants].concat(),
            ..backend
        }
    }
}
