//! Pipelines of `CircleCI`: the orbs that they call, and the images of their jobs.
//!
//! <https://circleci.com/docs/configuration-reference/>.

use floodmark_intel::purl::Purl;

use super::yaml_tree::{Tree, Value};
use super::{Broken, Reading, image};
use crate::component::{Component, Scope};

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let tree = Tree::read(bytes, reading)?;
    if let Some(root) = tree.root() {
        pipeline(root, reading);
    }
    Ok(())
}

/// A pipeline, or an orb within it, which has the same parts.
fn pipeline(of: Value<'_, '_>, reading: &mut Reading<'_>) {
    for (_, called) in of.get("orbs").map(Value::entries).unwrap_or_default() {
        match called.text() {
            Some(text) => reading.add(called.place(), orb(text)),
            None => pipeline(called, reading),
        }
    }
    for part in ["executors", "jobs"] {
        for (_, job) in of.get(part).map(Value::entries).unwrap_or_default() {
            let images = job.get("docker").map(|list| list.items().collect::<Vec<_>>()).unwrap_or_default();
            for named in images.into_iter().filter_map(|one| one.get("image")) {
                let image = image::component(named.text().unwrap_or_default());
                reading.add(named.place(), image.map(|image| image.scoped(Scope::Build).direct()));
            }
        }
    }
}

/// `namespace/orb@version`. A version in full is given out once; `5`, `volatile` and `dev:x` move.
fn orb(text: &str) -> Result<Component, String> {
    let malformed = || format!("calls the orb `{text}`; expected namespace/orb@version");
    let (name, version) = text.split_once('@').ok_or_else(malformed)?;
    let (namespace, base) = name.split_once('/').ok_or_else(malformed)?;
    if text.contains("<<") {
        return Err(format!("calls the orb `{text}`, which is known only when it runs"));
    }
    let purl = Purl::new("generic", Some(namespace), base, Some(version)).and_then(|purl| {
        let url = format!("https://circleci.com/developer/orbs/orb/{name}");
        purl.qualified([("download_url", url.as_str())])
    });
    let purl = purl.map_err(|error| error.to_string())?;
    Ok(Component::new(purl, name, None).scoped(Scope::Build).direct())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cut_anywhere, read};

    const FILE: &str = "version: 2.1
orbs:
  node: circleci/node@5.1.0
  own:
    executors: {e: {docker: [{image: 'cimg/base:2024.01'}]}}
  bad: node
executors:
  default:
    docker: [{image: cimg/node:20.1}, {image: 'postgres:<< parameters.v >>'}]
jobs:
  scan:
    docker:
      - image: aquasec/trivy:0.69.4
    steps: [checkout]
  vm: {machine: {image: ubuntu-2404:current}}
";

    #[test]
    fn orbs_and_images_are_found() {
        let read = read(".circleci/config.yml", FILE.as_bytes());
        assert_eq!(
            read.purls(),
            [
                "pkg:docker/aquasec/trivy@0.69.4",
                "pkg:docker/cimg/base@2024.01",
                "pkg:docker/cimg/node@20.1",
                "pkg:generic/circleci/node@5.1.0?download_url=https:%2F%2Fcircleci.com%2Fdeveloper%2Forbs%2Forb%2Fcircleci%2Fnode",
            ]
        );
        assert_eq!(read.unread.len(), 2, "{:#?}", read.unread);
    }

    #[test]
    fn a_file_cut_anywhere_is_read_as_far_as_it_goes() {
        cut_anywhere(
            ".circleci/config.yml",
            b"orbs: {a: b/c@1}\njobs:\n  x:\n    docker:\n      - image: d:1\n",
        );
    }
}
