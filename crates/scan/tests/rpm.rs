//! What `rpm` tells of a database that it made, and what a scan of it does.

mod scanned;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use floodmark_intel::purl::Purl;
use scanned::scanned;

const SPEC: &str = "\
Name: flood
Epoch: 2
Version: 1.4
Release: 3.el9
Summary: A test
License: MIT
ModularityLabel: floods:1.4:920240101:abc
%description
A test
%package -n flood-libs
Summary: A test
Epoch: 0
Version: 9.1
BuildArch: noarch
%description -n flood-libs
A test
%files
%files -n flood-libs
";

const FORMAT: &str =
    "%{NAME} %|EPOCH?{%{EPOCH}}:{-}| %{VERSION}-%{RELEASE} %{ARCH} %{SOURCERPM} %{MODULARITYLABEL}\\n";

#[test]
fn a_scan_lists_what_rpm_lists() {
    let root = tempfile::tempdir().expect("a folder");
    let Some(expected) = installed(root.path()) else {
        println!("SKIPPED: no rpm and rpmbuild that make a database; expected the package rpm");
        return;
    };
    fs::create_dir(root.path().join("etc")).expect("a folder");
    fs::write(root.path().join("etc/os-release"), "ID=almalinux\nVERSION_ID=9.4\n").expect("a file");
    let answer = scanned(root.path());
    assert_eq!(answer.coverage.unread, []);
    let listed: BTreeSet<String> = answer
        .inventory
        .components
        .iter()
        .map(|component| {
            let purl: Purl = component.purl.parse().expect("a purl");
            let qualifier = |key: &str| purl.qualifier(key).unwrap_or_else(|| "-".to_owned());
            let version = purl.version().expect("a version");
            let (epoch, arch) = (qualifier("epoch"), qualifier("arch"));
            let (source, module) = (qualifier("upstream"), qualifier("rpmmod"));
            format!("{} {epoch} {version} {arch} {source} {module}", component.name)
        })
        .collect();
    assert_eq!(expected.len(), 2, "{expected:#?}");
    assert_eq!(listed, expected);
}

/// Builds packages, enters them into a database below a root, and asks for them.
fn installed(root: &Path) -> Option<BTreeSet<String>> {
    let (build, database) = (root.join("build"), root.join("var/lib/rpm"));
    fs::create_dir_all(&database).expect("a folder");
    fs::create_dir_all(&build).expect("a folder");
    let spec = build.join("flood.spec");
    fs::write(&spec, SPEC).expect("a file");
    let top = format!("_topdir {}", build.display());
    run(Command::new("rpmbuild").args(["-bb", "--define", &top]).arg(&spec))?;
    let mut packages = Vec::new();
    for folder in fs::read_dir(build.join("RPMS")).ok()? {
        packages.extend(fs::read_dir(folder.ok()?.path()).ok()?.filter_map(|entry| Some(entry.ok()?.path())));
    }
    let rpm = || {
        let mut rpm = Command::new("rpm");
        rpm.arg("--dbpath").arg(&database);
        rpm
    };
    run(rpm().args(["--install", "--justdb", "--nodeps", "--noscripts"]).args(&packages))?;
    let listed = run(rpm().args(["--query", "--all", "--queryformat", FORMAT]))?;
    let lines = listed.lines().map(|line| line.replace("(none)", "-"));
    Some(lines.collect())
}

fn run(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok()
}
