//! A reader that turns on its host: it tries to steal what the cell should keep from it, and tells of each attempt.
//!
//! A question crate takes it in only behind its feature `hostile-reader`, which no release has. The attempts are real:
//! outside a cell they succeed. Only for Linux, where there is a cell to try.
#![cfg(target_os = "linux")]

use std::fmt::{self, Display};
use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::{SocketAddr as UnixAddress, UnixDatagram, UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::unistd::Pid;

/// What there is to steal, and where: the hostile code would know or guess it.
#[derive(Debug, Clone)]
pub struct Prey {
    /// Names of environment variables that hold secrets.
    pub variables: Vec<String>,
    /// The user's home folder; `.aws/credentials` in it is read, and its mode set anew.
    pub home: PathBuf,
    /// A folder outside the case, in which a file is to be created.
    pub outside: PathBuf,
    /// A TCP listener that would take a connection.
    pub tcp: SocketAddr,
    /// A unix socket that would take a connection.
    pub unix: PathBuf,
}

/// One attempt and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// What was wanted, as a fixed phrase.
    pub what: &'static str,
    /// How it was tried: the path, name or address.
    pub how: String,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The system refused, with this answer.
    Denied(String),
    /// It worked, and this is what was got; never the secret itself.
    Got(String),
}

/// Tries everything, in a fixed order. Outside a cell this leaves no trace but an opened and closed connection.
pub fn attempts(prey: &Prey) -> Vec<Attempt> {
    let parent = Pid::parent();
    let mut all: Vec<Attempt> = prey.variables.iter().map(|name| environment_secret(name)).collect();
    all.extend(files(prey, parent));
    all.extend(programs(parent));
    all.extend(sockets(prey));
    all
}

impl Prey {
    /// What lines say there is to steal, a word and a value each: `variable`, `home`, `outside`, `tcp`, `unix`. Others are
    /// passed over.
    pub fn read<'l>(lines: impl IntoIterator<Item = &'l str>) -> Self {
        let mut prey = Self {
            variables: Vec::new(),
            home: PathBuf::new(),
            outside: PathBuf::new(),
            tcp: SocketAddr::from(([127, 0, 0, 1], 9)),
            unix: PathBuf::new(),
        };
        for (word, value) in lines.into_iter().filter_map(|line| line.split_once(' ')) {
            match word {
                "variable" => prey.variables.push(value.to_owned()),
                "home" => prey.home = value.into(),
                "outside" => prey.outside = value.into(),
                "tcp" => prey.tcp = value.parse().unwrap_or(prey.tcp),
                "unix" => prey.unix = value.into(),
                _ => {}
            }
        }
        prey
    }
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, how, outcome } = self;
        match outcome {
            Outcome::Denied(why) => write!(f, "wanted {what} ({how}): denied, {why}"),
            Outcome::Got(what_it_got) => write!(f, "wanted {what} ({how}): SUCCEEDED, {what_it_got}"),
        }
    }
}

fn environment_secret(name: &str) -> Attempt {
    let found = std::env::var_os(name).map(|value| format!("{} bytes", value.len()));
    attempt("an environment secret", &name, found.ok_or_else(|| io::Error::other("not in the environment")))
}

fn files(prey: &Prey, parent: Pid) -> Vec<Attempt> {
    let credentials = prey.home.join(".aws/credentials");
    let planted = prey.outside.join("floodmark-was-here");
    let writing = fs::write(&planted, "x").and_then(|()| fs::remove_file(&planted));
    let mode = fs::metadata(&credentials).map(|metadata| metadata.mode());
    let chmod = mode.and_then(|mode| fs::set_permissions(&credentials, fs::Permissions::from_mode(mode)));
    let memory = format!("/proc/{parent}/mem");
    vec![
        read("the user's cloud credentials", &credentials),
        attempt(
            "a wider mode for the credentials",
            &credentials.display(),
            chmod.map(|()| "mode set".into()),
        ),
        listed("the names in the home folder", &prey.home),
        read("this process's first environment", Path::new("/proc/self/environ")),
        read("the parent's environment", Path::new(&format!("/proc/{parent}/environ"))),
        attempt("the parent's memory", &memory, fs::File::open(&memory).map(|_| "opened".into())),
        listed("the list of processes", Path::new("/proc")),
        read("the list of accounts", Path::new("/etc/passwd")),
        attempt("a file outside the case", &planted.display(), writing.map(|()| "written".into())),
    ]
}

fn programs(parent: Pid) -> Vec<Attempt> {
    let run = Command::new("/bin/true").status().map(|status| status.to_string());
    let signal = nix::sys::signal::kill(parent, None).map_err(io::Error::from);
    vec![
        attempt("to run a program", &"/bin/true", run),
        attempt("to signal the parent", &parent, signal.map(|()| "reachable".into())),
    ]
}

fn sockets(prey: &Prey) -> Vec<Attempt> {
    let loopback = "127.0.0.1:0";
    let udp = UdpSocket::bind(loopback).and_then(|socket| socket.send_to(b"x", prey.tcp));
    let hidden = UnixAddress::from_abstract_name(format!("floodmark-{}", std::process::id()));
    let hidden = hidden.and_then(|address| UnixListener::bind_addr(&address));
    vec![
        attempt("a TCP connection", &prey.tcp, TcpStream::connect(prey.tcp).map(|_| "connected".into())),
        attempt("a TCP listener", &loopback, TcpListener::bind(loopback).map(|_| "listening".into())),
        attempt("a UDP datagram", &prey.tcp, udp.map(|sent| format!("{sent} bytes sent"))),
        attempt(
            "a unix socket",
            &prey.unix.display(),
            UnixStream::connect(&prey.unix).map(|_| "connected".into()),
        ),
        attempt("an abstract unix socket", &"bind", hidden.map(|_| "bound".into())),
        attempt("a pair of unix sockets", &"socketpair", UnixStream::pair().map(|_| "made".into())),
        attempt("a unix datagram socket", &"socket", UnixDatagram::unbound().map(|_| "made".into())),
        attempt("an io_uring", &"io_uring_setup", io_uring::IoUring::new(2).map(|_| "made".into())),
    ]
}

fn read(what: &'static str, path: &Path) -> Attempt {
    attempt(what, &path.display(), fs::read(path).map(|bytes| format!("{} bytes", bytes.len())))
}

fn listed(what: &'static str, path: &Path) -> Attempt {
    attempt(what, &path.display(), fs::read_dir(path).map(|entries| format!("{} names", entries.count())))
}

fn attempt(what: &'static str, how: &dyn Display, result: io::Result<String>) -> Attempt {
    let outcome = match result {
        Ok(got) => Outcome::Got(got),
        Err(error) => Outcome::Denied(error.to_string()),
    };
    Attempt { what, how: how.to_string(), outcome }
}
