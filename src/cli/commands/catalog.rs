//! Sources to a plan: opens and drafts in parallel, admits in order.
//!
//! Preview prints what it is given as it comes; import keeps it.

use std::num::NonZero;
use std::sync::Arc;

use crate::finding::Finding;
use crate::plan::ordered::{Go, in_order};
use crate::plan::{Draft, Planned, Planner, Summary, Unreadable, draft};
use crate::settings::PlanSettings;
use crate::source::{self, Found, FoundSource, Opened, Reach};
use crate::spec::DocumentSet;

/// What a source became.
pub(crate) enum Station {
    /// A document with its entries, and, where they were asked for, the texts that its
    /// findings point into.
    Planned(Planned, Option<Box<DocumentSet>>),
    /// No document that can be read.
    Unreadable(Unreadable),
}

/// Whether the texts of documents are wanted after they are planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Texts {
    /// Findings are shown with their line.
    Kept,
    /// Memory is wanted back.
    Dropped,
}

/// How many results wait for an earlier source at most. Enough to keep two cores busy while
/// one reads the largest document of a catalog: in a model of 5,067 real ones they stand idle
/// for 4 % of the time, and no less where what is ahead is bounded by bytes, of 32 MB.
const AHEAD: usize = 32;

/// Plans all sources; gives each to `take`, in their order, as soon as it is there.
pub(crate) fn plan(
    found: &Found,
    reach: &Reach,
    settings: &PlanSettings,
    texts: Texts,
    mut take: impl FnMut(Station) -> Go,
) -> Summary {
    let mut planner = Planner::new(settings);
    let mut passed_over = 0;
    let mut admit = |planner: &mut Planner<'_>, read: Read| match read {
        Read::PassedOver => {
            passed_over += 1;
            Go::On
        }
        Read::Unreadable(unreadable) => {
            planner.refuse(&unreadable);
            take(Station::Unreadable(unreadable))
        }
        Read::Drafted(draft, set) => take(Station::Planned(planner.admit(draft), set)),
    };
    for (name, finding) in &found.unreadable {
        admit(&mut planner, Read::unreadable(name, vec![finding.clone()]));
    }
    let threads = std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
    let work = |source: &FoundSource| read(source, reach, settings, texts);
    if settings.looks_ahead() {
        foresee(&mut planner, found, threads, &work);
    }
    in_order(&found.sources, threads, AHEAD, work, |read| admit(&mut planner, read));
    let mut summary = planner.finish();
    summary.passed_over = passed_over;
    summary.sources = found.sources.len() + found.unreadable.len();
    summary
}

/// Reads the files once before, for what hangs on documents that come later. That costs less
/// memory than to keep all drafts of a catalog, and few catalogs need it.
fn foresee(
    planner: &mut Planner<'_>,
    found: &Found,
    threads: NonZero<usize>,
    work: &(impl Fn(&FoundSource) -> Read + Sync),
) {
    let is_file = |source: &&FoundSource| matches!(source.origin, source::Origin::File(_));
    let files: Vec<&FoundSource> = found.sources.iter().filter(is_file).collect();
    in_order(
        &files,
        threads,
        AHEAD,
        |source| work(source),
        |read| {
            if let Read::Drafted(draft, _) = read {
                planner.foresee(&draft);
            }
            Go::On
        },
    );
}

enum Read {
    PassedOver,
    Unreadable(Unreadable),
    Drafted(Draft, Option<Box<DocumentSet>>),
}

impl Read {
    fn unreadable(source: &Arc<str>, findings: Vec<Finding>) -> Self {
        Self::Unreadable(Unreadable { source: Arc::clone(source), findings })
    }
}

fn read(source: &FoundSource, reach: &Reach, settings: &PlanSettings, texts: Texts) -> Read {
    let set = match source::open(source, reach) {
        Opened::PassedOver => return Read::PassedOver,
        Opened::Unreadable(findings) => return Read::unreadable(&source.name, findings),
        Opened::Read(set) => set,
    };
    let drafted = set.document().map(|document| draft(&document, settings));
    match drafted {
        Ok(draft) => Read::Drafted(draft, (texts == Texts::Kept).then_some(set)),
        Err(findings) => Read::unreadable(&source.name, findings),
    }
}
