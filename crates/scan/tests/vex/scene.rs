//! A checkout with flaws, and documents that speak of them.

use std::num::NonZero;

use floodmark_case::Answer;
use floodmark_intel::compromise::Compromises;
use floodmark_intel::database::{Build, Database};
use floodmark_intel::read::Import;
use floodmark_scan::{Choices, Knowledge, Progress, Request, Vex, scan};
use serde_json::{Value, json};

pub(crate) struct Scene {
    root: tempfile::TempDir,
}

impl Scene {
    /// `foo` of `PyPI` and `bar` of npm are vulnerable, `evil` is malicious, `axios` was poisoned and `@tanstack/other` may be.
    pub(crate) fn new() -> Self {
        let scene = Self { root: tempfile::tempdir().expect("a folder") };
        let advisory = |id: &str, alias: &str, ecosystem: &str, name: &str, version: &str| {
            let aliases: Vec<&str> = Some(alias).filter(|alias| !alias.is_empty()).into_iter().collect();
            json!({"id": id, "modified": "2026-01-01T00:00:00Z", "aliases": aliases, "affected":
                [{"package": {"ecosystem": ecosystem, "name": name}, "versions": [version]}]})
        };
        for (number, one) in [
            advisory("GHSA-aaaa-aaaa-aaaa", "CVE-2026-1", "PyPI", "foo", "1.0"),
            advisory("GHSA-bbbb-bbbb-bbbb", "CVE-2026-2", "npm", "bar", "2.0.0"),
            advisory("MAL-2026-9", "", "PyPI", "evil", "6.6.6"),
            advisory("MAL-2026-2307", "", "npm", "axios", "1.14.1"),
        ]
        .iter()
        .enumerate()
        {
            scene.write(&format!("osv/{number}.json"), &one.to_string());
        }
        let mut build = Build::start(&scene.root.path().join("intel.db")).expect("begun");
        Import::into(&mut build).read(&scene.root.path().join("osv"), None).expect("imported");
        build.finish().expect("built");
        scene.write("checkout/requirements.txt", "foo==1.0\nevil==6.6.6\n");
        let lock = json!({"name": "web", "version": "1.0.0", "lockfileVersion": 3, "packages": {
            "": {"name": "web", "version": "1.0.0", "dependencies": {"parent": "^1", "axios": "^1", "@tanstack/other": "1"}},
            "node_modules/parent": {"version": "1.0.0", "dependencies": {"bar": "^2"}},
            "node_modules/bar": {"version": "2.0.0"},
            "node_modules/axios": {"version": "1.14.1"},
            "node_modules/@tanstack/other": {"version": "1.0.0"}}});
        scene.write("checkout/package-lock.json", &lock.to_string());
        scene
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.root.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder above")).expect("folders");
        std::fs::write(path, text).expect("a file");
    }

    pub(crate) fn scan(&self, documents: &[(&str, &str)]) -> Answer {
        self.scan_as(documents, None)
    }

    pub(crate) fn scan_as(&self, documents: &[(&str, &str)], product: Option<&str>) -> Answer {
        let database = Database::open(&self.root.path().join("intel.db")).expect("a database");
        let vex = documents.iter().map(|(path, text)| Vex::read(path, text.as_bytes()).expect("a document"));
        let choices = Choices {
            vex: vex.collect(),
            products: product.map(|product| product.parse().expect("a purl")).into_iter().collect(),
            today: "2026-11-25".to_owned(),
            ..Choices::default()
        };
        scan(&Request {
            target: self.root.path().join("checkout"),
            pulled: None,
            knowledge: Knowledge { advisories: Some(&database), compromises: Compromises::shipped() },
            choices,
            platform: None,
            threads: NonZero::new(2).expect("two"),
            progress: Progress::default(),
        })
    }
}

pub(crate) fn openvex(statements: &[Value]) -> String {
    json!({"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://acme.example/v", "author": "Acme",
        "timestamp": "2026-03-01T00:00:00Z", "version": 1, "statements": statements})
    .to_string()
}

pub(crate) fn statement(flaw: &str, product: &str, status: &str) -> Value {
    let mut one = json!({"vulnerability": {"name": flaw}, "products": [{"@id": product}], "status": status});
    if status == "not_affected" {
        one["justification"] = json!("vulnerable_code_not_in_execute_path");
        one["impact_statement"] = json!("never called");
    }
    one
}

/// What is told of a document.
pub(crate) fn told(answer: &Answer, path: &str) -> Vec<String> {
    let about = answer.coverage.unread.iter().filter(|one| one.path.starts_with(path));
    about.map(|one| one.why.clone()).collect()
}
