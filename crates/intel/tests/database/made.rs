//! Advisories and databases made for a test.

use std::path::PathBuf;

use floodmark_intel::advisory::{Advisory, Affected, AffectedRange, Package, RangeType, Turn};
use floodmark_intel::database::{Build, Database, SourceKind};

/// A folder with a database in it, gone at the end.
pub(crate) struct Home(tempfile::TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.0.path().join("intel.db")
    }

    pub(crate) fn open(&self) -> Database {
        Database::open(&self.path()).expect("a database")
    }

    /// Imports a source, and opens what came of it.
    pub(crate) fn with(&self, source: &str, advisories: &[Advisory]) -> Database {
        let mut build = Build::start(&self.path()).expect("begun");
        build.begin(source, SourceKind::Folder);
        for advisory in advisories {
            assert!(build.add(source, advisory).expect("added"));
        }
        build.end(source, "0".repeat(64)).expect("ended").expect("taken");
        build.finish().expect("built");
        self.open()
    }

    pub(crate) fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).expect("a folder");
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }
}

pub(crate) fn advisory(id: &str, affected: Affected) -> Advisory {
    Advisory { id: id.into(), affected: vec![affected], ..Advisory::default() }
}

pub(crate) fn affected(ecosystem: &str, name: &str) -> Affected {
    let package = Package { ecosystem: ecosystem.into(), name: name.into(), purl: None };
    Affected { package: Some(package), ..Affected::default() }
}

/// Makes an advisory say more.
pub(crate) trait AdvisoryWords {
    fn modified(self, time: &str) -> Self;
    fn withdrawn(self, time: &str) -> Self;
    fn alias(self, id: &str) -> Self;
}

impl AdvisoryWords for Advisory {
    fn modified(mut self, time: &str) -> Self {
        self.modified = Some(time.parse().expect("a time"));
        self
    }

    fn withdrawn(mut self, time: &str) -> Self {
        self.withdrawn = Some(time.parse().expect("a time"));
        self
    }

    fn alias(mut self, id: &str) -> Self {
        self.aliases.push(id.into());
        self
    }
}

/// Makes it say which versions of a package.
pub(crate) trait AffectedWords {
    fn range(self, events: &[&str]) -> Self;
    fn commits(self, repository: &str, events: &[&str]) -> Self;
    fn versions(self, versions: &[&str]) -> Self;
}

impl AffectedWords for Affected {
    fn range(mut self, events: &[&str]) -> Self {
        let events = events.iter().map(|event| turn(event)).collect();
        self.ranges.push(AffectedRange { kind: RangeType::Ecosystem, repo: None, events });
        self
    }

    fn commits(mut self, repository: &str, events: &[&str]) -> Self {
        let events = events.iter().map(|event| turn(event)).collect();
        self.ranges.push(AffectedRange { kind: RangeType::Git, repo: Some(repository.into()), events });
        self
    }

    fn versions(mut self, versions: &[&str]) -> Self {
        self.versions.extend(versions.iter().map(|version| Box::from(*version)));
        self
    }
}

fn turn(event: &str) -> Turn {
    match event.split_once(' ').expect("a word and a version") {
        ("introduced", at) => Turn::Introduced(at.into()),
        ("fixed", at) => Turn::Fixed(at.into()),
        ("last_affected", at) => Turn::LastAffected(at.into()),
        ("limit", at) => Turn::Limit(at.into()),
        (word, _) => panic!("{word} is no event"),
    }
}
