//! What a person sees who sits at a terminal.

use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::scene::{Scene, log_file};

/// Runs on a terminal of this width, and gives all that was written to it.
fn on_a_terminal(scene: &Scene, columns: u16, arguments: &str, variables: &[(&str, &str)]) -> String {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&terminal).expect("it is ours");
    unlockpt(&terminal).expect("it is ours");
    let size = Winsize { ws_row: 40, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(&terminal, size).expect("a terminal");
    let name = ptsname(&terminal, Vec::new()).expect("a name");
    let inner: OwnedFd =
        rustix::fs::open(&name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).expect("the other side");
    let mut command = scene.floodmark(arguments);
    command.envs(variables.iter().copied()).env_remove("COLUMNS");
    command.stdout(File::from(inner.try_clone().expect("a descriptor"))).stderr(File::from(inner));
    let mut child = command.spawn().expect("the program starts");
    // The command holds the other side open until it is dropped, and reading would not end.
    drop(command);
    let mut seen = Vec::new();
    // At the end of the last writer comes EIO, not the end of the file.
    let _ = File::from(terminal).read_to_end(&mut seen);
    child.wait().expect("it ends");
    String::from_utf8(seen).expect("UTF-8").replace("\r\n", "\n")
}

fn scene() -> Scene {
    let scene = Scene::new();
    scene.write("a.json", log_file(&["sts:GetCallerIdentity", "s3:ListBuckets", "cloudtrail:StopLogging"]));
    scene
}

const CALL: &str = "trace a.json --from AKIAIOSFODNN7EXAMPLE";

#[test]
fn colour_is_for_terminals_that_want_it() {
    let scene = scene();
    let is_coloured = |text: &str| text.contains("\u{1b}[1m") || text.contains("\u{1b}[3");
    assert!(is_coloured(&on_a_terminal(&scene, 80, CALL, &[])));
    assert!(!is_coloured(&on_a_terminal(&scene, 80, CALL, &[("NO_COLOR", "1")])));
    assert!(is_coloured(&on_a_terminal(&scene, 80, CALL, &[("NO_COLOR", "")])), "empty is not set");
    let never = format!("{CALL} --colour never");
    assert!(!is_coloured(&on_a_terminal(&scene, 80, &never, &[])));
    assert!(!is_coloured(&scene.run(CALL).stdout), "a pipe is no terminal");
    assert!(is_coloured(&scene.run(&format!("{CALL} --colour always")).stdout));
}

#[test]
fn the_answer_fits_the_terminal() {
    let scene = scene();
    for columns in [40, 60, 80, 120] {
        let text = on_a_terminal(&scene, columns, &format!("{CALL} --colour never"), &[]);
        let text = text.rsplit("\r\u{1b}[K").next().expect("what follows the progress").to_owned();
        let widest = text.lines().map(|line| line.chars().count()).max().expect("lines");
        assert!(widest <= usize::from(columns), "{columns}:\n{text}");
        assert!(text.contains("AKIAIOSFODNN7EXAMPLE") && text.contains("COVERAGE"), "{text}");
    }
}
