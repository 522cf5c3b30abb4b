//! `Gemfile.lock` and `gems.locked` of Bundler, <https://bundler.io/man/gemfile.5.html>.
//!
//! The groups of gems stand in the `Gemfile`, which is a program in Ruby, so that scopes are not known.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::text::{lines, utf8};
use super::{Broken, Reading};
use crate::component::{Component, Hash, Place, Registry};

/// Where gems come from.
#[derive(Clone)]
enum Origin {
    Registry,
    Repository(String),
    Path,
}

/// A gem with its place.
struct Gem<'b> {
    line: u32,
    name: &'b str,
    version: &'b str,
    origin: Origin,
}

#[derive(Default)]
struct Lock<'b> {
    gems: Vec<Gem<'b>>,
    needed_by: BTreeMap<&'b str, BTreeSet<&'b str>>,
    direct: BTreeSet<&'b str>,
    hashes: HashMap<(&'b str, &'b str), Hash>,
}

pub(crate) fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let text = utf8(bytes, "a lock file of Bundler")?;
    let mut lock = Lock::default();
    let (mut section, mut remote, mut revision) = ("", "", "");
    for (number, line) in lines(text.as_bytes()) {
        let line = std::str::from_utf8(line).unwrap_or_default();
        let content = line.trim_start();
        let place = Place::Line(number);
        match (line.len() - content.len(), section) {
            _ if content.is_empty() => {}
            (0, _) => (section, remote, revision) = (content, "", ""),
            (2, "GIT" | "PATH" | "GEM" | "PLUGIN SOURCE") => match content.split_once(": ") {
                Some(("remote", url)) => remote = url,
                Some(("revision", commit)) => revision = commit,
                _ => {}
            },
            (4, "GIT" | "PATH" | "GEM" | "PLUGIN SOURCE") => match versioned(content) {
                Some((name, version)) => {
                    let origin = match section {
                        "GIT" => Origin::Repository(format!("git+{remote}@{revision}")),
                        "PATH" => Origin::Path,
                        _ => Origin::Registry,
                    };
                    lock.gems.push(Gem { line: number, name, version, origin });
                }
                None => reading.problem(&place, "is no gem; expected `name (version)`"),
            },
            (6, "GIT" | "PATH" | "GEM" | "PLUGIN SOURCE") => {
                if let Some(gem) = lock.gems.last() {
                    lock.needed_by.entry(bare(content)).or_default().insert(gem.name);
                }
            }
            (2, "DEPENDENCIES") => drop(lock.direct.insert(bare(content))),
            (2, "CHECKSUMS") => lock.checksum(content),
            (2 | 3, "PLATFORMS" | "BUNDLED WITH" | "RUBY VERSION") => {}
            _ => reading.problem(&place, "is not understood; expected a lock file of Bundler"),
        }
    }
    for gem in &lock.gems {
        reading.add(Place::Line(gem.line), lock.component(gem));
    }
    Ok(())
}

impl<'b> Lock<'b> {
    /// `name (version) sha256=…`
    fn checksum(&mut self, content: &'b str) {
        let Some((gem, hash)) = content.rsplit_once(' ') else { return };
        if let (Some((name, version)), Some(hash)) = (versioned(gem), Hash::from_labelled(hash)) {
            self.hashes.insert((name, version), hash);
        }
    }

    fn component(&self, gem: &Gem<'_>) -> Result<Component, String> {
        // A version has no hyphen: what stands behind one is the platform.
        let (version, platform) = match gem.version.split_once('-') {
            Some((version, platform)) => (version, Some(platform)),
            None => (gem.version, None),
        };
        let component =
            Registry::RubyGems.component(gem.name, Some(version)).map_err(|error| error.to_string())?;
        let by = self.needed_by.get(gem.name).into_iter().flatten().copied();
        let mut component =
            component.pulled_in_by(by).hashed(self.hashes.get(&(gem.name, gem.version)).cloned());
        component.pulled_in_by.direct = self.direct.contains(gem.name);
        let repository = match &gem.origin {
            Origin::Repository(url) => Some(url.as_str()),
            Origin::Registry | Origin::Path => None,
        };
        let qualifiers = [("platform", platform), ("vcs_url", repository)];
        let qualifiers = qualifiers.into_iter().filter_map(|(key, value)| Some((key, value?)));
        component.purl = component.purl.qualified(qualifiers).map_err(|error| error.to_string())?;
        Ok(if matches!(gem.origin, Origin::Registry) { component } else { component.unregistered() })
    }
}

/// Name and version of `name (version)`.
fn versioned(text: &str) -> Option<(&str, &str)> {
    let (name, version) = text.strip_suffix(')')?.split_once(" (")?;
    (!name.is_empty() && !version.is_empty()).then_some((name, version))
}

/// The name in front of a requirement: `rack` of `rack (>= 2, < 4)`, of `rack!`.
fn bare(text: &str) -> &str {
    text.split([' ', '!']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cut_anywhere, read};
    use crate::component::Place;

    const LOCK: &str = "GIT
  remote: https://git.example/forked.git
  revision: 1a2b3c
  branch: main
  specs:
    forked (0.1.0)
      rack (>= 2)

PATH
  remote: .
  specs:
    app (1.0.0)
      nokogiri

GEM
  remote: https://rubygems.org/
  specs:
    nokogiri (1.15.4-x86_64-linux)
      racc (~> 1.4)
    racc (1.7.1)
    rack (2.2.8)
    broken

PLATFORMS
  x86_64-linux

DEPENDENCIES
  app!
  rack (>= 2, < 4)

CHECKSUMS
  rack (2.2.8) sha256=ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad

BUNDLED WITH
   2.4.10
";

    #[test]
    fn gems_are_listed_with_where_they_come_from_and_who_needs_them() {
        let read = read("Gemfile.lock", LOCK.as_bytes());
        assert_eq!(
            read.purls(),
            [
                "pkg:gem/app@1.0.0",
                "pkg:gem/forked@0.1.0?vcs_url=git%2Bhttps:%2F%2Fgit.example%2Fforked.git%401a2b3c",
                "pkg:gem/nokogiri@1.15.4?platform=x86_64-linux",
                "pkg:gem/racc@1.7.1",
                "pkg:gem/rack@2.2.8",
            ]
        );
        let rack = read.component("pkg:gem/rack@2.2.8");
        assert!(
            rack.pulled_in_by.direct
                && rack.pulled_in_by.names.iter().eq(["forked"])
                && rack.hashes.len() == 1
        );
        assert_eq!(rack.found.first().map(|found| &found.place), Some(&Place::Line(21)));
        assert_eq!(read.components.iter().filter(|one| one.ecosystem.is_some()).count(), 3);
        assert!(
            read.unread.len() == 1 && read.unread[0].path == "Gemfile.lock: line 22",
            "{:?}",
            read.unread
        );
        cut_anywhere("gems.locked", LOCK.as_bytes());
    }
}
