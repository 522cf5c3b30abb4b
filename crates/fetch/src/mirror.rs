//! Advisories as osv.dev lays them out, and the lists of CISA and FIRST: files behind URLs, fetched as far as they are new.
//!
//! ```text
//! <name>           a file that was fetched whole, waiting to be taken in
//! <name>.part      one that has begun to come
//! <either>.json    which version of which URL it is
//! state.json       what was taken in before; written by who takes it in
//! ```

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use ureq::http::{HeaderName, header};

use crate::checksum::{Announced, Checksum};
use crate::client::{Answer, Client, Redirects, Request, Way};
use crate::error::FetchError;
use crate::job::{AdvisoriesAsked, Held, SourceFetched, SourceState, State, Version};
use crate::run::{origin, read};
use crate::transfer::{Bound, Meter};

/// The list of ecosystems, in bytes and in lines.
const LIST: Bound = Bound { bytes: 64 << 10, why: "which is more than a list of ecosystems has" };
const MOST_ECOSYSTEMS: usize = 500;

/// The longest that is believed of `ETag` and `Last-Modified`.
const MOST_VALIDATOR: usize = 300;

/// After so many failures to speak to a host nothing more is asked.
const MOST_FAILURES: usize = 3;

/// Fetches what is asked into a folder.
pub(crate) struct Mirror<'r, 'm> {
    pub(crate) way: &'r Way,
    pub(crate) folder: &'r Path,
    pub(crate) asked: &'r AdvisoriesAsked,
    pub(crate) held: &'r Held,
    pub(crate) meter: Meter<'m>,
}

/// What a file beside another says of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Beside {
    url: String,
    version: Version,
}

/// A file that is fetched.
struct Source {
    name: String,
    url: String,
}

/// The paths of one source.
struct Paths {
    whole: PathBuf,
    part: PathBuf,
}

impl Mirror<'_, '_> {
    /// Fetches all; what cannot be had is told, and the others are fetched.
    pub(crate) fn fetch(mut self) -> Result<Vec<SourceFetched>, FetchError> {
        // Of a run that was ended the fetching process may be there for a moment yet.
        let lock = self.folder.join("lock");
        let lock_file = File::create(&lock).map_err(FetchError::file(&lock))?;
        if lock_file.try_lock().is_err() {
            return Err(FetchError::Asked(format!(
                "{}: another process fetches into it",
                self.folder.display()
            )));
        }
        let sources = self.sources()?;
        let state = State::read(self.folder);
        let (mut fetched, mut failures) = (Vec::new(), 0);
        for Source { name, url } in sources {
            let outcome = if failures < MOST_FAILURES {
                self.one(&name, &url, &state)
            } else {
                Err(FetchError::Asked("was not asked for, after the others".into()))
            };
            let state = match outcome {
                Ok(state) => state,
                Err(error @ (FetchError::File { .. } | FetchError::Unheard)) => return Err(error),
                Err(error) => {
                    failures +=
                        usize::from(matches!(error, FetchError::Connection { .. } | FetchError::Slow { .. }));
                    SourceState::Failed(error.to_string())
                }
            };
            fetched.push(SourceFetched { name, url, state });
        }
        Ok(fetched)
    }

    fn sources(&mut self) -> Result<Vec<Source>, FetchError> {
        let mirror = self.asked.mirror.trim_end_matches('/').to_owned();
        let of = |name: &str| Source {
            name: format!("{name}/all.zip"),
            url: format!("{mirror}/{}/all.zip", escaped(name)),
        };
        let wrong = self.asked.ecosystems.iter().find(|name| !is_ecosystem(name));
        if let Some(wrong) = wrong {
            return Err(FetchError::Asked(format!(
                "{wrong:?} is no ecosystem: expected a name such as PyPI"
            )));
        }
        let mut sources: Vec<Source> = if self.asked.ecosystems.is_empty() {
            match self.ecosystems(&mirror)? {
                Some(names) => names.iter().map(|name| of(name)).collect(),
                None => vec![Source { name: "all.zip".into(), url: format!("{mirror}/all.zip") }],
            }
        } else {
            let names: BTreeSet<&String> = self.asked.ecosystems.iter().collect();
            names.into_iter().map(|name| of(name)).collect()
        };
        let lists = [
            ("cisa/known_exploited_vulnerabilities.json", &self.asked.kev),
            ("first/epss_scores-current.csv.gz", &self.asked.epss),
        ];
        sources.extend(lists.into_iter().filter_map(|(name, url)| {
            url.as_ref().map(|url| Source { name: name.into(), url: url.clone() })
        }));
        Ok(sources)
    }

    /// The ecosystems that the mirror names; none if it has no list.
    fn ecosystems(&mut self, mirror: &str) -> Result<Option<Vec<String>>, FetchError> {
        let url = format!("{mirror}/ecosystems.txt");
        let answer = self.ask(&url, &[])?;
        let what = answer.url.clone();
        match answer.status {
            200 => {}
            // Google's storage answers 403 for what is not there.
            403 | 404 => return Ok(None),
            status => return Err(FetchError::Status { url: what, status, said: None }),
        }
        let text = self.meter.read(answer, LIST)?;
        let text = String::from_utf8(text).map_err(|_| FetchError::nonsense(&what, "is no text in UTF-8"))?;
        let names: BTreeSet<&str> = text.lines().map(str::trim).filter(|name| !name.is_empty()).collect();
        if names.len() > MOST_ECOSYSTEMS {
            return Err(FetchError::nonsense(what, format!("names more than {MOST_ECOSYSTEMS} ecosystems")));
        }
        if let Some(wrong) = names.iter().find(|name| !is_ecosystem(name)) {
            let wrong: String = wrong.chars().take(100).collect();
            return Err(FetchError::nonsense(what, format!("names {wrong:?}, which is no ecosystem")));
        }
        // The archive of `Debian` holds those of `Debian:12` too.
        let is_part = |name: &str| name.split_once(':').is_some_and(|(all, _)| names.contains(all));
        Ok(Some(names.iter().filter(|name| !is_part(name)).map(|name| (*name).to_owned()).collect()))
    }

    fn ask(&self, url: &str, headers: &[(HeaderName, &str)]) -> Result<Answer, FetchError> {
        let client = Client::new(self.way, origin(url)?);
        client.get(Request { url, headers, authorization: None, redirects: Redirects::Followed })
    }

    fn one(&mut self, name: &str, url: &str, state: &State) -> Result<SourceState, FetchError> {
        let paths = Paths::of(self.folder, name);
        let whole = beside(&paths.whole, url).filter(|version| length(&paths.whole) == version.bytes);
        let taken = state.sources.get(name).filter(|taken| taken.url == url && self.held.contains(name));
        let known = whole.clone().or_else(|| taken.map(|taken| taken.version.clone()));
        let begun = beside(&paths.part, url).filter(|version| version.unchanged().is_some());
        let at = length(&paths.part);
        let range = format!("bytes={at}-");
        let mut headers = Vec::new();
        if let (Some(unchanged), true) = (begun.as_ref().and_then(Version::unchanged), at > 0) {
            headers.extend([(header::RANGE, range.as_str()), (header::IF_RANGE, unchanged)]);
        } else if let Some(known) = &known {
            headers.extend(known.etag.as_deref().map(|etag| (header::IF_NONE_MATCH, etag)));
            headers.extend(known.last_modified.as_deref().map(|time| (header::IF_MODIFIED_SINCE, time)));
        }
        let answer = self.ask(url, &headers)?;
        match answer.status {
            304 => Ok(whole.map_or(SourceState::Same, SourceState::New)),
            200 => self.take(answer, url, &paths, 0),
            206 if continues(&answer, at, begun.as_ref()) => self.take(answer, url, &paths, at),
            // What had begun is another version, or was whole already: from the beginning.
            206 | 416 if at > 0 => {
                paths.forget_part()?;
                let answer = self.ask(url, &[])?;
                match answer.status {
                    200 => self.take(answer, url, &paths, 0),
                    status => Err(FetchError::Status { url: answer.url, status, said: None }),
                }
            }
            status => Err(FetchError::Status { url: answer.url, status, said: None }),
        }
    }

    /// Takes a file, or the rest of it from a byte on.
    fn take(&mut self, answer: Answer, url: &str, paths: &Paths, at: u64) -> Result<SourceState, FetchError> {
        let (what, announced) = (answer.url.clone(), Announced::by(&answer));
        let mut version = Version::of(&answer);
        let mut checksum = Checksum::new();
        let part = &paths.part;
        if let Some(above) = part.parent() {
            fs::create_dir_all(above).map_err(FetchError::file(above))?;
        }
        let opened = File::options().create(true).append(at > 0).write(true).truncate(at == 0).open(part);
        let mut file = opened.map_err(FetchError::file(part))?;
        if at > 0 {
            hash(part, &mut checksum).map_err(FetchError::file(part))?;
        } else {
            write(&named_beside(part), &Beside { url: url.to_owned(), version: version.clone() })?;
        }
        let bound = Bound { bytes: u64::MAX, why: crate::error::MOST_BYTES };
        self.meter.copy(answer, bound, &mut |bytes| {
            checksum.update(bytes);
            file.write_all(bytes).map_err(FetchError::file(part))
        })?;
        version.bytes = checksum.bytes();
        if let Some(why) = checksum.differs(&announced) {
            paths.forget_part()?;
            return Err(FetchError::nonsense(what, why));
        }
        file.sync_all().map_err(FetchError::file(part))?;
        // In this order no version stands beside a file that is another one.
        gone(&paths.whole)?;
        write(&named_beside(&paths.whole), &Beside { url: url.to_owned(), version: version.clone() })?;
        fs::rename(part, &paths.whole).map_err(FetchError::file(&paths.whole))?;
        gone(&named_beside(part))?;
        Ok(SourceState::New(version))
    }
}

impl Paths {
    fn of(folder: &Path, name: &str) -> Self {
        let whole = folder.join(name);
        let mut part = whole.as_os_str().to_owned();
        part.push(".part");
        Self { whole, part: part.into() }
    }

    fn forget_part(&self) -> Result<(), FetchError> {
        gone(&named_beside(&self.part))?;
        gone(&self.part)
    }
}

impl Version {
    fn of(answer: &Answer) -> Self {
        let text = |name: HeaderName| {
            let value = answer.header(name).filter(|value| (1..=MOST_VALIDATOR).contains(&value.len()));
            value.map(str::to_owned)
        };
        Self { etag: text(header::ETAG), last_modified: text(header::LAST_MODIFIED), bytes: 0 }
    }

    /// What says that a file is the same to the byte: RFC 9110 section 13.1.5. A weak `ETag` does not.
    fn unchanged(&self) -> Option<&str> {
        match &self.etag {
            Some(etag) => Some(etag.as_str()).filter(|etag| etag.starts_with('"')),
            None => self.last_modified.as_deref(),
        }
    }
}

/// Whether a part of a file follows what is there of it.
fn continues(answer: &Answer, at: u64, begun: Option<&Version>) -> bool {
    let range = answer.header(header::CONTENT_RANGE).and_then(|range| range.strip_prefix("bytes "));
    let first = range.and_then(|range| range.split_once('-')?.0.parse::<u64>().ok());
    let same = begun.and_then(Version::unchanged).is_some_and(|begun| {
        let now = Version::of(answer);
        now.unchanged().is_none_or(|now| now == begun)
    });
    at > 0 && first == Some(at) && same
}

fn is_ecosystem(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b" ._-:+".contains(&byte);
    (1..=100).contains(&name.len())
        && name.bytes().all(is_plain)
        && !name.starts_with(['.', ' '])
        && !name.ends_with(' ')
}

fn escaped(name: &str) -> String {
    name.replace(' ', "%20").replace('+', "%2B")
}

fn named_beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".json");
    name.into()
}

/// The version of a file, if it is from this URL.
fn beside(path: &Path, url: &str) -> Option<Version> {
    let bytes = read(&named_beside(path), 64 << 10).ok()?;
    let beside: Beside = serde_json::from_slice(&bytes).ok()?;
    (beside.url == url).then_some(beside.version)
}

fn write(path: &Path, what: &Beside) -> Result<(), FetchError> {
    let bytes = serde_json::to_vec(what).map_err(|error| FetchError::Asked(error.to_string()))?;
    fs::write(path, bytes).map_err(FetchError::file(path))
}

fn length(path: &Path) -> u64 {
    fs::metadata(path).map(|metadata| metadata.len()).unwrap_or_default()
}

fn gone(path: &Path) -> Result<(), FetchError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(FetchError::file(path)(error)),
        _ => Ok(()),
    }
}

fn hash(path: &Path, checksum: &mut Checksum) -> io::Result<()> {
    let mut file = File::open(path)?;
    let mut buffer = vec![0; 64 << 10];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(()),
            read => checksum.update(&buffer[..read]),
        }
    }
}
