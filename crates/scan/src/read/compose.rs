//! Compose files: the images of services, and the Dockerfiles that they are built from.
//!
//! <https://compose-spec.io/>, <https://docs.docker.com/reference/compose-file/>. Variables have their defaults, or what the
//! `.env` beside the file gives them, as Compose itself would take them.

use std::collections::BTreeMap;

use super::reading::Neighbour;
use super::variables::substituted;
use super::yaml_tree::{Tree, Value};
use super::{Broken, Reading, dockerfile, image};
use crate::component::{Place, Scope};

/// How deep files may include each other.
const MOST_DEEP: usize = 16;

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let environment = environment(reading);
    file(bytes, &environment, 0, reading)
}

/// What the file `.env` gives: it lies beside the first file, and holds for all.
fn environment(reading: &mut Reading<'_>) -> BTreeMap<String, String> {
    let Ok(Neighbour::File(_, bytes)) = reading.neighbour(".env") else { return BTreeMap::new() };
    let text = String::from_utf8_lossy(&bytes);
    let pairs = text.lines().filter_map(|line| {
        let line = line.trim();
        let (name, value) = line.strip_prefix("export ").unwrap_or(line).split_once('=')?;
        let value = value.split(" #").next().unwrap_or_default().trim().trim_matches(['"', '\'']);
        Some((name.trim().to_owned(), value.to_owned()))
    });
    pairs.filter(|(name, _)| !name.starts_with('#')).collect()
}

fn file(
    bytes: &[u8],
    environment: &BTreeMap<String, String>,
    depth: usize,
    reading: &mut Reading<'_>,
) -> Result<(), Broken> {
    let tree = Tree::read(bytes, reading)?;
    let Some(root) = tree.root() else { return Ok(()) };
    let known = |text: &str| substituted(text, &|name| environment.get(name).cloned());
    let mut others = Vec::new();
    for included in root.get("include").map(|list| list.items().collect::<Vec<_>>()).unwrap_or_default() {
        let paths = included.get("path").unwrap_or(included);
        others.extend(paths.items().chain(paths.text().is_some().then_some(paths)));
    }
    for (name, service) in root.get("services").map(Value::entries).unwrap_or_default() {
        others.extend(service.get("extends").and_then(|extends| extends.get("file")));
        match (service.get("build"), service.get("image")) {
            // The image is then what the build is called.
            (Some(build), _) => built(name, build, &known, reading),
            (None, Some(named)) => {
                let Some(text) = named.text() else { continue };
                let image = known(text).and_then(|text| image::component(&text));
                reading.add(named.place(), image.map(|image| image.scoped(Scope::Runtime).direct()));
            }
            (None, None) => {}
        }
    }
    for other in others {
        let Some(path) = other.text() else { continue };
        if let Err(why) = include(path, &known, environment, depth, reading) {
            reading.problem(&other.place(), &format!("includes `{path}`, {why}"));
        }
    }
    Ok(())
}

fn include(
    path: &str,
    known: &dyn Fn(&str) -> Result<String, String>,
    environment: &BTreeMap<String, String>,
    depth: usize,
    reading: &mut Reading<'_>,
) -> Result<(), String> {
    let path = known(path)?;
    if depth >= MOST_DEEP {
        return Err(format!("the last of a chain; expected at most {MOST_DEEP}"));
    }
    if reading.has_read(&path) {
        return Ok(());
    }
    let neighbour = reading.neighbour(&path).map_err(|broken| format!("which {broken}"))?;
    let Neighbour::File(number, bytes) = neighbour else {
        return Err("which is not there; expected a Compose file".to_owned());
    };
    reading
        .inside(number, |reading| file(&bytes, environment, depth + 1, reading))
        .map_err(|broken| format!("which {broken}"))
}

/// The Dockerfile that a service is built from is read in its own name, and for the service.
fn built(
    service: &str,
    build: Value<'_, '_>,
    known: &dyn Fn(&str) -> Result<String, String>,
    reading: &mut Reading<'_>,
) {
    for (_, context) in build.get("additional_contexts").map(Value::entries).unwrap_or_default() {
        let Some(named) = context.text().and_then(|text| text.strip_prefix("docker-image://")) else {
            continue;
        };
        let image = known(named).and_then(|named| image::component(&named));
        reading.add(context.place(), image.map(|image| image.scoped(Scope::Build).direct()));
    }
    if build.get("dockerfile_inline").is_some() {
        let why = "has a Dockerfile within, which is not read; expected a path";
        return reading.problem(&build.place(), why);
    }
    let context = build.text().or_else(|| build.text_of("context")).unwrap_or(".");
    if let Err(why) =
        followed(service, context, build.text_of("dockerfile").unwrap_or("Dockerfile"), known, reading)
    {
        reading.problem(&build.place(), &format!("builds `{context}`, {why}"));
    }
}

fn followed(
    service: &str,
    context: &str,
    file: &str,
    known: &dyn Fn(&str) -> Result<String, String>,
    reading: &mut Reading<'_>,
) -> Result<(), String> {
    let (context, file) = (known(context)?, known(file)?);
    if context.contains("://") || context.starts_with("git@") {
        return Err("which lies elsewhere; expected a folder of what is scanned".to_owned());
    }
    let path = if file.starts_with('/') { file } else { format!("{context}/{file}") };
    if reading.has_read(&path) {
        return Ok(());
    }
    let neighbour = reading.neighbour(&path).map_err(|broken| format!("whose Dockerfile {broken}"))?;
    let Neighbour::File(number, bytes) = neighbour else {
        return Err(format!("where no `{path}` is; expected a Dockerfile"));
    };
    let read = reading.inside(number, |reading| {
        dockerfile::read_for(&bytes, Some(service), reading)
            .map_err(|broken| reading.problem(&Place::Whole, &broken.to_string()))
    });
    // What is wrong with the Dockerfile has been told of it.
    read.or(Ok(()))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cut_anywhere, read, read_beside};
    use crate::component::Scope;

    const FILE: &str = "include:
  - infra/more.yaml
  - path: [infra/more.yaml, gone.yaml]
x-base: &base
  image: ${REGISTRY:-ghcr.io}/acme/base:${TAG}
services:
  web:
    build: {context: ./web, dockerfile: Dockerfile.prod}
    image: acme/web:dev
  db:
    image: postgres:16
  worker:
    <<: *base
  odd:
    image: ${NOWHERE}/x
  gone:
    build: nowhere
  remote:
    build: https://github.com/acme/x.git
";

    #[test]
    fn images_of_services_are_found_and_builds_and_includes_are_followed() {
        let files: [(&str, &[u8]); 4] = [
            ("app/compose.yaml", FILE.as_bytes()),
            ("app/.env", b"# no\nTAG=\"2.1\" # yes\nexport X=1\n"),
            ("app/web/Dockerfile.prod", b"FROM node:22\n"),
            (
                "app/infra/more.yaml",
                b"services: {cache: {image: 'redis:7'}, w: {extends: {file: ../compose.yaml}}}\n",
            ),
        ];
        let read = read_beside("app/compose.yaml", &files);
        assert_eq!(
            read.purls(),
            [
                "pkg:docker/acme/base@2.1?repository_url=ghcr.io",
                "pkg:docker/node@22",
                "pkg:docker/postgres@16",
                "pkg:docker/redis@7",
            ]
        );
        let node = read.component("pkg:docker/node@22");
        assert!(node.pulled_in_by.names.iter().eq(["web"]) && node.scope == Scope::Runtime);
        assert_eq!(node.found.first().map(|found| &*found.path), Some("app/web/Dockerfile.prod"));
        let told: Vec<_> = read.unread.iter().map(|one| format!("{}: {}", one.path, one.why)).collect();
        assert_eq!(told.len(), 4, "{told:#?}");
        for (told, expected) in told.iter().zip([
            "line 15: hangs on `NOWHERE`",
            "line 17: builds `nowhere`, where no `nowhere/Dockerfile` is",
            "line 19: builds `https://github.com/acme/x.git`, which lies elsewhere",
            "line 3: includes `gone.yaml`, which is not there",
        ]) {
            assert!(told.contains(expected), "{told}");
        }
    }

    #[test]
    fn a_file_cut_anywhere_is_read_as_far_as_it_goes() {
        cut_anywhere("docker-compose.yml", b"services:\n  a:\n    image: b:1\n  c: {image: d}\n");
        assert!(read("compose.yml", b"[]").components.is_empty());
    }
}
