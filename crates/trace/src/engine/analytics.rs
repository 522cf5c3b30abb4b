//! What rules on single events cannot say: each credential measured against its own past.
//!
//! Each analytic is one file with an [`Analytic`] that names it and a function that finds; [`ALL`] is the only list.

mod bulk_read;
mod concurrent_use;
mod denied_storm;
mod first_use;
mod session_outside_compute;
mod validate_then_enumerate;

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
    let evidence = Evidence { habits, pasts: pasts(habits) };
    ALL.iter().flat_map(|(analytic, find)| find(analytic, &evidence)).collect()
}

impl Evidence<'_> {
    /// The credentials of an actor that were used from a network, with it.
    pub fn credentials_of(&self, actor: &str, network: &str) -> Vec<(String, String)> {
        let names = &self.habits.names;
        let of_actor = |credential: &str| {
            self.habits.credential_seen(credential).is_some_and(|seen| names.text(seen.actor) == actor)
        };
        self.habits
            .used_from(network)
            .into_iter()
            .filter(|credential| of_actor(credential))
            .map(|credential| (credential.to_owned(), network.to_owned()))
            .collect()
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
