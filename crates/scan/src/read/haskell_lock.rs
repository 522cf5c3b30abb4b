//! Packages of Haskell: `cabal.project.freeze`, <https://cabal.readthedocs.io/en/stable/cabal-project-description-file.html>,
//! and `stack.yaml.lock`, <https://docs.haskellstack.org/en/stable/topics/lock_files/>.
//!
//! What Stack takes from a snapshot is not in its lock file: only the snapshot is named there. The hashes there are of
//! descriptions, not of what is delivered, and are left out.

use super::nested::{Nested, Node};
use super::text::{lines, utf8};
use super::{Broken, Reading};
use crate::component::{Component, Place, Registry};

/// Constraints: `any.aeson ==2.1.0.0`, with flags of packages between them.
pub(crate) fn read_cabal(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    utf8(bytes, "a freeze file of Cabal")?;
    for (number, line) in lines(bytes) {
        let line = String::from_utf8_lossy(line);
        let code = line.split_once("--").map_or(&*line, |(code, _)| code).trim();
        let code = code.strip_prefix("constraints:").unwrap_or(code);
        for constraint in code.split(',').map(str::trim).filter(|constraint| constraint.contains("==")) {
            reading.add(Place::Line(number), constrained(constraint));
        }
    }
    Ok(())
}

fn constrained(constraint: &str) -> Result<Component, String> {
    let (name, version) = constraint.split_once("==").unwrap_or((constraint, ""));
    let name = name.trim();
    let name = name.strip_prefix("any.").or_else(|| name.strip_prefix("setup.")).unwrap_or(name);
    let version = version.trim();
    if !is_version(version) {
        return Err(format!("is `{constraint:.100}`; expected `name ==version`"));
    }
    Registry::Hackage.component(name, Some(version)).map_err(|error| error.to_string())
}

/// `packages`, each with what it was completed to.
pub(crate) fn read_stack(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let nested = Nested::yaml(bytes, reading)?;
    for package in nested.root().children().flat_map(|document| document.children_of("packages")) {
        let completed =
            package.child("completed").ok_or_else(|| "has no `completed`; expected a map".to_owned());
        reading.add(package.line(), completed.and_then(component));
    }
    Ok(())
}

fn component(completed: Node<'_, '_>) -> Result<Component, String> {
    if let Some(hackage) = completed.text_of("hackage") {
        // `name-version@sha256:…,size`
        let named = hackage.split('@').next().unwrap_or_default();
        let Some((name, version)) = named.rsplit_once('-').filter(|(_, version)| is_version(version)) else {
            return Err(format!("is `{hackage:.100}`; expected `name-version@sha256:…`"));
        };
        return Registry::Hackage.component(name, Some(version)).map_err(|error| error.to_string());
    }
    let (name, version) = (completed.must("name")?, completed.text_of("version"));
    let mut component = Registry::Hackage.component(name, version).map_err(|error| error.to_string())?;
    let repository = completed.text_of("git").map(|url| match completed.text_of("commit") {
        Some(commit) => format!("git+{url}@{commit}"),
        None => format!("git+{url}"),
    });
    let qualifier = match (&repository, completed.text_of("url")) {
        (Some(repository), _) => Some(("vcs_url", repository.as_str())),
        (None, Some(url)) => Some(("download_url", url)),
        (None, None) => None,
    };
    component.purl = component.purl.qualified(qualifier).map_err(|error| error.to_string())?;
    Ok(component.unregistered())
}

fn is_version(text: &str) -> bool {
    !text.is_empty()
        && text.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cut_anywhere, read};
    use crate::component::Place;

    #[test]
    fn a_freeze_file_lists_constraints_and_leaves_flags_alone() {
        let freeze = "active-repositories: hackage.haskell.org:merge\nconstraints: any.aeson ==2.1.0.0,\n             aeson \
                      -cffi +ordered-keymap,\n             any.base ==4.17.0.0, -- with GHC\n             text ==x.2\nindex-state: \
                      hackage.haskell.org 2023-01-01T00:00:00Z\n";
        let frozen = read("cabal.project.freeze", freeze.as_bytes());
        assert_eq!(frozen.purls(), ["pkg:hackage/aeson@2.1.0.0", "pkg:hackage/base@4.17.0.0"]);
        let place = frozen.components[1].found.first().map(|found| found.place.clone());
        assert_eq!(place, Some(Place::Line(4)));
        assert!(frozen.unread.len() == 1 && frozen.unread[0].path == "cabal.project.freeze: line 5");
        cut_anywhere("cabal.project.freeze", freeze.as_bytes());
    }

    #[test]
    fn a_lock_file_of_stack_lists_what_is_not_of_the_snapshot() {
        let lock = "packages:\n- completed:\n    hackage: acme-missiles-0.3@sha256:2ba66a,613\n    pantry-tree:\n      sha256: 614b\n  \
                    original:\n    hackage: acme-missiles-0.3\n- completed:\n    name: forked\n    version: 0.1.0\n    git: \
                    https://git.example/forked.git\n    commit: 1a2b\n- completed:\n    hackage: nothing\nsnapshots:\n- \
                    completed:\n    sha256: a1\n";
        let locked = read("stack.yaml.lock", lock.as_bytes());
        assert_eq!(
            locked.purls(),
            [
                "pkg:hackage/acme-missiles@0.3",
                "pkg:hackage/forked@0.1.0?vcs_url=git%2Bhttps:%2F%2Fgit.example%2Fforked.git%401a2b",
            ]
        );
        assert!(
            locked.unread.len() == 1 && locked.unread[0].path == "stack.yaml.lock: line 13",
            "{:?}",
            locked.unread
        );
        cut_anywhere("stack.yaml.lock", lock.as_bytes());
    }
}
