//! Asking: is this known to be bad, by whose word, and when was it?

use std::collections::HashMap;
use std::sync::OnceLock;

use jiff::Timestamp;

use super::artifact::{Artifact, Identifier, Nesting, Verdict};
use super::compare::{comparable, fits};
use super::embedded::FILES;
use super::image::ImageRef;
use super::incident::{Citation, Compromise, Grade};
use super::indicator::{Indicator, IndicatorKind, Match};
use super::read::{ReadError, read};
use super::text::{CommitId, ImageDigest, Key, TagRef};
use super::window::{Overlap, Window, agreed};
use crate::purl::Purl;

/// RFC 1035, 2.3.4, with a trailing dot. What is longer is no host, and is not taken apart.
const LONGEST_HOST: usize = 254;

/// An incident with its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The stem of its file's name.
    pub id: Key,
    /// What the file says.
    pub compromise: Compromise,
}

/// Known incidents, indexed by everything that they can be found by.
///
/// Answers come in the order of incidents, and within one in the order of its file.
#[derive(Debug)]
pub struct Compromises {
    entries: Vec<Entry>,
    identifiers: HashMap<Name, Vec<Spot<3>>>,
    /// By kind and value.
    indicators: HashMap<(IndicatorKind, String), Vec<Spot<1>>>,
    /// Those that are compared otherwise than as a whole.
    patterns: HashMap<IndicatorKind, Vec<Spot<1>>>,
}

/// What an identifier is found by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Name {
    Version(String, String),
    /// All versions that are listed nowhere.
    Package(String),
    Namespace(String),
    Action(String),
    Release(String),
    Commit(String),
    Image(String),
    Hash(String),
}

/// Where something stands: the number of the incident, and the way from there. For an identifier: artifact, list, place
/// in the list; for an indicator of a kind: place in its list.
type Spot<const STEPS: usize> = (usize, [usize; STEPS]);

/// An identifier that was asked for and is known.
#[derive(Debug, Clone, Copy)]
pub struct Hit<'a> {
    /// The incident.
    pub entry: &'a Entry,
    /// The artifact of the incident.
    pub artifact: &'a Artifact,
    /// What the identifier stands for.
    pub verdict: Verdict,
    /// The identifier, with the other names of the same thing.
    pub identifier: &'a Identifier,
}

impl<'a> Hit<'a> {
    /// Whether the thing could be had at that time, as far as all statements together say.
    ///
    /// A commit, digest or hash is bad at all times; a tag, a branch or `latest` only when this is not `Outside`.
    pub fn overlap(&self, instant: Timestamp) -> Overlap {
        agreed(self.windows(), instant)
    }

    /// The statements about the time. What is clean or named in error has only its own: the artifact's are those of the bad.
    pub fn windows(&self) -> &'a [Window] {
        match self.verdict {
            Verdict::Bad | Verdict::Suspect => self.artifact.windows_of(self.identifier),
            Verdict::Good | Verdict::Rejected => &self.identifier.windows,
        }
    }

    /// Who says so.
    pub fn sources(&self) -> &'a [Citation] {
        self.artifact.sources_of(self.identifier)
    }

    /// How well it is founded, by the best of its sources.
    pub fn grade(&self) -> Grade {
        self.entry.compromise.best_grade(self.sources())
    }
}

/// An indicator that was asked for and is known.
#[derive(Debug, Clone, Copy)]
pub struct Sighting<'a> {
    /// The incident.
    pub entry: &'a Entry,
    /// What the indicator is.
    pub kind: IndicatorKind,
    /// The indicator.
    pub indicator: &'a Indicator,
}

impl Sighting<'_> {
    /// How well it is founded, by the best of its sources.
    pub fn grade(&self) -> Grade {
        self.entry.compromise.best_grade(&self.indicator.sources)
    }
}

impl Compromises {
    /// The incidents that ship with the program, read once.
    ///
    /// # Panics
    ///
    /// Never in a build that passed its tests: they read every file.
    pub fn shipped() -> &'static Self {
        static SHIPPED: OnceLock<Compromises> = OnceLock::new();
        SHIPPED.get_or_init(|| {
            let (compromises, errors) = Self::from_files(FILES.iter().copied());
            assert!(errors.is_empty(), "the shipped compromises must be readable: {errors:?}");
            compromises
        })
    }

    /// Reads files, given by name and text. Those that cannot be read are told, and the others are there.
    pub fn from_files<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> (Self, Vec<ReadError>) {
        let (mut entries, mut errors) = (Vec::new(), Vec::new());
        for (file, text) in files {
            match read(file, text) {
                Ok((id, compromise)) => entries.push(Entry { id, compromise }),
                Err(error) => errors.push(error),
            }
        }
        (Self::new(entries), errors)
    }

    /// Indexes incidents. Of two with the same id the first given stands first.
    pub fn new(mut entries: Vec<Entry>) -> Self {
        entries.sort_by(|a, b| a.id.cmp(&b.id));
        let mut identifiers: HashMap<Name, Vec<Spot<3>>> = HashMap::new();
        let mut indicators: HashMap<_, Vec<Spot<1>>> = HashMap::new();
        let mut patterns: HashMap<_, Vec<Spot<1>>> = HashMap::new();
        for (number, Entry { compromise, .. }) in entries.iter().enumerate() {
            for (at, artifact) in compromise.artifacts.iter().enumerate() {
                for (list, (_, _, members)) in artifact.lists().into_iter().enumerate() {
                    for (place, identifier) in members.iter().enumerate() {
                        for name in names(identifier) {
                            identifiers.entry(name).or_default().push((number, [at, list, place]));
                        }
                    }
                }
            }
            let mut places: HashMap<IndicatorKind, usize> = HashMap::new();
            for (kind, indicator) in compromise.indicators() {
                let place = places.entry(kind).or_default();
                let spots = match indicator.matches {
                    Match::Whole => indicators.entry((kind, comparable(kind, &indicator.value))).or_default(),
                    Match::Glob | Match::Within => patterns.entry(kind).or_default(),
                };
                spots.push((number, [*place]));
                *place += 1;
            }
        }
        Self { entries, identifiers, indicators, patterns }
    }

    /// Every incident, by id.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The incident of that id.
    pub fn get(&self, id: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.id.as_str() == id)
    }

    /// What is known of a package in a version: of the version itself, or else of the package or its namespace where
    /// nobody listed the versions.
    pub fn package(&self, purl: &Purl) -> Vec<Hit<'_>> {
        let package = purl.package().to_owned();
        if let Some(version) = purl.version() {
            let exact = self.named(&[Name::Version(package.clone(), version.to_owned())]);
            if !exact.is_empty() {
                return exact;
            }
        }
        let mut names = vec![Name::Package(package.clone())];
        let mut namespace = package.as_str();
        while let Some((parent, _)) = namespace.rsplit_once('/') {
            names.push(Name::Namespace(parent.to_owned()));
            namespace = parent;
        }
        self.named(&names)
    }

    /// What is known of an action at a tag or branch, or of a commit where it is pinned to one.
    ///
    /// A tag that was moved and put right again is bad and good: bad when the time is not outside of its windows.
    pub fn action(&self, action: &TagRef) -> Vec<Hit<'_>> {
        let mut names = vec![Name::Action(action.key())];
        if let Ok(commit) = action.reference().parse::<CommitId>() {
            names.push(Name::Commit(commit.as_str().to_owned()));
        }
        self.named(&names)
    }

    /// What is known of a release of a repository.
    pub fn release(&self, release: &TagRef) -> Vec<Hit<'_>> {
        self.named(&[Name::Release(release.key())])
    }

    /// What is known of a commit.
    pub fn commit(&self, commit: &CommitId) -> Vec<Hit<'_>> {
        self.named(&[Name::Commit(commit.as_str().to_owned())])
    }

    /// What is known of an image at a tag.
    pub fn image(&self, image: &ImageRef) -> Vec<Hit<'_>> {
        self.named(&[Name::Image(image.key().to_owned())])
    }

    /// What is known of an image digest.
    pub fn digest(&self, digest: &ImageDigest) -> Vec<Hit<'_>> {
        self.hash(digest.as_str().trim_start_matches("sha256:"))
    }

    /// What is known of a file or manifest, by its SHA-256, SHA-1 or MD5 in hexadecimal digits.
    pub fn hash(&self, hex: &str) -> Vec<Hit<'_>> {
        self.named(&[Name::Hash(hex.to_ascii_lowercase())])
    }

    /// What is known of a value that was seen: a host that was asked for, a path, a user agent.
    ///
    /// A host answers for its parents too, without a trailing dot and in any case.
    pub fn indicator(&self, kind: IndicatorKind, seen: &str) -> Vec<Sighting<'_>> {
        if kind == IndicatorKind::Domain && seen.len() > LONGEST_HOST {
            return Vec::new();
        }
        let value = comparable(kind, seen);
        let mut spots: Vec<Spot<1>> = Vec::new();
        let mut rest = value.as_str();
        loop {
            spots.extend(self.indicators.get(&(kind, rest.to_owned())).into_iter().flatten());
            match (kind, rest.split_once('.')) {
                (IndicatorKind::Domain, Some((_, parent))) => rest = parent,
                _ => break,
            }
        }
        let patterns = self.patterns.get(&kind).into_iter().flatten();
        spots.extend(
            patterns.filter(|spot| {
                self.sighting(kind, **spot).is_some_and(|one| fits(kind, one.indicator, &value))
            }),
        );
        spots.sort_unstable();
        spots.dedup();
        spots.into_iter().filter_map(|spot| self.sighting(kind, spot)).collect()
    }

    /// The artifacts that could be had at that time, surely or possibly.
    pub fn at(&self, instant: Timestamp) -> impl Iterator<Item = (&Entry, &Artifact, Overlap)> {
        self.entries.iter().flat_map(move |entry| {
            entry.compromise.artifacts.iter().filter_map(move |artifact| {
                let own = artifact.identifiers().map(|(_, one)| &one.windows).filter(|own| !own.is_empty());
                let overlap = own.map(|own| agreed(own, instant)).fold(artifact.overlap(instant), Ord::max);
                (overlap >= Overlap::Possible).then_some((entry, artifact, overlap))
            })
        })
    }

    /// Stretches of a repository's history that call something which was poisoned, with their incident.
    pub fn nestings<'a>(&'a self, repository: &str) -> impl Iterator<Item = (&'a Entry, &'a Nesting)> {
        let repository = repository.to_ascii_lowercase();
        let all = self
            .entries
            .iter()
            .flat_map(|entry| entry.compromise.nestings.iter().map(move |one| (entry, one)));
        all.filter(move |(_, nesting)| nesting.repository.as_str().eq_ignore_ascii_case(&repository))
    }

    fn named(&self, names: &[Name]) -> Vec<Hit<'_>> {
        let mut spots: Vec<Spot<3>> =
            names.iter().filter_map(|name| self.identifiers.get(name)).flatten().copied().collect();
        spots.sort_unstable();
        spots.dedup();
        spots.into_iter().filter_map(|spot| self.hit(spot)).collect()
    }

    fn hit(&self, (number, [at, list, place]): Spot<3>) -> Option<Hit<'_>> {
        let entry = self.entries.get(number)?;
        let artifact = entry.compromise.artifacts.get(at)?;
        let (_, verdict, members) = *artifact.lists().get(list)?;
        Some(Hit { entry, artifact, verdict, identifier: members.get(place)? })
    }

    fn sighting(&self, kind: IndicatorKind, (number, [place]): Spot<1>) -> Option<Sighting<'_>> {
        let entry = self.entries.get(number)?;
        Some(Sighting { entry, kind, indicator: entry.compromise.indicators_of(kind).get(place)? })
    }
}

/// Everything that an identifier can be found by.
fn names(identifier: &Identifier) -> Vec<Name> {
    let mut names = Vec::new();
    if let Some(purl) = &identifier.purl {
        let package = purl.package().to_owned();
        names.push(match purl.version() {
            Some(version) => Name::Version(package, version.to_owned()),
            None => Name::Package(package),
        });
    }
    names.extend(identifier.namespace.iter().map(|purl| Name::Namespace(purl.package().to_owned())));
    names.extend(identifier.action.iter().map(|action| Name::Action(action.key())));
    names.extend(identifier.release.iter().map(|release| Name::Release(release.key())));
    names.extend(identifier.commit.iter().map(|commit| Name::Commit(commit.as_str().to_owned())));
    names.extend(identifier.image.iter().map(|image| Name::Image(image.key().to_owned())));
    let digest = identifier.digest.iter().map(|digest| digest.as_str().trim_start_matches("sha256:"));
    let hashes = digest
        .chain(identifier.sha256.iter().map(super::Sha256::as_str))
        .chain(identifier.sha1.iter().map(super::Sha1::as_str))
        .chain(identifier.md5.iter().map(super::Md5::as_str));
    names.extend(hashes.map(|hash| Name::Hash(hash.to_owned())));
    names
}
