//! The cell from outside: a process enters it (or, as the control, does not) and tells what it could do.
#![cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

const SECRET: &str = "wJalrXUtnFEMI-not-a-real-key";

/// What a container's own filter or an unprivileged user may be refused without any cell.
const REFUSED_ANYWAY: [&str; 4] =
    ["an io_uring", "leave the namespace", "be another personality", "change the root"];

/// A folder as an attacker would love it, with live listeners.
struct Scene {
    root: tempfile::TempDir,
    _listeners: (TcpListener, TcpListener, UnixListener),
}

/// What an inmate told: for each thing it tried, whether it worked, and the detail.
struct Told(BTreeMap<String, (bool, String)>);

impl Scene {
    fn new() -> Self {
        let root = tempfile::tempdir().expect("a scratch folder");
        let at = |path: &str| root.path().join(path);
        for folder in ["input/deep/er", "case", "home/.aws", "outside"] {
            fs::create_dir_all(at(folder)).expect("a folder");
        }
        for file in
            ["input/log", "input/deep/er/log", "input/doomed", "input/moved", "single", "outside/kept"]
        {
            fs::write(at(file), "evidence").expect("a file");
        }
        fs::write(at("home/.aws/credentials"), SECRET).expect("a file");
        symlink(at("home/.aws/credentials"), at("input/link-out")).expect("a link");
        symlink(at("outside/linked"), at("case/link-out")).expect("a link");
        let tcp = TcpListener::bind("127.0.0.1:0").expect("a loopback listener");
        let unix = UnixListener::bind(at("outside/socket")).expect("a unix listener");
        let address = tcp.local_addr().expect("an address").to_string();
        fs::write(at("input/tcp"), address).expect("a file");
        let other = TcpListener::bind("127.0.0.1:0").expect("a loopback listener");
        fs::write(at("input/other"), other.local_addr().expect("an address").to_string()).expect("a file");
        Self { root, _listeners: (tcp, other, unix) }
    }

    fn inmate(&self, mode: &str, place: &str) -> Output {
        let mut command = Command::new(inmate());
        command.args([mode, place]).arg(self.root.path()).env("AWS_SECRET_ACCESS_KEY", SECRET);
        command.stderr(Stdio::inherit()).output().expect("the inmate starts")
    }

    fn told(&self, mode: &str, place: &str) -> Told {
        let output = self.inmate(mode, place);
        assert!(output.status.success(), "the inmate ends well, not with {}", output.status);
        Told::parse(&output)
    }
}

impl Told {
    fn parse(output: &Output) -> Self {
        let text = String::from_utf8_lossy(&output.stdout);
        let rows = text.lines().map(|line| {
            let mut cells = line.splitn(3, '\t');
            let mut cell = || cells.next().unwrap_or_else(|| panic!("three cells in {line:?}")).to_owned();
            (cell(), (cell() == "ok", cell()))
        });
        Self(rows.collect())
    }

    fn worked(&self) -> Vec<&str> {
        self.0.iter().filter(|(_, (worked, _))| *worked).map(|(what, _)| what.as_str()).collect()
    }

    fn failed(&self) -> Vec<String> {
        let failed = self.0.iter().filter(|(_, (worked, _))| !*worked);
        failed.map(|(what, (_, why))| format!("{what}: {why}")).collect()
    }

    /// The control: outside the cell everything works that this machine lets any process do.
    fn assert_free(&self) {
        let failed = self.failed();
        let unexpected = failed.iter().find(|line| !REFUSED_ANYWAY.iter().any(|what| line.starts_with(what)));
        assert_eq!(unexpected, None, "the control shows that each attempt can succeed");
        for line in failed {
            eprintln!("NOT SHOWN: refused outside the cell too: {line}");
        }
    }

    fn detail(&self, what: &str) -> &str {
        &self.0.get(what).unwrap_or_else(|| panic!("{what} was told")).1
    }
}

/// The inmate as the sources stand: cargo builds it with all tests, but not for `--test cell` alone.
fn inmate() -> &'static Path {
    static INMATE: OnceLock<PathBuf> = OnceLock::new();
    INMATE.get_or_init(|| {
        let this = std::env::current_exe().expect("the path of this test");
        let profile = this.parent().and_then(Path::parent).expect("target/PROFILE/deps");
        let target = profile.parent().expect("target");
        if let Some(cargo) = std::env::var_os("CARGO") {
            let mut build = Command::new(cargo);
            build.args([
                "build",
                "--quiet",
                "--example",
                "inmate",
                "--package",
                "floodmark-confine",
                "--target-dir",
            ]);
            build.arg(target).args((!cfg!(debug_assertions)).then_some("--release"));
            assert!(build.status().expect("cargo starts").success(), "the inmate is built");
        }
        profile.join("examples/inmate")
    })
}

#[test]
fn a_hostile_reader_gets_nothing_in_the_cell_and_everything_outside_it() {
    let scene = Scene::new();
    let inside = scene.told("hostile", "in");
    let outside = scene.told("hostile", "free");
    assert_eq!(inside.worked(), ["entered"]);
    outside.assert_free();
    assert_eq!(inside.0.len(), outside.0.len() + 1, "each attempt is told");
    assert!(inside.0.len() > 18);
}

#[test]
fn a_thread_started_in_the_cell_is_confined_too() {
    let scene = Scene::new();
    assert_eq!(scene.told("hostile-thread", "in").worked(), ["entered"]);
}

#[test]
fn an_attacker_who_knows_the_cell_finds_no_way_around_it() {
    let scene = Scene::new();
    let inside = scene.told("sly", "in");
    assert_eq!(inside.worked(), ["entered"]);
    for call in ["empty a file by reading", "become another program", "be dumpable again"] {
        let why = inside.detail(call);
        assert!(
            why.ends_with("(os error 1)"),
            "{call} is refused by seccomp already, not only by Landlock: {why}"
        );
    }
    let kept = |path: &str| fs::read_to_string(scene.root.path().join(path)).unwrap_or_default();
    assert_eq!(
        [kept("input/log"), kept("outside/kept"), kept("input/doomed")],
        ["evidence"; 3].map(String::from)
    );

    Scene::new().told("sly", "free").assert_free();
}

#[test]
fn a_process_that_fetches_reaches_the_port_that_was_named_and_nothing_else() {
    let scene = Scene::new();
    let inside = scene.told("fetch", "in");
    assert_eq!(inside.worked(), ["entered", "the port that was named"], "{:?}", inside.0);
    assert_eq!(inside.detail("the port that was named"), "true");
    for call in ["to listen", "to bind a UDP port", "netlink", "a raw socket", "packets", "a unix socket"] {
        let why = inside.detail(call);
        assert!(why.ends_with("(os error 1)"), "{call} is refused by seccomp: {why}");
    }
    let outside = scene.told("fetch", "free");
    for call in ["another port", "to listen", "to bind a UDP port", "netlink", "a unix socket"] {
        assert!(outside.worked().contains(&call), "{call} works without a cell");
    }
}

#[test]
fn a_hostile_process_that_fetches_gets_a_connection_and_no_file_or_program() {
    let inside = Scene::new().told("fetch-hostile", "in");
    assert_eq!(inside.worked(), ["a TCP connection", "entered"], "{:?}", inside.0);
}

#[test]
fn reading_evidence_and_keeping_a_case_work_in_the_cell() {
    let scene = Scene::new();
    let inside = scene.told("work", "in");
    assert_eq!(inside.failed(), Vec::<String>::new());
    assert_eq!(inside.detail("threads"), "28");
    let cores = std::thread::available_parallelism().expect("this machine has cores").to_string();
    assert_eq!(inside.detail("cores"), cores);
    assert_eq!(inside.detail("entered").split(" (").next(), Some("confined by Landlock"));
}

#[test]
fn the_cell_refuses_a_process_that_has_a_second_thread() {
    let told = Scene::new().told("second-thread", "in");
    assert_eq!(told.failed(), ["entered: 2 threads run, and the cell must be entered with one"]);
    assert_eq!(told.0.len(), 1, "nothing ran after the refusal");
}

#[test]
fn a_kernel_that_lacks_a_wall_is_refused_unless_the_caller_allows_it() {
    let scene = Scene::new();
    for (mode, lacks) in
        [("without-landlock", "the kernel has no Landlock"), ("without-seccomp", "seccomp: ")]
    {
        let strict = scene.told(mode, "in");
        assert!(strict.detail("entered").starts_with("cannot confine this process: every "), "{mode}");
        assert!(strict.detail("entered").contains(lacks), "{mode}");
        assert_eq!(strict.0.len(), 1, "nothing ran after the refusal");
        let lax = scene.told(mode, "lax");
        assert!(lax.detail("entered").starts_with("not fully confined: every "), "{mode}");
    }
    let files = ["the user's cloud credentials", "a file outside the case", "the parent's environment"];
    let calls = ["a UDP datagram", "a unix socket", "to signal the parent"];
    let worked = |mode: &str, what: &str| scene.told(mode, "lax").worked().contains(&what);
    assert!(files.iter().all(|what| worked("without-landlock", what) && !worked("without-seccomp", what)));
    assert!(!calls.iter().any(|what| worked("without-landlock", what)), "seccomp stands alone");
    assert!(
        worked("without-seccomp", "a pair of unix sockets") && !worked("without-seccomp", "a TCP connection")
    );
}

#[test]
fn a_path_that_is_not_there_is_named() {
    let scene = Scene::new();
    fs::remove_file(scene.root.path().join("single")).expect("the file was there");
    let told = scene.told("work", "in");
    let path = scene.root.path().join("single");
    assert_eq!(told.failed(), [format!("entered: cannot take {} into the cell", path.display())]);
}

#[test]
fn memory_is_bounded() {
    let scene = Scene::new();
    assert_eq!(scene.told("limits", "in").worked(), ["entered"]);
    assert_eq!(scene.told("limits", "free").failed(), Vec::<String>::new());
}

#[test]
fn a_runaway_is_ended_by_its_cpu_limit() {
    let signal = Scene::new().inmate("spin", "in").status.signal();
    assert_eq!(signal, Some(nix::libc::SIGXCPU));
}

#[test]
fn an_abort_ends_the_process_and_leaves_no_core() {
    let status = Scene::new().inmate("abort", "in").status;
    assert_eq!((status.signal(), status.core_dumped()), (Some(nix::libc::SIGABRT), false));
}

#[test]
fn only_the_kept_variables_survive_even_on_the_initial_stack() {
    let mut command = Command::new(inmate());
    command.args(["shed", "in", "."]).env_clear();
    command.env("TERM", "dumb").env("KEEP_ME", "1").env("KEPT", "2").env("AWS_SECRET_ACCESS_KEY", SECRET);
    let told = Told::parse(&command.output().expect("the inmate starts"));
    assert_eq!(told.failed(), Vec::<String>::new());
    let mut names: Vec<_> = told.detail("environ").trim_matches('"').split_whitespace().collect();
    names.sort_unstable();
    assert_eq!(names, ["FLOODMARK_SHED=1", "KEEP_ME=1", "TERM=dumb"]);
}

#[test]
fn a_process_that_finds_its_environment_full_again_does_not_start_anew_for_ever() {
    let mut command = Command::new(inmate());
    command
        .args(["shed", "in", "."])
        .env_clear()
        .env("FLOODMARK_SHED", "1")
        .env("AWS_SECRET_ACCESS_KEY", SECRET);
    let told = Told::parse(&command.output().expect("the inmate starts"));
    assert_eq!(told.failed(), ["shed: the environment stays full: AWS_SECRET_ACCESS_KEY"]);
    assert!(!told.detail("shed").contains(SECRET));
}

#[test]
fn inherited_descriptors_are_closed() {
    let scene = Scene::new();
    let secret = scene.root.path().join("home/.aws/credentials");
    let open = |place: &str| {
        let script =
            format!("exec 7<'{}'; exec 8>&7; exec '{}' shed {place} .", secret.display(), inmate().display());
        let output = Command::new("/bin/sh").args(["-c", &script]).output().expect("a shell");
        Told::parse(&output).detail("descriptors").matches("credentials").count()
    };
    assert_eq!((open("in"), open("free")), (0, 2));
}

#[test]
fn the_system_calls_of_a_normal_run_hold_no_socket() {
    let Some(normal) = strace("work", "in") else { return };
    assert_eq!(normal.of(SOCKETS), Vec::<&str>::new());
    assert_eq!(normal.of(&["execve"]).len(), 2, "the program starts, and starts anew");
    assert_eq!(normal.of(&["execveat", "fork", "vfork"]), Vec::<&str>::new());
    assert_eq!(normal.of(&["prctl(PR_SET_DUMPABLE, SUID_DUMP_DISABLE"]).len(), 1);
}

#[test]
fn the_system_calls_of_a_hostile_reader_reach_no_socket_and_no_process() {
    let Some(hostile) = strace("hostile", "in") else { return };
    let tried = hostile.of(SOCKETS);
    assert!(tried.len() >= 7, "{tried:?}");
    assert!(tried.iter().all(|line| line.contains("EPERM")), "{tried:?}");
    let born = hostile.of(&["clone", "clone3", "fork", "vfork"]);
    let refused = |line: &&str| line.contains("EPERM") || line.contains("ENOSYS");
    assert!(!born.is_empty() && born.iter().all(refused), "{born:?}");

    let Some(free) = strace("hostile", "free") else { return };
    assert!(
        free.of(SOCKETS).iter().any(|line| !line.contains("EPERM")),
        "the control shows that strace sees sockets"
    );
    assert!(!free.of(&["clone", "clone3", "vfork"]).iter().all(refused));
}

const SOCKETS: &[&str] = &["socket", "socketpair", "connect", "bind", "sendto", "io_uring_setup"];

/// The system calls of one run of the inmate, a line for each.
struct Calls(String);

impl Calls {
    /// The lines that hold one of these calls; a name may go on into the arguments.
    fn of(&self, names: &[&str]) -> Vec<&str> {
        let called = |line: &&str| {
            let call = line.split_once(' ').map_or("", |(_, call)| call.trim_start());
            names.iter().any(|name| call.strip_prefix(name).is_some_and(|rest| rest.starts_with(['(', ')'])))
        };
        self.0.lines().filter(called).collect()
    }
}

fn strace(mode: &str, place: &str) -> Option<Calls> {
    if Command::new("strace").arg("-V").output().is_err() {
        eprintln!("SKIPPED: strace is not installed, so the system calls of a run were not looked at");
        return None;
    }
    let scene = Scene::new();
    let log = scene.root.path().join("strace");
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-e", "trace=%net,%process,prctl,io_uring_setup", "-o"]).arg(&log);
    let status =
        command.arg(inmate()).args([mode, place]).arg(scene.root.path()).stdout(Stdio::null()).status();
    assert!(status.expect("strace starts").success());
    Some(Calls(fs::read_to_string(&log).expect("strace wrote its log")))
}
