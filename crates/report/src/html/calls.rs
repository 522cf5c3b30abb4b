//! The timeline as a table.

use floodmark_case::{Answer, Outcome, TimelineRow};
use maud::{Markup, html};

use super::evidence::EvidenceIndex;
use super::prose::{folded, id, shown};
use crate::outline::telling_rows;
use crate::quantity::{bytes, clock, day, length, thousands};
use crate::wording;

/// Rows of the table.
const LISTED: usize = 1500;

pub(super) fn table(answer: &Answer, evidence: &EvidenceIndex<'_>) -> Markup {
    let rows = &answer.story.timeline;
    let listed = telling_rows(answer, LISTED);
    html! {
        details {
            summary { "All calls, as a table" }
            @if listed.len() < rows.len() {
                p.fold { "Those that findings rest on come first, then successful ones, then those that stand for most calls; the CSV and Timesketch views have all, too." }
            }
            div.tables { table {
                thead { tr { th scope="col" { "Time (UTC)" } th scope="col" { "Call" } th.n scope="col" { "Times" } th scope="col" { "On what" } th scope="col" { "By, and from where" } th scope="col" { "Evidence" } } }
                tbody { @for index in &listed { (row(&rows[*index], evidence)) } }
            } }
            (folded(listed.len(), rows.len(), "runs of calls"))
        }
    }
}

fn row(row: &TimelineRow, evidence: &EvidenceIndex<'_>) -> Markup {
    html! {
        tr {
            td.w {
                time datetime=(row.window.from) { (day(row.window.from)) br; (clock(row.window.from)) }
                @if row.window.to > row.window.from { br; span.soft { "for " (length(row.window)) } }
            }
            td.k {
                (id(&row.call))
                @if row.outcome != Outcome::Success {
                    br; span.refused { (wording::outcome(row.outcome)) }
                    @if let Some(error) = &row.error { " " span.soft { (shown(error)) } }
                }
                @if !row.techniques.is_empty() { br; span.soft { (shown(&row.techniques.join(" "))) } }
            }
            td.n { (thousands(row.count)) }
            td.r {
                @for resource in row.resources.iter().take(3) { (id(wording::short(resource))) br; }
                @let more = row.resource_count.saturating_sub(row.resources.len().min(3) as u64);
                @if more > 0 { span.soft { "and " (thousands(more)) " more" } br; }
                @if row.bytes_out > 0 { span.soft { (bytes(row.bytes_out)) " out" } }
            }
            td.k {
                (id(wording::short(&row.credential))) br;
                span.soft { (shown(&row.address)) " · " (shown(&row.region)) }
            }
            td.e { (evidence.cites(&row.citations)) }
        }
    }
}
