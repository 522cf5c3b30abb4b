//! The files that ship with the program: all are read, and what they know is found.

use floodmark_intel::compromise::{
    CommitId, Compromises, Grade, IndicatorKind, Overlap, TagRef, Verdict, read, shipped_files,
};
use floodmark_intel::purl::Purl;

fn at(text: &str) -> floodmark_intel::compromise::Timestamp {
    text.parse().expect("a time")
}

fn purl(text: &str) -> Purl {
    text.parse().expect("a purl")
}

#[test]
fn every_shipped_file_is_read() {
    let errors: Vec<String> = shipped_files()
        .iter()
        .filter_map(|(file, text)| read(file, text).err())
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{}", errors.join("\n"));
    assert!(shipped_files().len() >= 29, "{} files", shipped_files().len());
}

#[test]
fn a_moved_tag_is_bad_within_its_window_only() {
    let action: TagRef = "AquaSecurity/trivy-action@0.28.0".parse().expect("a reference");
    let hits = Compromises::shipped().action(&action);
    let [hit] = hits.as_slice() else { panic!("{hits:?}") };
    assert_eq!((hit.entry.id.as_str(), hit.verdict, hit.grade()), ("trivy", Verdict::Bad, Grade::A));
    assert_eq!(
        hit.identifier.commit.as_ref().map(CommitId::as_str),
        Some("c5967f85626795f647d4bf6eb67227f9b79e02f5")
    );
    assert_eq!(hit.overlap(at("2026-03-19T16:00:00Z")), Overlap::Outside);
    assert_eq!(hit.overlap(at("2026-03-19T17:40:00Z")), Overlap::Possible);
    assert_eq!(hit.overlap(at("2026-03-19T20:00:00Z")), Overlap::Inside);
    assert_eq!(hit.overlap(at("2026-03-21T00:00:00Z")), Overlap::Outside);
}

#[test]
fn a_pin_to_a_malicious_commit_is_found_and_a_clean_one_is_told_apart() {
    let known = Compromises::shipped();
    let verdicts = |reference: &str| -> Vec<Verdict> {
        known.action(&reference.parse().expect("a reference")).iter().map(|hit| hit.verdict).collect()
    };
    assert_eq!(
        verdicts("aquasecurity/trivy-action@e0198fd2b6e1679e36d32933941182d9afa82f6f"),
        [Verdict::Bad]
    );
    assert_eq!(
        verdicts("aquasecurity/trivy-action@57a97c7e7821a5776cebc9bb87c984fa69cba8f1"),
        [Verdict::Good; 2]
    );
    assert_eq!(
        verdicts("aquasecurity/trivy-action@8cfb9c31cc904e23675f9929f7e0e51d132879cf"),
        [Verdict::Rejected]
    );
    assert_eq!(verdicts("aquasecurity/trivy-action@v0.99.0"), []);
}

#[test]
fn a_tag_that_was_made_anew_is_bad_within_the_window_and_good_at_no_stated_time() {
    let hits =
        Compromises::shipped().action(&"aquasecurity/setup-trivy@v0.2.6".parse().expect("a reference"));
    let evening = at("2026-03-19T20:00:00Z");
    let told: Vec<_> = hits.iter().map(|hit| (hit.verdict, hit.overlap(evening))).collect();
    assert_eq!(told, [(Verdict::Bad, Overlap::Inside), (Verdict::Good, Overlap::Unknown)]);
}

#[test]
fn an_old_pin_leads_to_the_tag_that_it_calls() {
    let exposed: Vec<_> = Compromises::shipped()
        .nestings("AquaSecurity/Trivy-Action")
        .filter_map(|(_, nesting)| nesting.action.as_ref().map(ToString::to_string))
        .collect();
    assert_eq!(
        exposed,
        [
            "aquasecurity/setup-trivy@v0.1.0",
            "aquasecurity/setup-trivy@v0.2.1",
            "aquasecurity/setup-trivy@v0.2.2"
        ]
    );
}

#[test]
fn a_package_is_found_by_version_by_name_and_by_namespace() {
    let known = Compromises::shipped();
    let found = |text: &str| -> Vec<(String, Verdict)> {
        known.package(&purl(text)).iter().map(|hit| (hit.entry.id.to_string(), hit.verdict)).collect()
    };
    assert_eq!(found("pkg:npm/axios@1.14.1"), [("axios".into(), Verdict::Bad)]);
    assert_eq!(found("pkg:npm/axios@1.14.0"), [("axios".into(), Verdict::Good)]);
    assert_eq!(found("pkg:npm/axios@1.13.0"), []);
    assert_eq!(found("pkg:npm/@emilgroup/accounting-sdk@1.0.0"), [("canisterworm".into(), Verdict::Suspect)]);
    assert_eq!(found("pkg:npm/%40redhat-cloud-services/types@3.0.0"), [("miasma".into(), Verdict::Bad)]);
    assert_eq!(found("pkg:npm/redhat-cloud-services@3.0.0"), []);
}

#[test]
fn an_image_is_found_by_tag_and_by_digest() {
    let known = Compromises::shipped();
    let tag = known.image(&"aquasec/trivy:0.69.5".parse().expect("an image"));
    assert_eq!(tag.len(), 1);
    let digest =
        "sha256:5aaa1d7cfa9ca4649d6ffad165435c519dc836fa6e21b729a2174ad10b057d2b".parse().expect("a digest");
    let hits = known.digest(&digest);
    let [hit] = hits.as_slice() else { panic!("{hits:?}") };
    assert_eq!((hit.verdict, hit.artifact.id.as_str()), (Verdict::Bad, "docker-hub"));
    let unconfirmed = known.hash("F69A8A4180C43FC427532DDDE34A256ACBD041A0A07844CF7E4D3E0434E5BCD1");
    assert!(
        matches!(unconfirmed.as_slice(), [one] if one.verdict == Verdict::Suspect && one.grade() == Grade::C)
    );
}

#[test]
fn an_indicator_is_found_by_host_by_pattern_and_by_address_with_both_sides_of_a_conflict() {
    let known = Compromises::shipped();
    let ids = |kind, value: &str| -> Vec<String> {
        known.indicator(kind, value).iter().map(|one| one.entry.id.to_string()).collect()
    };
    assert_eq!(ids(IndicatorKind::Domain, "SCAN.aquasecurtiy.org."), ["trivy", "trivy"]);
    assert_eq!(ids(IndicatorKind::Domain, "aquasecurity.org"), Vec::<String>::new());
    assert_eq!(ids(IndicatorKind::Domain, "raw.icp0.io"), Vec::<String>::new());
    assert_eq!(ids(IndicatorKind::RepositoryName, "tpcp-docs-7"), ["trivy"]);
    assert_eq!(ids(IndicatorKind::Workflow, ".github/workflows/formatter_123.yml"), ["shai-hulud-2"]);
    let grades: Vec<_> = ["45.148.10.212", "45.148.10.122"]
        .iter()
        .flat_map(|value| known.indicator(IndicatorKind::Ip, value))
        .map(|one| (one.grade(), one.indicator.conflict.as_ref().map(ToString::to_string)))
        .collect();
    assert_eq!(grades, [(Grade::A, Some("c2-address".into())), (Grade::B, Some("c2-address".into()))]);
}

#[test]
fn a_time_leads_to_what_could_be_had_then() {
    let ids: Vec<_> = Compromises::shipped()
        .at(at("2026-03-24T11:00:00Z"))
        .map(|(entry, artifact, overlap)| (entry.id.to_string(), artifact.id.to_string(), overlap))
        .collect();
    assert!(ids.contains(&("litellm".into(), "packages".into(), Overlap::Inside)), "{ids:?}");
    assert!(ids.contains(&("trivy".into(), "mirrors".into(), Overlap::Possible)), "{ids:?}");
    assert!(
        !ids.iter().any(|(_, artifact, _)| artifact == "setup-trivy" || artifact == "docker-hub"),
        "{ids:?}"
    );
}

#[test]
fn from_every_value_one_can_walk_to_its_source() {
    for entry in Compromises::shipped().entries() {
        for artifact in &entry.compromise.artifacts {
            let windows = artifact.windows.iter().flat_map(|window| artifact.sources_of_window(window));
            let identifiers = artifact.identifiers().flat_map(|(_, one)| artifact.sources_of(one));
            for citation in windows.chain(identifiers) {
                assert!(entry.compromise.source(citation).is_some(), "{}: {citation:?}", entry.id);
            }
        }
        for (_, indicator) in entry.compromise.indicators() {
            assert!(indicator.sources.iter().all(|citation| entry.compromise.source(citation).is_some()));
        }
    }
}
