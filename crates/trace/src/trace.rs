//! The run: inputs in, answer out.

use std::fs::File;
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::Arc;

use floodmark_case::{Answer, Timestamp, Unread};

use crate::answer::{self, Results};
use crate::engine::lineage::{Habit, Inside, Lineage, Network, OwnerHabits, Start};
use crate::engine::suspects::Suspect;
use crate::engine::{analytics, suspects};
use crate::fields;
use crate::progress::Progress;
use crate::read::inputs::inputs;
use crate::sigma::{self, LoadOptions, RuleSet, RuleSource, read_rules};
use crate::survey::Survey;
use crate::time::Time;
use crate::workers::read_all;
use crate::{From, rule_sources};

/// What is asked.
#[derive(Debug)]
pub struct Request {
    /// Files and folders of logs; `-` is standard input.
    pub paths: Vec<PathBuf>,
    /// An empty file for what comes from standard input, if `-` is among the paths.
    pub standard_input: Option<File>,
    /// Where the story starts; empty for a guess.
    pub from: Vec<From>,
    /// Since when the starting credentials count as stolen; `None` to find out.
    pub since: Option<Timestamp>,
    /// Files and folders of further Sigma rules.
    pub rules: Vec<PathBuf>,
    /// Whether the rules that ship with the program are asked.
    pub builtin_rules: bool,
    /// Public keys for digest signatures.
    pub public_keys: Option<PathBuf>,
    /// How many threads read.
    pub threads: NonZero<usize>,
    /// Where to tell how far it has come.
    pub progress: Progress,
}

/// Answers: reads everything once, finds whom to follow, reads what they did again, and tells it.
pub fn trace(request: Request) -> std::io::Result<Answer> {
    let (rules, rule_problems) = load_rules(&request);
    let (paths, mut unread) = inputs(&request.paths);
    unread.extend(rule_problems);
    let all: Vec<u32> = (0..).take(paths.len()).collect();

    let done = read_all(&paths, &all, request.threads, &request.progress, || Survey::new(&rules));
    let survey = done.folds.into_iter().reduce(Survey::merge).unwrap_or_else(|| Survey::new(&rules));

    let mut drafts = analytics::find(&survey.habits);
    drafts.extend(survey.hits.finish(&rules, &survey.steps.finish(&rules)));
    let since = request.since.map(Time::from);
    let (suspects, unknown) = if request.from.is_empty() {
        (suspects::guessed(&survey.habits, &drafts), Vec::new())
    } else {
        suspects::named(&request.from, &survey.habits, &drafts, since)
    };

    let starts: Vec<Start> = suspects.iter().map(start).collect();
    let lineage = Lineage::trace(survey.births, survey.sightings, &starts, Inside::default());

    Ok(answer::answer(&Results {
        outcomes: done.outcomes,
        unread,
        drafts,
        suspects,
        lineage,
        unknown: unknown.into_iter().map(ToString::to_string).collect(),
        covered: survey.covered.finish(),
    }))
}

/// A suspect as the lineage starts from it.
fn start(suspect: &Suspect) -> Start {
    let habits = suspect.owner.iter().map(|network| Habit { network: Network::new(network), agent: None });
    Start {
        id: suspect.credential.clone(),
        since: Some(suspect.since),
        owner: OwnerHabits(habits.collect()),
        guess: suspect.guess,
    }
}

/// The rules to ask, and those that could not be loaded.
fn load_rules(request: &Request) -> (Arc<RuleSet>, Vec<Unread>) {
    let mut sources: Vec<RuleSource> = if request.builtin_rules { rule_sources() } else { Vec::new() };
    let mut problems = Vec::new();
    for path in &request.rules {
        let (found, failed) = read_rules(path);
        sources.extend(found);
        problems.extend(failed);
    }
    let rules = RuleSet::load(&sources, &LoadOptions { slot: fields::slot, ..LoadOptions::default() });
    problems.extend(rules.problems().iter().cloned());
    let unread = problems
        .into_iter()
        .filter(|problem| problem.effect == sigma::Effect::Rejected)
        .map(|problem| Unread {
            path: format!("{}:{}", problem.place.file, problem.place.line),
            why: format!("rule not loaded: {}", problem.reason),
            incomplete: true,
        })
        .collect();
    (Arc::new(rules), unread)
}
