//! Who may call an API: what becomes of the credentials that a document requires.

use crate::finding::Code;
use crate::finding::notes::Notes;
use crate::spec::Operation;
use crate::target::tencent::map::vendors;
use crate::target::tencent::names;
use crate::target::tencent::request::Request;

/// Whether callers are checked by an API that authorises them, and none is set by its id.
pub(crate) fn needs_authoriser(request: &Request) -> bool {
    request.is_checked_by_oauth()
        && !request.is_authoriser()
        && request.value(names::AUTHORISER_ID).is_none()
}

/// Finds whether credentials are no longer checked, or no caller has any yet. `is_mapped` is
/// whether the settings decide what is checked.
pub(crate) fn check(
    request: &Request,
    operation: &Operation<'_>,
    is_mapped: bool,
    notes: &mut Notes,
) {
    if request.text(names::AUTH_TYPE) == "NONE" && !is_mapped {
        let words = vendors::access(operation).into_iter().map(|word| (true, word));
        notes.count_words(Code::ACCESS_NOT_CARRIED, || operation.place.clone(), words);
    }
    let is_open = operation.security.iter().any(|required| required.schemes.is_empty());
    match (request.text(names::AUTH_TYPE), operation.security.first()) {
        ("NONE", Some(first)) if !is_open && !is_mapped => {
            notes.count(Code::SECURITY_NOT_ENFORCED, &first.place);
        }
        ("SECRET" | "APP", _) => notes.count(Code::NOBODY_MAY_CALL, &operation.place),
        ("EIAM", _) if request.value(names::EIAM_APP_ID).is_none() => {
            notes.count(Code::NOBODY_MAY_CALL, &operation.place);
        }
        _ => {}
    }
}
