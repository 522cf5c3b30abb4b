//! The whole rehearsal, written into a folder.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::RehearseError;
use crate::actor::{Actor, Schedule};
use crate::calendar::{DAYS, Moment, TICK, TICKS_PER_DAY};
use crate::chores::chores;
use crate::delivery::{Sink, stretch, write_plain};
use crate::intrusion::{Story, story};
use crate::organisation::Organisation;
use crate::people::people;
use crate::pipelines::pipelines;
use crate::script::Line;
use crate::services::services;
use crate::side_logs::{findings, write_side_logs};

/// The fewest events that hold the whole incident.
pub const LEAST_EVENTS: u64 = 1_500;

/// How many threads write.
const THREADS: usize = 2;

/// Whether the intrusion is in the logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Intrusion {
    /// It is woven in.
    Woven,
    /// The same two weeks without it.
    Absent,
}

/// What to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Plan {
    /// How many CloudTrail events there are with the intrusion, but for those that the stopped trail swallows; at least
    /// [`LEAST_EVENTS`]. The innocent ones are the same in number and content with and without it.
    pub events: u64,
    /// What everything is drawn from.
    pub seed: u64,
    /// Whether the intrusion is in the logs.
    pub intrusion: Intrusion,
}

/// What was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// CloudTrail events.
    pub events: u64,
    /// Of these, the intruder's own.
    pub intruder_events: u64,
    /// Lines of the server access logs.
    pub access_log_lines: u64,
    /// Lines of the flow log.
    pub flow_log_lines: u64,
    /// Files.
    pub files: u64,
    /// Bytes on disk.
    pub bytes: u64,
}

impl Summary {
    fn add(&mut self, other: &Self) {
        self.events += other.events;
        self.access_log_lines += other.access_log_lines;
        self.flow_log_lines += other.flow_log_lines;
        self.files += other.files;
        self.bytes += other.bytes;
    }
}

/// Writes a rehearsal into a folder, which is made if it is not there and must be empty if it is.
///
/// The folder then holds `AWSLogs/` (CloudTrail of all accounts, a flow log, GuardDuty findings), `s3-access-logs/`,
/// `truth.json` and `README.txt`. The same plan gives the same bytes.
pub fn write(plan: Plan, out_folder: impl AsRef<Path>) -> Result<Summary, RehearseError> {
    let out = out_folder.as_ref();
    if plan.events < LEAST_EVENTS {
        return Err(RehearseError::TooFew { events: plan.events, least: LEAST_EVENTS });
    }
    claim(out)?;
    let org = Organisation::of(plan.seed);
    let story = story(&org, &plan);
    let fortnight = Fortnight::new(&org, &plan, &story);
    let mut summary = fortnight.write(out)?;
    let mut extra = findings(&org, &plan, &story.lineup, out)?;
    extra.bytes += write_truth(&story, out)?;
    extra.bytes += write_plain(&out.join("README.txt"), readme(&org, &plan).as_bytes())?;
    extra.files += 2;
    summary.add(&extra);
    summary.intruder_events = story.truth.intruder_events;
    Ok(summary)
}

fn claim(out: &Path) -> Result<(), RehearseError> {
    let fail = |source| RehearseError::Write { path: out.to_owned(), source };
    fs::create_dir_all(out).map_err(fail)?;
    let mut inside =
        fs::read_dir(out).map_err(|source| RehearseError::Read { path: out.to_owned(), source })?;
    if inside.next().is_some() { Err(RehearseError::NotEmpty(out.to_owned())) } else { Ok(()) }
}

/// Everybody's work, ready to be written day by day.
struct Fortnight<'a> {
    org: &'a Organisation,
    plan: &'a Plan,
    story: &'a Story,
    schedules: Vec<Schedule>,
    chores: Vec<Line>,
}

impl<'a> Fortnight<'a> {
    fn new(org: &'a Organisation, plan: &'a Plan, story: &'a Story) -> Self {
        let seen: u64 =
            story.hauls.iter().filter(|haul| haul.is_seen_by_trail()).map(|haul| haul.reads).sum();
        let innocent = plan.events.saturating_sub(story.lines.len() as u64 + seen);
        let clock = crate::intrusion::Clock::of(org);
        let chores = chores(org, innocent, clock.breach, clock.task);
        let schedules = schedules(org, innocent.saturating_sub(chores.len() as u64));
        Self { org, plan, story, schedules, chores }
    }

    fn is_woven(&self) -> bool {
        self.plan.intrusion == Intrusion::Woven
    }

    /// Writes all days, on several threads: a day's files depend on that day alone.
    fn write(&self, out: &Path) -> Result<Summary, RehearseError> {
        let next = AtomicU64::new(0);
        let work = || {
            let mut summary = Summary::default();
            loop {
                let day = next.fetch_add(1, Ordering::Relaxed);
                if day >= DAYS {
                    return Ok(summary);
                }
                summary.add(&self.day(day, out)?);
            }
        };
        let done: Vec<Result<Summary, RehearseError>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap_or(Err(RehearseError::Thread))).collect()
        });
        let mut summary = Summary::default();
        for part in done {
            summary.add(&part?);
        }
        Ok(summary)
    }

    fn day(&self, day: u64, out: &Path) -> Result<Summary, RehearseError> {
        let stretch = stretch(self.plan.events);
        let dark = self.is_woven().then_some(self.story.dark);
        let mut sink = Sink::new(self.org, out, stretch, dark);
        for tick in day * TICKS_PER_DAY..(day + 1) * TICKS_PER_DAY {
            for schedule in &self.schedules {
                schedule.act(self.org, tick, &mut sink);
            }
            tell(&self.chores, tick, &mut sink);
            if self.is_woven() {
                tell(&self.story.lines, tick, &mut sink);
                for haul in &self.story.hauls {
                    haul.act(self.org, tick, &mut sink);
                }
            }
            sink.end_of_tick(tick);
        }
        let (events, files, bytes) = sink.finish()?;
        let mut summary = Summary { events, files, bytes, ..Summary::default() };
        summary.add(&write_side_logs(self.org, self.plan, self.story, day, stretch, out)?);
        Ok(summary)
    }
}

/// Delivers the written events of a tick.
fn tell(lines: &[Line], tick: u64, sink: &mut Sink<'_>) {
    let first = |tick: u64| lines.partition_point(|line| line.at < tick * TICK as Moment);
    for line in &lines[first(tick)..first(tick + 1)] {
        sink.json(line.account, line.region, line.at, &line.json);
    }
}

/// Divides the events over the actors; the filler takes what is left over.
fn schedules(org: &Organisation, events: u64) -> Vec<Schedule> {
    let mut actors = services(org);
    actors.extend(people(org));
    actors.extend(pipelines(org));
    let shares: u64 = actors.iter().map(|actor| actor.share).sum();
    let total = |actor: &Actor| (u128::from(events) * u128::from(actor.share) / u128::from(shares)) as u64;
    let mut others = actors.split_off(1);
    let mut schedules: Vec<Schedule> = Vec::with_capacity(others.len() + 1);
    for actor in others.drain(..) {
        let total = total(&actor);
        schedules.push(Schedule::new(org, actor, total));
    }
    let given: u64 = schedules.iter().map(Schedule::sum).sum();
    for filler in actors {
        schedules.insert(0, Schedule::new(org, filler, events.saturating_sub(given)));
    }
    schedules
}

fn write_truth(story: &Story, out: &Path) -> Result<u64, RehearseError> {
    let path = out.join("truth.json");
    let mut json = serde_json::to_string_pretty(&story.truth)
        .map_err(|source| RehearseError::NotATruth { path: path.clone(), source })?;
    json.push('\n');
    write_plain(&path, json.as_bytes())
}

fn readme(org: &Organisation, plan: &Plan) -> String {
    let accounts: Vec<String> =
        org.accounts.iter().map(|account| format!("  {}  {}", account.id, account.name)).collect();
    let intrusion = match plan.intrusion {
        Intrusion::Woven => {
            "An intrusion is woven in; truth.json says what it did. Do not read it before you have looked."
        }
        Intrusion::Absent => "There is no intrusion in them.",
    };
    format!(
        "THIS IS SYNTHETIC. Nothing of it happened: no account, person, address or key in it is real.\n\n\
         The logs of an organisation from 2026-03-14 to 2026-03-28, as AWS delivers them, generated from\n\
         seed {} with {} CloudTrail events. {intrusion}\n\n\
         AWSLogs/{}/ACCOUNT/CloudTrail/   CloudTrail of all accounts and regions\n\
         AWSLogs/ACCOUNT/vpcflowlogs/          flow log of the web hosting network\n\
         AWSLogs/ACCOUNT/GuardDuty/            findings\n\
         s3-access-logs/BUCKET/                server access logs of some buckets\n\n\
         Accounts of {}:\n{}\n",
        plan.seed,
        plan.events,
        org.id,
        org.id,
        accounts.join("\n"),
    )
}
