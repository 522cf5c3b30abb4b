//! The proof that nothing was altered.

use std::collections::BTreeSet;

use rusqlite::Connection;

use super::error::Inert;
use super::head::HeadFile;
use super::log::{Content, LogEntry, unsigned};
use super::{Case, CaseError, Deed, Head, LogHash, answers, derived, log, manifest};
use crate::{Answer, Citation, EvidenceId};

/// What [`Case::verify`] found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verification {
    /// How many entries of the log were checked.
    pub entries: u64,
    /// How many rows of the evidence manifest the log vouches for.
    pub evidence: u64,
    /// How many answers the log vouches for.
    pub answers: u64,
    /// Where the log ends: print the hash, so that it can be noted elsewhere.
    pub head: Option<Head>,
    /// What was altered, added, removed or damaged; empty if nothing was.
    pub problems: Vec<Problem>,
    /// What is worth knowing and is no sign of tampering.
    pub notes: Vec<Note>,
}

impl Verification {
    /// Whether nothing was altered, as far as can be told.
    pub fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }
}

/// A sign that a case was altered or damaged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// `SQLite` finds the file itself damaged.
    #[error("case.db is damaged: {}", Inert(.0))]
    Damaged(String),
    /// Something cannot be read as what it should be.
    #[error("{what} cannot be read: {}", Inert(.why))]
    Unreadable {
        /// What: an entry, an answer, a table.
        what: String,
        /// What is wrong.
        why: String,
    },
    /// The log has no entries.
    #[error("the log is empty")]
    NoLog,
    /// Entries are missing from the middle or the start of the log.
    #[error("log: entries {from} to {to} are missing")]
    MissingEntries {
        /// The first that is missing.
        from: u64,
        /// The last that is missing.
        to: u64,
    },
    /// The log does not start with the making of the case, or has it later too.
    #[error("log: entry {seq} says `{}`, but the case is made by entry 1 and no other", .deed.as_str())]
    Misplaced {
        /// The entry.
        seq: u64,
        /// What it says it did.
        deed: Deed,
    },
    /// An entry's fields do not have the hash that it carries.
    #[error("log: entry {seq} was altered")]
    AlteredEntry {
        /// The entry.
        seq: u64,
    },
    /// An entry does not follow from the one before it.
    #[error("log: entry {seq} does not follow from the entry before it")]
    BrokenChain {
        /// The entry.
        seq: u64,
    },
    /// Rows that an entry wrote are gone, or rows were added in its name.
    #[error("entry {seq} wrote {logged} rows of evidence and answers, {stored} are there")]
    RowsDiffer {
        /// The entry.
        seq: u64,
        /// How many it wrote.
        logged: u64,
        /// How many are there.
        stored: u64,
    },
    /// A row that an entry wrote is not what was written.
    #[error("entry {seq} ({}): what it wrote into the {} was altered", .deed.as_str(), .tables)]
    AlteredContent {
        /// The entry.
        seq: u64,
        /// What it did.
        deed: Deed,
        /// The tables that it wrote to.
        tables: &'static str,
    },
    /// Rows name an entry that the log does not have.
    #[error("{table}: {rows} rows were not written by any entry of the log")]
    Orphans {
        /// The table.
        table: &'static str,
        /// How many.
        rows: u64,
    },
    /// A derived table does not say what its answer says.
    #[error("{table}: {rows} rows differ from the answer of entry {answer}, the first at place {first}")]
    Underived {
        /// The table.
        table: &'static str,
        /// The entry that wrote the answer.
        answer: u64,
        /// How many rows are altered, missing or added.
        rows: u64,
        /// The place of the first of them.
        first: i64,
    },
    /// A derived table has rows of an answer that is not there or not current.
    #[error("{table}: it has rows of answer {answer}, which is not a current one")]
    Stray {
        /// The table.
        table: &'static str,
        /// The answer that they name.
        answer: i64,
    },
    /// `case.head` is missing or unreadable.
    #[error("case.head cannot be read: {}", Inert(.0))]
    NoHead(String),
    /// Entries were removed from the end of the log.
    #[error(
        "log: it ends with entry {found}, but case.head knows entry {known}: the last entries were removed"
    )]
    Truncated {
        /// The last entry there is.
        found: u64,
        /// The last entry that the head knows.
        known: u64,
    },
    /// The log is further from `case.head` than a killed writer can leave it.
    #[error(
        "log: it ends with entry {found}, but case.head knows only {known}: the head was put back, or entries were added"
    )]
    HeadBehind {
        /// The last entry there is.
        found: u64,
        /// The last entry that the head knows.
        known: u64,
    },
    /// The log holds another entry than `case.head` knows.
    #[error("log: entry {seq} is not the one that case.head knows: the chain was rewritten")]
    HeadMismatch {
        /// The entry.
        seq: u64,
    },
    /// A hash that was noted elsewhere is not in the log.
    #[error(
        "log: no entry has the hash {0} that was noted: this is not the log that was noted, or its end is missing"
    )]
    NotedHashAbsent(LogHash),
}

/// Something worth knowing that is no sign of tampering.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Note {
    /// A writer was killed between its commit and writing the head; the next writer mends it.
    #[error("case.head is one entry behind, as a killed writer leaves it; it does not vouch for entry {0}")]
    HeadLags(u64),
    /// An answer cites evidence that the manifest does not have.
    #[error(
        "the answer of entry {answer} cites {count} pieces of evidence that are not in the manifest, {first} first"
    )]
    Unlisted {
        /// The entry that wrote the answer.
        answer: u64,
        /// How many pieces.
        count: u64,
        /// One of them.
        first: EvidenceId,
    },
}

impl Case {
    /// Proves that nothing was altered, as far as that can be proved; see the module's documentation.
    ///
    /// `noted` are heads of this case's log that were noted elsewhere, at whatever time: each must be in the log.
    /// An altered case is no error but a list of problems; an error means that the check itself could not be made.
    pub fn verify(&self, noted: &[LogHash]) -> Result<Verification, CaseError> {
        let before = HeadFile::read(self.folder());
        self.snapshot(|connection| {
            let mut check = Check { connection, done: Verification::default(), hashes: Vec::new() };
            check.file();
            check.section("the log", Check::log);
            check.section("the manifest", Check::orphans);
            check.section("the answers", Check::answers);
            // Read again within the snapshot: a writer may have been at work since.
            check.head(&before, &HeadFile::read(self.folder()));
            check.noted(noted);
            Ok(check.done)
        })
    }
}

struct Check<'a> {
    connection: &'a Connection,
    done: Verification,
    /// The hashes of the entries that could be read.
    hashes: Vec<Head>,
}

impl Check<'_> {
    fn problem(&mut self, problem: Problem) {
        self.done.problems.push(problem);
    }

    /// Runs a part of the check; where the database cannot be read, that is what it found.
    fn section(&mut self, what: &str, part: fn(&mut Self) -> rusqlite::Result<()>) {
        if let Err(error) = part(self) {
            self.problem(Problem::Unreadable { what: what.to_owned(), why: error.to_string() });
        }
    }

    fn file(&mut self) {
        let mut lines = Vec::new();
        let look = |row: &rusqlite::Row<'_>| row.get::<_, String>(0).map(|line| lines.push(line));
        let looked = self.connection.pragma_query(None, "integrity_check", look);
        lines.retain(|line| line != "ok");
        lines.extend(looked.err().map(|error| error.to_string()));
        self.done.problems.extend(lines.into_iter().map(Problem::Damaged));
    }

    fn log(&mut self) -> rusqlite::Result<()> {
        let connection = self.connection;
        let mut before = Head { entries: 0, hash: LogHash::NONE };
        log::each(connection, |entry| {
            before = match entry {
                Ok(entry) => self.entry(before, &entry)?,
                Err(error) => {
                    let seq = before.entries + 1;
                    self.problem(Problem::Unreadable {
                        what: format!("log: entry {seq}"),
                        why: error.to_string(),
                    });
                    Head { entries: seq, hash: LogHash::NONE }
                }
            };
            self.done.entries += 1;
            Ok(())
        })?;
        if self.done.entries == 0 {
            self.problem(Problem::NoLog);
        }
        self.done.head = self.hashes.last().copied();
        Ok(())
    }

    fn entry(&mut self, before: Head, entry: &LogEntry) -> rusqlite::Result<Head> {
        let seq = entry.seq;
        if seq > before.entries + 1 {
            self.problem(Problem::MissingEntries { from: before.entries + 1, to: seq - 1 });
        }
        if (seq == 1) != (entry.deed == Deed::Created) {
            self.problem(Problem::Misplaced { seq, deed: entry.deed });
        }
        if entry.previous != before.hash {
            self.problem(Problem::BrokenChain { seq });
        }
        if entry.computed_hash() != entry.hash {
            self.problem(Problem::AlteredEntry { seq });
        }
        self.content(entry)?;
        let head = Head { entries: seq, hash: entry.hash };
        self.hashes.push(head);
        Ok(head)
    }

    /// Takes the digest of what the entry wrote again, from the rows that are there.
    fn content(&mut self, entry: &LogEntry) -> rusqlite::Result<()> {
        let mut content = Content::new();
        manifest::digest(self.connection, entry.seq, &mut content)?;
        let evidence = content.rows;
        answers::digest(self.connection, entry.seq, &mut content)?;
        let answers = content.rows - evidence;
        if content.rows != entry.rows {
            let (logged, stored) = (entry.rows, content.rows);
            self.problem(Problem::RowsDiffer { seq: entry.seq, logged, stored });
            return Ok(());
        }
        if content.digest() != entry.content {
            let tables = match (evidence, answers) {
                (0, _) => "answers",
                (_, 0) => "evidence manifest",
                _ => "evidence manifest and the answers",
            };
            self.problem(Problem::AlteredContent { seq: entry.seq, deed: entry.deed, tables });
            return Ok(());
        }
        self.done.evidence += evidence;
        self.done.answers += answers;
        Ok(())
    }

    fn orphans(&mut self) -> rusqlite::Result<()> {
        for table in ["evidence", "answer"] {
            let sql = format!("SELECT count(*) FROM {table} WHERE entry NOT IN (SELECT seq FROM log)");
            let rows = self.connection.query_row(&sql, [], |row| unsigned(row, 0))?;
            if rows > 0 {
                self.problem(Problem::Orphans { table, rows });
            }
        }
        Ok(())
    }

    fn answers(&mut self) -> rusqlite::Result<()> {
        let current = answers::current_entries(self.connection)?;
        for table in derived::TABLES {
            let named = derived::answers_named(self.connection, table)?;
            let is_stray =
                |answer: &i64| !u64::try_from(*answer).is_ok_and(|answer| current.contains(&answer));
            for answer in named.into_iter().filter(is_stray) {
                self.problem(Problem::Stray { table: table.name, answer });
            }
        }
        for entry in current {
            self.answer(entry)?;
        }
        Ok(())
    }

    fn answer(&mut self, entry: u64) -> rusqlite::Result<()> {
        let json = answers::at(self.connection, entry)?.unwrap_or_default();
        let answer = match serde_json::from_str::<Answer>(&json) {
            Ok(answer) => answer,
            Err(error) => {
                let what = format!("the answer of entry {entry}");
                self.problem(Problem::Unreadable { what, why: error.to_string() });
                return Ok(());
            }
        };
        for table in derived::TABLES {
            let differing = derived::differences(self.connection, table, entry, &answer)?;
            if let Some(&first) = differing.first() {
                let rows = differing.len() as u64;
                self.problem(Problem::Underived { table: table.name, answer: entry, rows, first });
            }
        }
        self.citations(entry, &answer)
    }

    fn citations(&mut self, entry: u64, answer: &Answer) -> rusqlite::Result<()> {
        let found = answer.inventory.components.iter().flat_map(|component| &component.found);
        let cited = citations(answer).map(|citation| citation.evidence);
        let cited: BTreeSet<EvidenceId> = cited.chain(found.map(|found| found.evidence)).collect();
        let mut statement = self.connection.prepare("SELECT count(*) FROM evidence WHERE id = ?1")?;
        let mut unlisted = Vec::new();
        for id in cited {
            if statement.query_row([id.as_bytes()], |row| unsigned(row, 0))? == 0 {
                unlisted.push(id);
            }
        }
        if let Some(&first) = unlisted.first() {
            self.done.notes.push(Note::Unlisted { answer: entry, count: unlisted.len() as u64, first });
        }
        Ok(())
    }

    /// The log must hold what the head knew before it was read, and be at most one entry ahead of what it knew after.
    fn head(&mut self, before: &HeadFile, after: &HeadFile) {
        let found = self.done.head.map_or(0, |head| head.entries);
        let (before, after) = match (before, after) {
            (HeadFile::Says(before), HeadFile::Says(after)) => (*before, *after),
            (HeadFile::Missing, _) | (_, HeadFile::Missing) if found == 1 => {
                self.done.notes.push(Note::HeadLags(found));
                return;
            }
            (HeadFile::Unreadable(why), _) | (_, HeadFile::Unreadable(why)) => {
                self.problem(Problem::NoHead(why.clone()));
                return;
            }
            _ => {
                self.problem(Problem::NoHead(String::from("it is missing")));
                return;
            }
        };
        if before.entries > found {
            self.problem(Problem::Truncated { found, known: before.entries });
            return;
        }
        if !self.hashes.contains(&before) {
            self.problem(Problem::HeadMismatch { seq: before.entries });
            return;
        }
        match found.saturating_sub(after.entries) {
            0 => {}
            1 => self.done.notes.push(Note::HeadLags(found)),
            _ => self.problem(Problem::HeadBehind { found, known: after.entries }),
        }
    }

    fn noted(&mut self, noted: &[LogHash]) {
        for hash in noted {
            if !self.hashes.iter().any(|head| head.hash == *hash) {
                self.problem(Problem::NotedHashAbsent(*hash));
            }
        }
    }
}

fn citations(answer: &Answer) -> impl Iterator<Item = &Citation> {
    let story = &answer.story;
    let claims = answer.findings.iter().map(|claim| &claim.citations);
    claims
        .chain(answer.links.iter().map(|claim| &claim.citations))
        .chain(story.credentials.iter().map(|claim| &claim.citations))
        .chain(story.timeline.iter().map(|claim| &claim.citations))
        .chain(story.reached.iter().map(|claim| &claim.citations))
        .chain(story.leftovers.iter().map(|claim| &claim.citations))
        .chain(story.volumes.iter().map(|claim| &claim.citations))
        .flatten()
}
