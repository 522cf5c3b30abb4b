//! What `cargo auditable` leaves in a program: a list of its crates, <https://github.com/rust-secure-code/cargo-auditable>.

use std::collections::BTreeSet;
use std::io::Read;

use flate2::read::ZlibDecoder;

use super::{Program, broken};
use crate::component::{Component, Place, Registry, Scope};
use crate::read::bytes::{Bytes, MOST_BYTES};
use crate::read::nested::{Nested, Node};
use crate::read::{Broken, Reading};

const SECTION: &str = ".dep-v0";

/// The most bytes of the list, as it is deflated.
const MOST_DEFLATED: u64 = 16 << 20;

pub(super) fn read(
    program: &Program,
    bytes: &mut Bytes<'_>,
    reading: &mut Reading<'_>,
) -> Result<(), Broken> {
    let Some(section) = program.section(SECTION) else { return Ok(()) };
    let deflated = bytes.up_to(section.offset, section.size.min(MOST_DEFLATED))?;
    let mut list = Vec::new();
    let inflated = ZlibDecoder::new(deflated.as_slice()).take(MOST_BYTES + 1).read_to_end(&mut list);
    if let Err(error) = inflated {
        reading.problem(&Place::entry(SECTION), &format!("is not deflated as it should be: {error}"));
    }
    if list.len() as u64 > MOST_BYTES {
        return Err(broken("has a list of crates that is too large"));
    }
    if !list.is_empty() {
        let nested = Nested::json(&list, reading)?;
        crates(nested.root(), reading);
    }
    Ok(())
}

fn crates(root: Node<'_, '_>, reading: &mut Reading<'_>) {
    let packages: Vec<_> = root.children_of("packages").collect();
    let mut parents = vec![BTreeSet::new(); packages.len()];
    for package in &packages {
        let name = package.text_of("name").unwrap_or_default();
        let is_root = package.child("root").is_some_and(Node::is_true);
        for to in package.children_of("dependencies") {
            let to = to.scalar().and_then(|to| to.parse::<usize>().ok());
            if let Some(parents) = to.and_then(|to| parents.get_mut(to)) {
                parents.insert((name, is_root));
            }
        }
    }
    for (package, parents) in packages.iter().zip(&parents) {
        let component = component(*package).map(|component| {
            let mut component = component.pulled_in_by(parents.iter().map(|(name, _)| *name));
            component.pulled_in_by.direct = parents.iter().any(|(_, is_root)| *is_root);
            component
        });
        let place = match package.way() {
            Place::Entry(way) => Place::entry(format!("{SECTION} {way}")),
            place => place,
        };
        reading.add(place, component);
    }
}

fn component(package: Node<'_, '_>) -> Result<Component, String> {
    let (name, version) = (package.must("name")?, package.must("version")?);
    let component = Registry::Crates.component(name, Some(version)).map_err(|error| error.to_string())?;
    let scope = if package.text_of("kind") == Some("build") { Scope::Build } else { Scope::Runtime };
    let component = component.scoped(scope);
    // The others are "git", "local", "registry" for one of another name, and names to come.
    let is_registered = matches!(package.text_of("source"), Some("crates.io"));
    Ok(if is_registered { component } else { component.unregistered() })
}
