//! Findings that only the told story can give: keys made for others and used, logging switched off and the gap.

use floodmark_case::{
    Confidence, Credential, CredentialKind, Finding, Node, NodeKind, Outcome, Severity, TimelineRow, Window,
};

use crate::engine::gaps;
use crate::engine::story::Telling;
use crate::time::Time;

/// A trail that was switched off.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stopped {
    /// The row that switched it off.
    pub row: TimelineRow,
    /// From the switch to the next event of its account and region, or to the end of the logs.
    pub window: Window,
    /// That next event, to the minute.
    pub next: Option<floodmark_case::Timestamp>,
    /// Whether so long nothing is recorded that logging may have been off.
    pub is_dark: bool,
    /// What is dark: the account and region, or the region in all accounts, as an organisation's trail leaves it.
    pub place: String,
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
        id: Finding::stable_id("floodmark.key_for_other_used", &subjects, Some(used)),
        rule: "floodmark.key_for_other_used".into(),
        title: "Key made for another user, then used by the intruder".into(),
        explanation: format!(
            "{} made {} for {}, and {} then made with it{}",
            parent.id,
            key.id,
            key.principal,
            if key.calls == 1 { "1 call was".to_owned() } else { format!("{} calls were", key.calls) },
            key.addresses.first().map_or_else(String::new, |address| format!(", first from {address}")),
        ),
        severity: Severity::High,
        confidence: Confidence::High,
        window: Some(used),
        subjects,
        techniques: vec!["T1098.001".into()],
        tactics: vec!["persistence".into()],
        count: key.calls,
        citations: key.citations.clone(),
        advice: "Deactivate every key of that user, not only the stolen one, and look for further keys made since.".into(),
    })
}

/// A stretch without events of no more than this says nothing about whether logging went on.
const LULL_SECONDS: i64 = 15 * 60;

/// Every time that the intruder switched off a trail, and what is recorded of its account and region after it.
pub(super) fn stopped_logging(telling: &Telling, covered: &gaps::Coverage) -> Vec<Stopped> {
    let calls = ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail"];
    let rows = telling.runs.iter().map(|run| &run.row);
    rows.filter(|row| calls.contains(&row.call.as_str()) && row.outcome == Outcome::Success)
        .map(|row| stopped(row, covered))
        .collect()
}

fn stopped(row: &TimelineRow, covered: &gaps::Coverage) -> Stopped {
    let at = Time::from(row.window.to);
    let is_long = |next: Option<Time>| next.is_none_or(|next| at.plus_seconds(LULL_SECONDS) < next);
    let of_account = covered.next_event(&row.account, &row.region, at);
    let (of_any, accounts) = covered.next_event_of_any(&row.region, at);
    let everywhere = accounts > 1 && is_long(of_any);
    let (next, place) = if everywhere {
        (of_any, format!("any account, {}", row.region))
    } else {
        (of_account, format!("account {}, {}", row.account, row.region))
    };
    let end = || covered.window().map_or(at, |(_, end)| end.max(at));
    Stopped {
        row: row.clone(),
        window: Window::between(row.window.to, next.unwrap_or_else(end).to_timestamp()),
        next: next.map(Time::to_timestamp),
        is_dark: is_long(next),
        place,
    }
}

fn logging_gap(stopped: &Stopped, telling: &Telling) -> Finding {
    let row = &stopped.row;
    let subjects = vec![Node::new(NodeKind::Credential, &*row.credential)];
    let trails = if row.resources.is_empty() { "a trail".to_owned() } else { row.resources.join(", ") };
    let verb = if row.resources.len() > 1 { "were" } else { "was" };
    let place = &stopped.place;
    let after = match stopped.next {
        Some(next) if !stopped.is_dark => {
            format!("events of {place} go on being recorded (from {next} on): a log of it was still written")
        }
        Some(next) => {
            format!("no event of {place} is recorded until {next}; {}", elsewhere(stopped, telling))
        }
        None => {
            format!("no event of {place} is recorded after it; {}", elsewhere(stopped, telling))
        }
    };
    Finding {
        id: Finding::stable_id("floodmark.logging_gap", &subjects, Some(stopped.window)),
        rule: "floodmark.logging_gap".into(),
        title: "Logging switched off, and what other logs show of the time after".into(),
        explanation: format!("{trails} {verb} switched off at {}; {after}", row.window.to),
        severity: Severity::High,
        confidence: Confidence::High,
        window: Some(stopped.window),
        subjects,
        techniques: vec!["T1562.008".into()],
        tactics: vec!["defense-evasion".into()],
        count: row.count,
        citations: row.citations.clone(),
        advice: "Start the trail again, and look for other evidence of that time: access logs, flow logs, billing.".into(),
    }
}

/// What other places and logs show of a time without events.
fn elsewhere(stopped: &Stopped, telling: &Telling) -> String {
    let within = |window: &Window| window.to >= stopped.window.from && window.from <= stopped.window.to;
    let row = &stopped.row;
    let inside = |window: &Window| window.from >= stopped.window.from && window.to <= stopped.window.to;
    let others = telling.runs.iter().map(|run| &run.row).filter(|other| {
        inside(&other.window) && (&other.region, &other.account) != (&row.region, &row.account)
    });
    let calls: u64 = others.map(|other| other.count).sum();
    let side =
        telling.volumes.iter().filter(|volume| volume.basis == "s3-access-log" && within(&volume.window));
    let (reads, bytes) =
        side.fold((0, 0), |(reads, bytes), volume| (reads + volume.reads, bytes + volume.bytes));
    let calls = match calls {
        0 => "no call of the intruder's in other places is recorded of that time".to_owned(),
        1 => "at least 1 call of the intruder's in other places falls into that time".to_owned(),
        many => format!("at least {many} calls of the intruder's in other places fall into that time"),
    };
    match reads {
        0 => calls,
        reads => format!("{calls}, and S3 access logs that reach into it show {reads} reads ({bytes} bytes)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::births::testing::{each, lineage, record, start, user};
    use crate::engine::gaps::Covered;
    use crate::engine::leftover::UndoFold;
    use crate::engine::story::StoryFold;

    fn told(records: &[String]) -> (Vec<Stopped>, String) {
        let lineage = lineage(records, &[start("AKIA1")]);
        let (mut story, mut covered) = (StoryFold::default(), Covered::default());
        each(records, |event, place| {
            covered.observe(event);
            story.observe(&lineage, event, place);
        });
        let telling = story.finish(&lineage, &UndoFold::default().finish(), &[]);
        let stopped = stopped_logging(&telling, &covered.finish());
        let said = logging_gap(&stopped[0], &telling).explanation;
        (stopped, said)
    }

    fn call(time: &str, name: &str, rest: &str) -> String {
        record(time, &user("ann", "AKIA1"), name, rest)
    }

    const STOP: &str = r#","requestParameters":{"name":"arn:aws:cloudtrail:eu-west-1:111:trail/t"}"#;

    #[test]
    fn a_region_of_which_events_go_on_being_recorded_is_not_dark() {
        let (stopped, said) = told(&[
            call("12:08:04", "cloudtrail:StopLogging", STOP),
            call("12:09:30", "iam:ListUsers", ""),
            call("13:30:00", "iam:ListUsers", ""),
        ]);
        assert!(!stopped[0].is_dark);
        assert!(said.contains("go on being recorded (from 2026-03-19T12:09:00Z on)"), "{said}");
    }

    #[test]
    fn a_dark_region_is_told_to_the_minute_with_what_is_seen_elsewhere() {
        let (stopped, said) = told(&[
            call("12:08:04", "cloudtrail:StopLogging", STOP),
            call("12:20:00", "iam:ListUsers", "").replace("eu-west-1", "us-east-1"),
            call("13:30:05", "iam:ListUsers", ""),
        ]);
        assert!(stopped[0].is_dark);
        assert_eq!(
            (stopped[0].window.from.to_string(), stopped[0].window.to.to_string()),
            ("2026-03-19T12:08:04Z".into(), "2026-03-19T13:30:00Z".into())
        );
        assert!(
            said.contains("no event of account 111, eu-west-1 is recorded until 2026-03-19T13:30:00Z"),
            "{said}"
        );
        assert!(
            said.ends_with("at least 1 call of the intruder's in other places falls into that time"),
            "{said}"
        );
    }

    #[test]
    fn where_all_accounts_fall_silent_the_whole_region_is_dark() {
        let other = r#","recipientAccountId":"222""#;
        let (stopped, _) = told(&[
            call("11:00:00", "iam:ListUsers", other),
            call("12:08:04", "cloudtrail:StopLogging", STOP),
            call("13:00:00", "iam:ListUsers", other),
            call("15:00:00", "iam:ListUsers", ""),
        ]);
        assert_eq!(stopped[0].place, "any account, eu-west-1");
        assert_eq!(stopped[0].window.to.to_string(), "2026-03-19T13:00:00Z");
    }
}
