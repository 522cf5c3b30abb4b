//! What was read, what was not, and what therefore cannot be said.

use std::collections::BTreeSet;

use floodmark_case::{
    Citation, Confidence, Coverage, Finding, Gap, GapKind, Node, NodeKind, Severity, Unread, Window,
};

use super::Results;
use super::told::Stopped;
use crate::read::digest_chain::{Check, Verdict};
use crate::time::Time;

/// The coverage of an answer.
pub(super) fn coverage(results: &Results<'_>, stopped: &[Stopped]) -> Coverage {
    let outcomes = || results.outcomes.iter().flatten();
    let mut read: Vec<_> = outcomes().filter_map(|outcome| outcome.read.clone()).collect();
    read.sort();
    let mut unread: Vec<Unread> =
        results.unread.iter().chain(outcomes().flat_map(|outcome| &outcome.unread)).cloned().collect();
    unread.sort();
    unread.dedup();
    let mut gaps = results.covered.gaps();
    gaps.extend(stopped.iter().filter(|stopped| stopped.is_dark).map(logging_stopped));
    gaps.extend(results.integrity.iter().filter(|check| check.verdict.is_bad()).map(altered));
    gaps.sort();
    gaps.dedup();
    let cannot_conclude = cannot_conclude(results, &gaps, &unread);
    Coverage { read, unread, gaps, cannot_conclude }
}

fn logging_stopped(stopped: &Stopped) -> Gap {
    Gap {
        kind: GapKind::LoggingStopped,
        what: stopped.place.clone(),
        window: Some(stopped.window),
        why: format!(
            "{} by {}, and no event of there is recorded from then on{}",
            stopped.row.call,
            stopped.row.credential,
            stopped.next.map_or_else(String::new, |next| format!(" until {next}")),
        ),
    }
}

fn altered(check: &Check) -> Gap {
    Gap { kind: GapKind::Integrity, what: check.object.clone(), window: None, why: said(check) }
}

/// A check in words.
fn said(check: &Check) -> String {
    match &check.verdict {
        Verdict::Altered { expected, found } => format!(
            "is not what CloudTrail delivered: {} names the SHA-256 {expected}, here it is {}",
            check.digest,
            found.as_deref().unwrap_or("not readable to the end")
        ),
        Verdict::Missing => format!("was delivered, as {} says, and is not here", check.digest),
        Verdict::LinkBroken { .. } => {
            format!("is not the digest that {} follows: one of them was altered", check.digest)
        }
        Verdict::LinkMissing => format!("is the digest before {} and is not here", check.digest),
        Verdict::SignatureWrong => {
            format!("the signature of {} does not fit: it was altered or forged", check.digest)
        }
        other => format!("{other:?}"),
    }
}

/// Log files that were altered or taken away are findings, not only gaps.
pub(super) fn integrity_findings(checks: &[Check], results: &Results<'_>) -> Vec<Finding> {
    let window = results.covered.window().map_or_else(
        || Window::at(Time::default().to_timestamp()),
        |(from, to)| Window::between(from.to_timestamp(), to.to_timestamp()),
    );
    let evidence = |path: &str| {
        let read = results.outcomes.iter().flatten().filter_map(|outcome| outcome.read.as_ref());
        read.clone().find(|read| read.path == path).map(|read| read.evidence)
    };
    let whole = |path: &String| Some(Citation { evidence: evidence(path)?, place: "the whole file".into() });
    let bad = checks.iter().filter(|check| check.verdict.is_bad()).filter_map(|check| {
        let subjects = vec![Node::new(NodeKind::Resource, &*check.object)];
        let citations: Vec<Citation> =
            [Some(&check.digest), check.found.as_ref()].into_iter().flatten().filter_map(whole).collect();
        (!citations.is_empty()).then(|| Finding {
            id: Finding::stable_id("floodmark.log_integrity", &subjects, Some(window)),
            rule: "floodmark.log_integrity".into(),
            title: "Log file altered or missing".into(),
            explanation: format!("{} {}", check.object, said(check)),
            severity: Severity::High,
            confidence: Confidence::High,
            window: Some(window),
            subjects,
            techniques: vec!["T1070".into(), "T1565.001".into()],
            tactics: vec!["defense-evasion".into()],
            count: 1,
            citations,
            advice:
                "Fetch the file anew from the trail's bucket and compare; ask who else could write there."
                    .into(),
        })
    });
    let digests: BTreeSet<&String> = checks.iter().map(|check| &check.digest).collect();
    let citations: Vec<Citation> = digests.into_iter().filter_map(whole).collect();
    let summary = (!citations.is_empty()).then(|| Finding {
        id: Finding::stable_id("floodmark.log_integrity", &[], Some(window)),
        rule: "floodmark.log_integrity".into(),
        title: "Log files checked against CloudTrail's digests".into(),
        explanation: checked(checks, results),
        severity: Severity::Informational,
        confidence: Confidence::High,
        window: Some(window),
        subjects: Vec::new(),
        techniques: Vec::new(),
        tactics: Vec::new(),
        count: citations.len() as u64,
        citations,
        advice: "Keep the digests with the logs: they show that these were not altered.".into(),
    });
    bad.chain(summary).collect()
}

/// How much was checked, and what came of it.
fn checked(checks: &[Check], results: &Results<'_>) -> String {
    let count = |is: &dyn Fn(&Verdict) -> bool| checks.iter().filter(|check| is(&check.verdict)).count();
    let objects = |is: &dyn Fn(&Verdict) -> bool| {
        let found = checks.iter().filter(|check| is(&check.verdict)).filter_map(|check| check.found.as_ref());
        found.collect::<BTreeSet<_>>().len()
    };
    let logs = results.outcomes.iter().flatten().filter_map(|outcome| outcome.read.as_ref());
    let logs = logs.filter(|read| read.kind == "cloudtrail").count();
    let verified = objects(&|verdict| *verdict == Verdict::Verified);
    let linked = count(&|verdict| *verdict == Verdict::Linked);
    let broken = count(&|verdict| matches!(verdict, Verdict::LinkBroken { .. } | Verdict::LinkMissing));
    let signed = count(&|verdict| *verdict == Verdict::Signed);
    let wrong = count(&|verdict| *verdict == Verdict::SignatureWrong);
    let unsigned = count(&|verdict| matches!(verdict, Verdict::SignatureUnchecked(_)));
    let signatures = if signed + wrong + unsigned == 0 {
        "signatures were not checked, since no public keys were given".to_owned()
    } else {
        format!("{signed} signatures fit, {wrong} do not, {unsigned} could not be checked")
    };
    format!(
        "{verified} of {logs} CloudTrail files that were read are what was delivered, by their SHA-256; \
         {broken} of {} links from digest to digest are broken; {signatures}",
        linked + broken,
    )
}

fn cannot_conclude(results: &Results<'_>, gaps: &[Gap], unread: &[Unread]) -> Vec<String> {
    let mut all = BTreeSet::new();
    all.extend(results.lineage.unknown().iter().cloned());
    if unread.iter().any(|one| one.incomplete) {
        all.insert("what stands in the evidence that could not be read; it is listed above".into());
    }
    let has_taint = !results.lineage.fallen().is_empty();
    for gap in gaps {
        match gap.kind {
            GapKind::DataEvents if has_taint => {
                all.insert(format!(
                    "whether, and how much, was read from {}: no log here records reads of objects there",
                    gap.what
                ));
            }
            GapKind::LoggingStopped | GapKind::Hours => {
                let window = gap
                    .window
                    .map_or_else(String::new, |window| format!(" from {} to {}", window.from, window.to));
                let why = "no event of that time and place is in these logs";
                all.insert(format!("whether anything was done in {}{window}: {why}", gap.what));
            }
            GapKind::Account if has_taint => {
                all.insert(format!("what was done in account {}: its own logs are not here", gap.what));
            }
            _ => {}
        }
    }
    all.into_iter().collect()
}
