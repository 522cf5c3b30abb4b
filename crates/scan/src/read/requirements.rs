//! Requirements files of pip, <https://pip.pypa.io/en/stable/reference/requirements-file-format/>, with what
//! `pip-compile` and `uv pip compile` write into comments.
//!
//! Only a requirement with `==` and no wildcard tells a version; otherwise one that a constraints file pins. Environment
//! markers are passed over: a requirement for another platform is listed too.

mod line;
mod specifier;

use std::collections::BTreeMap;

use floodmark_intel::advisory::package_name;

use self::line::{Line, Role, lines};
use self::specifier::{Requirement, Source, requirement};
use super::reading::{FileNumber, Neighbour};
use super::text::with_mark;
use super::{Broken, Reading};
use crate::component::{Component, Hash, Place, Registry};

/// How deep files may include each other.
const MAX_DEPTH: usize = 32;

/// What a file and those that it includes say.
#[derive(Default)]
struct Said {
    entries: Vec<Entry>,
    /// The versions that constraints pin, by normal name.
    pinned: BTreeMap<String, String>,
}

/// A requirement where it stands.
struct Entry {
    file: FileNumber,
    place: Place,
    requirement: Requirement,
    hashes: Vec<Hash>,
    /// Who asked for it, as a comment says: other packages, or files.
    via: Vec<String>,
    /// Whether comments in its file say who asked for what.
    is_compiled: bool,
}

/// What a file is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum As {
    Requirements,
    Constraints,
}

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    if with_mark(bytes).contains(&0) {
        return Err(Broken::other("is no text", "requirements, a line each"));
    }
    let mut said = Said::default();
    gather(bytes, As::Requirements, 0, &mut said, reading);
    let Said { entries, pinned } = said;
    for entry in entries {
        let component = component(&entry, &pinned);
        let is_folder = entry.requirement.name.is_none()
            && matches!(&entry.requirement.source, Source::Archive(place) if !place.contains("://"));
        reading.inside(entry.file, |reading| match component {
            Err(_) if is_folder => reading.note(&entry.place, "is a folder, which is scanned where it is"),
            component => reading.add(entry.place, component),
        });
    }
    Ok(())
}

fn gather(bytes: &[u8], role: As, depth: usize, said: &mut Said, reading: &mut Reading<'_>) {
    let bytes = with_mark(bytes);
    let lines = lines(&bytes);
    let is_compiled = lines.iter().any(|line| !line.via.is_empty());
    for line in lines {
        let place = Place::Line(line.number);
        let Line { role: what, via, hashes, .. } = line;
        match what {
            Role::Requirement(text) => match (requirement(&text), role) {
                (Ok(requirement), As::Requirements) => said.entries.push(Entry {
                    file: reading.file(),
                    place,
                    requirement,
                    hashes: hashes.iter().filter_map(|hash| Hash::from_labelled(hash)).collect(),
                    via,
                    is_compiled,
                }),
                (Ok(Requirement { name: Some(name), version: Some(version), .. }), As::Constraints) => {
                    said.pinned.entry(package_name("PyPI", &name).into_owned()).or_insert(version);
                }
                (Ok(_), As::Constraints) => {}
                (Err(why), _) => reading.problem(&place, &why),
            },
            Role::Include(path) => include(&path, role, &place, depth, said, reading),
            Role::Constraints(path) => include(&path, As::Constraints, &place, depth, said, reading),
            Role::Option => {}
            Role::Unreadable(why) => reading.problem(&place, why),
        }
    }
}

fn include(path: &str, role: As, place: &Place, depth: usize, said: &mut Said, reading: &mut Reading<'_>) {
    if depth >= MAX_DEPTH {
        return reading.problem(place, "files include each other more than 32 deep");
    }
    if path.contains("://") {
        return reading.problem(place, "includes a file of another machine, which is not fetched");
    }
    match reading.neighbour(path) {
        Ok(Neighbour::File(file, bytes)) => {
            reading.inside(file, |reading| gather(&bytes, role, depth + 1, said, reading));
        }
        Ok(Neighbour::Before) => {}
        Ok(Neighbour::Absent) => reading.problem(place, &format!("includes {path:?}, which is not there")),
        Err(why) => reading.problem(place, &format!("includes {path:?}, which {why}")),
    }
}

fn component(entry: &Entry, pinned: &BTreeMap<String, String>) -> Result<Component, String> {
    let Requirement { name, version, source } = &entry.requirement;
    let name = name.as_deref().ok_or("names a package by its place only; expected a name")?;
    let pinned = pinned.get(&*package_name("PyPI", name));
    let version = version.as_ref().or(pinned);
    let mut component =
        Registry::PyPi.component(name, version.map(String::as_str)).map_err(|error| error.to_string())?;
    component = component.hashed(entry.hashes.iter().cloned());
    let (files, packages): (Vec<&String>, Vec<&String>) =
        entry.via.iter().partition(|by| by.starts_with('-') || by.contains('/') || by.contains(" ("));
    component = component.pulled_in_by(packages);
    component.pulled_in_by.direct = !entry.is_compiled || !files.is_empty();
    let (key, url) = match source {
        Source::Index => return Ok(component),
        Source::Repository(url) => ("vcs_url", url),
        Source::Archive(url) => ("download_url", url),
    };
    component.purl = component.purl.qualified([(key, url.as_str())]).map_err(|error| error.to_string())?;
    Ok(component.unregistered())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cut_anywhere, read, read_beside};

    const FILE: &str = "\
# a comment
--index-url https://pypi.org/simple
Flask[async, dotenv] == 3.0.3 ; python_version >= '3.8'  # the web
requests>=2.31,<3
jinja2===3.1.4 \\
    --hash=sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad \\
    --hash sha256:0000000000000000000000000000000000000000000000000000000000000000
numpy==1.26.*
(weird==1
-e git+https://git.example/own.git@v1#egg=own
pip @ https://files.pythonhosted.org/packages/aa/pip-24.0-py3-none-any.whl
far @ git+ssh://git@git.example/far.git
https://host.example/whl/wheel_name-2.1.0-py3-none-any.whl#sha256=00
./local
Zope.Interface==6.0
";

    #[test]
    fn requirements_are_components_with_versions_where_they_are_pinned() {
        let read = read("requirements.txt", FILE.as_bytes());
        assert_eq!(
            read.purls(),
            [
                "pkg:pypi/far?vcs_url=git%2Bssh:%2F%2Fgit%40git.example%2Ffar.git",
                "pkg:pypi/flask@3.0.3",
                "pkg:pypi/jinja2@3.1.4",
                "pkg:pypi/numpy",
                "pkg:pypi/own?vcs_url=git%2Bhttps:%2F%2Fgit.example%2Fown.git%40v1",
                "pkg:pypi/pip@24.0",
                "pkg:pypi/requests",
                "pkg:pypi/wheel-name@2.1.0?download_url=https:%2F%2Fhost.example%2Fwhl%2Fwheel_name-2.1.0-py3-none-any.whl",
                "pkg:pypi/zope.interface@6.0",
            ]
        );
        assert_eq!(read.component("pkg:pypi/jinja2@3.1.4").hashes.len(), 2);
        assert!(read.component("pkg:pypi/flask@3.0.3").pulled_in_by.direct);
        assert!(read.component("pkg:pypi/pip@24.0").ecosystem.is_some());
        let told: Vec<_> = read.unread.iter().map(|one| (one.path.as_str(), one.incomplete)).collect();
        assert_eq!(told, [("requirements.txt: line 9", true), ("requirements.txt: line 14", false)]);
    }

    #[test]
    fn comments_of_a_compiled_file_tell_who_asked() {
        let file = "# by pip-compile\nclick==8.1.7\n    # via flask\nflask==3.0.3\n    # via\n    #   -r requirements.in\n    \
                    #   flask-login\nitsdangerous==2.2.0  # via flask, -c limits.txt\n";
        let read = read("requirements.txt", file.as_bytes());
        let click = read.component("pkg:pypi/click@8.1.7");
        assert!(click.pulled_in_by.names.iter().eq(["flask"]) && !click.pulled_in_by.direct);
        let flask = read.component("pkg:pypi/flask@3.0.3");
        assert!(flask.pulled_in_by.direct && flask.pulled_in_by.names.iter().eq(["flask-login"]));
        let third = read.component("pkg:pypi/itsdangerous@2.2.0");
        assert!(third.pulled_in_by.names.iter().eq(["flask"]));
    }

    #[test]
    fn includes_are_read_where_they_stand_and_constraints_pin() {
        let files: &[(&str, &[u8])] = &[
            ("a/requirements.txt", b"-r ../base.txt\n-c limits.txt\n-rbase2.txt\nFoo_Bar\n"),
            ("base.txt", b"six==1.16.0\n--requirement a/more.txt\n"),
            ("a/more.txt", b"attrs==23.1\n-r ../base.txt\n"),
            ("a/base2.txt", b"-r more.txt\nidna\n"),
            ("a/limits.txt", b"foo-bar==2.0\nnever==1.0\nidna==3.4\n"),
        ];
        let read = read_beside("a/requirements.txt", files);
        let purls =
            ["pkg:pypi/attrs@23.1", "pkg:pypi/foo-bar@2.0", "pkg:pypi/idna@3.4", "pkg:pypi/six@1.16.0"];
        assert_eq!(read.purls(), purls);
        let six = read.component("pkg:pypi/six@1.16.0").found.first().expect("a place");
        assert_eq!((&*six.path, six.place.to_string().as_str()), ("base.txt", "line 1"));
        assert_eq!(
            read.unread.len(),
            1,
            "the circle is told, the second way to a file is not: {:?}",
            read.unread
        );
        assert!(read.unread[0].why.contains("includes itself"), "{:?}", read.unread);
    }

    #[test]
    fn an_include_never_leads_out_and_one_that_is_missing_is_told() {
        let read = read_beside(
            "requirements.txt",
            &[(
                "requirements.txt",
                b"-r ../../etc/passwd\n-r none.txt\n-r http://h/x.txt\n-r /requirements.txt\nsix==1\n",
            )],
        );
        assert_eq!(read.purls(), ["pkg:pypi/six@1"]);
        let whys: Vec<_> = read.unread.iter().map(|one| one.why.as_str()).collect();
        assert!(whys[0].contains("leads out of") && whys[1].contains("not there"), "{whys:#?}");
        assert!(whys[2].contains("another machine") && whys[3].contains("includes itself"), "{whys:#?}");
    }

    #[test]
    fn what_powershell_writes_is_read_and_bytes_that_are_no_text_lose_their_line() {
        let wide: Vec<u8> = "\u{feff}six==1.16.0\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(read("requirements.txt", &wide).purls(), ["pkg:pypi/six@1.16.0"]);
        let broken = read("requirements.txt", b"six==1.16.0\n\xff\xff==1\nidna==3.4\n");
        assert_eq!(broken.purls().len(), 2);
        assert!(broken.unread[0].path.ends_with("line 2"), "{:?}", broken.unread);
    }

    #[test]
    fn a_file_cut_anywhere_is_read_as_far_as_it_goes() {
        cut_anywhere("requirements.txt", FILE.as_bytes());
    }
}
