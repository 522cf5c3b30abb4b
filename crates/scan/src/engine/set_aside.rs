//! Flaws that are known and are not told: those that somebody lives with, and those of a baseline.

use std::collections::BTreeSet;

use floodmark_case::{FlawKind, Unread};
use floodmark_intel::purl::Purl;

use super::flaw::Flaw;
use crate::answer::identity;
use crate::component::Component;
use crate::ignore::{Ignore, IgnoredBy};
use crate::read::is_like;
use crate::vex::Vex;

/// What is set aside, and on which day that is asked.
#[derive(Debug, Clone, Default)]
pub struct Choices {
    /// What somebody lives with.
    pub ignores: Vec<Ignore>,
    /// Findings of an earlier answer.
    pub baseline: BTreeSet<String>,
    /// What documents say does not touch the target.
    pub vex: Vec<Vex>,
    /// What the target is, for statements about it as a whole.
    pub products: Vec<Purl>,
    /// Today, `YYYY-MM-DD` in UTC: whether an ignore is over is the one thing that depends on when it is asked.
    pub today: String,
}

/// Sets flaws aside, and tells which choices have no effect any more.
pub(crate) fn set_aside(flaws: &mut [Flaw], components: &[Component], choices: &Choices) -> Vec<Unread> {
    let mut told = Vec::new();
    for ignore in &choices.ignores {
        let mut silent = 0;
        let mut tell = |why: String| {
            told.push(Unread { path: ignore.file.clone(), why, incomplete: false });
        };
        for flaw in flaws.iter_mut().filter(|flaw| flaw.is_called(&ignore.id)) {
            let Some(component) = components.get(flaw.component) else { continue };
            if !is_found_only_there(component, ignore.path.as_deref()) {
                continue;
            }
            silent += 1;
            let is_malice = matches!(flaw.kind, FlawKind::Poisoned | FlawKind::Malicious);
            if ignore.is_over(&choices.today) {
                let until = ignore.until.as_deref().unwrap_or_default();
                tell(format!(
                    "the ignore of {} ended on {until}: {} is told again",
                    ignore.id, component.purl
                ));
            } else if is_malice && ignore.by == IgnoredBy::Target {
                tell(format!(
                    "{} in {} is no flaw that a file of the target can silence: it is told (--ignore FILE can)",
                    ignore.id, component.purl
                ));
            } else {
                flaw.set_aside = Some(ignore.to_string());
            }
        }
        if silent == 0 {
            tell(format!("the ignore of {} silences nothing", ignore.id));
        }
    }
    for flaw in flaws.iter_mut().filter(|flaw| flaw.set_aside.is_none()) {
        let Some(component) = components.get(flaw.component) else { continue };
        if choices.baseline.contains(&identity(component, flaw).1) {
            flaw.set_aside = Some("known by the baseline".to_owned());
        }
    }
    told
}

fn is_found_only_there(component: &Component, path: Option<&str>) -> bool {
    path.is_none_or(|pattern| component.found.iter().all(|found| is_like(pattern, &found.path)))
}
