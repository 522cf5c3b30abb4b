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
pub struct Done<F> {
    /// One fold per worker.
    pub folds: Vec<F>,
    /// One outcome per input, by its number.
    pub outcomes: Vec<Option<Outcome>>,
}

/// Reads all `inputs` (numbers into `paths`) with so many threads; each has the fold that `start` makes.
pub fn read_all<F: Sink + Send>(
    paths: &[InputPath],
    inputs: &[u32],
    threads: NonZero<usize>,
    progress: &Progress,
    start: impl Fn() -> F + Sync,
) -> Done<F> {
    progress.begin(inputs.len());
    let next = AtomicUsize::new(0);
    let work = || {
        let mut fold = start();
        let mut worker = Worker::default();
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
