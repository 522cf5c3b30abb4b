//! The lineage as an indented tree.

use std::io;

use floodmark_case::{Answer, Confidence, Credential};

use super::more;
use crate::fit::{columns, keep_ends, keep_tail};
use crate::lineage::{Branch, branches};
use crate::pen::{Pen, Span};
use crate::quantity::{counted, second, thousands, window};
use crate::{Tone, inert, wording};

/// Credentials that are shown.
const SHOWN: usize = 40;
/// Levels that are indented; what is deeper stands at the last of them, with its depth told.
const LEVELS: usize = 8;

pub(super) fn write(answer: &Answer, pen: &mut Pen<'_>) -> io::Result<()> {
    let credentials = &answer.story.credentials;
    if credentials.is_empty() {
        return pen.heading("Lineage", "no credential");
    }
    let fallen = thousands(credentials.iter().filter(|credential| credential.tainted).count() as u64);
    let aside = format!(
        "{}, {fallen} of them fallen   ● fallen  ○ not",
        counted(credentials.len() as u64, "credential")
    );
    pen.heading("Lineage", &aside)?;
    let branches = branches(credentials);
    let levels = LEVELS.min(pen.layout().columns() / 10);
    // Whether a line runs down at each level.
    let mut rails: Vec<bool> = Vec::new();
    for (nth, branch) in branches.iter().take(SHOWN).enumerate() {
        rails.truncate(branch.depth.saturating_sub(1).min(levels));
        let has_children = branches.get(nth + 1).is_some_and(|next| next.depth > branch.depth);
        tell(branch, &rails, has_children && branch.depth < levels, pen)?;
        if branch.depth > 0 && rails.len() < levels {
            rails.push(!branch.is_last);
        }
    }
    more(pen, branches.len().saturating_sub(SHOWN), "")
}

fn tell(branch: &Branch<'_>, rails: &[bool], has_children: bool, pen: &mut Pen<'_>) -> io::Result<()> {
    let credential = branch.credential;
    let above: String = rails.iter().map(|runs| if *runs { "│  " } else { "   " }).collect();
    let (joint, below) = match (branch.depth, branch.is_last) {
        (0, _) => ("", ""),
        (_, true) => ("└─ ", "   "),
        (_, false) => ("├─ ", "│  "),
    };
    let (mark, tone) = if credential.tainted { ("● ", Tone::Tainted) } else { ("○ ", Tone::Quiet) };
    let lead = format!("{above}{joint}");
    let room = pen.layout().columns().saturating_sub(columns(&lead) + 2);
    let id = keep_ends(&inert(&credential.id), room);
    let mut spans = vec![Span(&lead, Tone::Quiet), Span(mark, tone), Span(&id, tone)];
    let whose = principal(credential);
    let what = format!("  {}", wording::kind_and_owner(credential.kind, &whose));
    let what = inert(&what).into_owned();
    let left = room.saturating_sub(columns(&id));
    let what = if columns(&what) <= left { what } else { String::new() };
    spans.push(Span(&what, Tone::Plain));
    pen.line(&spans)?;
    let indent = format!("{above}{below}{}", if has_children { "│ " } else { "  " });
    if what.is_empty() {
        let room = pen.layout().columns().saturating_sub(columns(&indent));
        let kind = wording::credential_kind(credential.kind);
        let of = if whose.is_empty() { "" } else { " of " };
        let whose = keep_tail(&inert(&whose), room.saturating_sub(kind.len() + of.len()));
        let words = [kind, of, &whose].map(|word| Span(word, Tone::Plain));
        pen.line(&[Span(&indent, Tone::Quiet), words[0], words[1], words[2]])?;
    }
    pen.facts(&facts(branch), Span(&indent, Tone::Quiet))
}

fn principal(credential: &Credential) -> String {
    let short = wording::short(&credential.principal);
    if credential.account.is_empty() { short.to_owned() } else { format!("{short} ({})", credential.account) }
}

fn facts(branch: &Branch<'_>) -> Vec<String> {
    let credential = branch.credential;
    let mut facts = vec![credential.how.clone()];
    if let Some(fell) = credential.fell {
        facts.push(format!("fell {}", second(fell)));
    }
    if credential.tainted && credential.calls == 0 {
        facts.push("not seen in use".into());
    } else if credential.calls > 0 {
        facts.push(counted(credential.calls, "call"));
    }
    if let Some(used) = credential.used.filter(|_| credential.calls > 0) {
        facts.push(format!("used {}", window(used)));
    }
    match credential.addresses.as_slice() {
        [] => {}
        [only] => facts.push(format!("from {only}")),
        [first, rest @ ..] => facts.push(format!("from {first} and {} more", rest.len())),
    }
    if credential.confidence != Confidence::High {
        facts.push(format!("{} confidence", credential.confidence.as_str()));
    }
    if branch.depth > LEVELS {
        facts.push(format!("{} generations down", branch.depth));
    }
    facts
}
