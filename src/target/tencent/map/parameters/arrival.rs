//! Under which names a parameter is sent, by its style and what its schema says.

use std::collections::HashSet;

use openapiv3::QueryStyle;

use crate::spec::model::Parameter;
use crate::spec::{ObjectShape, Operation, Schema};
use crate::target::tencent::map::parameters::types::{ParameterType, type_of};

/// Under which names a parameter is sent.
pub(crate) enum Arrival<'s> {
    /// Under its own; `always`: however its value looks.
    OwnName { always: bool },
    /// Under the names of its properties, where it is an object.
    Properties(ObjectShape<'s>),
    /// The document does not say.
    Unknown,
}

impl<'s> Arrival<'s> {
    /// Of a parameter.
    pub(crate) fn of(parameter: &Parameter<'s>) -> Self {
        let own_name = Self::OwnName { always: true };
        let openapiv3::Parameter::Query { style, parameter_data, .. } = &parameter.given else {
            return own_name;
        };
        let Some((schema, ParameterType::Flat(_))) =
            parameter.schema.map(|schema| (schema, type_of(schema)))
        else {
            return own_name;
        };
        let shape = ObjectShape::of(schema);
        let is_split = parameter_data.explode != Some(false);
        match style {
            QueryStyle::DeepObject if shape.is_object => Self::Properties(shape),
            QueryStyle::DeepObject if is_list(schema) => Self::Unknown,
            QueryStyle::Form if shape.is_object && is_split => Self::Properties(shape),
            QueryStyle::PipeDelimited | QueryStyle::SpaceDelimited
                if shape.is_object && parameter_data.explode == Some(true) =>
            {
                Self::Unknown
            }
            _ => Self::OwnName { always: !is_list_of_objects(schema) },
        }
    }
}

/// The query parameters that are sent under their own names and nothing else.
pub(crate) fn own_names<'a>(operation: &'a Operation<'_>) -> HashSet<&'a str> {
    let own = operation.parameters.iter().filter(|it| {
        matches!(it.given, openapiv3::Parameter::Query { .. })
            && matches!(Arrival::of(it), Arrival::OwnName { .. })
    });
    own.map(|it| it.given.parameter_data_ref().name.as_str()).collect()
}

pub(crate) fn is_list(schema: Schema<'_>) -> bool {
    type_of(schema) == ParameterType::Flat("an array")
}

/// How each of its items is written nothing says.
pub(crate) fn is_list_of_objects(schema: Schema<'_>) -> bool {
    is_list(schema) && schema.items().is_some_and(|items| ObjectShape::of(items).is_object)
}
