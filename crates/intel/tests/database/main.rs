//! The database: what is built is found again, and what counts among records of one id.

mod distributions;
mod made;

use floodmark_intel::advisory::Class;
use floodmark_intel::database::{Build, Database, DatabaseError, Refused, SourceKind, Standing, Touch};
use floodmark_intel::version::Ecosystem;

use made::{AdvisoryWords, AffectedWords, Home, advisory, affected};

fn ecosystem(name: &str) -> Ecosystem {
    name.parse().expect("known")
}

fn ids(database: &Database, place: &str, name: &str, version: &str) -> Vec<String> {
    let found = database.matches_text(&ecosystem(place), name, version).expect("asked");
    assert_eq!(found.undecided, [], "{place} {name} {version}");
    found.matches.into_iter().map(|one| one.gist.id.into()).collect()
}

#[test]
fn a_version_is_matched_by_range_and_by_list_and_told_its_fix() {
    let home = Home::new();
    let database = home.with(
        "src",
        &[
            advisory("PYSEC-1", affected("PyPI", "Django_X").range(&["introduced 1.0", "fixed 1.2"])),
            advisory("PYSEC-2", affected("PyPI", "django.x").versions(&["1.2", "0.9"])),
            advisory("GHSA-1", affected("npm", "django-x").range(&["introduced 0"])),
        ],
    );
    assert_eq!(ids(&database, "PyPI", "django-x", "1.1"), ["PYSEC-1"]);
    assert_eq!(ids(&database, "PyPI", "DJANGO-X", "1.2.0"), ["PYSEC-2"]);
    assert_eq!(ids(&database, "PyPI", "django-x", "1.3"), Vec::<String>::new());
    assert_eq!(ids(&database, "npm", "django-x", "7.0.0"), ["GHSA-1"]);
    let pypi = ecosystem("PyPI");
    let found = database.matches(&pypi, "django-x", &pypi.version("1.0").expect("one")).expect("asked");
    assert_eq!(found.matches[0].fixed.as_deref(), Some("1.2"));
    let candidates = database.for_package(&pypi, "django-x").expect("asked");
    let told: Vec<_> = candidates.iter().map(|one| (one.name.as_ref(), one.touch(&pypi, "0.9"))).collect();
    assert_eq!(told, [("Django_X", Touch::Unaffected), ("django.x", Touch::Affected { fixed: None })]);
    assert_eq!(candidates[0].fixed_versions().collect::<Vec<_>>(), ["1.2"]);
}

#[test]
fn a_fix_that_another_range_holds_is_no_fix() {
    let home = Home::new();
    let package = affected("npm", "a")
        .range(&["introduced 1.0.0", "fixed 1.5.0"])
        .range(&["introduced 1.4.0", "fixed 2.0.0"])
        .range(&["introduced 3.0.0"]);
    let database = home.with("src", &[advisory("GHSA-1", package)]);
    let fixed = |version: &str| {
        let found = database.matches_text(&ecosystem("npm"), "a", version).expect("asked");
        found.matches.into_iter().next().expect("touched").fixed
    };
    assert_eq!(fixed("1.0.0").as_deref(), Some("2.0.0"));
    assert_eq!(fixed("3.1.0"), None);
}

#[test]
fn a_release_is_asked_exactly_and_what_names_none_counts_for_each() {
    let home = Home::new();
    let database = home.with(
        "src",
        &[
            advisory("DSA-1", affected("Debian:12", "zlib").range(&["introduced 0", "fixed 2"])),
            advisory("DSA-2", affected("Debian", "zlib").range(&["introduced 0", "fixed 2"])),
            advisory("USN-1", affected("Ubuntu:22.04:LTS", "zlib").range(&["introduced 0", "fixed 2"])),
            advisory("USN-2", affected("Ubuntu:Pro:22.04:LTS", "zlib").range(&["introduced 0", "fixed 2"])),
            advisory("ALPINE-1", affected("Alpine:v3.20", "zlib").range(&["introduced 0", "fixed 2-r0"])),
        ],
    );
    for (place, expected) in [
        ("Debian:12", &["DSA-1", "DSA-2"][..]),
        ("Debian:11", &["DSA-2"]),
        ("Debian", &["DSA-2"]),
        ("Ubuntu:22.04", &["USN-1", "USN-2"]),
        ("Ubuntu:22.04:LTS", &["USN-1", "USN-2"]),
        ("Ubuntu:Pro:22.04:LTS", &["USN-2"]),
        ("Alpine:v3.20", &["ALPINE-1"]),
        ("Alpine:3.20", &["ALPINE-1"]),
        ("Alpine:v3.2", &[]),
    ] {
        assert_eq!(ids(&database, place, "zlib", "1"), expected, "{place}");
    }
}

#[test]
fn what_cannot_be_told_is_undecided() {
    let home = Home::new();
    let database = home.with(
        "src",
        &[
            advisory("A-1", affected("npm", "a").range(&["introduced 0", "fixed one"])),
            advisory("A-2", affected("npm", "a").range(&["introduced 0", "fixed one"]).versions(&["1.0.0"])),
            advisory("A-3", affected("npm", "a")),
            advisory("A-4", affected("npm", "a").commits("https://git.example/a", &["introduced 0"])),
            advisory("A-5", affected("npm", "a").versions(&["latest"])),
        ],
    );
    let npm = ecosystem("npm");
    let found = database.matches_text(&npm, "a", "1.0.0").expect("asked");
    let matched: Vec<_> = found.matches.iter().map(|one| one.gist.id.as_ref()).collect();
    let undecided: Vec<_> =
        found.undecided.iter().map(|one| (one.gist.id.as_ref(), one.why.as_str())).collect();
    assert_eq!(matched, ["A-2"]);
    assert_eq!(undecided[0].0, "A-1");
    assert!(undecided[0].1.contains("\"one\""), "{undecided:?}");
    assert_eq!(undecided[1], ("A-3", "it names no version and no range"));
    assert_eq!(undecided[2], ("A-4", "it names commits, and no version"));
    let odd = database.matches_text(&npm, "a", "latest").expect("asked");
    assert_eq!(odd.matches.iter().map(|one| one.gist.id.as_ref()).collect::<Vec<_>>(), ["A-5"]);
    let repository = database.for_repository("http://git.example/a.git").expect("asked");
    assert_eq!(repository[0].gist.id.as_ref(), "A-4");
}

#[test]
fn of_one_id_the_newest_counts_and_the_others_come_back_when_it_goes() {
    let home = Home::new();
    let of = |name: &str| advisory("CVE-1", affected("npm", name).range(&["introduced 0"]));
    home.with("a", &[of("old").modified("2020-01-01T00:00:00Z")]);
    home.with("b", &[of("new").modified("2021-01-01T00:00:00Z").alias("GHSA-1")]);
    let database = home.with("c", &[of("undated")]);
    assert_eq!(ids(&database, "npm", "new", "1.0.0"), ["CVE-1"]);
    assert_eq!(ids(&database, "npm", "old", "1.0.0"), Vec::<String>::new());
    let records = database.advisory("CVE-1").expect("asked");
    let standing: Vec<_> = records.iter().map(|one| (one.source.as_str(), one.standing)).collect();
    assert_eq!(
        standing,
        [("b", Standing::Current), ("a", Standing::Superseded), ("c", Standing::Superseded)]
    );
    assert_eq!(database.naming("GHSA-1").expect("asked")[0].id.as_ref(), "CVE-1");

    let database = home.with("b", &[]);
    assert_eq!(ids(&database, "npm", "old", "1.0.0"), ["CVE-1"]);
    assert_eq!(database.naming("GHSA-1").expect("asked"), []);
}

#[test]
fn what_is_withdrawn_is_not_answered_and_its_record_is_kept() {
    let home = Home::new();
    let of = || advisory("CVE-1", affected("npm", "a").range(&["introduced 0"]));
    home.with("a", &[of().modified("2020-01-01T00:00:00Z")]);
    let database = home.with("b", &[of().modified("2021-01-01T00:00:00Z").withdrawn("2021-01-01T00:00:00Z")]);
    assert_eq!(ids(&database, "npm", "a", "1.0.0"), Vec::<String>::new());
    let standing: Vec<_> =
        database.advisory("CVE-1").expect("asked").into_iter().map(|one| one.standing).collect();
    assert_eq!(standing, [Standing::Withdrawn, Standing::Superseded]);
    let status = database.status();
    assert_eq!((status.sources[1].withdrawn, status.sources[0].superseded, status.counts.all()), (1, 1, 0));
}

#[test]
fn what_is_malicious_and_what_is_a_notice_are_classes_of_their_own() {
    let home = Home::new();
    let package = || affected("npm", "a").range(&["introduced 0"]);
    let mut unsound = advisory("RUSTSEC-1", package());
    unsound.informational = Some("unsound".into());
    let database = home.with(
        "src",
        &[
            advisory("MAL-1", package()),
            advisory("GHSA-1", package()).alias("MAL-1"),
            unsound,
            advisory("ALBA-1", package()),
            advisory("ALBA-2", package()).alias("CVE-1"),
        ],
    );
    let candidates = database.for_package(&ecosystem("npm"), "a").expect("asked");
    let told: Vec<_> = candidates
        .iter()
        .map(|one| (one.gist.id.as_ref(), one.gist.class, one.gist.informational.as_deref()))
        .collect();
    assert_eq!(
        told,
        [
            ("ALBA-1", Class::Notice, Some("bugfix")),
            ("ALBA-2", Class::Vulnerability, None),
            ("GHSA-1", Class::Malicious, None),
            ("MAL-1", Class::Malicious, None),
            ("RUSTSEC-1", Class::Notice, Some("unsound")),
        ]
    );
    let counts = database.status().counts;
    assert_eq!((counts.malicious, counts.vulnerabilities, counts.notices), (2, 1, 2));
}

#[test]
fn the_order_of_imports_does_not_change_a_byte() {
    let sources = [
        (
            "a",
            vec![
                advisory("X-1", affected("npm", "a").range(&["introduced 0"])),
                advisory("X-2", affected("npm", "b")),
            ],
        ),
        (
            "b",
            vec![
                advisory("X-1", affected("npm", "c").versions(&["1.0.0", "1.0.1"]))
                    .modified("2020-01-01T00:00:00Z"),
            ],
        ),
        ("c", vec![advisory("X-0", affected("Martian", "d")).alias("X-1")]),
    ];
    let built = |order: &[usize]| {
        let home = Home::new();
        for at in order {
            home.with(sources[*at].0, &sources[*at].1);
        }
        std::fs::read(home.path()).expect("it is there")
    };
    let first = built(&[0, 1, 2]);
    for order in [[2, 1, 0], [1, 0, 2], [1, 2, 0]] {
        assert!(built(&order) == first, "{order:?}");
    }
    assert!(built(&[0, 1, 2, 0, 1]) == first, "importing again changes nothing");
}

#[test]
fn an_ecosystem_that_is_not_known_is_kept_and_counted() {
    let home = Home::new();
    let database = home.with("src", &[advisory("X-1", affected("Martian:9", "d").range(&["introduced 0"]))]);
    let ecosystems = &database.status().ecosystems;
    assert_eq!(
        (ecosystems[0].name.as_str(), ecosystems[0].known, ecosystems[0].affected),
        ("Martian", false, 1)
    );
    assert_eq!(database.advisory("X-1").expect("asked").len(), 1);
}

#[test]
fn a_source_about_something_else_does_not_replace_one_of_its_name() {
    let home = Home::new();
    home.with("all.zip", &[advisory("X-1", affected("npm", "a").range(&["introduced 0"]))]);
    let mut build = Build::start(&home.path()).expect("begun");
    build.begin("all.zip", SourceKind::Archive);
    build.add("all.zip", &advisory("X-2", affected("PyPI", "a"))).expect("added");
    let refused = build.end("all.zip", String::new()).expect("ended");
    assert!(matches!(refused, Err(Refused::AnotherSource { .. })), "{refused:?}");
    build.finish().expect("built");
    assert_eq!(ids(&home.open(), "npm", "a", "1.0.0"), ["X-1"]);
    assert_eq!(home.open().advisory("X-2").expect("asked"), []);
}

#[test]
fn one_build_at_a_time_and_a_dropped_one_leaves_everything() {
    let home = Home::new();
    home.with("a", &[advisory("X-1", affected("npm", "a"))]);
    let before = std::fs::read(home.path()).expect("it is there");
    let mut build = Build::start(&home.path()).expect("begun");
    assert!(matches!(Build::start(&home.path()), Err(DatabaseError::Busy(_))));
    build.begin("a", SourceKind::Folder);
    drop(build);
    assert!(std::fs::read(home.path()).expect("it is there") == before);
    assert_eq!(home.files(), ["intel.db", "intel.db.lock"]);
}

#[test]
fn what_is_no_database_is_refused_with_a_reason() {
    let home = Home::new();
    assert!(matches!(Database::open(&home.path()), Err(DatabaseError::Missing(_))));
    std::fs::write(home.path(), "not a database at all").expect("written");
    let error = Database::open(&home.path()).expect_err("no database").to_string();
    assert!(error.contains("intel.db"), "{error}");
    assert!(Build::start(&home.path()).is_err(), "nothing is written over a file that is not ours");
}

#[test]
fn a_database_of_another_version_says_so_and_what_to_do() {
    let home = Home::new();
    drop(home.with("a", &[advisory("X-1", affected("npm", "a"))]));
    let mut bytes = std::fs::read(home.path()).expect("it is there");
    // Where SQLite keeps `user_version`.
    bytes[60..64].copy_from_slice(&1_i32.to_be_bytes());
    std::fs::write(home.path(), &bytes).expect("written");
    let error = Database::open(&home.path()).expect_err("of another version");
    assert!(error.to_string().contains("its format is 1, expected 2"), "{error}");
    assert!(error.hint().is_some_and(|hint| hint.contains("import all sources again")));
    assert!(Build::start(&home.path()).is_err() && std::fs::read(home.path()).expect("there") == bytes);
}

#[test]
fn packages_of_npm_that_differ_in_case_are_told_apart_and_a_purl_asks_for_both() {
    let home = Home::new();
    let of = |id: &str, name: &str| advisory(id, affected("npm", name).range(&["introduced 0"]));
    let database = home.with("src", &[of("GHSA-1", "JSONStream"), of("MAL-1", "jsonstream")]);
    assert_eq!(ids(&database, "npm", "JSONStream", "1.3.5"), ["GHSA-1"]);
    assert_eq!(ids(&database, "npm", "jsonstream", "1.3.5"), ["MAL-1"]);
    assert_eq!(ids(&database, "npm", "JsonStream", "1.3.5"), Vec::<String>::new());
    let purl = "pkg:npm/JSONStream@1.3.5".parse().expect("a purl");
    let found = database.matches_purl(&purl).expect("asked").expect("a package").matches;
    let told: Vec<_> = found.iter().map(|one| (&*one.gist.id, &*one.name)).collect();
    assert_eq!(told, [("GHSA-1", "JSONStream"), ("MAL-1", "jsonstream")]);
    assert_eq!(database.for_package(&ecosystem("npm"), "jsonstream").expect("asked").len(), 1);
}
