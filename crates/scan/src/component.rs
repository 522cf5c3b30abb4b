//! One piece of software that is there, and how we know.

mod distro;
mod few;
mod hash;
mod reference;
mod registry;
mod source;

use std::fmt;
use std::sync::Arc;

use floodmark_case::EvidenceId;
use floodmark_intel::compromise::TagRef;
use floodmark_intel::database::is_commit;
use floodmark_intel::purl::Purl;
use floodmark_intel::version::Ecosystem;

pub use distro::{Distro, Packaged};
pub use few::Few;
pub use hash::{Algorithm, Hash};
pub use reference::{RefKind, Reference};
pub use registry::Registry;
pub use source::Source;

/// The longest name in bytes that is kept of who asked for a component: it is kept once for each that is asked for, so that
/// a long one in a file would be many in memory.
pub const LONGEST_NAME: usize = 512;

/// A component: a package in a version, with every place where it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// Its purl. Components with the same purl and ecosystem are one.
    pub purl: Purl,
    /// Its name as its ecosystem and OSV write it: `@ctrl/tinycolor`, `org.apache.commons:commons-text`.
    pub name: String,
    /// Its version; `None` where only a manifest without exact versions names it.
    pub version: Option<String>,
    /// Where advisories about it are found; `None` for what no registry gave: a path, a git repository, a private index.
    pub ecosystem: Option<Ecosystem>,
    /// What it is named by where that can be moved, or is the content itself: an action at a tag, an image by its digest.
    pub reference: Option<Box<Reference>>,
    /// The versions that a comment beside a pinned commit claims. A claim: nothing holds the two together.
    pub claimed: Few<String>,
    /// What a distribution built it from, where that is told; see [`Component::advised`].
    pub source: Option<Box<Source>>,
    /// What it is there for; over several places, the first in the order of [`Scope`].
    pub scope: Scope,
    /// Who asked for it.
    pub pulled_in_by: PulledInBy,
    /// The hashes that the format records, sorted.
    pub hashes: Few<Hash>,
    /// Where it was found, sorted; never empty once it is in an inventory.
    pub found: Few<Found>,
}

/// What a component is there for, most in need of attention first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// It runs where the product runs.
    Runtime,
    /// The format does not say.
    Unknown,
    /// It runs where somebody chose to have it: an extra, a feature, an optional or peer dependency.
    Optional,
    /// It runs when the product is built.
    Build,
    /// It runs on developers' machines and in tests.
    Dev,
}

/// Who asked for a component, as far as the format tells: neither direct nor by name means that it does not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PulledInBy {
    /// Whether the project itself did.
    pub direct: bool,
    /// The names of the components that did, as the format writes them.
    pub names: Few<String>,
}

/// A place where a component was found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// The file, by its path within the target.
    pub path: Arc<str>,
    /// The place in the file.
    pub place: Place,
    /// The file's SHA-256.
    pub evidence: EvidenceId,
    /// The layer of an image that the file is of, by the digest in the image's manifest: `sha256:…`.
    pub layer: Option<Arc<str>>,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// A line, counted from 1.
    Line(u32),
    /// A way into a structured file: `packages["node_modules/a"]`.
    Entry(Box<str>),
    /// All of it.
    Whole,
}

impl Component {
    /// A component of this purl; `name` is as its ecosystem and OSV write it.
    pub fn new(purl: Purl, name: impl Into<String>, ecosystem: Option<Ecosystem>) -> Self {
        let version = purl.version().map(ToOwned::to_owned);
        Self {
            purl,
            name: name.into(),
            version,
            ecosystem,
            reference: None,
            claimed: Few::default(),
            source: None,
            scope: Scope::Unknown,
            pulled_in_by: PulledInBy::default(),
            hashes: Few::default(),
            found: Few::default(),
        }
    }

    /// The same, in this scope.
    #[must_use]
    pub fn scoped(self, scope: Scope) -> Self {
        Self { scope, ..self }
    }

    /// The same, asked for by the project itself.
    #[must_use]
    pub fn direct(mut self) -> Self {
        self.pulled_in_by.direct = true;
        self
    }

    /// The same, asked for by these components too. Names longer than [`LONGEST_NAME`] are left out.
    #[must_use]
    pub fn pulled_in_by(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let names = names.into_iter().map(Into::into).filter(|name| name.len() <= LONGEST_NAME);
        self.pulled_in_by.names.extend(names);
        self
    }

    /// The same, with these hashes too.
    #[must_use]
    pub fn hashed(mut self, hashes: impl IntoIterator<Item = Hash>) -> Self {
        self.hashes.extend(hashes);
        self
    }

    /// The same, named by this reference.
    #[must_use]
    pub fn referred(self, reference: Reference) -> Self {
        Self { reference: Some(Box::new(reference)), ..self }
    }

    /// The same, from outside of its registry (git, a path, a private index): no advisory is about it.
    #[must_use]
    pub fn unregistered(self) -> Self {
        Self { ecosystem: None, ..self }
    }

    /// The commit that it is, where it is known by one and not by a release.
    pub fn commit(&self) -> Option<&str> {
        let pinned = match self.reference.as_deref() {
            Some(Reference::Action { action, .. }) => Some(action.reference()),
            Some(Reference::Repository { release, .. }) => release.as_ref().map(TagRef::reference),
            Some(Reference::Image { .. }) => return None,
            None => None,
        };
        pinned.or(self.version.as_deref()).filter(|text| is_commit(text))
    }

    /// Both as one: they are equal but for where they were found.
    pub fn absorb(&mut self, other: Self) {
        self.scope = self.scope.min(other.scope);
        self.pulled_in_by.direct |= other.pulled_in_by.direct;
        self.pulled_in_by.names.extend(other.pulled_in_by.names);
        self.hashes.extend(other.hashes);
        self.claimed.extend(other.claimed);
        self.found.extend(other.found);
        // Two spellings of one reference or name: the same one is kept whatever the order.
        self.reference = Reference::surer(self.reference.take(), other.reference);
        // One purl names one source package; two files that tell different ones have the first, whatever the order.
        self.source = match (self.source.take(), other.source) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        if other.name < self.name {
            self.name = other.name;
        }
    }
}

impl Scope {
    /// The scope of this word, if it is one.
    pub fn named(word: &str) -> Option<Self> {
        [Self::Runtime, Self::Unknown, Self::Optional, Self::Build, Self::Dev]
            .into_iter()
            .find(|scope| scope.as_str() == word)
    }

    /// The word for it, as serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Runtime => "runtime",
            Self::Unknown => "unknown",
            Self::Optional => "optional",
            Self::Build => "build",
            Self::Dev => "dev",
        }
    }
}

impl Place {
    /// A way into a structured file.
    pub fn entry(way: impl Into<Box<str>>) -> Self {
        Self::Entry(way.into())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Entry(way) => f.write_str(way),
            Self::Whole => f.write_str("the whole file"),
        }
    }
}

impl From<Place> for String {
    fn from(place: Place) -> Self {
        match place {
            Place::Entry(way) => way.into(),
            place => place.to_string(),
        }
    }
}
