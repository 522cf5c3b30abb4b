//! What the logs cover, and what they do not: hours, regions, accounts, data events.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use floodmark_case::{Gap, GapKind, Window};
use foldhash::fast::RandomState;

use super::names::{Name, Names};
use crate::event::Event;
use crate::time::Time;

const HOUR: i64 = 3_600;
const MINUTE: i64 = 60;
const MINUTES: i64 = HOUR / MINUTE;

/// The fold over all events.
#[derive(Debug, Default)]
pub struct Covered {
    names: Names,
    hours: HashMap<(Name, Name, i64), Hour, RandomState>,
    buckets: HashMap<Name, Bucket, RandomState>,
    accounts_named: HashMap<Name, u64, RandomState>,
    last: Option<Last>,
}

/// The events of one hour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hour {
    /// How many.
    pub events: u64,
    /// In which minutes: one bit for each.
    minutes: u64,
}

impl Hour {
    fn add(&mut self, other: Self) {
        self.events += other.events;
        self.minutes |= other.minutes;
    }
}

/// The account, region and hour of the last events, whose count is not yet entered: within a file they hardly change.
#[derive(Debug)]
struct Last {
    account: Box<str>,
    region: Box<str>,
    caller_account: Box<str>,
    number: i64,
    hour: Hour,
}

/// What the trail shows of a bucket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Events about the bucket itself.
    pub management: u64,
    /// Events about objects in it.
    pub data: u64,
}

impl Covered {
    /// Takes note of one event.
    pub fn observe(&mut self, event: &Event<'_>) {
        let number = event.time.seconds().div_euclid(HOUR);
        let minute = event.time.seconds().rem_euclid(HOUR) / MINUTE;
        let one = Hour { events: 1, minutes: 1 << minute };
        match &mut self.last {
            Some(last)
                if last.number == number
                    && *last.account == *event.wire.account
                    && *last.region == *event.wire.region
                    && last.caller_account == event.identity.account =>
            {
                last.hour.add(one);
            }
            _ => {
                self.enter_last();
                self.last = Some(Last {
                    account: event.wire.account.as_ref().into(),
                    region: event.wire.region.as_ref().into(),
                    caller_account: event.identity.account.clone(),
                    number,
                    hour: one,
                });
            }
        }
        if &*event.wire.source == "s3.amazonaws.com" {
            self.bucket(event);
        }
    }

    fn enter_last(&mut self) {
        let Some(last) = self.last.take() else { return };
        let account = self.names.number(&last.account);
        let region = self.names.number(&last.region);
        self.hours.entry((account, region, last.number)).or_default().add(last.hour);
        let caller = self.names.number(&last.caller_account);
        *self.accounts_named.entry(caller).or_default() += last.hour.events;
    }

    fn bucket(&mut self, event: &Event<'_>) {
        let Some(name) = event.request(&["bucketName"]) else { return };
        let bucket = self.buckets.entry(self.names.number(&name)).or_default();
        if is_object_call(&event.wire.name) { bucket.data += 1 } else { bucket.management += 1 }
    }

    /// Takes note that a bucket has a server access log.
    pub fn observe_access(&mut self, bucket: &str) {
        self.buckets.entry(self.names.number(bucket)).or_default().data += 1;
    }

    /// Adds what another part of the logs covers.
    #[must_use]
    pub fn merge(mut self, mut other: Self) -> Self {
        self.enter_last();
        other.enter_last();
        let to = self.names.absorb(&other.names);
        for ((account, region, number), hour) in other.hours {
            self.hours.entry((to.name(account), to.name(region), number)).or_default().add(hour);
        }
        for (account, count) in other.accounts_named {
            *self.accounts_named.entry(to.name(account)).or_default() += count;
        }
        for (name, bucket) in other.buckets {
            let known = self.buckets.entry(to.name(name)).or_default();
            known.management += bucket.management;
            known.data += bucket.data;
        }
        self
    }

    /// What was covered, in order.
    pub fn finish(mut self) -> Coverage {
        self.enter_last();
        let text = |name| self.names.text(name).to_owned();
        let mut hours: BTreeMap<(String, String), Hours> = BTreeMap::new();
        for (&(account, region, number), &hour) in &self.hours {
            hours.entry((text(account), text(region))).or_default().insert(number, hour);
        }
        let buckets = self.buckets.iter().map(|(&name, &bucket)| (text(name), bucket)).collect();
        let named =
            self.accounts_named.keys().map(|&name| text(name)).filter(|name| is_account(name)).collect();
        Coverage { hours, buckets, named }
    }
}

/// Events per hour since the epoch.
pub type Hours = BTreeMap<i64, Hour>;

/// What was covered.
#[derive(Debug, Default)]
pub struct Coverage {
    /// Events per hour since the epoch, by account and region.
    pub hours: BTreeMap<(String, String), Hours>,
    /// What is known of each bucket.
    pub buckets: BTreeMap<String, Bucket>,
    named: BTreeSet<String>,
}

impl Coverage {
    /// From the first to the last hour of anything.
    pub fn window(&self) -> Option<(Time, Time)> {
        let first = self.hours.values().filter_map(|hours| hours.keys().next()).min()?;
        let last = self.hours.values().filter_map(|hours| hours.keys().next_back()).max()?;
        Some((Time::from_seconds(first * HOUR), Time::from_seconds((last + 1) * HOUR)))
    }

    /// The first minute after this one of which an event of the account and region is recorded.
    pub fn next_event(&self, account: &str, region: &str, after: Time) -> Option<Time> {
        next_event(self.hours.get(&(account.to_owned(), region.to_owned()))?, after)
    }

    /// The same of any account, and how many accounts the region has events of.
    pub fn next_event_of_any(&self, region: &str, after: Time) -> (Option<Time>, usize) {
        let here = || self.hours.iter().filter(|((_, known), _)| known == region);
        (here().filter_map(|(_, hours)| next_event(hours, after)).min(), here().count())
    }

    /// Every gap, sorted.
    pub fn gaps(&self) -> Vec<Gap> {
        let mut gaps: Vec<Gap> =
            self.hours.iter().flat_map(|(place, hours)| silent_hours(place, hours)).collect();
        gaps.extend(self.accounts_without_log());
        gaps.extend(self.accounts_without_data_events());
        gaps.sort();
        gaps
    }

    fn accounts_without_log(&self) -> Vec<Gap> {
        let logged: BTreeSet<&str> = self.hours.keys().map(|(account, _)| account.as_str()).collect();
        let missing = self.named.iter().filter(|account| !logged.contains(account.as_str()));
        missing
            .map(|account| Gap {
                kind: GapKind::Account,
                what: account.clone(),
                window: None,
                why: "callers of this account appear in the logs, but none of its own logs are here: what was done in it cannot be seen"
                    .into(),
            })
            .collect()
    }

    fn accounts_without_data_events(&self) -> Option<Gap> {
        let silent: Vec<&str> = self
            .buckets
            .iter()
            .filter(|(_, bucket)| bucket.data == 0)
            .map(|(name, _)| name.as_str())
            .collect();
        let (first, rest) = silent.split_first()?;
        let names = rest.iter().take(4).fold((*first).to_owned(), |names, name| format!("{names}, {name}"));
        let more = silent.len().saturating_sub(5);
        let what = if more > 0 { format!("{names} and {more} more buckets") } else { names };
        Some(Gap {
            kind: GapKind::DataEvents,
            what,
            window: None,
            why: "the trail names these buckets but holds no object-level event of theirs: S3 data events are off by default, so reads would not show here"
                .into(),
        })
    }
}

/// The first minute with an event after the one in which this time lies.
fn next_event(hours: &Hours, after: Time) -> Option<Time> {
    let next = after.seconds().div_euclid(MINUTE) + 1;
    let in_hour = |(&number, hour): (&i64, &Hour)| {
        let from = u32::try_from((next - number * MINUTES).clamp(0, MINUTES)).unwrap_or_default();
        let left = hour.minutes.checked_shr(from)?;
        (left != 0).then(|| (number * MINUTES) + i64::from(from + left.trailing_zeros()))
    };
    let minute = hours.range(next.div_euclid(MINUTES)..).find_map(in_hour)?;
    Some(Time::from_seconds(minute * MINUTE))
}

/// Runs of at least this many silent hours are told where the log is otherwise busy.
const SILENT_HOURS: i64 = 2;
/// An hour is expected to have events if the same hour of the day had some on this many other days at least …
const OTHER_DAYS: usize = 2;
/// … and on nine of ten of them.
const OF_TEN: usize = 9;

/// The hours without events of an account and region that has some in nearly every hour of the day, these among them.
///
/// Quiet places say nothing by being quiet, and neither do nights in which nobody works.
fn silent_hours((account, region): &(String, String), hours: &Hours) -> Vec<Gap> {
    let (Some((&first, _)), Some((&last, _))) = (hours.first_key_value(), hours.last_key_value()) else {
        return Vec::new();
    };
    let span = last - first + 1;
    let busy = span >= 24 && i64::try_from(hours.len()).is_ok_and(|count| count * 10 >= span * 9);
    if !busy {
        return Vec::new();
    }
    let known: Vec<i64> = hours.keys().copied().collect();
    known
        .windows(2)
        .filter(|pair| pair[1] - pair[0] > SILENT_HOURS)
        .filter(|pair| (pair[0] + 1..pair[1]).all(|hour| is_expected(hours, hour, first, last)))
        .map(|pair| Gap {
            kind: GapKind::Hours,
            what: format!("account {account}, {region}"),
            window: Some(Window::between(
                Time::from_seconds((pair[0] + 1) * HOUR).to_timestamp(),
                Time::from_seconds(pair[1] * HOUR).to_timestamp(),
            )),
            why: format!(
                "no event in {} hours that have some on other days: logs may be missing, or nothing was done",
                pair[1] - pair[0] - 1
            ),
        })
        .collect()
}

/// Whether the same hour of other days, from the first to the last, nearly always has events.
fn is_expected(hours: &Hours, hour: i64, first: i64, last: i64) -> bool {
    let to_first_day = (hour - first).div_euclid(24);
    let days = (hour - to_first_day * 24..=last).step_by(24).filter(|&other| other != hour);
    let days: Vec<bool> = days.map(|other| hours.contains_key(&other)).collect();
    let with_events = days.iter().filter(|has| **has).count();
    days.len() >= OTHER_DAYS && with_events * 10 >= days.len() * OF_TEN
}

/// Whether a call of S3 is about an object, and so a data event.
///
/// Source: Amazon S3 User Guide, "Amazon S3 CloudTrail events", object-level actions.
pub fn is_object_call(name: &str) -> bool {
    matches!(
        name,
        "GetObject"
            | "PutObject"
            | "DeleteObject"
            | "DeleteObjects"
            | "HeadObject"
            | "CopyObject"
            | "RestoreObject"
            | "ListObjects"
            | "ListObjectsV2"
            | "ListObjectVersions"
            | "UploadPart"
            | "UploadPartCopy"
            | "CompleteMultipartUpload"
            | "CreateMultipartUpload"
            | "AbortMultipartUpload"
            | "ListMultipartUploads"
            | "ListParts"
            | "SelectObjectContent"
            | "HeadBucket"
            | "GetObjectAcl"
            | "PutObjectAcl"
            | "GetObjectTagging"
            | "PutObjectTagging"
            | "GetObjectAttributes"
            | "GetObjectTorrent"
            | "DeleteObjectTagging"
    )
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(of: impl IntoIterator<Item = i64>) -> Hours {
        of.into_iter().map(|hour| (hour, Hour { events: 1, minutes: 1 })).collect()
    }

    #[test]
    fn a_night_in_which_nobody_works_is_no_gap() {
        let place = ("1".to_owned(), "eu-west-1".to_owned());
        // two hours of each night are silent, which is less than a tenth
        let at_work = hours((0..240).filter(|hour| !matches!(hour % 24, 2 | 3)));
        assert_eq!(silent_hours(&place, &at_work), []);
        let one_night = hours((0..240).filter(|hour| !matches!(hour, 122 | 123)));
        assert_eq!(silent_hours(&place, &one_night).len(), 1);
    }

    #[test]
    fn the_next_event_is_told_to_the_minute() {
        let minutes = |set: &[u32]| set.iter().fold(0, |bits, minute| bits | 1_u64 << minute);
        let place = ("1".to_owned(), "r".to_owned());
        let of_place = Hours::from([
            (0, Hour { events: 3, minutes: minutes(&[5, 30, 59]) }),
            (7, Hour { events: 1, minutes: minutes(&[0]) }),
        ]);
        let covered = Coverage { hours: BTreeMap::from([(place, of_place)]), ..Coverage::default() };
        let next = |seconds| {
            covered.next_event("1", "r", Time::from_seconds(seconds)).map(|next| next.seconds() / MINUTE)
        };
        assert_eq!([0, 5 * 60, 30 * 60 + 59].map(next), [Some(5), Some(30), Some(59)]);
        assert_eq!([59 * 60, 3 * HOUR, 7 * HOUR].map(next), [Some(420), Some(420), None]);
        assert_eq!(covered.next_event("2", "r", Time::from_seconds(0)), None);
    }

    #[test]
    fn silence_is_a_gap_only_where_the_log_is_busy() {
        let place = ("1".to_owned(), "eu-west-1".to_owned());
        let gaps = silent_hours(&place, &hours((0..100).filter(|hour| !(40..45).contains(hour))));
        assert_eq!(gaps.len(), 1);
        assert_eq!(gaps[0].window.map(|window| window.from.as_second()), Some(40 * HOUR));
        assert_eq!(silent_hours(&place, &hours((0..100).step_by(7))), []);
    }
}
