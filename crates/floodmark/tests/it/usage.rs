//! Help, and what a wrong call says.

use crate::scene::{Scene, log_file};

#[test]
fn every_command_has_help() {
    let scene = Scene::new();
    let commands = [
        "",
        "trace",
        "scan",
        "rehearse",
        "rehearse score",
        "intel",
        "intel import",
        "intel update",
        "intel export",
        "intel status",
        "intel show",
        "intel ask",
        "case",
        "case show",
        "case verify",
        "completions",
    ];
    for command in commands {
        let name = format!("help {command}").trim_end().replace(' ', "_");
        insta::assert_snapshot!(name, scene.run(&format!("{command} --help")));
    }
}

#[test]
fn a_wrong_call_names_what_was_wrong_and_what_to_do() {
    let scene = Scene::new();
    scene.write("log.json", log_file(&["sts:GetCallerIdentity"]));
    let calls = [
        ("no_command", ""),
        ("unknown_command", "trance log.json"),
        ("nothing_to_trace", "trace"),
        ("unknown_format", "trace log.json --format pdf"),
        ("no_starting_point", "trace log.json --from somebody"),
        ("since_without_from", "trace log.json --since 2026-03-19T18:00:00Z"),
        ("no_time", "trace log.json --from 198.51.100.7 --since yesterday"),
        ("unknown_severity", "trace log.json --fail-on terrible"),
        ("no_threads", "trace log.json --threads 0"),
        ("too_little_memory", "trace log.json --max-memory 1"),
        ("no_such_rules", "trace log.json --rules none"),
        ("no_folder_for_output", "trace log.json --output none/answer.json"),
        ("no_such_case", "case show none"),
        ("no_case", "case show ."),
        ("case_in_html", "case show . --format html"),
        ("rehearsal_without_a_folder", "rehearse"),
        ("rehearsal_too_small", "rehearse drill --events 10"),
        ("rehearsal_over_something", "rehearse ."),
        ("no_such_truth", "rehearse score . none"),
    ];
    for (name, call) in calls {
        let ran = scene.run(call);
        assert_eq!(ran.code, Some(2), "{call}\n{ran}");
        insta::assert_snapshot!(name, scene.without_root(&ran));
    }
}

#[test]
fn a_path_that_is_not_there_is_told_and_the_rest_is_answered() {
    let scene = Scene::new();
    scene.write("log.json", log_file(&["sts:GetCallerIdentity"]));
    let ran = scene.run("trace log.json none --format json");
    assert_eq!(ran.code, Some(3), "{ran}");
    assert_eq!(ran.unread(), [("none".into(), "No such file or directory (os error 2)".into())]);
    assert_eq!(ran.json()["coverage"]["read"][0]["path"], "log.json");
}

#[test]
fn the_version_is_told() {
    let ran = Scene::new().run("--version");
    assert_eq!((ran.code, ran.stdout), (Some(0), format!("floodmark {}\n", env!("CARGO_PKG_VERSION"))));
}
