//! `mix.lock`, <https://hexdocs.pm/mix/Mix.Tasks.Deps.html>, and `rebar.lock`,
//! <https://rebar3.org/docs/configuration/dependencies/#lock-files>.
//!
//! Neither tells what is for development; `rebar.lock` tells what the project itself asked for.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::terms::{Term, terms};
use super::text::utf8;
use super::{Broken, Reading};
use crate::component::{Algorithm, Component, Hash, Place, Registry};

/// A map: `"name": {:hex, :name, "1.0", "inner hash", [managers], [needed], "hexpm", "outer hash"}`.
pub(crate) fn read_mix(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let terms = terms(utf8(bytes, "a lock file of Mix")?);
    let Some(map) = terms.iter().find(|term| !term.members().is_empty()) else { return Ok(()) };
    let packages: Vec<_> = map.members().chunks_exact(2).collect();
    let mut parents: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for pair in &packages {
        let (Some(name), Some(needed)) = (pair[0].text(), pair[1].members().get(5)) else { continue };
        for needed in needed.members().iter().filter_map(|needed| needed.members().first()?.text()) {
            parents.entry(needed).or_default().insert(name);
        }
    }
    for pair in packages {
        let component = mix(pair).map(|component| {
            let by = pair[0].text().and_then(|name| parents.get(name)).into_iter().flatten().copied();
            component.pulled_in_by(by)
        });
        reading.add(Place::Line(pair[0].line), component);
    }
    Ok(())
}

fn mix(pair: &[Term<'_>]) -> Result<Component, String> {
    let [key, locked] = pair else {
        return Err("is cut short; expected a name and what it is locked to".to_owned());
    };
    let name = key.text().ok_or("has no name; expected a text")?;
    let field = |at: usize| locked.members().get(at).and_then(Term::text);
    match (field(0), field(1), field(2)) {
        (Some("hex"), Some(package), Some(version)) => {
            let outer = field(7).or_else(|| field(6)).and_then(|hex| Hash::from_hex(Algorithm::Sha256, hex));
            Ok(registered(package, version)?.hashed(outer))
        }
        (Some("git"), Some(url), Some(commit)) => repository(name, url, commit),
        (Some("path"), ..) => {
            let component = Registry::Hex.component(name, None).map_err(|error| error.to_string())?;
            Ok(component.unregistered())
        }
        _ => Err(format!("`{name}` is locked to nothing that is known; expected `:hex`, `:git` or `:path`")),
    }
}

/// `{"1.2.0", [{<<"name">>, {pkg, <<"name">>, <<"1.0">>}, 0}, …]}.`, then a list with hashes; before that, the list alone.
pub(crate) fn read_rebar(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Broken> {
    let terms = terms(utf8(bytes, "a lock file of rebar3")?);
    let Some(first) = terms.iter().find(|term| !term.members().is_empty()) else { return Ok(()) };
    let is_versioned = first.members().first().is_some_and(|term| term.text().is_some());
    let packages =
        if is_versioned { first.members().get(1).map_or(&[][..], Term::members) } else { first.members() };
    // The outer hash is of what is delivered.
    let hashes = terms.iter().flat_map(Term::members);
    let outer = hashes.filter(|list| list.members().first().and_then(Term::text) == Some("pkg_hash_ext"));
    let pairs = outer.filter_map(|list| list.members().get(1)).flat_map(Term::members);
    let hashes: HashMap<_, _> = pairs
        .filter_map(|pair| Some((pair.members().first()?.text()?, pair.members().get(1)?.text()?)))
        .collect();
    for package in packages {
        let component = rebar(package).map(|component| {
            let name = package.members().first().and_then(Term::text);
            let hash = name.and_then(|name| hashes.get(name));
            let mut component = component.hashed(hash.and_then(|hex| Hash::from_hex(Algorithm::Sha256, hex)));
            component.pulled_in_by.direct = package.members().get(2).and_then(Term::text) == Some("0");
            component
        });
        reading.add(Place::Line(package.line), component);
    }
    Ok(())
}

fn rebar(package: &Term<'_>) -> Result<Component, String> {
    let [name, locked, ..] = package.members() else {
        return Err("is cut short; expected a name and what it is locked to".to_owned());
    };
    let name = name.text().ok_or("has no name; expected a text")?;
    let field = |at: usize| locked.members().get(at).and_then(Term::text);
    match (field(0), field(1), field(2), locked.members().get(2)) {
        (Some("pkg"), Some(package), Some(version), _) => registered(package, version),
        (Some("git"), Some(url), None, Some(reference)) => {
            repository(name, url, reference.members().get(1).and_then(Term::text).unwrap_or_default())
        }
        _ => Err(format!("`{name}` is locked to nothing that is known; expected `pkg` or `git`")),
    }
}

fn registered(package: &str, version: &str) -> Result<Component, String> {
    Registry::Hex.component(package, Some(version)).map_err(|error| error.to_string())
}

fn repository(name: &str, url: &str, commit: &str) -> Result<Component, String> {
    let mut component = Registry::Hex.component(name, None).map_err(|error| error.to_string())?;
    let url = format!("git+{url}@{commit}");
    component.purl =
        component.purl.qualified([("vcs_url", url.as_str())]).map_err(|error| error.to_string())?;
    Ok(component.unregistered())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cut_anywhere, read};
    use crate::component::Place;

    const SHA: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn mix() -> String {
        format!(
            "%{{\n  \"cowboy\": {{:hex, :cowboy, \"2.9.0\", \"{SHA}\", [:make, :rebar3], [{{:cowlib, \"2.11.0\", [hex: :cowlib, \
             repo: \"hexpm\", optional: false]}}], \"hexpm\", \"{SHA}\"}},\n  \"cowlib\": {{:hex, :cowlib, \"2.11.0\", \"{SHA}\", \
             [:make], [], \"hexpm\"}},\n  \"forked\": {{:git, \"https://git.example/forked.git\", \"1a2b3c\", []}},\n  \
             \"odd\": {{:svn}},\n}}\n"
        )
    }

    #[test]
    fn a_lock_file_of_mix_lists_packages_and_who_needs_them() {
        let read = read("mix.lock", mix().as_bytes());
        assert_eq!(
            read.purls(),
            [
                "pkg:hex/cowboy@2.9.0",
                "pkg:hex/cowlib@2.11.0",
                "pkg:hex/forked?vcs_url=git%2Bhttps:%2F%2Fgit.example%2Fforked.git%401a2b3c",
            ]
        );
        let cowlib = read.component("pkg:hex/cowlib@2.11.0");
        assert!(cowlib.pulled_in_by.names.iter().eq(["cowboy"]) && cowlib.hashes.is_empty());
        assert_eq!(cowlib.found.first().map(|found| &found.place), Some(&Place::Line(3)));
        assert_eq!(read.component("pkg:hex/cowboy@2.9.0").hashes.len(), 1);
        assert!(read.unread.len() == 1 && read.unread[0].path == "mix.lock: line 5", "{:?}", read.unread);
        cut_anywhere("mix.lock", mix().as_bytes());
    }

    #[test]
    fn a_lock_file_of_rebar_tells_what_was_asked_for() {
        let lock = format!(
            "{{\"1.2.0\",\n[{{<<\"cowboy\">>,{{pkg,<<\"cowboy\">>,<<\"2.9.0\">>}},0}},\n {{<<\"cowlib\">>,{{pkg,<<\"cowlib\">>,\
             <<\"2.11.0\">>}},1}},\n {{<<\"forked\">>,\n  {{git,\"https://git.example/forked.git\",\n       {{ref,\"1a2b3c\"}}}},\n  \
             0}}]}}.\n[\n{{pkg_hash,[\n {{<<\"cowboy\">>, <<\"00\">>}}]}},\n{{pkg_hash_ext,[\n {{<<\"cowboy\">>, <<\"{}\">>}}]}}\n].\n",
            SHA.to_uppercase()
        );
        let locked = read("rebar.lock", lock.as_bytes());
        assert_eq!(locked.unread, []);
        assert_eq!(locked.purls().len(), 3);
        let cowboy = locked.component("pkg:hex/cowboy@2.9.0");
        assert!(cowboy.pulled_in_by.direct && cowboy.hashes.len() == 1);
        assert!(!locked.component("pkg:hex/cowlib@2.11.0").pulled_in_by.direct);
        cut_anywhere("rebar.lock", lock.as_bytes());
        let old = read("rebar.lock", b"[{<<\"a\">>,{pkg,<<\"a\">>,<<\"1.0\">>},0}].\n");
        assert_eq!(old.purls(), ["pkg:hex/a@1.0"]);
    }

    #[test]
    fn terms_without_end_cost_no_stack() {
        let deep = "{[".repeat(1_000_000);
        assert!(read("mix.lock", deep.as_bytes()).components.is_empty());
        assert!(read("rebar.lock", format!("{deep}\"").as_bytes()).components.is_empty());
    }
}
