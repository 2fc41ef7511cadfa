//! What an error means for the request that met it, whichever gateway it came from.
//!
//! Which code of a gateway has which meaning is a table of that gateway.

/// What an error code means for the request that met it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Meaning {
    /// Certainly not carried out; the same request may work later. Tells who has to wait.
    Wait(Hold),
    /// Certainly not carried out: the timestamp was too far off.
    Clock,
    /// Certainly not carried out: the temporary credentials are no longer valid.
    Token,
    /// May or may not have been carried out.
    Unclear,
    /// Refused, and perhaps because it exists already: look before believing it.
    MaybeTaken,
    /// Refused for good: the same request would be refused again.
    Refused,
    /// Refused for good: what the request names is not there.
    Gone,
    /// Refused: what should be deleted is needed by others, and may be free later.
    InUse,
    /// Nothing more can work within this scope.
    Stop(Scope),
}

impl Meaning {
    /// Whether it refuses this one request.
    pub(crate) fn refuses(self) -> bool {
        matches!(self, Self::Refused | Self::MaybeTaken | Self::Gone | Self::InUse)
    }
}

/// Who has to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hold {
    /// The item alone.
    Item,
    /// All items of its service.
    Service,
    /// Everyone: the account is throttled.
    Everyone,
}

/// How far a refusal reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The items of one service.
    Service,
    /// The whole run.
    Run,
}
