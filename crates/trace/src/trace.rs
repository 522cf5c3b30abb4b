//! The run: inputs in, answer out.

use std::collections::BTreeSet;
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::Arc;

use floodmark_case::{Answer, Timestamp, Unread};

use crate::answer::{self, Results};
use crate::engine::draft::Draft;
use crate::engine::flows::FlowFold;
use crate::engine::hits::event_number;
use crate::engine::lineage::{Habit, Inside, Lineage, Network, Start};
use crate::engine::story::Telling;
use crate::engine::suspects::Suspect;
use crate::engine::{analytics, suspects};
use crate::fields;
use crate::follow::Follow;
use crate::integrity;
use crate::place::Input;
use crate::progress::Progress;
use crate::read::Outcome;
use crate::read::digest::is_digest_path;
use crate::read::inputs::{InputPath, inputs};
use crate::sigma::Effect;
use crate::sigma::{LoadOptions, Placeholders, Problem, RuleSet, RuleSource, read_rules};
use crate::survey::Survey;
use crate::time::Time;
use crate::workers::{Reader, read_all};
use crate::{From, rule_sources};

/// What is asked.
#[derive(Debug)]
pub struct Request {
    /// Files and folders of logs.
    pub paths: Vec<PathBuf>,
    /// Inputs that are no path: what came from standard input, called `-`, and the embedded example.
    pub at_hand: Vec<InputPath>,
    /// Where the story starts; empty for a guess.
    pub from: Vec<From>,
    /// Since when the starting credentials count as stolen; `None` to find out.
    pub since: Option<Timestamp>,
    /// Files and folders of further Sigma rules.
    pub rules: Vec<PathBuf>,
    /// The values of placeholders in them.
    pub placeholders: Placeholders,
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
///
/// Evidence that cannot be read is told in the answer.
pub fn trace(request: &Request) -> Answer {
    let (rules, mut unread) = load_rules(request);
    let (found, not_found) = inputs(&request.paths);
    let paths: Vec<InputPath> = request.at_hand.iter().cloned().chain(found).collect();
    unread.extend(not_found);
    let all: Vec<u32> = (0..).take(paths.len()).collect();
    let reader = Reader {
        paths: &paths,
        threads: request.threads,
        progress: &request.progress,
        hashes_content: paths.iter().any(|path| is_digest_path(&path.name)),
    };

    let surveyed = read_all(&reader, &all, || Survey::new(&rules));
    let mut survey = surveyed.folds.into_iter().reduce(Survey::merge).unwrap_or_else(|| Survey::new(&rules));
    survey = survey.finish();
    let inputs = cited(&surveyed.outcomes);

    let drafts = findings(&mut survey, &rules);
    let (mut suspects, unused) = starting_points(request, &survey, &drafts);
    let starts: Vec<Start> = suspects.iter().chain(&unused).map(start).collect();
    let lineage = Lineage::trace(survey.births, survey.sightings, &starts, Inside::default());
    suspects.extend(unused.into_iter().filter(|suspect| lineage.taint_of(&suspect.credential).is_some()));

    let names = lineage.names().map(|(name, since)| (event_number(name), since));
    let mut touched = survey.traces.inputs_with(names);
    touched.extend(lineage.entries().map(|place| place.input));
    touched.sort_unstable();
    touched.dedup();
    let followed = read_all(&reader, &touched, || Follow::new(&lineage));
    let Follow { story, interfaces, .. } =
        followed.folds.into_iter().reduce(Follow::merge).unwrap_or_else(|| Follow::new(&lineage));
    let mut telling = story.finish(&lineage, &survey.undone.finish(), &inputs);
    let flow_inputs: Vec<u32> = survey.flow_inputs.into_iter().collect();
    let bounding = bound_by_flows(&reader, &flow_inputs, &interfaces, &inputs, &mut telling);
    for again in [&followed.outcomes, &bounding] {
        unread.extend(changed_between(&paths, &surveyed.outcomes, again));
    }

    let (checks, altered) = integrity::check(request, &paths, &surveyed.outcomes, &survey.digests);
    unread.extend(altered);
    answer::answer(Results {
        inputs: &inputs,
        outcomes: &surveyed.outcomes,
        unread,
        drafts,
        suspects,
        lineage: &lineage,
        telling,
        covered: survey.covered.finish(),
        integrity: checks,
    })
}

/// What rules, analytics and GuardDuty found.
fn findings(survey: &mut Survey, rules: &RuleSet) -> Vec<Draft> {
    let mut drafts = analytics::find(&survey.habits);
    drafts.extend(survey.hits.finish(rules, &std::mem::take(&mut survey.steps).finish(rules)));
    drafts.extend(survey.guardduty.iter().cloned());
    drafts
}

/// The suspects, and the named starting points that nobody used, though perhaps somebody made them.
fn starting_points(request: &Request, survey: &Survey, drafts: &[Draft]) -> (Vec<Suspect>, Vec<Suspect>) {
    if request.from.is_empty() {
        return (suspects::guessed(&survey.habits, drafts), Vec::new());
    }
    let since = request.since.map(Time::from);
    let (suspects, unused) = suspects::named(&request.from, &survey.habits, drafts, since);
    (suspects, unused.into_iter().map(|from| suspects::unused(from, since)).collect())
}

/// A suspect as the lineage starts from it.
fn start(suspect: &Suspect) -> Start {
    let habits = suspect.owner.iter().map(|network| Habit { network: Network::new(network), agent: None });
    Start {
        id: suspect.credential.clone(),
        since: Some(suspect.since),
        owner: habits.collect(),
        guess: suspect.guess,
    }
}

/// How each input is cited; one that could not be opened is never referred to.
fn cited(outcomes: &[Option<Outcome>]) -> Vec<Input> {
    let nowhere = Input {
        evidence: floodmark_case::EvidenceId::new([0; 32]),
        container: crate::place::Container::Records,
    };
    outcomes
        .iter()
        .map(|outcome| outcome.as_ref().and_then(|outcome| outcome.input).unwrap_or(nowhere))
        .collect()
}

/// The inputs that were not the same when they were read again: what was cited is not what was followed.
fn changed_between<'p>(
    paths: &'p [InputPath],
    first: &'p [Option<Outcome>],
    again: &'p [Option<Outcome>],
) -> impl Iterator<Item = Unread> + use<'p> {
    let evidence = |outcome: &Outcome| outcome.input.map(|input| input.evidence);
    paths.iter().zip(first).zip(again).filter_map(move |((path, first), again)| {
        let (first, again) = (first.as_ref()?, again.as_ref()?);
        (evidence(first) != evidence(again)).then(|| Unread {
            path: path.name.clone(),
            why: "changed between its two readings: what was done in it may be missing; expected a file that nobody writes to"
                .into(),
            incomplete: true,
        })
    })
}

/// Adds what flow logs let through to the intruder: a bound for what no other log counts.
fn bound_by_flows(
    reader: &Reader<'_>,
    flow_inputs: &[u32],
    interfaces: &BTreeSet<String>,
    inputs: &[Input],
    telling: &mut Telling,
) -> Vec<Option<Outcome>> {
    let fallen = telling.credentials.iter().filter(|credential| credential.tainted);
    let addresses: BTreeSet<String> =
        fallen.clone().flat_map(|credential| credential.addresses.iter().cloned()).collect();
    let Some(since) = fallen.filter_map(|credential| credential.fell).min() else { return Vec::new() };
    let fold = || FlowFold::new(&addresses, interfaces, Time::from(since));
    let read = read_all(reader, flow_inputs, fold);
    let flows = read.folds.into_iter().reduce(FlowFold::merge);
    telling.volumes.extend(flows.map(|flows| flows.finish(inputs)).unwrap_or_default());
    read.outcomes
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
    let options = LoadOptions {
        slot: fields::slot,
        placeholders: request.placeholders.clone(),
        ..LoadOptions::default()
    };
    let rules = RuleSet::load(&sources, &options);
    problems.extend(rules.problems().iter().cloned());
    (Arc::new(rules), problems.iter().map(told).collect())
}

/// A problem of a rule file, as the answer tells it.
fn told(problem: &Problem) -> Unread {
    let rejected = problem.effect == Effect::Rejected;
    let effect = if rejected { "rule not loaded" } else { "rule used, though" };
    Unread {
        path: format!("{}:{}", problem.place.file, problem.place.line),
        why: format!("{effect}: {}", problem.reason),
        incomplete: rejected,
    }
}

/// A path among the inputs, by number.
pub(crate) fn path_of(paths: &[InputPath], number: u32) -> Option<&InputPath> {
    paths.get(usize::try_from(number).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_as(bytes: &[u8]) -> Outcome {
        let evidence = floodmark_case::EvidenceId::of(bytes);
        let input = Input { evidence, container: crate::place::Container::Records };
        Outcome { input: Some(input), read: None, unread: Vec::new(), content: None }
    }

    #[test]
    fn a_file_that_is_replaced_between_its_two_readings_is_told() {
        let paths = ["same", "replaced", "not read again", "gone"].map(InputPath::at);
        let gone = Outcome { input: None, read: None, unread: Vec::new(), content: None };
        let first = [b"a", b"b", b"c", b"d"].map(|bytes| Some(read_as(bytes)));
        let again = [Some(read_as(b"a")), Some(read_as(b"x")), None, Some(gone)];
        let told: Vec<_> = changed_between(&paths, &first, &again).collect();
        assert_eq!(told.iter().map(|one| one.path.as_str()).collect::<Vec<_>>(), ["replaced", "gone"]);
        assert!(told.iter().all(|one| one.incomplete && one.why.contains("between its two readings")));
        assert_eq!(changed_between(&paths, &first, &[]).count(), 0);
    }
}
