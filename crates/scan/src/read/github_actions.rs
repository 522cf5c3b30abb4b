//! Workflows and actions of GitHub: what a pipeline calls, in which images.
//!
//! <https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax>,
//! <https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax>.
//!
//! Actions of the repository itself are followed from the workflows that call them, since whoever asks what a workflow
//! runs asks for these too.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::reading::{FileNumber, Neighbour};
use super::uses::{Uses, claimed, uses};
use super::yaml_tree::{Tree, Value};
use super::{Broken, Reading, image};
use crate::component::{Component, Place, RefKind, Scope};
use crate::target::{shown, within};

/// What a folder that is an action has in it; the last makes it an action by itself.
const METADATA: [&str; 3] = ["action.yml", "action.yaml", "Dockerfile"];

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let tree = Tree::read(bytes, reading)?;
    let Some(root) = tree.root() else { return Ok(()) };
    let Some(repository) = repository(reading.path()) else {
        // In which repository an action runs is known only to who calls it.
        action(root, None, reading);
        return Ok(());
    };
    let path = reading.path().to_owned();
    let locals = workflow(root, None, reading);
    Follow { repository, followed: BTreeSet::from([path]) }.all(locals, 0, reading);
    Ok(())
}

/// The root of the repository that a workflow belongs to, by the path of the workflow.
fn repository(path: &Path) -> Option<PathBuf> {
    let folder = path.parent()?;
    folder.ends_with(".github/workflows").then(|| path.ancestors().nth(3).map(Path::to_owned))?
}

/// A call of something in the repository itself, with its place.
type Local<'t, 'b> = (Value<'t, 'b>, &'t str);

/// A workflow, that `by` called if somebody did.
fn workflow<'t, 'b>(root: Value<'t, 'b>, by: Option<&str>, reading: &mut Reading<'_>) -> Vec<Local<'t, 'b>> {
    let mut locals = Vec::new();
    let jobs = root.get("jobs").map(Value::entries).unwrap_or_default();
    for (_, job) in jobs {
        locals.extend(job.get("uses").and_then(|called| call(called, by, reading)));
        if let Some(container) = job.get("container") {
            add_image(container.get("image").unwrap_or(container), by, reading);
        }
        for (_, service) in job.get("services").map(Value::entries).unwrap_or_default() {
            if let Some(named) = service.get("image") {
                add_image(named, by, reading);
            }
        }
        locals.extend(steps(job, by, reading));
    }
    locals
}

/// The metadata of an action, that `by` called if somebody did.
fn action<'t, 'b>(root: Value<'t, 'b>, by: Option<&str>, reading: &mut Reading<'_>) -> Vec<Local<'t, 'b>> {
    let Some(runs) = root.get("runs") else { return Vec::new() };
    // An image that is no `docker://` is the path of a Dockerfile, which is read by itself.
    if runs.text_of("image").is_some_and(|text| text.starts_with("docker://"))
        && let Some(named) = runs.get("image")
    {
        add_image(named, by, reading);
    }
    steps(runs, by, reading)
}

fn steps<'t, 'b>(of: Value<'t, 'b>, by: Option<&str>, reading: &mut Reading<'_>) -> Vec<Local<'t, 'b>> {
    let Some(steps) = of.get("steps") else { return Vec::new() };
    let called = steps.items().filter_map(|step| step.get("uses"));
    called.filter_map(|called| call(called, by, reading)).collect()
}

fn call<'t, 'b>(called: Value<'t, 'b>, by: Option<&str>, reading: &mut Reading<'_>) -> Option<Local<'t, 'b>> {
    let text = called.text().unwrap_or_default();
    match uses(text) {
        Ok(Uses::Local(path)) => return Some((called, path)),
        Ok(Uses::Component(component)) => {
            let component = component.pulled_in_by(by);
            reading.add::<String>(called.place(), Ok(with_claim(component, called.comment())));
        }
        Err(why) => reading.problem(&called.place(), &why),
    }
    None
}

fn with_claim(mut component: Component, comment: Option<&str>) -> Component {
    if component.reference.as_ref().is_some_and(|one| one.kind() == RefKind::Commit) {
        component.claimed.extend(comment.and_then(claimed).map(ToOwned::to_owned));
    }
    component
}

fn add_image(named: Value<'_, '_>, by: Option<&str>, reading: &mut Reading<'_>) {
    // Nothing, or an empty text that an expression elsewhere may be: the job runs in no container.
    let Some(text) = named.text() else { return };
    let text = text.strip_prefix("docker://").unwrap_or(text);
    let image = image::component(text).map(|image| image.scoped(Scope::Build).direct().pulled_in_by(by));
    reading.add(named.place(), image);
}

/// What a workflow calls in its own repository is followed as deep as GitHub does.
const MOST_DEEP: usize = 10;

/// The local actions and workflows that were followed from one workflow.
struct Follow {
    repository: PathBuf,
    followed: BTreeSet<PathBuf>,
}

impl Follow {
    fn all(&mut self, locals: Vec<Local<'_, '_>>, depth: usize, reading: &mut Reading<'_>) {
        for (called, path) in locals {
            if let Err(why) = self.one(path, depth, reading) {
                reading.problem(&called.place(), &format!("calls `{path}`, {why}"));
            }
        }
    }

    fn one(&mut self, path: &str, depth: usize, reading: &mut Reading<'_>) -> Result<(), String> {
        // Whatever file it stands in, it starts at the root of the repository.
        let target = within(&self.repository.join(METADATA[0]), path)
            .ok_or("which leads out of what is scanned; expected a path in it")?;
        if !self.followed.insert(target.clone()) {
            return Ok(());
        }
        if depth >= MOST_DEEP {
            return Err(format!("the last of a chain of calls; expected at most {MOST_DEEP}"));
        }
        let (called, file, bytes) = found(&target, reading)?;
        reading.inside(file, |reading| match Tree::read(&bytes, reading) {
            _ if called == Called::Dockerfile => {}
            Ok(tree) => {
                let locals = tree.root().map(|root| called.read(root, path, reading)).unwrap_or_default();
                self.all(locals, depth + 1, reading);
            }
            Err(broken) => reading.problem(&Place::Whole, &broken.to_string()),
        });
        Ok(())
    }
}

fn found(target: &Path, reading: &mut Reading<'_>) -> Result<(Called, FileNumber, Vec<u8>), String> {
    let candidates = if is_yaml(target) {
        vec![(Called::Workflow, target.to_owned())]
    } else {
        METADATA.iter().map(|name| (Called::of(name), target.join(name))).collect()
    };
    for (called, path) in candidates {
        match reading.neighbour(&format!("/{}", shown(&path))) {
            Ok(Neighbour::File(file, bytes)) => return Ok((called, file, bytes)),
            Ok(Neighbour::Absent | Neighbour::Before) => {}
            Err(broken) => return Err(format!("which {broken}")),
        }
    }
    Err("which is not there; expected it, unless it is checked out when the workflow runs".to_owned())
}

/// What a call in the repository itself leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Called {
    Workflow,
    Action,
    /// An action without metadata, which is read by itself.
    Dockerfile,
}

impl Called {
    fn of(name: &str) -> Self {
        if name == METADATA[2] { Self::Dockerfile } else { Self::Action }
    }

    fn read<'t, 'b>(self, root: Value<'t, 'b>, path: &str, reading: &mut Reading<'_>) -> Vec<Local<'t, 'b>> {
        match self {
            Self::Workflow => workflow(root, Some(path), reading),
            Self::Action => action(root, Some(path), reading),
            Self::Dockerfile => Vec::new(),
        }
    }
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "yml" || end == "yaml")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fmt::Write as _;

    use floodmark_intel::compromise::{Artifact, Compromises, RepositoryName, TagRef, Verdict};

    use super::super::testing::{cut_anywhere, read, read_beside};
    use crate::component::{Place, RefKind, Reference, Scope};

    const PATH: &str = ".github/workflows/ci.yml";
    const WORKFLOW: &str = "on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    container: node:22
    services:
      db:
        image: postgres:16@sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad
    steps:
      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2
      - name: scan
        uses: \"aquasecurity/trivy-action@0.28.0\"
        with: {image-ref: app}
      - uses: docker://ghcr.io/acme/lint:2
      - run: make
      - uses: ./.github/actions/setup
  called:
    uses: acme/flows/.github/workflows/deploy.yml@main
  matrix:
    container:
      image: node:${{ matrix.node }}
    steps:
      - uses: nothing
      - uses: ./tools/missing
      - uses: github/codeql-action/init@v3
";
    const SETUP: &str = "name: setup
runs:
  using: composite
  steps:
    - uses: aquasecurity/setup-trivy@v0.2.2
      # not this: x/y@v1
    - uses: ./.github/actions/inner
    - uses: ./.github/actions/setup
    - run: echo
      shell: bash
";
    const INNER: &str = "runs: {using: docker, image: 'docker://alpine:3.20'}\n";

    #[test]
    fn what_a_workflow_calls_is_found_with_its_line_its_kind_of_reference_and_what_a_comment_claims() {
        let files = [
            (PATH, WORKFLOW.as_bytes()),
            (".github/actions/setup/action.yml", SETUP.as_bytes()),
            (".github/actions/inner/action.yaml", INNER.as_bytes()),
        ];
        let read = read_beside(PATH, &files);
        assert_eq!(
            read.purls(),
            [
                "pkg:docker/acme/lint@2?repository_url=ghcr.io",
                "pkg:docker/alpine@3.20",
                "pkg:docker/node@22",
                "pkg:githubactions/acme/flows@main#.github/workflows/deploy.yml",
                "pkg:githubactions/actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683",
                "pkg:githubactions/aquasecurity/setup-trivy@v0.2.2",
                "pkg:githubactions/aquasecurity/trivy-action@0.28.0",
                "pkg:githubactions/github/codeql-action@v3#init",
                "pkg:oci/postgres@sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\
                 ?repository_url=docker.io%2Flibrary%2Fpostgres&tag=16",
            ]
        );
        let checkout = read.component(read.purls()[4]);
        assert!(checkout.claimed.iter().eq(["v4.2.2"]) && checkout.pulled_in_by.direct);
        assert_eq!(checkout.reference.as_deref().map(Reference::kind), Some(RefKind::Commit));
        assert_eq!(checkout.scope, Scope::Build);
        let trivy = read.component("pkg:githubactions/aquasecurity/trivy-action@0.28.0");
        assert_eq!(trivy.found.first().map(|found| &found.place), Some(&Place::Line(12)));
        assert!(trivy.claimed.is_empty(), "the next line is no comment of this one");
        let setup = read.component("pkg:githubactions/aquasecurity/setup-trivy@v0.2.2");
        let found = setup.found.first().expect("a place");
        assert_eq!((&*found.path, &found.place), (".github/actions/setup/action.yml", &Place::Line(5)));
        assert!(setup.pulled_in_by.names.iter().eq(["./.github/actions/setup"]));
        let told: Vec<_> = read.unread.iter().map(|one| format!("{}: {}", one.path, one.why)).collect();
        assert_eq!(told.len(), 3, "{told:#?}");
        assert!(told[0].starts_with(".github/workflows/ci.yml: line 21: names its image by an expression"));
        assert!(told[1].contains("line 23: calls `nothing`; expected owner/name@ref"), "{told:#?}");
        assert!(told[2].contains("line 24: calls `./tools/missing`, which is not there"), "{told:#?}");
    }

    #[test]
    fn an_action_anywhere_is_read_and_a_file_that_only_has_its_name_is_none() {
        let own = read("tools/lint/action.yml", SETUP.as_bytes());
        assert_eq!(own.purls(), ["pkg:githubactions/aquasecurity/setup-trivy@v0.2.2"]);
        assert_eq!(own.unread, []);
        let other = read("ansible/action.yml", b"- hosts: all\n  uses: a/b@v1\n");
        assert!(other.components.is_empty() && other.unread.is_empty());
    }

    #[test]
    fn calls_without_end_are_told() {
        let files: Vec<(String, String)> = (0..40)
            .map(|nth| {
                let next = format!("runs: {{steps: [{{uses: ./a/{}}}]}}", nth + 1);
                (format!("a/{nth}/action.yml"), next)
            })
            .collect();
        let workflow =
            "jobs: {a: {steps: [{uses: ./a/0}, {uses: ../../x}, {uses: ./.github/workflows/ci.yml}]}}";
        let files = files.iter().map(|(path, text)| (path.as_str(), text.as_bytes()));
        let files: Vec<_> = files.chain([(PATH, workflow.as_bytes())]).collect();
        let told: Vec<_> = read_beside(PATH, &files).unread.into_iter().map(|one| one.why).collect();
        assert!(told.iter().any(|why| why.contains("at most 10")), "{told:#?}");
        assert!(told.iter().any(|why| why.contains("leads out")), "{told:#?}");
        assert_eq!(told.len(), 2, "{told:#?}");
    }

    #[test]
    fn a_workflow_that_calls_any_action_of_a_known_compromise_can_be_asked_for_it() {
        let known = Compromises::shipped();
        let mut workflow = "jobs:\n  all:\n    steps:\n".to_owned();
        let mut wanted = Vec::new();
        for entry in known.entries() {
            let identifiers = entry.compromise.artifacts.iter().flat_map(Artifact::identifiers);
            for (_, identifier) in identifiers.filter(|(verdict, _)| *verdict == Verdict::Bad) {
                let action = identifier.action.as_ref();
                let repository = identifier.repository.as_ref().map(RepositoryName::as_str);
                let repository = repository.or_else(|| action.map(TagRef::component));
                let pinned = repository.zip(identifier.commit.as_ref());
                let pinned = pinned.map(|(repository, commit)| format!("{repository}@{}", commit.as_str()));
                for called in action.map(ToString::to_string).into_iter().chain(pinned) {
                    let _ = writeln!(workflow, "      - uses: {called}");
                    wanted.push((entry.id.as_str(), called));
                }
            }
        }
        let incidents: BTreeSet<_> = wanted.iter().map(|(id, _)| *id).collect();
        for incident in ["tj-actions", "reviewdog", "trivy", "checkmarx-2026-03", "checkmarx-2026-04"] {
            assert!(incidents.contains(incident), "{incidents:?}");
        }
        let read = read(PATH, workflow.as_bytes());
        assert_eq!((read.unread.as_slice(), read.components.len()), ([].as_slice(), wanted.len()));
        for (component, (id, called)) in read.components.iter().zip(&wanted) {
            let Some(Reference::Action { action, .. }) = component.reference.as_deref() else {
                panic!("{called}")
            };
            let hits = known.action(action);
            let hit = hits.iter().any(|hit| hit.verdict == Verdict::Bad && hit.entry.id.as_str() == *id);
            assert!(hit, "{called}: {hits:?}");
        }
    }

    #[test]
    fn a_file_cut_anywhere_is_read_as_far_as_it_goes() {
        cut_anywhere(PATH, WORKFLOW.replace("./.github/actions/setup", "a/b@v1").as_bytes());
        cut_anywhere("action.yml", SETUP.as_bytes());
    }
}
