use super::*;
use crate::engine::births::testing::{each, record, user};
use crate::engine::draft::Analytic;
use crate::place::Place;

const HOME: (&str, &str) = ("192.0.2.10", "Boto3/1.34 os/linux");
const THIEF: (&str, &str) = ("203.0.113.66", "aws-cli/2.27 os/macos");

/// A call of a key of ann's, on the day before (`-`) or on the day itself.
fn call(time: &str, key: &str, name: &str, (address, agent): (&str, &str)) -> String {
    let rest = format!(r#","sourceIPAddress":"{address}","userAgent":"{agent}""#);
    let record = record(time.trim_start_matches('-'), &user("ann", key), name, &rest);
    if time.starts_with('-') { record.replace("2026-03-19T", "2026-03-17T") } else { record }
}

/// Two days of a key at home, so that it is established.
fn at_home(key: &str) -> Vec<String> {
    let times = (0..40).map(|minute| format!("-10:{minute:02}:00"));
    let calls = ["sts:GetCallerIdentity", "s3:ListBuckets"];
    times.zip(calls.iter().cycle()).map(|(time, name)| call(&time, key, name, HOME)).collect()
}

fn habits(records: &[String]) -> Habits {
    let mut habits = Habits::default();
    each(records, |event, place| habits.observe(event, place));
    habits
}

fn at(time: &str) -> Time {
    Time::parse(&format!("2026-03-19T{time}Z")).expect("a time")
}

#[test]
fn the_first_try_counts_where_its_tool_is_known_from_what_came_later() {
    let mut records = at_home("AKIA1");
    records.push(call("10:00:00", "AKIA1", "sts:GetCallerIdentity", ("198.18.0.5", THIEF.1)));
    records.push(call("12:00:00", "AKIA1", "iam:ListUsers", THIEF));
    // somebody who moves with the tool that was always used is the owner
    records.push(call("12:30:00", "AKIA1", "s3:ListBuckets", ("198.51.100.7", HOME.1)));
    let habits = habits(&records);
    let from = [From::Key("AKIA1".into())];
    let (suspects, unknown) = named(&from, &habits, &[], None);
    assert!(unknown.is_empty());
    assert_eq!(suspects[0].since, at("10:00:00"));
    let owner: Vec<&str> = suspects[0].owner.iter().map(String::as_str).collect();
    assert_eq!(owner, ["192.0.2.0/24", "198.51.100.0/24"]);
}

#[test]
fn of_a_named_user_the_credentials_that_departed_fall_and_the_others_do_not() {
    let mut records = at_home("AKIA1");
    records.extend(at_home("AKIA2"));
    records.push(call("12:00:00", "AKIA1", "iam:ListUsers", THIEF));
    let all = habits(&records);
    let from = [From::Arn("arn:aws:iam::111:user/ann".into())];
    let ids = |habits: &Habits| -> Vec<String> {
        named(&from, habits, &[], None).0.into_iter().map(|suspect| suspect.credential).collect()
    };
    assert_eq!(ids(&all), ["AKIA1"]);
    records.pop();
    assert_eq!(ids(&habits(&records)), ["AKIA1", "AKIA2"], "nothing sets one of them apart");
}

#[test]
fn a_guess_that_was_long_at_home_falls_at_its_finding() {
    let mut records = at_home("AKIA1");
    records.push(call("12:00:00", "AKIA1", "cloudtrail:StopLogging", HOME));
    let analytic =
        Analytic { id: "x", title: "Trail stopped", techniques: &[], tactics: &[], advice: "look" };
    let when = (at("12:00:00"), at("12:00:00"), Place::default());
    let mut draft = analytic.draft("ann", Severity::High, String::new(), when);
    draft.by = vec![("AKIA1".into(), "192.0.2.0/24".into())];
    let suspects = guessed(&habits(&records), &[draft]);
    assert_eq!((suspects[0].since, suspects[0].guess), (at("12:00:00"), true));
    assert!(suspects[0].why.contains("the time of that finding"), "{}", suspects[0].why);
}

#[test]
fn an_arn_names_sessions_of_its_role_and_paths_do_not_matter() {
    let session = "arn:aws:sts::1:assumed-role/AWSReservedSSO_Admin_01/ann@example.org";
    let role = "arn:aws:iam::1:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_01";
    assert!(is_of(role, session, session) && is_of(session, session, session));
    assert!(is_of("arn:aws:iam::1:user/ann", "arn:aws:iam::1:user/division/ann", ""));
    assert!(is_of("arn:aws:iam::1:user/division/ann", "arn:aws:iam::1:user/division/ann", ""));
    assert!(!is_of("arn:aws:iam::1:role/AWSReservedSSO", session, session));
    assert!(!is_of("arn:aws:iam::2:user/ann", "arn:aws:iam::1:user/ann", ""));
}

#[test]
fn starting_points_are_told_apart_by_their_form() {
    assert_eq!("AKIAIOSFODNN7EXAMPLE".parse(), Ok(From::Key("AKIAIOSFODNN7EXAMPLE".into())));
    assert_eq!("arn:aws:iam::1:user/a".parse(), Ok(From::Arn("arn:aws:iam::1:user/a".into())));
    assert!(matches!("2001:db8::1".parse(), Ok(From::Address(_))));
    for text in ["", "akia", "https://example.org", "AKIA SPACE IN THE KEY"] {
        assert!(text.parse::<From>().is_err(), "{text}");
    }
}
