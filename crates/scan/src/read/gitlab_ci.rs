//! Pipelines of GitLab: what they include, and in which images their jobs and services run.
//!
//! <https://docs.gitlab.com/ci/yaml/>. Variables that the file gives a value are taken at it; those that GitLab sets are
//! known only when the pipeline runs.

use std::collections::BTreeMap;
use std::path::Path;

use floodmark_intel::purl::Purl;

use super::reading::Neighbour;
use super::variables::substituted;
use super::yaml_tree::{Tree, Value};
use super::{Broken, Reading, image};
use crate::component::{Algorithm, Component, Hash, RefKind, Reference, Scope};

/// Files that are included by files that are included: GitLab allows 150 in all.
const MOST_DEEP: usize = 100;

/// What a path of GitLab's templates stands under in its own repository.
const TEMPLATES: &str = "lib/gitlab/ci/templates";

type Variables = BTreeMap<String, String>;

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    file(bytes, &Variables::new(), 0, reading)
}

fn file(bytes: &[u8], outer: &Variables, depth: usize, reading: &mut Reading<'_>) -> Result<(), Broken> {
    let tree = Tree::read(bytes, reading)?;
    // The first document may be a header with the inputs of a component.
    let Some(root) = tree.documents().last() else { return Ok(()) };
    let mut variables = outer.clone();
    declare(root, &mut variables);
    if let Some(included) = root.get("include") {
        for one in
            included.items().chain((included.is_map() || included.text().is_some()).then_some(included))
        {
            include(one, &variables, depth, reading);
        }
    }
    images(root, &variables, reading);
    for (name, job) in root.entries() {
        if matches!(name, "include" | "variables" | "stages" | "workflow" | "spec" | "cache") || !job.is_map()
        {
            continue;
        }
        let mut own = variables.clone();
        declare(job, &mut own);
        images(job, &own, reading);
    }
    Ok(())
}

/// Adds the variables of a pipeline or a job; a value may stand under `value`.
fn declare(of: Value<'_, '_>, variables: &mut Variables) {
    for (name, value) in of.get("variables").map(Value::entries).unwrap_or_default() {
        if let Some(text) = value.text().or_else(|| value.text_of("value")) {
            variables.insert(name.to_owned(), text.to_owned());
        }
    }
}

/// The image and the services of a pipeline, a job, or the defaults.
fn images(of: Value<'_, '_>, variables: &Variables, reading: &mut Reading<'_>) {
    let services = of.get("services").map(|list| list.items().collect::<Vec<_>>()).unwrap_or_default();
    for named in of.get("image").into_iter().chain(services) {
        let named = named.get("name").unwrap_or(named);
        // A list is a `!reference` to what stands elsewhere, where it is read.
        let Some(text) = named.text() else { continue };
        let image = known(text, variables).and_then(|text| image::component(&text));
        reading.add(named.place(), image.map(|image| image.scoped(Scope::Build).direct()));
    }
}

/// A value may name others, which are then replaced too; more than twice nobody does.
fn known(text: &str, variables: &Variables) -> Result<String, String> {
    let lookup = |name: &str| variables.get(name).cloned();
    let once = substituted(text, &lookup)?;
    let twice = substituted(&once, &lookup)?;
    substituted(&twice, &lookup)
}

fn include(one: Value<'_, '_>, variables: &Variables, depth: usize, reading: &mut Reading<'_>) {
    if let Some(text) = one.text() {
        return if text.contains("://") {
            add(one, remote(text, None), reading);
        } else {
            local(one, text, variables, depth, reading);
        };
    }
    let of = |key| one.text_of(key);
    if let Some(path) = of("local") {
        local(one, path, variables, depth, reading);
    } else if let Some(url) = of("remote") {
        add(one, remote(url, of("integrity")), reading);
    } else if let Some(template) = of("template") {
        add(one, repository("gitlab-org/gitlab", None, &format!("{TEMPLATES}/{template}")), reading);
    } else if let Some(component) = of("component") {
        add(
            one,
            known(component, variables)
                .or_else(|_| Ok(component.to_owned()))
                .and_then(|text| catalogued(&text)),
            reading,
        );
    } else if let Some(project) = of("project") {
        let files = one.get("file").map(|files| files.items().chain(files.text().is_some().then_some(files)));
        let files: Vec<_> = files.into_iter().flatten().filter_map(Value::text).collect();
        let reference = of("ref").map(|text| known(text, variables)).transpose();
        let project = known(project, variables);
        for file in if files.is_empty() { vec![".gitlab-ci.yml"] } else { files } {
            let found =
                project.clone().and_then(|project| repository(&project, reference.clone()?.as_deref(), file));
            add(one, found, reading);
        }
    } else {
        reading.problem(
            &one.place(),
            "includes nothing that is known; expected local, project, remote, template or component",
        );
    }
}

fn add(at: Value<'_, '_>, component: Result<Component, String>, reading: &mut Reading<'_>) {
    reading.add(at.place(), component.map(|component| component.scoped(Scope::Build).direct()));
}

/// A file of another project of the same server; without a reference, of its default branch.
fn repository(project: &str, reference: Option<&str>, file: &str) -> Result<Component, String> {
    if project.contains('$') || file.contains('$') {
        return Err(format!("includes `{file}` of `{project}`, which is known only when it runs"));
    }
    let (kind, reference) = reference.map_or((RefKind::Branch, None), |text| {
        let (kind, reference) = RefKind::of(text);
        (kind, Some(reference))
    });
    let project = project.trim_matches('/');
    let (namespace, name) =
        project.rsplit_once('/').ok_or_else(|| format!("includes `{project}`; expected group/project"))?;
    let purl = Purl::new("gitlab", Some(namespace), name, reference).and_then(|purl| purl.within(file));
    let purl = purl.map_err(|error| error.to_string())?;
    Ok(Component::new(purl, project, None).referred(Reference::Repository { release: None, kind }))
}

/// `host/group/project/name@version`; the host may be a variable, which is then the server itself.
fn catalogued(text: &str) -> Result<Component, String> {
    let malformed = || format!("includes `{text}`; expected host/group/project/name@version");
    let (path, version) = text.rsplit_once('@').ok_or_else(malformed)?;
    let (host, path) = path.split_once('/').ok_or_else(malformed)?;
    let (project, name) = path.rsplit_once('/').ok_or_else(malformed)?;
    let mut component = repository(project, Some(version), &format!("templates/{name}.yml"))?;
    if !host.starts_with('$') && host != "gitlab.com" {
        component.purl =
            component.purl.qualified([("repository_url", host)]).map_err(|error| error.to_string())?;
    }
    Ok(component)
}

/// A file by its URL, with the hash that GitLab asks of it: `sha256-…base64…`.
fn remote(url: &str, integrity: Option<&str>) -> Result<Component, String> {
    if url.contains('$') {
        return Err(format!("includes `{url}`, which is known only when it runs"));
    }
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let name = path.rsplit('/').find(|part| !part.is_empty()).unwrap_or(path);
    let purl =
        Purl::new("generic", None, name, None).and_then(|purl| purl.qualified([("download_url", url)]));
    let hash = integrity.and_then(|text| Hash::from_base64(Algorithm::Sha256, text.strip_prefix("sha256-")?));
    Ok(Component::new(purl.map_err(|error| error.to_string())?, name, None).hashed(hash))
}

/// A file of the repository itself, from whose root its path counts. One that another format's name claims is read there too.
fn local(at: Value<'_, '_>, path: &str, variables: &Variables, depth: usize, reading: &mut Reading<'_>) {
    if let Err(why) = followed(path, variables, depth, reading) {
        reading.problem(&at.place(), &format!("includes `{path}`, {why}"));
    }
}

fn followed(
    path: &str,
    variables: &Variables,
    depth: usize,
    reading: &mut Reading<'_>,
) -> Result<(), String> {
    let path = known(path, variables)?;
    if path.contains('*') {
        return Err("a pattern, of which only files that are called *.gitlab-ci.yml are read".to_owned());
    }
    if depth >= MOST_DEEP {
        return Err(format!("the last of a chain; expected at most {MOST_DEEP}"));
    }
    let root = reading.first().parent().map(Path::to_owned).unwrap_or_default();
    let full = format!("/{}/{}", root.display(), path.trim_start_matches('/'));
    if reading.has_read(&full) {
        return Ok(());
    }
    let neighbour = reading.neighbour(&full).map_err(|broken| format!("which {broken}"))?;
    let Neighbour::File(number, bytes) = neighbour else {
        return Err("which is not there; expected a file of the repository".to_owned());
    };
    reading
        .inside(number, |reading| file(&bytes, variables, depth + 1, reading))
        .map_err(|broken| format!("which {broken}"))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cut_anywhere, read_beside};
    use crate::component::{RefKind, Reference, Scope};

    const FILE: &str = "include:
  - local: /ci/build.yml
  - local: ci/*.yml
  - project: acme/platform/pipelines
    ref: v2.1
    file: [/deploy.yml, scan.yml]
  - project: acme/unpinned
    file: a.yml
  - remote: https://ci.example/lib/x.yml
    integrity: sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=
  - template: Jobs/SAST.gitlab-ci.yml
  - component: $CI_SERVER_FQDN/components/sast/sast@1.0
  - component: gitlab.acme.example/tools/go/test@0e58ed8671d6b60d0890c21b07f8835ace038e67
  - what: x
variables:
  TRIVY: aquasec/trivy:${VERSION}
  VERSION: {value: 0.69.4, description: x}
default:
  image: {name: \"alpine:3.20\", entrypoint: ['']}
  services: [docker:dind, {name: postgres:16, alias: db}]
scan:
  image: $TRIVY
  variables: {VERSION: 0.69.5}
  script: [trivy fs .]
push:
  image: $CI_REGISTRY_IMAGE
ref:
  image: !reference [.x, image]
";

    #[test]
    fn includes_images_and_services_are_found() {
        let files: [(&str, &[u8]); 2] = [
            (".gitlab-ci.yml", FILE.as_bytes()),
            (
                "ci/build.yml",
                b"spec: {inputs: {x: {}}}\n---\ninclude: /.gitlab-ci.yml\nbuild:\n  image: golang:1.24\n",
            ),
        ];
        let read = read_beside(".gitlab-ci.yml", &files);
        assert_eq!(
            read.purls(),
            [
                "pkg:docker/alpine@3.20",
                "pkg:docker/aquasec/trivy@0.69.5",
                "pkg:docker/docker@dind",
                "pkg:docker/golang@1.24",
                "pkg:docker/postgres@16",
                "pkg:generic/x.yml?download_url=https:%2F%2Fci.example%2Flib%2Fx.yml",
                "pkg:gitlab/acme/platform/pipelines@v2.1#deploy.yml",
                "pkg:gitlab/acme/platform/pipelines@v2.1#scan.yml",
                "pkg:gitlab/acme/unpinned#a.yml",
                "pkg:gitlab/components/sast@1.0#templates/sast.yml",
                "pkg:gitlab/gitlab-org/gitlab#lib/gitlab/ci/templates/Jobs/SAST.gitlab-ci.yml",
                "pkg:gitlab/tools/go@0e58ed8671d6b60d0890c21b07f8835ace038e67?repository_url=gitlab.acme.example\
                 #templates/test.yml",
            ]
        );
        let kind = |purl: &str| read.component(purl).reference.as_deref().map(Reference::kind);
        assert_eq!(kind("pkg:gitlab/acme/platform/pipelines@v2.1#scan.yml"), Some(RefKind::Tag));
        assert_eq!(kind("pkg:gitlab/acme/unpinned#a.yml"), Some(RefKind::Branch));
        assert_eq!(read.component(read.purls()[5]).hashes.len(), 1);
        assert!(read.components.iter().all(|one| one.scope == Scope::Build && one.pulled_in_by.direct));
        let told: Vec<_> = read.unread.iter().map(|one| format!("{}: {}", one.path, one.why)).collect();
        assert_eq!(told.len(), 3, "{told:#?}");
        assert!(told[0].contains("line 3: includes `ci/*.yml`, a pattern"), "{told:#?}");
        assert!(told[1].contains("line 14: includes nothing that is known"), "{told:#?}");
        assert!(told[2].contains("hangs on `CI_REGISTRY_IMAGE`"), "{told:#?}");
    }

    #[test]
    fn a_file_cut_anywhere_is_read_as_far_as_it_goes() {
        cut_anywhere(".gitlab-ci.yml", b"image: a:1\nx:\n  image: b\n  services: [c, {name: d}]\n");
    }
}
