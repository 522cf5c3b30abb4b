//! Threads that share a list of inputs, each with a fold of its own.

use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use floodmark_case::Unread;

use crate::progress::Progress;
use crate::read::inputs::InputPath;
use crate::read::{Outcome, Sink, Worker};

/// What the workers made of the inputs: their folds, to be merged in any order, and what came of each input, in order.
#[derive(Debug)]
pub(crate) struct Done<F> {
    /// One fold per worker.
    pub folds: Vec<F>,
    /// One outcome per input, by its number.
    pub outcomes: Vec<Option<Outcome>>,
}

/// What the workers share.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'r> {
    /// All inputs, by their numbers.
    pub paths: &'r [InputPath],
    /// How many threads read.
    pub threads: NonZero<usize>,
    /// Where to tell how far it has come.
    pub progress: &'r Progress,
    /// Whether what is inside compressed files is hashed too, for digests.
    pub hashes_content: bool,
}

/// Reads these inputs; each thread has the fold that `start` makes.
pub(crate) fn read_all<F: Sink + Send>(
    reader: &Reader<'_>,
    inputs: &[u32],
    start: impl Fn() -> F + Sync,
) -> Done<F> {
    let Reader { paths, threads, progress, hashes_content } = *reader;
    progress.begin(inputs.len());
    let next = AtomicUsize::new(0);
    let work = || {
        let mut fold = start();
        let mut worker = if hashes_content { Worker::hashing_content() } else { Worker::default() };
        let mut outcomes = Vec::new();
        while let Some(&number) = inputs.get(next.fetch_add(1, Ordering::Relaxed)) {
            let Some(path) = paths.get(number as usize) else { continue };
            let outcome = read_one(&mut worker, path, number, &mut fold);
            progress.file(outcome.read.as_ref().map_or(0, |read| read.records));
            outcomes.push((number, outcome));
        }
        (fold, outcomes)
    };
    let results: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (1..threads.get()).map(|_| scope.spawn(work)).collect();
        let own = work();
        std::iter::once(own).chain(workers.into_iter().filter_map(|worker| worker.join().ok())).collect()
    });
    let mut done = Done { folds: Vec::new(), outcomes: (0..paths.len()).map(|_| None).collect() };
    for (fold, outcomes) in results {
        done.folds.push(fold);
        for (number, outcome) in outcomes {
            done.outcomes[number as usize] = Some(outcome);
        }
    }
    done
}

/// A file that breaks its reader is told like one that cannot be read, and the others are read.
fn read_one(worker: &mut Worker, path: &InputPath, number: u32, fold: &mut impl Sink) -> Outcome {
    catch_unwind(AssertUnwindSafe(|| worker.read(path, number, fold))).unwrap_or_else(|_| {
        // Its buffers may be in any state.
        *worker = Worker::default();
        Outcome {
            input: None,
            content: None,
            read: None,
            unread: vec![Unread {
                path: path.name.clone(),
                why: "broke its reader, which is a defect of floodmark: the rest of it was not read".into(),
                incomplete: true,
            }],
        }
    })
}
