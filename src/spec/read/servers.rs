//! Servers of OpenAPI 3, their variables filled in.

use crate::finding::Finding;
use crate::spec::model::Server;
use crate::spec::read::fields::{Fields, wrong_type};
use crate::spec::reference::Resolver;
use crate::spec::tree::Node;

/// The servers that an object lists itself; none where it has no list or an empty one.
pub(crate) fn servers<'s>(
    resolver: Resolver<'s>,
    node: Node<'s>,
    findings: &mut Vec<Finding>,
) -> Vec<Server> {
    let Some(list) = Fields::of(node, findings).list("servers") else { return Vec::new() };
    let mut servers = Vec::new();
    for item in list.items() {
        match resolver.find(item).filter(|item| item.is_map()) {
            Some(server) => servers.extend(self::server(server, findings)),
            None => findings.push(wrong_type(item.place(), "servers", item, "a list of servers")),
        }
    }
    servers
}

fn server(node: Node<'_>, findings: &mut Vec<Finding>) -> Option<Server> {
    let mut fields = Fields::of(node, findings);
    let template = fields.text("url")?;
    let variables = fields.map("variables");
    let (url, unfilled) = fill(template, |name| default_of(variables?.get(name)?));
    let place = node.entry("url").map_or_else(|| node.place(), |(key, _)| key.place());
    let has_variables = next_variable(template).is_some();
    Some(Server { url, place, has_variables, unfilled })
}

fn default_of(variable: Node<'_>) -> Option<&str> {
    variable.get("default")?.scalar()
}

/// The address with its variables filled in, and the variables that have no value.
fn fill<'v>(template: &str, value: impl Fn(&str) -> Option<&'v str>) -> (String, Vec<String>) {
    let mut url = String::new();
    let mut unfilled = Vec::new();
    let mut rest = template;
    while let Some((before, name, after)) = next_variable(rest) {
        url.push_str(before);
        if let Some(value) = value(name) {
            // Exports of another gateway have `/prod` for `https://host/{stage}`.
            let doubled = url.ends_with('/') && !url.ends_with("://");
            url.push_str(if doubled { value.trim_start_matches('/') } else { value });
        } else {
            url.push_str(&rest[before.len()..rest.len() - after.len()]);
            unfilled.push(name.to_owned());
        }
        rest = after;
    }
    url.push_str(rest);
    (url, unfilled)
}

/// What comes before the next `{name}`, its name, and what comes after. Apifox and Postman write
/// `{{name}}`.
fn next_variable(text: &str) -> Option<(&str, &str, &str)> {
    let (before, behind) = text.split_once('{')?;
    let (behind, end) = behind.strip_prefix('{').map_or((behind, "}"), |inner| (inner, "}}"));
    let (name, after) = behind.split_once(end)?;
    Some((before, name.trim(), after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_take_their_defaults_and_the_rest_is_named() {
        let value = |name: &str| (name == "region").then_some("eu");
        let (url, unfilled) = fill("https://{region}.example.com:{port}/v1", value);
        assert_eq!(url, "https://eu.example.com:{port}/v1");
        assert_eq!(unfilled, ["port"]);
        assert_eq!(fill("/a{b", value).0, "/a{b");
        let twice = fill("https://{{region}}.test/{{ tenant }}", value);
        assert_eq!(twice, ("https://eu.test/{{ tenant }}".to_owned(), vec!["tenant".to_owned()]));
        let rooted = |_: &str| Some("/prod");
        assert_eq!(fill("https://x/{stage}", rooted).0, "https://x/prod");
        assert_eq!(fill("https://x{stage}", rooted).0, "https://x/prod");
        assert_eq!(fill("", value).0, "");
    }
}
