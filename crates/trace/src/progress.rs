//! How far a run has come.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counters that the workers raise and somebody else may look at.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    files: AtomicU64,
    all_files: AtomicU64,
    events: AtomicU64,
    passes: AtomicU64,
}

impl Progress {
    /// A pass over so many files begins.
    pub fn begin(&self, files: usize) {
        self.0.files.store(0, Ordering::Relaxed);
        self.0.all_files.store(files as u64, Ordering::Relaxed);
        self.0.passes.fetch_add(1, Ordering::Relaxed);
    }

    /// A file with so many records is done.
    pub fn file(&self, records: u64) {
        self.0.files.fetch_add(1, Ordering::Relaxed);
        self.0.events.fetch_add(records, Ordering::Relaxed);
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let what = if count(&self.0.passes) > 1 { "following" } else { "reading" };
        write!(
            f,
            "{what}: {} of {} files, {} records",
            count(&self.0.files),
            count(&self.0.all_files),
            count(&self.0.events)
        )
    }
}
