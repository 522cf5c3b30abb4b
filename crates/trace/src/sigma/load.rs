//! Rule files: finding them, cutting them into documents, and saying what could not be used.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::field::Slot;
use super::item::Placeholders;
use super::parse::{Document, Fault, Parsed, parse};
use super::rule::{LogSource, Place};

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
    let name: Arc<str> = path.to_string_lossy().into();
    let refuse = |reason: String| Problem {
        place: Place { file: name.clone(), line: 1 },
        effect: Effect::Rejected,
        reason,
    };
    let outcome = if path.is_dir() {
        rule_files(path).map(|entries| {
            if depth >= MAX_FOLDERS {
                problems.push(refuse(format!("folders nest deeper than {MAX_FOLDERS}")));
                return;
            }
            for entry in entries {
                read_into(&entry, depth + 1, sources, problems);
            }
        })
    } else {
        read_text(path).map(|text| sources.push(RuleSource { name: name.clone(), text }))
    };
    if let Err(error) = outcome {
        problems.push(refuse(format!("the rules can't be read: {error}")));
    }
}

fn rule_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let metadata = std::fs::symlink_metadata(&path)?;
        let is_rule = path.extension().and_then(|extension| extension.to_str()).is_some_and(|extension| {
            extension.eq_ignore_ascii_case("yml") || extension.eq_ignore_ascii_case("yaml")
        });
        if metadata.is_dir() || (is_rule && path.is_file()) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn read_text(path: &Path) -> io::Result<String> {
    use io::Read;
    let wrong = |reason: String| io::Error::new(io::ErrorKind::InvalidData, reason);
    let file = std::fs::File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(wrong("it is not a file".to_owned()));
    }
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
struct Actions<'t> {
    global: Option<&'t str>,
    /// The last document that is not a repetition, and the repetitions since.
    chain: Vec<&'t str>,
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

    fn section<'t>(&mut self, source: &RuleSource, section: &Section<'t>, actions: &mut Actions<'t>) {
        let place = Place { file: source.name.clone(), line: section.line };
        if let Some(reason) = too_deep(section.text) {
            return self.reject(place, reason);
        }
        match action(section.text) {
            None => actions.chain = vec![section.text],
            Some("global") => {
                actions.global = Some(section.text);
                actions.chain.clear();
                return;
            }
            Some("reset") => {
                *actions = Actions::default();
                return;
            }
            Some("repeat") if actions.chain.is_empty() => {
                return self.reject(place, "`action: repeat` has no document before it".to_owned());
            }
            Some("repeat") if actions.chain.len() >= MAX_CHAIN => {
                return self.reject(place, format!("more than {MAX_CHAIN} documents repeat the same one"));
            }
            Some("repeat") => actions.chain.push(section.text),
            Some(other) => return self.reject(place, format!("the action `{other}` is not known")),
        }
        self.document(section, &place, actions);
    }

    fn document(&mut self, section: &Section<'_>, place: &Place, actions: &Actions<'_>) {
        let alone = actions.global.is_none() && actions.chain.len() == 1;
        let parsed = if alone {
            self.guarded(section.text, place)
        } else {
            let mut whole: Vec<&str> = actions.global.into_iter().collect();
            whole.extend(&actions.chain);
            // Each document of the chain yields one rule, in order; the last is that of this section. The
            // documents before it have been reported already.
            let mut parsed = self.guarded(&whole.join("\n---\n"), place);
            let last = parsed.documents.pop();
            parsed.documents = last.into_iter().collect();
            parsed
        };
        self.take(section, place, parsed);
    }

    /// The parsers are other people's: a panic in them costs the document and no more.
    fn guarded(&self, text: &str, place: &Place) -> Parsed {
        catch_unwind(AssertUnwindSafe(|| parse(text, place, self.placeholders))).unwrap_or_else(|_| Parsed {
            documents: Vec::new(),
            remarks: vec!["the parser failed on this document".to_owned()],
        })
    }

    fn take(&mut self, section: &Section<'_>, place: &Place, parsed: Parsed) {
        let loaded = parsed.documents.iter().any(Result::is_ok);
        let effect = if loaded { Effect::Remark } else { Effect::Rejected };
        let none = parsed.documents.is_empty() && parsed.remarks.is_empty();
        if none {
            self.reject(place.clone(), "there is no rule in this document".to_owned());
        }
        for reason in parsed.remarks {
            let place = Place { line: line_in(&reason, section.line).unwrap_or(place.line), ..place.clone() };
            self.problems.push(Problem { place, effect, reason: shorten(&reason) });
        }
        for document in parsed.documents {
            match document {
                Ok(document) => self.documents.push(document),
                Err(fault) => self.fault(section, place, fault),
            }
        }
    }

    fn fault(&mut self, section: &Section<'_>, place: &Place, fault: Fault) {
        let line = fault.near.and_then(|word| {
            let at = section
                .text
                .lines()
                .position(|line| line.trim_start_matches([' ', '-']).starts_with(&word))?;
            Some(section.first_line + u32::try_from(at).ok()?)
        });
        self.reject(Place { line: line.unwrap_or(place.line), ..place.clone() }, fault.reason);
    }

    fn reject(&mut self, place: Place, reason: String) {
        self.problems.push(Problem { place, effect: Effect::Rejected, reason });
    }
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

/// The value of a top-level `action:`.
fn action(text: &str) -> Option<&str> {
    let line = text.lines().find_map(|line| line.strip_prefix("action:"))?;
    let value = line.split('#').next().unwrap_or_default().trim();
    Some(value.trim_matches(['\'', '"']))
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
