//! `go.mod` with the `go.sum` beside it, <https://go.dev/ref/mod#go-mod-file>.
//!
//! From Go 1.17 on the file lists every module that a build can need. Before that it lists what the module asks for itself:
//! of the others the highest version stands that `go.sum` has the content of. `go.sum` holds hashes of trees of files, which
//! are no hashes of anything that is delivered, and are left out.
//!
//! The standard library is a component by the version of the toolchain that is asked for, since advisories are about it.

use std::collections::{BTreeMap, BTreeSet};

use floodmark_intel::version::{Order, Version};

use super::reading::Neighbour;
use super::text::{lines, utf8};
use super::{Broken, Reading};
use crate::component::{Component, Place, Registry};

/// A module that is asked for.
struct Required {
    place: Place,
    path: String,
    version: String,
    direct: bool,
}

/// What stands in the place of a module.
#[derive(Clone)]
enum Instead {
    Module(String, String),
    Folder,
}

/// What a file says.
#[derive(Default)]
struct Said {
    required: Vec<Required>,
    /// By path, and by version where only that is replaced.
    replaced: BTreeMap<(String, Option<String>), Instead>,
    /// The version of the language, and of the toolchain.
    go: Option<(Place, String)>,
    toolchain: Option<(Place, String)>,
}

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    utf8(bytes, "a go.mod file")?;
    let said = said(bytes, reading);
    for required in &said.required {
        let component = component(required, &said.replaced);
        reading.add(required.place.clone(), component);
    }
    if let Some((place, version)) =
        said.toolchain.as_ref().or(said.go.as_ref()).filter(|(_, go)| is_whole(go))
    {
        let library = Registry::Go.component("stdlib", Some(version));
        reading.add(place.clone(), library.map(Component::direct));
    }
    let lists_all = said.go.as_ref().is_some_and(|(_, go)| is_from_1_17(go));
    if !lists_all && let Ok(Neighbour::File(file, bytes)) = reading.neighbour("go.sum") {
        reading.inside(file, |reading| others(&bytes, &said, reading));
    }
    Ok(())
}

/// `go.sum` alone, where no `go.mod` lies beside it that would tell more.
pub(crate) fn read_sum(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    utf8(bytes, "a go.sum file")?;
    if !reading.has("go.mod") {
        others(bytes, &Said::default(), reading);
    }
    Ok(())
}

fn said(bytes: &[u8], reading: &mut Reading<'_>) -> Said {
    let mut said = Said::default();
    let mut block: Option<String> = None;
    for (number, line) in lines(bytes) {
        let place = Place::Line(number);
        let line = String::from_utf8_lossy(line);
        let (code, comment) =
            line.split_once("//").map_or((&*line, ""), |(code, comment)| (code, comment.trim()));
        let words = words(code);
        let (verb, words) = match (&block, &*words) {
            (_, []) => continue,
            (Some(_), [end]) if end == ")" => {
                block = None;
                continue;
            }
            (None, [verb, open]) if open == "(" => {
                block = Some(verb.clone());
                continue;
            }
            (Some(verb), words) | (None, [verb, words @ ..]) => (verb.as_str(), words),
        };
        match (verb, words) {
            ("require", [path, version]) => said.required.push(Required {
                place,
                path: path.clone(),
                version: version.clone(),
                direct: !comment.split(';').any(|word| word.trim() == "indirect"),
            }),
            ("replace", [old, arrow, new]) if arrow == "=>" => {
                said.replaced.insert((old.clone(), None), instead(new, None));
            }
            ("replace", [old, arrow, new, version]) if arrow == "=>" => {
                said.replaced.insert((old.clone(), None), instead(new, Some(version)));
            }
            ("replace", [old, of, arrow, new]) if arrow == "=>" => {
                said.replaced.insert((old.clone(), Some(of.clone())), instead(new, None));
            }
            ("replace", [old, of, arrow, new, version]) if arrow == "=>" => {
                said.replaced.insert((old.clone(), Some(of.clone())), instead(new, Some(version)));
            }
            ("go", [version]) => said.go = Some((place, version.clone())),
            ("toolchain", [name]) => {
                let version = name.trim_start_matches("go").split('-').next().unwrap_or_default();
                said.toolchain = Some((place, version.to_owned()));
            }
            ("require" | "replace" | "go" | "toolchain", _) => {
                reading.problem(&place, &format!("is no `{verb}`; expected a module and its version"));
            }
            ("module" | "exclude" | "retract" | "tool" | "godebug" | "ignore", _) => {}
            _ => {
                reading
                    .problem(&place, "is no line of a go.mod file; expected a directive such as `require`");
            }
        }
    }
    said
}

/// Words between blanks; quoted ones, which paths hardly ever are, without their quotes.
fn words(code: &str) -> Vec<String> {
    let bare = |word: &str| word.trim_matches(['"', '`']).to_owned();
    code.replace('(', " ( ").split_whitespace().map(bare).collect()
}

/// What is put in the place of a module. A place without a version is a folder.
fn instead(new: &str, version: Option<&String>) -> Instead {
    version.map_or(Instead::Folder, |version| Instead::Module(new.to_owned(), version.clone()))
}

fn component(
    required: &Required,
    replaced: &BTreeMap<(String, Option<String>), Instead>,
) -> Result<Component, String> {
    let Required { path, version, direct, .. } = required;
    let exact = replaced.get(&(path.clone(), Some(version.clone())));
    let made = match exact.or_else(|| replaced.get(&(path.clone(), None))) {
        Some(Instead::Module(path, version)) => Registry::Go.component(path, Some(version)),
        Some(Instead::Folder) => Registry::Go.component(path, None).map(Component::unregistered),
        None => Registry::Go.component(path, Some(version)),
    };
    let component = made.map_err(|error| error.to_string())?;
    Ok(if *direct { component.direct() } else { component })
}

/// Modules that only `go.sum` names: of each the highest version of which it has more than the `go.mod` file.
fn others(sum: &[u8], said: &Said, reading: &mut Reading<'_>) {
    let listed: BTreeSet<&str> = said.required.iter().map(|required| required.path.as_str()).collect();
    let mut highest: BTreeMap<String, (Version, u32)> = BTreeMap::new();
    for (number, line) in lines(sum) {
        let line = String::from_utf8_lossy(line);
        let words: Vec<&str> = line.split_whitespace().collect();
        let (path, version) = match *words {
            [] => continue,
            [path, version, hash] if hash.starts_with("h1:") => (path, version),
            _ => {
                let why = "is no line of a go.sum file; expected a module, its version and a hash";
                reading.problem(&Place::Line(number), why);
                continue;
            }
        };
        if version.ends_with("/go.mod") || listed.contains(path) {
            continue;
        }
        match Version::parse(version, Order::Go) {
            Ok(version) if highest.get(path).is_none_or(|(known, _)| *known < version) => {
                highest.insert(path.to_owned(), (version, number));
            }
            Ok(_) => {}
            Err(why) => reading.problem(&Place::Line(number), &why.to_string()),
        }
    }
    for (path, (version, number)) in highest {
        let required =
            Required { place: Place::Line(number), path, version: version.to_string(), direct: false };
        reading.add(required.place.clone(), component(&required, &said.replaced));
    }
}

fn numbers(version: &str) -> impl Iterator<Item = Option<u32>> {
    version.split('.').map(|number| {
        let end = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
        number[..end].parse().ok()
    })
}

/// Whether a version names one release of the toolchain and not a line of them.
fn is_whole(version: &str) -> bool {
    numbers(version).count() == 3 || version.contains("rc")
}

fn is_from_1_17(version: &str) -> bool {
    let mut numbers = numbers(version);
    (numbers.next().flatten(), numbers.next().flatten()) >= (Some(1), Some(17))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cut_anywhere, read, read_beside};
    use crate::component::Place;

    const MOD: &str = "\
module example.com/app // the app

go 1.22

toolchain go1.22.5

require github.com/spf13/cobra v1.8.0

require (
\tgithub.com/spf13/pflag v1.0.5 // indirect
\tgolang.org/x/net v0.20.0 // indirect; security
\texample.com/own v0.0.0-00010101000000-000000000000
\texample.com/two v1.0.0
)

exclude golang.org/x/net v0.19.0
replace (
\texample.com/own => ../own
\tgolang.org/x/net v0.20.0 => golang.org/x/net v0.33.0
\texample.com/two v0.9.0 => example.com/three v3.0.0
)
retract [v1.0.0, v1.1.0]
";

    #[test]
    fn modules_are_components_as_they_are_replaced() {
        let read = read("go.mod", MOD.as_bytes());
        assert_eq!(read.unread, []);
        assert_eq!(
            read.purls(),
            [
                "pkg:golang/example.com/own",
                "pkg:golang/example.com/two@v1.0.0",
                "pkg:golang/github.com/spf13/cobra@v1.8.0",
                "pkg:golang/github.com/spf13/pflag@v1.0.5",
                "pkg:golang/golang.org/x/net@v0.33.0",
                "pkg:golang/stdlib@1.22.5",
            ]
        );
        assert!(read.component("pkg:golang/github.com/spf13/cobra@v1.8.0").pulled_in_by.direct);
        let net = read.component("pkg:golang/golang.org/x/net@v0.33.0");
        assert!(!net.pulled_in_by.direct);
        assert_eq!(net.found.first().map(|found| &found.place), Some(&Place::Line(11)));
        assert!(read.component("pkg:golang/example.com/own").ecosystem.is_none());
    }

    #[test]
    fn before_1_17_the_others_come_from_the_sums() {
        let sum = "a.example/x v1.0.0 h1:AA=\na.example/x v1.0.0/go.mod h1:AA=\nb.example/y v1.2.0 h1:AA=\n\
                   b.example/y v1.10.0 h1:AA=\nb.example/y v1.20.0/go.mod h1:AA=\nnonsense\n";
        let old: &[(&str, &[u8])] =
            &[("go.mod", b"module m\ngo 1.16\nrequire a.example/x v1.0.0\n"), ("go.sum", sum.as_bytes())];
        let read = read_beside("go.mod", old);
        assert_eq!(read.purls(), ["pkg:golang/a.example/x@v1.0.0", "pkg:golang/b.example/y@v1.10.0"]);
        let found = read.component("pkg:golang/b.example/y@v1.10.0").found.first().expect("a place");
        assert_eq!((&*found.path, &found.place), ("go.sum", &Place::Line(4)));
        assert_eq!(read.unread[0].path, "go.sum: line 6");
        assert_eq!(read_beside("go.sum", old).purls(), Vec::<&str>::new(), "go.mod tells more");
        assert_eq!(read_beside("go.sum", &old[1..]).purls().len(), 2);
    }

    #[test]
    fn a_broken_line_loses_only_itself() {
        let read = read(
            "go.mod",
            "module m\ngo 1.20\nrequire a\nrequire b.example/y v1.0.0\nquite wrong\n".as_bytes(),
        );
        assert_eq!(read.purls(), ["pkg:golang/b.example/y@v1.0.0"]);
        let lines: Vec<_> = read.unread.iter().map(|one| one.path.as_str()).collect();
        assert_eq!(lines, ["go.mod: line 3", "go.mod: line 5"]);
    }

    #[test]
    fn a_file_cut_anywhere_is_read_as_far_as_it_goes() {
        cut_anywhere("go.mod", MOD.as_bytes());
    }
}
