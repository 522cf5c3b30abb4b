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
    components: AtomicU64,
}

impl Progress {
    /// A file is read, with so many components in it.
    pub(crate) fn file(&self, components: u64) {
        self.0.files.fetch_add(1, Ordering::Relaxed);
        self.0.components.fetch_add(components, Ordering::Relaxed);
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        write!(f, "reading: {} files, {} components", count(&self.0.files), count(&self.0.components))
    }
}
