//! The one who writes.

use std::path::Path;

use jiff::Timestamp;
use rusqlite::{Connection, TransactionBehavior};

use super::head::HeadFile;
use super::lock::WriterLock;
use super::log::{Act, Author, Content, Deed};
use super::manifest::Entered;
use super::{Case, CaseError, Head, answers, connection, derived, folder, log, manifest, schema};
use crate::{Answer, Evidence};

/// A case, open for writing: the only one at a time, until it is dropped.
///
/// Every method that records returns when what it recorded is on disk; see the module's documentation.
#[derive(Debug)]
pub struct CaseWriter {
    // Dropped in this order: the database is closed before the lock is given up.
    case: Case,
    author: Author,
    head: Head,
    head_is_on_disk: bool,
    _lock: WriterLock,
}

/// What a recording did: the words for the log, or nothing that is worth an entry.
type Recorded = Result<Option<String>, CaseError>;

impl Case {
    /// Makes a case in a folder that does not exist, is empty, or holds a case that was never finished.
    pub fn create(folder: &Path, author: Author, when: Timestamp) -> Result<CaseWriter, CaseError> {
        let folder = folder::make(folder)?;
        let lock = WriterLock::take(&folder, &author, when)?;
        folder::make_database(&folder)?;
        let folder = folder::find(&folder)?;
        let path = folder.join(folder::DATABASE);
        let mut connection = connection::for_writing(&folder)?;
        if schema::format(&connection, &path)?.is_some() {
            return Err(CaseError::AlreadyACase(folder));
        }
        let act = Act { author: &author, when, deed: Deed::Created, detail: String::from("the case") };
        let head = begin(&mut connection, act).map_err(CaseError::database(&path))?;
        folder::sync(&folder).map_err(CaseError::io(&folder))?;
        // A confined process may see the case folder only; then whoever made the folder answers for its name.
        let _ = folder.parent().map(folder::sync);
        head.write(&folder)?;
        let case = Self { folder, connection };
        Ok(CaseWriter { case, author, head, head_is_on_disk: true, _lock: lock })
    }

    /// Opens the case in a folder for writing, and brings it to the newest format.
    ///
    /// Fails at once with [`CaseError::Locked`] if somebody else is writing.
    pub fn open_for_writing(folder: &Path, author: Author, when: Timestamp) -> Result<CaseWriter, CaseError> {
        let mut writer = CaseWriter::open_unsettled(folder, author, when)?;
        if let Some(why) = writer.mend_head()? {
            return Err(CaseError::HeadDisagrees { folder: writer.case.folder, why });
        }
        Ok(writer)
    }

    /// Opens the case in a folder for writing, or makes one where there is none.
    pub fn open_or_create(folder: &Path, author: Author, when: Timestamp) -> Result<CaseWriter, CaseError> {
        match Self::open_for_writing(folder, author.clone(), when) {
            Err(CaseError::Missing(_) | CaseError::NoCase(_) | CaseError::Unfinished(_)) => {}
            opened => return opened,
        }
        match Self::create(folder, author.clone(), when) {
            // Somebody else made it in between, and is done.
            Err(CaseError::AlreadyACase(_)) => Self::open_for_writing(folder, author, when),
            created => created,
        }
    }

    /// Opens a case whose log and `case.head` disagree, takes the log as it is, and logs how they disagreed.
    pub fn reseal(folder: &Path, author: Author, when: Timestamp) -> Result<CaseWriter, CaseError> {
        let mut writer = CaseWriter::open_unsettled(folder, author, when)?;
        if let Some(why) = writer.mend_head()? {
            writer.commit(when, Deed::Resealed, |_, _, _| Ok(Some(why)))?;
        }
        Ok(writer)
    }
}

impl CaseWriter {
    /// The case, for reading.
    pub fn case(&self) -> &Case {
        &self.case
    }

    /// Where the log ends.
    pub fn head(&self) -> Head {
        self.head
    }

    /// Enters evidence into the manifest. What it holds already, from the same source, is left as it is.
    ///
    /// The number of the log's entry; `None` if nothing was new.
    pub fn record_evidence(
        &mut self,
        evidence: &[Evidence],
        when: Timestamp,
    ) -> Result<Option<u64>, CaseError> {
        let path = self.case.database();
        self.commit(when, Deed::Evidence, |connection, entry, content| {
            enter(connection, &path, evidence, entry, content)?;
            Ok((content.rows > 0).then(|| format!("{} new in the manifest", content.rows)))
        })
    }

    /// Stores an answer as the current one of its command, and enters what it read into the manifest.
    ///
    /// The number of the log's entry, by which [`Case::answer_at`] finds the answer when it is superseded.
    pub fn record_answer(&mut self, answer: &Answer, when: Timestamp) -> Result<u64, CaseError> {
        let path = self.case.database();
        let json = serde_json::to_string(answer).map_err(CaseError::Unwritable)?;
        // Derived from what is stored, as `verify` will do: what cannot be read again is not acknowledged.
        let stored: Answer = serde_json::from_str(&json).map_err(CaseError::Unwritable)?;
        let read = evidence_read(answer, when);
        let recorded = self.commit(when, Deed::Answer, |connection, entry, content| {
            enter(connection, &path, &read, entry, content)?;
            let mut store = || {
                let superseded = answers::current_entry(connection, answer.command)?;
                answers::insert(connection, answer.command, &json, entry, content)?;
                derived::replace(connection, superseded, entry, &stored)
            };
            store().map_err(CaseError::database(&path))?;
            Ok(Some(describe(answer)))
        })?;
        Ok(recorded.unwrap_or(self.head.entries))
    }

    /// Notes something that was done elsewhere: a step applied, a report sent.
    ///
    /// The number of the log's entry.
    pub fn record_note(&mut self, note: &str, when: Timestamp) -> Result<u64, CaseError> {
        let recorded = self.commit(when, Deed::Note, |_, _, _| Ok(Some(note.to_owned())))?;
        Ok(recorded.unwrap_or(self.head.entries))
    }

    fn open_unsettled(folder: &Path, author: Author, when: Timestamp) -> Result<Self, CaseError> {
        let folder = folder::find(folder)?;
        let lock = WriterLock::take(&folder, &author, when)?;
        let path = folder.join(folder::DATABASE);
        let database = CaseError::database(&path);
        let mut connection = connection::for_writing(&folder)?;
        let Some(format) = schema::format(&connection, &path)? else {
            return Err(CaseError::Unfinished(folder));
        };
        schema::check(&connection, &path, format, schema::MIGRATIONS)?;
        connection::make_durable(&connection).map_err(&database)?;
        migrate(&mut connection, format).map_err(&database)?;
        let Some(head) = log::head(&connection).map_err(&database)? else {
            let why = String::from("the log is empty");
            return Err(CaseError::HeadDisagrees { folder, why });
        };
        let case = Case { folder, connection };
        Ok(Self { case, author, head, head_is_on_disk: true, _lock: lock })
    }

    /// Brings a head up to date that a killed writer left behind; says how it disagrees if it was not that.
    fn mend_head(&mut self) -> Result<Option<String>, CaseError> {
        match HeadState::of(&self.case, self.head)? {
            HeadState::Agrees => {}
            HeadState::Lags => {
                self.head_is_on_disk = false;
                self.catch_up()?;
            }
            HeadState::Disagrees(why) => return Ok(Some(why)),
        }
        Ok(None)
    }

    /// One transaction with its one entry, then the head. `record` gives the words for the log.
    fn commit(
        &mut self,
        when: Timestamp,
        deed: Deed,
        record: impl FnOnce(&Connection, u64, &mut Content) -> Recorded,
    ) -> Result<Option<u64>, CaseError> {
        self.catch_up()?;
        let path = self.case.database();
        let database = CaseError::database(&path);
        let transaction = self
            .case
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(&database)?;
        let mut content = Content::new();
        let Some(detail) = record(&transaction, self.head.entries + 1, &mut content)? else {
            return Ok(None);
        };
        let act = Act { author: &self.author, when, deed, detail };
        let head = log::append(&transaction, Some(self.head), act, content).map_err(&database)?;
        transaction.commit().map_err(&database)?;
        self.head = head;
        self.head_is_on_disk = false;
        self.catch_up()?;
        connection::settle(&self.case.connection);
        Ok(Some(head.entries))
    }

    /// Writes the head where it is behind: nothing more is recorded before that has worked.
    fn catch_up(&mut self) -> Result<(), CaseError> {
        if self.head_is_on_disk {
            return Ok(());
        }
        self.head.write(&self.case.folder)?;
        self.head_is_on_disk = true;
        Ok(())
    }
}

/// How `case.head` stands to the log of a case that nobody else writes to.
enum HeadState {
    Agrees,
    Lags,
    Disagrees(String),
}

impl HeadState {
    fn of(case: &Case, log: Head) -> Result<Self, CaseError> {
        let head = match HeadFile::read(&case.folder) {
            HeadFile::Says(head) => head,
            // Killed while the case was made.
            HeadFile::Missing if log.entries == 1 => return Ok(Self::Lags),
            HeadFile::Missing => return Ok(Self::Disagrees(String::from("`case.head` is missing"))),
            HeadFile::Unreadable(why) => {
                return Ok(Self::Disagrees(format!("`case.head` cannot be read: {why}")));
            }
        };
        if head == log {
            return Ok(Self::Agrees);
        }
        let there = case.read(|connection| log::hash_of(connection, head.entries))?;
        if there == Some(head.hash) && head.entries.checked_add(1) == Some(log.entries) {
            return Ok(Self::Lags);
        }
        Ok(Self::Disagrees(format!(
            "the log ends with entry {} ({}), the head says entry {} ({})",
            log.entries, log.hash, head.entries, head.hash
        )))
    }
}

fn begin(connection: &mut Connection, act: Act<'_>) -> rusqlite::Result<Head> {
    connection::make_durable(connection)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    schema::migrate(&transaction, 0, schema::MIGRATIONS)?;
    let head = log::append(&transaction, None, act, Content::new())?;
    transaction.commit()?;
    connection::settle(connection);
    Ok(head)
}

fn migrate(connection: &mut Connection, from: i64) -> rusqlite::Result<()> {
    if usize::try_from(from) == Ok(schema::MIGRATIONS.len()) {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    schema::migrate(&transaction, from, schema::MIGRATIONS)?;
    transaction.commit()
}

fn enter(
    connection: &Connection,
    path: &Path,
    evidence: &[Evidence],
    entry: u64,
    content: &mut Content,
) -> Result<(), CaseError> {
    if let Some(piece) = evidence.iter().find(|piece| i64::try_from(piece.size).is_err()) {
        return Err(CaseError::TooLarge { what: "the size of a piece of evidence", value: piece.size });
    }
    match manifest::enter(connection, evidence, entry, content).map_err(CaseError::database(path))? {
        Entered::Rows => Ok(()),
        Entered::Contradicts { id, found, known } => Err(CaseError::SizeContradicts { id, found, known }),
    }
}

fn evidence_read(answer: &Answer, when: Timestamp) -> Vec<Evidence> {
    let evidence = |read: &crate::ReadSource| Evidence {
        id: read.evidence,
        size: read.bytes,
        kind: read.kind.clone(),
        source: read.path.clone(),
        when,
    };
    answer.coverage.read.iter().map(evidence).collect()
}

fn describe(answer: &Answer) -> String {
    let [findings, links] = [answer.findings.len(), answer.links.len()];
    format!("{}: findings {findings}, links {links}", answer.command.as_str())
}
