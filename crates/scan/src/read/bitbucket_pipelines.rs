//! Pipelines of Bitbucket: the pipes that they call, and the images of their steps and services.
//!
//! <https://support.atlassian.com/bitbucket-cloud/docs/bitbucket-pipelines-configuration-reference/>.

use super::yaml_tree::{Tree, Value};
use super::{Broken, Reading, image, repository};
use crate::component::{Component, Scope};

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let tree = Tree::read(bytes, reading)?;
    if let Some(root) = tree.root() {
        walk(root, reading);
    }
    Ok(())
}

/// Steps stand in pipelines, in stages and side by side: all that is called `image` or `pipe` counts.
fn walk(value: Value<'_, '_>, reading: &mut Reading<'_>) {
    for (key, inner) in value.entries() {
        match key {
            "image" => {
                let named = inner.get("name").unwrap_or(inner);
                if let Some(text) = named.text() {
                    add(named, image::component(text), reading);
                }
            }
            "pipe" => add(inner, pipe(inner.text().unwrap_or_default()), reading),
            _ => walk(inner, reading),
        }
    }
    value.items().for_each(|member| walk(member, reading));
}

fn add(at: Value<'_, '_>, component: Result<Component, String>, reading: &mut Reading<'_>) {
    reading.add(at.place(), component.map(|component| component.scoped(Scope::Build).direct()));
}

/// `docker://image`, or `account/repository:tag`, a repository of Bitbucket.
fn pipe(text: &str) -> Result<Component, String> {
    if let Some(image) = text.strip_prefix("docker://") {
        return image::component(image);
    }
    let malformed = || format!("calls the pipe `{text}`; expected account/repository:tag or docker://image");
    let (name, tag) = text.split_once(':').ok_or_else(malformed)?;
    if name.split('/').count() != 2 {
        return Err(malformed());
    }
    repository::component(&format!("bitbucket.org/{name}"), Some(tag), "")
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cut_anywhere, read};

    const FILE: &str = "image: node:22
definitions:
  services: {db: {image: postgres:16}}
pipelines:
  default:
    - parallel:
        - step:
            image: {name: 'ghcr.io/acme/x:1', username: $U}
            script:
              - npm test
              - pipe: atlassian/aws-s3-deploy:1.1.0
                variables: {A: b}
    - step: {script: [{pipe: 'docker://aquasec/trivy:0.69.4'}, {pipe: odd}]}
";

    #[test]
    fn pipes_and_images_are_found() {
        let read = read("bitbucket-pipelines.yml", FILE.as_bytes());
        assert_eq!(
            read.purls(),
            [
                "pkg:bitbucket/atlassian/aws-s3-deploy@1.1.0",
                "pkg:docker/acme/x@1?repository_url=ghcr.io",
                "pkg:docker/aquasec/trivy@0.69.4",
                "pkg:docker/node@22",
                "pkg:docker/postgres@16",
            ]
        );
        assert_eq!(read.unread.len(), 1, "{:#?}", read.unread);
    }

    #[test]
    fn a_file_cut_anywhere_is_read_as_far_as_it_goes() {
        cut_anywhere(
            "bitbucket-pipelines.yml",
            b"image: a:1\npipelines: {default: [{step: {script: [{pipe: 'b/c:1'}]}}]}\n",
        );
    }
}
