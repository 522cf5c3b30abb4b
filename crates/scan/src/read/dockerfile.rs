//! Dockerfiles and Containerfiles: the images that a build starts from, copies from, and is read by.
//!
//! <https://docs.docker.com/reference/dockerfile/>. Variables have the defaults of the file, since what else they are
//! given is known only to who builds. The last stage and those that it starts from are there at runtime, others for the build.

mod instruction;

use std::collections::{BTreeMap, BTreeSet};

use instruction::{Instruction, instructions};

use super::text::utf8;
use super::variables::substituted;
use super::{Broken, Reading, image};
use crate::component::{Place, Scope};

/// The stage of which the image has nothing in it.
const NOTHING: &str = "scratch";

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    read_for(bytes, None, reading)
}

/// Reads a Dockerfile that `by` builds, if somebody does.
pub(super) fn read_for(bytes: &[u8], by: Option<&str>, reading: &mut Reading<'_>) -> Result<(), Broken> {
    // `Dockerfile.dockerignore` lists paths, and `Dockerfile.md` tells about one.
    if reading.path().extension().is_some_and(|end| end == "dockerignore" || end == "md") {
        reading.disown();
        return Ok(());
    }
    let found = instructions(utf8(bytes, "a Dockerfile")?);
    if let Some((line, syntax)) = &found.syntax {
        let image =
            image::component(syntax).map(|image| image.scoped(Scope::Build).direct().pulled_in_by(by));
        reading.add(Place::Line(*line), image);
    }
    let stages = Stages::of(&found.all);
    let runtime = stages.runtime();
    for (nth, stage) in stages.all.iter().enumerate() {
        let scope = if runtime.contains(&nth) { Scope::Runtime } else { Scope::Build };
        for (line, named) in &stage.images {
            let image = named.clone().and_then(|named| image::component(&named));
            let image = image.map(|image| image.scoped(scope).direct().pulled_in_by(by));
            reading.add(Place::Line(*line), image);
        }
    }
    if stages.all.is_empty() {
        return Err(Broken::other("has no FROM", "a Dockerfile"));
    }
    Ok(())
}

/// The stages of a build.
#[derive(Default)]
struct Stages {
    all: Vec<Stage>,
    /// By name, in lower case: of two of one name the last.
    named: BTreeMap<String, usize>,
}

#[derive(Default)]
struct Stage {
    /// The stage that it starts from, where that is none of another file.
    from: Option<usize>,
    /// The images that it names, with the line; or why it is not known which.
    images: Vec<(u32, Result<String, String>)>,
}

impl Stages {
    fn of(instructions: &[Instruction]) -> Self {
        let mut stages = Self::default();
        let mut arguments = BTreeMap::new();
        for one in instructions {
            match one.name.as_str() {
                // Only those before the first stage may be used in FROM.
                "ARG" if stages.all.is_empty() => declare(&one.rest, &mut arguments),
                "FROM" => stages.begin(one, &arguments),
                "COPY" | "ADD" | "RUN" => stages.take_from(one),
                _ => {}
            }
        }
        stages
    }

    fn begin(&mut self, from: &Instruction, arguments: &BTreeMap<String, String>) {
        let (_, rest) = from.flags();
        let mut words = rest.split_ascii_whitespace();
        let named = words.next().unwrap_or_default();
        let named = substituted(named, &|name| arguments.get(name).cloned());
        let mut stage = Stage::default();
        match named {
            Ok(named) => match self.stage(&named) {
                Some(above) => stage.from = Some(above),
                None if named == NOTHING => {}
                None => stage.images.push((from.line, Ok(named))),
            },
            Err(why) => stage.images.push((from.line, Err(why))),
        }
        if let (Some(word), Some(name)) = (words.next(), words.next())
            && word.eq_ignore_ascii_case("as")
        {
            self.named.insert(name.to_ascii_lowercase(), self.all.len());
        }
        self.all.push(stage);
    }

    /// `COPY --from=image`, and `RUN --mount=from=image`.
    fn take_from(&mut self, instruction: &Instruction) {
        let (flags, _) = instruction.flags();
        for (name, value) in flags {
            let from = match name {
                "from" => Some(value),
                "mount" => value.split(',').find_map(|option| option.strip_prefix("from=")),
                _ => None,
            };
            let Some(from) = from.map(|from| from.trim_matches(['"', '\''])).filter(|from| !from.is_empty())
            else {
                continue;
            };
            let is_number = from.bytes().all(|byte| byte.is_ascii_digit());
            if is_number || from == NOTHING || self.stage(from).is_some() {
                continue;
            }
            if let Some(stage) = self.all.last_mut() {
                stage.images.push((instruction.line, Ok(from.to_owned())));
            }
        }
    }

    fn stage(&self, name: &str) -> Option<usize> {
        self.named.get(&name.to_ascii_lowercase()).copied()
    }

    /// The last stage and those that it starts from.
    fn runtime(&self) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut next = self.all.len().checked_sub(1);
        while let Some(stage) = next {
            found.insert(stage);
            next = self.all.get(stage).and_then(|stage| stage.from).filter(|above| !found.contains(above));
        }
        found
    }
}

/// `ARG A=1 B="x"`: without a value it is given when something is built, or not at all.
fn declare(rest: &str, arguments: &mut BTreeMap<String, String>) {
    for word in rest.split_ascii_whitespace() {
        let Some((name, value)) = word.split_once('=') else { continue };
        let value = substituted(value.trim_matches(['"', '\'']), &|name| arguments.get(name).cloned());
        match value {
            Ok(value) => drop(arguments.insert(name.to_owned(), value)),
            Err(_) => drop(arguments.remove(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use floodmark_intel::compromise::{Artifact, Compromises, Verdict};

    use super::super::testing::{cut_anywhere, read};
    use crate::component::{Place, Reference, Scope};

    const FILE: &str = "# syntax=docker/dockerfile:1.7
ARG REGISTRY=ghcr.io
ARG TAG=1.2 BASE=\"${REGISTRY}/acme/base:$TAG\"
ARG GIVEN

FROM --platform=$BUILDPLATFORM golang:1.24 AS build
COPY --from=aquasec/trivy:0.69.4 /usr/local/bin/trivy /bin/
RUN <<EOF
FROM not/an:image
EOF

FROM ${BASE} AS base
FROM $GIVEN AS odd
FROM scratch AS empty
FROM BASE
COPY --from=build /app /app
COPY --from=0 /x /x
COPY --chown=1:1 --from=busybox@sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad /bin/sh \\
  /bin/sh
RUN --mount=type=bind,from=alpine:3.20,target=/mnt ls
";

    #[test]
    fn images_of_stages_copies_and_mounts_are_found_and_stages_are_none() {
        let read = read("Dockerfile", FILE.as_bytes());
        let found: Vec<_> = read
            .components
            .iter()
            .map(|one| (one.purl.as_str(), one.scope, one.found.first().map(|found| found.place.clone())))
            .collect();
        let line = |number| Some(Place::Line(number));
        assert_eq!(
            found,
            [
                ("pkg:docker/docker/dockerfile@1.7", Scope::Build, line(1)),
                ("pkg:docker/golang@1.24", Scope::Build, line(6)),
                ("pkg:docker/aquasec/trivy@0.69.4", Scope::Build, line(7)),
                ("pkg:docker/acme/base@1.2?repository_url=ghcr.io", Scope::Runtime, line(12)),
                (
                    "pkg:oci/busybox@sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\
                     ?repository_url=docker.io%2Flibrary%2Fbusybox",
                    Scope::Runtime,
                    line(18)
                ),
                ("pkg:docker/alpine@3.20", Scope::Runtime, line(20)),
            ]
        );
        let told: Vec<_> = read.unread.iter().map(|one| format!("{}: {}", one.path, one.why)).collect();
        assert!(told.len() == 1 && told[0].starts_with("Dockerfile: line 13: hangs on `GIVEN`"), "{told:#?}");
    }

    #[test]
    fn a_file_without_a_stage_is_told_and_one_that_is_none_is_not() {
        assert!(read("Dockerfile.dev", b"RUN x\n").unread[0].why.contains("has no FROM"));
        let none = read("Dockerfile.dockerignore", b"*.md\n");
        assert!(none.components.is_empty() && none.unread.is_empty());
    }

    #[test]
    fn arguments_that_double_are_told() {
        let mut text = "ARG A=xxxxxxxxxxxxxxxx\n".to_owned();
        text += &"ARG A=$A$A\n".repeat(10_000);
        let read = read("Containerfile", format!("{text}FROM $A\nFROM a\n").as_bytes());
        assert_eq!((read.purls(), read.unread.len()), (vec!["pkg:docker/a@latest"], 1));
    }

    #[test]
    fn a_file_that_starts_from_any_image_of_a_known_compromise_can_be_asked_for_it() {
        let known = Compromises::shipped();
        let mut asked = 0;
        for entry in known.entries() {
            let identifiers = entry.compromise.artifacts.iter().flat_map(Artifact::identifiers);
            for (_, identifier) in identifiers.filter(|(verdict, _)| *verdict == Verdict::Bad) {
                let by_tag = identifier.image.as_ref().map(ToString::to_string);
                let by_digest =
                    identifier.digest.as_ref().map(|digest| format!("some/copy:1@{}", digest.as_str()));
                for image in by_tag.into_iter().chain(by_digest) {
                    let read = read("Dockerfile", format!("FROM {image}\n").as_bytes());
                    let Some(Reference::Image { image, digest }) = read.components[0].reference.as_deref()
                    else {
                        panic!("{image}")
                    };
                    let hits =
                        digest.as_ref().map_or_else(|| known.image(image), |digest| known.digest(digest));
                    let id = entry.id.as_str();
                    assert!(
                        hits.iter().any(|hit| hit.verdict == Verdict::Bad && hit.entry.id.as_str() == id),
                        "{id}: {image}"
                    );
                    asked += 1;
                }
            }
        }
        assert!(asked > 20, "{asked}");
    }

    #[test]
    fn a_file_cut_anywhere_is_read_as_far_as_it_goes() {
        // Cut within a name it is the name of another image, never of more.
        cut_anywhere("Dockerfile", b"FROM a:1 AS b\nCOPY --from=c /x /y\nFROM b\n");
    }
}
