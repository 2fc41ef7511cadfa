//! How many facts were stated, how many are kept on disk, and whether more can be.

#[derive(Debug, Default)]
pub(crate) struct Facts {
    stated: u64,
    kept: u64,
    lost: bool,
}

impl Facts {
    /// States one more, unless none can be kept any more; whether it did.
    pub(crate) fn state(&mut self) -> bool {
        self.stated += u64::from(!self.lost);
        !self.lost
    }

    /// How many were stated.
    pub(crate) fn stated(&self) -> u64 {
        self.stated
    }

    /// The first so many are kept.
    pub(crate) fn keep(&mut self, facts: u64) {
        self.kept = self.kept.max(facts);
    }

    /// No more can be kept.
    pub(crate) fn lose(&mut self) {
        self.lost = true;
    }

    pub(crate) fn are_lost(&self) -> bool {
        self.lost
    }

    /// Whether there is nothing to wait for.
    pub(crate) fn are_done(&self) -> bool {
        self.lost || self.kept >= self.stated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_done_once_all_are_kept_or_no_more_can_be() {
        let mut facts = Facts::default();
        assert!(facts.state() && facts.state() && !facts.are_done());
        facts.keep(2);
        facts.keep(1);
        assert!(facts.are_done());
        assert!(facts.state());
        facts.lose();
        assert!(facts.are_done() && !facts.state());
        assert_eq!(facts.stated(), 3);
    }
}
