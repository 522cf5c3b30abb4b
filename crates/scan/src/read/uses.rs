//! What GitHub calls by `uses:`,
//! <https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsuses>.

use floodmark_intel::compromise::TagRef;

use super::image;
use crate::component::{Component, RefKind, Reference, Registry, Scope};

/// What a `uses:` names.
pub(super) enum Uses<'u> {
    /// An action, a reusable workflow, or an image.
    Component(Box<Component>),
    /// A folder with an action, or a workflow, of the repository itself: its path from the root.
    Local(&'u str),
}

/// Reads the text of a `uses:`.
pub(super) fn uses(text: &str) -> Result<Uses<'_>, String> {
    if text.contains("${{") {
        return Err(format!("calls by an expression (`{text}`); what that is, is known only when it runs"));
    }
    if let Some(image) = text.strip_prefix("docker://") {
        let image = image::component(image)?;
        return Ok(Uses::Component(Box::new(image.scoped(Scope::Build).direct())));
    }
    if text.starts_with("./") || text.starts_with("../") {
        return Ok(Uses::Local(text));
    }
    Ok(Uses::Component(Box::new(action(text)?.scoped(Scope::Build).direct())))
}

fn action(text: &str) -> Result<Component, String> {
    const EXPECTED: &str = "expected owner/name@ref, owner/name/path@ref, ./path or docker://image";
    let malformed = || format!("calls `{text}`; {EXPECTED}");
    let (called, reference) = text.split_once('@').ok_or_else(malformed)?;
    let (owner, rest) = called.split_once('/').ok_or_else(malformed)?;
    let (name, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (kind, reference) = RefKind::of(reference);
    let lower = reference.to_ascii_lowercase();
    let reference = if kind == RefKind::Commit { &lower } else { reference };
    let name = format!("{owner}/{name}");
    let action: TagRef =
        format!("{}@{reference}", name.to_ascii_lowercase()).parse().map_err(|_| malformed())?;
    let mut component =
        Registry::GitHubActions.component(&name, Some(reference)).map_err(|error| error.to_string())?;
    component.purl = component.purl.within(path).map_err(|error| error.to_string())?;
    Ok(component.referred(Reference::Action { action, kind }))
}

/// The version that a comment beside a pinned commit claims: `v4.2.1`, `tag=v1`, `pin@v2`.
pub(super) fn claimed(comment: &str) -> Option<&str> {
    let mut words = comment.split_ascii_whitespace().map(|word| word.trim_end_matches([',', ';', ')']));
    words.find_map(|word| {
        let version = word.rsplit(['=', '@', ':', '(']).next()?;
        (RefKind::of(version).0 == RefKind::Tag).then_some(version)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn component(text: &str) -> Component {
        match uses(text) {
            Ok(Uses::Component(component)) => *component,
            Ok(Uses::Local(path)) => panic!("{text} is local: {path}"),
            Err(error) => panic!("{text}: {error}"),
        }
    }

    #[test]
    fn an_action_is_owner_and_name_at_a_reference_and_the_path_in_it_is_a_subpath() {
        for (text, purl, kind) in [
            ("Actions/Checkout@v4", "pkg:githubactions/actions/checkout@v4", RefKind::Tag),
            (
                "github/codeql-action/init@refs/heads/main",
                "pkg:githubactions/github/codeql-action@main#init",
                RefKind::Branch,
            ),
            (
                "o/n/.github/workflows/ci.yml@release/v1",
                "pkg:githubactions/o/n@release%2Fv1#.github/workflows/ci.yml",
                RefKind::TagOrBranch,
            ),
            (
                "tj-actions/changed-files@0E58ED8671D6B60D0890C21B07F8835ACE038E67",
                "pkg:githubactions/tj-actions/changed-files@0e58ed8671d6b60d0890c21b07f8835ace038e67",
                RefKind::Commit,
            ),
        ] {
            let component = component(text);
            assert_eq!(component.purl.as_str(), purl);
            assert_eq!(component.reference.map(|one| one.kind()), Some(kind), "{text}");
            assert_eq!(component.ecosystem.map(|one| one.to_string()).as_deref(), Some("GitHub Actions"));
        }
        assert_eq!(component("docker://alpine:3.8").purl.as_str(), "pkg:docker/alpine@3.8");
        assert!(matches!(uses("./.github/actions/x"), Ok(Uses::Local("./.github/actions/x"))));
    }

    #[test]
    fn what_cannot_be_called_is_told() {
        for text in ["", "actions/checkout", "checkout@v4", "a/b@", "a/b@v1@v2", "a b/c@v1", "${{ x }}/y@v1"]
        {
            assert!(uses(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_comment_claims_a_version_in_several_spellings() {
        for (comment, version) in [
            ("v4.2.1", Some("v4.2.1")),
            ("tag=v4.2.1", Some("v4.2.1")),
            ("pin@v4", Some("v4")),
            ("ratchet:actions/checkout@v4", Some("v4")),
            ("4.1.0, see issue 12", Some("4.1.0")),
            ("renovate: the newest", None),
            ("", None),
        ] {
            assert_eq!(claimed(comment), version, "{comment}");
        }
    }
}
