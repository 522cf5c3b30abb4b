//! One file being read: what its reader may use, and what it has to tell.

use std::fmt;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use floodmark_case::{EvidenceId, ReadSource, Unread};

use super::format::How;
use super::{Broken, CLAIMS, Format};
use crate::component::{Component, Found, Place};
use crate::hashing::Hashing;
use crate::target::{Target, shown, within};
use crate::vex::Statement;

/// The most that is read of a file whose reader wants all of it at once.
pub(crate) const MOST_BYTES: u64 = 256 << 20;

/// The most entries of one file. The largest lock files that are known have fifty thousand.
const MOST_COMPONENTS: usize = 1_000_000;

/// How many problems of one file are told one by one.
const LISTED_PROBLEMS: usize = 50;

/// How many files may include each other.
const MOST_NEIGHBOURS: usize = 1000;

/// One file being read.
pub(crate) struct Reading<'t> {
    target: &'t dyn Target,
    format: &'static Format,
    /// The file, and those beside it that its reader asked for.
    files: Vec<ReadFile>,
    /// The one that entries come from.
    at: usize,
    /// Those that [`Reading::inside`] is inside of.
    outside: Vec<usize>,
    components: Vec<(usize, Place, Component)>,
    more_components: u64,
    statements: Vec<(Place, Statement)>,
    problems: Vec<Unread>,
    more_problems: u64,
    is_disowned: bool,
}

/// A file that was opened.
struct ReadFile {
    path: PathBuf,
    shown: Arc<str>,
    /// The format that claims it, or else the one whose reader asked for it.
    kind: &'static str,
    layer: Option<Arc<str>>,
    /// Its hash, once all of it was read.
    evidence: Option<EvidenceId>,
    bytes: u64,
    records: u64,
}

/// Which of the files that are read together; see [`Reading::inside`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileNumber(usize);

/// What came of asking for a file beside the one that is read.
#[derive(Debug)]
pub(crate) enum Neighbour {
    /// It is there: its number and its content.
    File(FileNumber, Vec<u8>),
    /// There is none.
    Absent,
    /// It was given out before.
    Before,
}

impl Neighbour {
    /// Its content, if it is there; for files of which entries are never cited.
    pub(crate) fn bytes(self) -> Option<Vec<u8>> {
        match self {
            Self::File(_, bytes) => Some(bytes),
            Self::Absent | Self::Before => None,
        }
    }
}

/// What came of a file.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// The components, with where they were found.
    pub(crate) components: Vec<Component>,
    /// The statements of VEX, with where they stand.
    pub(crate) statements: Vec<(Place, Statement)>,
    /// What was read.
    pub(crate) read: Vec<ReadSource>,
    /// What was not.
    pub(crate) unread: Vec<Unread>,
}

impl Reading<'_> {
    /// The path of the file that entries come from, within the target.
    pub(crate) fn path(&self) -> &Path {
        self.files.get(self.at).map_or(Path::new(""), |file| &file.path)
    }

    /// Takes a component that stands at this place; or tells why there is none, so that only this entry is lost.
    pub(crate) fn add<E: fmt::Display>(&mut self, place: Place, component: Result<Component, E>) {
        match component {
            Ok(component) if self.components.len() < MOST_COMPONENTS => {
                if let Some(file) = self.files.get_mut(self.at) {
                    file.records += 1;
                }
                self.components.push((self.at, place, component));
            }
            Ok(_) => self.more_components += 1,
            Err(why) => self.problem(&place, &why.to_string()),
        }
    }

    /// Takes a statement of VEX that stands at this place; or tells why there is none.
    pub(super) fn state(&mut self, place: Place, statement: Result<Statement, String>) {
        match statement {
            Ok(statement) => {
                self.files[0].records += 1;
                self.statements.push((place, statement));
            }
            Err(why) => self.problem(&place, &why),
        }
    }

    /// Whether something was told of it.
    pub(super) fn has_problems(&self) -> bool {
        !self.problems.is_empty()
    }

    /// Tells what is wrong at this place, and what was expected; the answer is incomplete.
    pub(crate) fn problem(&mut self, place: &Place, why: &str) {
        self.tell(place, why, true);
    }

    /// Tells that something at this place is passed over as it should be.
    pub(crate) fn note(&mut self, place: &Place, why: &str) {
        self.tell(place, why, false);
    }

    fn tell(&mut self, place: &Place, why: &str, incomplete: bool) {
        if self.problems.len() >= LISTED_PROBLEMS {
            self.more_problems += 1;
            return;
        }
        let path = self.files.get(self.at).map_or("", |file| &file.shown);
        let path = match place {
            Place::Whole => path.to_owned(),
            place => format!("{path}: {place}"),
        };
        self.problems.push(Unread { path, why: why.to_owned(), incomplete });
    }

    /// Tells that the file is none of its format after all, as its content shows: it is left out of what was read.
    pub(crate) fn disown(&mut self) {
        self.is_disowned = true;
    }

    /// The path of the file that is read, whatever neighbours its entries come from.
    pub(crate) fn first(&self) -> &Path {
        self.files.first().map_or(Path::new(""), |file| &file.path)
    }

    /// Whether the file at a path, as [`Reading::neighbour`] takes it, is open already: an include of it is no news.
    pub(crate) fn has_read(&self, path: &str) -> bool {
        within(self.path(), path).is_some_and(|path| self.files.iter().any(|file| file.path == path))
    }

    /// The file at a path, relative to the one that entries come from; `/` in front is the root of the target.
    ///
    /// It is an error if the path leads out of the target, or to a file that this one stands in: includes in a circle.
    pub(crate) fn neighbour(&mut self, path: &str) -> Result<Neighbour, Broken> {
        let path = within(self.path(), path)
            .ok_or_else(|| Broken::other("leads out of what is scanned", "a path inside of it"))?;
        if let Some(number) = self.files.iter().position(|file| file.path == path) {
            if number == self.at || self.outside.contains(&number) {
                return Err(Broken::other("includes itself", "no circle"));
            }
            return Ok(Neighbour::Before);
        }
        if self.files.len() > MOST_NEIGHBOURS {
            return Err(Broken::other(
                format!("is one of more than {MOST_NEIGHBOURS} files"),
                "fewer includes",
            ));
        }
        let mut stream = match self.target.open(&path) {
            Ok(stream) => stream,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Neighbour::Absent),
            Err(error) => return Err(error.into()),
        };
        let bytes = whole(&mut stream, self.format.name)?;
        let kind = CLAIMS.format(&shown(&path)).map_or(self.format.name, |format| format.name);
        let mut file = ReadFile::new(self.target, path, kind);
        file.of(&bytes);
        self.files.push(file);
        Ok(Neighbour::File(FileNumber(self.files.len() - 1), bytes))
    }

    /// Whether a file lies at a path, without reading it.
    pub(crate) fn has(&self, path: &str) -> bool {
        within(self.path(), path).is_some_and(|path| self.target.open(&path).is_ok())
    }

    /// Does something with entries that stand in one of the files.
    pub(crate) fn inside<T>(&mut self, file: FileNumber, work: impl FnOnce(&mut Self) -> T) -> T {
        let outside = std::mem::replace(&mut self.at, file.0);
        self.outside.push(outside);
        let done = work(self);
        self.outside.pop();
        self.at = outside;
        done
    }

    /// The file that entries come from.
    pub(crate) fn file(&self) -> FileNumber {
        FileNumber(self.at)
    }
}

impl ReadFile {
    fn new(target: &dyn Target, path: PathBuf, kind: &'static str) -> Self {
        let layer = target.layer(&path);
        Self { shown: shown(&path).into(), path, kind, layer, evidence: None, bytes: 0, records: 0 }
    }

    fn of(&mut self, bytes: &[u8]) {
        self.evidence = Some(EvidenceId::of(bytes));
        self.bytes = bytes.len() as u64;
    }
}

/// Reads the file at a path of the target.
pub(crate) fn read(target: &dyn Target, path: &Path, format: &'static Format) -> Outcome {
    read_by(target, path, format, |reading| reading.run(path))
}

/// Reads it by a function.
pub(super) fn read_by(
    target: &dyn Target,
    path: &Path,
    format: &'static Format,
    run: impl FnOnce(&mut Reading<'_>) -> Result<(), Broken>,
) -> Outcome {
    let mut reading = Reading::new(target, path, format);
    let end = run(&mut reading);
    reading.at = 0;
    reading.outcome(end)
}

impl<'t> Reading<'t> {
    pub(super) fn new(target: &'t dyn Target, path: &Path, format: &'static Format) -> Self {
        Self {
            target,
            format,
            files: vec![ReadFile::new(target, path.to_owned(), format.name)],
            at: 0,
            outside: Vec::new(),
            components: Vec::new(),
            more_components: 0,
            statements: Vec::new(),
            problems: Vec::new(),
            more_problems: 0,
            is_disowned: false,
        }
    }

    fn run(&mut self, path: &Path) -> Result<(), Broken> {
        match self.format.how {
            How::Unread => Err(Broken::other(
                format!(
                    "is a {}, which is not read yet: nothing is known of what it lists",
                    self.format.name
                ),
                "a format that floodmark reads (see docs/scan.md)",
            )),
            How::Whole(read) => {
                let bytes = whole(&mut self.target.open(path)?, self.format.name)?;
                self.files[0].of(&bytes);
                read(&bytes, self)
            }
            How::Anywhere(read) => {
                let mut file = self.target.open_anywhere(path, MOST_BYTES)?;
                let end = read(&mut *file, self);
                if !self.components.is_empty() {
                    file.rewind()?;
                    self.hashed(Hashing::new(file))?;
                }
                end
            }
            How::Stream(read) => {
                let mut stream = BufReader::new(Hashing::new(self.target.open(path)?));
                let end = read(&mut stream, self);
                io::copy(&mut stream, &mut io::sink())?;
                self.hashed(stream.into_inner())?;
                end
            }
        }
    }

    /// What is cited is the whole file, also where its reader had enough.
    fn hashed(&mut self, mut rest: Hashing<impl Read>) -> io::Result<()> {
        io::copy(&mut rest, &mut io::sink())?;
        let (evidence, bytes) = rest.finish();
        (self.files[0].evidence, self.files[0].bytes) = (Some(evidence), bytes);
        Ok(())
    }

    pub(super) fn outcome(mut self, end: Result<(), Broken>) -> Outcome {
        if let Err(broken) = end {
            self.problems.push(self.told(broken.to_string()));
        }
        if self.more_problems > 0 {
            self.problems
                .push(self.told(format!("{} more of its entries could not be read", self.more_problems)));
        }
        if self.more_components > 0 {
            let why = format!(
                "{} of its entries were left out; expected at most {MOST_COMPONENTS}",
                self.more_components
            );
            self.problems.push(self.told(why));
        }
        if self.is_disowned {
            self.files.truncate(0);
        }
        // The components stay where they are in memory.
        let files = &self.files;
        let found = |(number, place, mut component): (usize, Place, Component)| {
            let ReadFile { shown, layer, evidence: Some(evidence), .. } = files.get(number)? else {
                return None;
            };
            let (path, layer, evidence) = (shown.clone(), layer.clone(), *evidence);
            component.found.insert(Found { path, place, evidence, layer });
            Some(component)
        };
        let components = self.components.into_iter().filter_map(found).collect();
        let mut outcome =
            Outcome { components, read: Vec::new(), statements: self.statements, unread: self.problems };
        for file in self.files {
            let Some(evidence) = file.evidence else { continue };
            outcome.read.push(ReadSource {
                path: file.shown.to_string(),
                evidence,
                kind: file.kind.to_owned(),
                bytes: file.bytes,
                records: file.records,
                window: None,
            });
        }
        outcome
    }

    fn told(&self, why: String) -> Unread {
        let path = self.files.first().map_or("", |file| &file.shown);
        Unread { path: path.to_owned(), why, incomplete: true }
    }
}

fn whole(stream: &mut dyn Read, format: &'static str) -> Result<Vec<u8>, Broken> {
    let mut bytes = Vec::new();
    stream.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(Broken::TooLarge { most: MOST_BYTES, format });
    }
    Ok(bytes)
}
