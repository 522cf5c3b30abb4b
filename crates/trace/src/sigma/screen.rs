//! Many questions of one text, most of which cannot hold: one pass finds those that may.

use aho_corasick::AhoCorasick;

use super::predicate::{Check, Probe};

/// Questions by the texts without which they can't hold.
#[derive(Debug)]
pub(super) struct Screen<T> {
    automaton: Option<AhoCorasick>,
    /// By pattern of the automaton: the questions that need it.
    behind: Vec<Vec<T>>,
    screened: Vec<T>,
    /// The questions of which no such text is known.
    rest: Vec<T>,
}

/// From how many needed texts on one automaton is worth its memory.
const MANY: usize = 8;

/// Where more than this is found in one text, all questions may hold.
const MAX_HITS: usize = 10_000;

impl<T: Copy + Ord> Screen<T> {
    pub(super) fn new<'c>(questions: impl IntoIterator<Item = (T, &'c Check)>) -> Self {
        let mut needed: Vec<(&str, T)> = Vec::new();
        let mut rest = Vec::new();
        for (question, check) in questions {
            match check.needs() {
                Some(texts) => needed.extend(texts.iter().map(|text| (&**text, question))),
                None => rest.push(question),
            }
        }
        needed.sort_unstable();
        let groups: Vec<_> = needed.chunk_by(|a, b| a.0 == b.0).collect();
        let automaton = AhoCorasick::new(groups.iter().map(|group| group[0].0)).ok();
        if let Some(automaton) = automaton.filter(|_| needed.len() >= MANY) {
            let mut screened: Vec<T> = needed.iter().map(|(_, question)| *question).collect();
            screened.sort_unstable();
            screened.dedup();
            let behind = groups.iter().map(|group| group.iter().map(|(_, question)| *question).collect());
            return Self { automaton: Some(automaton), behind: behind.collect(), screened, rest };
        }
        rest.extend(needed.into_iter().map(|(_, question)| question));
        rest.sort_unstable();
        rest.dedup();
        Self { automaton: None, behind: Vec::new(), screened: Vec::new(), rest }
    }

    /// Whether this question is found by a text that it needs.
    pub(super) fn screens(&self, question: T) -> bool {
        self.screened.binary_search(&question).is_ok()
    }

    /// The questions that may hold of a text because what they need occurs in it; some of them twice.
    pub(super) fn likely(&self, probe: &mut Probe<'_, '_>) -> Vec<T> {
        let Some(automaton) = &self.automaton else { return Vec::new() };
        let mut found = Vec::new();
        let mut seen = Vec::new();
        for (count, hit) in automaton.find_overlapping_iter(probe.folded()).enumerate() {
            if count > MAX_HITS {
                return self.screened.clone();
            }
            seen.resize(self.behind.len(), false);
            let pattern = hit.pattern().as_usize();
            if !std::mem::replace(&mut seen[pattern], true) {
                found.extend_from_slice(&self.behind[pattern]);
            }
        }
        found
    }

    /// The questions that are not screened.
    pub(super) fn rest(&self) -> &[T] {
        &self.rest
    }

    /// All questions that are, each once.
    pub(super) fn screened(&self) -> &[T] {
        &self.screened
    }
}
