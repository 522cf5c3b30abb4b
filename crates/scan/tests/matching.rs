//! Components against a database of advisories that is made here.

use std::collections::BTreeSet;
use std::num::NonZero;

use floodmark_case::{Answer, Flaw, FlawKind, Severity};
use floodmark_intel::compromise::Compromises;
use floodmark_intel::database::{Build, Database, DatabaseError, Epss, Kev, Matches, Question, Status};
use floodmark_intel::read::Import;
use floodmark_intel::version::Ecosystem;
use floodmark_scan::baseline::baseline;
use floodmark_scan::{Advisories, Choices, Ignore, IgnoredBy, Knowledge, Progress, Request, scan};
use serde_json::{Value, json};

/// A checkout, and what is known.
struct Scene {
    root: tempfile::TempDir,
}

fn advisory(
    id: &str,
    aliases: &[&str],
    ecosystem: &str,
    name: &str,
    fixed: &str,
    versions: &[&str],
) -> Value {
    let ranges = if fixed.is_empty() {
        json!([])
    } else {
        json!([{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}])
    };
    json!({
        "id": id, "modified": "2026-01-01T00:00:00Z", "aliases": aliases, "summary": format!("about {name}"),
        "affected": [{"package": {"ecosystem": ecosystem, "name": name}, "ranges": ranges, "versions": versions}],
    })
}

impl Scene {
    fn new(advisories: &[Value], requirements: &str, packages: &[(&str, &str)]) -> Self {
        let root = tempfile::tempdir().expect("a folder");
        let write = |path: &str, text: String| {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a folder above")).expect("folders");
            std::fs::write(path, text).expect("a file");
        };
        for (number, advisory) in advisories.iter().enumerate() {
            write(&format!("osv/{number}.json"), advisory.to_string());
        }
        write(
            "epss/epss.csv",
            "#model_version:v2025.03.14,score_date:2026-03-23T12:55:00Z\ncve,epss,percentile\nCVE-2026-1,0.25,0.99\n"
                .to_owned(),
        );
        write(
            "kev/kev.json",
            json!({"title": "t", "catalogVersion": "2026.03.23", "dateReleased": "2026-03-23T14:00:00Z", "count": 1,
                "vulnerabilities": [{"cveID": "CVE-2026-1", "vendorProject": "v", "product": "p",
                    "vulnerabilityName": "n", "dateAdded": "2026-03-22", "shortDescription": "d",
                    "requiredAction": "a", "dueDate": "2026-04-01", "knownRansomwareCampaignUse": "Unknown",
                    "notes": "", "cwes": []}]})
            .to_string(),
        );
        let mut build = Build::start(&root.path().join("intel.db")).expect("begun");
        let mut import = Import::into(&mut build);
        for path in ["osv", "epss/epss.csv", "kev/kev.json"] {
            import.read(&root.path().join(path), None).expect("imported");
        }
        assert_eq!(import.report().unread.len(), 0);
        build.finish().expect("built");
        write("checkout/requirements.txt", requirements.to_owned());
        let packages: serde_json::Map<String, Value> = packages
            .iter()
            .map(|(name, version)| (format!("node_modules/{name}"), json!({ "version": version })))
            .collect();
        write(
            "checkout/web/package-lock.json",
            json!({"lockfileVersion": 3, "packages": packages}).to_string(),
        );
        Self { root }
    }

    fn scan(&self, choices: Choices) -> Answer {
        let database = Database::open(&self.root.path().join("intel.db")).expect("a database");
        let advisories: &dyn Advisories = &database;
        scan(&Request {
            target: self.root.path().join("checkout"),
            pulled: None,
            knowledge: Knowledge { advisories: Some(advisories), compromises: Compromises::shipped() },
            choices,
            platform: None,
            revision: None,
            threads: NonZero::<usize>::MIN,
            progress: Progress::default(),
        })
    }

    fn ignore(&self, text: &str) {
        std::fs::write(self.root.path().join("checkout/.floodmark-ignore.toml"), text).expect("a file");
    }
}

fn flaws(answer: &Answer) -> Vec<(&str, FlawKind)> {
    answer.inventory.flaws.iter().map(|flaw| (flaw.id.as_str(), flaw.kind)).collect()
}

fn today(day: &str) -> Choices {
    Choices { today: day.to_owned(), ..Choices::default() }
}

#[test]
fn what_is_pinned_to_a_commit_is_touched_by_what_names_that_commit() {
    let (bad, mended) =
        ("1f2e3d4c5b6a79880f1e2d3c4b5a697887766554", "a5afd6b1ccbf48cd4d0d3e5ea6f5a0f0d7d6c3b2");
    let advisory = json!({
        "id": "OSV-2026-1", "modified": "2026-01-01T00:00:00Z", "summary": "about a commit",
        "affected": [{"ranges": [{"type": "GIT", "repo": "https://github.com/someone/action",
            "events": [{"introduced": bad}, {"fixed": mended}]}]}],
    });
    let scene = Scene::new(&[advisory], "", &[]);
    let step = |commit: &str| format!("      - uses: someone/action@{commit}\n");
    let workflow =
        format!("on: push\njobs:\n  a:\n    runs-on: b\n    steps:\n{}{}", step(bad), step(mended));
    let folder = scene.root.path().join("checkout/.github/workflows");
    std::fs::create_dir_all(&folder).expect("folders");
    std::fs::write(folder.join("a.yml"), workflow).expect("a file");
    let answer = scene.scan(today("2026-11-25"));
    assert_eq!(flaws(&answer), [("OSV-2026-1", FlawKind::Vulnerable)]);
    assert!(answer.inventory.flaws[0].component.ends_with(bad), "{}", answer.inventory.flaws[0].component);
}

#[test]
fn names_of_one_flaw_are_one_finding_with_the_fix_that_mends_all_of_them() {
    let scene = Scene::new(
        &[
            advisory("PYSEC-2026-1", &["CVE-2026-1"], "PyPI", "Foo-Bar", "1.3", &[]),
            advisory("GHSA-aaaa-bbbb-cccc", &["CVE-2026-1"], "PyPI", "foo_bar", "1.10", &[]),
            advisory("PYSEC-2026-2", &["CVE-2026-2"], "PyPI", "foo-bar", "1.2", &[]),
        ],
        "foo.bar==1.2.5\n",
        &[],
    );
    let answer = scene.scan(today("2026-11-25"));
    assert_eq!(flaws(&answer), [("GHSA-aaaa-bbbb-cccc", FlawKind::Vulnerable)]);
    let Flaw { aliases, fixed, known_exploited, epss, .. } = &answer.inventory.flaws[0];
    assert_eq!(aliases, &["CVE-2026-1", "PYSEC-2026-1"]);
    assert_eq!(fixed, &["1.10", "1.3"], "in the order of the ecosystem");
    assert!(*known_exploited && epss.is_some_and(|epss| (epss - 0.25).abs() < 1e-9));
    let finding = &answer.findings[0];
    assert_eq!((finding.severity, finding.advice.as_str()), (Severity::High, "Take foo.bar 1.10 or later."));
    assert_eq!(answer.inventory.asked.advisories, Some(3));
}

#[test]
fn malice_is_a_class_of_its_own_and_an_incident_that_is_known_is_told_once() {
    let scene = Scene::new(
        &[
            advisory("MAL-2026-9", &[], "PyPI", "evil", "", &["6.6.6"]),
            advisory("MAL-2026-2307", &[], "npm", "axios", "", &["1.14.1"]),
        ],
        "evil==6.6.6\n",
        &[("axios", "1.14.1")],
    );
    let answer = scene.scan(today("2026-11-25"));
    assert_eq!(flaws(&answer), [("axios", FlawKind::Poisoned), ("MAL-2026-9", FlawKind::Malicious)]);
    assert!(answer.findings.iter().all(|finding| finding.severity == Severity::Critical));
    assert!(answer.findings.iter().all(|finding| finding.advice.starts_with("Stop, do not patch")));
    assert!(
        answer.findings[0].explanation.contains("MAL-2026-2307 names axios 1.14.1"),
        "{:?}",
        answer.findings[0]
    );
}

#[test]
fn what_is_only_possible_is_cleared_or_certain_where_an_advisory_names_the_versions() {
    let advisories = [advisory("GHSA-g7cv-rxg3-hmpx", &[], "npm", "@tanstack/history", "", &["1.161.9"])];
    let packages = [("@tanstack/history", "1.0.0"), ("@tanstack/other", "1.0.0")];
    let scene = Scene::new(&advisories, "", &packages);
    let answer = scene.scan(today("2026-11-25"));
    let about: Vec<_> =
        answer.inventory.flaws.iter().map(|flaw| (flaw.component.as_str(), flaw.kind)).collect();
    assert_eq!(about, [("pkg:npm/%40tanstack/other@1.0.0", FlawKind::Possible)]);
    let scene = Scene::new(&advisories, "", &[("@tanstack/history", "1.161.9")]);
    assert_eq!(flaws(&scene.scan(today("2026-11-25"))), [("tanstack", FlawKind::Poisoned)]);
}

#[test]
fn what_somebody_lives_with_is_set_aside_until_its_last_day_and_silences_no_malice_from_within() {
    let scene = Scene::new(
        &[
            advisory("PYSEC-2026-1", &["CVE-2026-3"], "PyPI", "foo", "2", &[]),
            advisory("MAL-2026-9", &[], "PyPI", "evil", "", &["6.6.6"]),
        ],
        "foo==1\nevil==6.6.6\n",
        &[],
    );
    let entry = |id: &str, more: &str| format!("[[ignore]]\nid = \"{id}\"\nreason = \"we know\"\n{more}\n");
    scene.ignore(
        &(entry("CVE-2026-3", "until = 2026-11-25") + &entry("MAL-2026-9", "") + &entry("CVE-1-1", "")),
    );
    let told = |answer: &Answer| answer.findings.iter().map(|one| one.rule.clone()).collect::<Vec<_>>();
    let whys = |answer: &Answer| answer.coverage.unread.iter().map(|one| one.why.clone()).collect::<Vec<_>>();

    let last_day = scene.scan(today("2026-11-25"));
    assert_eq!(told(&last_day), ["MAL-2026-9"]);
    assert_eq!(last_day.inventory.flaws.len(), 2, "it is set aside, not forgotten");
    assert!(last_day.verdict.contains("One more finding is set aside"), "{}", last_day.verdict);
    let whys_then = whys(&last_day);
    assert!(
        whys_then.iter().any(|why| why.contains("MAL-2026-9") && why.contains("it is told")),
        "{whys_then:#?}"
    );
    assert!(whys_then.iter().any(|why| why.contains("CVE-1-1 silences nothing")), "{whys_then:#?}");
    assert!(!last_day.is_incomplete());

    let day_after = scene.scan(today("2026-11-26"));
    assert_eq!(told(&day_after).len(), 2);
    assert!(
        whys(&day_after).iter().any(|why| why.contains("ended on 2026-11-25")),
        "{:#?}",
        whys(&day_after)
    );

    let by_caller = Ignore::read("mine.toml", &entry("MAL-2026-9", "path = \"*.txt\""), IgnoredBy::Caller);
    let elsewhere = Ignore::read("mine.toml", &entry("MAL-2026-9", "path = \"web/*\""), IgnoredBy::Caller);
    let with = |ignores| Choices { ignores, ..today("2026-11-25") };
    assert_eq!(told(&scene.scan(with(by_caller.expect("good")))), Vec::<String>::new());
    assert_eq!(told(&scene.scan(with(elsewhere.expect("good")))), ["MAL-2026-9"]);

    scene.ignore("[[ignore]]\nid = 3\n");
    assert!(scene.scan(today("2026-11-25")).is_incomplete(), "a file that cannot be read silences nothing");
}

#[test]
fn against_a_baseline_only_what_is_new_is_told() {
    let advisories =
        ["foo", "new"].map(|name| advisory(&format!("PYSEC-2026-{name}"), &[], "PyPI", name, "2", &[]));
    let before = Scene::new(&advisories, "foo==1\n", &[]).scan(today("2026-11-25"));
    let known = baseline(&serde_json::to_vec(&before).expect("JSON")).expect("an answer");
    let scene = Scene::new(&advisories, "# moved by a line\nfoo==1\nnew==1\n", &[]);
    let after = scene.scan(Choices { baseline: known, ..today("2026-11-25") });
    assert_eq!(after.findings.iter().map(|one| one.rule.as_str()).collect::<Vec<_>>(), ["PYSEC-2026-new"]);
    for no_answer in ["", "{}", "[]", "{\"command\": \"scan\"}"] {
        assert!(baseline(no_answer.as_bytes()).is_err(), "{no_answer}");
    }
}

/// A database that breaks when it is asked.
struct Damaged(Status);

impl Advisories for Damaged {
    fn ask(&self, _: &Question<'_>) -> Result<Matches, DatabaseError> {
        Err(DatabaseError::Damaged("cut short".into()))
    }

    fn ask_commit(&self, _commit: &str) -> Result<Matches, DatabaseError> {
        Err(DatabaseError::Damaged("cut short".into()))
    }

    fn naming(&self, _: &Ecosystem, _: &str) -> Result<BTreeSet<String>, DatabaseError> {
        Ok(BTreeSet::new())
    }

    fn kev(&self, _: &str) -> Result<Option<Kev>, DatabaseError> {
        Ok(None)
    }

    fn epss(&self, _: &str) -> Result<Option<Epss>, DatabaseError> {
        Ok(None)
    }

    fn status(&self) -> &Status {
        &self.0
    }
}

#[test]
fn a_damaged_database_is_told_and_the_rest_is_answered() {
    let about = advisory("PYSEC-2026-1", &[], "PyPI", "foo", "2", &[]);
    let scene = Scene::new(&[about], "foo==1\n", &[("axios", "1.14.1")]);
    let answer = scan(&Request {
        target: scene.root.path().join("checkout"),
        pulled: None,
        knowledge: Knowledge {
            advisories: Some(&Damaged(Status::default())),
            compromises: Compromises::shipped(),
        },
        choices: today("2026-11-25"),
        platform: None,
        revision: None,
        threads: NonZero::<usize>::MIN,
        progress: Progress::default(),
    });
    assert_eq!(flaws(&answer), [("axios", FlawKind::Poisoned)]);
    assert!(answer.is_incomplete() && answer.inventory.asked.advisories.is_none());
    let told = &answer.coverage.unread[0];
    assert_eq!(
        (told.path.as_str(), told.why.as_str()),
        ("the database", "the database is damaged: cut short")
    );
}
