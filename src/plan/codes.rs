//! What can be wrong with an operation among all others, and the list of all codes.

use crate::finding::page::{self, Block};
use crate::finding::{Code, codes};
use crate::target::tencent::map;
use crate::{settings, source, spec};

codes! {
    from 400;
    NO_SERVICE "no-service" Error "No service takes the operation", hint "give --service ID, or an entry under `services` in the settings";
    SAME_ROUTE "same-route" Error "An earlier operation has the same service, method and path", hint "send one of them to another service, or leave it out with --exclude";
    TWIN "twin" Note "An earlier document says the same; the operations of this one are skipped", hint "leave one of the two out with --exclude source:GLOB, or name a service for each under `services`";
    NAME_TAKEN "name-taken" Warning "An earlier item of the service has the name; a suffix tells them apart";
    CHANGED "changed" Warning "The operation has changed since its API was created; the API was left as it was", hint "delete the API and import again, or change it in the console";
    SOURCE_GONE "source-gone" Warning "The operation of the row is no longer in its source, or the source cannot be read";
}

/// The codes of all rooms, in the order of the reference.
pub fn all() -> impl Iterator<Item = Code> {
    [source::codes::CODES, spec::codes::CODES, map::codes::CODES, settings::codes::CODES, CODES]
        .into_iter()
        .flatten()
        .copied()
}

/// The code with this text.
pub fn named(text: &str) -> Option<Code> {
    all().find(|code| code.as_str() == text)
}

/// What the rooms say at length about their codes.
const PAGES: [&str; 5] = [
    include_str!("../source/codes.en.md"),
    include_str!("../spec/codes.en.md"),
    include_str!("../target/tencent/map/codes.en.md"),
    include_str!("../settings/codes.en.md"),
    include_str!("codes.en.md"),
];

/// The page on a code; empty where nobody wrote one, which a test refuses.
pub fn page(code: Code) -> Vec<Block<'static>> {
    PAGES.iter().find_map(|text| page::page(text, code.as_str())).unwrap_or_default()
}
