//! What can be wrong with a source before its text is understood.

use crate::finding::codes;

codes! {
    from 0;
    UNREADABLE "unreadable" Error "The source cannot be read";
    BAD_ENCODING "bad-encoding" Error "The text is in an encoding that is not supported", hint "save it as UTF-8";
}
