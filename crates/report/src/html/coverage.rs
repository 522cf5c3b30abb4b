//! What the answer rests on, and what it cannot show.

use floodmark_case::{Answer, Coverage};
use maud::{Markup, html};

use super::prose::{folded, id, prose, shown};
use crate::outline::read_kinds;
use crate::quantity::{bytes, minute, thousands, window};
use crate::wording;

/// Entries that are listed of each kind.
const LISTED: usize = 300;

pub(super) fn section(answer: &Answer) -> Markup {
    let coverage = &answer.coverage;
    html! {
        section #coverage {
            h2 { "Coverage" }
            p { "What this answer rests on, what is missing, and what therefore cannot be concluded." }
            @if !coverage.cannot_conclude.is_empty() {
                h3 { "What cannot be concluded" }
                ul.plain { @for sentence in coverage.cannot_conclude.iter().take(LISTED) { li { span.sign aria-hidden="true" { "?" } (prose(sentence)) } } }
                (folded(coverage.cannot_conclude.len().min(LISTED), coverage.cannot_conclude.len(), "open questions"))
            }
            (gaps(coverage))
            (unread(coverage))
            (read(coverage))
        }
    }
}

fn gaps(coverage: &Coverage) -> Markup {
    html! {
        @if !coverage.gaps.is_empty() {
            h3 { "Gaps in the logs" }
            div.tables { table {
                thead { tr { th scope="col" { "Gap" } th scope="col" { "What is not covered" } th scope="col" { "When (UTC)" } th scope="col" { "How we know, and what it means" } } }
                tbody { @for gap in coverage.gaps.iter().take(LISTED) {
                    tr {
                        td { (wording::gap_kind(gap.kind)) }
                        td { (id(&gap.what)) }
                        td { @match gap.window { Some(when) => (window(when)), None => "all the time" } }
                        td { (prose(&gap.why)) }
                    }
                } }
            } }
            (folded(coverage.gaps.len().min(LISTED), coverage.gaps.len(), "gaps"))
        }
    }
}

fn unread(coverage: &Coverage) -> Markup {
    let mut unread: Vec<_> = coverage.unread.iter().collect();
    unread.sort_by_key(|unread| !unread.incomplete);
    html! {
        @if !unread.is_empty() {
            h3 { "Not read, or not wholly" }
            div.tables { table {
                thead { tr { th scope="col" { "Where" } th scope="col" { "Why" } th scope="col" { "Consequence" } } }
                tbody { @for unread in unread.iter().take(LISTED) {
                    tr {
                        td { (id(&unread.path)) }
                        td { (prose(&unread.why)) }
                        td { @if unread.incomplete { strong.t-warning { "answer incomplete" } } @else { "none" } }
                    }
                } }
            } }
            (folded(unread.len().min(LISTED), unread.len(), "things not read"))
        }
    }
}

fn read(coverage: &Coverage) -> Markup {
    html! {
        h3 { "Read" }
        div.tables { table {
            thead { tr { th scope="col" { "Kind" } th.n scope="col" { "Files" } th.n scope="col" { "Records" } th.n scope="col" { "Size" } th scope="col" { "From (UTC)" } th scope="col" { "To (UTC)" } } }
            tbody { @for kind in read_kinds(coverage).iter().take(LISTED) {
                tr {
                    td { (shown(kind.kind)) }
                    td.n { (thousands(kind.files)) }
                    td.n { (thousands(kind.records)) }
                    td.n { (bytes(kind.bytes)) }
                    td { @if let Some(window) = kind.window { (minute(window.from)) } }
                    td { @if let Some(window) = kind.window { (minute(window.to)) } }
                }
            } }
        } }
    }
}
