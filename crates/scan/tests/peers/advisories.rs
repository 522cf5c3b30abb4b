//! The published advisories, and lockfiles of the versions that they name.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use floodmark_intel::advisory::Turn;
use floodmark_intel::read::{Zip, json as tree, osv};
use floodmark_intel::version::Ecosystem;
use serde_json::{Value, json};

/// An archive of the shared data, where it is there.
pub(crate) fn shared(archive: &str) -> Option<PathBuf> {
    let at = std::env::var_os("FLOODMARK_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let path = at.join("data/osv").join(archive);
    if path.is_file() {
        return Some(path);
    }
    println!(
        "SKIPPED: {} is not there; set FLOODMARK_SHARED to the folder that holds data/osv",
        path.display()
    );
    None
}

/// Advisories, and the versions that they name of each package.
pub(crate) struct Known {
    /// The records, each with the name of its file.
    records: Vec<(String, Value)>,
    versions: BTreeMap<String, Vec<String>>,
}

impl Known {
    pub(crate) fn read(archive: &Path) -> Self {
        let zip = Zip::open(File::open(archive).expect("it is there")).expect("an archive");
        let mut records = Vec::new();
        let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for entry in zip.entries() {
            let entry = entry.expect("readable");
            let record = tree(&zip.read(&entry).expect("whole")).expect("JSON");
            let (advisory, _) = osv(&record).expect("an advisory");
            for affected in &advisory.affected {
                let Some(package) = &affected.package else { continue };
                let turns = affected.ranges.iter().flat_map(|range| &range.events).map(Turn::at);
                let named = affected.versions.iter().map(AsRef::as_ref).chain(turns);
                let ecosystem: Ecosystem = package.ecosystem.parse().expect("known");
                let named = named.filter(|text| *text != "0" && ecosystem.version(text).is_ok());
                versions.entry(package.name.to_string()).or_default().extend(named.map(ToOwned::to_owned));
            }
            records.push((entry.name.clone(), record));
        }
        let versions =
            versions.into_iter().map(|(name, versions)| (name, versions.into_iter().collect())).collect();
        Self { records, versions }
    }

    /// Writes them as an archive that takes two stumbling blocks of `osv-scanner` away: many PYSEC records have times with a
    /// space where the schema asks for a `T`, and it does not read these; and of a package it looks at no range behind one
    /// over commits.
    pub(crate) fn archive(&self, path: &Path) {
        let (mut archive, mut directory) = (Vec::new(), Vec::new());
        for (name, record) in &self.records {
            let mut record = record.clone();
            for key in ["modified", "published", "withdrawn"] {
                if let Some(time) = record[key].as_str().map(|time| time.replacen(' ', "T", 1)) {
                    record[key] = time.into();
                }
            }
            for affected in record["affected"].as_array_mut().into_iter().flatten() {
                if let Some(ranges) = affected["ranges"].as_array_mut() {
                    ranges.retain(|range| range["type"] != "GIT");
                }
            }
            store(&mut archive, &mut directory, name, record.to_string().as_bytes());
        }
        let at = u32::try_from(archive.len()).expect("small");
        let count = u16::try_from(self.records.len()).expect("few").to_le_bytes();
        let size = u32::try_from(directory.len()).expect("small").to_le_bytes();
        archive.extend(directory);
        archive
            .extend([&b"PK\x05\x06\0\0\0\0"[..], &count, &count, &size, &at.to_le_bytes(), b"\0\0"].concat());
        fs::write(path, archive).expect("written");
    }

    /// Writes them as the database of Go's own tools, <https://go.dev/security/vuln/database>, without the systems that a
    /// flaw is limited to: `govulncheck` knows that of a program, and a `go.mod` does not tell it.
    pub(crate) fn go_database(&self, folder: &Path) {
        let mut modules: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
        fs::create_dir_all(folder.join("ID"))
            .and_then(|()| fs::create_dir_all(folder.join("index")))
            .expect("folders");
        for (_, record) in &self.records {
            let id = record["id"].as_str().expect("a text");
            let mut everywhere = record.clone();
            for affected in everywhere["affected"].as_array_mut().into_iter().flatten() {
                affected["ecosystem_specific"] = json!({});
            }
            fs::write(folder.join(format!("ID/{id}.json")), everywhere.to_string()).expect("written");
            let names = record["affected"].as_array().into_iter().flatten();
            let names: BTreeSet<&str> =
                names.filter_map(|affected| affected["package"]["name"].as_str()).collect();
            for name in names {
                modules.entry(name).or_default().push(json!({"id": id, "modified": record["modified"]}));
            }
        }
        let modules: Vec<Value> =
            modules.into_iter().map(|(path, vulns)| json!({"path": path, "vulns": vulns})).collect();
        let write =
            |name: &str, value: Value| fs::write(folder.join(name), value.to_string()).expect("written");
        write("index/modules.json", modules.into());
        write("index/vulns.json", json!([]));
        write("index/db.json", json!({"modified": "2026-01-01T00:00:00Z"}));
    }

    /// Writes what `govulncheck -mode=extract` would of a program that is made of them.
    pub(crate) fn go_program(&self, round: usize, path: &Path) {
        let pins = self.pins(round).filter(|(name, _)| name.contains('.'));
        let modules: Vec<Value> =
            pins.map(|(name, version)| json!({"Path": name, "Version": format!("v{version}")})).collect();
        let head = json!({"name": "govulncheck-extract", "version": "0.1.0"});
        let body = json!({
            "path": "example.com/asked", "main": {"Path": "example.com/asked"}, "modules": modules,
            "goVersion": "go1.21.0", "goos": "linux", "goarch": "amd64",
        });
        fs::write(path, format!("{head}\n{body}\n")).expect("written");
    }

    /// Writes them as the database of `cargo audit`, <https://github.com/rustsec/advisory-db>: there, what is not affected
    /// is told by requirements.
    pub(crate) fn rustsec_database(&self, folder: &Path) {
        for (_, record) in self.records.iter().filter(|(_, record)| record["withdrawn"].is_null()) {
            let id = record["id"].as_str().expect("a text");
            let (advisory, _) = osv(record).expect("an advisory");
            for affected in &advisory.affected {
                let name = &affected.package.as_ref().expect("a crate").name;
                let turns: Vec<&Turn> = affected.ranges.iter().flat_map(|range| &range.events).collect();
                let (mut unaffected, mut patched): (Vec<String>, Vec<String>) = Default::default();
                for (place, turn) in turns.iter().enumerate() {
                    match (turn, turns.get(place + 1)) {
                        (Turn::Introduced(at), _) if place == 0 && !matches!(&**at, "0" | "0.0.0-0") => {
                            unaffected.push(format!("\"< {at}\""));
                        }
                        (Turn::Fixed(at), None) => patched.push(format!("\">= {at}\"")),
                        (Turn::Fixed(at), Some(again))
                            if *at < Box::from(again.at()) || &**at != again.at() =>
                        {
                            patched.push(format!("\">= {at}, < {}\"", again.at()));
                        }
                        _ => {}
                    }
                }
                let text = format!(
                    "```toml\n[advisory]\nid = \"{id}\"\npackage = \"{name}\"\ndate = \"2026-01-01\"\n\n[versions]\npatched = [{}]\nunaffected = [{}]\n```\n\n# {id}\n\nAbout {name}\n",
                    patched.join(", "),
                    unaffected.join(", ")
                );
                let crates = folder.join("crates").join(&**name);
                fs::create_dir_all(&crates).expect("a folder");
                fs::write(crates.join(format!("{id}.md")), text).expect("written");
            }
        }
    }

    /// A version of each package, another one in each round.
    fn pins(&self, round: usize) -> impl Iterator<Item = (&str, &str)> {
        self.versions.iter().filter_map(move |(name, versions)| {
            // Far apart in the list, and the same in each run.
            let at = (round * 7 + name.len() * 3) % versions.len().max(1);
            versions.get(at).map(|version| (name.as_str(), version.as_str()))
        })
    }

    /// Writes them as the lockfile of their ecosystem.
    pub(crate) fn lockfile(&self, ecosystem: &str, round: usize, folder: &Path) -> PathBuf {
        let mut text = String::new();
        let name = match ecosystem {
            "crates.io" => {
                text.push_str("version = 3\n");
                for (name, version) in self.pins(round) {
                    let _ = write!(
                        text,
                        "\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n"
                    );
                }
                "Cargo.lock"
            }
            "Go" => {
                text.push_str("module example.com/asked\n\ngo 1.21.0\n\nrequire (\n");
                for (name, version) in self.pins(round).filter(|(name, _)| name.contains('.')) {
                    let _ = writeln!(text, "\t{name} v{version}");
                }
                text.push_str(")\n");
                "go.mod"
            }
            "PyPI" => {
                for (name, version) in self.pins(round) {
                    let _ = writeln!(text, "{name}=={version}");
                }
                "requirements.txt"
            }
            other => panic!("no lockfile of {other}"),
        };
        let path = folder.join(name);
        fs::write(&path, text).expect("written");
        path
    }
}

/// Adds a stored entry to a zip and its directory.
fn store(archive: &mut Vec<u8>, directory: &mut Vec<u8>, name: &str, bytes: &[u8]) {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    let size = u32::try_from(bytes.len()).expect("small").to_le_bytes();
    let length = u16::try_from(name.len()).expect("short").to_le_bytes();
    // Version 2.0, no flags, stored, at no time.
    let head =
        [&[20, 0, 0, 0, 0, 0, 0, 0, 0, 0][..], &crc.sum().to_le_bytes(), &size, &size, &length, &[0, 0]]
            .concat();
    let at = u32::try_from(archive.len()).expect("small").to_le_bytes();
    directory.extend([b"PK\x01\x02\x14\0", head.as_slice(), &[0; 10], &at, name.as_bytes()].concat());
    archive.extend([b"PK\x03\x04", head.as_slice(), name.as_bytes(), bytes].concat());
}
