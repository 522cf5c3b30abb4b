//! The blast radius, and how much went out.

use floodmark_case::{Answer, Reached, Volume};
use maud::{Markup, html};

use super::evidence::EvidenceIndex;
use super::prose::{folded, id, shown};
use crate::fit::clip;
use crate::outline::{KeyNumber, data_out, is_bound, reach};
use crate::quantity::{bytes, counted, thousands, window};
use crate::{inert, wording};

/// Resources of one part that are listed.
const LISTED: usize = 250;
/// The widest bar, in pixels.
const WIDEST: f64 = 180.0;

pub(super) fn section(answer: &Answer, evidence: &EvidenceIndex<'_>) -> Markup {
    let reached = &answer.story.reached;
    html! {
        section.fresh #reach {
            h2 { "Blast radius" }
            @if reached.is_empty() {
                p { "No resource was seen to be reached in the logs that were read." }
            } @else {
                p { (counted(reached.len() as u64, "resource")) " that the fallen credentials reached, by what was done to them." }
            }
            @let parts = reach(reached);
            @if !parts.is_empty() {
                div.tables { table {
                    thead { tr { th scope="col" { "Resource" } th scope="col" { "Kind" } th.n scope="col" { "Times" } th scope="col" { "When (UTC)" } th scope="col" { "By" } th scope="col" { "Evidence" } } }
                    @for part in &parts {
                        tbody {
                            tr.part { th scope="rowgroup" colspan="6" { (part.title) " " span.soft { (thousands(part.rows.len() as u64)) } } }
                            @for reached in part.rows.iter().take(LISTED) { (row(reached, evidence)) }
                            @if part.rows.len() > LISTED {
                                tr { td colspan="6" { (folded(LISTED, part.rows.len(), "resources of this part")) } }
                            }
                        }
                    }
                } }
            }
        }
    }
}

fn row(reached: &Reached, evidence: &EvidenceIndex<'_>) -> Markup {
    html! {
        tr {
            td.r { (id(&reached.resource)) @if !reached.resource.contains(&reached.account) { br; span.soft { "account " (shown(&reached.account)) } } }
            td.w { (clip(&inert(&reached.kind), 40)) }
            td.n { (thousands(reached.count)) }
            td.t { (window(reached.window)) }
            td.k {
                @for by in reached.by.iter().take(3) { (id(wording::short(by))) " " }
                @if reached.by.len() > 3 { span.soft { "and " (thousands(reached.by.len() as u64 - 3)) " more" } }
            }
            td.e { (evidence.cites(&reached.citations)) }
        }
    }
}

pub(super) fn volumes(answer: &Answer, evidence: &EvidenceIndex<'_>) -> Markup {
    let KeyNumber { value, note, .. } = data_out(answer);
    let mut rows: Vec<&Volume> = answer.story.volumes.iter().collect();
    rows.sort_by(|a, b| {
        b.bytes.cmp(&a.bytes).then_with(|| (&a.resource, &a.prefix).cmp(&(&b.resource, &b.prefix)))
    });
    let most = rows.first().map_or(1, |volume| volume.bytes.max(1));
    html! {
        section #volumes {
            h2 { "Data out" }
            p { (value) ": " (note) ". Where two logs tell of the same prefix, the sum counts the larger only." }
            @if !rows.is_empty() {
                div.tables { table {
                    thead { tr { th scope="col" { "Bucket and prefix" } th.n scope="col" { "Bytes" } th scope="col" aria-hidden="true" {} th.n scope="col" { "Objects" } th.n scope="col" { "Reads" } th scope="col" { "Which log says so" } th scope="col" { "Evidence" } } }
                    tbody { @for volume in rows.iter().take(LISTED) { (volume_row(volume, most, evidence)) } }
                } }
            }
            (folded(rows.len().min(LISTED), rows.len(), "buckets and prefixes"))
        }
    }
}

fn volume_row(volume: &Volume, most: u64, evidence: &EvidenceIndex<'_>) -> Markup {
    let width = volume.bytes as f64 / most as f64 * WIDEST;
    let is_bound = is_bound(volume);
    html! {
        tr {
            td.r { (id(wording::short(&volume.resource))) "/" (id(&volume.prefix)) }
            td.n { @if is_bound { "≤ " } (bytes(volume.bytes)) }
            td.w aria-hidden="true" { span.meter.bound[is_bound] style={ "width:" (format!("{width:.0}")) "px" } {} }
            td.n { (thousands(volume.objects)) }
            td.n { (thousands(volume.reads)) }
            td { (shown(&volume.basis)) @if is_bound { br; span.soft { "an upper bound" } } }
            td.e { (evidence.cites(&volume.citations)) }
        }
    }
}
