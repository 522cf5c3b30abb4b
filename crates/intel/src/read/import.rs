//! From paths to a build.

use std::fmt::Write;
use std::fs::{self, File};
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::content::{Content, Format, content, document};
use super::folder::{Found, Walk};
use super::limits::ARCHIVE_BYTES;
use super::mentions::Mentions;
use super::report::{Doubt, Given, Report};
use super::zip::{Zip, ZipError};
use super::{epss, kev, misp, osv, stix};
use crate::database::{Build, Catalogue, DatabaseError, SourceKind};
use crate::observable::Mention;

/// Reads paths into a build.
#[derive(Debug)]
pub struct Import<'b> {
    build: &'b mut Build,
    report: Report,
}

/// The loose files of a folder, gathered as one source.
struct Loose {
    name: String,
    given: Given,
    digest: Sha256,
}

impl<'b> Import<'b> {
    /// An import that has read nothing yet.
    pub fn into(build: &'b mut Build) -> Self {
        Self { build, report: Report::default() }
    }

    /// Reads a file or folder.
    ///
    /// A file is a source, and so is each archive and catalogue in a folder; the single advisories in a folder are one
    /// source together. A source is named after the file or folder and the one that it lies in (`PyPI/all.zip`); `name`
    /// is another name for `path`, under which what else lies in it has its own.
    ///
    /// An error means that the database could not be written. What is wrong with the files is in the report.
    pub fn read(&mut self, path: &Path, name: Option<&str>) -> Result<(), DatabaseError> {
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => self.folder(path, name),
            Ok(metadata) if metadata.is_file() => {
                let name = name.map_or_else(|| source_name(path), str::to_owned);
                self.file(path, &name, None)
            }
            Ok(_) => {
                self.report.lose(shown(path), "it is neither a file nor a folder");
                Ok(())
            }
            Err(error) => {
                self.report.lose(shown(path), error.to_string());
                Ok(())
            }
        }
    }

    /// What was read, and what was not.
    pub fn report(self) -> Report {
        self.report
    }

    fn folder(&mut self, folder: &Path, name: Option<&str>) -> Result<(), DatabaseError> {
        let own = name.map_or_else(|| source_name(folder), str::to_owned);
        let mut loose = None;
        for found in Walk::of(folder) {
            match found {
                Found::File(path) => {
                    let below = path.strip_prefix(folder).unwrap_or(&path);
                    let named =
                        name.map_or_else(|| source_name(&path), |name| format!("{name}/{}", shown(below)));
                    self.file(&path, &named, Some((&own, below, &mut loose)))?;
                }
                Found::Passed(path, why) => self.report.pass_over(shown(&path), why),
                Found::Closed(path, error) => self.report.lose(shown(&path), error.to_string()),
            }
        }
        let Some(Loose { name, given, digest }) = loose else { return Ok(()) };
        self.end(&name, given, hex(digest), folder)
    }

    fn file(
        &mut self,
        path: &Path,
        name: &str,
        folder: Option<(&str, &Path, &mut Option<Loose>)>,
    ) -> Result<(), DatabaseError> {
        let opened = File::open(path).and_then(|mut file| content(&mut file).map(|content| (file, content)));
        let (file, content) = match opened {
            Ok((file, Ok(content))) => (file, content),
            Ok((_, Err(why))) => {
                self.report.lose(shown(path), why);
                return Ok(());
            }
            Err(error) => {
                self.report.lose(shown(path), error.to_string());
                return Ok(());
            }
        };
        match content {
            Content::Zip => self.archive(path, file, name),
            Content::Osv(tree) => self.loose(path, &file, name, &tree, folder),
            Content::Kev(tree) => self.kev(path, &tree, name),
            Content::Epss(text) => self.epss(path, &text, name),
            Content::Stix(tree) => self.indicators(path, &file, name, Format::Stix, stix::read(&tree)),
            Content::Misp(tree) => self.indicators(path, &file, name, Format::Misp, misp::read(&tree)),
            Content::Other(why) if folder.is_some() => {
                self.report.pass_over(shown(path), why);
                Ok(())
            }
            Content::Other(why) => {
                self.report.lose(shown(path), why);
                Ok(())
            }
            #[cfg(all(feature = "hostile-reader", target_os = "linux"))]
            Content::Hostile(text) => {
                for line in super::hostile::read(&text) {
                    self.report.lose(format!("{}: hostile reader", shown(path)), line);
                }
                Ok(())
            }
        }
    }

    fn archive(&mut self, path: &Path, file: File, name: &str) -> Result<(), DatabaseError> {
        let opened = sha256(&file).map_err(ZipError::from).and_then(|hash| Ok((hash, Zip::open(file)?)));
        let (hash, zip) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                self.report.lose(shown(path), error.to_string());
                return Ok(());
            }
        };
        if !self.begin(path, name, SourceKind::Archive) {
            return Ok(());
        }
        let mut given = Given::of(name, Format::Zip);
        let mut left = ARCHIVE_BYTES;
        for entry in zip.entries() {
            let entry = match entry {
                Ok(entry) if entry.is_folder() => continue,
                Ok(entry) => entry,
                Err(error) => {
                    self.report.lose(shown(path), error.to_string());
                    break;
                }
            };
            let place = format!("{}!{}", shown(path), entry.name);
            match zip.read(&entry) {
                Ok(bytes) => {
                    let Some(rest) = left.checked_sub(bytes.len() as u64) else {
                        self.report.lose(place, ZipError::Bytes.to_string());
                        break;
                    };
                    left = rest;
                    self.entry(&place, &bytes, name, &mut given)?;
                }
                Err(error) => self.report.lose(place, error.to_string()),
            }
        }
        self.end(name, given, hash, path)
    }

    fn entry(
        &mut self,
        place: &str,
        bytes: &[u8],
        name: &str,
        given: &mut Given,
    ) -> Result<(), DatabaseError> {
        match document(bytes) {
            Ok(Content::Osv(tree)) => self.record(place, &tree, name, given),
            Ok(Content::Other(why)) | Err(why) => {
                self.report.lose(place, why);
                Ok(())
            }
            Ok(_) => {
                self.report.lose(place, "it is no advisory: expected only advisories in an archive");
                Ok(())
            }
        }
    }

    /// A single advisory: a source of its own, or one of those in a folder.
    fn loose(
        &mut self,
        path: &Path,
        file: &File,
        name: &str,
        tree: &Value,
        folder: Option<(&str, &Path, &mut Option<Loose>)>,
    ) -> Result<(), DatabaseError> {
        let hash = match sha256(file) {
            Ok(hash) => hash,
            Err(error) => {
                self.report.lose(shown(path), error.to_string());
                return Ok(());
            }
        };
        let Some((own, below, loose)) = folder else {
            if !self.begin(path, name, SourceKind::File) {
                return Ok(());
            }
            let mut given = Given::of(name, Format::Osv);
            self.record(&shown(path), tree, name, &mut given)?;
            return self.end(name, given, hash, path);
        };
        if loose.is_none() {
            if !self.begin(path, own, SourceKind::Folder) {
                return Ok(());
            }
            let given = Given::of(own, Format::Osv);
            *loose = Some(Loose { name: own.to_owned(), given, digest: Sha256::new() });
        }
        let Some(loose) = loose else { return Ok(()) };
        loose.digest.update(format!("{hash}  {}\n", shown(below)));
        self.record(&shown(path), tree, own, &mut loose.given)
    }

    fn record(
        &mut self,
        place: &str,
        tree: &Value,
        source: &str,
        given: &mut Given,
    ) -> Result<(), DatabaseError> {
        let (advisory, notes) = match osv::read(tree) {
            Ok(read) => read,
            Err(why) => {
                self.report.lose(place, why);
                return Ok(());
            }
        };
        for note in notes {
            if note.lost {
                self.report.lose(format!("{place}: {}", note.at), note.what);
            } else {
                self.report.doubt(Doubt { id: advisory.id.to_string(), at: note.at, what: note.what });
            }
        }
        given.records += 1;
        given.withdrawn += u64::from(advisory.withdrawn.is_some());
        if !self.build.add(source, &advisory)? {
            given.repeated += 1;
        }
        Ok(())
    }

    fn kev(&mut self, path: &Path, tree: &Value, name: &str) -> Result<(), DatabaseError> {
        let (date, entries, problems) = match kev::read(tree) {
            Ok(read) => read,
            Err(why) => {
                self.report.lose(shown(path), why);
                return Ok(());
            }
        };
        self.problems(path, problems);
        let catalogue = Catalogue { source: name.to_owned(), date, entries: entries.len() as u64 };
        let taken = self.build.kev(catalogue, &entries)?.map_err(|refused| refused.to_string());
        self.catalogue(path, name, Format::Kev, entries.len(), taken);
        Ok(())
    }

    fn epss(&mut self, path: &Path, text: &str, name: &str) -> Result<(), DatabaseError> {
        let (date, rows, problems) = match epss::read(text) {
            Ok(read) => read,
            Err(why) => {
                self.report.lose(shown(path), why);
                return Ok(());
            }
        };
        self.problems(path, problems);
        let catalogue = Catalogue { source: name.to_owned(), date, entries: rows.len() as u64 };
        let taken = self.build.epss(catalogue, &rows)?.map_err(|refused| refused.to_string());
        self.catalogue(path, name, Format::Epss, rows.len(), taken);
        Ok(())
    }

    fn indicators(
        &mut self,
        path: &Path,
        file: &File,
        name: &str,
        format: Format,
        read: Mentions,
    ) -> Result<(), DatabaseError> {
        let hash = match sha256(file) {
            Ok(hash) => hash,
            Err(error) => {
                self.report.lose(shown(path), error.to_string());
                return Ok(());
            }
        };
        if !self.begin(path, name, SourceKind::Indicators) {
            return Ok(());
        }
        let mut given = Given::of(name, format);
        given.withdrawn = read.withdrawn;
        for (observable, said) in read.mentions {
            given.records += 1;
            let mention = Mention {
                source: name.to_owned(),
                id: said.id,
                advisory: None,
                about: said.about,
                from: said.from,
                until: said.until,
                only_with_others: said.only_with_others,
            };
            if !self.build.mention(&observable, &mention)? {
                given.repeated += 1;
            }
        }
        for (at, why) in read.lost {
            self.report.lose(format!("{}: {at}", shown(path)), why);
        }
        self.end(name, given, hash, path)
    }

    /// An older catalogue than the one that is held is no loss.
    fn catalogue(
        &mut self,
        path: &Path,
        name: &str,
        format: Format,
        records: usize,
        taken: Result<(), String>,
    ) {
        match taken {
            Ok(()) => {
                self.report.given.push(Given { records: records as u64, ..Given::of(name, format) });
            }
            Err(why) => self.report.pass_over(shown(path), why),
        }
    }

    fn problems(&mut self, path: &Path, problems: Vec<String>) {
        for problem in problems {
            self.report.lose(shown(path), problem);
        }
    }

    fn begin(&mut self, path: &Path, name: &str, kind: SourceKind) -> bool {
        if self.build.has(name) {
            let why = format!("another source of this import is named {name:?}: expected another name");
            self.report.lose(shown(path), why);
            return false;
        }
        self.build.begin(name, kind);
        true
    }

    /// Ends a source. One that gave nothing is given up, so that what it gave before is kept.
    fn end(&mut self, name: &str, given: Given, hash: String, path: &Path) -> Result<(), DatabaseError> {
        if given.records == 0 {
            self.build.abandon(name)?;
            self.report.lose(shown(path), "it holds nothing that is taken in");
            return Ok(());
        }
        match self.build.end(name, hash)? {
            Ok(()) => self.report.given.push(given),
            Err(refused) => self.report.lose(shown(path), refused.to_string()),
        }
        Ok(())
    }
}

impl Given {
    fn of(name: &str, format: Format) -> Self {
        Self { source: name.to_owned(), format, records: 0, withdrawn: 0, repeated: 0 }
    }
}

/// The last two names of a path, made absolute.
fn source_name(path: &Path) -> String {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut names: Vec<_> =
        absolute.components().rev().take(2).map(|part| PathBuf::from(part.as_os_str())).collect();
    names.reverse();
    shown(&names.iter().filter(|name| name.as_os_str() != "/").collect::<PathBuf>())
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// The hash of all of a file, wherever it stands.
fn sha256(mut file: &File) -> io::Result<String> {
    file.rewind()?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex(digest)),
            read => digest.update(&buffer[..read]),
        }
    }
}

fn hex(digest: Sha256) -> String {
    let digest = digest.finalize();
    digest.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
