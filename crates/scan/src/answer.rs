//! Results to findings, links, inventory and coverage.

mod coverage;
mod findings;
mod inventory;
mod links;
mod verdict;

pub(crate) use findings::identity;
use floodmark_case::{Answer, Command, Coverage, SCHEMA, Story, Unread};

use crate::engine::flaw::Flaw;
use crate::engine::knowledge::Knowledge;
use crate::engine::matching::Matched;
use crate::scan::Scanned;

/// Everything that the engine found out.
pub(crate) struct Results<'r> {
    /// What there is.
    pub scanned: Scanned,
    /// What is known against it.
    pub matched: Matched,
    /// What was asked.
    pub knowledge: Knowledge<'r>,
    /// What could not be asked, or not read before there was a target.
    pub unread: Vec<Unread>,
}

/// The answer. What was found out becomes it, and is not held beside it.
pub(crate) fn answer(results: Results<'_>) -> Answer {
    let cannot_conclude = coverage::cannot_conclude(&results);
    let Results { scanned: Scanned { components, read, unread }, matched, knowledge, unread: unasked } =
        results;
    let unread = unasked.into_iter().chain(unread).collect();
    let coverage = Coverage { read, unread, gaps: Vec::new(), cannot_conclude };
    let told: Vec<&Flaw> = matched.flaws.iter().filter(|flaw| flaw.set_aside.is_none()).collect();
    let findings = findings::findings(&components, &told);
    let links = links::links(&components, &told);
    let asked = match knowledge.advisories {
        Some(_) => verdict::Asked::Advisories,
        None => verdict::Asked::Compromises,
    };
    let verdict = verdict::verdict(&components, &matched.flaws, asked, &coverage);
    let inventory = inventory::inventory(components, matched.flaws, knowledge);
    Answer {
        schema: SCHEMA.into(),
        command: Command::Scan,
        verdict,
        findings,
        links,
        coverage,
        story: Story::default(),
        inventory,
    }
}
