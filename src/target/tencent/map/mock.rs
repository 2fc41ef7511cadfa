//! The body of a mock: what a vendor's extension gives, an example, or one made from a schema.

use crate::spec::model::Answer;
use crate::target::tencent::backend_kind::BackendKind;
use crate::target::tencent::fields::value;
use crate::target::tencent::map::answers::{self, Answers};
use crate::target::tencent::map::backend::Backend;
use crate::target::tencent::map::context::Mapping;
use crate::target::tencent::names::MOCK_MESSAGE;

impl Mapping<'_, '_> {
    /// Sets a mock's body; an operation without one is unfit.
    pub(crate) fn mock(&mut self, backend: &Backend) {
        if backend.kind != BackendKind::Mock || self.context.is_set(MOCK_MESSAGE) {
            return;
        }
        let success = Answers::of(&self.operation().answers).success();
        let given = backend.mock.clone().filter(|body| !body.is_empty());
        let body = given.or_else(|| self.example_body(success)).or_else(|| self.made(success));
        if body.is_none() && value(self.context.defaults, MOCK_MESSAGE).is_none() {
            let place = &self.operation().place;
            let is_made = self.options().mock_synthesize;
            self.notes.findings.push(answers::without_body(success, place, is_made));
        }
        self.request.set_some(MOCK_MESSAGE, body);
    }

    fn example_body(&mut self, success: Option<&Answer<'_>>) -> Option<String> {
        let (_, example) = success.and_then(answers::example)?;
        if example.text.is_empty() {
            return None;
        }
        self.notes.from(MOCK_MESSAGE, "the example", &example.place);
        Some(example.text)
    }

    fn made(&mut self, success: Option<&Answer<'_>>) -> Option<String> {
        let options = self.options();
        let success = success.filter(|_| options.mock_synthesize)?;
        let body = answers::synthesized(success)?;
        self.notes.from(MOCK_MESSAGE, "the schema of the success response", &success.place);
        self.notes.by(MOCK_MESSAGE, || options.origin("mock-synthesize", "true"));
        Some(body)
    }
}
