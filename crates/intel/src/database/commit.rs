//! Commits that advisories name. Of a range over commits only its ends are known here: what lies between them is told by
//! the history of the repository, which is not walked.

use super::candidate::{Match, Matches};
use super::open::Standing;
use super::{Database, DatabaseError};
use crate::advisory::{Affected, AffectedRange, RangeType, Turn};

/// Beside the kinds of other ids: a commit.
pub(super) const COMMIT: i64 = 3;

/// Whether a text is the whole name of a commit, by SHA-1 or SHA-256.
pub fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The commits that are named as affected, or as the end of what is.
pub(super) fn commits(affected: &Affected) -> impl Iterator<Item = String> {
    let ranges = affected.ranges.iter().filter(|range| range.kind == RangeType::Git);
    let ends = ranges.flat_map(|range| &range.events).map(Turn::at);
    let listed = affected.versions.iter().map(AsRef::as_ref);
    ends.chain(listed).filter(|text| is_commit(text)).map(str::to_ascii_lowercase)
}

impl Database {
    /// What names a commit as affected: as the first or the last that is, or in a list. One that mends it is not touched by
    /// it, and of one in between nothing is told.
    pub fn matches_commit(&self, commit: &str) -> Result<Matches, DatabaseError> {
        let mut all = Matches::default();
        for gist in self.gists_named(&commit.to_ascii_lowercase(), COMMIT..=COMMIT)? {
            let records = self.advisory(&gist.id)?.into_iter();
            let current = records.filter(|record| record.standing == Standing::Current);
            let parts: Vec<Affected> = current.flat_map(|record| record.advisory.affected).collect();
            let Some((part, repository)) =
                parts.iter().find_map(|part| Some((part, touching(part, commit)?)))
            else {
                continue;
            };
            all.matches.push(Match {
                gist,
                ecosystem: "GIT".into(),
                name: repository.into(),
                fixed: None,
                severity: part.severity.clone(),
                fix_state: part.fix_state,
            });
        }
        Ok(all)
    }
}

/// The repository in which a commit is affected by name, or nothing where that is not told.
fn touching<'p>(part: &'p Affected, commit: &str) -> Option<&'p str> {
    let named = |text: &str| text.eq_ignore_ascii_case(commit);
    let begins_or_ends = |range: &&AffectedRange| {
        range.kind == RangeType::Git
            && range.events.iter().any(|turn| match turn {
                Turn::Introduced(at) | Turn::LastAffected(at) => named(at),
                Turn::Fixed(_) | Turn::Limit(_) => false,
            })
    };
    let repository = |range: &'p AffectedRange| range.repo.as_deref().unwrap_or_default();
    if let Some(range) = part.ranges.iter().find(begins_or_ends) {
        return Some(repository(range));
    }
    let is_listed = part.versions.iter().any(|version| named(version));
    is_listed.then(|| part.ranges.iter().find(|range| range.repo.is_some()).map_or("", repository))
}
