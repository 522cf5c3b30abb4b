//! From what was gathered to a new file. Everything is written in the order of its keys, so that equal content gives
//! equal bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rusqlite::{Connection, params};

use super::block::Blocks;
use super::build::Pending;
use super::gists::{Gathering, encoded};
use super::key::{GIT, ecosystem_key, family, name_key};
use super::open::Standing;
use super::pack::pack;
use super::stage::{Gathered, Stage};
use super::status::{Catalogue, Counts, EcosystemStatus, SourceStatus, Status};
use super::{DatabaseError, layout};
use crate::advisory::{Advisory, Affected, AffectedRange, Class, Package, RangeType};
use crate::observable::{Mention, Observable};
use crate::version::Ecosystem;

/// About how much stands in a block of records before it is deflated.
const RECORDS: usize = 64 << 10;

/// What has no number yet.
const UNNUMBERED: i64 = -1;

/// Writes a new file. It is not synced.
pub(super) fn publish(
    stage: &Stage,
    path: &Path,
    sources: BTreeMap<String, Pending>,
    kev: Option<Catalogue>,
    epss: Option<Catalogue>,
) -> Result<Status, DatabaseError> {
    let into = layout::create(path)?;
    let failed = DatabaseError::sqlite(path);
    into.execute_batch("BEGIN").map_err(failed)?;
    let sources: Vec<SourceStatus> =
        sources.into_iter().map(|(name, pending)| empty(name, pending)).collect();
    let status = Status { sources, kev, epss, ..Status::default() };
    let mut writer = Writer {
        stage,
        path,
        into: &into,
        next: 0,
        gists: Gathering::default(),
        numbers: Vec::new(),
        status,
    };
    writer.records()?;
    writer.packages()?;
    writer.gists_left()?;
    writer.names_of_gists()?;
    writer.observables()?;
    writer.copy("SELECT cve, entry FROM kev ORDER BY cve", "INSERT INTO kev VALUES (?1, ?2)", 2)?;
    let epss = "SELECT cve, score, percentile FROM epss ORDER BY cve";
    writer.copy(epss, "INSERT INTO epss VALUES (?1, ?2, ?3)", 3)?;
    let status = writer.status;
    let text = serde_json::to_string(&status).expect("it is made of texts and numbers");
    into.execute("INSERT INTO fact VALUES ('status', ?1)", [text]).map_err(failed)?;
    into.execute_batch("COMMIT").map_err(failed)?;
    into.close().map_err(|(_connection, error)| failed(error))?;
    Ok(status)
}

fn empty(name: String, pending: Pending) -> SourceStatus {
    SourceStatus {
        name,
        kind: pending.kind,
        sha256: pending.sha256,
        counts: Counts::default(),
        indicators: 0,
        superseded: 0,
        withdrawn: 0,
        ecosystems: pending.ecosystems.into_iter().collect(),
        newest: None,
    }
}

struct Writer<'w> {
    stage: &'w Stage,
    path: &'w Path,
    into: &'w Connection,
    /// The number of the next record.
    next: i64,
    gists: Gathering,
    /// The number of each record's gist.
    numbers: Vec<i64>,
    status: Status,
}

impl Writer<'_> {
    fn records(&mut self) -> Result<(), DatabaseError> {
        let failed = DatabaseError::sqlite(&self.stage.path);
        let mut select = self
            .stage
            .connection
            .prepare("SELECT id, source, modified, withdrawn, body FROM record ORDER BY id, source")
            .map_err(failed)?;
        let mut rows = select.query([]).map_err(failed)?;
        let mut blocks = Blocks::of(RECORDS);
        let mut of_one_id: Vec<Gathered> = Vec::new();
        while let Some(row) = rows.next().map_err(failed)? {
            let record = Gathered::read(row).map_err(failed)?;
            if of_one_id.first().is_some_and(|first| first.id != record.id) {
                self.same_id(&of_one_id, &mut blocks)?;
                of_one_id.clear();
            }
            of_one_id.push(record);
        }
        self.same_id(&of_one_id, &mut blocks)?;
        self.block("INSERT INTO block VALUES (?1, ?2)", blocks.finish())
    }

    /// Writes the records of one id, in the order of their sources.
    fn same_id(&mut self, records: &[Gathered], blocks: &mut Blocks) -> Result<(), DatabaseError> {
        // The last of the newest in reverse is the first of the newest.
        let counts = records.iter().enumerate().rev().max_by_key(|(_, record)| record.modified);
        let counts = counts.map(|(place, _)| place);
        for (place, record) in records.iter().enumerate() {
            let standing = match (counts == Some(place), record.withdrawn) {
                (true, false) => Standing::Current,
                (false, false) => Standing::Superseded,
                (true, true) => Standing::Withdrawn,
                (false, true) => Standing::WithdrawnSuperseded,
            };
            self.record(record, standing, blocks)?;
        }
        Ok(())
    }

    fn record(
        &mut self,
        record: &Gathered,
        standing: Standing,
        blocks: &mut Blocks,
    ) -> Result<(), DatabaseError> {
        let unread = |error| DatabaseError::Damaged(format!("{} cannot be read: {error}", record.id));
        let advisory: Advisory = serde_json::from_slice(&record.body).map_err(unread)?;
        let class = advisory.class();
        let source = self.count(record, &advisory, standing, class);
        let (spot, full) = blocks.push(&record.body);
        self.block("INSERT INTO block VALUES (?1, ?2)", full)?;
        let state = Standing::ALL.iter().position(|one| *one == standing).unwrap_or_default();
        self.insert(
            "INSERT INTO advisory VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![self.next, record.id, source, state, spot.block, spot.at, spot.len],
        )?;
        self.numbers.push(UNNUMBERED);
        if standing == Standing::Current {
            let gist = encoded(&advisory.gist());
            self.stage.insert("INSERT INTO gist VALUES (?1, ?2)", params![self.next, gist])?;
            self.names(&advisory)?;
            self.mentions(&advisory, &record.source)?;
            self.namings(&advisory)?;
        }
        self.next += 1;
        Ok(())
    }

    /// Counts a record, and says the number of its source.
    fn count(
        &mut self,
        record: &Gathered,
        advisory: &Advisory,
        standing: Standing,
        class: Class,
    ) -> Option<usize> {
        let number = self.status.sources.binary_search_by(|one| one.name.cmp(&record.source)).ok()?;
        let source = &mut self.status.sources[number];
        source.newest = source.newest.max(advisory.modified);
        match standing {
            Standing::Current => {
                for counts in [&mut source.counts, &mut self.status.counts] {
                    match class {
                        Class::Vulnerability => counts.vulnerabilities += 1,
                        Class::Malicious => counts.malicious += 1,
                        Class::Notice => counts.notices += 1,
                    }
                }
            }
            Standing::Superseded => source.superseded += 1,
            Standing::Withdrawn | Standing::WithdrawnSuperseded => source.withdrawn += 1,
        }
        Some(number)
    }

    fn names(&self, advisory: &Advisory) -> Result<(), DatabaseError> {
        for (kind, list) in [&advisory.aliases, &advisory.upstream, &advisory.related].into_iter().enumerate()
        {
            for name in list {
                self.stage.insert(
                    "INSERT OR IGNORE INTO name VALUES (?1, ?2, ?3)",
                    params![name, kind, self.next],
                )?;
            }
        }
        Ok(())
    }

    /// Notes what a malicious package shows.
    fn mentions(&self, advisory: &Advisory, source: &str) -> Result<(), DatabaseError> {
        for shown in &advisory.observables {
            let Some(observable) = Observable::new(shown.kind, &shown.value) else { continue };
            let mention = Mention {
                source: source.to_owned(),
                id: None,
                advisory: Some(advisory.id.to_string()),
                about: advisory.summary.to_string(),
                from: None,
                until: None,
                only_with_others: false,
            };
            self.stage.add_mention(&observable, &mention)?;
        }
        Ok(())
    }

    /// Writes who names each observable.
    fn observables(&mut self) -> Result<(), DatabaseError> {
        let failed = DatabaseError::sqlite(&self.stage.path);
        let mut select = self
            .stage
            .connection
            .prepare("SELECT kind, value, source, body FROM mention ORDER BY kind, value, source, body")
            .map_err(failed)?;
        let mut rows = select.query([]).map_err(failed)?;
        let mut of_one: Option<(String, String)> = None;
        let mut mentions: Vec<String> = Vec::new();
        loop {
            let row = rows.next().map_err(failed)?;
            let key: Option<(String, String)> =
                row.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose().map_err(failed)?;
            if let Some((kind, value)) = of_one.take_if(|before| Some(&*before) != key.as_ref()) {
                let all = format!("[{}]", std::mem::take(&mut mentions).join(","));
                self.status.observables += 1;
                self.insert("INSERT INTO observable VALUES (?1, ?2, ?3)", params![kind, value, all])?;
            }
            let (Some(row), Some(key)) = (row, key) else { return Ok(()) };
            of_one = Some(key);
            let source: String = row.get(2).map_err(failed)?;
            mentions.push(row.get(3).map_err(failed)?);
            if let Ok(number) = self.status.sources.binary_search_by(|one| one.name.cmp(&source)) {
                self.status.sources[number].indicators += 1;
            }
        }
    }

    /// Notes what the advisory says of each package and repository.
    fn namings(&self, advisory: &Advisory) -> Result<(), DatabaseError> {
        let of_commits = advisory.affected.iter().flat_map(of_repositories);
        for (place, affected) in advisory.affected.iter().cloned().chain(of_commits).enumerate() {
            self.naming(place, &affected)?;
        }
        Ok(())
    }

    fn naming(&self, place: usize, affected: &Affected) -> Result<(), DatabaseError> {
        let Some(package) = &affected.package else { return Ok(()) };
        let ecosystem = ecosystem_key(&package.ecosystem);
        let name = name_key(family(&ecosystem), &package.name).into_owned();
        let body = serde_json::to_vec(affected).expect("it is made of texts and numbers");
        self.stage.insert(
            "INSERT INTO naming VALUES (?1, ?2, ?3, ?4, ?5)",
            params![ecosystem, name, self.next, place, body],
        )
    }

    fn packages(&mut self) -> Result<(), DatabaseError> {
        let failed = DatabaseError::sqlite(&self.stage.path);
        let mut select = self
            .stage
            .connection
            .prepare("SELECT ecosystem, name, n, body FROM naming ORDER BY ecosystem, name, n, place")
            .map_err(failed)?;
        let mut rows = select.query([]).map_err(failed)?;
        let mut of_one: Option<(String, String)> = None;
        let mut named: Vec<(i64, Affected)> = Vec::new();
        let mut ecosystems: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        loop {
            let row = rows.next().map_err(failed)?;
            let key: Option<(String, String)> =
                row.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose().map_err(failed)?;
            if let Some((ecosystem, name)) = of_one.take_if(|before| Some(&*before) != key.as_ref()) {
                let (packages, affected) = ecosystems.entry(family(&ecosystem).to_owned()).or_default();
                *packages += 1;
                *affected += named.len() as u64;
                let known = ecosystem.parse::<Ecosystem>().ok();
                named.dedup_by(|one, other| says_the_same(one, other));
                let bytes = pack(known.as_ref(), &std::mem::take(&mut named));
                self.insert("INSERT INTO package VALUES (?1, ?2, ?3)", params![ecosystem, name, bytes])?;
            }
            let (Some(row), Some(key)) = (row, key) else { break };
            of_one = Some(key);
            let body: Vec<u8> = row.get(3).map_err(failed)?;
            let affected = serde_json::from_slice(&body)
                .map_err(|error| DatabaseError::Damaged(format!("a package cannot be read: {error}")))?;
            named.push((self.gist_number(row.get(2).map_err(failed)?)?, affected));
        }
        let known = |name: &str| name.parse::<Ecosystem>().is_ok() || name == "Root";
        self.status.ecosystems = ecosystems
            .into_iter()
            .map(|(name, (packages, affected))| EcosystemStatus {
                known: known(&name),
                name,
                packages,
                affected,
            })
            .collect();
        Ok(())
    }

    /// The number of a record's gist; the first who asks for it has it written.
    fn gist_number(&mut self, record: usize) -> Result<i64, DatabaseError> {
        let unknown = || DatabaseError::Damaged(format!("there is no record {record}"));
        let number = *self.numbers.get(record).ok_or_else(unknown)?;
        if number != UNNUMBERED {
            return Ok(number);
        }
        let mut select = self
            .stage
            .connection
            .prepare_cached("SELECT body FROM gist WHERE n = ?1")
            .map_err(DatabaseError::sqlite(&self.stage.path))?;
        let gist: Vec<u8> =
            select.query_row([record], |row| row.get(0)).map_err(DatabaseError::sqlite(&self.stage.path))?;
        let (number, full) = self.gists.push(&gist);
        self.block("INSERT INTO gist VALUES (?1, ?2)", full)?;
        self.numbers[record] = number;
        Ok(number)
    }

    /// Writes the gists of advisories that name no package, and ends the last block.
    fn gists_left(&mut self) -> Result<(), DatabaseError> {
        let failed = DatabaseError::sqlite(&self.stage.path);
        let mut select = self.stage.connection.prepare("SELECT n FROM gist ORDER BY n").map_err(failed)?;
        let mut rows = select.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            self.gist_number(row.get(0).map_err(failed)?)?;
        }
        let last = std::mem::take(&mut self.gists).finish();
        self.block("INSERT INTO gist VALUES (?1, ?2)", last)
    }

    /// Writes the other ids of each gist.
    fn names_of_gists(&mut self) -> Result<(), DatabaseError> {
        let failed = DatabaseError::sqlite(&self.stage.path);
        let mut select = self
            .stage
            .connection
            .prepare("SELECT name, kind, n FROM name ORDER BY name, kind, n")
            .map_err(failed)?;
        let mut rows = select.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let (name, kind, record): (String, i64, usize) =
                (|| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))().map_err(failed)?;
            let number = self.gist_number(record)?;
            self.insert("INSERT INTO name VALUES (?1, ?2, ?3)", params![name, kind, number])?;
        }
        Ok(())
    }

    fn block(&self, sql: &str, block: Option<(i64, Vec<u8>)>) -> Result<(), DatabaseError> {
        block.map_or(Ok(()), |(number, bytes)| self.insert(sql, params![number, bytes]))
    }

    fn insert(&self, sql: &str, values: impl rusqlite::Params) -> Result<(), DatabaseError> {
        let inserted = self.into.prepare_cached(sql).and_then(|mut insert| insert.execute(values));
        inserted.map(|_rows| ()).map_err(DatabaseError::sqlite(self.path))
    }

    fn copy(&self, select: &str, insert: &str, columns: usize) -> Result<(), DatabaseError> {
        let failed = DatabaseError::sqlite(&self.stage.path);
        let mut select = self.stage.connection.prepare(select).map_err(failed)?;
        let mut rows = select.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let values: Vec<rusqlite::types::Value> = (0..columns)
                .map(|column| row.get(column))
                .collect::<rusqlite::Result<_>>()
                .map_err(failed)?;
            self.insert(insert, rusqlite::params_from_iter(values))?;
        }
        Ok(())
    }
}

/// Whether two parts of one advisory say the same of a package, as those for the channels of one release do.
fn says_the_same((number, affected): &(i64, Affected), (other_number, other): &(i64, Affected)) -> bool {
    let name = |affected: &Affected| affected.package.as_ref().map(|package| package.name.clone());
    number == other_number
        && name(affected) == name(other)
        && affected.ranges == other.ranges
        && affected.versions == other.versions
        && affected.severity == other.severity
        && affected.fix_state == other.fix_state
}

/// What is said of repositories: each with its ranges over commits, and with the versions where no package is named.
fn of_repositories(affected: &Affected) -> Vec<Affected> {
    let commits = || affected.ranges.iter().filter(|range| range.kind == RangeType::Git);
    let repositories: BTreeSet<&str> = commits().filter_map(|range| range.repo.as_deref()).collect();
    let of = |repository: &str| -> Vec<AffectedRange> {
        commits().filter(|range| range.repo.as_deref() == Some(repository)).cloned().collect()
    };
    repositories
        .into_iter()
        .map(|repository| Affected {
            package: Some(Package { ecosystem: GIT.into(), name: repository.into(), purl: None }),
            ranges: of(repository),
            versions: if affected.package.is_none() { affected.versions.clone() } else { Vec::new() },
            severity: affected.severity.clone(),
            fix_state: affected.fix_state,
        })
        .collect()
}
