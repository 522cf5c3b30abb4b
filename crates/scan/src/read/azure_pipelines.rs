//! Pipelines of Azure: the tasks that they call, the repositories that they use, and the images that they run in.
//!
//! <https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/>.

use std::collections::BTreeSet;

use floodmark_intel::purl::Purl;

use super::yaml_tree::{Tree, Value};
use super::{Broken, Reading, image, repository};
use crate::component::{Component, Scope};

/// What the names of tasks stand under in a purl.
const TASKS: &str = "azure-pipelines-tasks";

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let tree = Tree::read(bytes, reading)?;
    let Some(root) = tree.root() else { return Ok(()) };
    let resources = root.get("resources");
    let listed = |part| resources.and_then(|all| all.get(part)).map(|list| list.items().collect::<Vec<_>>());
    let mut aliases = BTreeSet::new();
    for container in listed("containers").unwrap_or_default() {
        aliases.extend(container.text_of("container"));
        if let Some(named) = container.get("image") {
            add(named, image::component(named.text().unwrap_or_default()), reading);
        }
    }
    for one in listed("repositories").unwrap_or_default() {
        if let Some(found) = external(one) {
            add(one, found, reading);
        }
    }
    walk(root, &aliases, reading);
    Ok(())
}

/// A repository elsewhere. One of the same organisation (`git`) is read where it is scanned.
fn external(of: Value<'_, '_>) -> Option<Result<Component, String>> {
    let host = match of.text_of("type")? {
        "github" | "githubenterprise" => "github.com",
        "bitbucket" => "bitbucket.org",
        _ => return None,
    };
    let name = of.text_of("name")?;
    Some(repository::component(&format!("{host}/{name}"), of.text_of("ref"), ""))
}

/// Steps stand in jobs, stages, templates and conditions: all that is called `task` or `container` counts.
fn walk(value: Value<'_, '_>, aliases: &BTreeSet<&str>, reading: &mut Reading<'_>) {
    for (key, inner) in value.entries() {
        match key {
            "task" => {
                if let Some(text) = inner.text() {
                    add(inner, task(text), reading);
                }
            }
            // The names of containers that stand among the resources.
            "container" => {
                let named = inner.get("image").unwrap_or(inner);
                if let Some(text) = named.text().filter(|text| !aliases.contains(text)) {
                    add(named, image::component(text), reading);
                }
            }
            "resources" => {}
            _ => walk(inner, aliases, reading),
        }
    }
    value.items().for_each(|member| walk(member, aliases, reading));
}

fn add(at: Value<'_, '_>, component: Result<Component, String>, reading: &mut Reading<'_>) {
    reading.add(at.place(), component.map(|component| component.scoped(Scope::Build).direct()));
}

/// `Name@2`, `publisher.extension.Name@2`: only the major version is chosen.
fn task(text: &str) -> Result<Component, String> {
    let malformed = || format!("calls the task `{text}`; expected name@version");
    let (name, version) = text.split_once('@').ok_or_else(malformed)?;
    if text.contains("${{") {
        return Err(format!("calls the task `{text}`, which is known only when it runs"));
    }
    let purl = Purl::new("generic", Some(TASKS), name, Some(version)).map_err(|error| error.to_string())?;
    Ok(Component::new(purl, format!("{TASKS}/{name}"), None))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cut_anywhere, read};

    const FILE: &str = "resources:
  repositories:
    - {repository: t, type: github, name: acme/templates, ref: refs/tags/v1}
    - {repository: o, type: git, name: own/x}
  containers:
    - {container: build, image: 'ubuntu:24.04'}
stages:
  - stage: a
    jobs:
      - job: b
        container: build
        steps:
          - task: NodeTool@0
          - ${{ if true }}:
            - task: odd
      - job: c
        container: {image: 'aquasec/trivy:0.69.4'}
";

    #[test]
    fn tasks_repositories_and_images_are_found() {
        let read = read("azure-pipelines.yml", FILE.as_bytes());
        assert_eq!(
            read.purls(),
            [
                "pkg:docker/aquasec/trivy@0.69.4",
                "pkg:docker/ubuntu@24.04",
                "pkg:generic/azure-pipelines-tasks/NodeTool@0",
                "pkg:github/acme/templates@v1",
            ]
        );
        assert_eq!(read.unread.len(), 1, "{:#?}", read.unread);
    }

    #[test]
    fn a_file_cut_anywhere_is_read_as_far_as_it_goes() {
        cut_anywhere("azure-pipelines.yml", b"steps:\n- task: A@1\n- task: B@2\n");
    }
}
