//! What `dpkg-query` tells of the machine that the test runs on, and what a scan of its database does.

mod scanned;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use floodmark_intel::purl::Purl;
use scanned::scanned;

const STATUS: &str = "/var/lib/dpkg/status";

const FORMAT: &str = "${Status}|${Package} ${Version} ${Architecture} ${source:Package} ${source:Version}\\n";

#[test]
fn a_scan_lists_what_dpkg_query_lists_with_the_same_sources() {
    let query = Command::new("dpkg-query").args(["--show", "--showformat", FORMAT]).output();
    let Some(query) = query.ok().filter(|output| output.status.success() && Path::new(STATUS).exists())
    else {
        println!("SKIPPED: no dpkg-query with a database; expected a Debian machine");
        return;
    };
    let query = String::from_utf8(query.stdout).expect("text");
    let there = query.lines().filter_map(|line| line.split_once(" installed|").map(|(_, package)| package));
    let expected: BTreeSet<String> = there.map(ToOwned::to_owned).collect();

    let root = tempfile::tempdir().expect("a folder");
    for (from, to) in [(STATUS, "var/lib/dpkg/status"), ("/etc/os-release", "etc/os-release")] {
        let to = root.path().join(to);
        fs::create_dir_all(to.parent().expect("a parent")).expect("a folder");
        fs::copy(from, to).expect("a copy");
    }
    let answer = scanned(root.path());
    assert_eq!(answer.coverage.unread, []);
    let listed: BTreeSet<String> = answer
        .inventory
        .components
        .iter()
        .map(|component| {
            let (name, version) = (&component.name, component.version.as_ref().expect("a version"));
            let source = component.source.as_ref().map(|source| (&source.name, &source.version));
            let (source, source_version) = source.unwrap_or((name, version));
            let purl: Purl = component.purl.parse().expect("a purl");
            let arch = purl.qualifier("arch").expect("an architecture");
            format!("{name} {version} {arch} {source} {source_version}")
        })
        .collect();
    assert!(!expected.is_empty(), "dpkg-query lists nothing");
    assert_eq!(listed, expected);
}
