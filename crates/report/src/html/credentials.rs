//! The credentials as a table, beside the drawing of their lineage.

use floodmark_case::{Answer, Credential};
use maud::{Markup, html};

use super::evidence::EvidenceIndex;
use super::prose::{folded, id, instant, shown};
use crate::lineage::branches;
use crate::quantity::{thousands, window};
use crate::wording;

/// Credentials in the table.
const LISTED: usize = 600;

pub(super) fn table(answer: &Answer, evidence: &EvidenceIndex<'_>) -> Markup {
    let all = branches(&answer.story.credentials);
    html! {
        details {
            summary { "All credentials, with addresses and programs" }
            div.tables { table {
                thead { tr { th scope="col" { "Credential" } th scope="col" { "Came from" } th scope="col" { "Fell (UTC)" } th.n scope="col" { "Calls" } th scope="col" { "Addresses and user agents" } th scope="col" { "Evidence" } } }
                tbody { @for branch in all.iter().take(LISTED) { (row(branch.credential, evidence)) } }
            } }
            (folded(all.len().min(LISTED), all.len(), "credentials"))
        }
    }
}

fn row(credential: &Credential, evidence: &EvidenceIndex<'_>) -> Markup {
    html! {
        tr {
            td {
                (id(&credential.id)) br;
                span.soft { (wording::kind_and_owner(credential.kind, &shown(&credential.principal))) }
                @if !credential.tainted { br; em { "not fallen; shown for the lineage" } }
            }
            td.k {
                (shown(&credential.how))
                @if let Some(parent) = &credential.parent { br; "from " (id(parent)) }
                br; span.soft { (credential.confidence.as_str()) " confidence" }
            }
            td.t { @if let Some(fell) = credential.fell { (instant(fell)) } }
            td.n { (thousands(credential.calls)) }
            td.k {
                @if credential.addresses.is_empty() && credential.user_agents.is_empty() { span.soft { "not seen in use" } }
                (several(&credential.addresses))
                (several(&credential.user_agents))
                @if let Some(used) = credential.used { span.soft { "used " (window(used)) } }
            }
            td.e { (evidence.cites(&credential.citations)) }
        }
    }
}

fn several(texts: &[String]) -> Markup {
    html! {
        @for text in texts.iter().take(4) { (id(text)) br; }
        @if texts.len() > 4 { span.soft { "and " (thousands(texts.len() as u64 - 4)) " more" } br; }
    }
}
