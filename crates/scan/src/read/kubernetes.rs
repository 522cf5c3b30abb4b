//! Manifests of Kubernetes: the images of whatever runs containers.
//!
//! <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/>. A manifest may be called anything, so that any
//! YAML file is looked at, and is one if it has `apiVersion` and `kind`. Images are found by where they stand in an object
//! and not by its kind: workloads that others define (Argo, Knative, Tekton) hold the same lists of containers.

use memchr::memmem;

use super::yaml_tree::{Tree, Value};
use super::{Broken, Reading, image};
use crate::component::{Place, Scope};

/// Lists whose members have an `image`, in pods, in their sidecars, and in the steps of Tekton.
const LISTS: [&str; 6] =
    ["containers", "initContainers", "ephemeralContainers", "sidecars", "steps", "containerTemplates"];

/// Maps that have an `image`: a template of Argo, a service of Knative.
const ONE: [&str; 3] = ["container", "script", "containerTemplate"];

/// Describes what objects look like, and runs nothing.
const SCHEMA: &str = "CustomResourceDefinition";

/// What begins an expression of a template.
const TEMPLATE: &[u8] = b"{{";

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let is_kustomization =
        reading.path().file_stem().is_some_and(|name| name.eq_ignore_ascii_case("kustomization"));
    let lacks = |key: &str| memmem::find(bytes, key.as_bytes()).is_none();
    if !is_kustomization && (lacks("apiVersion") || lacks("kind")) {
        reading.disown();
        return Ok(());
    }
    let mut broken: Vec<(Place, String)> = Vec::new();
    let tree = Tree::read_telling(bytes, &mut |place, why| broken.push((place.clone(), why.to_owned())))?;
    if !broken.is_empty()
        && let Some(at) = memmem::find(bytes, TEMPLATE)
    {
        template(bytes, at, reading);
        return Ok(());
    }
    let mut is_manifest = false;
    for document in tree.documents() {
        if is_kustomization {
            kustomized(document, reading);
        }
        is_manifest |= objects(document, reading);
    }
    if !is_manifest && !is_kustomization {
        reading.disown();
        return Ok(());
    }
    for (place, why) in &broken {
        reading.problem(place, why);
    }
    Ok(())
}

/// An object, or the members of a list of objects: whether there is any.
fn objects(document: Value<'_, '_>, reading: &mut Reading<'_>) -> bool {
    let (Some(_), Some(kind)) = (document.text_of("apiVersion"), document.text_of("kind")) else {
        return false;
    };
    if kind != SCHEMA {
        walk(document, reading);
    }
    true
}

/// Goes down to the images. How deep values may be nested is bounded by who reads them.
fn walk(value: Value<'_, '_>, reading: &mut Reading<'_>) {
    if value.text_of("kind") == Some(SCHEMA) {
        return;
    }
    for (key, inner) in value.entries() {
        if LISTS.contains(&key) {
            inner.items().for_each(|one| add_of(one, reading));
        } else if ONE.contains(&key) {
            add_of(inner, reading);
        } else if key == "volumes" {
            // A volume may be an image, since 1.31.
            let images = inner.items().filter_map(|volume| volume.get("image")?.get("reference"));
            images.for_each(|named| add(named, reading));
        }
        walk(inner, reading);
    }
    value.items().for_each(|member| walk(member, reading));
}

fn add_of(container: Value<'_, '_>, reading: &mut Reading<'_>) {
    if let Some(named) = container.get("image") {
        add(named, reading);
    }
}

fn add(named: Value<'_, '_>, reading: &mut Reading<'_>) {
    if named.is_map() {
        // To YAML `{{ .Values.image }}` is a map in a map.
        return reading.problem(&named.place(), "names its image by an expression of a template");
    }
    let Some(text) = named.text() else { return };
    let image = image::component(text).map(|image| image.scoped(Scope::Runtime).direct());
    reading.add(named.place(), image);
}

/// What a kustomization puts in the place of images: <https://kubectl.docs.kubernetes.io/references/kustomize/>.
fn kustomized(document: Value<'_, '_>, reading: &mut Reading<'_>) {
    let images = document.get("images").map(|list| list.items().collect::<Vec<_>>()).unwrap_or_default();
    for one in images {
        let Some(name) = one.text_of("newName").or_else(|| one.text_of("name")) else { continue };
        let (tag, digest) = (one.text_of("newTag"), one.text_of("digest"));
        if tag.is_none() && digest.is_none() {
            // The tag stays that of the manifest.
            continue;
        }
        let tag = tag.map(|tag| format!(":{tag}")).unwrap_or_default();
        let digest = digest.map(|digest| format!("@{digest}")).unwrap_or_default();
        let image = image::component(&format!("{name}{tag}{digest}"));
        reading.add(one.place(), image.map(|image| image.scoped(Scope::Runtime).direct()));
    }
}

/// A template is no YAML. The images in it that are no expressions are sure, and the others are told of at once.
fn template(bytes: &[u8], at: usize, reading: &mut Reading<'_>) {
    let line = |end: usize| memchr::memchr_iter(b'\n', &bytes[..end]).count() + 1;
    let place = |line: usize| Place::Line(u32::try_from(line).unwrap_or(u32::MAX));
    let mut unknown = None;
    for (number, text) in (1..).zip(String::from_utf8_lossy(bytes).lines()) {
        let text = text.trim_start().trim_start_matches("- ").trim_start();
        let Some(named) = text.strip_prefix("image:") else { continue };
        let named = named.split(" #").next().unwrap_or_default().trim().trim_matches(['"', '\'']);
        if named.contains("{{") {
            unknown = unknown.or(Some(number));
        } else if let Ok(image) = image::component(named) {
            reading.add::<String>(place(number), Ok(image.scoped(Scope::Runtime).direct()));
        }
    }
    let line = unknown.unwrap_or_else(|| line(at));
    let why = "is a template; which images it names is known only when it is rendered (`helm template`)";
    reading.problem(&place(line), why);
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cut_anywhere, read};
    use crate::component::Place;

    const MANIFESTS: &str = "apiVersion: apps/v1
kind: Deployment
spec:
  template:
    spec:
      initContainers: [{name: i, image: 'busybox:1.36'}]
      containers:
        - name: web
          image: ghcr.io/acme/web:1
        - name: bad
          image: Not/AnImage
      volumes:
        - name: model
          image: {reference: quay.io/acme/model:2, pullPolicy: Always}
---
# nothing
---
apiVersion: v1
kind: List
items:
  - apiVersion: batch/v1
    kind: CronJob
    spec: {jobTemplate: {spec: {template: {spec: {containers: [{image: aquasec/trivy:0.69.4}]}}}}}
  - apiVersion: apiextensions.k8s.io/v1
    kind: CustomResourceDefinition
    spec: {containers: [{image: no/no}]}
---
image: not/of-an-object
---
apiVersion: argoproj.io/v1alpha1
kind: Workflow
spec: {templates: [{container: {image: alpine:3.20}}, {script: {image: python:3.13}}], args: '{{x}}'}
";

    #[test]
    fn images_of_all_workloads_are_found_in_all_documents_and_in_lists() {
        let read = read("deploy/app.yaml", MANIFESTS.as_bytes());
        assert_eq!(
            read.purls(),
            [
                "pkg:docker/acme/model@2?repository_url=quay.io",
                "pkg:docker/acme/web@1?repository_url=ghcr.io",
                "pkg:docker/alpine@3.20",
                "pkg:docker/aquasec/trivy@0.69.4",
                "pkg:docker/busybox@1.36",
                "pkg:docker/python@3.13",
            ]
        );
        let trivy = read.component("pkg:docker/aquasec/trivy@0.69.4");
        assert_eq!(trivy.found.first().map(|found| &found.place), Some(&Place::Line(23)));
        assert_eq!(read.unread.len(), 1, "{:#?}", read.unread);
        assert!(read.unread[0].path.ends_with("line 11"), "{:#?}", read.unread);
    }

    #[test]
    fn yaml_that_is_no_manifest_is_left_alone_whatever_is_wrong_with_it() {
        for text in ["a: [", "x: 1\n", "", "# apiVersion kind\n- 1\n", "\u{0}"] {
            let read = read("x.yml", text.as_bytes());
            assert!(read.components.is_empty() && read.unread.is_empty(), "{text}: {:?}", read.unread);
        }
    }

    #[test]
    fn of_a_template_the_sure_images_are_found_and_the_rest_is_told_once() {
        let text = "{{- if .Values.x }}\napiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: redis:7 # x\n  \
                    - image: \"{{ .Values.image }}\"\n{{- end }}\n";
        let read = read("chart/templates/pod.yaml", text.as_bytes());
        assert_eq!(read.purls(), ["pkg:docker/redis@7"]);
        let told: Vec<_> = read.unread.iter().map(|one| format!("{}: {}", one.path, one.why)).collect();
        assert!(told.len() == 1 && told[0].contains("line 7: is a template"), "{told:#?}");
        let valid =
            "apiVersion: v1\nkind: Pod\nspec: {containers: [{image: {{ .Values.image }}}, {image: a:1}]}\n";
        let read = self::read("chart/templates/pod.yaml", valid.as_bytes());
        assert_eq!((read.purls(), read.unread.len()), (vec!["pkg:docker/a@1"], 1), "{:?}", read.unread);
    }

    #[test]
    fn what_a_kustomization_puts_in_is_found() {
        let text = "images:\n- {name: app, newName: ghcr.io/acme/app, newTag: \"1.10\"}\n- name: keeps\n  newName: x\n";
        let read = read("overlay/kustomization.yaml", text.as_bytes());
        assert_eq!(read.purls(), ["pkg:docker/acme/app@1.10?repository_url=ghcr.io"]);
        assert_eq!(read.unread, []);
    }

    #[test]
    fn a_file_cut_anywhere_is_read_as_far_as_it_goes() {
        cut_anywhere(
            "pod.yaml",
            b"apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: a:1\n  - image: b\n",
        );
    }
}
