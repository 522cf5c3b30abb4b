//! Small things to put into a case.

use std::path::Path;

use floodmark_case::{
    Access, Answer, Author, Case, CaseWriter, Citation, Command, Confidence, Coverage, Credential,
    CredentialKind, Evidence, EvidenceId, Finding, Inventory, Leftover, LeftoverKind, Link, LinkKind, Node,
    NodeKind, Reached, ReadSource, SCHEMA, Severity, Story, Timestamp, Window,
};

pub(crate) fn author() -> Author {
    Author {
        who: String::from("mara (uid 1000)"),
        program: String::from("floodmark 0.1.0"),
        command: String::from("floodmark trace logs --from AKIAIOSFODNN7EXAMPLE"),
    }
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_774_000_000 + second).expect("in range")
}

pub(crate) fn create(folder: &Path) -> CaseWriter {
    Case::create(folder, author(), at(0)).expect("a case")
}

/// Evidence whose content is its name.
pub(crate) fn evidence(name: &str, source: &str) -> Evidence {
    Evidence {
        id: EvidenceId::of(name.as_bytes()),
        size: name.len() as u64,
        kind: String::from("cloudtrail"),
        source: String::from(source),
        when: at(1),
    }
}

/// An answer with one of everything, resting on evidence `log-1`.
pub(crate) fn answer(verdict: &str) -> Answer {
    let citations = vec![Citation { evidence: EvidenceId::of(b"log-1"), place: String::from("Records[16]") }];
    let window = Window::between(at(10), at(20));
    let key = Node::new(NodeKind::Credential, "AKIAIOSFODNN7EXAMPLE");
    let bucket = Node::new(NodeKind::Resource, "arn:aws:s3:::europa-web");
    Answer {
        schema: String::from(SCHEMA),
        command: Command::Trace,
        verdict: String::from(verdict),
        findings: vec![Finding {
            id: String::from("F-0123456789ab"),
            rule: String::from("floodmark.bulk-read"),
            title: String::from("bulk read"),
            explanation: String::from("300 GB"),
            severity: Severity::High,
            confidence: Confidence::High,
            window: Some(window),
            subjects: vec![key.clone()],
            techniques: vec![String::from("T1530")],
            tactics: vec![String::from("exfiltration")],
            count: 7,
            citations: citations.clone(),
            advice: String::from("cut it off"),
        }],
        links: vec![Link {
            from: key,
            to: bucket,
            kind: LinkKind::Read,
            window: Some(window),
            confidence: Confidence::High,
            citations: citations.clone(),
        }],
        coverage: Coverage {
            read: vec![ReadSource {
                path: String::from("logs/1.json.gz"),
                evidence: EvidenceId::of(b"log-1"),
                kind: String::from("cloudtrail"),
                bytes: 5,
                records: 17,
                window: Some(window),
            }],
            ..Coverage::default()
        },
        story: story(window, &citations),
        inventory: Inventory::default(),
    }
}

fn story(window: Window, citations: &[Citation]) -> Story {
    let credential = |id: &str, tainted| Credential {
        id: String::from(id),
        kind: CredentialKind::LongLivedKey,
        principal: String::from("arn:aws:iam::111122223333:user/deploy"),
        account: String::from("111122223333"),
        parent: None,
        how: String::from("given"),
        tainted,
        fell: tainted.then(|| at(10)),
        used: Some(window),
        calls: 9,
        addresses: vec![String::from("203.0.113.7")],
        user_agents: vec![],
        confidence: Confidence::High,
        citations: citations.to_vec(),
    };
    Story {
        credentials: vec![
            credential("AKIAI44QH8DHBEXAMPLE", false),
            credential("AKIAIOSFODNN7EXAMPLE", true),
        ],
        reached: vec![Reached {
            resource: String::from("arn:aws:s3:::europa-web"),
            kind: String::from("bucket"),
            account: String::from("111122223333"),
            access: Access::Read,
            count: 7,
            window,
            by: vec![String::from("AKIAIOSFODNN7EXAMPLE")],
            confidence: Confidence::High,
            citations: citations.to_vec(),
        }],
        leftovers: vec![Leftover {
            kind: LeftoverKind::AccessKey,
            resource: String::from("AKIAEXAMPLELEFTOVER0"),
            account: String::from("111122223333"),
            region: String::from("aws-global"),
            since: at(12),
            by: String::from("AKIAIOSFODNN7EXAMPLE"),
            call: String::from("iam:CreateAccessKey"),
            undo: String::from("delete it"),
            confidence: Confidence::High,
            citations: citations.to_vec(),
        }],
        ..Story::default()
    }
}

/// A case with five entries: created, evidence, answer, answer (superseding), note. Its writer is gone.
pub(crate) fn finished(folder: &Path) {
    let mut writer = create(folder);
    let pieces = [evidence("log-1", "logs/1.json.gz"), evidence("log-2", "logs/2.json.gz")];
    writer.record_evidence(&pieces, at(1)).expect("evidence");
    writer.record_answer(&answer("the first"), at(2)).expect("answer");
    writer.record_answer(&answer("the second"), at(3)).expect("answer");
    writer.record_note("the key was deactivated", at(4)).expect("note");
}
