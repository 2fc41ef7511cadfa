//! Reads values of a settings file, and collects all that is wrong with them.
//!
//! Nothing is passed over: a key that does not exist is a slip of the keyboard, and a slip in
//! a rule that skips operations would be costly.

use std::fmt;

use crate::finding::Place;
use crate::settings::condition::{self, Glob};
use crate::settings::plan_settings::{Rule, SecurityRule, ServiceRule};
use crate::settings::template;
use crate::spec::tree::Tree;
use crate::spec::{Kind, Node};
use crate::target::tencent::endpoint::Endpoint;
use crate::target::tencent::fields::{self, Fields};
use crate::target::tencent::map::address;
use crate::target::tencent::request::OAUTH;
use crate::target::tencent::{model, names};
use crate::text::did_you_mean;

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

/// Reads, and keeps what is wrong.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    /// In the order of discovery.
    pub(crate) errors: Vec<SettingsError>,
}

impl Reader {
    /// What is only a warning in a document: in settings it is an error.
    pub(crate) fn oddities(&mut self, tree: &Tree) {
        let twice = tree.repeated_keys();
        let twice = twice.map(|key| (key.place(), format!("`{}` is repeated here", key.as_str())));
        let odd = tree.odd_keys().map(|place| (place, "a key must be a string".to_owned()));
        let second = tree.second_document().into_iter();
        let second = second.map(|place| {
            (
                place,
                "another YAML document begins here, but a settings file holds only one".to_owned(),
            )
        });
        for (place, message) in twice.chain(odd).chain(second) {
            self.errors.push(SettingsError { place, message, hint: None });
        }
    }

    pub(crate) fn service(&mut self, node: Node<'_>) -> ServiceRule {
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
            self.refuse(node, format!("`{id}` is not a service id"), None);
        }
        Some(id)
    }

    pub(crate) fn security(&mut self, node: Node<'_>) -> Vec<SecurityRule> {
        let mut rules = Vec::new();
        for (scheme, node) in self.entries(node, None) {
            let fields = self.checked_fields(node, Some("authorised-by"));
            let authorised_by = node.get("authorised-by").and_then(|by| self.text(by));
            let is_checked = fields::text(&fields, names::AUTH_TYPE) == Some(OAUTH);
            if let Some(by) = node.get("authorised-by").filter(|_| !is_checked) {
                let hint = Some("write `AuthType: OAUTH` beside it".into());
                self.refuse(by, "`authorised-by` needs `AuthType: OAUTH`".into(), hint);
            }
            rules.push(SecurityRule { scheme: scheme.to_owned(), fields, authorised_by });
        }
        rules
    }

    pub(crate) fn rules(&mut self, node: Node<'_>) -> Vec<Rule> {
        let mut rules = self.list(node, Self::rule);
        for (index, rule) in rules.iter_mut().enumerate() {
            rule.number = index + 1;
        }
        rules
    }

    fn rule(&mut self, node: Node<'_>) -> Rule {
        let mut rule = Rule::default();
        let does = ["set", "skip", "allow", "deny"];
        for (key, value) in self.entries(node, Some(&["match", "set", "skip", "allow", "deny"])) {
            match key {
                "match" => self.condition(value, &mut rule),
                "set" => rule.set = self.fields(value),
                "allow" => rule.allow = self.words(value),
                "deny" => rule.deny = self.words(value),
                _ => rule.skip = self.reason(value),
            }
        }
        if node.is_map() && does.iter().all(|key| node.get(key).is_none()) {
            let message = "the rule does nothing".to_owned();
            self.refuse(node, message, Some("give it `set`, `skip`, `allow` or `deny`".into()));
        }
        rule
    }

    fn condition(&mut self, node: Node<'_>, rule: &mut Rule) {
        for (key, value) in self.entries(node, Some(condition::KEYS)) {
            for (text, value) in self.texts(value) {
                if let Err(why) = rule.condition.add(key, &text) {
                    self.refuse(value, why.to_string(), None);
                }
            }
        }
    }

    fn words(&mut self, node: Node<'_>) -> Vec<String> {
        self.texts(node).into_iter().map(|(text, _)| text).collect()
    }

    /// Why a rule skips: a text, or `true` where no reason is given.
    fn reason(&mut self, node: Node<'_>) -> Option<String> {
        match node.as_bool() {
            Some(true) => Some("left out by a rule".into()),
            Some(false) => None,
            None => {
                let reason = self.text(node)?;
                self.refuse_template(node, &reason);
                if reason.trim().is_empty() {
                    self.refuse(node, "`skip` must be a reason or true".into(), None);
                }
                Some(reason)
            }
        }
    }

    // Fields of a request.

    pub(crate) fn fields(&mut self, node: Node<'_>) -> Fields {
        self.checked_fields(node, None)
    }

    /// Fields of a request beside one key of this program.
    fn checked_fields(&mut self, node: Node<'_>, ours: Option<&str>) -> Fields {
        self.entries(node, None);
        let serde_json::Value::Object(mut fields) = node.to_value() else { return Fields::new() };
        fields.retain(|name, _| Some(name.as_str()) != ours);
        for misfit in model::check(&fields, &template::is_open) {
            let at = node.nearest(&misfit.pointer);
            let hint = misfit.problem.advice(ours);
            self.refuse(at, misfit.problem.to_string(), hint);
        }
        self.templates(node);
        fields
    }

    /// Refuses a template where none is filled in.
    fn refuse_template(&mut self, node: Node<'_>, text: &str) {
        if template::is_open(text) {
            let message = "`${` is filled in only below `defaults`, `security` and `set`";
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
                self.refuse(node, "`${` is not closed by `}`".into(), hint);
            }
            Err(template::Fault::Name(name)) => {
                let hint = did_you_mean(&name, template::NAMES.iter().copied());
                let known = template::NAMES.join(", ");
                self.refuse(node, format!("`${{{name}}}` is not one of {known}"), hint);
            }
        }
    }

    // Kinds of values.

    fn refuse(&mut self, node: Node<'_>, message: String, hint: Option<String>) {
        self.errors.push(SettingsError { place: node.place(), message, hint });
    }

    /// A map's entries; unknown keys are errors.
    pub(crate) fn entries<'t>(
        &mut self,
        node: Node<'t>,
        known: Option<&[&str]>,
    ) -> Vec<(&'t str, Node<'t>)> {
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

    pub(crate) fn list<T>(&mut self, node: Node<'_>, read: fn(&mut Self, Node<'_>) -> T) -> Vec<T> {
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

    pub(crate) fn flag(&mut self, node: Node<'_>) -> Option<bool> {
        let flag = node.as_bool();
        if flag.is_none() {
            self.refuse(node, "true or false is expected".into(), None);
        }
        flag
    }

    pub(crate) fn count(&mut self, node: Node<'_>) -> Option<usize> {
        let digits = node.scalar().filter(|_| node.kind() == Kind::Number);
        let count = digits.and_then(|text| text.parse().ok()).filter(|count| *count > 0);
        if count.is_none() {
            self.refuse(node, "a whole number above 0 is expected".into(), None);
        }
        count
    }

    /// An address. Whether plain http is allowed is not for the file to decide.
    pub(crate) fn endpoint(&mut self, node: Node<'_>) -> Option<String> {
        let text = self.text(node)?;
        if let Err(why) = Endpoint::parse(&text, true) {
            self.refuse(node, why.to_string(), None);
        }
        Some(text)
    }

    /// The address of a backend.
    pub(crate) fn address(&mut self, node: Node<'_>) -> Option<String> {
        let text = self.text(node)?;
        if let Err(why) = address::check(&text) {
            let shown = crate::text::address(&text);
            self.refuse(node, format!("{shown:?} {why}"), None);
        }
        Some(text)
    }

    /// A name that travels in headers or is part of a file's.
    pub(crate) fn name(&mut self, node: Node<'_>) -> Option<String> {
        let text = self.text(node)?;
        if text.trim().is_empty() || text.contains(char::is_control) {
            self.refuse(node, "a name is expected".into(), None);
        }
        Some(text)
    }

    pub(crate) fn rate(&mut self, node: Node<'_>) -> Option<f64> {
        let rate = node.as_f64().filter(|rate| *rate > 0.0);
        if rate.is_none() {
            self.refuse(node, "a number above 0 is expected".into(), None);
        }
        rate
    }

    pub(crate) fn word<T: Copy>(&mut self, node: Node<'_>, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(node)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let message = format!("`{text}` is not one of {}", known.join(", "));
            self.refuse(node, message, did_you_mean(&text, known));
        }
        found
    }
}
