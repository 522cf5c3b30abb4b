//! Findings that only the told story can give: keys made for others and used, logging switched off and the gap.

use floodmark_case::{
    Confidence, Credential, CredentialKind, Finding, Node, NodeKind, Outcome, Severity, TimelineRow, Window,
};

use crate::engine::gaps;
use crate::engine::story::Telling;
use crate::time::Time;

/// A time in which logging was off.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stopped {
    /// The row that switched it off.
    pub row: TimelineRow,
    /// From the switch to the next event of the region, or to the end of the logs.
    pub window: Window,
}

/// Findings about the story.
pub(super) fn findings(telling: &Telling, stopped: &[Stopped]) -> Vec<Finding> {
    let keys = telling.credentials.iter().filter_map(|credential| key_for_other(credential, telling));
    keys.chain(stopped.iter().map(|stopped| logging_gap(stopped, telling))).collect()
}

/// A key that was made for somebody else and then used: the way of the founding case.
fn key_for_other(key: &Credential, telling: &Telling) -> Option<Finding> {
    let made = key.tainted && key.kind == CredentialKind::LongLivedKey && key.how == "iam:CreateAccessKey";
    let parent = telling.credentials.iter().find(|other| Some(&other.id) == key.parent.as_ref())?;
    let used = key.used.filter(|_| made && key.calls > 0 && parent.principal != key.principal)?;
    let subjects =
        vec![Node::new(NodeKind::Principal, &*key.principal), Node::new(NodeKind::Credential, &*key.id)];
    Some(Finding {
        id: Finding::stable_id("floodmark.key_for_other_used", &subjects, used),
        rule: "floodmark.key_for_other_used".into(),
        title: "Key made for another user, then used by the intruder".into(),
        explanation: format!(
            "{} made {} for {}, and {} calls were then made with it{}",
            parent.id,
            key.id,
            key.principal,
            key.calls,
            key.addresses.first().map_or_else(String::new, |address| format!(", first from {address}")),
        ),
        severity: Severity::High,
        confidence: Confidence::High,
        window: used,
        subjects,
        techniques: vec!["T1098.001".into()],
        tactics: vec!["persistence".into()],
        count: key.calls,
        citations: key.citations.clone(),
        advice: "Deactivate every key of that user, not only the stolen one, and look for further keys made since.".into(),
    })
}

/// Every time that the intruder switched off a trail, and until when its region stayed silent.
pub(super) fn stopped_logging(telling: &Telling, covered: &gaps::Coverage) -> Vec<Stopped> {
    let calls = ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail"];
    let rows = telling.runs.iter().map(|run| &run.row);
    rows.filter(|row| calls.contains(&row.call.as_str()) && row.outcome == Outcome::Success)
        .map(|row| Stopped {
            row: row.clone(),
            window: Window::between(row.window.from, resumed(row, covered)),
        })
        .collect()
}

/// When the region of a stopped trail has events again.
fn resumed(row: &TimelineRow, covered: &gaps::Coverage) -> floodmark_case::Timestamp {
    let stopped = Time::from(row.window.from).seconds().div_euclid(3_600);
    let in_region = covered.hours.iter().filter(|((_, region), _)| *region == row.region);
    let next =
        in_region.filter_map(|(_, hours)| hours.range(stopped + 1..).next()).map(|(hour, _)| *hour).min();
    let end = || covered.window().map_or(row.window.to, |(_, end)| end.to_timestamp());
    next.map_or_else(end, |hour| Time::from_seconds(hour * 3_600).to_timestamp())
}

fn logging_gap(stopped: &Stopped, telling: &Telling) -> Finding {
    let within = |window: &Window| window.to >= stopped.window.from && window.from <= stopped.window.to;
    let elsewhere = telling
        .runs
        .iter()
        .map(|run| &run.row)
        .filter(|row| within(&row.window) && row.region != stopped.row.region);
    let calls: u64 = elsewhere.map(|row| row.count).sum();
    let side =
        telling.volumes.iter().filter(|volume| volume.basis == "s3-access-log" && within(&volume.window));
    let (reads, bytes) =
        side.fold((0, 0), |(reads, bytes), volume| (reads + volume.reads, bytes + volume.bytes));
    let subjects = vec![Node::new(NodeKind::Credential, &*stopped.row.credential)];
    let trail = stopped.row.resources.first().map_or("a trail", String::as_str);
    Finding {
        id: Finding::stable_id("floodmark.logging_gap", &subjects, stopped.window),
        rule: "floodmark.logging_gap".into(),
        title: "Logging switched off, and what other logs show of the gap".into(),
        explanation: format!(
            "{trail} was switched off; in the time until {} has events again, the intruder made {calls} calls in other regions, \
             and S3 access logs show {reads} reads ({bytes} bytes)",
            stopped.row.region
        ),
        severity: Severity::High,
        confidence: Confidence::High,
        window: stopped.window,
        subjects,
        techniques: vec!["T1562.008".into()],
        tactics: vec!["defense-evasion".into()],
        count: stopped.row.count,
        citations: stopped.row.citations.clone(),
        advice: "Start the trail again, and look for other evidence of that time: access logs, flow logs, billing.".into(),
    }
}
