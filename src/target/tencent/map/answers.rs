//! What a document's answers become: the response type, examples, error codes, a mock.
//!
//! Answers matter to the gateway as documentation alone, but for a mock's body.

use serde_json::Value;

use crate::finding::{Code, Finding};
use crate::spec::model::{Answer, Example, Media};
use crate::target::tencent::fields::{Fields, set, set_some};
use crate::target::tencent::map::context::Mapping;
use crate::target::tencent::map::plain::{cut, plain};
use crate::target::tencent::names::{self, item};
use crate::text::secrets;

impl Mapping<'_, '_> {
    /// Sets the response type and the examples.
    pub(crate) fn answers(&mut self) {
        let answers = Answers::of(&self.operation().answers);
        if let Some(success) = answers.success() {
            let shown = example(success);
            if let Some(kind) = kind(success, shown.as_ref().map(|(media, _)| *media)) {
                self.notes.from(names::RESPONSE_TYPE, "the success response", &success.place);
                self.request.set(names::RESPONSE_TYPE, kind);
            }
            self.example(shown, names::SUCCESS_EXAMPLE);
        }
        let failure = answers.failure().filter(|_| !self.context.is_set(names::FAIL_EXAMPLE));
        self.example(failure.and_then(example), names::FAIL_EXAMPLE);
    }

    fn example(&mut self, shown: Option<(&Media<'_>, Example)>, field: &str) {
        let Some((_, example)) = shown.filter(|_| !self.context.is_set(field)) else { return };
        let limit = self.options().example_limit;
        let sent =
            example.text.char_indices().nth(limit).map_or(example.text.len(), |(end, _)| end);
        let whole = self.without_secrets(&example, sent);
        let short = cut(&whole, limit);
        if short.is_some() {
            let message = format!("the example is cut to {limit} characters");
            self.notes.tell(Code::EXAMPLE_CUT, &example.place, message);
        }
        self.notes.from(field, "the example", &example.place);
        let text = short.unwrap_or(whole);
        self.request.set_some(field, Some(text).filter(|text| !text.is_empty()));
    }

    /// The text of an example; keys and tokens in it are told, and left out where that is
    /// asked for.
    /// `sent` is how many bytes of it are sent: what follows is not looked at, unless something
    /// left out makes room for it.
    pub(crate) fn without_secrets(&mut self, example: &Example, sent: usize) -> String {
        let redact = self.options().redact;
        let looked_at = if redact { example.text.len() } else { sent };
        let found = secrets::secrets_before(&example.text, looked_at);
        let Some(first) = found.first() else { return example.text.clone() };
        let is_told =
            |it: &Finding| it.code == Code::SECRET_IN_DOCUMENT && it.place == example.place;
        if !self.notes.findings.iter().any(is_told) {
            let left_out = if redact { "; it is left out" } else { "" };
            let message = format!("the example holds {}{left_out}", first.kind);
            self.notes.tell(Code::SECRET_IN_DOCUMENT, &example.place, message);
        }
        if redact { secrets::without(&example.text, &found) } else { example.text.clone() }
    }

    /// Sets the error codes, where the settings ask for them.
    pub(crate) fn error_codes(&mut self) {
        let options = self.options();
        if !options.error_codes {
            return;
        }
        let codes = Answers::of(&self.operation().answers).error_codes(options.description_limit);
        if !codes.is_empty() {
            self.comes_from_key(names::ERROR_CODES, "responses");
            self.notes.by(names::ERROR_CODES, || options.origin("error-codes", "true"));
            self.request.set(names::ERROR_CODES, codes);
        }
    }
}

/// The answers of one operation, by how it ended.
#[derive(Debug)]
pub(crate) struct Answers<'a, 's> {
    all: &'a [Answer<'s>],
}

impl<'a, 's> Answers<'a, 's> {
    /// Of these answers.
    pub(crate) fn of(all: &'a [Answer<'s>]) -> Self {
        Self { all }
    }

    /// The first 2xx by number, then `2XX`, then `default`.
    pub(crate) fn success(&self) -> Option<&'a Answer<'s>> {
        let exact = self.by_number(200..300).next();
        exact.or_else(|| self.named("2XX")).or_else(|| self.named("default"))
    }

    /// The first redirect by number, then `3XX`.
    pub(crate) fn redirect(&self) -> Option<&'a Answer<'s>> {
        self.by_number(300..400).next().or_else(|| self.named("3XX"))
    }

    /// The first 4xx or 5xx by number, then `4XX`, then `5XX`.
    pub(crate) fn failure(&self) -> Option<&'a Answer<'s>> {
        let exact = self.by_number(400..600).next();
        exact.or_else(|| self.named("4XX")).or_else(|| self.named("5XX"))
    }

    /// Every 4xx and 5xx that has a number, in the order of the numbers.
    pub(crate) fn error_codes(&self, limit: usize) -> Vec<Value> {
        self.by_number(400..600).map(|answer| error_code(answer, limit)).collect()
    }

    fn by_number(&self, range: std::ops::Range<u16>) -> impl Iterator<Item = &'a Answer<'s>> {
        let mut found: Vec<_> = self
            .all
            .iter()
            .filter_map(|answer| Some((number(&answer.status)?, answer)))
            .filter(|(number, _)| range.contains(number))
            .collect();
        found.sort_by_key(|(number, _)| *number);
        found.into_iter().map(|(_, answer)| answer)
    }

    fn named(&self, name: &str) -> Option<&'a Answer<'s>> {
        self.all.iter().find(|answer| answer.status.eq_ignore_ascii_case(name))
    }
}

/// A status of three digits; junk such as `204 NO_CONTENT` has none.
fn number(status: &str) -> Option<u16> {
    status.parse().ok().filter(|number| (100..600).contains(number))
}

fn error_code(answer: &Answer<'_>, limit: usize) -> Value {
    let code = number(&answer.status).unwrap_or_default();
    let described = || answer.description.as_deref().map(|text| plain(text, limit).text);
    let msg = reason_phrase(code).map(str::to_owned).or_else(described);
    let mut error_code = Fields::new();
    set(&mut error_code, item::CODE, code);
    set_some(&mut error_code, item::MESSAGE, msg.filter(|text| !text.is_empty()));
    error_code.into()
}

/// The first example in the order of the media types, with its media type; one that is a
/// body of its type goes before one that is not.
pub(crate) fn example<'a, 's>(answer: &'a Answer<'s>) -> Option<(&'a Media<'s>, Example)> {
    let mut found = None;
    for (media, example) in answer.media.iter().filter_map(|it| Some((it, it.example()?))) {
        if example.is_body {
            return Some((media, example));
        }
        found = found.or(Some((media, example)));
    }
    found
}

/// `ResponseType` of an answer: of the media type whose example is shown, else of the first
/// that names one.
fn kind(answer: &Answer<'_>, shown: Option<&Media<'_>>) -> Option<&'static str> {
    let of_shown = shown.and_then(|media| response_type(&media.name));
    of_shown.or_else(|| answer.media.iter().find_map(|media| response_type(&media.name)))
}

/// `ResponseType` of a media type; `None` where it names none, as `*/*`.
pub(crate) fn response_type(media: &str) -> Option<&'static str> {
    let name = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let (kind, sub) = name.split_once('/')?;
    match (kind, sub) {
        ("*", _) => None,
        _ if sub == "json" || sub.ends_with("+json") || sub.ends_with("-json") => Some("JSON"),
        _ if sub == "xml" || sub.ends_with("+xml") => Some("XML"),
        (_, "html" | "xhtml") => Some("HTML"),
        ("text", _) => Some("TEXT"),
        (_, "x-www-form-urlencoded" | "yaml" | "x-yaml" | "javascript" | "x-ndjson" | "jsonl") => {
            Some("TEXT")
        }
        _ => Some("BINARY"),
    }
}

/// The phrase that HTTP registers for a status.
fn reason_phrase(code: u16) -> Option<&'static str> {
    http::StatusCode::from_u16(code).ok()?.canonical_reason()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::finding::Place;

    fn answers(statuses: &[&'static str]) -> Vec<Answer<'static>> {
        let answer = |status: &&'static str| Answer {
            status: (*status).into(),
            media: Vec::new(),
            headers: 0,
            links: 0,
            description: Some(format!("**{status}**").into()),
            place: Place { source: "a".into(), line: 1, column: 1, pointer: "".into() },
        };
        statuses.iter().map(answer).collect()
    }

    #[track_caller]
    fn check(statuses: &[&'static str], success: Option<&str>, failure: Option<&str>) {
        let all = answers(statuses);
        let answers = Answers::of(&all);
        assert_eq!(answers.success().map(|a| &*a.status), success);
        assert_eq!(answers.failure().map(|a| &*a.status), failure);
    }

    #[test]
    fn a_number_goes_before_a_wildcard_and_a_wildcard_before_default() {
        check(&["default", "2XX", "201", "200", "500", "404"], Some("200"), Some("404"));
        check(&["default", "2xx", "5XX", "4XX"], Some("2xx"), Some("4XX"));
        check(&["default", "204 NO_CONTENT"], Some("default"), None);
        check(&[], None, None);
    }

    #[test]
    fn error_codes_have_the_registered_phrase_or_their_description() {
        let all = answers(&["499", "404", "4XX", "200"]);
        let codes =
            [json!({ "Code": 404, "Msg": "Not Found" }), json!({ "Code": 499, "Msg": "499" })];
        assert_eq!(Answers::of(&all).error_codes(400), codes);
    }

    #[test]
    fn media_types_are_told_apart_by_what_they_carry() {
        let cases = [
            ("application/json; charset=utf-8", Some("JSON")),
            ("application/problem+json", Some("JSON")),
            ("Text/XML", Some("XML")),
            ("text/html", Some("HTML")),
            ("text/csv", Some("TEXT")),
            ("image/png", Some("BINARY")),
            ("image/svg+xml", Some("XML")),
            ("*/*", None),
            ("junk", None),
        ];
        for (media, expected) in cases {
            assert_eq!(response_type(media), expected, "{media}");
        }
    }
}
