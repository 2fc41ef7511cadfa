//! The settings file: text to [`Settings`], or everything that is wrong with it.
//!
//! Read through the same tree as documents, so that each error has its place. Nothing is
//! passed over: a key that nobody knows is a typing slip, and a slip in a rule that skips
//! operations would be costly.

use std::fmt;
use std::sync::Arc;

use crate::finding::Place;
use crate::settings::select::{self, Glob};
use crate::settings::{PlanSettings, Rule, SecurityRule, ServiceRule, template};
use crate::spec::tree::Tree;

use crate::spec::{Kind, Node, SourceText};
use crate::target::tencent::endpoint::Endpoint;
use crate::target::tencent::fields::{self, Fields};
use crate::target::tencent::map::options::{BasePath, Mock, Patch, PathMatch};
use crate::target::tencent::nearest::{did_you_mean, meant};
use crate::target::tencent::request::OAUTH;
use crate::target::tencent::{model, names};

/// A settings file understood.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// What decides a plan.
    pub plan: PlanSettings,
    /// How the gateway is reached.
    pub connection: Connection,
}

/// How the gateway is reached, as far as the file says.
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

/// Something wrong in a settings file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsError {
    /// Where.
    pub place: Place,
    /// What.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { source, line, column, .. } = &self.place;
        write!(f, "{source}:{line}:{column}: {}", self.message)
    }
}

/// The keys of the file, in the order of the reference.
pub const KEYS: &[&str] = &[
    "services",
    "defaults",
    "security",
    "rules",
    "base-path",
    "path-match",
    "patch",
    "mock",
    "mock-synthesize",
    "error-codes",
    "description-limit",
    "example-limit",
    "endpoint",
    "region",
    "profile",
    "rate",
];

/// Those that hold entries; one of them without any may be written as nothing.
const SECTIONS: &[&str] = &["services", "defaults", "security", "rules"];

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
    let mut settings = reader.settings(tree.root());
    reader.oddities(&tree);
    reader.errors.sort_by_key(|error| (error.place.line, error.place.column));
    settings.plan.mapping.file = Some(Arc::new(tree));
    if reader.errors.is_empty() { Ok(settings) } else { Err(reader.errors) }
}

#[derive(Default)]
struct Reader {
    errors: Vec<SettingsError>,
}

impl Reader {
    fn settings(&mut self, root: Node<'_>) -> Settings {
        let mut settings = Settings::default();
        if root.is_null() {
            return settings;
        }
        for (key, node) in self.entries(root, Some(KEYS)) {
            // A section whose entries are all still to come, or commented out, says nothing.
            if !(node.is_null() && SECTIONS.contains(&key)) {
                self.setting(key, node, &mut settings);
            }
        }
        settings
    }

    /// What a careful reader of documents only tells: in settings it is a slip.
    fn oddities(&mut self, tree: &Tree) {
        let twice = tree.repeated_keys();
        let twice = twice.map(|key| (key.place(), format!("`{}` stands here twice", key.as_str())));
        let odd = tree.odd_keys().map(|place| (place, "a key is a text".to_owned()));
        let second = tree.second_document().into_iter();
        let second = second.map(|place| {
            (place, "another document begins here, and a settings file is one".to_owned())
        });
        for (place, message) in twice.chain(odd).chain(second) {
            self.errors.push(SettingsError { place, message, hint: None });
        }
    }

    fn setting(&mut self, key: &str, node: Node<'_>, settings: &mut Settings) {
        let Settings { plan, connection } = settings;
        match key {
            "services" => plan.services = self.list(node, Self::service),
            "defaults" => plan.defaults = self.fields(node),
            "security" => plan.security = self.security(node),
            "rules" => plan.rules = self.rules(node),
            "base-path" => {
                let words = [("ignore", BasePath::Ignore), ("prepend", BasePath::Prepend)];
                set(&mut plan.mapping.base_path, self.word(node, &words));
            }
            "path-match" => {
                let words = [("plain", PathMatch::Plain), ("exact", PathMatch::Exact)];
                set(&mut plan.mapping.path_match, self.word(node, &words));
            }
            "patch" => {
                let words = [("refuse", Patch::Refuse), ("any", Patch::Any), ("send", Patch::Send)];
                set(&mut plan.mapping.patch, self.word(node, &words));
            }
            "mock" => {
                let words = [("missing", Mock::Missing), ("all", Mock::All)];
                plan.mapping.mock = self.word(node, &words);
            }
            "mock-synthesize" => set(&mut plan.mapping.mock_synthesize, self.flag(node)),
            "error-codes" => set(&mut plan.mapping.error_codes, self.flag(node)),
            "description-limit" => set(&mut plan.mapping.description_limit, self.count(node)),
            "example-limit" => set(&mut plan.mapping.example_limit, self.count(node)),
            "endpoint" => connection.endpoint = self.endpoint(node),
            "region" => connection.region = self.name(node),
            "profile" => connection.profile = self.name(node),
            "rate" => connection.rate = self.rate(node),
            _ => {}
        }
    }

    fn service(&mut self, node: Node<'_>) -> ServiceRule {
        let mut rule = ServiceRule { sources: Vec::new(), service: String::new() };
        for (key, value) in self.entries(node, Some(&["sources", "service"])) {
            match key {
                "sources" => rule.sources = self.globs(value),
                _ => rule.service = self.service_id(value).unwrap_or_default(),
            }
        }
        let is_missing = |key: &&&str| node.is_map() && node.get(key).is_none();
        for lacking in ["sources", "service"].iter().filter(is_missing) {
            self.refuse(node, format!("`{lacking}` is missing"), None);
        }
        rule
    }

    fn globs(&mut self, node: Node<'_>) -> Vec<Glob> {
        let texts = self.texts(node);
        texts
            .into_iter()
            .filter_map(|(text, node)| match Glob::source(&text) {
                Ok(glob) => Some(glob),
                Err(why) => {
                    self.refuse(node, why.to_string(), None);
                    None
                }
            })
            .collect()
    }

    fn service_id(&mut self, node: Node<'_>) -> Option<String> {
        let id = self.text(node)?;
        self.refuse_template(node, &id);
        if id.is_empty() || id.contains(|c: char| c.is_whitespace() || c.is_control()) {
            self.refuse(node, format!("`{id}` is no service id"), None);
        }
        Some(id)
    }

    fn security(&mut self, node: Node<'_>) -> Vec<SecurityRule> {
        let mut rules = Vec::new();
        for (scheme, node) in self.entries(node, None) {
            let fields = self.checked_fields(node, Some("authorised-by"));
            let authorised_by = node.get("authorised-by").and_then(|by| self.text(by));
            let is_checked = fields::text(&fields, names::AUTH_TYPE) == Some(OAUTH);
            if let Some(by) = node.get("authorised-by").filter(|_| !is_checked) {
                let hint = Some("write `AuthType: OAUTH` beside it".into());
                self.refuse(by, "`authorised-by` has a meaning only with OAUTH".into(), hint);
            }
            rules.push(SecurityRule { scheme: scheme.to_owned(), fields, authorised_by });
        }
        rules
    }

    fn rules(&mut self, node: Node<'_>) -> Vec<Rule> {
        let mut rules = self.list(node, Self::rule);
        for (index, rule) in rules.iter_mut().enumerate() {
            rule.number = index + 1;
        }
        rules
    }

    fn rule(&mut self, node: Node<'_>) -> Rule {
        let mut rule = Rule::default();
        for (key, value) in self.entries(node, Some(&["match", "set", "skip"])) {
            match key {
                "match" => self.condition(value, &mut rule),
                "set" => rule.set = self.fields(value),
                _ => rule.skip = self.reason(value),
            }
        }
        if node.is_map() && node.get("set").is_none() && node.get("skip").is_none() {
            let message = "the rule neither sets nor skips".to_owned();
            self.refuse(node, message, Some("give it `set` or `skip`".into()));
        }
        rule
    }

    fn condition(&mut self, node: Node<'_>, rule: &mut Rule) {
        for (key, value) in self.entries(node, Some(select::KEYS)) {
            for (text, value) in self.texts(value) {
                if let Err(why) = rule.condition.add(key, &text) {
                    self.refuse(value, why.to_string(), None);
                }
            }
        }
    }

    /// Why a rule skips: a text, or no reason but that it does.
    fn reason(&mut self, node: Node<'_>) -> Option<String> {
        match node.as_bool() {
            Some(true) => Some("left out by a rule".into()),
            Some(false) => None,
            None => {
                let reason = self.text(node)?;
                self.refuse_template(node, &reason);
                if reason.trim().is_empty() {
                    self.refuse(node, "`skip` says why, or is true".into(), None);
                }
                Some(reason)
            }
        }
    }

    // Fields of a request.

    fn fields(&mut self, node: Node<'_>) -> Fields {
        self.checked_fields(node, None)
    }

    /// Fields of a request beside one key that is ours.
    fn checked_fields(&mut self, node: Node<'_>, ours: Option<&str>) -> Fields {
        self.entries(node, None);
        let serde_json::Value::Object(mut fields) = node.to_value() else { return Fields::new() };
        fields.retain(|name, _| Some(name.as_str()) != ours);
        for misfit in model::check(&fields, &template::is_open) {
            let at = node.nearest(&misfit.pointer);
            let hint = meant(&misfit.problem, ours);
            self.refuse(at, misfit.problem.to_string(), hint);
        }
        self.templates(node);
        fields
    }

    /// Tells of a template where none is filled in.
    fn refuse_template(&mut self, node: Node<'_>, text: &str) {
        if template::is_open(text) {
            let message = "`${` is filled in only in what `defaults`, `security` and `set` say";
            self.refuse(node, message.into(), None);
        }
    }

    fn templates(&mut self, node: Node<'_>) {
        let inner: Vec<Node<'_>> = match node.kind() {
            Kind::Map => node.entries().map(|(_, value)| value).collect(),
            Kind::List => node.items().collect(),
            _ => Vec::new(),
        };
        for value in inner {
            self.templates(value);
        }
        match template::check(node.as_str().unwrap_or_default()) {
            Ok(()) => {}
            Err(template::Fault::Unclosed) => {
                let hint = Some("write `$${` for the text `${`".into());
                self.refuse(node, "`${` has no `}`".into(), hint);
            }
            Err(template::Fault::Name(name)) => {
                let hint = did_you_mean(&name, template::NAMES.iter().copied());
                let known = template::NAMES.join(", ");
                self.refuse(node, format!("`${{{name}}}` is none of {known}"), hint);
            }
        }
    }

    // Kinds of values.

    fn refuse(&mut self, node: Node<'_>, message: String, hint: Option<String>) {
        self.errors.push(SettingsError { place: node.place(), message, hint });
    }

    /// A map's entries; keys that nobody knows are told.
    fn entries<'t>(&mut self, node: Node<'t>, known: Option<&[&str]>) -> Vec<(&'t str, Node<'t>)> {
        if !node.is_map() {
            self.refuse(node, format!("an object is expected, not {}", node.kind()), None);
        }
        let mut entries: Vec<(&str, Node<'_>)> = Vec::new();
        for (key, value) in node.entries_repeated() {
            let name = key.as_str();
            if known.is_some_and(|known| !known.contains(&name)) {
                let known = known.unwrap_or_default();
                let hint = did_you_mean(name, known.iter().copied())
                    .or_else(|| Some(format!("the keys are {}", known.join(", "))));
                let message = format!("there is no key `{name}`");
                self.errors.push(SettingsError { place: key.place(), message, hint });
            } else {
                entries.push((name, value));
            }
        }
        entries
    }

    fn list<T>(&mut self, node: Node<'_>, read: fn(&mut Self, Node<'_>) -> T) -> Vec<T> {
        if !node.is_list() {
            self.refuse(node, format!("a list is expected, not {}", node.kind()), None);
        }
        node.items().map(|item| read(self, item)).collect()
    }

    /// One text or a list of them. An empty list is refused: as any of none it would mean
    /// nothing, and as no condition everything.
    fn texts<'t>(&mut self, node: Node<'t>) -> Vec<(String, Node<'t>)> {
        let nodes: Vec<Node<'_>> = if node.is_list() { node.items().collect() } else { vec![node] };
        if nodes.is_empty() {
            self.refuse(node, "an empty list selects nothing".into(), None);
        }
        let texts = nodes.into_iter().filter_map(|node| {
            let text = self.text(node)?;
            self.refuse_template(node, &text);
            Some((text, node))
        });
        texts.collect()
    }

    /// A text; numbers and booleans are taken as written.
    fn text(&mut self, node: Node<'_>) -> Option<String> {
        let text = node.scalar().map(str::to_owned);
        if text.is_none() {
            self.refuse(node, format!("a string is expected, not {}", node.kind()), None);
        }
        text
    }

    fn flag(&mut self, node: Node<'_>) -> Option<bool> {
        let flag = node.as_bool();
        if flag.is_none() {
            self.refuse(node, "true or false is expected".into(), None);
        }
        flag
    }

    fn count(&mut self, node: Node<'_>) -> Option<usize> {
        let digits = node.scalar().filter(|_| node.kind() == Kind::Number);
        let count = digits.and_then(|text| text.parse().ok()).filter(|count| *count > 0);
        if count.is_none() {
            self.refuse(node, "a whole number above 0 is expected".into(), None);
        }
        count
    }

    /// An address. Whether plain http is allowed is not the file's to say.
    fn endpoint(&mut self, node: Node<'_>) -> Option<String> {
        let text = self.text(node)?;
        if let Err(why) = Endpoint::parse(&text, true) {
            self.refuse(node, why.to_string(), None);
        }
        Some(text)
    }

    /// A name that travels in headers or is part of a file's.
    fn name(&mut self, node: Node<'_>) -> Option<String> {
        let text = self.text(node)?;
        if text.trim().is_empty() || text.contains(char::is_control) {
            self.refuse(node, "a name is expected".into(), None);
        }
        Some(text)
    }

    fn rate(&mut self, node: Node<'_>) -> Option<f64> {
        let rate = node.as_f64().filter(|rate| *rate > 0.0);
        if rate.is_none() {
            self.refuse(node, "a number above 0 is expected".into(), None);
        }
        rate
    }

    fn word<T: Copy>(&mut self, node: Node<'_>, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(node)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let message = format!("`{text}` is none of {}", known.join(", "));
            self.refuse(node, message, did_you_mean(&text, known));
        }
        found
    }
}

fn set<T>(slot: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *slot = value;
    }
}

#[cfg(test)]
mod tests;
