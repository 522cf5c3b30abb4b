//! What was left behind, as a list to be undone.

use floodmark_case::{Answer, Leftover};
use maud::{Markup, html};

use super::evidence::EvidenceIndex;
use super::prose::{advice_and_commands, folded, id, instant, shown};
use crate::quantity::counted;
use crate::wording;

/// Leftovers that are listed.
const LISTED: usize = 800;

pub(super) fn section(answer: &Answer, evidence: &EvidenceIndex<'_>) -> Markup {
    let leftovers = &answer.story.leftovers;
    html! {
        section #left {
            h2 { "Left behind" }
            @if leftovers.is_empty() {
                p { "Nothing that the intrusion made was seen in the logs that were read." }
            } @else {
                p { (counted(leftovers.len() as u64, "thing")) " that must be undone. Check each before you act on it." }
                ol.todos { @for leftover in leftovers.iter().take(LISTED) { (todo(leftover, evidence)) } }
                (folded(leftovers.len().min(LISTED), leftovers.len(), "leftovers"))
            }
        }
    }
}

fn todo(leftover: &Leftover, evidence: &EvidenceIndex<'_>) -> Markup {
    html! {
        li.todo {
            div.lead { (wording::leftover_kind(leftover.kind)) }
            div.body {
                h4 { (id(&leftover.resource)) }
                p.facts {
                    "Made " (instant(leftover.since)) " UTC by " (id(&leftover.by)) " with " (id(&leftover.call))
                    ", account " (shown(&leftover.account)) ", " (shown(&leftover.region))
                    ", " (leftover.confidence.as_str()) " confidence. Evidence: " (evidence.cites(&leftover.citations))
                }
                (advice_and_commands(&leftover.undo))
            }
        }
    }
}
