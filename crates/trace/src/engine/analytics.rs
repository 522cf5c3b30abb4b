//! What rules on single events cannot say: each credential measured against its own past.
//!
//! Each analytic is one file with an [`Analytic`] that names it and a function that finds; [`ALL`] is the only list.

mod bulk_read;
mod concurrent_use;
mod denied_storm;
mod first_use;
mod session_outside_compute;
mod validate_then_enumerate;

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::draft::{Analytic, Draft};
use super::habits::Habits;
use super::past::{Past, pasts};

/// What an analytic may look at.
#[derive(Debug)]
pub struct Evidence<'h> {
    /// Everything that was seen.
    pub habits: &'h Habits,
    /// The same by actor and network.
    pub pasts: Vec<Past<'h>>,
    /// By actor and network, the credentials, sorted.
    used_from: HashMap<(&'h str, &'h str), Vec<&'h str>, RandomState>,
}

/// An analytic with what finds.
type Entry = (Analytic, fn(&Analytic, &Evidence<'_>) -> Vec<Draft>);

/// All of them.
pub const ALL: [Entry; 6] = [
    (bulk_read::ANALYTIC, bulk_read::find),
    (concurrent_use::ANALYTIC, concurrent_use::find),
    (denied_storm::ANALYTIC, denied_storm::find),
    (first_use::ANALYTIC, first_use::find),
    (session_outside_compute::ANALYTIC, session_outside_compute::find),
    (validate_then_enumerate::ANALYTIC, validate_then_enumerate::find),
];

/// What all of them find.
pub fn find(habits: &Habits) -> Vec<Draft> {
    let mut used_from: HashMap<_, Vec<_>, RandomState> = HashMap::default();
    for (credential, network, _) in habits.uses() {
        let actor = habits.credential_seen(credential).map_or("", |seen| habits.names.text(seen.actor));
        used_from.entry((actor, network)).or_default().push(credential);
    }
    let evidence = Evidence { habits, pasts: pasts(habits), used_from };
    ALL.iter().flat_map(|(analytic, find)| find(analytic, &evidence)).collect()
}

impl Evidence<'_> {
    /// The credentials of an actor that were used from a network, with it.
    pub fn credentials_of(&self, actor: &str, network: &str) -> Vec<(String, String)> {
        let credentials = self.used_from.get(&(actor, network)).into_iter().flatten();
        credentials.map(|credential| ((*credential).to_owned(), network.to_owned())).collect()
    }
}

/// Whether a call looks around without touching anything: `List*`, `Describe*`, `Get*` of configuration.
fn enumerates(call: &str) -> bool {
    let (service, name) = call.split_once(':').unwrap_or(("", call));
    let reads_data = matches!(
        name,
        "GetObject"
            | "GetSecretValue"
            | "GetParameter"
            | "GetParameters"
            | "GetParametersByPath"
            | "GetCallerIdentity"
            | "GetItem"
    );
    let looks = name.starts_with("List") || name.starts_with("Describe") || name.starts_with("Get");
    looks && !reads_data && service != "signin"
}

/// `1 call`, `2 calls`.
fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// A few names for a sentence: the first three, and how many more.
fn some<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut names = names.into_iter();
    let shown: Vec<&str> = names.by_ref().take(3).collect();
    let more = names.count();
    let shown = shown.join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::engine::suspects;
    use crate::event::Events;
    use crate::place::Place;

    /// One role of a mobile application: every user calls from a network of their own, most are refused something.
    fn used_from_everywhere(networks: u32) -> Habits {
        let mut habits = Habits::default();
        let mut events = Events::default();
        for record in 0..networks {
            let [_, a, b, c] = record.to_be_bytes();
            let text = format!(
                r#"{{"eventTime":"2026-03-{:02}T10:{:02}:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject",
                "awsRegion":"eu-west-1","sourceIPAddress":"{}.{b}.{c}.9","userAgent":"agent-{record}/1","errorCode":"AccessDenied",
                "userIdentity":{{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/app","accessKeyId":"AKIAIOSFODNN7EXAMPLE"}}}}"#,
                1 + record % 28,
                record % 60,
                a + 11
            );
            let event = events.event(serde_json::from_str(&text).expect("a record")).expect("a time");
            habits.observe(&event, Place { input: 0, record });
        }
        habits
    }

    #[test]
    fn an_actor_with_very_many_networks_is_measured_in_time_that_grows_as_they_do() {
        let habits = used_from_everywhere(60_000);
        let began = Instant::now();
        let drafts = find(&habits);
        let from = ["AKIAIOSFODNN7EXAMPLE".parse().expect("a key")];
        suspects::named(&from, &habits, &drafts, None);
        // Measured each against all others this took many minutes.
        assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
        assert!(drafts.iter().any(|draft| draft.rule == first_use::ANALYTIC.id));
    }
}
