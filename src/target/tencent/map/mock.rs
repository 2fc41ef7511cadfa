//! The body of a mock: what a vendor's extension gives, an example, or one made from a schema.
//!
//! The create call takes a text that is not empty, and neither a status nor headers: what a
//! document answers without a body gets one that stands in for it, where bodies are made.

use serde_json::Value;

use crate::finding::{Code, Finding};
use crate::spec::model::{Answer, Media};
use crate::target::tencent::backend_kind::BackendKind;
use crate::target::tencent::fields::value;
use crate::target::tencent::map::answers::{self, Answers, response_type};
use crate::target::tencent::map::backend::Backend;
use crate::target::tencent::map::context::Mapping;
use crate::target::tencent::map::synthesis;
use crate::target::tencent::names::MOCK_MESSAGE;

/// What stands in for no body: clients that read none are not disturbed, others read JSON.
const STAND_IN: &str = "{}";

impl Mapping<'_, '_> {
    /// Sets a mock's body; an operation without one is unfit.
    pub(crate) fn mock(&mut self, backend: &Backend) {
        if backend.kind != BackendKind::Mock || self.context.is_set(MOCK_MESSAGE) {
            return;
        }
        let given = backend.mock.clone().filter(|body| !body.is_empty());
        let mut body = given.or_else(|| self.example_body());
        if body.is_none() && self.options().mock_synthesize {
            body = self.made();
        }
        if body.is_none() && value(self.context.defaults, MOCK_MESSAGE).is_none() {
            let finding = self.without_body();
            self.notes.findings.push(finding);
        }
        self.request.set_some(MOCK_MESSAGE, body);
    }

    fn example_body(&mut self) -> Option<String> {
        let success = Answers::of(&self.operation().answers).success()?;
        let (_, example) = answers::example(success)?;
        if example.text.is_empty() {
            return None;
        }
        self.notes.from(MOCK_MESSAGE, "the example", &example.place);
        Some(self.without_secrets(&example, example.text.len()))
    }

    fn made(&mut self) -> Option<String> {
        let (answer, lack) = Lack::of(&Answers::of(&self.operation().answers));
        let body = match &lack {
            Lack::Bodyless(what) => {
                let message = format!("{what}, which a mock must have; `{STAND_IN}` stands in");
                let place = answer.map_or(&self.operation().place, |answer| &answer.place);
                self.notes.tell(Code::MOCK_STAND_IN, place, message);
                STAND_IN.to_owned()
            }
            _ => synthesized(answer?)?,
        };
        let place = answer.map_or(&self.operation().place, |answer| &answer.place);
        self.notes.from(MOCK_MESSAGE, "the schema of the success response", place);
        let options = self.options();
        self.notes.by(MOCK_MESSAGE, || options.origin("mock-synthesize", "true"));
        Some(body)
    }

    /// Tells that a mock has no body, and what would give it one.
    fn without_body(&self) -> Finding {
        let (answer, lack) = Lack::of(&Answers::of(&self.operation().answers));
        let is_made = self.options().mock_synthesize;
        let (message, is_made_possible) = match lack {
            Lack::Bodyless(what) => (format!("{what}, which a mock must have"), !is_made),
            Lack::Answer => ("there is no success response for the mock's body".into(), false),
            Lack::Media(what) => (what, false),
            Lack::Example if !is_made => {
                let message = "the success response has no example for the mock's body";
                (message.into(), true)
            }
            Lack::Example => {
                let message = "no value is found that the schema of the success response allows";
                (message.into(), false)
            }
        };
        let place = answer.map_or(&self.operation().place, |answer| &answer.place).clone();
        let finding = Finding::new(Code::MOCK_WITHOUT_EXAMPLE, place, message);
        if is_made_possible {
            return finding;
        }
        finding.with_hint("give the response an example, or set ServiceMockReturnMessage by a rule")
    }
}

/// Why a mock's body is not simply taken from a document.
enum Lack {
    /// No answer is a success.
    Answer,
    /// The answer has no body.
    Bodyless(String),
    /// What it answers is no text, or none that is made.
    Media(String),
    /// It has a body, and no example of it.
    Example,
}

impl Lack {
    /// Of an operation's answers, with the one that counts.
    fn of<'a, 's>(answers: &Answers<'a, 's>) -> (Option<&'a Answer<'s>>, Self) {
        let Some(success) = answers.success() else {
            let redirect = answers.redirect();
            let what = |it: &Answer<'_>| format!("the redirect ({}) has no body", it.status);
            return (redirect, redirect.map_or(Self::Answer, |it| Self::Bodyless(what(it))));
        };
        let kinds = || success.media.iter().map(|media| response_type(&media.name));
        let may_be_made = |kind| matches!(kind, None | Some("JSON" | "TEXT"));
        let is_empty = matches!(&*success.status, "204" | "205");
        let lack = if is_empty
            || (!success.media.iter().any(Media::has_schema) && kinds().all(may_be_made))
        {
            Self::Bodyless(format!("the success response ({}) has no body", success.status))
        } else if kinds().any(may_be_made) {
            Self::Example
        } else {
            let names: Vec<_> = success.media.iter().map(|it| format!("`{}`", it.name)).collect();
            let names = names.join(", ");
            Self::Media(if kinds().any(|kind| kind != Some("BINARY")) {
                format!("of {names} no body is made, only of JSON and plain text")
            } else {
                format!("the success response is {names}, and a mock answers text alone")
            })
        };
        (Some(success), lack)
    }
}

/// A body made from the schema of the first media type that is JSON or plain text.
fn synthesized(answer: &Answer<'_>) -> Option<String> {
    answer.media.iter().find_map(|media| {
        let is_json = match response_type(&media.name) {
            Some("JSON") | None => true,
            Some("TEXT") => false,
            Some(_) => return None,
        };
        match synthesis::value(media.schema()?)? {
            Value::String(text) if !is_json => Some(text),
            value if is_json || value.is_number() || value.is_boolean() => Some(value.to_string()),
            _ => None,
        }
    })
}
