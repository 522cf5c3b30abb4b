//! The answer in three sentences: what is there, what is known against it, what cannot be said.

use std::collections::BTreeSet;

use floodmark_case::{Coverage, FlawKind, Revision, Severity};
use floodmark_intel::version::Ecosystem;

use super::coverage::counted;
use crate::component::Component;
use crate::engine::flaw::Flaw;

/// What was asked about the components.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// Whether they are poisoned.
    Compromises,
    /// Whether they are poisoned, malicious or vulnerable.
    Advisories,
}

pub(super) fn verdict(
    components: &[Component],
    flaws: &[Flaw],
    asked: Asked,
    revision: Option<&Revision>,
    coverage: &Coverage,
) -> String {
    let there = format!("{}{}.", there(components, coverage), revision.map(of).unwrap_or_default());
    if coverage.read.is_empty() {
        return format!("{there} {}", unsaid(coverage));
    }
    format!("{there} {} {}", against(flaws, asked), unsaid(coverage))
}

fn there(components: &[Component], coverage: &Coverage) -> String {
    if coverage.read.is_empty() {
        return "Nothing was read that lists components, so nothing can be said of what is there".to_owned();
    }
    let ecosystems: BTreeSet<&str> =
        components.iter().filter_map(|one| one.ecosystem.as_ref()).map(Ecosystem::name).collect();
    format!(
        "{} of {} are listed in {}",
        counted(components.len(), "component"),
        counted(ecosystems.len(), "ecosystem"),
        counted(coverage.read.len(), "file")
    )
}

/// Which commit it is of.
fn of(revision: &Revision) -> String {
    let Revision { repository, asked, commit, committed } = revision;
    match committed {
        Some(time) => format!(", at {asked} of {repository}, the commit {commit} of {time}"),
        None => format!(", at {asked} of {repository}, the commit {commit}"),
    }
}

fn against(flaws: &[Flaw], asked: Asked) -> String {
    let (flaws, aside): (Vec<&Flaw>, Vec<&Flaw>) = flaws.iter().partition(|flaw| flaw.set_aside.is_none());
    let known = told(&flaws, asked);
    match aside.len() {
        0 => known,
        1 => format!("{known} One more finding is set aside."),
        many => format!("{known} {many} more findings are set aside."),
    }
}

fn told(flaws: &[&Flaw], asked: Asked) -> String {
    let with = |kind: FlawKind| {
        let hit = flaws.iter().filter(|flaw| flaw.kind == kind);
        hit.map(|flaw| flaw.component).collect::<BTreeSet<_>>().len()
    };
    let (poisoned, malicious) = (with(FlawKind::Poisoned), with(FlawKind::Malicious));
    let mut told = Vec::new();
    for (count, what) in [
        (poisoned, "poisoned"),
        (malicious, "malicious"),
        (with(FlawKind::Possible), "possibly poisoned"),
        (with(FlawKind::Vulnerable), "vulnerable"),
    ] {
        if count > 0 {
            told.push(format!("{count} {what}"));
        }
    }
    if told.is_empty() {
        return match asked {
            Asked::Advisories => "Nothing is known against any of them.".to_owned(),
            Asked::Compromises => "None of them is known to be poisoned; nothing else was asked.".to_owned(),
        };
    }
    let serious = flaws.iter().filter(|flaw| flaw.severity >= Severity::High).count();
    let stop = match (poisoned, malicious) {
        (0, 0) => "",
        (_, 0) => " Stop what runs the poisoned before anything else.",
        (0, _) => " Stop what runs the malicious before anything else.",
        (_, _) => " Stop what runs the poisoned and malicious before anything else.",
    };
    format!(
        "Of them {}, with {} that {} high or critical.{stop}",
        told.join(", "),
        counted(serious, "finding"),
        if serious == 1 { "is" } else { "are" }
    )
}

fn unsaid(coverage: &Coverage) -> String {
    let unread = coverage.unread.iter().filter(|unread| unread.incomplete).count();
    match (unread, coverage.cannot_conclude.len()) {
        (0, 0) => "Everything that was met was read.".to_owned(),
        (0, _) => "What cannot be said stands under coverage.".to_owned(),
        (1, _) => "One thing could not be read, so this is incomplete; see coverage.".to_owned(),
        (_, _) => format!("{unread} things could not be read, so this is incomplete; see coverage."),
    }
}
