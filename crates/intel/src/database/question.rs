//! A version of a package, asked of the database.

use std::collections::HashSet;

use super::candidate::{Asked, Match, Matches, Touch, Undecided};
use super::key::{Key, keys, name_key};
use super::module::{Concerns, Module};
use super::packed::{Entry, Packed};
use super::{Database, DatabaseError};
use crate::advisory::FixState;
use crate::version::{Ecosystem, Order};

/// The name of a package, as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name<'q> {
    /// As the registry or somebody who uses it writes it.
    AsWritten(&'q str),
    /// As a purl has it: of npm in lower case, whatever the registry writes, so that it may be that of several packages.
    OfPurl(&'q str),
}

impl<'q> Name<'q> {
    /// The text.
    pub fn as_str(self) -> &'q str {
        let (Self::AsWritten(text) | Self::OfPurl(text)) = self;
        text
    }
}

/// A version of a package, as it is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question<'q> {
    /// The ecosystem, of a distribution with its release.
    pub ecosystem: &'q Ecosystem,
    /// The package.
    pub name: Name<'q>,
    /// The version. One that is none is looked up in lists only, and what a range would have to decide is undecided.
    pub version: &'q str,
    /// The module of RPM that it was built in, as its header has it: `nodejs:18:8060020220523160029:ad008a3a`.
    pub module: Option<&'q str>,
}

impl<'q> Question<'q> {
    /// About a version that is of no module.
    pub fn new(ecosystem: &'q Ecosystem, name: &'q str, version: &'q str) -> Self {
        Self { ecosystem, name: Name::AsWritten(name), version, module: None }
    }
}

impl Database {
    /// What touches a version of a package, each advisory once.
    ///
    /// Of an advisory that names a package for Ubuntu and for Ubuntu Pro, the one counts that the version is of. What is
    /// about a module of RPM is asked of packages of its stream only.
    pub fn ask(&self, question: &Question<'_>) -> Result<Matches, DatabaseError> {
        let asked = Asked::new(question.ecosystem, question.version);
        self.answer(question, &asked)
    }

    pub(super) fn answer(
        &self,
        question: &Question<'_>,
        asked: &Asked<'_>,
    ) -> Result<Matches, DatabaseError> {
        let name = name_key(question.ecosystem.name(), question.name.as_str());
        let mut answer =
            Answering { database: self, question, asked, told: HashSet::new(), all: Matches::default() };
        for key in keys(question.ecosystem, question.version) {
            if let Some(bytes) = self.packed(&key.text, &name)? {
                answer.hear(&key, &Packed::read(&bytes)?)?;
            }
        }
        let mut all = answer.all;
        all.matches.sort_by(|a, b| a.gist.id.cmp(&b.gist.id));
        all.undecided.sort_by(|a, b| a.gist.id.cmp(&b.gist.id));
        Ok(all)
    }
}

struct Answering<'d> {
    database: &'d Database,
    question: &'d Question<'d>,
    asked: &'d Asked<'d>,
    /// Advisories that were heard under another key.
    told: HashSet<i64>,
    all: Matches,
}

impl Answering<'_> {
    fn hear(&mut self, key: &Key, packed: &Packed<'_>) -> Result<(), DatabaseError> {
        let ecosystem = self.question.ecosystem;
        let place = packed.place(ecosystem, self.asked);
        let module = (ecosystem.order() == Some(Order::Rpm))
            .then(|| Module::of(self.question.module, self.question.version));
        let is_of_our_kind = |entry: &&Entry| {
            let is_modular = packed.is_modular(entry);
            module.zip(is_modular).is_none_or(|(module, modular)| modular == (module != Module::None))
        };
        let ours: Vec<&Entry> =
            packed.entries_of(ecosystem, self.question.name).filter(is_of_our_kind).collect();
        for entries in ours.chunk_by(|one, other| one.number == other.number) {
            let number = entries[0].number;
            let (touch, by) = packed.touch(ecosystem, entries, self.asked, &place);
            if !self.told.insert(number) {
                self.fixed_for_others(key, number, touch)?;
                continue;
            }
            let Some(entry) = by else { continue };
            let concerned = module.filter(|_| packed.is_modular(entry) == Some(true));
            self.tell(key, packed, entry, touch, concerned)?;
        }
        Ok(())
    }

    fn tell(
        &mut self,
        key: &Key,
        packed: &Packed<'_>,
        entry: &Entry,
        touch: Touch,
        module: Option<Module<'_>>,
    ) -> Result<(), DatabaseError> {
        let gist = self.database.gist(entry.number)?;
        let touch = match module.map(|module| module.is_meant_by(&gist.summary)) {
            None | Some(Concerns::Yes) => touch,
            Some(Concerns::No) => return Ok(()),
            Some(Concerns::Untold) => {
                Touch::Undecided("it is about a module, and it is not told of which stream".to_owned())
            }
        };
        match touch {
            Touch::Unaffected => {}
            Touch::Undecided(why) => self.all.undecided.push(Undecided { gist, why }),
            Touch::Affected { fixed } => {
                let (ecosystem, name) = packed.spelling(entry);
                let for_others = (key.is_for_others && fixed.is_some()).then_some(FixState::Subscribers);
                self.all.matches.push(Match {
                    gist,
                    ecosystem: ecosystem.into(),
                    name: name.into(),
                    fixed,
                    severity: entry.severity.clone(),
                    fix_state: for_others.or(entry.fix_state),
                });
            }
        }
        Ok(())
    }

    /// Where an advisory knows no fix for the version, that for subscribers is told.
    fn fixed_for_others(&mut self, key: &Key, number: i64, touch: Touch) -> Result<(), DatabaseError> {
        let Touch::Affected { fixed: Some(fixed) } = touch else { return Ok(()) };
        if !key.is_for_others {
            return Ok(());
        }
        let id = self.database.gist(number)?.id;
        if let Some(known) =
            self.all.matches.iter_mut().find(|known| known.gist.id == id && known.fixed.is_none())
        {
            known.fixed = Some(fixed);
            known.fix_state = Some(FixState::Subscribers);
        }
        Ok(())
    }
}
