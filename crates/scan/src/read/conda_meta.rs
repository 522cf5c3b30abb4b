//! `conda-meta/*.json`: what is installed in a conda environment,
//! <https://docs.conda.io/projects/conda/en/stable/dev-guide/specs/index.html>.
//!
//! No advisories are published about conda's packages. A Python package among them is also met as what it installs.

use floodmark_intel::purl::Purl;

use super::nested::{Nested, Node};
use super::{Broken, Reading};
use crate::component::{Algorithm, Component, Hash, Place};

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let nested = Nested::json(bytes, reading)?;
    reading.add(Place::Whole, component(nested.root()));
    Ok(())
}

fn component(root: Node<'_, '_>) -> Result<Component, String> {
    let (name, version) = (root.must("name")?, root.must("version")?);
    let archive = root.text_of("fn").or_else(|| root.text_of("url")).unwrap_or_default();
    let kind = ["tar.bz2", "conda"].into_iter().find(|kind| archive.ends_with(kind));
    let subdir = root.text_of("subdir");
    let qualifiers = [
        ("build", root.text_of("build")),
        ("channel", root.text_of("channel").and_then(|channel| short(channel, subdir))),
        ("subdir", subdir),
        ("type", kind),
    ];
    let qualifiers = qualifiers.into_iter().filter_map(|(key, value)| Some((key, value?)));
    let purl = Purl::new("conda", None, name, Some(version)).and_then(|purl| purl.qualified(qualifiers));
    let mut component = Component::new(purl.map_err(|error| error.to_string())?, name, None);
    let hash = |key: &str, algorithm| Hash::from_hex(algorithm, root.text_of(key)?);
    component = component.hashed(hash("md5", Algorithm::Md5)).hashed(hash("sha256", Algorithm::Sha256));
    component.pulled_in_by.direct = root.text_of("requested_spec").is_some_and(|spec| spec != "None")
        || root.children_of("requested_specs").next().is_some();
    Ok(component)
}

/// The name of a channel: `conda-forge` of `https://conda.anaconda.org/conda-forge/linux-64`.
fn short<'t>(channel: &'t str, subdir: Option<&str>) -> Option<&'t str> {
    let channel = channel.trim_end_matches('/');
    let channel = subdir.and_then(|subdir| channel.strip_suffix(subdir)).unwrap_or(channel);
    channel.trim_end_matches('/').rsplit('/').next().filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cut_anywhere, read};

    const RECORD: &[u8] = br#"{
  "build": "py311h06a4308_0", "build_number": 0, "name": "numpy", "version": "1.26.4", "subdir": "linux-64",
  "channel": "https://conda.anaconda.org/conda-forge/linux-64", "fn": "numpy-1.26.4-py311h06a4308_0.conda",
  "md5": "d41d8cd98f00b204e9800998ecf8427e", "requested_spec": "numpy",
  "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "depends": ["python >=3.11"]
}"#;

    #[test]
    fn a_package_is_named_with_its_build_and_its_channel() {
        let read = read("env/conda-meta/numpy-1.26.4-py311h06a4308_0.json", RECORD);
        let purl =
            "pkg:conda/numpy@1.26.4?build=py311h06a4308_0&channel=conda-forge&subdir=linux-64&type=conda";
        assert_eq!((read.purls(), read.unread.len()), (vec![purl], 0));
        let numpy = read.component(purl);
        assert!(numpy.pulled_in_by.direct && numpy.hashes.len() == 2 && numpy.ecosystem.is_none());
    }

    #[test]
    fn what_has_no_version_is_told_and_a_file_cut_anywhere_is_read_as_far_as_it_goes() {
        assert!(read("conda-meta/a.json", br#"{"name": "a"}"#).unread[0].why.contains("has no `version`"));
        cut_anywhere("conda-meta/a.json", RECORD);
    }
}
