//! Hooks of pre-commit, <https://pre-commit.com/>: each is run from a checkout of a repository at a revision.
//!
//! What hooks install beside that (`additional_dependencies`) is for the language of the hook, which only its repository
//! tells: it is not listed.

use super::yaml_tree::Tree;
use super::{Broken, Reading, repository};
use crate::component::{RefKind, Reference, Scope};

/// What stands in the place of a repository where there is none.
const OWN: [&str; 2] = ["local", "meta"];

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let tree = Tree::read(bytes, reading)?;
    let repositories = tree.root().and_then(|root| root.get("repos").or(Some(root)));
    for one in repositories.into_iter().flat_map(super::yaml_tree::Value::items) {
        let Some(url) = one.text_of("repo") else {
            reading.problem(&one.place(), "has no `repo`; expected a URL, `local` or `meta`");
            continue;
        };
        if OWN.contains(&url) {
            continue;
        }
        let revision = one.get("rev").or_else(|| one.get("sha"));
        let component = repository::component(url, revision.and_then(super::yaml_tree::Value::text), "");
        let mut component = component.map(|component| component.scoped(Scope::Dev).direct());
        if let Ok(component) = &mut component
            && component.reference.as_deref().map(Reference::kind) == Some(RefKind::Commit)
        {
            // `pre-commit autoupdate --freeze` writes `# frozen: v1.2.3`.
            let comment = revision.and_then(super::yaml_tree::Value::comment);
            component.claimed.extend(comment.and_then(super::uses::claimed).map(ToOwned::to_owned));
        }
        reading.add(one.place(), component);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cut_anywhere, read};
    use crate::component::{Place, RefKind, Reference, Scope};

    const FILE: &str = "repos:
- repo: https://github.com/psf/black-pre-commit-mirror
  rev: 24.1.0
  hooks: [{id: black}]
-   repo: https://github.com/Checkmarx/kics
    rev: 0e58ed8671d6b60d0890c21b07f8835ace038e67  # frozen: v2.1.3
    hooks: [{id: kics-scan}]
- repo: local
  hooks: [{id: x, entry: x, language: system}]
- repo: https://git.example/hooks
  rev: main
- hooks: []
";

    #[test]
    fn hooks_are_found_with_their_revision() {
        let read = read(".pre-commit-config.yaml", FILE.as_bytes());
        assert_eq!(
            read.purls(),
            [
                "pkg:generic/hooks@main?vcs_url=git%2Bhttps:%2F%2Fgit.example%2Fhooks",
                "pkg:github/checkmarx/kics@0e58ed8671d6b60d0890c21b07f8835ace038e67",
                "pkg:github/psf/black-pre-commit-mirror@24.1.0",
            ]
        );
        let kics = read.component(read.purls()[1]);
        assert!(kics.claimed.iter().eq(["v2.1.3"]) && kics.scope == Scope::Dev);
        assert_eq!(kics.reference.as_deref().map(Reference::kind), Some(RefKind::Commit));
        assert_eq!(kics.found.first().map(|found| &found.place), Some(&Place::Line(5)));
        assert_eq!(read.unread.len(), 1, "{:#?}", read.unread);
    }

    #[test]
    fn a_file_cut_anywhere_is_read_as_far_as_it_goes() {
        cut_anywhere(".pre-commit-config.yaml", FILE.replace("- hooks: []\n", "").as_bytes());
    }
}
