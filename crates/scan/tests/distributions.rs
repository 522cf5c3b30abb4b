//! Systems of several distributions against advisories in the form in which OSV has them.

use std::collections::BTreeSet;
use std::num::NonZero;
use std::path::Path;

use floodmark_case::Answer;
use floodmark_intel::compromise::Compromises;
use floodmark_intel::database::{Build, Database};
use floodmark_intel::purl::Purl;
use floodmark_intel::read::Import;
use floodmark_scan::{Advisories, Choices, Knowledge, Progress, Request, scan};
use serde_json::{Value, json};

/// A record about one package, which is fixed in this version or not at all.
fn record(id: &str, upstream: &[&str], parts: &[(&str, &str, Option<&str>)]) -> Value {
    let affected: Vec<Value> = parts
        .iter()
        .map(|(ecosystem, name, fixed)| {
            let mut events = vec![json!({"introduced": "0"})];
            events.extend(fixed.map(|fixed| json!({ "fixed": fixed })));
            json!({"package": {"ecosystem": ecosystem, "name": name}, "ranges": [{"type": "ECOSYSTEM", "events": events}]})
        })
        .collect();
    json!({"id": id, "modified": "2026-01-01T00:00:00Z", "upstream": upstream, "affected": affected})
}

/// What is scanned, and what is known.
fn answer(files: &[(&str, &str)], records: &[Value]) -> Answer {
    let home = tempfile::tempdir().expect("a folder");
    let write = |path: &Path, text: &str| {
        std::fs::create_dir_all(path.parent().expect("a folder above")).expect("folders");
        std::fs::write(path, text).expect("a file");
    };
    for (number, record) in records.iter().enumerate() {
        write(&home.path().join(format!("osv/{number}.json")), &record.to_string());
    }
    for (path, text) in files {
        write(&home.path().join("target").join(path), text);
    }
    let path = home.path().join("intel.db");
    let mut build = Build::start(&path).expect("begun");
    let mut import = Import::into(&mut build);
    import.read(&home.path().join("osv"), None).expect("imported");
    assert_eq!(import.report().unread.len(), 0);
    build.finish().expect("built");
    let database = Database::open(&path).expect("a database");
    let advisories: &dyn Advisories = &database;
    scan(&Request {
        target: home.path().join("target"),
        pulled: None,
        knowledge: Knowledge { advisories: Some(advisories), compromises: Compromises::shipped() },
        choices: Choices::default(),
        platform: None,
        threads: NonZero::<usize>::MIN,
        progress: Progress::default(),
    })
}

/// Package, id and fixes of each flaw.
fn flaws(answer: &Answer) -> BTreeSet<String> {
    let names = |flaw: &floodmark_case::Flaw| {
        let purl: Purl = flaw.component.parse().expect("a purl");
        let name = purl.package().rsplit_once('/').map_or_else(String::new, |(_, name)| name.to_owned());
        format!("{name} {} {}", flaw.id, flaw.fixed.join(" "))
    };
    answer.inventory.flaws.iter().map(|flaw| names(flaw).trim_end().to_owned()).collect()
}

fn told(texts: &[&str]) -> BTreeSet<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// A database of dpkg, a package a line: name, version, source and its version.
fn dpkg(packages: &[[&str; 4]]) -> String {
    let stanza = |[name, version, source, source_version]: &[&str; 4]| {
        format!(
            "Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nSource: {source} ({source_version})\nVersion: {version}\n"
        )
    };
    packages.iter().map(stanza).collect::<Vec<_>>().join("\n")
}

#[test]
fn debian_is_asked_by_source_package_and_its_version() {
    let status = dpkg(&[
        ["libssl3", "3.0.11-1~deb12u2", "openssl", "3.0.11-1~deb12u2"],
        ["bsdutils", "1:2.38.1-5", "util-linux", "2.38.1-5"],
    ]);
    let answer = answer(
        &[("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n"), ("var/lib/dpkg/status", &status)],
        &[
            record(
                "DEBIAN-CVE-2024-1",
                &["CVE-2024-1"],
                &[
                    ("Debian:12", "openssl", Some("3.0.13-1~deb12u1")),
                    ("Debian:11", "openssl", Some("1.1.1w-0+deb11u2")),
                ],
            ),
            record(
                "DEBIAN-CVE-2024-2",
                &["CVE-2024-2"],
                &[("Debian:12", "util-linux", Some("2.38.1-5+deb12u1"))],
            ),
            record("DEBIAN-CVE-2024-3", &["CVE-2024-3"], &[("Debian:12", "libssl3", None)]),
            record("DEBIAN-CVE-2024-4", &["CVE-2024-4"], &[("Debian:11", "openssl", None)]),
        ],
    );
    assert_eq!(
        flaws(&answer),
        told(&["libssl3 CVE-2024-1 3.0.13-1~deb12u1", "bsdutils CVE-2024-2 2.38.1-5+deb12u1"])
    );
}

#[test]
fn ubuntu_tells_what_is_fixed_for_subscribers_only() {
    let status = dpkg(&[["libtomcat9-java", "9.0.58-1ubuntu0.1", "tomcat9", "9.0.58-1ubuntu0.1"]]);
    let answer = answer(
        &[("etc/os-release", "ID=ubuntu\nVERSION_ID=\"22.04\"\n"), ("var/lib/dpkg/status", &status)],
        &[
            record(
                "UBUNTU-CVE-2024-1",
                &["CVE-2024-1"],
                &[
                    ("Ubuntu:22.04:LTS", "tomcat9", None),
                    ("Ubuntu:Pro:22.04:LTS", "tomcat9", Some("9.0.58-1ubuntu0.2+esm1")),
                ],
            ),
            record("UBUNTU-CVE-2024-2", &["CVE-2024-2"], &[("Ubuntu:24.04:LTS", "tomcat9", None)]),
        ],
    );
    assert_eq!(flaws(&answer), told(&["libtomcat9-java CVE-2024-1 9.0.58-1ubuntu0.2+esm1"]));
    let advice = &answer.findings[0].advice;
    assert!(advice.contains("the distribution has a fix for its subscribers only"), "{advice:?}");
}

#[test]
fn alpine_and_wolfi_are_asked_by_origin() {
    let installed =
        "P:libcrypto3\nV:3.3.0-r1\nA:x86_64\no:openssl\n\nP:musl\nV:1.2.5-r0\nA:x86_64\no:musl\n\n";
    let records = [
        record(
            "ALPINE-CVE-2024-1",
            &["CVE-2024-1"],
            &[("Alpine:v3.20", "openssl", Some("3.3.0-r2")), ("Alpine:v3.19", "openssl", Some("3.1.5-r1"))],
        ),
        record("ALPINE-CVE-2024-2", &["CVE-2024-2"], &[("Alpine:v3.19", "musl", Some("1.2.5-r1"))]),
        record(
            "CGA-1",
            &["CVE-2024-3"],
            &[("Wolfi", "openssl", Some("3.3.1-r0")), ("Chainguard", "musl", Some("1.2.6-r0"))],
        ),
    ];
    let of = |release: &str| {
        flaws(&answer(&[("etc/os-release", release), ("lib/apk/db/installed", installed)], &records))
    };
    assert_eq!(of("ID=alpine\nVERSION_ID=3.20.3\n"), told(&["libcrypto3 CVE-2024-1 3.3.0-r2"]));
    assert_eq!(of("ID=wolfi\nVERSION_ID=\"20230201\"\n"), told(&["libcrypto3 CVE-2024-3 3.3.1-r0"]));
    assert_eq!(of("ID=chainguard\nVERSION_ID=\"20230214\"\n"), told(&["musl CVE-2024-3 1.2.6-r0"]));
}

/// A list of RPM packages, as an SBOM has them.
fn rpms(purls: &[&str]) -> String {
    let components: Vec<Value> = purls
        .iter()
        .map(|purl| json!({"type": "library", "name": "named by its purl", "purl": purl}))
        .collect();
    json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": components}).to_string()
}

#[test]
fn red_hat_is_asked_by_what_is_installed_in_its_stream() {
    let old = "1:16.1.0-1.module+el8.5.0+13548+45d748af";
    let fixed = |version: &'static str| [("Red Hat:enterprise_linux:8::appstream", "nodejs", Some(version))];
    let summed = |mut record: Value, summary: &str| {
        record["summary"] = summary.into();
        record
    };
    let records = [
        record(
            "RHSA-2024:1",
            &["CVE-2024-1"],
            &[
                ("Red Hat:enterprise_linux:8::baseos", "openssl-libs", Some("1:1.1.1k-12.el8_9")),
                ("Red Hat:enterprise_linux:8::appstream", "openssl-libs", Some("1:1.1.1k-12.el8_9")),
                ("Red Hat:rhel_eus:8.6::baseos", "openssl-libs", Some("1:1.1.1k-9.el8_6")),
            ],
        ),
        summed(
            record("RHSA-2024:2", &["CVE-2024-2"], &fixed("1:16.20.2-4.module+el8.9.0+21536+bd4b4a0b")),
            "Important: nodejs:16 security update",
        ),
        summed(
            record("RHSA-2024:3", &["CVE-2024-3"], &fixed("1:18.19.1-1.module+el8.9.0+21387+f2e0cf68")),
            "Important: nodejs:18 security update",
        ),
    ];
    let (epoch, version) = old.split_once(':').expect("both");
    let purls = [
        "pkg:rpm/redhat/openssl-libs@1.1.1k-9.el8_7?arch=x86_64&distro=redhat-8.10&epoch=1&upstream=openssl-1.1.1k-9.el8_7.src.rpm".to_owned(),
        format!("pkg:rpm/redhat/nodejs@{}?arch=x86_64&distro=redhat-8.10&epoch={epoch}&rpmmod=nodejs:16:8050020211206:a75119d5", version.replace('+', "%2B")),
    ];
    let answer = answer(&[("bom.cdx.json", &rpms(&[&purls[0], &purls[1]]))], &records);
    assert_eq!(
        flaws(&answer),
        told(&[
            "openssl-libs CVE-2024-1 1:1.1.1k-12.el8_9",
            "nodejs CVE-2024-2 1:16.20.2-4.module+el8.9.0+21536+bd4b4a0b"
        ])
    );
}

#[test]
fn rpm_distributions_that_name_sources_are_asked_by_source() {
    for (vendor, distro, ecosystem) in [
        ("rocky", "rocky-9.4", "Rocky Linux:9"),
        ("suse", "sles-15.5", "SUSE:Linux Enterprise Module for Basesystem 15 SP5"),
        ("opensuse", "opensuse-leap-15.5", "openSUSE:Leap 15.5"),
        ("azurelinux", "azurelinux-3.0", "Azure Linux:3"),
        ("mageia", "mageia-9", "Mageia:9"),
    ] {
        let purl = format!(
            "pkg:rpm/{vendor}/openssl-libs@3.0.7-24.x?arch=x86_64&distro={distro}&epoch=1&upstream=openssl-3.0.7-24.x.src.rpm"
        );
        let records = [
            record("X-1", &["CVE-2024-1"], &[(ecosystem, "openssl", Some("1:3.0.7-27.x"))]),
            record("X-2", &["CVE-2024-2"], &[(ecosystem, "openssl-libs", Some("1:3.0.7-27.x"))]),
            record("X-3", &["CVE-2024-3"], &[(ecosystem, "openssl", Some("1:3.0.7-24.x"))]),
        ];
        let answer = answer(&[("bom.cdx.json", &rpms(&[&purl]))], &records);
        assert_eq!(flaws(&answer), told(&["openssl-libs CVE-2024-1 1:3.0.7-27.x"]), "{ecosystem}");
    }
}
