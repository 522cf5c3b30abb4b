//! Evidence that takes its reader over, in the middle of `trace`, `scan` and `intel import`, and a registry that takes over
//! the process that fetches. Only with the feature `hostile-reader`.

use std::fs;
use std::io::ErrorKind;
use std::net::{TcpListener, UdpSocket};
use std::os::unix::net::UnixListener;
use std::process::Command;

use crate::container::Image;
use crate::scene::{Ran, Scene, log_file};
use crate::server::{Reply, Server};

const SECRET: &str = "wJalrXUtnFEMI-not-a-real-key";

/// What an attacker would love to find, with listeners that would hear of it.
struct Prey {
    scene: Scene,
    tcp: TcpListener,
    udp: UdpSocket,
    unix: UnixListener,
}

impl Prey {
    fn new() -> Self {
        let scene = Scene::new();
        let tcp = TcpListener::bind("127.0.0.1:0").expect("a loopback listener");
        let address = tcp.local_addr().expect("an address");
        let udp = UdpSocket::bind(address).expect("the same port for datagrams");
        let unix = UnixListener::bind(scene.path("socket")).expect("a unix listener");
        tcp.set_nonblocking(true).expect("a listener");
        udp.set_nonblocking(true).expect("a socket");
        unix.set_nonblocking(true).expect("a listener");
        scene.write("home/.aws/credentials", SECRET);
        fs::create_dir(scene.path("outside")).expect("a folder");
        let logs = ["sts:GetCallerIdentity", "s3:ListBuckets"];
        scene.write("logs/a.json", log_file(&logs));
        scene.write("logs/z.json", log_file(&["iam:ListUsers"]));
        scene.write("checkout/Cargo.lock", "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n");
        scene.write("checkout/z/Cargo.lock", "[[package]]\nname = \"z\"\nversion = \"1.0.0\"\n");
        let path = |name: &str| scene.path(name).display().to_string();
        let hostile = [
            "floodmark hostile reader".to_owned(),
            "variable AWS_SECRET_ACCESS_KEY".to_owned(),
            format!("home {}", path("home")),
            format!("outside {}", path("outside")),
            format!("tcp {address}"),
            format!("unix {}", path("socket")),
        ];
        scene.write("logs/m.log", hostile.join("\n") + "\n");
        scene.write("checkout/m.hostile", hostile.join("\n") + "\n");
        Self { scene, tcp, udp, unix }
    }

    fn run(&self, mut command: Command) -> Ran {
        self.scene.scrub(&mut command);
        command.env("AWS_SECRET_ACCESS_KEY", SECRET).env("HOME", self.scene.path("home"));
        let ran = Ran::of(&mut command);
        assert!(!ran.to_string().contains(SECRET), "the secret itself is never told");
        ran
    }

    /// Which of the listeners heard of it.
    fn heard(&self) -> Vec<&'static str> {
        let quiet = |kind: Option<ErrorKind>| kind == Some(ErrorKind::WouldBlock);
        let mut heard = Vec::new();
        if !quiet(self.tcp.accept().err().map(|error| error.kind())) {
            heard.push("tcp");
        }
        if !quiet(self.udp.recv(&mut [0]).err().map(|error| error.kind())) {
            heard.push("udp");
        }
        if !quiet(self.unix.accept().err().map(|error| error.kind())) {
            heard.push("unix");
        }
        heard
    }
}

/// What each attempt came to, from the answer: all lines of the hostile reader.
fn attempts(ran: &Ran) -> Vec<String> {
    let rows = ran.unread().into_iter().filter(|(path, _)| path.ends_with(": hostile reader"));
    rows.map(|(_, why)| why).collect()
}

#[test]
fn a_hostile_reader_in_the_middle_of_a_trace_gets_nothing_and_each_attempt_is_told() {
    let prey = Prey::new();
    let mut command = prey.scene.floodmark("trace logs --case kept --format json --threads 2");
    command.args(["--from", "AKIAIOSFODNN7EXAMPLE"]);
    let ran = prey.run(command);
    assert_eq!(ran.code, Some(3), "{ran}");
    got_nothing(&prey, &attempts(&ran));
    let read = ran.json()["coverage"]["read"].clone();
    let names: Vec<_> = read.as_array().expect("rows").iter().map(|row| row["path"].as_str()).collect();
    assert_eq!(names, [Some("logs/a.json"), Some("logs/z.json")], "the rest is answered");
    assert_eq!(prey.scene.run("case verify kept").code, Some(0));
}

#[test]
fn a_hostile_reader_in_the_middle_of_a_scan_gets_nothing_and_each_attempt_is_told() {
    let prey = Prey::new();
    let ran = prey.run(prey.scene.floodmark("scan checkout --case kept --format json --threads 2"));
    assert_eq!(ran.code, Some(3), "{ran}");
    got_nothing(&prey, &attempts(&ran));
    let components = ran.json()["components"].clone();
    let names: Vec<_> = components.as_array().expect("rows").iter().map(|row| row["name"].as_str()).collect();
    assert_eq!(names, [Some("a"), Some("z")], "the rest is answered");
    assert_eq!(prey.scene.run("case verify kept").code, Some(0));
}

/// The process that fetches has a network; beyond the registry's own port it gets no further than one that parses.
#[test]
fn a_registry_that_takes_the_fetching_process_over_gets_no_file_no_program_and_no_other_port() {
    let prey = Prey::new();
    let manifest = fs::read(prey.scene.path("logs/m.log")).expect("the mark and what there is to steal");
    let server = Server::start(move |_| Reply::of(200, manifest.clone()));
    let ran =
        prey.run(prey.scene.floodmark(&format!("scan 127.0.0.1:{}/app:1 --format json", server.port())));
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{ran}");
    let told = ran.stderr.trim().strip_prefix("error: hostile reader: ").expect("each attempt is told");
    let told: Vec<String> = told.split(" | ").map(ToOwned::to_owned).collect();
    got_nothing(&prey, &told);
    assert_eq!(prey.scene.left_in_tmp(), 0);
}

#[test]
fn a_hostile_reader_in_an_image_of_a_registry_gets_nothing_and_the_rest_is_answered() {
    let prey = Prey::new();
    let mark = fs::read_to_string(prey.scene.path("checkout/m.hostile")).expect("the mark");
    let image = Image::of_files(&[("a/Cargo.lock", &crate::container::lock("a")), ("m.hostile", &mark)]);
    let server = Server::start(move |asked| image.served(&asked.path));
    let ran =
        prey.run(prey.scene.floodmark(&format!("scan 127.0.0.1:{}/app:1 --format json", server.port())));
    assert_eq!(ran.code, Some(3), "{ran}");
    got_nothing(&prey, &attempts(&ran));
    let components = ran.json()["components"].as_array().expect("rows").clone();
    assert!(components.iter().any(|one| one["name"] == "a"), "{ran}");
    assert_eq!(prey.scene.left_in_tmp(), 0);
}

/// Every attempt was made, told and denied, and nobody heard of it.
fn got_nothing(prey: &Prey, told: &[String]) {
    assert_eq!(told.len(), 20, "{told:#?}");
    assert!(told.iter().all(|line| line.starts_with("wanted ") && line.contains(": denied, ")), "{told:#?}");
    for what in [
        "an environment secret",
        "cloud credentials",
        "the parent's environment",
        "the parent's memory",
        "a file outside the case",
        "to run a program",
        "a TCP connection",
        "a UDP datagram",
        "a unix socket",
        "an io_uring",
    ] {
        assert_eq!(told.iter().filter(|line| line.contains(what)).count(), 1, "{what} in {told:#?}");
    }
    assert_eq!(prey.heard(), Vec::<&str>::new());
    assert_eq!(fs::read_dir(prey.scene.path("outside")).expect("a folder").count(), 0);
}

#[test]
fn a_hostile_reader_in_the_middle_of_an_import_gets_nothing_and_the_rest_is_in_the_database() {
    let prey = Prey::new();
    let advisory =
        r#"{"id":"X-1","affected":[{"package":{"ecosystem":"npm","name":"a"},"versions":["1.0.0"]}]}"#;
    prey.scene.write("db/a.json", advisory);
    prey.scene.write("db/z.json", advisory.replace("X-1", "X-2"));
    fs::copy(prey.scene.path("logs/m.log"), prey.scene.path("db/m.json")).expect("copied");
    let ran = prey.run(prey.scene.floodmark("intel import db --database knowledge/intel.db --format json"));
    assert_eq!(ran.code, Some(3), "{ran}");
    let unread = ran.json()["report"]["unread"].as_array().expect("rows").clone();
    let told: Vec<_> = unread.iter().filter_map(|row| row["why"].as_str()).collect();
    assert_eq!(told.len(), 20, "{told:#?}");
    assert!(told.iter().all(|line| line.starts_with("wanted ") && line.contains(": denied, ")), "{told:#?}");
    assert_eq!(prey.heard(), Vec::<&str>::new());
    assert_eq!(fs::read_dir(prey.scene.path("outside")).expect("a folder").count(), 0);
    let asked = prey
        .run(prey.scene.floodmark("intel ask pkg:npm/a@1.0.0 --database knowledge/intel.db --format json"));
    assert_eq!(asked.json()["answers"][0]["advisories"].as_array().map(Vec::len), Some(2), "{asked}");
}

#[test]
fn a_hostile_reader_in_what_an_update_fetched_gets_nothing() {
    let prey = Prey::new();
    let mark = fs::read(prey.scene.path("logs/m.log")).expect("the mark and what there is to steal");
    let server = Server::start(move |asked| match asked.path.as_str() {
        "/kev.json" => Reply::of(200, mark.clone()),
        _ => Reply::of(404, ""),
    });
    let at = format!("http://127.0.0.1:{}", server.port());
    let ran = prey.run(prey.scene.floodmark(&format!(
        "intel update --database knowledge/intel.db --format json --mirror {at} --kev {at}/kev.json --without-epss"
    )));
    assert_eq!(ran.code, Some(3), "{ran}");
    let unread = ran.json()["report"]["unread"].as_array().expect("rows").clone();
    let told: Vec<String> =
        unread.iter().filter_map(|row| row["why"].as_str()).map(ToOwned::to_owned).collect();
    got_nothing(&prey, &told);
}

/// The control: with every wall taken away by answering as an old kernel would, the same attempts succeed.
#[test]
fn without_the_cell_the_same_reader_gets_what_it_wants() {
    if Command::new("strace").arg("-V").output().is_err() {
        eprintln!("NOT SHOWN: strace is not installed, so no run without the cell could be made");
        return;
    }
    let prey = Prey::new();
    let under = |flags: &str| {
        let mut command = Command::new("strace");
        command.args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=landlock_create_ruleset,seccomp"]);
        command.args(["-e", "inject=landlock_create_ruleset,seccomp:error=ENOSYS"]);
        command.arg(env!("CARGO_BIN_EXE_floodmark")).args(flags.split_whitespace());
        prey.run(command)
    };
    let refused = under("trace logs");
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{refused}");
    assert!(refused.stderr.contains("cannot confine this process"), "{refused}");
    assert_eq!(prey.heard(), Vec::<&str>::new(), "nothing was read");

    let free = under("trace logs --format json --allow-unconfined");
    assert!(free.stderr.contains("warning: this kernel does not confine the reader"), "{free}");
    let told = attempts(&free);
    for what in [
        "cloud credentials",
        "a file outside the case",
        "to run a program",
        "a TCP connection",
        "a UDP datagram",
        "a unix socket",
    ] {
        let line = told.iter().find(|line| line.contains(what)).expect("each attempt is told");
        assert!(line.contains(": SUCCEEDED, "), "{line}");
    }
    let secret = told.iter().find(|line| line.contains("an environment secret")).expect("it is told");
    assert!(secret.contains(": denied, "), "the environment is empty even so: {secret}");
    assert_eq!(prey.heard(), ["tcp", "udp", "unix"]);
}
