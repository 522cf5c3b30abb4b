//! Results to findings, links, story and coverage.

mod coverage;
mod links;
mod prune;
mod told;
mod verdict;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use floodmark_case::{
    Answer, Command, Credential, Finding, Inventory, SCHEMA, Story, Suspicion, TimelineRow, Unread, Window,
};

use crate::engine::draft::Draft;
use crate::engine::gaps;
use crate::engine::lineage::Lineage;
use crate::engine::story::{Run, Telling};
use crate::engine::suspects::Suspect;
use crate::place::{Input, Place, cite};
use crate::read::Outcome;
use crate::read::digest_chain::Check;

/// Everything that the engine found out.
#[derive(Debug)]
pub(crate) struct Results<'r> {
    /// How each input is cited.
    pub inputs: &'r [Input],
    /// What came of each input.
    pub outcomes: &'r [Option<Outcome>],
    /// What could not be read before there was an input.
    pub unread: Vec<Unread>,
    /// What was found.
    pub drafts: Vec<Draft>,
    /// Where the story starts.
    pub suspects: Vec<Suspect>,
    /// What fell, and how.
    pub lineage: &'r Lineage,
    /// What it did.
    pub telling: Telling,
    /// What is covered.
    pub covered: gaps::Coverage,
    /// What the digests say of the log files.
    pub integrity: Vec<Check>,
}

/// The answer.
pub(crate) fn answer(mut results: Results<'_>) -> Answer {
    prune::prune(&mut results.telling, results.lineage);
    prune::complete(&mut results.telling);
    let stopped = told::stopped_logging(&results.telling, &results.covered);
    let mut findings: Vec<(Finding, Vec<Place>)> = std::mem::take(&mut results.drafts)
        .into_iter()
        .map(|draft| (finding(&draft, results.inputs), draft.places))
        .collect();
    findings
        .extend(told::findings(&results.telling, &stopped).into_iter().map(|finding| (finding, Vec::new())));
    findings.extend(
        coverage::integrity_findings(&results.integrity, &results)
            .into_iter()
            .map(|finding| (finding, Vec::new())),
    );
    sort_and_name(&mut findings);

    let timeline = timeline(std::mem::take(&mut results.telling.runs), &findings);
    let findings: Vec<Finding> = findings.into_iter().map(|(finding, _)| finding).collect();
    let coverage = coverage::coverage(&results, &stopped);
    let suspects = suspicions(&results.suspects, &results.telling.credentials);
    let Telling { credentials, reached, leftovers, volumes, .. } = results.telling;
    let story = Story { suspects, credentials, timeline, reached, leftovers, volumes };
    let verdict = verdict::verdict(&findings, &story, &coverage);
    let links = links::links(&story);
    Answer {
        schema: SCHEMA.into(),
        command: Command::Trace,
        verdict,
        findings,
        links,
        coverage,
        story,
        inventory: Inventory::default(),
    }
}

fn finding(draft: &Draft, inputs: &[Input]) -> Finding {
    let window = Window::between(draft.from.to_timestamp(), draft.to.to_timestamp());
    Finding {
        id: Finding::stable_id(&draft.rule, &draft.subjects, Some(window)),
        rule: draft.rule.clone(),
        title: draft.title.clone(),
        explanation: draft.explanation.clone(),
        severity: draft.severity,
        confidence: draft.confidence,
        window: Some(window),
        subjects: draft.subjects.clone(),
        techniques: draft.techniques.clone(),
        tactics: draft.tactics.clone(),
        count: draft.count,
        citations: cite(inputs, &draft.places),
        advice: draft.advice.clone(),
    }
}

/// Worst first, then by time; ids that meet by chance are told apart.
fn sort_and_name(findings: &mut [(Finding, Vec<Place>)]) {
    findings.sort_by(|(a, _), (b, _)| {
        let key = |one: &Finding| {
            (
                one.window.map(|window| window.from),
                one.rule.clone(),
                one.subjects.clone(),
                one.explanation.clone(),
            )
        };
        b.severity.cmp(&a.severity).then_with(|| key(a).cmp(&key(b)))
    });
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for (finding, _) in findings {
        let count = seen.entry(finding.id.clone()).or_default();
        *count += 1;
        if *count > 1 {
            finding.id = format!("{}-{count}", finding.id);
        }
    }
}

/// The rows, each with the findings that its events are part of.
fn timeline(runs: Vec<Run>, findings: &[(Finding, Vec<Place>)]) -> Vec<TimelineRow> {
    let mut by_place: HashMap<Place, Vec<usize>> = HashMap::new();
    for (number, (_, places)) in findings.iter().enumerate() {
        for &place in places {
            by_place.entry(place).or_default().push(number);
        }
    }
    runs.into_iter()
        .map(|Run { mut row, places }| {
            let numbers: BTreeSet<usize> =
                places.iter().filter_map(|place| by_place.get(place)).flatten().copied().collect();
            let of_row =
                || numbers.iter().filter_map(|&number| findings.get(number)).map(|(finding, _)| finding);
            row.findings = of_row().map(|finding| finding.id.clone()).collect();
            let techniques: BTreeSet<&String> = of_row().flat_map(|finding| &finding.techniques).collect();
            row.techniques = techniques.into_iter().cloned().collect();
            row
        })
        .collect()
}

/// The starting points; of guessed ones only those that no other begot.
fn suspicions(suspects: &[Suspect], credentials: &[Credential]) -> Vec<Suspicion> {
    let tainted: BTreeSet<&str> = credentials
        .iter()
        .filter(|credential| credential.tainted)
        .map(|credential| credential.id.as_str())
        .collect();
    let begotten: BTreeSet<&str> = credentials
        .iter()
        .filter(|credential| credential.parent.as_deref().is_some_and(|parent| tainted.contains(parent)))
        .map(|credential| credential.id.as_str())
        .collect();
    suspects
        .iter()
        .filter(|suspect| !suspect.guess || !begotten.contains(suspect.credential.as_str()))
        .map(|suspect| Suspicion {
            id: suspect.credential.clone(),
            guess: suspect.guess,
            why: suspect.why.clone(),
        })
        .collect()
}
