//! Safeties that can be taken out, so that a test can show that the harness would notice.
//!
//! A harness that cannot fail proves nothing. With the feature `weakened` the variable
//! `APIFERRY_WEAKENED` names the one safety that is out; without the feature every question
//! here is answered "no" when the program is compiled, and nothing reads the variable. The
//! feature is off by default, and no release build takes it.

#[cfg(all(feature = "weakened", not(debug_assertions)))]
compile_error!("`weakened` takes safeties out; it is for the tests, never for a release build");

/// What keeps an API from being made twice, or from being told wrongly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Safety {
    /// An intent is on disk before its request goes out.
    IntentSync,
    /// An absence counts only once a late request can no longer take effect.
    Settle,
    /// After a lost answer nothing is sent until a look found nothing.
    LookBeforeRetry,
    /// One run at a time.
    Lock,
    /// What was there before the first create is known.
    Baseline,
}

impl Safety {
    #[cfg(feature = "weakened")]
    fn name(self) -> &'static str {
        match self {
            Self::IntentSync => "intent-sync",
            Self::Settle => "settle",
            Self::LookBeforeRetry => "look-before-retry",
            Self::Lock => "lock",
            Self::Baseline => "baseline",
        }
    }
}

/// Whether this safety is out.
#[cfg(not(feature = "weakened"))]
pub(crate) const fn without(_: Safety) -> bool {
    false
}

/// Whether this safety is out.
#[cfg(feature = "weakened")]
#[expect(clippy::disallowed_methods, reason = "a weakened program is no product")]
pub(crate) fn without(safety: Safety) -> bool {
    std::env::var("APIFERRY_WEAKENED").is_ok_and(|out| out == safety.name())
}
