//! `requestParameters` of an integration: from what callers send to what the backend is sent.
//!
//! REST APIs write `integration.request.path.id: method.request.path.petId`, HTTP APIs
//! `append:header.X: $request.header.Y`. What has no counterpart is a finding; only a path without
//! one makes the operation unfit, since its requests would go astray.

use crate::finding::notes::Notes;
use crate::finding::{Code, Finding};
use crate::spec::Node;
use crate::target::tencent::map::backend::{Constant, Renamed};
use crate::target::tencent::map::vendors::reading::{moved, refused};

/// What a mapped parameter of a REST API begins with.
const OWN: &str = "integration.request.";

/// The same, and those of HTTP APIs.
const MAPPINGS: &[&str] = &[OWN, "append:", "overwrite:"];

/// The whole path of an HTTP API's backend.
const PATH: &str = "overwrite:path";

/// What the backend is sent otherwise than callers send it.
#[derive(Debug, Default)]
pub(crate) struct Renames {
    /// The backend's path, where a mapping names the whole of it.
    pub(crate) path: Option<String>,
    /// Parameters of a fixed value.
    pub(crate) constants: Vec<Constant>,
    parameters: Vec<Renamed>,
    /// Names in the backend's path and the texts that stand for them.
    path_constants: Vec<(String, String)>,
}

impl Renames {
    /// What an integration's mappings set, where callers send `front`.
    pub(crate) fn of(
        mappings: Option<Node<'_>>,
        front: &str,
        notes: &mut Notes,
    ) -> Result<Self, Box<Finding>> {
        let mut renames = Self::default();
        for (key, from) in mappings.into_iter().flat_map(Node::entries) {
            let (to, from) = (key.as_str(), from.scalar().unwrap_or_default());
            if to == PATH {
                renames.path = written(from, front);
                if renames.path.is_none() {
                    let message = format!("the backend's path `{from}` has no counterpart");
                    return refused(key.place(), message);
                }
            } else if renames.add(to, from).is_none() {
                let message = format!("`{to}: {from}` has no counterpart");
                notes.tell(Code::EXTENSION_NOT_CARRIED, &key.place(), message);
            }
        }
        Ok(renames)
    }

    /// Adds one; `None` where the gateway has nothing like it.
    fn add(&mut self, to: &str, from: &str) -> Option<()> {
        let rest = MAPPINGS.iter().find_map(|prefix| to.strip_prefix(prefix))?;
        let (position, name) = place_of(rest)?;
        let quoted = from.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
        let plain = || (!to.starts_with(OWN) && !from.contains('$')).then_some(from);
        let constant = quoted.or_else(plain);
        match (constant, position) {
            (Some(text), "PATH") => self.path_constants.push((name.into(), text.into())),
            (Some(text), _) => {
                self.constants.push(Constant { position, name: name.into(), value: text.into() });
            }
            (None, _) => {
                let (source_position, source_name) = source(from)?;
                self.parameters.push(Renamed {
                    position,
                    name: name.to_owned(),
                    source_position,
                    source_name: source_name.to_owned(),
                });
            }
        }
        Some(())
    }

    /// The backend's path with texts in place of the names that have a fixed value.
    pub(crate) fn constants_in(&self, path: &str) -> String {
        self.path_constants
            .iter()
            .fold(path.to_owned(), |path, (name, text)| path.replace(&format!("{{{name}}}"), text))
    }

    /// All that are mapped.
    pub(crate) fn parameters(&self) -> &[Renamed] {
        &self.parameters
    }

    /// Those that the backend has to be told of.
    pub(crate) fn moved(&self) -> Vec<Renamed> {
        moved(self.parameters.clone())
    }
}

/// What callers send: `method.request.path.NAME`, `$request.path.NAME` or `${request.path.NAME}`.
fn source(from: &str) -> Option<(&'static str, &str)> {
    let braced = from.strip_prefix("${").and_then(|text| text.strip_suffix('}'));
    let variable = braced.or_else(|| from.strip_prefix('$'));
    let text = match variable {
        Some(variable) => variable.strip_prefix("request.")?,
        None => from.strip_prefix("method.request.")?,
    };
    // Several in one value, or text around them, is not a renaming.
    place_of(text).filter(|(_, name)| !name.contains(['$', '{', '}', ' ', '/']))
}

/// `path.NAME`, `querystring.NAME` or `header.NAME`.
fn place_of(text: &str) -> Option<(&'static str, &str)> {
    let (place, name) = text.split_once('.')?;
    let position = match place {
        "path" => "PATH",
        "querystring" | "multivaluequerystring" => "QUERY",
        "header" | "multivalueheader" => "HEADER",
        _ => return None,
    };
    Some((position, name))
}

/// A whole path with `{name}` for each of the callers' path parameters; `None` where it
/// holds something else that is known only when a request comes.
fn written(from: &str, front: &str) -> Option<String> {
    let mut path = String::new();
    let mut rest = from;
    while let Some((before, after)) = rest.split_once('$') {
        path.push_str(before);
        let (variable, behind) = match after.strip_prefix('{') {
            Some(inner) => inner.split_once('}')?,
            None => after.split_at(after.find('/').unwrap_or(after.len())),
        };
        if variable == "request.path" {
            path.push_str(front);
        } else {
            path.extend(["{", variable.strip_prefix("request.path.")?, "}"]);
        }
        rest = behind;
    }
    path.push_str(rest);
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_of_callers_is_named_in_three_ways() {
        for from in ["method.request.header.X", "$request.header.X", "${request.header.X}"] {
            assert_eq!(source(from), Some(("HEADER", "X")), "{from}");
        }
        for from in ["context.requestId", "$stageVariables.x", "$request.body.a", "$request.path"] {
            assert_eq!(source(from), None, "{from}");
        }
        assert_eq!(source("$request.header.a $request.header.b"), None);
    }

    #[test]
    fn a_whole_path_keeps_the_parameters_of_callers() {
        let path = |from| written(from, "/front/{id}");
        assert_eq!(path("/fixed").as_deref(), Some("/fixed"));
        assert_eq!(path("/a/$request.path.id").as_deref(), Some("/a/{id}"));
        assert_eq!(path("/a/${request.path.id}/b").as_deref(), Some("/a/{id}/b"));
        assert_eq!(path("/v2$request.path").as_deref(), Some("/v2/front/{id}"));
        assert_eq!(path("/a/$context.stage"), None);
        assert_eq!(path("/a/$request.pathology"), None);
        assert_eq!(path("/a/${request.header.x}"), None);
        assert_eq!(path("/a/${request.path.id"), None);
    }
}
