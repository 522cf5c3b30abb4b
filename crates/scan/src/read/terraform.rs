//! Terraform and `OpenTofu`: the providers of a lock file, and the modules that a configuration calls.
//!
//! <https://developer.hashicorp.com/terraform/language/files/dependency-lock>,
//! <https://developer.hashicorp.com/terraform/language/modules/sources>.

use floodmark_intel::purl::Purl;

use super::hcl::{Block, Body, Value};
use super::text::utf8;
use super::{Broken, Reading, repository};
use crate::component::{Algorithm, Component, Hash, Place, Scope};

/// The registry of a source that names none.
const REGISTRY: &str = "registry.terraform.io";

/// The most bytes of a file.
const MOST_BYTES: usize = 32 << 20;

/// The providers of `.terraform.lock.hcl`.
pub(crate) fn read_lock(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    for block in blocks(bytes, "provider", reading)? {
        reading.add(Place::Line(block.line), provider(&block));
    }
    Ok(())
}

/// The modules that `*.tf` calls.
pub(crate) fn read_modules(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    for block in blocks(bytes, "module", reading)? {
        let Some(source) = block.body.attribute("source") else {
            reading.problem(&Place::Line(block.line), "has no `source`; expected where the module is");
            continue;
        };
        let place = Place::Line(source.line);
        let Value::Text(source) = &source.value else {
            reading.problem(&place, "names its source by an expression; expected a text");
            continue;
        };
        if let Some(module) = module(source, block.body.text("version")).transpose() {
            reading.add(place, module.map(|module| module.scoped(Scope::Build).direct()));
        }
    }
    Ok(())
}

fn blocks(bytes: &[u8], kind: &str, reading: &mut Reading<'_>) -> Result<Vec<Block>, Broken> {
    if bytes.len() > MOST_BYTES {
        return Err(Broken::TooLarge { most: MOST_BYTES as u64, format: "Terraform file" });
    }
    let (body, broken) = Body::read(utf8(bytes, "HCL")?);
    if let Some(line) = broken {
        reading.problem(&Place::Line(line), "is no HCL from here on; expected a block or an attribute");
    }
    Ok(body.blocks.into_iter().filter(|block| block.kind == kind).collect())
}

fn provider(block: &Block) -> Result<Component, String> {
    let source = block.labels.first().ok_or("has no name; expected registry/namespace/name")?;
    let version = block.body.text("version").ok_or("has no `version`; expected a text")?;
    let (namespace, name) = source.rsplit_once('/').ok_or("has no name; expected registry/namespace/name")?;
    let purl =
        Purl::new("terraform", Some(namespace), name, Some(version)).map_err(|error| error.to_string())?;
    let hashes = match block.body.attribute("hashes").map(|hashes| &hashes.value) {
        Some(Value::Texts(hashes)) => hashes.as_slice(),
        _ => &[],
    };
    // `zh:` is of the archive of one platform each; `h1:` is of a listing of its files, and no hash of anything there is.
    let archives =
        hashes.iter().filter_map(|hash| Hash::from_hex(Algorithm::Sha256, hash.strip_prefix("zh:")?));
    Ok(Component::new(purl, source.as_str(), None).hashed(archives).scoped(Scope::Build).direct())
}

/// The component of a source; `None` for a path, which is read in its place.
fn module(source: &str, version: Option<&str>) -> Result<Option<Component>, String> {
    if source.starts_with("./") || source.starts_with("../") || source.starts_with('/') {
        return Ok(None);
    }
    let (getter, address) =
        source.split_once("::").map_or((None, source), |(getter, rest)| (Some(getter), rest));
    let (address, query) = address.split_once('?').unwrap_or((address, ""));
    let (address, path) = subfolder(address);
    let reference = query.split('&').find_map(|pair| pair.strip_prefix("ref="));
    let is_repository = getter == Some("git")
        || address.starts_with("git@")
        || ["github.com/", "bitbucket.org/", "git::", "ssh://"]
            .iter()
            .any(|start| address.starts_with(start));
    if is_repository {
        return repository::component(address, reference, path).map(Some);
    }
    if getter.is_some() || address.contains("://") {
        let name = address.rsplit('/').next().unwrap_or(address);
        let purl = Purl::new("generic", None, name, None)
            .and_then(|purl| purl.qualified([("download_url", address)]))
            .and_then(|purl| purl.within(path));
        return purl.map(|purl| Some(Component::new(purl, name, None))).map_err(|error| error.to_string());
    }
    registered(address, path, version).map(Some)
}

/// `namespace/name/provider`, or with a host in front.
fn registered(address: &str, path: &str, version: Option<&str>) -> Result<Component, String> {
    let full = match address.split('/').count() {
        3 => format!("{REGISTRY}/{address}"),
        4 => address.to_owned(),
        _ => return Err(format!("calls `{address}`; expected a path, a URL or namespace/name/provider")),
    };
    let (namespace, name) = full.rsplit_once('/').unwrap_or(("", &full));
    let exact = version.map(|text| text.trim_start_matches('=').trim());
    let exact = exact.filter(|text| text.starts_with(|c: char| c.is_ascii_digit()) && !text.contains(','));
    let purl = Purl::new("terraform", Some(namespace), name, exact).and_then(|purl| purl.within(path));
    Ok(Component::new(purl.map_err(|error| error.to_string())?, full, None))
}

/// `address//folder`, where the `//` of a scheme is none.
fn subfolder(address: &str) -> (&str, &str) {
    let start = address.find("://").map_or(0, |at| at + 3);
    match address[start..].find("//") {
        Some(at) => (&address[..start + at], &address[start + at + 2..]),
        None => (address, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cut_anywhere, read};
    use crate::component::{Place, RefKind, Reference, Scope};

    const LOCK: &str = "# made by terraform init
provider \"registry.terraform.io/hashicorp/random\" {
  version     = \"3.6.3\"
  constraints = \"~> 3.6\"
  hashes = [
    \"h1:zG9uFP8l9u+yGZZvi5Te7PV62j50azpgwPunq2vTm1E=\",
    \"zh:04ceb65210251339f07cd4611885d242cd4d0c7306e86dda9785396807c00451\",
    \"zh:448f56199f3e99ff75d5c0afacae867ee795e4dfda6cb5f8e3b2a72ec3583dd8\",
  ]
}
provider \"registry.opentofu.org/acme/x\" {
  version = 3
}
";
    const MODULES: &str = "module \"vpc\" {
  source  = \"terraform-aws-modules/vpc/aws\"
  version = \"5.1.0\"
}
module \"range\" {
  source  = \"app.terraform.io/acme/net/aws//modules/x\"
  version = \"~> 1.2\"
}
module \"git\" { source = \"git::https://github.com/acme/mods.git//net?ref=v1.2.0&depth=1\" }
module \"pinned\" { source = \"git::ssh://git@git.example/mods.git?ref=0e58ed8671d6b60d0890c21b07f8835ace038e67\" }
module \"short\" { source = \"github.com/hashicorp/example\" }
module \"zip\" { source = \"https://x.example/mods.zip//sub\" }
module \"own\" { source = \"../net\" }
module \"odd\" { source = var.source }
module \"none\" {}
module \"bad\" { source = \"hashicorp\" }
";

    #[test]
    fn providers_have_their_version_and_the_hashes_of_their_archives() {
        let read = read(".terraform.lock.hcl", LOCK.as_bytes());
        assert_eq!(read.purls(), ["pkg:terraform/registry.terraform.io/hashicorp/random@3.6.3"]);
        let random = &read.components[0];
        assert_eq!((random.hashes.len(), random.scope), (2, Scope::Build));
        assert_eq!(random.found.first().map(|found| &found.place), Some(&Place::Line(2)));
        assert!(read.unread.len() == 1 && read.unread[0].why.contains("`version`"), "{:#?}", read.unread);
    }

    #[test]
    fn modules_of_registries_repositories_and_archives_are_found() {
        let read = read("infra/main.tf", MODULES.as_bytes());
        assert_eq!(
            read.purls(),
            [
                "pkg:generic/mods.zip?download_url=https:%2F%2Fx.example%2Fmods.zip#sub",
                "pkg:generic/mods@0e58ed8671d6b60d0890c21b07f8835ace038e67\
                 ?vcs_url=git%2Bhttps:%2F%2Fgit.example%2Fmods",
                "pkg:github/acme/mods@v1.2.0#net",
                "pkg:github/hashicorp/example",
                "pkg:terraform/app.terraform.io/acme/net/aws#modules/x",
                "pkg:terraform/registry.terraform.io/terraform-aws-modules/vpc/aws@5.1.0",
            ]
        );
        let kind = |nth: usize| read.component(read.purls()[nth]).reference.as_deref().map(Reference::kind);
        assert_eq!(
            [kind(1), kind(2), kind(3)],
            [Some(RefKind::Commit), Some(RefKind::Tag), Some(RefKind::Branch)]
        );
        let told: Vec<_> = read.unread.iter().map(|one| format!("{}: {}", one.path, one.why)).collect();
        assert_eq!(told.len(), 3, "{told:#?}");
        assert!(told[0].contains("line 14: names its source by an expression"), "{told:#?}");
    }

    #[test]
    fn files_cut_anywhere_are_read_as_far_as_they_go() {
        cut_anywhere(".terraform.lock.hcl", LOCK.as_bytes());
        cut_anywhere(
            "main.tf",
            b"module \"a\" {\n  source = \"a/b/c\"\n}\nmodule \"d\" { source = \"github.com/e/f\" }\n",
        );
    }
}
