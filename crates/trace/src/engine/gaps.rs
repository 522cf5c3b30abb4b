//! What the logs cover, and what they do not: hours, regions, accounts, data events.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use floodmark_case::{Gap, GapKind, Window};
use foldhash::fast::RandomState;

use super::names::{Name, Names};
use crate::event::Event;
use crate::time::Time;

const HOUR: i64 = 3_600;

/// The fold over all events.
#[derive(Debug, Default)]
pub struct Covered {
    names: Names,
    hours: HashMap<(Name, Name, i64), u64, RandomState>,
    buckets: HashMap<Name, Bucket, RandomState>,
    accounts_named: HashMap<Name, u64, RandomState>,
    last: Option<Last>,
}

/// The account, region and hour of the last events, whose count is not yet entered: within a file they hardly change.
#[derive(Debug)]
struct Last {
    account: Box<str>,
    region: Box<str>,
    caller_account: Box<str>,
    hour: i64,
    count: u64,
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
        let hour = event.time.seconds().div_euclid(HOUR);
        match &mut self.last {
            Some(last)
                if last.hour == hour
                    && *last.account == *event.wire.account
                    && *last.region == *event.wire.region
                    && last.caller_account == event.identity.account =>
            {
                last.count += 1;
            }
            _ => {
                self.enter_last();
                self.last = Some(Last {
                    account: event.wire.account.as_ref().into(),
                    region: event.wire.region.as_ref().into(),
                    caller_account: event.identity.account.clone(),
                    hour,
                    count: 1,
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
        *self.hours.entry((account, region, last.hour)).or_default() += last.count;
        let caller = self.names.number(&last.caller_account);
        *self.accounts_named.entry(caller).or_default() += last.count;
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
        for ((account, region, hour), count) in other.hours {
            *self.hours.entry((to.name(account), to.name(region), hour)).or_default() += count;
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
        let mut hours: BTreeMap<(String, String), BTreeMap<i64, u64>> = BTreeMap::new();
        for (&(account, region, hour), &count) in &self.hours {
            hours.entry((text(account), text(region))).or_default().insert(hour, count);
        }
        let buckets = self.buckets.iter().map(|(&name, &bucket)| (text(name), bucket)).collect();
        let named =
            self.accounts_named.keys().map(|&name| text(name)).filter(|name| is_account(name)).collect();
        Coverage { hours, buckets, named }
    }
}

/// What was covered.
#[derive(Debug, Default)]
pub struct Coverage {
    /// Events per hour since the epoch, by account and region.
    pub hours: BTreeMap<(String, String), BTreeMap<i64, u64>>,
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

/// Runs of at least this many silent hours are told where the log is otherwise busy.
const SILENT_HOURS: i64 = 2;

/// The hours without events of an account and region that nearly always has some.
///
/// "Nearly always": in nine of ten hours between its first and last event. Quiet places say nothing by being quiet.
fn silent_hours((account, region): &(String, String), hours: &BTreeMap<i64, u64>) -> Vec<Gap> {
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
        .map(|pair| Gap {
            kind: GapKind::Hours,
            what: format!("account {account}, {region}"),
            window: Some(Window::between(
                Time::from_seconds((pair[0] + 1) * HOUR).to_timestamp(),
                Time::from_seconds(pair[1] * HOUR).to_timestamp(),
            )),
            why: format!("no event for {} hours where nearly every hour has some", pair[1] - pair[0] - 1),
        })
        .collect()
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

    fn hours(of: impl IntoIterator<Item = i64>) -> BTreeMap<i64, u64> {
        of.into_iter().map(|hour| (hour, 1)).collect()
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
