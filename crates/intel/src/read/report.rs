//! What an import read, and what it could not.

use schemars::JsonSchema;
use serde::Serialize;

use super::content::Format;
use super::limits::REPORT_LINES;

/// What an import read, and what it could not.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Report {
    /// What was taken in, by source.
    pub given: Vec<Given>,
    /// What was lost: files, entries, parts of records.
    pub unread: Vec<Unread>,
    /// How much more was lost than is listed.
    pub unread_unlisted: u64,
    /// What was kept although nothing can be concluded from it.
    pub doubts: Vec<Doubt>,
    /// How many more doubts there are than are listed.
    pub doubts_unlisted: u64,
    /// Files in folders that are nothing that is read here.
    pub passed_over: Vec<Unread>,
    /// How many more there are than are listed.
    pub passed_over_unlisted: u64,
}

/// A source that was taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Given {
    /// Its name.
    pub source: String,
    /// What it is.
    pub format: Format,
    /// How many records it gave, withdrawn ones among them.
    pub records: u64,
    /// How many of them are withdrawn.
    pub withdrawn: u64,
    /// How many were left out, since another of their id in the same source is newer.
    pub repeated: u64,
}

/// Something that was lost or passed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Unread {
    /// The file, and the entry in it, and the part of that.
    pub path: String,
    /// Why.
    pub why: String,
}

/// A part of a record from which nothing can be concluded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Doubt {
    /// The record.
    pub id: String,
    /// The part of it.
    pub at: String,
    /// What is wrong with it.
    pub what: String,
}

impl Report {
    /// Whether anything was lost.
    pub fn is_incomplete(&self) -> bool {
        !self.unread.is_empty()
    }

    pub(super) fn lose(&mut self, path: impl Into<String>, why: impl Into<String>) {
        let line = Unread { path: path.into(), why: why.into() };
        push(&mut self.unread, &mut self.unread_unlisted, line);
    }

    pub(super) fn pass_over(&mut self, path: impl Into<String>, why: impl Into<String>) {
        let line = Unread { path: path.into(), why: why.into() };
        push(&mut self.passed_over, &mut self.passed_over_unlisted, line);
    }

    pub(super) fn doubt(&mut self, doubt: Doubt) {
        push(&mut self.doubts, &mut self.doubts_unlisted, doubt);
    }
}

fn push<T>(lines: &mut Vec<T>, unlisted: &mut u64, line: T) {
    if lines.len() < REPORT_LINES {
        lines.push(line);
    } else {
        *unlisted += 1;
    }
}
