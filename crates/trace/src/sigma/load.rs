//! Rule files: finding them, cutting them into documents, and saying what could not be used.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use super::field::Slot;
use super::item::Placeholders;
use super::parse::{Document, Fault, parse};
use super::rule::{LogSource, Place};
use super::yaml::Yaml;

/// A rule file held in memory.
#[derive(Clone, Debug)]
pub struct RuleSource {
    /// The name under which problems and rules are reported.
    pub name: Arc<str>,
    /// The YAML, of one or several documents.
    pub text: String,
}

impl RuleSource {
    /// A source from its name and text.
    pub fn new(name: impl Into<Arc<str>>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into() }
    }
}

/// How rules are loaded.
#[derive(Clone, Debug)]
pub struct LoadOptions {
    /// The log source of the events; rules for others are set aside. `None` keeps every rule.
    pub events: Option<LogSource>,
    /// The values for `|expand`; a rule with a placeholder that has none is rejected.
    pub placeholders: Placeholders,
    /// The paths of the two selector fields that [`super::Fields::selector`] answers.
    pub selector: [String; 2],
    /// Gives field paths the slot by which the caller's [`super::Fields`] knows them.
    pub slot: fn(&str) -> Slot,
}

impl Default for LoadOptions {
    fn default() -> Self {
        Self {
            events: Some(LogSource::cloudtrail()),
            placeholders: Placeholders::new(),
            selector: ["eventSource".to_owned(), "eventName".to_owned()],
            slot: |_| Slot::default(),
        }
    }
}

/// Something in a rule file that the user should know of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Where.
    pub place: Place,
    /// What it means for the rule.
    pub effect: Effect,
    /// Why, in words.
    pub reason: String,
}

/// What a problem means for the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// The rule is not used.
    Rejected,
    /// The rule is used; a part of what it says about itself is not.
    Remark,
}

/// The largest rule file that is read, in bytes.
pub const MAX_FILE: u64 = 8 << 20;
/// How deep folders may nest below the one given.
const MAX_FOLDERS: usize = 32;
/// How deep brackets may nest in one document, conditions and regular expressions alike.
const MAX_BRACKETS: usize = 200;
/// How many `[` and `{` one document may have.
const MAX_FLOW: usize = 10_000;
/// How many documents one `action: repeat` chain may have.
const MAX_CHAIN: usize = 200;
/// The parsers recurse; a condition of 64 KiB of `not` needs this much stack, in bytes.
const STACK: usize = 64 << 20;

/// Reads the rule files (`*.yml`, `*.yaml`) of a folder and below it, or one file, in the order of their
/// paths. Symbolic links to folders are not followed. What can't be read is a problem; the rest is read.
pub fn read_rules(path: &Path) -> (Vec<RuleSource>, Vec<Problem>) {
    let mut sources = Vec::new();
    let mut problems = Vec::new();
    read_into(path, 0, &mut sources, &mut problems);
    (sources, problems)
}

fn read_into(path: &Path, depth: usize, sources: &mut Vec<RuleSource>, problems: &mut Vec<Problem>) {
    let outcome = if path.is_dir() {
        read_folder(path, depth, sources, problems)
    } else {
        read_text(path).map(|text| sources.push(RuleSource::new(path.to_string_lossy(), text)))
    };
    problems.extend(outcome.err().map(|error| refused(path, format!("the rules can't be read: {error}"))));
}

fn refused(path: &Path, reason: String) -> Problem {
    let place = Place { file: path.to_string_lossy().into(), line: 1 };
    Problem { place, effect: Effect::Rejected, reason }
}

fn read_folder(
    folder: &Path,
    depth: usize,
    sources: &mut Vec<RuleSource>,
    problems: &mut Vec<Problem>,
) -> io::Result<()> {
    if depth >= MAX_FOLDERS {
        return Err(wrong(format!("folders nest deeper than {MAX_FOLDERS}")));
    }
    let mut entries = std::fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(std::fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let is_link_to_folder = !is_folder && path.is_dir();
        if is_link_to_folder && !entry.file_name().as_encoded_bytes().starts_with(b".") {
            problems.push(refused(&path, "it is a link to a folder, which is not followed".to_owned()));
        } else if is_folder || (is_rule(&path) && !is_link_to_folder) {
            // What is called a rule and is none, such as a pipe or a link to nowhere, is told when it is read.
            read_into(&path, depth + 1, sources, problems);
        }
    }
    Ok(())
}

fn is_rule(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    extension.eq_ignore_ascii_case("yml") || extension.eq_ignore_ascii_case("yaml")
}

fn wrong(reason: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

fn read_text(path: &Path) -> io::Result<String> {
    use io::Read;
    // Before it is opened: to open a pipe waits for somebody to write into it.
    if !path.metadata()?.is_file() {
        return Err(wrong("it is not a file".to_owned()));
    }
    let file = std::fs::File::open(path)?;
    let mut bytes = Vec::new();
    file.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(wrong(format!("it is larger than {MAX_FILE} bytes")));
    }
    String::from_utf8(bytes)
        .map_err(|error| wrong(format!("it is not UTF-8 at byte {}", error.utf8_error().valid_up_to())))
}

/// Parses the sources, on a stack of its own.
pub(super) fn parse_all(
    sources: &[RuleSource],
    placeholders: &Placeholders,
) -> (Vec<Document>, Vec<Problem>) {
    let work = || {
        let mut loader = Loader { placeholders, documents: Vec::new(), problems: Vec::new() };
        for source in sources {
            loader.source(source);
        }
        (loader.documents, loader.problems)
    };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("rules".to_owned()).stack_size(STACK);
        match thread.spawn_scoped(scope, work).map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(done)) => done,
            Ok(Err(_)) | Err(_) => (Vec::new(), vec![no_thread(sources)]),
        }
    })
}

fn no_thread(sources: &[RuleSource]) -> Problem {
    let file = sources.first().map_or_else(|| "".into(), |source| source.name.clone());
    let reason = "no rule was read, since the thread that parses them failed".to_owned();
    Problem { place: Place { file, line: 1 }, effect: Effect::Rejected, reason }
}

struct Loader<'p> {
    placeholders: &'p Placeholders,
    documents: Vec<Document>,
    problems: Vec<Problem>,
}

/// What of a file still acts on its later documents.
#[derive(Default)]
struct Actions {
    global: Option<Yaml>,
    /// The last document, with all that was laid over it.
    previous: Option<Yaml>,
    /// How many documents in a row repeat the same one.
    repeated: usize,
}

impl Actions {
    /// The document that this one comes to with those before it; `None` if it only acts on later ones.
    fn apply(&mut self, mut document: Yaml) -> Result<Option<Yaml>, String> {
        let action = take_action(&mut document)?;
        match action.as_deref() {
            None => self.repeated = 0,
            Some("global") => {
                *self = Self { global: Some(document), ..Self::default() };
                return Ok(None);
            }
            Some("reset") => {
                *self = Self::default();
                return Ok(None);
            }
            Some("repeat") if self.repeated >= MAX_CHAIN => {
                return Err(format!("more than {MAX_CHAIN} documents repeat the same one"));
            }
            Some("repeat") => self.repeated += 1,
            Some(other) => return Err(format!("the action `{other}` is not known")),
        }
        let base = if action.is_none() {
            self.global.clone()
        } else {
            let previous = self.previous.take();
            Some(previous.ok_or("`action: repeat` has no document before it")?)
        };
        let whole = base.map_or_else(|| document.clone(), |base| base.overlaid(document.clone()));
        self.previous = Some(whole.clone());
        Ok(Some(whole))
    }
}

fn take_action(document: &mut Yaml) -> Result<Option<String>, String> {
    let Yaml::Map(entries) = document else { return Ok(None) };
    let Some(at) = entries.iter().position(|(key, _)| key == "action") else { return Ok(None) };
    let (_, action) = entries.remove(at);
    action.scalar().map(Some).ok_or_else(|| "an action is `global`, `reset` or `repeat`".to_owned())
}

impl Loader<'_> {
    fn source(&mut self, source: &RuleSource) {
        let text = source.text.trim_start_matches('\u{feff}');
        if text.len() as u64 > MAX_FILE {
            let place = Place { file: source.name.clone(), line: 1 };
            return self.reject(place, format!("the file is larger than {MAX_FILE} bytes"));
        }
        let mut actions = Actions::default();
        for section in sections(text) {
            self.section(source, &section, &mut actions);
        }
    }

    fn section(&mut self, source: &RuleSource, section: &Section<'_>, actions: &mut Actions) {
        let place = Place { file: source.name.clone(), line: section.line };
        let document = too_deep(section.text)
            .map_or_else(|| guarded(|| Yaml::parse(section.text)), Err)
            .and_then(|document| actions.apply(document));
        match document {
            Ok(Some(document)) => self.document(section, &place, &document),
            Ok(None) => {}
            Err(reason) => {
                let line = line_in(&reason, section.first_line).unwrap_or(place.line);
                self.reject(Place { line, ..place }, shorten(&reason));
            }
        }
    }

    fn document(&mut self, section: &Section<'_>, place: &Place, document: &Yaml) {
        let mut remarks = Vec::new();
        let parsed = parse(document, place, self.placeholders, &mut remarks);
        match parsed {
            Ok(document) => self.documents.push(document),
            Err(fault) => return self.fault(section, place, fault),
        }
        self.problems.extend(remarks.into_iter().map(|reason| Problem {
            place: place.clone(),
            effect: Effect::Remark,
            reason: shorten(&reason),
        }));
    }

    fn fault(&mut self, section: &Section<'_>, place: &Place, fault: Fault) {
        let line = fault.near.and_then(|word| {
            let at = section
                .text
                .lines()
                .position(|line| line.trim_start_matches([' ', '-', '\'', '"']).starts_with(&word))?;
            Some(section.first_line + u32::try_from(at).ok()?)
        });
        self.reject(Place { line: line.unwrap_or(place.line), ..place.clone() }, shorten(&fault.reason));
    }

    fn reject(&mut self, place: Place, reason: String) {
        self.problems.push(Problem { place, effect: Effect::Rejected, reason });
    }
}

/// The YAML parser is other people's: a panic in it costs the document and no more.
fn guarded(read: impl FnOnce() -> Result<Yaml, String>) -> Result<Yaml, String> {
    catch_unwind(AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err("the YAML parser failed on this document".to_owned()))
}

fn shorten(reason: &str) -> String {
    let line = reason.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    if line.chars().count() <= 300 { line } else { line.chars().take(300).chain(['…']).collect() }
}

/// The line a YAML error speaks of, counted in the file.
fn line_in(reason: &str, first: u32) -> Option<u32> {
    if !reason.starts_with("YAML") {
        return None;
    }
    let digits = reason.split("at line ").nth(1)?;
    let line: u32 = digits.split(|char: char| !char.is_ascii_digit()).next()?.parse().ok()?;
    Some(first.saturating_add(line).saturating_sub(1))
}

/// One document of a file.
struct Section<'t> {
    text: &'t str,
    /// The line of its first word, for people.
    line: u32,
    /// The line at which the text begins.
    first_line: u32,
}

/// Cuts a file at its `---` and `...` lines; empty documents are left out.
fn sections(text: &str) -> Vec<Section<'_>> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut first_line = 1;
    let mut at = 0;
    for (number, line) in (1_u32..).zip(text.split_inclusive('\n')) {
        let is_mark = ["---", "..."].iter().any(|mark| {
            line.strip_prefix(mark)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
        });
        if is_mark {
            out.extend(section(&text[start..at], first_line));
            start = at + 3;
            first_line = number;
        }
        at += line.len();
    }
    out.extend(section(&text[start..], first_line));
    out
}

fn section(text: &str, first_line: u32) -> Option<Section<'_>> {
    let blank = |line: &str| {
        let line = line.trim();
        line.is_empty() || line.starts_with('#') || line.starts_with('%')
    };
    let skipped = text.lines().take_while(|line| blank(line)).count();
    text.lines().nth(skipped)?;
    Some(Section { text, line: first_line + u32::try_from(skipped).unwrap_or(u32::MAX), first_line })
}

/// Why a document must not reach the parsers: their recursion has no bound of its own for brackets, and their
/// time grows with the square of how deep flow lists and maps nest.
fn too_deep(text: &str) -> Option<String> {
    if text.bytes().filter(|byte| matches!(byte, b'[' | b'{')).count() > MAX_FLOW {
        return Some(format!("there are more than {MAX_FLOW} lists and maps in brackets"));
    }
    let mut depth = 0_usize;
    let mut rest = text;
    while let Some(at) = rest.find(['(', ')', '\\']) {
        let here = &rest[at..];
        let hidden = ["\\x28", "\\u0028", "\\U00000028"].iter().find(|form| here.starts_with(**form));
        let mut taken = 1;
        match (here.as_bytes()[0], hidden) {
            (b'(', _) => depth += 1,
            (b')', _) => depth = depth.saturating_sub(1),
            (_, Some(form)) => {
                depth += 1;
                taken = form.len();
            }
            // What a backslash escapes in a regular expression is no bracket there.
            _ => taken += here[1..].chars().next().map_or(0, char::len_utf8),
        }
        if depth > MAX_BRACKETS {
            return Some(format!("brackets nest deeper than {MAX_BRACKETS}"));
        }
        rest = &here[taken..];
    }
    None
}
