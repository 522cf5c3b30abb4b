//! Components against what is known to be bad.

use std::cmp::Reverse;

use floodmark_case::{Confidence, FlawKind, Severity};
use floodmark_intel::database::DatabaseError;

use super::flaw::Flaw;
use super::knowledge::{Advisories, Knowledge};
use super::{advised, compromised};
use crate::component::Component;

/// What is known against the components of an inventory.
#[derive(Debug, Default)]
pub(crate) struct Matched {
    /// Worst first.
    pub flaws: Vec<Flaw>,
    /// Advisories of which it cannot be told whether they touch a component: its number, their id, and why.
    pub undecided: Vec<(usize, String, String)>,
}

/// Asks what is known about each component.
pub(crate) fn matched(components: &[Component], knowledge: Knowledge<'_>) -> Result<Matched, DatabaseError> {
    let mut matched = Matched::default();
    for (number, component) in components.iter().enumerate() {
        let mut flaws = compromised::flaws(number, component, knowledge.compromises);
        if let Some(advisories) = knowledge.advisories {
            let advised = advised::advised(number, component, advisories)?;
            advised.flaws.into_iter().for_each(|flaw| told_once(&mut flaws, flaw));
            clear(&mut flaws, component, advisories)?;
            let undecided = advised.undecided.into_iter();
            matched.undecided.extend(undecided.map(|one| (number, one.gist.id.into(), one.why)));
        }
        matched.flaws.extend(flaws);
    }
    matched.flaws.sort_by(|a, b| order(a).cmp(&order(b)).then_with(|| name(a).cmp(&name(b))));
    Ok(matched)
}

/// An advisory of an incident that names this version tells the same thing: the incident knows more of it, and what was
/// only possible is certain.
fn told_once(flaws: &mut Vec<Flaw>, flaw: Flaw) {
    let is_same = |one: &&mut Flaw| {
        matches!(one.kind, FlawKind::Poisoned | FlawKind::Possible)
            && (one.is_called(&flaw.id) || flaw.aliases.iter().any(|alias| one.is_called(alias)))
    };
    let Some(known) = flaws.iter_mut().find(is_same) else { return flaws.push(flaw) };
    known.why = format!("{} {}", known.why, flaw.why);
    known.absorb(flaw);
    known.kind = FlawKind::Poisoned;
    known.severity = Severity::Critical;
}

/// Takes away what is only possible, where an advisory of the same incident says which versions of the package it was, and
/// this is none of them.
fn clear(
    flaws: &mut Vec<Flaw>,
    component: &Component,
    advisories: &dyn Advisories,
) -> Result<(), DatabaseError> {
    let is_open = |flaw: &Flaw| flaw.kind == FlawKind::Possible && flaw.confidence == Confidence::Low;
    let Some(ecosystem) = component.ecosystem.as_ref().filter(|_| flaws.iter().any(is_open)) else {
        return Ok(());
    };
    let names = advisories.naming(ecosystem, &component.name)?;
    flaws.retain(|flaw| !is_open(flaw) || flaw.aliases.is_disjoint(&names));
    Ok(())
}

/// Worst first: by severity, then what is attacked, then what is likely to be.
fn order(flaw: &Flaw) -> (Reverse<Severity>, FlawKind, Reverse<bool>, Reverse<u64>) {
    let epss = flaw.epss.unwrap_or_default().clamp(0.0, 1.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0 to 1")]
    let epss = (epss * 1e9) as u64;
    (Reverse(flaw.severity), flaw.kind, Reverse(flaw.known_exploited), Reverse(epss))
}

fn name(flaw: &Flaw) -> (usize, &str) {
    (flaw.component, &flaw.id)
}
