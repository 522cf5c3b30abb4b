//! Files as CloudTrail delivers them to S3.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::{Compression, GzBuilder};

use crate::RehearseError;
use crate::calendar::{Moment, START, TICK, TICKS_PER_DAY, compact, parts};
use crate::event::Event;
use crate::organisation::{Organisation, region};
use crate::rng::{ALNUM, Rng, word};

/// A file is closed when it holds this much JSON.
const FULL: usize = 1 << 20;

/// Four texts that are used again for each event.
pub(crate) type Scratch = (String, String, String, String);

/// Takes the events of a day and writes the day's log files, one per account, region and stretch of time.
pub(crate) struct Sink<'a> {
    org: &'a Organisation,
    out: &'a Path,
    /// How many ticks a file covers.
    stretch: u64,
    /// Where and when nothing is delivered.
    dark: Option<(Moment, Moment)>,
    buffers: Vec<String>,
    parts: Vec<u64>,
    scratch: Scratch,
    /// How many events were delivered.
    pub(crate) events: u64,
    /// How many files were written.
    pub(crate) files: u64,
    /// How many bytes they have.
    pub(crate) bytes: u64,
    failed: Option<RehearseError>,
}

/// How many ticks a file covers, by how many events there are in all: a day, down to a quarter of an hour.
pub(crate) const fn stretch(events: u64) -> u64 {
    match events {
        0..40_000 => TICKS_PER_DAY,
        40_000..300_000 => 24,
        300_000..3_000_000 => 4,
        _ => 1,
    }
}

impl<'a> Sink<'a> {
    /// A sink for one day.
    pub(crate) fn new(
        org: &'a Organisation,
        out: &'a Path,
        stretch: u64,
        dark: Option<(Moment, Moment)>,
    ) -> Self {
        let count = org.accounts.len() * region::COUNT;
        Self {
            org,
            out,
            stretch,
            dark,
            buffers: vec![String::new(); count],
            parts: vec![0; count],
            scratch: Scratch::default(),
            events: 0,
            files: 0,
            bytes: 0,
            failed: None,
        }
    }

    /// Four empty texts; [`Sink::give_back`] returns them.
    pub(crate) fn scratch(&mut self) -> Scratch {
        let mut texts = std::mem::take(&mut self.scratch);
        for text in [&mut texts.0, &mut texts.1, &mut texts.2, &mut texts.3] {
            text.clear();
        }
        texts
    }

    /// Keeps the texts for the next event.
    pub(crate) fn give_back(&mut self, texts: Scratch) {
        self.scratch = texts;
    }

    fn is_dark(&self, region: usize, at: Moment) -> bool {
        region == region::DARK && self.dark.is_some_and(|(from, until)| from < at && at < until)
    }

    /// Delivers an event to the log of an account and region.
    pub(crate) fn event(&mut self, account: usize, region: usize, event: &Event<'_>, rng: &mut Rng) {
        if self.is_dark(region, event.at) {
            // It is drawn all the same: what its author does next must not depend on whether a log told it.
            event.write(rng, &mut String::new());
            return;
        }
        let slot = account * region::COUNT + region;
        let buffer = &mut self.buffers[slot];
        buffer.push_str(if buffer.is_empty() { "{\"Records\":[" } else { "," });
        event.write(rng, buffer);
        self.delivered(slot, event.at);
    }

    /// Delivers an event that is already JSON.
    pub(crate) fn json(&mut self, account: usize, region: usize, at: Moment, json: &str) {
        if self.is_dark(region, at) {
            return;
        }
        let slot = account * region::COUNT + region;
        let buffer = &mut self.buffers[slot];
        buffer.push_str(if buffer.is_empty() { "{\"Records\":[" } else { "," });
        buffer.push_str(json);
        self.delivered(slot, at);
    }

    fn delivered(&mut self, slot: usize, at: Moment) {
        self.events += 1;
        if self.buffers[slot].len() > FULL {
            self.close(slot, at / TICK);
        }
    }

    /// Ends a tick: closes all files if a stretch ends with it.
    pub(crate) fn end_of_tick(&mut self, tick: u64) {
        if !(tick + 1).is_multiple_of(self.stretch) {
            return;
        }
        for slot in 0..self.buffers.len() {
            self.close(slot, tick);
            self.parts[slot] = 0;
        }
    }

    /// How it went.
    pub(crate) fn finish(self) -> Result<(u64, u64, u64), RehearseError> {
        match self.failed {
            Some(error) => Err(error),
            None => Ok((self.events, self.files, self.bytes)),
        }
    }

    fn close(&mut self, slot: usize, tick: u64) {
        if self.buffers[slot].is_empty() || self.failed.is_some() {
            self.buffers[slot].clear();
            return;
        }
        let (account, region) = (slot / region::COUNT, slot % region::COUNT);
        let begins = tick / self.stretch * self.stretch * TICK;
        let path = self.out.join(log_path(self.org, account, region, begins, self.stretch, self.parts[slot]));
        self.parts[slot] += 1;
        self.buffers[slot].push_str("]}");
        match write_gzip(&path, self.buffers[slot].as_bytes()) {
            Ok(bytes) => {
                self.files += 1;
                self.bytes += bytes;
            }
            Err(error) => self.failed = Some(error),
        }
        self.buffers[slot].clear();
    }
}

fn log_path(
    org: &Organisation,
    account: usize,
    region: usize,
    begins: Moment,
    stretch: u64,
    part: u64,
) -> PathBuf {
    let (day, ..) = parts(begins);
    let (id, region) = (org.account(account), org.regions[region]);
    // A file is named for the moment of delivery, five minutes into the stretch or at the end of a short one.
    let named = compact(begins + stretch.min(2) * TICK - 600);
    let unique = org.rng(&[word("file"), account as u64, word(region), begins, part]).text(16, ALNUM);
    PathBuf::from(format!(
        "AWSLogs/{}/{id}/CloudTrail/{region}/2026/03/{day:02}/{id}_CloudTrail_{region}_{named}_{unique}.json.gz",
        org.id
    ))
}

/// Writes a file compressed, with its folders; returns its size. The header carries no time.
pub(crate) fn write_gzip(path: &Path, content: &[u8]) -> Result<u64, RehearseError> {
    let fail = |source| RehearseError::Write { path: path.to_owned(), source };
    let mut encoder =
        GzBuilder::new().mtime(0).write(Vec::with_capacity(content.len() / 6), Compression::new(1));
    encoder.write_all(content).map_err(fail)?;
    let packed = encoder.finish().map_err(fail)?;
    write_plain(path, &packed)
}

/// Writes a file as it is, with its folders; returns its size.
pub(crate) fn write_plain(path: &Path, content: &[u8]) -> Result<u64, RehearseError> {
    let fail = |source| RehearseError::Write { path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(fail)?;
    }
    let mut file = BufWriter::new(File::create(path).map_err(fail)?);
    file.write_all(content).map_err(fail)?;
    file.flush().map_err(fail)?;
    Ok(content.len() as u64)
}

/// Unix seconds of a moment, as flow logs write times.
pub(crate) const fn unix(at: Moment) -> u64 {
    START + at
}
