//! The name that was probably meant.

use crate::target::tencent::model::Problem;

/// The likest of `known`, where one is alike at all.
pub(crate) fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let folded = |text: &str| text.to_lowercase();
    let likeness = |known: &str| strsim::jaro_winkler(&folded(name), &folded(known));
    known
        .into_iter()
        .map(|known| (likeness(known), known))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known)
}

/// Advice to write the likest name instead.
pub(crate) fn did_you_mean<'k>(
    name: &str,
    known: impl IntoIterator<Item = &'k str>,
) -> Option<String> {
    nearest(name, known).map(|near| format!("did you mean `{near}`?"))
}

/// Advice where a field or a value of it is none that the model has; `more` are names that
/// stand beside its fields.
pub(crate) fn meant<'k>(
    problem: &Problem,
    more: impl IntoIterator<Item = &'k str>,
) -> Option<String> {
    match problem {
        Problem::Unknown { name, known } => did_you_mean(name, known.iter().copied().chain(more)),
        Problem::Value { value, known, .. } => did_you_mean(value, known.iter().copied()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likest_name_is_found_and_an_unlike_one_is_not() {
        let known = ["ServiceTimeout", "ServiceType", "EnableCORS"];
        assert_eq!(nearest("servicetimeOut", known), Some("ServiceTimeout"));
        assert_eq!(nearest("EnableCors", known), Some("EnableCORS"));
        assert_eq!(nearest("Zebra", known), None);
    }
}
