//! `ApiName`: what it is made of, and how it is kept short and unique.
//!
//! Suffixes come from method and path as sent, which are unique within a service, so that
//! two runs agree and a document's order does not matter to the name.

use sha2::{Digest as _, Sha256};

use crate::target::tencent::map::plain::one_line;

/// Characters that `ApiName` holds (the console's rule).
pub(crate) const LIMIT: usize = 60;

/// The name as the document gives it: `operationId`, else summary, else method and path.
pub(crate) fn first(
    operation_id: Option<&str>,
    summary: Option<&str>,
    method: &str,
    path: &str,
) -> String {
    [operation_id, summary]
        .into_iter()
        .flatten()
        .map(one_line)
        .find(|name| !name.is_empty())
        .map_or_else(|| format!("{method}_{}", one_line(path)), std::borrow::Cow::into_owned)
}

/// Whether it has to be shortened.
pub(crate) fn is_too_long(name: &str) -> bool {
    name.char_indices().nth(LIMIT).is_some()
}

/// The name with a suffix that tells this method and path from every other one, within
/// the limit. `round` above 0 gives further names where one of them is taken as well.
pub(crate) fn with_suffix(name: &str, method: &str, path: &str, round: u32) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("{method}\0{path}\0{round}"));
    let suffix = hex::encode(&hash.finalize()[..4]);
    let kept: String = name.chars().take(LIMIT - 1 - suffix.len()).collect();
    format!("{kept}-{suffix}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_the_first_that_says_something() {
        assert_eq!(first(Some("listPets"), Some("List"), "GET", "/pets"), "listPets");
        assert_eq!(first(Some(" "), Some("List\npets"), "GET", "/pets"), "List pets");
        assert_eq!(first(None, None, "GET", "/pets/{id}"), "GET_/pets/{id}");
    }

    #[test]
    fn a_suffix_keeps_to_the_limit_and_tells_paths_apart() {
        let long = "名".repeat(61);
        assert!(is_too_long(&long));
        assert!(!is_too_long(&"名".repeat(60)));
        let one = with_suffix(&long, "GET", "/a", 0);
        assert_eq!(one.chars().count(), LIMIT);
        assert_eq!(one, with_suffix(&long, "GET", "/a", 0));
        assert_ne!(one, with_suffix(&long, "GET", "/b", 0));
        assert_ne!(one, with_suffix(&long, "PUT", "/a", 0));
        assert_ne!(one, with_suffix(&long, "GET", "/a", 1));
    }
}
