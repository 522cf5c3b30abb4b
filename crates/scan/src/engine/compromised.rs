//! What the known compromises say of a component.

use std::collections::BTreeMap;

use floodmark_case::{Confidence, FlawKind, Severity};
use floodmark_intel::compromise::{CommitId, Compromises, Grade, Hit, ImageRef, TagRef, Verdict};

use super::flaw::Flaw;
use crate::component::{Component, Registry};

/// How sure a name is: the variants stand in that order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Named {
    /// By its content: a hash, a commit. It means the same at all times.
    Content,
    /// By its version, which a registry gives out once.
    Version,
    /// By a tag or branch, which points to something else at another time.
    Movable,
    /// As the first two, but some call it bad without proof.
    Suspected,
    /// By package or namespace; which versions were poisoned is not known.
    Broadly,
}

/// The flaws of a component, one for each incident, by the surest name.
pub(crate) fn flaws(number: usize, component: &Component, compromises: &Compromises) -> Vec<Flaw> {
    let mut best: BTreeMap<&str, (Named, Hit<'_>)> = BTreeMap::new();
    for (named, hit) in hits(component, compromises) {
        // What is clean, or named in error, is nothing against anybody.
        let named = match (hit.verdict, named) {
            (Verdict::Bad, named) | (Verdict::Suspect, named @ Named::Broadly) => named,
            (Verdict::Suspect, _) => Named::Suspected,
            (Verdict::Good | Verdict::Rejected, _) => continue,
        };
        match best.get(hit.entry.id.as_str()) {
            Some((known, _)) if *known <= named => {}
            _ => drop(best.insert(hit.entry.id.as_str(), (named, hit))),
        }
    }
    best.into_values().map(|(named, hit)| flaw(number, component, named, hit)).collect()
}

fn hits<'k>(component: &Component, compromises: &'k Compromises) -> Vec<(Named, Hit<'k>)> {
    let mut hits = Vec::new();
    for hash in &component.hashes {
        hits.extend(compromises.hash(&hash.hex()).into_iter().map(|hit| (Named::Content, hit)));
    }
    // A fork or a package of one's own that is called like a poisoned one is another thing.
    if component.ecosystem.is_none() && component.purl.qualifier("vcs_url").is_some() {
        return hits;
    }
    let version = component.version.as_deref().unwrap_or_default();
    match component.purl.kind() {
        kind if kind == Registry::GitHubActions.purl_type() => {
            let Ok(action) = format!("{}@{version}", component.name).parse::<TagRef>() else { return hits };
            let is_commit = action.reference().parse::<CommitId>().is_ok();
            let named = if is_commit { Named::Content } else { Named::Movable };
            hits.extend(compromises.action(&action).into_iter().map(|hit| (named, hit)));
        }
        "docker" | "oci" => {
            let digest = version.parse().ok();
            let digests = digest.iter().flat_map(|digest| compromises.digest(digest));
            hits.extend(digests.map(|hit| (Named::Content, hit)));
            if let (None, Ok(image)) = (&digest, format!("{}:{version}", component.name).parse::<ImageRef>())
            {
                hits.extend(compromises.image(&image).into_iter().map(|hit| (Named::Movable, hit)));
            }
        }
        // A checkout of a repository: a hook, a module, or an action that another tool calls so.
        "github" => {
            let Ok(release) = format!("{}@{version}", component.name).parse::<TagRef>() else { return hits };
            let is_commit = release.reference().parse::<CommitId>().is_ok();
            let named = if is_commit { Named::Content } else { Named::Movable };
            let found = compromises.action(&release).into_iter().chain(compromises.release(&release));
            hits.extend(found.map(|hit| (named, hit)));
        }
        // Formulae have no ecosystem in OSV, and a tap is named in full.
        kind if component.ecosystem.is_some() || kind == "brew" => {
            hits.extend(compromises.package(&component.purl).into_iter().map(|hit| {
                let is_exact = hit.identifier.purl.as_ref().is_some_and(|purl| purl.version().is_some());
                (if is_exact { Named::Version } else { Named::Broadly }, hit)
            }));
        }
        _ => {}
    }
    hits
}

fn flaw(number: usize, component: &Component, named: Named, hit: Hit<'_>) -> Flaw {
    let incident = &hit.entry.compromise;
    let confidence = match hit.grade() {
        Grade::A | Grade::B => Confidence::High,
        Grade::C => Confidence::Medium,
        Grade::Background => Confidence::Low,
    };
    let (kind, severity, confidence) = match named {
        Named::Content | Named::Version => (FlawKind::Poisoned, Severity::Critical, confidence),
        Named::Movable => (FlawKind::Possible, Severity::High, Confidence::Medium),
        Named::Suspected => (FlawKind::Possible, Severity::Medium, Confidence::Medium),
        Named::Broadly => (FlawKind::Possible, Severity::Medium, Confidence::Low),
    };
    let version = component.version.as_deref().unwrap_or("(version unknown)");
    let what = format!("{} {version}", component.name);
    let said = match named {
        Named::Content => format!("{what} has the hash or commit of what was poisoned"),
        Named::Version => format!("{what} is a release that was poisoned"),
        Named::Movable => {
            format!("{what} pointed to something poisoned for a time, and may have been put right since")
        }
        Named::Suspected => format!("{what} is called poisoned by some, without proof"),
        Named::Broadly => {
            format!(
                "{what} is of a package or namespace of which releases were poisoned; which ones is not known"
            )
        }
    };
    let sources = hit.sources().len();
    let sources = if sources == 1 { "1 source".to_owned() } else { format!("{sources} sources") };
    let mut why = format!(
        "{said}: {}. Said by {sources}, the best of grade {}.",
        hit.artifact.title,
        hit.grade().as_str()
    );
    if let Some(note) = &hit.identifier.note {
        why = format!("{why} Note: {note}.");
    }
    Flaw {
        component: number,
        kind,
        id: hit.entry.id.to_string(),
        aliases: incident.advisories.iter().map(|advisory| advisory.id.to_string()).collect(),
        summary: incident.name.clone(),
        why,
        severity,
        confidence,
        fixed: Vec::new(),
        remark: None,
        cvss: None,
        score: None,
        epss: None,
        known_exploited: false,
        vex: None,
        set_aside: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::{Algorithm, Hash};

    fn kinds(component: &Component) -> Vec<(String, FlawKind)> {
        let flaws = flaws(0, component, Compromises::shipped());
        flaws.into_iter().map(|flaw| (flaw.id, flaw.kind)).collect()
    }

    fn component(registry: Registry, name: &str, version: &str) -> Component {
        registry.component(name, Some(version)).expect("a component")
    }

    #[test]
    fn a_poisoned_release_is_poisoned_and_its_clean_neighbours_are_nothing() {
        let poisoned = component(Registry::Npm, "axios", "1.14.1");
        assert_eq!(kinds(&poisoned), [("axios".to_owned(), FlawKind::Poisoned)]);
        for version in ["1.14.0", "1.14.2", "0.30.3"] {
            assert_eq!(kinds(&component(Registry::Npm, "axios", version)), [], "{version}");
        }
        let why = &flaws(0, &poisoned, Compromises::shipped())[0].why;
        assert!(
            why.contains("axios 1.14.1 is a release that was poisoned") && why.contains("grade A"),
            "{why}"
        );
    }

    #[test]
    fn a_broad_namespace_is_possible_and_never_poisoned() {
        for name in ["@tanstack/react-router", "@antv/g2"] {
            let found = kinds(&component(Registry::Npm, name, "99.99.99"));
            assert!(found.iter().any(|(_, kind)| *kind == FlawKind::Possible), "{name}: {found:?}");
            assert!(found.iter().all(|(_, kind)| *kind == FlawKind::Possible), "{name}: {found:?}");
        }
    }

    #[test]
    fn a_fork_that_is_called_like_a_poisoned_release_is_another_thing() {
        let mut fork = component(Registry::Npm, "axios", "1.14.1").unregistered();
        fork.purl = fork.purl.qualified([("vcs_url", "git+https://git.example/axios")]).expect("a purl");
        assert_eq!(kinds(&fork), []);
    }

    #[test]
    fn a_hash_is_known_whatever_the_component_is_called() {
        let compromises = Compromises::shipped();
        let artifacts = compromises.entries().iter().flat_map(|entry| &entry.compromise.artifacts);
        let sha256 = artifacts.flat_map(|artifact| &artifact.bad).find_map(|bad| bad.sha256.clone());
        let hash = Hash::from_hex(Algorithm::Sha256, sha256.expect("one is shipped").as_str());
        let renamed = component(Registry::Npm, "harmless", "1.0.0").hashed(hash);
        assert!(kinds(&renamed).iter().any(|(_, kind)| *kind == FlawKind::Poisoned));
    }

    #[test]
    fn an_action_is_found_by_the_name_of_its_repository_and_a_formula_by_its_tap() {
        let named =
            |purl: &str, name: &str| kinds(&Component::new(purl.parse().expect("a purl"), name, None));
        let tag = named("pkg:github/reviewdog/action-setup@v1", "reviewdog/action-setup");
        assert_eq!(tag, [("reviewdog".to_owned(), FlawKind::Possible)]);
        let commit = "0e58ed8671d6b60d0890c21b07f8835ace038e67";
        let commit =
            named(&format!("pkg:github/tj-actions/changed-files@{commit}"), "tj-actions/changed-files");
        assert_eq!(commit, [("tj-actions".to_owned(), FlawKind::Poisoned)]);
        let brew = named("pkg:brew/aquasecurity/trivy/trivy@0.69.4", "aquasecurity/trivy/trivy");
        assert_eq!(brew, [("trivy".to_owned(), FlawKind::Poisoned)]);
        assert_eq!(named("pkg:brew/aquasecurity/trivy/trivy@0.69.3", "aquasecurity/trivy/trivy"), []);
    }

    #[test]
    fn a_tag_that_was_moved_is_possible_and_a_poisoned_commit_is_poisoned() {
        let compromises = Compromises::shipped();
        let artifacts = compromises.entries().iter().flat_map(|entry| &entry.compromise.artifacts);
        let bad: Vec<_> = artifacts.flat_map(|artifact| &artifact.bad).collect();
        let tag = bad.iter().find_map(|one| one.action.as_ref()).expect("an action is shipped");
        let action = component(Registry::GitHubActions, tag.component(), tag.reference());
        assert!(kinds(&action).iter().any(|(_, kind)| *kind == FlawKind::Possible), "{tag}");
        let commit = bad.iter().find_map(|one| one.commit.as_ref()).expect("a commit is shipped");
        let pinned = component(Registry::GitHubActions, tag.component(), commit.as_str());
        assert!(kinds(&pinned).iter().any(|(_, kind)| *kind == FlawKind::Poisoned), "{commit}");
    }

    #[test]
    fn what_some_call_bad_without_proof_is_possible() {
        let file = r#"
schema = "compromise/1"
name = "A rumour"
summary = "Some say so."

[sources]
list = { title = "a list", grade = "C" }

[[artifact]]
id = "packages"
title = "packages"
sources = ["list"]
suspect = [ { purl = "pkg:npm/example@1.0.1" } ]
"#;
        let (compromises, errors) = Compromises::from_files([("rumour.toml", file)]);
        assert!(errors.is_empty(), "{errors:?}");
        let found = flaws(0, &component(Registry::Npm, "example", "1.0.1"), &compromises);
        assert_eq!((found.len(), found[0].kind), (1, FlawKind::Possible));
        assert!(found[0].why.contains("called poisoned by some, without proof"), "{}", found[0].why);
        assert!(flaws(0, &component(Registry::Npm, "example", "1.0.2"), &compromises).is_empty());
    }
}
