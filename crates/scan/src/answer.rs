//! Results to findings, links, inventory and coverage.

mod coverage;
mod findings;
mod inventory;
mod links;
mod verdict;

pub(crate) use findings::identity;
use floodmark_case::{Answer, Command, Coverage, Revision, SCHEMA, Story, Unread};

use crate::component::Component;
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
    /// The commit that it is of, where the target is a revision.
    pub revision: Option<Revision>,
    /// What could not be asked, or not read before there was a target.
    pub unread: Vec<Unread>,
}

/// The answer.
pub(crate) fn answer(results: &Results<'_>) -> Answer {
    let coverage: Coverage = coverage::coverage(results);
    let components: &[Component] = &results.scanned.components;
    let told: Vec<&Flaw> = results.matched.flaws.iter().filter(|flaw| flaw.set_aside.is_none()).collect();
    let revision = results.revision.as_ref();
    let findings = findings::findings(components, &told, revision);
    let links = links::links(components, &told, revision);
    let asked = match results.knowledge.advisories {
        Some(_) => verdict::Asked::Advisories,
        None => verdict::Asked::Compromises,
    };
    let verdict = verdict::verdict(components, &results.matched.flaws, asked, revision, &coverage);
    let inventory = inventory::inventory(components, &results.matched.flaws, results.knowledge, revision);
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
