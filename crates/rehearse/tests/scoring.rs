//! The score of answers that are right, and of answers that are wrong in one way each.

use floodmark_case::{
    Access, Answer, Command, Confidence, Coverage, Credential, Inventory, Leftover, LeftoverKind, Reached,
    SCHEMA, Story, Timestamp, Volume, Window,
};
use floodmark_rehearse::{Basis, Intrusion, Plan, Rate, Truth, score, write};

fn truth() -> Truth {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write(Plan { events: 2_000, seed: 21, intrusion: Intrusion::Woven }, folder.path()).expect("written");
    Truth::load(folder.path().join("truth.json")).expect("a truth")
}

fn window() -> Window {
    Window::at(Timestamp::UNIX_EPOCH)
}

fn reached(resource: &str, access: Access) -> Reached {
    Reached {
        resource: resource.to_owned(),
        kind: String::new(),
        account: String::new(),
        access,
        count: 1,
        window: window(),
        by: Vec::new(),
        confidence: Confidence::High,
        citations: Vec::new(),
    }
}

fn volume(resource: &str, bytes: u64, basis: &str) -> Volume {
    Volume {
        resource: resource.to_owned(),
        prefix: String::new(),
        objects: 1,
        reads: 1,
        bytes,
        basis: basis.to_owned(),
        window: window(),
        citations: Vec::new(),
    }
}

/// The answer that the truth asks for, and no more.
fn perfect(truth: &Truth) -> Answer {
    let credentials = truth.credentials.iter().filter(|one| one.required).map(|one| Credential {
        id: one.id.clone(),
        kind: one.kind,
        principal: one.principal.clone(),
        account: one.account.clone(),
        parent: one.parents.first().cloned(),
        how: one.how.clone(),
        tainted: true,
        fell: Some(one.fell),
        used: None,
        calls: 0,
        addresses: Vec::new(),
        user_agents: Vec::new(),
        confidence: Confidence::High,
        citations: Vec::new(),
    });
    let mut credentials: Vec<Credential> = credentials.collect();
    credentials[0].calls = truth.intruder_calls;
    let leftovers = truth.leftovers.iter().filter(|left| left.required).map(|left| Leftover {
        kind: left.kinds[0],
        resource: left.resource.clone(),
        account: left.account.clone(),
        region: left.region.clone(),
        since: left.since,
        by: left.by.clone(),
        call: left.call.clone(),
        undo: String::new(),
        confidence: Confidence::High,
        citations: Vec::new(),
    });
    let volumes = truth.volumes.iter().filter(|volume| volume.basis != Basis::None);
    Answer {
        schema: SCHEMA.to_owned(),
        command: Command::Trace,
        verdict: String::new(),
        findings: Vec::new(),
        links: Vec::new(),
        inventory: Inventory::default(),
        coverage: Coverage::default(),
        story: Story {
            credentials,
            reached: truth
                .reached
                .iter()
                .filter(|one| one.required)
                .map(|one| reached(&one.resource, one.access[0]))
                .collect(),
            leftovers: leftovers.collect(),
            volumes: volumes.map(|one| volume(&one.resource, one.bytes, "cloudtrail")).collect(),
            ..Story::default()
        },
    }
}

#[test]
fn a_perfect_answer_scores_the_whole() {
    let truth = truth();
    let score = score(&perfect(&truth), &truth);
    assert!(score.is_perfect(), "{score:#?}");
    assert!(score.credentials.required > 15 && score.leftovers.required > 10 && score.reached.required > 60);
}

#[test]
fn an_empty_answer_recalls_nothing_and_is_not_wrong() {
    let truth = truth();
    let empty = Answer { story: Story::default(), ..perfect(&truth) };
    let score = score(&empty, &truth);
    for count in [&score.credentials, &score.reached, &score.resources, &score.leftovers] {
        assert_eq!((count.recall, count.precision), (Rate(0), Rate::WHOLE));
        assert_eq!(count.missed.len() as u64, count.required);
    }
    assert_eq!(score.volume.error, Rate::WHOLE);
}

#[test]
fn the_owners_calls_laid_at_the_intruders_door_are_an_error() {
    let truth = truth();
    let mut answer = perfect(&truth);
    answer.story.credentials[0].calls += truth.intruder_calls / 4;
    let score = score(&answer, &truth);
    assert!(!score.is_perfect());
    assert!((Rate(240_000)..=Rate(250_000)).contains(&score.calls.error), "{:?}", score.calls);
    assert!(truth.intruder_calls > 100 && truth.intruder_calls < truth.intruder_events);
}

#[test]
fn a_credential_too_few_is_missed_and_one_too_many_is_wrong() {
    let truth = truth();
    let mut answer = perfect(&truth);
    let lost = answer.story.credentials.remove(1).id;
    let few = score(&answer, &truth);
    assert_eq!(few.credentials.missed, [lost]);
    assert!(few.credentials.recall < Rate::WHOLE && few.credentials.precision == Rate::WHOLE);

    let mut answer = perfect(&truth);
    let mut innocent = answer.story.credentials[0].clone();
    innocent.id = "AKIAINNOCENT".to_owned();
    answer.story.credentials.push(innocent.clone());
    let many = score(&answer, &truth);
    assert_eq!(many.credentials.wrong, ["AKIAINNOCENT"]);
    assert!(many.credentials.recall == Rate::WHOLE && many.credentials.precision < Rate::WHOLE);

    innocent.tainted = false;
    let end = answer.story.credentials.len() - 1;
    answer.story.credentials[end] = innocent;
    assert!(score(&answer, &truth).is_perfect(), "an ancestor that is not tainted is not wrong");
}

#[test]
fn an_alias_names_its_credential() {
    let truth = truth();
    let named = truth
        .credentials
        .iter()
        .find(|one| !one.aliases.is_empty() && one.required)
        .expect("one with an alias");
    let mut answer = perfect(&truth);
    for credential in &mut answer.story.credentials {
        if credential.id == named.id {
            credential.id.clone_from(&named.aliases[0]);
        }
    }
    assert!(score(&answer, &truth).is_perfect());
}

#[test]
fn a_wrong_parent_is_told_with_the_right_one() {
    let truth = truth();
    let mut answer = perfect(&truth);
    let child = answer.story.credentials.iter_mut().find(|one| one.parent.is_some()).expect("a child");
    child.parent = Some("AKIASOMEBODY".to_owned());
    let id = child.id.clone();
    let score = score(&answer, &truth);
    assert!(score.parents < Rate::WHOLE && score.credentials.recall == Rate::WHOLE);
    assert!(
        score.wrong_parents[0].starts_with(&format!("{id}: AKIASOMEBODY, not A")),
        "{:?}",
        score.wrong_parents
    );
}

#[test]
fn a_reached_resource_with_another_access_counts_by_resource_alone() {
    let truth = truth();
    let mut answer = perfect(&truth);
    let secret = answer
        .story
        .reached
        .iter_mut()
        .find(|one| one.resource.contains(":secret:prod/mail"))
        .expect("a secret");
    secret.access = Access::Deleted;
    let score = score(&answer, &truth);
    assert_eq!((score.reached.missed.len(), score.reached.wrong.len()), (1, 1));
    assert_eq!((score.resources.recall, score.resources.precision), (Rate::WHOLE, Rate::WHOLE));
}

#[test]
fn an_object_counts_as_its_bucket_and_a_part_as_its_whole() {
    let truth = truth();
    let mut answer = perfect(&truth);
    for one in &mut answer.story.reached {
        if one.resource.starts_with("arn:aws:s3:::") && one.access == Access::Read {
            one.resource.push_str("/export/part-1.csv");
        }
    }
    assert!(score(&answer, &truth).is_perfect());
    answer.story.reached.push(reached("arn:aws:s3:::innocent/key", Access::Read));
    assert_eq!(score(&answer, &truth).resources.wrong, ["arn:aws:s3:::innocent"]);
}

#[test]
fn a_leftover_is_compared_by_kind_and_id() {
    let truth = truth();
    let mut answer = perfect(&truth);
    answer.story.leftovers[0].kind = LeftoverKind::DataLoss;
    let gone = truth.undone[0].resource.clone();
    let mut undone = answer.story.leftovers[1].clone();
    undone.resource.clone_from(&gone);
    answer.story.leftovers.push(undone);
    let score = score(&answer, &truth);
    assert_eq!(score.leftovers.missed.len(), 1);
    assert_eq!(score.leftovers.wrong.len(), 2, "{:?}", score.leftovers.wrong);
    assert!(
        score.leftovers.wrong.iter().any(|wrong| wrong.starts_with(&gone)),
        "what was undone is not left over"
    );
}

#[test]
fn volume_that_is_counted_twice_or_invented_is_an_error_and_a_bound_is_none() {
    let truth = truth();
    let mut answer = perfect(&truth);
    let first = answer.story.volumes[0].clone();
    answer.story.volumes.push(first.clone());
    let twice = score(&answer, &truth);
    assert_eq!((twice.volumes.len(), twice.volumes[0].error), (1, Rate::WHOLE));
    assert_eq!(twice.volumes[0].resource, first.resource);
    assert!(twice.volume.error > Rate(0) && twice.volume.error < Rate::WHOLE);

    let mut answer = perfect(&truth);
    let unseen = truth.volumes.iter().find(|one| one.basis == Basis::None).expect("a bucket without logs");
    answer.story.volumes.push(volume(&unseen.resource, 5, "vpc-flow-log"));
    assert!(score(&answer, &truth).is_perfect());
    answer.story.volumes.push(volume(&unseen.resource, 5, "cloudtrail"));
    assert_eq!(score(&answer, &truth).invented, [unseen.resource.as_str()]);
}
