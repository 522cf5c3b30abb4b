//! Results to findings, links, story and coverage.

mod verdict;

use floodmark_case::{Answer, Command, Coverage, Finding, SCHEMA, Story, Suspicion, Unread, Window};

use crate::engine::draft::Draft;
use crate::engine::gaps;
use crate::engine::lineage::Lineage;
use crate::engine::suspects::Suspect;
use crate::place::{Input, cite};
use crate::read::Outcome;

/// Everything that the engine found out.
#[derive(Debug)]
pub struct Results {
    /// What came of each input.
    pub outcomes: Vec<Option<Outcome>>,
    /// What could not be read before there was an input.
    pub unread: Vec<Unread>,
    /// What was found.
    pub drafts: Vec<Draft>,
    /// Where the story starts.
    pub suspects: Vec<Suspect>,
    /// What fell, and how.
    pub lineage: Lineage,
    /// The starting points that the logs do not know.
    pub unknown: Vec<String>,
    /// What is covered.
    pub covered: gaps::Coverage,
}

/// The answer.
pub fn answer(results: &Results) -> Answer {
    let inputs: Vec<Input> = results
        .outcomes
        .iter()
        .map(|outcome| outcome.as_ref().and_then(|outcome| outcome.input).unwrap_or(NOWHERE))
        .collect();
    let mut findings: Vec<Finding> = results.drafts.iter().map(|draft| finding(draft, &inputs)).collect();
    findings.sort_by(|a, b| {
        (b.severity, a.window.from, &a.rule, &a.subjects).cmp(&(
            a.severity,
            b.window.from,
            &b.rule,
            &b.subjects,
        ))
    });
    let story = Story { suspects: results.suspects.iter().map(suspicion).collect(), ..Story::default() };
    let coverage = coverage(results);
    let verdict = verdict::verdict(&findings, &story, &coverage);
    Answer {
        schema: SCHEMA.into(),
        command: Command::Trace,
        verdict,
        findings,
        links: Vec::new(),
        coverage,
        story,
    }
}

/// Stands where an input could not be opened; no place refers to it.
const NOWHERE: Input =
    Input { evidence: floodmark_case::EvidenceId::new([0; 32]), container: crate::place::Container::Records };

fn finding(draft: &Draft, inputs: &[Input]) -> Finding {
    let window = Window::between(draft.from.to_timestamp(), draft.to.to_timestamp());
    Finding {
        id: Finding::stable_id(&draft.rule, &draft.subjects, window),
        rule: draft.rule.clone(),
        title: draft.title.clone(),
        explanation: draft.explanation.clone(),
        severity: draft.severity,
        confidence: draft.confidence,
        window,
        subjects: draft.subjects.clone(),
        techniques: draft.techniques.clone(),
        tactics: draft.tactics.clone(),
        count: draft.count,
        citations: cite(inputs, &draft.places),
        advice: draft.advice.clone(),
    }
}

fn suspicion(suspect: &Suspect) -> Suspicion {
    Suspicion { id: suspect.credential.clone(), guess: suspect.guess, why: suspect.why.clone() }
}

fn coverage(results: &Results) -> Coverage {
    let outcomes = || results.outcomes.iter().flatten();
    let mut read: Vec<_> = outcomes().filter_map(|outcome| outcome.read.clone()).collect();
    read.sort();
    let mut unread: Vec<_> =
        results.unread.iter().chain(outcomes().flat_map(|outcome| &outcome.unread)).cloned().collect();
    unread.sort();
    let cannot_conclude = results
        .unknown
        .iter()
        .map(|from| format!("whether {from} was used: it does not occur in what was read"))
        .collect();
    Coverage { read, unread, gaps: results.covered.gaps(), cannot_conclude }
}
