//! What is named by something that can be moved, or by its content: what compromises are asked by.

use floodmark_intel::compromise::{CommitId, ImageDigest, ImageRef, TagRef};

/// How a component is referred to where that is no version of a registry.
///
/// Spelled as compromises compare it: owner and name in lower case, an image with its registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// An action or reusable workflow of GitHub, without the path within its repository.
    Action {
        /// Its repository, and the tag, branch or commit.
        action: TagRef,
        /// What stands behind the `@`.
        kind: RefKind,
    },
    /// A repository that is run from a checkout: a hook, a pipeline template, a module.
    Repository {
        /// Its repository on GitHub, and the tag, branch or commit; `None` for other hosts.
        release: Option<TagRef>,
        /// What it is pinned to.
        kind: RefKind,
    },
    /// A container image.
    Image {
        /// Its name and tag. Docker takes `latest` where neither tag nor digest stands.
        image: ImageRef,
        /// Its digest; where one is given, the tag means nothing.
        digest: Option<ImageDigest>,
    },
}

/// What the text behind an `@` is. Only a commit means the same at all times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RefKind {
    /// A full commit, or the digest of an image.
    Commit,
    /// A tag: it says so (`refs/tags/`), or is spelled like a version.
    Tag,
    /// A branch: it says so (`refs/heads/`), or has a name that hardly a tag has.
    Branch,
    /// One of the two: only the repository could tell.
    TagOrBranch,
}

/// Names of branches that nobody gives to a tag.
const BRANCHES: [&str; 7] = ["main", "master", "trunk", "develop", "development", "dev", "HEAD"];

impl Reference {
    /// What it is pinned to; an image without a digest is at a tag.
    pub fn kind(&self) -> RefKind {
        match self {
            Self::Action { kind, .. } | Self::Repository { kind, .. } => *kind,
            Self::Image { digest: Some(_), .. } => RefKind::Commit,
            Self::Image { digest: None, .. } => RefKind::Tag,
        }
    }

    /// Of two references to one thing, the one that says more of what it is.
    pub(super) fn surer(one: Option<Box<Self>>, other: Option<Box<Self>>) -> Option<Box<Self>> {
        match (one, other) {
            (Some(one), Some(other)) => Some(if other.kind() < one.kind() { other } else { one }),
            (one, other) => one.or(other),
        }
    }
}

impl RefKind {
    /// What a reference is, by its spelling, and the reference without `refs/heads/` or `refs/tags/`.
    pub fn of(text: &str) -> (Self, &str) {
        if let Some(tag) = text.strip_prefix("refs/tags/") {
            return (Self::Tag, tag);
        }
        if let Some(branch) = text.strip_prefix("refs/heads/") {
            return (Self::Branch, branch);
        }
        let kind = match text {
            _ if text.parse::<CommitId>().is_ok() => Self::Commit,
            _ if is_version(text) => Self::Tag,
            _ if BRANCHES.contains(&text) => Self::Branch,
            _ => Self::TagOrBranch,
        };
        (kind, text)
    }

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Tag => "tag",
            Self::Branch => "branch",
            Self::TagOrBranch => "tag or branch",
        }
    }
}

/// Whether a text is spelled like a version: `v4`, `1.2.3-rc.1`. One like `release/v1` may be either.
fn is_version(text: &str) -> bool {
    let bare = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let numbers = bare.split(['-', '+', '_']).next().unwrap_or_default();
    let numbered = numbers.split('.').all(|part| {
        part.bytes().next().is_some_and(|byte| byte.is_ascii_digit())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    // A short commit is no version, though it may begin with a digit.
    let hexadecimal = bare.len() >= 7 && bare.bytes().all(|byte| byte.is_ascii_hexdigit());
    numbered && !text.contains('/') && !hexadecimal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_told_by_its_spelling_and_only_a_full_commit_is_pinned() {
        for (text, kind, bare) in [
            ("0e58ed8671d6b60d0890c21b07f8835ace038e67", RefKind::Commit, ""),
            ("0e58ed8", RefKind::TagOrBranch, ""),
            ("v4", RefKind::Tag, ""),
            ("0.28.0", RefKind::Tag, ""),
            ("2.3.28-rc.1", RefKind::Tag, ""),
            ("refs/tags/nightly", RefKind::Tag, "nightly"),
            ("refs/heads/v4", RefKind::Branch, "v4"),
            ("main", RefKind::Branch, ""),
            ("release/v1", RefKind::TagOrBranch, ""),
            ("stable", RefKind::TagOrBranch, ""),
            ("", RefKind::TagOrBranch, ""),
        ] {
            assert_eq!(RefKind::of(text), (kind, if bare.is_empty() { text } else { bare }), "{text}");
        }
    }
}
