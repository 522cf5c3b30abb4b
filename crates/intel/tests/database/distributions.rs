//! What distributions publish, in the form in which OSV has it.

use floodmark_intel::advisory::{Advisory, FixState};
use floodmark_intel::database::{Database, Question};

use super::ecosystem;
use super::made::{AffectedWords, Home, advisory, affected};

fn summed(id: &str, summary: &str, ecosystem: &str, name: &str, fixed: &str) -> Advisory {
    let range = ["introduced 0".to_owned(), format!("fixed {fixed}")];
    let package = affected(ecosystem, name).range(&[&range[0], &range[1]]);
    Advisory { summary: summary.into(), ..advisory(id, package) }
}

/// Ids of what touches, and of what may.
fn told(
    database: &Database,
    place: &str,
    name: &str,
    version: &str,
    module: Option<&str>,
) -> [Vec<String>; 2] {
    let ecosystem = ecosystem(place);
    let found =
        database.ask(&Question { module, ..Question::new(&ecosystem, name, version) }).expect("asked");
    let ids = |ids: Vec<&str>| ids.into_iter().map(ToOwned::to_owned).collect();
    [
        ids(found.matches.iter().map(|one| one.gist.id.as_ref()).collect()),
        ids(found.undecided.iter().map(|one| one.gist.id.as_ref()).collect()),
    ]
}

fn touching(database: &Database, place: &str, name: &str, version: &str) -> Vec<String> {
    let [touching, undecided] = told(database, place, name, version, None);
    assert_eq!(undecided, Vec::<String>::new());
    touching
}

#[test]
fn red_hat_is_asked_over_all_channels_of_a_release_and_told_once() {
    let home = Home::new();
    let fixed = ["introduced 0", "fixed 1:3.0.7-27.el9_4"];
    let mut of_channels =
        advisory("RHSA-2024:1", affected("Red Hat:enterprise_linux:9::appstream", "openssl").range(&fixed));
    of_channels.affected.extend([
        affected("Red Hat:enterprise_linux:9::baseos", "openssl").range(&fixed),
        affected("Red Hat:rhel_eus:9.2::baseos", "openssl")
            .range(&["introduced 0", "fixed 1:3.0.7-18.el9_2.1"]),
        affected("Red Hat:enterprise_linux:8::baseos", "openssl")
            .range(&["introduced 0", "fixed 1:1.1.1k-12.el8_9"]),
    ]);
    let ten = advisory("RHSA-2025:2", affected("Red Hat:enterprise_linux:10.1", "openssl").range(&fixed));
    let database = home.with("src", &[of_channels, ten]);
    let ask =
        |release: &str, version: &str| touching(&database, &format!("Red Hat:{release}"), "openssl", version);
    assert_eq!(ask("enterprise_linux:9", "1:3.0.7-25.el9_3"), ["RHSA-2024:1"]);
    assert_eq!(ask("enterprise_linux:9", "1:3.0.7-27.el9_4"), Vec::<String>::new());
    assert_eq!(ask("enterprise_linux:8", "1:1.1.1k-9.el8"), ["RHSA-2024:1"]);
    assert_eq!(ask("rhel_eus:9.2", "1:3.0.7-18.el9_2.1"), Vec::<String>::new());
    assert_eq!(ask("enterprise_linux:10", "1:3.0.7-1.el10"), ["RHSA-2025:2"]);
    // Without its epoch a version is older than all that have one.
    assert_eq!(ask("enterprise_linux:9", "3.0.7-27.el9_4"), ["RHSA-2024:1"]);
}

#[test]
fn suse_is_asked_over_all_modules_of_a_service_pack() {
    let home = Home::new();
    let of = |id: &str, product: &str, fixed: &str| summed(id, "", &format!("SUSE:{product}"), "gzip", fixed);
    let database = home.with(
        "src",
        &[
            of("SUSE-SU-1", "Linux Enterprise Module for Basesystem 15 SP5", "1.10-150200.10.1"),
            of("SUSE-SU-2", "Linux Enterprise Server 15 SP4-LTSS", "1.10-150200.10.1"),
            of("SUSE-SU-3", "Linux Enterprise Server 16.0", "1.13-160000.2.2"),
            of("SUSE-SU-4", "Linux Enterprise Micro 5.5", "1.10-150200.10.1"),
            summed("openSUSE-SU-5", "", "openSUSE:Leap 15.5", "gzip", "1.10-150200.10.1"),
        ],
    );
    for (place, expected) in [
        ("SUSE:Linux Enterprise Server 15 SP5", &["SUSE-SU-1"][..]),
        ("SUSE:Linux Enterprise Desktop 15 SP4", &["SUSE-SU-2"]),
        ("SUSE:Linux Enterprise Server 16.0", &["SUSE-SU-3"]),
        ("SUSE:Linux Enterprise Micro 5.5", &["SUSE-SU-4"]),
        ("SUSE:Linux Enterprise Server 15 SP6", &[]),
        ("openSUSE:Leap 15.5", &["openSUSE-SU-5"]),
    ] {
        assert_eq!(touching(&database, place, "gzip", "1.10-150000.4.1"), expected, "{place}");
    }
}

#[test]
fn a_module_is_asked_by_its_stream() {
    let home = Home::new();
    let of = |id: &str, summary: &str, fixed: &str| summed(id, summary, "AlmaLinux:8", "nodejs", fixed);
    let database = home.with(
        "src",
        &[
            of("ALSA-1", "Important: nodejs:16 security update", "1:16.20.2-4.module_el8.9.0+3723+cf18f5d6"),
            of("ALSA-2", "Important: nodejs:18 security update", "1:18.19.1-1.module_el8.9.0+3735+8f5d6f31"),
            of("ALSA-3", "Moderate: nodejs security update", "1:18.20.0-1.module_el8.9.0+3800+aaaaaaaa"),
            of("ALSA-4", "Low: nodejs security update", "1:24.1.0-1.el8_10"),
        ],
    );
    let ask = |version: &str, module: Option<&str>| told(&database, "AlmaLinux:8", "nodejs", version, module);
    let old_16 = "1:16.1.0-1.module_el8.5.0+2604+960c7771";
    assert_eq!(ask(old_16, Some("nodejs:16:8050020211109:d2f2fe77")), [vec!["ALSA-1"], vec!["ALSA-3"]]);
    assert_eq!(ask(old_16, Some("nodejs:18:8050020211109:d2f2fe77")), [vec!["ALSA-2"], vec!["ALSA-3"]]);
    // What is of a module, and not told of which, is of none that can be told.
    assert_eq!(ask(old_16, None), [vec![], vec!["ALSA-1", "ALSA-2", "ALSA-3"]]);
    assert_eq!(ask("1:16.1.0-1.el8", None), [vec!["ALSA-4"], vec![]]);
}

#[test]
fn ubuntu_is_asked_with_what_its_subscribers_get() {
    let home = Home::new();
    let mut both = advisory("UBUNTU-CVE-1", affected("Ubuntu:22.04:LTS", "tomcat9").range(&["introduced 0"]));
    let fixed = ["introduced 0", "fixed 9.0.58-1ubuntu0.2+esm1"];
    both.affected.push(affected("Ubuntu:Pro:22.04:LTS", "tomcat9").range(&fixed));
    let only_pro = advisory("USN-1", affected("Ubuntu:Pro:22.04:LTS", "tomcat9").range(&fixed));
    let fips = advisory(
        "UBUNTU-CVE-2",
        affected("Ubuntu:Pro:FIPS-updates:22.04:LTS", "openssl")
            .range(&["introduced 0", "fixed 3.0.2-0ubuntu1.9+Fips1.1"]),
    );
    let database = home.with("src", &[both, only_pro, fips]);
    let found = |version: &str| {
        let ubuntu = ecosystem("Ubuntu:22.04:LTS");
        let found = database.matches_text(&ubuntu, "tomcat9", version).expect("asked").matches;
        let told = |one: floodmark_intel::database::Match| {
            (one.gist.id.to_string(), one.fixed.map(String::from), one.fix_state)
        };
        found.into_iter().map(told).collect::<Vec<_>>()
    };
    let esm = Some("9.0.58-1ubuntu0.2+esm1".to_owned());
    let subscribers = Some(FixState::Subscribers);
    assert_eq!(
        found("9.0.58-1ubuntu0.1"),
        [("UBUNTU-CVE-1".to_owned(), esm.clone(), subscribers), ("USN-1".to_owned(), esm, subscribers)]
    );
    assert_eq!(found("9.0.58-1ubuntu0.2+esm1"), []);
    assert_eq!(touching(&database, "Ubuntu:22.04:LTS", "openssl", "3.0.2-0ubuntu1.8"), Vec::<String>::new());
    assert_eq!(
        touching(&database, "Ubuntu:22.04:LTS", "openssl", "3.0.2-0ubuntu1.8+Fips1.1"),
        ["UBUNTU-CVE-2"]
    );
}

#[test]
fn several_parts_of_one_advisory_are_one_answer_with_the_fix_of_all() {
    let home = Home::new();
    let mut one = advisory("GHSA-1", affected("npm", "a").range(&["introduced 1.0.0", "fixed 1.5.0"]));
    one.affected.push(affected("npm", "a").range(&["introduced 1.4.0", "fixed 2.0.0"]));
    let database = home.with("src", &[one]);
    let found = database.matches_text(&ecosystem("npm"), "a", "1.4.2").expect("asked");
    let fixes: Vec<_> = found.matches.iter().map(|one| one.fixed.as_deref()).collect();
    assert_eq!(fixes, [Some("2.0.0")]);
}
