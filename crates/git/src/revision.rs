//! From a text to a commit.

use std::collections::BTreeMap;

use gix_hash::{ObjectId, Prefix};
use gix_object::Kind;

use crate::commit::{Commit, tagged};
use crate::error::{ObjectError, RevisionError};
use crate::near::near;
use crate::reader::Reader;
use crate::refs::Refs;
use crate::repository::{Names, Repository};
use crate::spec::{Spec, Step};

/// Where a name is looked for, <https://git-scm.com/docs/gitrevisions>.
const RULES: [(&str, &str); 6] = [
    ("", ""),
    ("refs/", ""),
    ("refs/tags/", ""),
    ("refs/heads/", ""),
    ("refs/remotes/", ""),
    ("refs/remotes/", "/HEAD"),
];

/// The fewest digits of an abbreviated id.
const FEWEST_DIGITS: usize = 4;

/// How many candidates and near names are told.
const TOLD: usize = 8;

/// The most objects that an abbreviated id may be of until it is given up.
const MOST_ABBREVIATED: usize = 10_000;

/// How many tags may be on each other.
const MOST_TAGS: usize = 32;

impl Repository {
    /// The commit that a text names: an id, whole or abbreviated, a tag, a branch, HEAD; `~3`, `^2` and `^{commit}` behind it.
    ///
    /// A text that names more than one commit is an error, also where git would take the tag.
    pub fn commit(&self, asked: &str) -> Result<Commit, RevisionError> {
        let malformed = |why| RevisionError::Malformed { asked: asked.to_owned(), why };
        let spec = Spec::read(asked).map_err(malformed)?;
        let mut asking = Asking { repository: self, reader: self.reader(), asked };
        let mut commit = asking.named(spec.name)?;
        for step in spec.steps {
            commit = asking.step(commit, step)?;
        }
        Ok(commit)
    }
}

/// One question.
struct Asking<'r> {
    repository: &'r Repository,
    reader: Reader,
    asked: &'r str,
}

impl Asking<'_> {
    fn named(&mut self, name: &str) -> Result<Commit, RevisionError> {
        let whole = self.repository.hash().len_in_hex();
        if let Some(id) = ObjectId::from_hex(name.as_bytes()).ok().filter(|_| name.len() == whole) {
            return match self.peeled(id) {
                Err(RevisionError::Object { error: ObjectError::Missing { id: missing, .. }, .. })
                    if missing == id =>
                {
                    Err(self.unknown(Vec::new()))
                }
                peeled => self.reader.commit(&peeled?).map_err(|error| self.object(error)),
            };
        }
        let mut found = self.refs(name)?;
        found.extend(self.abbreviated(name)?.into_iter().map(|id| (String::new(), id)));
        if found.is_empty()
            && let Some((_, id)) = name.rsplit_once("-g")
        {
            // What `git describe` writes: v1.2-14-g2414721.
            found.extend(self.abbreviated(id)?.into_iter().map(|id| (String::new(), id)));
        }
        // Several names of one commit are no matter.
        let mut commits: BTreeMap<ObjectId, String> = BTreeMap::new();
        for (name, id) in found {
            let commit = self.peeled(id)?;
            commits.entry(commit).or_insert(name);
        }
        if commits.len() > 1 {
            let told = |(id, name): (ObjectId, String)| match name.as_str() {
                "" => id.to_string(),
                name => format!("{name} ({id})"),
            };
            let mut candidates: Vec<String> = commits.into_iter().take(TOLD + 1).map(told).collect();
            if candidates.len() > TOLD {
                candidates.truncate(TOLD);
                candidates.push("others".into());
            }
            return Err(RevisionError::Ambiguous { asked: self.asked.into(), candidates });
        }
        match commits.into_keys().next() {
            Some(id) => self.reader.commit(&id).map_err(|error| self.object(error)),
            None => Err(self.unknown(self.near(name))),
        }
    }

    /// The refs that a name may mean.
    fn refs(&self, name: &str) -> Result<Vec<(String, ObjectId)>, RevisionError> {
        if self.repository.names == Names::Reftable {
            return Ok(Vec::new());
        }
        let names: Vec<String> =
            RULES.iter().map(|(before, after)| format!("{before}{name}{after}")).collect();
        let refs = Refs::new(&self.repository.store.confines, &self.repository.place);
        let found = refs.find(&names);
        let found = found
            .map_err(|error| RevisionError::Refs { asked: self.asked.into(), why: error.to_string() })?;
        Ok(found.into_iter().collect())
    }

    /// The commits, and tags of commits, whose ids begin so.
    fn abbreviated(&mut self, name: &str) -> Result<Vec<ObjectId>, RevisionError> {
        let is_short = (FEWEST_DIGITS..self.repository.hash().len_in_hex()).contains(&name.len());
        let prefix = Prefix::from_hex(&name.to_ascii_lowercase()).ok().filter(|_| is_short);
        let Some(prefix) = prefix.filter(|_| name.bytes().all(|byte| byte.is_ascii_hexdigit())) else {
            return Ok(Vec::new());
        };
        let found = self.reader.starting(prefix, MOST_ABBREVIATED);
        let found = found
            .map_err(|error| RevisionError::Refs { asked: self.asked.into(), why: error.to_string() })?;
        let is_commit = |id: &ObjectId| {
            // What cannot be read may be what was asked for.
            !matches!(self.reader.kind(id), Ok(Kind::Tree | Kind::Blob))
        };
        Ok(found.into_iter().filter(is_commit).collect())
    }

    /// The commit that an object is, or is a tag of.
    fn peeled(&mut self, id: ObjectId) -> Result<ObjectId, RevisionError> {
        let mut at = id;
        for _ in 0..MOST_TAGS {
            let object = self.reader.small(&at).map_err(|error| self.object(error))?;
            match object.kind {
                Kind::Commit => return Ok(at),
                Kind::Tag => {
                    let broken = || ObjectError::Broken { id: at, why: "it is a tag of nothing".into() };
                    at = tagged(&object.bytes).ok_or_else(broken).map_err(|error| self.object(error))?;
                }
                kind => return Err(RevisionError::NoCommit { asked: self.asked.into(), id: at, kind }),
            }
        }
        Err(self.object(ObjectError::Broken {
            id,
            why: format!("it is the first of more than {MOST_TAGS} tags of each other"),
        }))
    }

    fn step(&mut self, mut commit: Commit, step: Step) -> Result<Commit, RevisionError> {
        let (times, number) = match step {
            Step::Back(times) => (times, 1),
            Step::Parent(number) => (1, number),
        };
        for _ in 0..times {
            let parent = usize::try_from(number).ok().and_then(|number| commit.parents.get(number - 1));
            let beyond = |why: String| RevisionError::Beyond { asked: self.asked.into(), id: commit.id, why };
            let Some(parent) = parent else {
                return Err(beyond(match commit.parents.len() {
                    0 => "is where the history begins".into(),
                    count => format!("has {count} parents"),
                }));
            };
            if self.repository.shallow.binary_search(&commit.id).is_ok() {
                return Err(beyond("is where this shallow clone ends".into()));
            }
            commit = self.reader.commit(parent).map_err(|error| self.object(error))?;
        }
        Ok(commit)
    }

    fn object(&self, error: ObjectError) -> RevisionError {
        RevisionError::Object { asked: self.asked.into(), error }
    }

    fn unknown(&self, near: Vec<String>) -> RevisionError {
        let mut remark = self.repository.store.remark.clone();
        if !self.repository.shallow.is_empty() {
            remark = remark.or(Some("this is a shallow clone, and does not have all of its history".into()));
        }
        if self.repository.names == Names::Reftable {
            remark = Some(
                "its tags and branches are kept as a reftable, which is not read: name a commit by its id"
                    .into(),
            );
        }
        RevisionError::Unknown { asked: self.asked.into(), near, remark }
    }

    /// Names of tags and branches that are near to this.
    fn near(&self, name: &str) -> Vec<String> {
        if self.repository.names == Names::Reftable {
            return Vec::new();
        }
        let names = Refs::new(&self.repository.store.confines, &self.repository.place).names();
        let short = names.iter().map(|name| {
            ["refs/tags/", "refs/heads/", "refs/remotes/", "refs/"]
                .iter()
                .find_map(|before| name.strip_prefix(before))
                .unwrap_or(name)
        });
        near(name, short, TOLD).into_iter().map(ToOwned::to_owned).collect()
    }
}
