//! The component that a purl names, as the reader of its own format would make it.

use floodmark_intel::purl::Purl;

use super::super::uses::{Uses, uses};
use super::super::{image, repository};
use super::distribution;
use crate::component::{Component, Hash, Registry};

/// Registries that some writers name although there is no other.
const PUBLIC: [&str; 7] = [
    "registry.npmjs.org",
    "pypi.org",
    "repo1.maven.org",
    "repo.maven.apache.org",
    "rubygems.org",
    "crates.io",
    "nuget.org",
];

/// The component of a purl.
pub(super) fn component(text: &str) -> Result<Component, String> {
    let purl: Purl = text.parse().map_err(|error| format!("{error}"))?;
    let by_reader = match purl.kind() {
        "docker" | "oci" => image(&purl),
        "githubactions" => action(&purl),
        "github" | "bitbucket" | "gitlab" | "generic" => of_repository(&purl),
        kind if distribution::KINDS.contains(&kind) => return Ok(distribution::component(purl)),
        _ => None,
    };
    // Whatever it names, the purl stays as it was written.
    Ok(match by_reader {
        Some(component) => Component { purl, ..component },
        None => plain(purl),
    })
}

fn plain(purl: Purl) -> Component {
    let name = purl.full_name();
    let Some(registry) = Registry::of_purl_type(purl.kind()) else {
        let digest = purl.version().and_then(Hash::from_labelled);
        return Component::new(purl, name, None).hashed(digest);
    };
    let is_elsewhere = is_elsewhere(&purl);
    let ecosystem = registry.ecosystem().and_then(|ecosystem| ecosystem.parse().ok());
    let component = Component::new(purl, registry.written(&name), ecosystem);
    if is_elsewhere { component.unregistered() } else { component }
}

/// Whether it comes from somewhere else than the registry of its type.
fn is_elsewhere(purl: &Purl) -> bool {
    let registry = purl.qualifier("repository_url");
    let is_private = registry.is_some_and(|url| !PUBLIC.iter().any(|public| url.contains(public)));
    is_private || purl.qualifier("vcs_url").is_some()
}

fn image(purl: &Purl) -> Option<Component> {
    let (version, name) = (purl.version()?, purl.full_name());
    let repository = purl.qualifier("repository_url");
    let text = if purl.kind() == "oci" {
        let tag = purl.qualifier("tag").map(|tag| format!(":{tag}")).unwrap_or_default();
        format!("{}{tag}@{version}", repository?)
    } else {
        let registry = repository.map(|host| format!("{host}/")).unwrap_or_default();
        let sign = if version.starts_with("sha256:") { '@' } else { ':' };
        format!("{registry}{name}{sign}{version}")
    };
    image::component(&text).ok()
}

fn action(purl: &Purl) -> Option<Component> {
    let path = purl.subpath().map(|path| format!("/{path}")).unwrap_or_default();
    let called = format!("{}{path}@{}", purl.full_name(), purl.version()?);
    match uses(&called) {
        Ok(Uses::Component(component)) => {
            // How it is called is for who lists it to say.
            let own = Component::new(component.purl, component.name, component.ecosystem);
            component.reference.map(|reference| own.referred(*reference))
        }
        _ => None,
    }
}

fn of_repository(purl: &Purl) -> Option<Component> {
    let path = purl.subpath().unwrap_or_default();
    let host = match purl.kind() {
        "github" => "github.com",
        "bitbucket" => "bitbucket.org",
        "gitlab" => "gitlab.com",
        _ => return repository::component(&purl.qualifier("vcs_url")?, purl.version(), &path).ok(),
    };
    repository::component(&format!("{host}/{}", purl.full_name()), purl.version(), &path).ok()
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::read_beside;
    use super::*;
    use crate::component::{PulledInBy, Scope};

    /// What is left when all that the purl cannot tell is taken away.
    fn bare(component: &Component) -> Component {
        let mut bare = component.clone().scoped(Scope::Unknown);
        bare.pulled_in_by = PulledInBy::default();
        bare.hashes.clear();
        bare.claimed.clear();
        bare.found.clear();
        bare.name = bare.name.to_lowercase();
        bare
    }

    #[test]
    fn what_a_reader_lists_is_read_back_from_its_purl() {
        let files: [(&str, &str); 8] = [
            (
                ".github/workflows/a.yml",
                "jobs: {a: {container: node, steps: [{uses: Actions/Checkout@v4}, {uses: github/codeql-action/init@main}]}}",
            ),
            (
                "Dockerfile",
                "FROM ghcr.io/a/b:1\nFROM x:1@sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n",
            ),
            (
                ".gitlab-ci.yml",
                "include: [{project: a/b/c, ref: v1, file: x.yml}, {component: gitlab.com/a/b/c@1}]",
            ),
            (
                ".pre-commit-config.yaml",
                "repos: [{repo: 'https://github.com/psf/black', rev: 24.1.0}, {repo: 'https://git.example/x', rev: a}]",
            ),
            (
                "main.tf",
                "module \"a\" { source = \"a/b/c\" }\nmodule \"d\" { source = \"git::https://x.example/y?ref=v1\" }\n",
            ),
            (
                ".terraform.lock.hcl",
                "provider \"registry.terraform.io/hashicorp/random\" {\n  version = \"3.6.3\"\n}\n",
            ),
            (".circleci/config.yml", "orbs: {a: circleci/node@5.1.0}"),
            ("azure-pipelines.yml", "steps: [{task: NodeTool@0}]"),
        ];
        let mut count = 0;
        for (path, text) in files {
            let read = read_beside(path, &[(path, text.as_bytes())]);
            assert_eq!(read.unread, []);
            for listed in &read.components {
                let back = component(listed.purl.as_str()).expect("a component");
                assert_eq!(bare(&back), bare(listed));
                count += 1;
            }
        }
        assert_eq!(count, 14);
    }

    #[test]
    fn packages_have_the_names_and_ecosystems_of_their_registries() {
        for (purl, name, ecosystem) in [
            ("pkg:npm/%40ctrl/tinycolor@4.1.1", "@ctrl/tinycolor", Some("npm")),
            ("pkg:maven/org.a/b@1?type=jar", "org.a:b", Some("Maven")),
            ("pkg:golang/github.com/a/B@v1.0.0#cmd", "github.com/a/B", Some("Go")),
            ("pkg:npm/a@1?vcs_url=git%2Bhttps:%2F%2Fx.example%2Fa", "a", None),
            ("pkg:npm/a@1?repository_url=https:%2F%2Fregistry.npmjs.org", "a", Some("npm")),
            ("pkg:npm/a@1?repository_url=npm.corp.example", "a", None),
            ("pkg:cocoapods/a@1", "a", None),
            ("pkg:deb/debian/libssl3@3.0.17-1?arch=amd64&distro=debian-12", "libssl3", Some("Debian:12")),
            ("pkg:oci/x@sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "x", None),
        ] {
            let component = component(purl).expect("a component");
            assert_eq!(component.name, name);
            assert_eq!(component.ecosystem.map(|one| one.to_string()).as_deref(), ecosystem, "{purl}");
        }
        assert!(component("npm/a@1").is_err());
    }
}
