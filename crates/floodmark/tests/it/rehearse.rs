//! `floodmark rehearse`.

use crate::scene::{Ran, Scene};

#[test]
fn a_rehearsal_says_what_it_made_and_the_same_seed_makes_the_same() {
    let scene = Scene::new();
    let first = scene.run("rehearse one --events 1500 --seed 3");
    let second = scene.run("rehearse two --events 1500 --seed 3");
    assert_eq!((first.code, first.stderr.as_str()), (Some(0), ""), "{first}");
    assert!(first.stdout.starts_with("one: ") && first.stdout.contains("truth.json"), "{first}");
    assert_eq!(first.stdout.replace("one", "two"), second.stdout);
    assert_eq!(scene.read("one/truth.json"), scene.read("two/truth.json"));
}

#[test]
fn a_folder_that_holds_something_is_left_alone() {
    let scene = Scene::new();
    scene.write("full/kept", "kept");
    let ran = scene.run("rehearse full --events 1500");
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{ran}");
    assert!(ran.stderr.contains("full: not empty"), "{ran}");
    assert_eq!(std::fs::read_dir(scene.path("full")).expect("a folder").count(), 1);
}

#[test]
fn a_traced_rehearsal_is_scored() {
    let scene = Scene::with_rehearsal();
    let traced = scene.run("trace logs --case kept");
    assert_eq!(traced.code, Some(1), "{traced}");

    let table = scene.run("rehearse score kept logs/truth.json");
    assert_eq!((table.code, table.stderr.as_str()), (Some(0), ""), "{table}");
    for row in ["PRECISION", "tainted credentials", "reached resources", "left behind", "volume: "] {
        assert!(table.stdout.contains(row), "{row} in\n{table}");
    }
    let score: serde_json::Value = scene.run("rehearse score kept logs/truth.json --json").json();
    assert!(score["credentials"]["required"].as_u64().is_some_and(|count| count > 5), "{score}");
}

#[test]
fn whichever_way_the_intruder_goes_all_that_fell_and_all_that_is_left_is_found() {
    let scene = Scene::new();
    for seed in [2, 3, 6] {
        scene.run(&format!("rehearse logs-{seed} --events 2500 --seed {seed}"));
        scene.run(&format!("trace logs-{seed} --case kept-{seed}"));
        let score = scene.run(&format!("rehearse score kept-{seed} logs-{seed}/truth.json --json")).json();
        for list in ["credentials", "leftovers", "resources"] {
            let list = &score[list];
            assert_eq!(
                (&list["recall"], &list["precision"]),
                (&1_000_000.into(), &1_000_000.into()),
                "{list}"
            );
        }
        assert_eq!(
            score["calls"]["error"], 0,
            "no call of an owner's is laid at the intruder's door: {score}"
        );
    }
}

#[test]
fn a_case_without_an_answer_and_a_file_that_is_no_truth_cannot_be_scored() {
    let scene = Scene::with_rehearsal();
    let refused = |ran: Ran, why: &str| {
        assert_eq!(ran.code, Some(2), "{ran}");
        assert!(ran.stderr.contains(why), "{ran}");
    };
    refused(scene.run("rehearse score logs logs/truth.json"), "logs");
    scene.run("trace logs/README.txt --case kept");
    refused(scene.run("rehearse score kept logs/README.txt"), "logs/README.txt: not a truth");
}

#[test]
fn two_innocent_weeks_hold_no_intruder() {
    let scene = Scene::new();
    let made = scene.run("rehearse calm --events 1500 --seed 3 --without-intrusion");
    assert!(made.stdout.contains("(0 of the intruder's)"), "{made}");
    let traced = scene.run("trace calm --format json");
    assert_eq!(traced.code, Some(0), "nothing high or critical\n{}", traced.json()["findings"]);
}
