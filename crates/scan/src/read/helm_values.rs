//! The values of a Helm chart: blocks that name an image, where that is sure.
//!
//! Helm gives values no meaning. By the custom that `helm create` began, <https://helm.sh/docs/chart_template_guide/>, a block
//! under `image` has `repository` and `tag`, and often `registry` and `digest`. Only that is taken for an image.

use super::yaml_tree::{Tree, Value};
use super::{Broken, Reading, image};
use crate::component::{Component, Reference, Scope};

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let tree = Tree::read(bytes, reading)?;
    let Some(root) = tree.root() else { return Ok(()) };
    let global = root.get("global").and_then(|global| global.text_of("imageRegistry"));
    walk(root, global, reading);
    Ok(())
}

fn walk(value: Value<'_, '_>, global: Option<&str>, reading: &mut Reading<'_>) {
    for (key, inner) in value.entries() {
        if (key == "image" || key.ends_with("Image"))
            && let Some(repository) = inner.text_of("repository")
        {
            block(inner, repository, global, reading);
        }
        walk(inner, global, reading);
    }
    value.items().for_each(|member| walk(member, global, reading));
}

fn block(of: Value<'_, '_>, repository: &str, global: Option<&str>, reading: &mut Reading<'_>) {
    let (Some(tag), digest) = (of.get("tag"), of.text_of("digest")) else { return };
    let registry =
        global.or_else(|| of.text_of("registry")).map(|host| format!("{host}/")).unwrap_or_default();
    let name = format!("{registry}{repository}");
    let image = match (tag.text(), digest) {
        (Some(tag), Some(digest)) => image::component(&format!("{name}:{tag}@{digest}")),
        (None, Some(digest)) => image::component(&format!("{name}@{digest}")),
        (Some(tag), None) => image::component(&format!("{name}:{tag}")),
        // The version of the chart's application, as its template decides.
        (None, None) => image::component(&name).and_then(without_tag),
    };
    reading.add(of.place(), image.map(|image| image.scoped(Scope::Runtime).direct()));
}

fn without_tag(component: Component) -> Result<Component, String> {
    let image = component.name.parse().map_err(|error| format!("{error}"))?;
    let purl = component.purl.unversioned();
    Ok(Component::new(purl, component.name, None).referred(Reference::Image { image, digest: None }))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cut_anywhere, read};

    #[test]
    fn blocks_that_surely_name_an_image_are_found_and_others_are_not() {
        let text = "image:\n  repository: ghcr.io/acme/app\n  tag: \"\"\nserver:\n  image:\n    registry: quay.io\n    \
                    repository: acme/server\n    tag: 1.20\nlogoImage: {repository: x}\nimage2: {repository: y, tag: z}\n\
                    image3: redis:7\nsidecars: [{image: {repository: busybox, tag: 1, digest: 'sha256:\
                    ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'}}]\n";
        let found = read("charts/app/values.yaml", text.as_bytes());
        assert_eq!(
            found.purls(),
            [
                "pkg:docker/acme/app?repository_url=ghcr.io",
                "pkg:docker/acme/server@1.20?repository_url=quay.io",
                "pkg:oci/busybox@sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\
                 ?repository_url=docker.io%2Flibrary%2Fbusybox&tag=1",
            ]
        );
        assert_eq!(found.unread, []);
        let global =
            read("values.yaml", b"global: {imageRegistry: r.example}\na: {image: {repository: b, tag: 1}}\n");
        assert_eq!(global.purls(), ["pkg:docker/b@1?repository_url=r.example"]);
    }

    #[test]
    fn a_file_cut_anywhere_is_read_as_far_as_it_goes() {
        cut_anywhere(
            "values.yaml",
            b"image:\n  repository: a\n  tag: 1\nb: {image: {repository: c, tag: d}}\n",
        );
    }
}
