//! The run: a target in, what is there out.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use floodmark_case::{Answer, EvidenceId, ReadSource, Unread};

use crate::answer::{Results, answer};
use crate::component::Component;
use crate::engine::inventory::Inventory;
use crate::engine::knowledge::Knowledge;
use crate::engine::matching::matched;
use crate::engine::set_aside::{Choices, set_aside};
use crate::ignore::{IGNORE_FILE, Ignore, IgnoredBy, MOST_BYTES};
use crate::progress::Progress;
use crate::pulled::Pulled;
use crate::read::{BESIDE, BY_CONTENT, Claims, FIRST_BYTES, FORMATS, Format, Outcome, read};
use crate::statements;
use crate::target::{Asked, Folder, Image, Keep, Met, Platform, Target, Wanted, shown};

/// How many files wait to be read.
const WAITING: usize = 1024;

/// How many things that could not be read are told one by one.
const LISTED_UNREAD: usize = 1000;

/// What is asked.
#[derive(Debug)]
pub struct Request<'k> {
    /// The folder or file to scan.
    pub target: PathBuf,
    /// What the target is called in a registry, if it was fetched from one.
    pub pulled: Option<Pulled>,
    /// What is known to be bad.
    pub knowledge: Knowledge<'k>,
    /// Which image is scanned where there are several; linux/amd64, or the only one, if none is named.
    pub platform: Option<Platform>,
    /// What is set aside.
    pub choices: Choices,
    /// How many threads read.
    pub threads: NonZero<usize>,
    /// Where to tell how far it has come.
    pub progress: Progress,
}

/// Answers: reads everything in the target that a format claims, and asks what is known against it.
///
/// What cannot be read or asked is told in the answer.
pub fn scan(request: &Request<'_>) -> Answer {
    let claims = Claims::of(FORMATS);
    let (target, mut scanned) = match target(request, &claims) {
        Ok(target) => {
            let scanned = survey(&*target, &claims, request);
            (Some(target), scanned)
        }
        Err(error) => {
            let unread = Unread { path: shown(&request.target), why: error.to_string(), incomplete: true };
            (None, Scanned { unread: vec![unread], ..Scanned::default() })
        }
    };
    let mut knowledge = request.knowledge;
    let mut unread = Vec::new();
    let matched = matched(&scanned.components, knowledge).or_else(|error| {
        unread.push(Unread { path: "the database".into(), why: error.to_string(), incomplete: true });
        knowledge.advisories = None;
        matched(&scanned.components, knowledge)
    });
    let mut matched = matched.unwrap_or_default();
    let mut choices = request.choices.clone();
    match ignores_within(&request.target) {
        Ok(ignores) => choices.ignores.extend(ignores),
        Err(why) => unread.push(Unread { path: IGNORE_FILE.into(), why, incomplete: true }),
    }
    unread.extend(set_aside(&mut matched.flaws, &scanned.components, &choices));
    unread.extend(statements::apply(&mut matched.flaws, target.as_deref(), &mut scanned, choices));
    answer(Results { scanned, matched, knowledge, unread })
}

/// What a file at the top of the target wants to be set aside.
fn ignores_within(target: &Path) -> Result<Vec<Ignore>, String> {
    let Ok(folder) = Folder::new(target) else { return Ok(Vec::new()) };
    let Ok(file) = folder.open(Path::new(IGNORE_FILE)) else { return Ok(Vec::new()) };
    let mut text = String::new();
    file.take(MOST_BYTES).read_to_string(&mut text).map_err(|error| error.to_string())?;
    Ignore::read(IGNORE_FILE, &text, IgnoredBy::Target).map_err(|error| error.to_string())
}

/// What is asked for: an image if it is one, else a folder or a file.
fn target(request: &Request<'_>, claims: &Claims) -> io::Result<Box<dyn Target>> {
    let beside = Claims::of(BESIDE);
    let at = |path: &str| if beside.format(path).is_some() { Wanted::ByPath } else { claims.wants(path) };
    let keep = Keep { at: &at, beginning: &|first| claims.format_of(first).is_some() };
    let asked = Asked { platform: request.platform.as_ref(), keep, threads: request.threads };
    // A file that a format claims is read by that, whatever is in it.
    let is_claimed = request.target.is_file() && claims.format(&shown(&request.target)).is_some();
    let image = if is_claimed { None } else { Image::open(&request.target, asked)? };
    match image {
        Some(image) => Ok(Box::new(image)),
        None => Ok(Box::new(Folder::new(&request.target)?)),
    }
}

/// What is there.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Scanned {
    /// The components, sorted by purl.
    pub components: Vec<Component>,
    /// What was read, sorted by path.
    pub read: Vec<ReadSource>,
    /// What was not, sorted by path.
    pub unread: Vec<Unread>,
}

/// Reads everything in the target that a format claims. What cannot be read is told, and the rest is read.
fn survey(target: &dyn Target, claims: &Claims, request: &Request<'_>) -> Scanned {
    // A database is asked by one thread only, so that workers do not get all of the request.
    let progress = &request.progress;
    let (send, receive) = sync_channel::<PathBuf>(WAITING);
    let receive = Mutex::new(receive);
    let work = || {
        let mut survey = Survey::default();
        while let Some(path) = next(&receive) {
            let outcome = match format_of(claims, target, &path) {
                Ok(Some(format)) => read_one(target, &path, format),
                Ok(None) => continue,
                Err(unread) => Outcome { unread: vec![unread], ..Outcome::default() },
            };
            progress.file(outcome.components.len() as u64);
            survey.observe(outcome);
        }
        survey
    };
    let survey = thread::scope(|scope| {
        let workers: Vec<_> = (0..request.threads.get()).map(|_| scope.spawn(work)).collect();
        let mut own = Survey::default();
        let (mut read, mut unread) = target.opened();
        let components =
            request.pulled.as_ref().map(|pulled| pulled.components(&mut read)).unwrap_or_default();
        unread.extend(request.pulled.iter().flat_map(Pulled::unread));
        own.observe(Outcome { components, read, unread, ..Outcome::default() });
        target.walk(&|path| claims.wants(path), &mut |met| match met {
            // Workers outlive the walk: a file that breaks its reader is caught in `read_one`.
            Met::File(path) => drop(send.send(path)),
            Met::Unread(path, why) => own.tell(Unread { path: shown(&path), why, incomplete: true }),
        });
        drop(send);
        workers.into_iter().filter_map(|worker| worker.join().ok()).fold(own, Survey::merge)
    });
    survey.finish()
}

fn next(receive: &Mutex<Receiver<PathBuf>>) -> Option<PathBuf> {
    receive.lock().ok()?.recv().ok()
}

/// The format that claims a file: by its path, or by what it begins with.
fn format_of(claims: &Claims, target: &dyn Target, path: &Path) -> Result<Option<&'static Format>, Unread> {
    let named = claims.format(&shown(path));
    if named.is_some() {
        return Ok(named);
    }
    let mut first = Vec::with_capacity(FIRST_BYTES);
    let read = target.open(path).and_then(|file| file.take(FIRST_BYTES as u64).read_to_end(&mut first));
    match read {
        Ok(_) => Ok(claims.format_of(&first).or_else(|| target.is_only(path).then_some(&BY_CONTENT))),
        Err(error) => {
            let why = format!("cannot be looked into, so that whether it is a program is not known: {error}");
            // What this user may not read is mostly no program either.
            let incomplete = error.kind() != io::ErrorKind::PermissionDenied;
            Err(Unread { path: shown(path), why, incomplete })
        }
    }
}

/// A file that breaks its reader is told like one that cannot be read, and the others are read.
fn read_one(target: &dyn Target, path: &Path, format: &'static Format) -> Outcome {
    catch_unwind(AssertUnwindSafe(|| read(target, path, format))).unwrap_or_else(|_| {
        let why = "broke its reader, which is a defect of floodmark: nothing of it is listed";
        let unread = Unread { path: shown(path), why: why.into(), incomplete: true };
        Outcome { unread: vec![unread], ..Outcome::default() }
    })
}

/// The fold over files.
#[derive(Debug, Default)]
struct Survey {
    inventory: Inventory,
    /// By path, the first the one with the most records: a file may be read for its own sake and as another's neighbour.
    read: BTreeMap<(String, EvidenceId), ReadSource>,
    unread: BTreeSet<Unread>,
    more_unread: u64,
}

impl Survey {
    fn observe(&mut self, outcome: Outcome) {
        self.inventory.extend(outcome.components);
        outcome.read.into_iter().for_each(|read| self.note(read));
        outcome.unread.into_iter().for_each(|unread| self.tell(unread));
    }

    /// A file once, by the format that found most in it.
    fn note(&mut self, read: ReadSource) {
        let known = self.read.entry((read.path.clone(), read.evidence)).or_insert_with(|| read.clone());
        if (read.records, &known.kind) > (known.records, &read.kind) {
            *known = read;
        }
    }

    /// Tells the first in the order of paths, and counts the others: which those are does not depend on threads.
    fn tell(&mut self, unread: Unread) {
        self.unread.insert(unread);
        if self.unread.len() > LISTED_UNREAD {
            self.unread.pop_last();
            self.more_unread += 1;
        }
    }

    fn merge(mut self, other: Self) -> Self {
        self.inventory = self.inventory.merge(other.inventory);
        other.read.into_values().for_each(|read| self.note(read));
        self.more_unread += other.more_unread;
        other.unread.into_iter().for_each(|unread| self.tell(unread));
        self
    }

    fn finish(self) -> Scanned {
        let mut unread: Vec<Unread> = self.unread.into_iter().collect();
        if self.more_unread > 0 {
            let why = format!("{} more files, folders and entries could not be read", self.more_unread);
            unread.push(Unread { path: "and others".into(), why, incomplete: true });
        }
        Scanned { components: self.inventory.finish(), read: self.read.into_values().collect(), unread }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use floodmark_intel::compromise::Compromises;

    use super::*;

    fn scanned(target: &Path, threads: usize) -> Answer {
        scan(&Request {
            target: target.to_owned(),
            pulled: None,
            knowledge: Knowledge { advisories: None, compromises: Compromises::shipped() },
            platform: None,
            choices: Choices::default(),
            threads: NonZero::new(threads).expect("threads"),
            progress: Progress::default(),
        })
    }

    #[test]
    fn the_answer_is_the_same_on_any_number_of_threads() {
        let root = tempfile::tempdir().expect("a folder");
        for number in 0..200 {
            let folder = root.path().join(format!("project-{number}"));
            fs::create_dir(&folder).expect("a folder");
            let lock = format!(
                "[[package]]\nname = \"shared\"\nversion = \"{}\"\n[[package]]\nname = \"own-{number}\"\nversion = \"1\"\n\
                 [[package]]\nname = {number}\n",
                number % 7
            );
            fs::write(folder.join("Cargo.lock"), lock).expect("a file");
        }
        let one = scanned(root.path(), 1);
        assert_eq!(one.inventory.components.len(), 207);
        assert_eq!((one.coverage.read.len(), one.coverage.unread.len()), (200, 200));
        assert_eq!(one, scanned(root.path(), 2));
        assert_eq!(one, scanned(root.path(), 8));
    }

    #[test]
    fn a_target_that_is_not_there_is_told() {
        let missing = scanned("/nonexistent/floodmark".as_ref(), 1);
        assert!(missing.is_incomplete() && missing.coverage.unread.len() == 1, "{missing:?}");
    }

    #[test]
    fn a_program_is_found_by_what_it_begins_with_and_other_files_are_passed_over() {
        let root = tempfile::tempdir().expect("a folder");
        for (name, content) in
            [("tool", &b"\x7fELF\x02\x01"[..]), ("notes", b"text"), ("empty", b""), ("a.js", b"\x7fELF")]
        {
            fs::write(root.path().join(name), content).expect("a file");
        }
        let answer = scanned(root.path(), 2);
        let told: Vec<_> = answer.coverage.unread.iter().map(|one| one.path.as_str()).collect();
        assert_eq!((told, answer.coverage.read.len()), (vec!["tool"], 0), "{:?}", answer.coverage);
        let alone = scanned(&root.path().join("notes"), 1);
        assert!(alone.coverage.unread[0].why.contains("is of no format"), "{:?}", alone.coverage);
    }

    #[test]
    fn a_single_file_can_be_scanned_and_its_neighbours_are_left_alone() {
        let root = tempfile::tempdir().expect("a folder");
        let package = |name: &str| format!("[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\n");
        fs::write(root.path().join("Cargo.lock"), package("named")).expect("a file");
        fs::create_dir(root.path().join("sub")).expect("a folder");
        fs::write(root.path().join("sub/Cargo.lock"), package("other")).expect("a file");
        let answer = scanned(&root.path().join("Cargo.lock"), 2);
        let names: Vec<_> = answer.inventory.components.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["named"]);
        fs::write(root.path().join("notes.txt"), "").expect("a file");
        let none = scanned(&root.path().join("notes.txt"), 1);
        assert!(none.coverage.unread[0].why.contains("no format"), "{none:?}");
    }
}
