//! What advisories say of a component: those of one flaw are one flaw, under all of its names.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use floodmark_case::{Confidence, FlawKind, Severity};
use floodmark_intel::advisory::{Class, FixState, Gist, Rating, Score};
use floodmark_intel::database::{DatabaseError, Match, Matches, Question, Undecided};
use floodmark_intel::version::Ecosystem;

use super::flaw::Flaw;
use super::knowledge::Advisories;
use crate::component::Component;

/// What is asked about: a name and a version, or a commit.
type NameAndVersion<'c> = (&'c str, &'c str);

/// What advisories say of a component.
#[derive(Debug, Default)]
pub(crate) struct Advised {
    pub flaws: Vec<Flaw>,
    /// Advisories of which it cannot be told whether they touch its version.
    pub undecided: Vec<Undecided>,
}

/// Asks about a component of which ecosystem and version are known, or the commit.
pub(crate) fn advised(
    number: usize,
    component: &Component,
    advisories: &dyn Advisories,
) -> Result<Advised, DatabaseError> {
    let (mut passed_on, mut flaws, mut undecided) = (Vec::new(), Vec::new(), Vec::new());
    for (asked, found) in asked(component, advisories)? {
        undecided.extend(found.undecided);
        let (announced, own): (Vec<Match>, Vec<Match>) =
            found.matches.into_iter().partition(|found| found.gist.upstream.len() > 1);
        passed_on.extend(announced.into_iter().map(|found| (asked, found)));
        for found in own {
            add(&mut flaws, flaw(number, asked, found));
        }
    }
    // An announcement of several flaws is another name of each that is told by itself, and is told where one is not.
    for (asked, found) in passed_on {
        let named = |id: &str| flaws.iter().any(|flaw| flaw.is_called(id));
        if found.gist.upstream.iter().all(|id| named(id)) {
            for flaw in
                flaws.iter_mut().filter(|flaw| found.gist.upstream.iter().any(|id| flaw.is_called(id)))
            {
                flaw.aliases.insert(found.gist.id.to_string());
                flaw.fixed.extend(found.fixed.as_deref().map(ToOwned::to_owned));
            }
        } else {
            add(&mut flaws, flaw(number, asked, found));
        }
    }
    for flaw in &mut flaws {
        name_first(flaw);
        prioritise(flaw, advisories)?;
        sort_fixes(&mut flaw.fixed, component.ecosystem.as_ref());
    }
    Ok(Advised { flaws, undecided })
}

/// The names and versions that are asked about, each with what was found.
fn asked<'c>(
    component: &'c Component,
    advisories: &dyn Advisories,
) -> Result<Vec<(NameAndVersion<'c>, Matches)>, DatabaseError> {
    let mut all = Vec::new();
    if let Some(ecosystem) = &component.ecosystem {
        let module = component.purl.qualifier("rpmmod");
        for (name, version) in component.advised() {
            let Some(version) = version else { continue };
            let question = Question { module: module.as_deref(), ..Question::new(ecosystem, name, version) };
            all.push(((name, version), advisories.ask(&question)?));
        }
    }
    if let Some(commit) = component.commit() {
        all.push(((component.name.as_str(), commit), advisories.ask_commit(commit)?));
    }
    Ok(all)
}

/// Adds a flaw, as one with all that share a name with it.
fn add(flaws: &mut Vec<Flaw>, mut flaw: Flaw) {
    let shares =
        |one: &Flaw| one.is_called(&flaw.id) || flaw.aliases.iter().any(|alias| one.is_called(alias));
    let (same, others): (Vec<Flaw>, Vec<Flaw>) = std::mem::take(flaws).into_iter().partition(shares);
    *flaws = others;
    for one in same {
        flaw.absorb(one);
    }
    flaws.push(flaw);
}

/// `asked` is the name and version that the advisory is about: those of the component, or of what it was built from.
fn flaw(number: usize, asked: NameAndVersion<'_>, found: Match) -> Flaw {
    let Match { gist, fixed, severity, fix_state, .. } = found;
    let kind = match gist.class {
        Class::Malicious => FlawKind::Malicious,
        Class::Vulnerability => FlawKind::Vulnerable,
        Class::Notice => FlawKind::Notice,
    };
    // What is said of this package counts before what is said of the flaw.
    let own = severity.iter().filter_map(floodmark_intel::advisory::Severity::rating).max();
    let (cvss, score) = best_score(&severity).or_else(|| best_score(&gist.severity)).unzip();
    let rating = own.or(gist.rating);
    let severity = match kind {
        FlawKind::Malicious => Severity::Critical,
        FlawKind::Notice => Severity::Informational,
        _ => rating.map_or(Severity::Medium, level),
    };
    let (name, version) = asked;
    let unrated = if rating.is_none() && kind == FlawKind::Vulnerable {
        " It does not say how bad it is; medium is assumed."
    } else {
        ""
    };
    let mut aliases: BTreeSet<String> = gist.aliases.iter().map(ToString::to_string).collect();
    if let [upstream] = &*gist.upstream {
        aliases.insert(upstream.to_string());
    }
    Flaw {
        component: number,
        kind,
        why: format!("{} names {name} {version} as affected.{unrated}", gist.id),
        id: gist.id.to_string(),
        aliases,
        summary: summary(&gist),
        severity,
        confidence: Confidence::High,
        fixed: fixed.into_iter().map(Into::into).collect(),
        remark: fix_state.map(|state| remark(state).to_owned()),
        cvss,
        score: score.map(|score| f64::from(score.tenths()) / 10.0),
        epss: None,
        known_exploited: false,
        vex: None,
        set_aside: None,
    }
}

fn summary(gist: &Gist) -> String {
    match (&*gist.summary, &gist.informational) {
        ("", Some(about)) => about.to_string(),
        (summary, _) => summary.to_owned(),
    }
}

fn best_score(severity: &[floodmark_intel::advisory::Severity]) -> Option<(String, Score)> {
    let scored = severity.iter().filter_map(|one| Some((one.score.to_string(), one.score()?)));
    scored.max_by_key(|(_, score)| *score)
}

const fn level(rating: Rating) -> Severity {
    match rating {
        Rating::None => Severity::Informational,
        Rating::Low => Severity::Low,
        Rating::Medium => Severity::Medium,
        Rating::High => Severity::High,
        Rating::Critical => Severity::Critical,
    }
}

const fn remark(state: FixState) -> &'static str {
    match state {
        FixState::NotFixed => "the distribution has no fix yet",
        FixState::WontFix => "the distribution will not fix it in this release",
        FixState::EndOfLife => "the release gets no fixes any more",
        FixState::Unimportant => "the distribution holds it to be unimportant",
        FixState::Subscribers => "the distribution has a fix for its subscribers only",
    }
}

/// Puts the name first by which most people look for it.
fn name_first(flaw: &mut Flaw) {
    const PREFIXES: [&str; 3] = ["MAL-", "GHSA-", "CVE-"];
    let rank = |id: &str| PREFIXES.iter().position(|prefix| id.starts_with(prefix)).unwrap_or(PREFIXES.len());
    let best = flaw.aliases.iter().min_by_key(|id| (rank(id), id.as_str())).cloned();
    if let Some(best) = best.filter(|best| rank(best) < rank(&flaw.id)) {
        let old = std::mem::replace(&mut flaw.id, best);
        flaw.aliases.remove(&flaw.id);
        flaw.aliases.insert(old);
    }
}

/// How urgent it is, by its CVEs. What is attacked is high at least.
fn prioritise(flaw: &mut Flaw, advisories: &dyn Advisories) -> Result<(), DatabaseError> {
    let names: Vec<String> = std::iter::once(&flaw.id).chain(&flaw.aliases).cloned().collect();
    for cve in names.iter().filter(|id| id.starts_with("CVE-")) {
        flaw.known_exploited |= advisories.kev(cve)?.is_some();
        let epss = advisories.epss(cve)?.map(floodmark_intel::database::Epss::probability);
        flaw.epss = match (flaw.epss, epss) {
            (Some(one), Some(other)) => Some(one.max(other)),
            (one, other) => one.or(other),
        };
    }
    if flaw.known_exploited {
        flaw.severity = flaw.severity.max(Severity::High);
    }
    Ok(())
}

/// The highest first: it mends what any of the advisories is about.
fn sort_fixes(fixed: &mut Vec<String>, ecosystem: Option<&Ecosystem>) {
    fixed.sort();
    fixed.dedup();
    if let Some(ecosystem) = ecosystem {
        fixed.sort_by_cached_key(|fixed| Reverse(ecosystem.version(fixed).ok()));
    }
}
