//! The evidence that the page cites, numbered, and the links to it.

use std::collections::HashMap;

use floodmark_case::{Answer, Citation, EvidenceId, ReadSource};
use maud::{Markup, html};

use super::prose::{folded, id, shown};
use crate::quantity::{bytes, thousands};

/// Pieces of evidence that are listed.
const LISTED: usize = 1500;
/// Citations that stand behind one claim.
const CITED: usize = 4;

/// The numbers of the pieces of evidence.
pub(super) struct EvidenceIndex<'a> {
    numbers: HashMap<EvidenceId, usize>,
    order: Vec<EvidenceId>,
    sources: HashMap<EvidenceId, &'a ReadSource>,
    all: usize,
}

impl<'a> EvidenceIndex<'a> {
    /// Numbers what the answer cites, in the order in which the page comes to it.
    pub(super) fn of(answer: &'a Answer) -> Self {
        let story = &answer.story;
        let citations = (answer.findings.iter().flat_map(|finding| &finding.citations))
            .chain(story.leftovers.iter().flat_map(|leftover| &leftover.citations))
            .chain(story.credentials.iter().flat_map(|credential| &credential.citations))
            .chain(story.volumes.iter().flat_map(|volume| &volume.citations))
            .chain(story.reached.iter().flat_map(|reached| &reached.citations))
            .chain(story.timeline.iter().flat_map(|row| &row.citations));
        let mut numbers = HashMap::new();
        let mut order = Vec::new();
        for citation in citations {
            let next = numbers.len() + 1;
            let number = *numbers.entry(citation.evidence).or_insert(next);
            if number == next && order.len() < LISTED {
                order.push(citation.evidence);
            }
        }
        let mut sources = HashMap::new();
        for source in &answer.coverage.read {
            sources.entry(source.evidence).or_insert(source);
        }
        Self { all: numbers.len(), numbers, order, sources }
    }

    /// Links from a claim to what it rests on.
    pub(super) fn cites(&self, citations: &[Citation]) -> Markup {
        html! {
            span.cites {
                @for (nth, citation) in citations.iter().take(CITED).enumerate() {
                    @if nth > 0 { ", " }
                    (self.cite(citation))
                }
                @if citations.len() > CITED { " and " (thousands((citations.len() - CITED) as u64)) " more" }
            }
        }
    }

    fn cite(&self, citation: &Citation) -> Markup {
        let number = self.numbers.get(&citation.evidence).copied().unwrap_or(0);
        html! {
            @if (1..=self.order.len()).contains(&number) {
                a href={ "#e" (number) } { "E" (number) } " "
            } @else {
                span.id { (citation.evidence.to_string().split_at(12).0) } " "
            }
            (shown(&citation.place))
        }
    }

    /// The list that the links lead to.
    pub(super) fn section(&self) -> Markup {
        html! {
            section #evidence {
                h2 { "Evidence cited" }
                p { "Every claim above names the bytes it rests on: a piece of evidence, and the place in it." }
                (folded(self.order.len(), self.all, "pieces of evidence that are cited"))
                div.tables { table {
                    thead { tr { th scope="col" { "No." } th scope="col" { "Where it was read, and its SHA-256 as found" } th scope="col" { "Kind" } th.n scope="col" { "Records" } th.n scope="col" { "Size" } } }
                    tbody {
                        @for (nth, evidence) in self.order.iter().enumerate() {
                            tr id={ "e" (nth + 1) } { (self.row(nth + 1, *evidence)) }
                        }
                    }
                } }
            }
        }
    }

    fn row(&self, number: usize, evidence: EvidenceId) -> Markup {
        let source = self.sources.get(&evidence);
        html! {
            td.w { "E" (number) }
            td {
                @match source {
                    Some(source) => (id(&source.path)),
                    None => em { "not among the files that were read" },
                }
                br;
                span.id.soft { (evidence) }
            }
            td.w { @if let Some(source) = source { (shown(&source.kind)) } }
            td.n { @if let Some(source) = source { (thousands(source.records)) } }
            td.n { @if let Some(source) = source { (bytes(source.bytes)) } }
        }
    }
}
