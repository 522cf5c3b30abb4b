//! What is known to be bad, as far as components are asked about it.

use std::collections::BTreeSet;

use floodmark_intel::compromise::Compromises;
use floodmark_intel::database::{Database, DatabaseError, Epss, Kev, Matches, Question, Status};
use floodmark_intel::version::Ecosystem;

/// What is known to be bad.
#[derive(Clone, Copy)]
pub struct Knowledge<'k> {
    /// Advisories; none where there is no database.
    pub advisories: Option<&'k dyn Advisories>,
    /// Releases that were poisoned.
    pub compromises: &'k Compromises,
}

/// Advisories, asked by package and version.
pub trait Advisories {
    /// What touches a version of a package, and what may.
    fn ask(&self, question: &Question<'_>) -> Result<Matches, DatabaseError>;

    /// What names a commit as affected.
    fn ask_commit(&self, commit: &str) -> Result<Matches, DatabaseError>;

    /// The names of every advisory about a package, whatever its version.
    fn naming(&self, ecosystem: &Ecosystem, name: &str) -> Result<BTreeSet<String>, DatabaseError>;

    /// CISA's entry on a CVE.
    fn kev(&self, cve: &str) -> Result<Option<Kev>, DatabaseError>;

    /// FIRST's prediction for a CVE.
    fn epss(&self, cve: &str) -> Result<Option<Epss>, DatabaseError>;

    /// What there is.
    fn status(&self) -> &Status;
}

impl Advisories for Database {
    fn ask(&self, question: &Question<'_>) -> Result<Matches, DatabaseError> {
        Database::ask(self, question)
    }

    fn ask_commit(&self, commit: &str) -> Result<Matches, DatabaseError> {
        self.matches_commit(commit)
    }

    fn naming(&self, ecosystem: &Ecosystem, name: &str) -> Result<BTreeSet<String>, DatabaseError> {
        let gists = self.for_package(ecosystem, name)?.into_iter().map(|candidate| candidate.gist);
        Ok(gists.flat_map(|gist| std::iter::once(gist.id).chain(gist.aliases)).map(Into::into).collect())
    }

    fn kev(&self, cve: &str) -> Result<Option<Kev>, DatabaseError> {
        Database::kev(self, cve)
    }

    fn epss(&self, cve: &str) -> Result<Option<Epss>, DatabaseError> {
        Database::epss(self, cve)
    }

    fn status(&self) -> &Status {
        Database::status(self)
    }
}

impl std::fmt::Debug for Knowledge<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Knowledge").field("advisories", &self.advisories.is_some()).finish_non_exhaustive()
    }
}
