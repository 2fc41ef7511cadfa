//! What outranks the document and what it outranks.
//!
//! Precedence, highest first: the command line, the first matching rule that sets a field,
//! the operation's extension, the path's, the document's, the document itself, the settings'
//! defaults, built-in values.

use std::borrow::Cow;

use crate::finding::Code;
use crate::finding::notes::Notes;
use crate::settings::condition::Subject;
use crate::settings::plan_settings::{PlanSettings, Rule, SecurityRule};
use crate::settings::security::{self, Check};
use crate::settings::template;
use crate::spec::Operation;
use crate::spec::model::Extension;
use crate::target::tencent::backend_kind::BackendKind;
use crate::target::tencent::fields::{Fields, fill, text, without};
use crate::target::tencent::map::address::ServerBase;
use crate::target::tencent::map::options::Mock;
use crate::target::tencent::map::{extension, limits};
use crate::target::tencent::request::OAUTH;
use crate::target::tencent::{model, names};

/// Where fields are set.
#[derive(Debug, Clone, Copy)]
pub(crate) enum LayerSource<'a> {
    /// `mock: all`, as an option or as a setting.
    MockAll,
    /// A rule.
    Rule(&'a Rule),
    /// An `x-apigw-*` extension.
    Extension(Extension<'a>),
    /// An entry of the settings' `security`; `None`: what an API that authorises others
    /// needs without one.
    Security(Option<&'a SecurityRule>),
}

/// What one of them sets.
#[derive(Debug)]
pub(crate) struct Layer<'a> {
    pub(crate) source: LayerSource<'a>,
    pub(crate) fields: Cow<'a, Fields>,
}

/// What is looked up for `${...}` in the settings' values.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Applied<'a> {
    pub(crate) settings: &'a PlanSettings,
    pub(crate) subject: &'a Subject<'a>,
    /// The rules that match the operation.
    pub(crate) rules: &'a [&'a Rule],
    pub(crate) operation: &'a Operation<'a>,
    pub(crate) base: &'a ServerBase,
}

impl<'a> Applied<'a> {
    /// The layers that outrank the document, highest precedence first.
    pub(crate) fn overrides(self, notes: &mut Notes) -> Vec<Layer<'a>> {
        let mut layers = Vec::new();
        if self.settings.mapping.mock == Some(Mock::All) {
            let fields = Fields::from_iter([(
                names::SERVICE_TYPE.to_owned(),
                BackendKind::Mock.as_str().into(),
            )]);
            layers.push(Layer { source: LayerSource::MockAll, fields: Cow::Owned(fields) });
        }
        for rule in self.rules.iter().filter(|rule| !rule.set.is_empty()) {
            let source = LayerSource::Rule(rule);
            let fields = self.filled(&rule.set, || together(&layers), notes);
            layers.push(Layer { source, fields });
        }
        let extensions = &self.operation.extensions;
        for level in [extensions.operation.as_slice(), &*extensions.path, &*extensions.document] {
            for (extension, mut fields) in extension::fields(level, notes) {
                if self.base.replacement.is_some() {
                    fields.shift_remove(names::SERVICE_TYPE);
                    fields.shift_remove(names::SERVICE_CONFIG);
                }
                layers.push(Layer {
                    source: LayerSource::Extension(extension),
                    fields: Cow::Owned(fields),
                });
            }
        }
        layers
    }

    /// How the settings have callers checked. Of the layers that outrank the document it is the
    /// lowest, since it is derived from what the document requires.
    pub(crate) fn security(self, layers: &mut Vec<Layer<'a>>, notes: &mut Notes) -> Check<'a> {
        let rules = &self.settings.security;
        let set = |field| layers.iter().find_map(|layer| text(&layer.fields, field));
        let mut check = if set(names::API_BUSINESS_TYPE) == Some(OAUTH) {
            security::of_authoriser(self.operation, rules)
        } else if set(names::AUTH_TYPE).is_some() {
            Check { is_mapped: true, ..Check::default() }
        } else {
            security::of_callers(self.operation, rules, notes)
        };
        let mut fields = std::mem::take(&mut check.fields);
        if template::any_open(&fields) {
            fields = self.fill_in(&fields, &together(layers), notes);
        }
        if !fields.is_empty() {
            layers.push(Layer {
                source: LayerSource::Security(check.rule),
                fields: Cow::Owned(fields),
            });
        }
        check
    }

    /// The settings' defaults for this operation, not judged yet.
    pub(crate) fn defaults(self, overrides: &Fields) -> Cow<'a, Fields> {
        self.filled(&self.settings.defaults, || overrides.clone(), &mut Notes::default())
    }

    /// Reports what is wrong with the templates of the defaults, once it is known which fields
    /// are set by what outranks them. `filled` are the defaults, their templates filled in.
    pub(crate) fn judge_defaults(self, above: &Fields, filled: &Fields, notes: &mut Notes) {
        let defaults = &self.settings.defaults;
        if !template::any_open(defaults) {
            return;
        }
        let mut set = above.clone();
        // These the mapping takes from the defaults, where nothing else sets them.
        for field in [names::SERVICE_ID, names::SERVICE_TYPE] {
            if set.get(field) == filled.get(field) {
                set.shift_remove(field);
            }
        }
        let kind = text(above, names::SERVICE_TYPE);
        self.fill_in(&limits::that_apply(defaults.clone(), kind), &set, notes);
    }

    fn filled(
        self,
        fields: &'a Fields,
        above: impl FnOnce() -> Fields,
        notes: &mut Notes,
    ) -> Cow<'a, Fields> {
        if !template::any_open(fields) {
            return Cow::Borrowed(fields);
        }
        Cow::Owned(self.fill_in(fields, &above(), notes))
    }

    /// The fields with their templates filled in. Fields that are set `above` are left out: a
    /// template that is not used needs no value.
    fn fill_in(self, fields: &Fields, above: &Fields, notes: &mut Notes) -> Fields {
        let asked = without(fields, above);
        let place = &self.operation.place;
        let mut lacking = Vec::new();
        let filled = template::fill_in(&asked, &|name| self.value_of(name), &mut lacking);
        if let Some(name) = lacking.first() {
            let message = format!("`${{{name}}}` of the settings has no value here");
            notes.tell(Code::TEMPLATE_WITHOUT_VALUE, place, message);
            return filled;
        }
        // Templates were taken on trust when the settings were read.
        for misfit in model::check(&filled, &|_| false) {
            notes.tell(Code::INVALID_FIELD, place, misfit.problem.to_string());
        }
        filled
    }

    fn value_of(self, name: &str) -> Option<String> {
        let subject = self.subject;
        let text = match name {
            "path" => Some(subject.path),
            "method" => Some(subject.method),
            "operationId" => subject.operation_id,
            "tag" => subject.tags.first().map(String::as_str),
            "source" => Some(subject.source),
            "title" => subject.title,
            _ => return self.server_part(name.strip_prefix("server.")?),
        };
        text.map(str::to_owned)
    }

    fn server_part(self, part: &str) -> Option<String> {
        let address = self.base.address(self.operation.servers.first()?).ok()?;
        let (scheme, host) = address.url.split_once("://")?;
        Some(match part {
            "scheme" => scheme.to_owned(),
            "host" => host.to_owned(),
            "path" => address.path,
            "url" => format!("{}{}", address.url, address.path),
            _ => return None,
        })
    }
}

/// The fields that these layers set together.
pub(crate) fn together(layers: &[Layer<'_>]) -> Fields {
    layers.iter().fold(Fields::new(), |mut all, layer| {
        fill(&mut all, layer.fields.clone().into_owned());
        all
    })
}
