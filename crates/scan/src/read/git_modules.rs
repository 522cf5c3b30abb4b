//! Submodules of a git repository, `.gitmodules`, <https://git-scm.com/docs/gitmodules>.
//!
//! The file says where a submodule comes from. Which commit of it belongs here stands in the tree that the file is of: in
//! a folder nobody knows.

use std::collections::BTreeMap;

use floodmark_git::settings;

use super::repository;
use super::text::utf8;
use super::{Broken, Reading};
use crate::component::{Place, Scope};
use crate::target::Pinned;

/// One submodule.
#[derive(Default)]
struct Submodule {
    path: Option<String>,
    url: Option<String>,
    line: u32,
}

pub(super) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let text = utf8(bytes, "settings as git writes them")?;
    let (settings, broken) = settings(text.as_bytes());
    for line in broken {
        reading.problem(&Place::Line(line), "is no setting; expected [submodule \"name\"] or key = value");
    }
    let mut submodules: BTreeMap<String, Submodule> = BTreeMap::new();
    for one in settings.into_iter().filter(|one| one.section == "submodule") {
        let submodule = submodules.entry(one.subsection).or_default();
        match one.key.as_str() {
            "path" => submodule.path = Some(one.value),
            "url" => (submodule.url, submodule.line) = (Some(one.value), one.line),
            _ => {}
        }
    }
    for (name, Submodule { path, url, line }) in submodules {
        let (Some(path), Some(url)) = (path, url) else {
            reading.note(&Place::Whole, &format!("names the submodule `{name}` without a path or a URL"));
            continue;
        };
        let commit = match reading.pinned(&path) {
            Pinned::At(commit) => Some(commit),
            Pinned::Unknown => None,
            // One that was taken out of the tree and left here, or that a copy of another project brought along.
            Pinned::Nothing => continue,
        };
        if url.starts_with("./") || url.starts_with("../") {
            let why = format!(
                "is a submodule of `{url}`, which lies beside this repository wherever that came from"
            );
            reading.note(&Place::Line(line), &why);
            continue;
        }
        let component = repository::component(&url, commit.as_deref(), "");
        reading.add(Place::Line(line), component.map(|one| one.scoped(Scope::Unknown).direct()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cut_anywhere, read};

    const TEXT: &[u8] =
        b"[submodule \"lib\"]\n\tpath = vendor/lib\n\turl = https://github.com/Owner/Lib.git\n\
                        [submodule \"beside\"]\n\tpath = beside\n\turl = ../beside.git\n\
                        [submodule \"half\"]\n\tpath = half\n";

    #[test]
    fn a_submodule_is_its_repository_and_in_a_folder_without_a_commit() {
        let outcome = read(".gitmodules", TEXT);
        let purls: Vec<_> = outcome.components.iter().map(|one| one.purl.as_str()).collect();
        assert_eq!(purls, ["pkg:github/owner/lib"]);
        let told: Vec<_> = outcome.unread.iter().map(|one| (one.path.as_str(), one.incomplete)).collect();
        assert_eq!(told, [(".gitmodules: line 6", false), (".gitmodules", false)]);
    }

    #[test]
    fn a_line_that_is_no_setting_is_told_and_the_rest_is_read() {
        let outcome = read(".gitmodules", &[b"nonsense\n", TEXT].concat());
        assert_eq!(outcome.components.len(), 1);
        assert!(outcome.unread.iter().any(|one| one.path == ".gitmodules: line 1" && one.incomplete));
    }

    #[test]
    fn cut_short_anywhere_it_breaks_nothing() {
        cut_anywhere(".gitmodules", TEXT);
    }
}
