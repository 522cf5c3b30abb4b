//! `floodmark trace` over a folder of everything that goes wrong.

use std::os::unix::fs::{PermissionsExt, symlink};

use crate::scene::{Ran, Scene, fifo, gzip, log_file};

fn broken() -> Scene {
    let scene = Scene::new();
    let log = log_file(&["sts:GetCallerIdentity", "s3:ListBuckets", "iam:ListUsers"]);
    let packed = gzip(log.as_bytes());
    let utf16: Vec<u8> =
        std::iter::once(0xfeff).chain(log.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    scene.write("logs/good.json", &log);
    scene.write("logs/good.json.gz", log_file(&["ec2:DescribeInstances"]));
    scene.write("logs/cut.json.gz", &packed[..packed.len() / 2]);
    scene.write("logs/half.json", &log[..log.len() / 2]);
    scene.write("logs/utf16.json", utf16);
    scene.write("logs/README.md", "# Where these logs come from\n");
    scene.write("logs/empty.json", "");
    scene.write("logs/deep.json", "[".repeat(10_000));
    scene.write("logs/archive.zip", b"PK\x03\x04rest");
    scene.write("logs/noise.bin", (0..=255).cycle().take(70_000).collect::<Vec<u8>>());
    scene.write("logs/\u{1b}[31mred\u{1b}[0m.json", "{\"Records\":[{\"eventTime\":\"<b>\"}]}");
    symlink("..", scene.path("logs/loop")).expect("a link");
    symlink("/etc/passwd", scene.path("logs/passwd.json")).expect("a link");
    fifo(&scene.path("logs/fifo.json"));
    scene
}

#[test]
fn each_thing_that_cannot_be_read_is_a_clear_line_and_the_rest_is_answered() {
    let scene = broken();
    let ran = scene.run("trace logs");
    assert_eq!(ran.code, Some(3));
    assert!(!ran.stdout.contains('\u{1b}'), "a name cannot steer the terminal");
    insta::assert_snapshot!("unreadable", ran);
}

#[test]
fn the_json_answer_names_each_and_says_which_leave_it_incomplete() {
    let ran = broken().run("trace logs --format json");
    let rows = ran.json()["coverage"]["unread"].clone();
    let lines: Vec<_> = rows
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| format!("{} {}: {}", row["incomplete"], row["path"], row["why"]))
        .collect();
    insta::assert_snapshot!("unreadable_json", lines.join("\n"));
    let read = ran.json()["coverage"]["read"].clone();
    let names: Vec<_> =
        read.as_array().expect("rows").iter().filter_map(|row| row["path"].as_str()).collect();
    assert!(names.contains(&"logs/good.json") && names.contains(&"logs/good.json.gz"), "{names:?}");
}

#[test]
fn a_folder_without_permission_is_told() {
    let scene = Scene::new();
    scene.write("logs/a.json", log_file(&["sts:GetCallerIdentity"]));
    scene.write("logs/shut/b.json", log_file(&["s3:ListBuckets"]));
    let shut = scene.path("logs/shut");
    let mode = |bits| std::fs::set_permissions(&shut, PermissionsExt::from_mode(bits)).expect("own folder");
    mode(0o000);
    let is_closed = std::fs::read_dir(&shut).is_err();
    let ran = scene.run("trace logs --format json");
    mode(0o755);
    if !is_closed {
        eprintln!("SKIPPED: this user may read every folder, so none could be shut");
        return;
    }
    assert_eq!(ran.code, Some(3), "{ran}");
    assert_eq!(ran.unread(), [("logs/shut".into(), "Permission denied (os error 13)".into())]);
}

#[test]
fn what_is_named_itself_may_be_a_link_a_fifo_is_not_waited_for() {
    let scene = Scene::new();
    scene.write("real.json", log_file(&["sts:GetCallerIdentity"]));
    symlink("real.json", scene.path("link.json")).expect("a link");
    fifo(&scene.path("fifo"));
    let ran: Ran = scene.run("trace link.json fifo --format json");
    assert_eq!(ran.json()["coverage"]["read"][0]["path"], "link.json", "{ran}");
    assert!(ran.unread()[0].1.starts_with("is neither a file nor a folder"), "{ran}");
}
