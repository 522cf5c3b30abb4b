//! `floodmark trace`.

use std::fs;
use std::io::Read;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use crate::scene::{Ran, Scene, gzip, log_file};

const LOOK_AROUND: &[&str] = &["sts:GetCallerIdentity", "s3:ListBuckets", "iam:ListUsers"];

#[test]
fn the_example_is_told_whole() {
    let scene = Scene::new();
    let ran = scene.run("trace --example");
    assert_eq!(scene.left_in_tmp(), 0, "nothing of it stays");
    insta::assert_snapshot!("example", ran);
}

#[test]
fn every_format_holds_the_answer() {
    let scene = Scene::with_rehearsal();
    let begins = [
        ("table", "AKIA"),
        ("json", "{"),
        ("html", "<!DOCTYPE html>"),
        ("csv", "from,to,"),
        ("timesketch", "{\""),
        ("ocsf", "{\""),
        ("stix", "{"),
    ];
    for (format, start) in begins {
        let ran = scene.run(&format!("trace logs --format {format}"));
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(1), ""), "{format}: {ran}");
        let text = ran.stdout.trim_start_matches('\u{feff}');
        assert!(
            text.to_lowercase().starts_with(&start.to_lowercase()),
            "{format} begins with {:?}",
            text.get(..40)
        );
        assert!(text.lines().count() > 20 && text.ends_with('\n'), "{format} has content");
        assert!(!text.contains('\u{1b}'), "{format} has no control sequences");
    }
}

#[test]
fn the_json_answer_is_valid_by_the_published_schema() {
    let schema: serde_json::Value =
        serde_json::from_str(include_str!("../../../../docs/schema/floodmark-1.json")).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let scene = Scene::with_rehearsal();
    let answer = scene.run("trace logs --format json").json();
    let errors: Vec<_> = validator.iter_errors(&answer).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert_eq!(answer["schema"], "floodmark/1");
    assert!(answer["findings"].as_array().is_some_and(|findings| findings.len() > 10));
}

#[test]
fn the_same_evidence_gives_the_same_bytes_with_any_number_of_threads() {
    let scene = Scene::with_rehearsal();
    let once = scene.run("trace logs --format json --threads 1");
    for threads in ["1", "2", "13"] {
        let again = scene.run(&format!("trace logs --format json --threads {threads}"));
        assert!(once.stdout == again.stdout, "{threads} threads say something else");
    }
}

#[test]
fn standard_input_is_read_like_a_file() {
    let scene = Scene::new();
    let log = log_file(LOOK_AROUND);
    scene.write("a.json", &log);
    let file = scene.run("trace a.json --from AKIAIOSFODNN7EXAMPLE --format json");
    assert!(file.json()["timeline"].as_array().is_some_and(|rows| !rows.is_empty()), "{file}");
    for path in ["-", "- -"] {
        let piped = scene.run_with_input(
            &format!("trace {path} --from AKIAIOSFODNN7EXAMPLE --format json"),
            log.as_bytes(),
        );
        assert_eq!(piped.stdout.replace("\"path\": \"-\"", "\"path\": \"a.json\""), file.stdout);
    }
    assert_eq!(scene.left_in_tmp(), 0);
}

#[test]
fn standard_input_may_be_gzip_and_stand_among_other_paths() {
    let scene = Scene::new();
    scene.write("b.json", log_file(LOOK_AROUND));
    let packed = gzip(log_file(&["s3:ListBuckets"]).as_bytes());
    let ran = scene.run_with_input("trace b.json - --format json", &packed);
    let read = &ran.json()["coverage"]["read"];
    let names: Vec<_> = read.as_array().expect("rows").iter().map(|row| row["path"].as_str()).collect();
    assert_eq!(names, [Some("-"), Some("b.json")], "{ran}");
    assert_eq!((&read[0]["bytes"], &read[0]["records"]), (&packed.len().into(), &1.into()));
}

#[test]
fn standard_input_from_a_file_is_read_from_where_it_stands() {
    let scene = Scene::new();
    scene.write("a.json", log_file(LOOK_AROUND));
    let mut command = scene.floodmark("trace - --format json");
    let ran = Ran::of(command.stdin(fs::File::open(scene.path("a.json")).expect("a file")));
    assert_eq!(ran.json()["coverage"]["read"][0]["records"], 3, "{ran}");
}

#[test]
fn an_answer_from_nothing_is_incomplete() {
    let scene = Scene::new();
    for ran in [scene.run("trace -"), scene.run("trace tmp")] {
        assert_eq!(ran.code, Some(3), "{ran}");
        assert!(ran.stdout.contains("Nothing was read."), "{ran}");
    }
}

#[test]
fn an_interrupted_run_leaves_no_temporary_file_and_a_case_that_is_intact() {
    let scene = Scene::new();
    let mut command = scene.floodmark("trace - --case kept");
    let mut child = command.stdin(Stdio::piped()).spawn().expect("the program starts");
    // The case is opened before standard input is read to its end, which never comes.
    let is_made = || scene.path("kept/case.head").exists();
    let waited = (0..500).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        is_made()
    });
    assert!(waited, "the case is made");
    let id = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(id, rustix::process::Signal::INT).expect("it runs");
    assert!(!child.wait().expect("it ends").success());
    assert_eq!(scene.left_in_tmp(), 0);
    let verified = scene.run("case verify kept");
    assert_eq!(verified.code, Some(0), "{verified}");
}

#[test]
fn a_reader_that_closes_its_pipe_ends_the_run_quietly() {
    let scene = Scene::with_rehearsal();
    for arguments in ["trace logs", "trace logs --format json", "trace logs --format html", "trace --help"] {
        let mut command = scene.floodmark(arguments);
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        let mut first = [0; 16];
        child.stdout.take().expect("a pipe").read_exact(&mut first).expect("some of the answer");
        let ended = Ran::from(child.wait_with_output().expect("it ends"));
        assert_eq!(ended.stderr, "", "{arguments}");
        assert!(matches!(ended.code, Some(0 | 1)), "{arguments}: {ended}");
    }
}

#[test]
fn the_answer_goes_to_the_file_that_was_named() {
    let scene = Scene::new();
    scene.write("a.json", log_file(LOOK_AROUND));
    let standard = scene.run("trace a.json --format json");
    let ran = scene.run("trace a.json --format json --output answer.json");
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (Some(0), "", ""));
    assert_eq!(scene.read("answer.json"), standard.stdout);
    assert_eq!(scene.run("trace a.json --format json --output -").stdout, standard.stdout);
}

#[test]
fn nothing_is_written_into_the_evidence() {
    let scene = Scene::new();
    scene.write("logs/a.json", log_file(LOOK_AROUND));
    symlink("logs", scene.path("also-logs")).expect("a link");
    for flags in [
        "--output logs/a.json",
        "--output logs/answer.json",
        "--output also-logs/a.json",
        "--output tmp/../logs/new",
        "--case logs",
        "--case logs/a/case",
    ] {
        let ran = scene.run(&format!("trace logs {flags}"));
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{flags}: {ran}");
        assert!(ran.stderr.contains("lies in the evidence `logs`"), "{flags}: {ran}");
    }
    assert_eq!(scene.read("logs/a.json"), log_file(LOOK_AROUND));
    assert_eq!(fs::read_dir(scene.path("logs")).expect("a folder").count(), 1);
}

#[test]
fn an_earlier_answer_stays_until_there_is_a_new_one() {
    let scene = Scene::new();
    scene.write("a.json", log_file(LOOK_AROUND));
    scene.write("answer", "x".repeat(100_000));
    scene.write("full/other", "");
    assert_eq!(scene.run("trace a.json --output answer --case full").code, Some(2));
    assert_eq!(scene.read("answer").len(), 100_000);
    let ran = scene.run("trace a.json --output answer");
    assert_eq!(scene.read("answer"), scene.run("trace a.json").stdout, "{ran}");
}

#[test]
fn the_exit_code_follows_fail_on_from_flag_variable_and_file_in_this_order() {
    let scene = Scene::with_rehearsal();
    let code = |arguments: &str, variable: Option<&str>| {
        let mut command = scene.floodmark(arguments);
        command.envs(variable.map(|value| ("FLOODMARK_FAIL_ON", value)));
        Ran::of(&mut command).code
    };
    assert_eq!(code("trace logs", None), Some(1), "high by default");
    scene.write("log.json", log_file(LOOK_AROUND));
    scene.write("rules/seen.yml", rule("low"));
    let one_low = "trace log.json --no-builtin-rules --rules rules";
    assert_eq!(code(one_low, None), Some(0));
    assert_eq!(code(one_low, Some("low")), Some(1));
    scene.write("floodmark.toml", "[trace]\nfail-on = \"low\"\n");
    assert_eq!(code(one_low, None), Some(1), "the file says low");
    assert_eq!(code(one_low, Some("high")), Some(0), "the variable is stronger");
    assert_eq!(code(&format!("{one_low} --fail-on low"), Some("high")), Some(1), "the flag is strongest");
}

#[test]
fn the_configuration_file_names_rules_and_a_wrong_one_is_told() {
    let scene = Scene::new();
    scene.write("log.json", log_file(LOOK_AROUND));
    scene.write("ours/seen.yml", rule("critical"));
    scene.write("floodmark.toml", "[trace]\nrules = [\"ours\"]\n");
    let ran = scene.run("trace log.json --format json --no-builtin-rules");
    assert_eq!((ran.code, &ran.json()["findings"][0]["title"]), (Some(1), &"Users Listed".into()), "{ran}");

    for (name, text) in [
        ("config_unknown_key", "[trace]\nrule = []\n"),
        ("config_unknown_severity", "[trace]\nfail-on = \"dire\"\n"),
        ("config_missing_rules", "[trace]\nrules = [\"none\"]\n"),
        ("config_no_toml", "trace: {}\n"),
    ] {
        scene.write("floodmark.toml", text);
        let ran = scene.run("trace log.json");
        assert_eq!(ran.code, Some(2), "{ran}");
        insta::assert_snapshot!(name, scene.without_root(&ran));
    }
}

#[test]
fn a_placeholder_has_the_value_of_the_flag_or_else_of_the_file() {
    let scene = Scene::new();
    scene.write("log.json", log_file(LOOK_AROUND));
    scene.write(
        "ours/seen.yml",
        rule("critical").replace("eventName: ListUsers", "eventName|expand: '%looking%'"),
    );
    let run = |arguments: &str| {
        scene.run(&format!("trace log.json --no-builtin-rules --rules ours --format json {arguments}"))
    };
    let ran = run("");
    assert_eq!(ran.code, Some(3), "{ran}");
    assert!(
        ran.unread()[0].0.starts_with("ours/seen.yml:") && ran.unread()[0].1.contains("%looking%"),
        "{ran}"
    );
    assert_eq!(run("--placeholder looking=List*").code, Some(1));
    assert_eq!(run("--placeholder looking=Nothing --placeholder looking=ListUsers").code, Some(1));
    scene.write("floodmark.toml", "[trace.placeholders]\nlooking = [\"Nothing\", \"list*\"]\n");
    assert_eq!(run("").code, Some(1));
    assert_eq!(run("--placeholder looking=Nothing").code, Some(0), "the flag replaces what the file says");
    assert_eq!(run("--placeholder %looking%=x").code, Some(2));
}

#[test]
fn what_is_odd_in_a_rule_is_told_and_the_rule_is_asked() {
    let scene = Scene::new();
    scene.write("log.json", log_file(LOOK_AROUND));
    scene.write("ours/seen.yml", rule("critical") + "taxonomy: ecs\n");
    let ran = scene.run("trace log.json --no-builtin-rules --rules ours --format json");
    assert_eq!(ran.code, Some(1), "{ran}");
    assert!(ran.unread()[0].1.starts_with("rule used, though: the taxonomy `ecs`"), "{ran}");
}

#[test]
fn a_broken_rule_is_told_with_its_place_and_the_others_are_asked() {
    let scene = Scene::new();
    scene.write("log.json", log_file(LOOK_AROUND));
    scene.write("ours/broken.yml", rule("low").replace("condition: selection", "condition: selektion"));
    scene.write("ours/whole.yml", rule("low"));
    scene.write("ours/no.yml", "title: [");
    let ran = scene.run("trace log.json --no-builtin-rules --rules ours --format json");
    assert_eq!(ran.code, Some(3), "{ran}");
    assert_eq!(ran.json()["findings"][0]["title"], "Users Listed");
    let unread = ran.unread();
    assert_eq!(unread.len(), 2, "{unread:?}");
    for (path, why) in unread {
        assert!(path.starts_with("ours/broken.yml:") || path.starts_with("ours/no.yml:"), "{path}");
        assert!(why.starts_with("rule not loaded: "), "{why}");
    }
}

#[test]
fn the_system_calls_of_a_run_hold_no_socket() {
    if Command::new("strace").arg("-V").output().is_err() {
        eprintln!("SKIPPED: strace is not installed, so the system calls of a trace were not looked at");
        return;
    }
    let scene = Scene::new();
    scene.write("log.json", log_file(LOOK_AROUND));
    let mut command = Command::new("strace");
    command.args([
        "-f",
        "-qq",
        "-e",
        "trace=%net,io_uring_setup,execve,landlock_restrict_self",
        "-o",
        "calls",
    ]);
    command.arg(env!("CARGO_BIN_EXE_floodmark"));
    command.args("trace log.json --case kept --threads 3 --format html".split_whitespace());
    scene.scrub(&mut command);
    let ran = Ran::of(command.env("AWS_SECRET_ACCESS_KEY", "not-a-real-one"));
    assert_eq!(ran.code, Some(0), "{ran}");
    let calls = scene.read("calls");
    let names: Vec<_> = calls
        .lines()
        .filter_map(|line| line.split_once(' ')?.1.trim_start().split_once('(').map(|(name, _)| name))
        .collect();
    let expected = ["execve", "execve", "landlock_restrict_self"];
    assert_eq!(names, expected, "it starts, starts anew without the secret, and locks itself in\n{calls}");
}

/// A rule that fires on the log files here.
fn rule(level: &str) -> String {
    format!(
        "title: Users Listed\nid: 9d8d1a3c-5f0e-4a57-9f3f-1d0c5a1b7c11\nstatus: test\n\
         logsource:\n  product: aws\n  service: cloudtrail\n\
         detection:\n  selection:\n    eventName: ListUsers\n  condition: selection\nlevel: {level}\n"
    )
}
