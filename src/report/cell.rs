//! One cell: no longer than a journal line can hold, and safe in a spreadsheet.

use std::borrow::Cow;

use crate::text;

/// Characters that one cell may hold: real ones stay far below, and a journal line has to
/// hold them all.
const LONGEST: usize = 2_000;

/// A text of a document or an answer, no longer than a cell may be.
pub(crate) fn short(text: &str) -> Cow<'_, str> {
    text::cut(text, LONGEST)
}

/// A cell as it is safe in a spreadsheet: control characters escaped, and a `'` before what
/// would be run as a formula.
///
/// A text that already begins with `'` and then a trigger gets one more, so that
/// [`unguard`] gives back what was there.
pub(crate) fn guard(cell: &str) -> Cow<'_, str> {
    let safe = text::escape(cell);
    if is_formula(safe.trim_start_matches('\'')) { Cow::Owned(format!("'{safe}")) } else { safe }
}

/// What [`guard`] was given, control characters aside: strips exactly one `'` before a
/// trigger, and leaves a cell alone that lost its `'` on the way.
pub(crate) fn unguard(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if is_formula(rest.trim_start_matches('\'')) => rest,
        _ => cell,
    }
}

/// Whether a spreadsheet would take it for a formula: the ASCII triggers, and the full-width
/// ones that East Asian editions read as the same.
fn is_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r'])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_cell_that_would_be_run_as_a_formula_begins_with_an_apostrophe() {
        for formula in ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "＝1+1"] {
            assert_eq!(guard(formula), format!("'{formula}"));
            assert_eq!(unguard(&guard(formula)), formula);
        }
        assert_eq!(guard("\t=1"), "\\t=1");
        assert_eq!(guard("/pets"), "/pets");
    }

    #[test]
    fn exactly_one_apostrophe_is_stripped_and_only_before_a_trigger() {
        assert_eq!(unguard("''=x"), "'=x");
        assert_eq!(unguard("'quoted'"), "'quoted'");
        assert_eq!(unguard("=x"), "=x", "a spreadsheet may have swallowed the apostrophe");
    }

    proptest! {
        #[test]
        fn a_guarded_cell_never_begins_with_a_trigger_and_comes_back(cell in "['=+@＝a-]{0,6}.*") {
            let guarded = guard(&cell);
            prop_assert!(!is_formula(&guarded));
            prop_assert!(!guarded.chars().any(char::is_control));
            let escaped = text::escape(&cell);
            prop_assert_eq!(unguard(&guarded), &*escaped);
        }
    }
}
