//! The process that the tests lock in: it enters a cell, or does not, and tells on standard output what it could do.
//!
//! `inmate MODE in|free ROOT`, where ROOT holds what the tests laid out: `input`, `case`, `home`, `outside`, `tcp`.

#[cfg(target_os = "linux")]
fn main() {
    linux::main();
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("no cell is known for this system");
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fmt::Debug;
    use std::fs::{self, File};
    use std::io::{self, Read, Seek, SeekFrom, Write};
    use std::net::SocketAddr;
    use std::os::unix::fs::{OpenOptionsExt, symlink};
    use std::os::unix::process::CommandExt;
    use std::path::{Path, PathBuf};
    use std::time::Duration;

    use floodmark_confine::{Cell, ConfineError, Strength, shed_inheritance};
    use floodmark_hostile::{Outcome, Prey, attempts};
    use nix::unistd::Pid;
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch};

    pub(crate) fn main() {
        let arguments: Vec<String> = std::env::args().collect();
        let [_, mode, place, root] = arguments.as_slice() else { panic!("inmate MODE in|free ROOT") };
        let root = PathBuf::from(root);
        if mode == "shed" {
            return shed(place);
        }
        if place == "in" {
            shed_inheritance(&["TERM", "KEEP_*"]).expect("what was inherited can be shed");
        }
        if mode == "second-thread" {
            std::thread::spawn(|| std::thread::sleep(Duration::from_mins(1)));
        }
        if mode.starts_with("without-") {
            pretend_to_lack(mode);
        }
        match place.as_str() {
            "in" => told(cell(&root, mode).enter()),
            "lax" => told(cell(&root, mode).enter_or_unconfined()),
            _ => {}
        }
        match mode.as_str() {
            "hostile" | "fetch-hostile" | "without-landlock" | "without-seccomp" => hostile(&root),
            "hostile-thread" => std::thread::spawn(move || hostile(&root)).join().expect("the thread ends"),
            "sly" => sly(&root),
            "fetch" => fetch(&root),
            "work" | "second-thread" => work(&root),
            "limits" => limits(),
            "abort" => std::process::abort(),
            "spin" => loop {
                std::hint::spin_loop();
            },
            other => panic!("no mode {other}"),
        }
    }

    fn cell(root: &Path, mode: &str) -> Cell {
        Cell {
            read: vec![root.join("input"), root.join("single")],
            write: vec![root.join("case")],
            connect: if mode.starts_with("fetch") { vec![port(root)] } else { Vec::new() },
            memory_bytes: (mode == "limits").then_some(64 << 20),
            cpu_seconds: (mode == "spin").then_some(1),
        }
    }

    /// The port of the listener that a fetching process may connect to.
    fn port(root: &Path) -> u16 {
        let address = fs::read_to_string(root.join("input/tcp")).expect("the listener's address");
        address.parse::<SocketAddr>().expect("an address").port()
    }

    fn told(entered: Result<Strength, ConfineError>) {
        match entered {
            Ok(strength) => println!("entered\tok\t{strength}"),
            Err(error) => {
                println!("entered\terr\t{error}");
                std::process::exit(0);
            }
        }
    }

    /// Answers as a kernel would that does not know the call.
    fn pretend_to_lack(mode: &str) {
        let call = match mode {
            "without-landlock" => nix::libc::SYS_landlock_create_ruleset,
            _ => nix::libc::SYS_seccomp,
        };
        let unknown = SeccompAction::Errno(nix::libc::ENOSYS.cast_unsigned());
        let arch = TargetArch::try_from(std::env::consts::ARCH).expect("a known processor");
        let filter = SeccompFilter::new([(call, Vec::new())].into(), SeccompAction::Allow, unknown, arch);
        let program = BpfProgram::try_from(filter.expect("a filter")).expect("a program");
        seccompiler::apply_filter(&program).expect("the filter is taken");
    }

    fn shed(place: &str) {
        let outcome = if place == "in" { shed_inheritance(&["TERM", "KEEP_*"]) } else { Ok(()) };
        tell("shed", outcome.map_err(io::Error::other));
        let environ = fs::read("/proc/self/environ").unwrap_or_default();
        tell("environ", Ok(String::from_utf8_lossy(&environ).replace('\0', " ")));
        let mut open: Vec<String> = fs::read_dir("/proc/self/fd")
            .expect("own descriptors can be listed")
            .flatten()
            .filter_map(|entry| fs::read_link(entry.path()).ok())
            .map(|target| target.display().to_string())
            .collect();
        open.sort();
        tell("descriptors", Ok(open.join(" ")));
    }

    fn hostile(root: &Path) {
        let tcp =
            fs::read_to_string(root.join("input/tcp")).expect("the listener's address lies in the input");
        let prey = Prey {
            variables: vec!["AWS_SECRET_ACCESS_KEY".into()],
            home: root.join("home"),
            outside: root.join("outside"),
            tcp: tcp.parse().expect("an address"),
            unix: root.join("outside/socket"),
        };
        for attempt in attempts(&prey) {
            let (word, detail) = match attempt.outcome {
                Outcome::Denied(why) => ("err", why),
                Outcome::Got(what) => ("ok", what),
            };
            println!("{}\t{word}\t{}: {detail}", attempt.what, attempt.how);
        }
    }

    /// What an attacker tries who knows how the cell is built.
    fn sly(root: &Path) {
        let case = root.join("case");
        let outside = root.join("outside/kept");
        let errno = |result: nix::Result<()>| result.map_err(io::Error::from);
        let own = Pid::this();
        tell(
            "follow a link out of the input",
            fs::read(root.join("input/link-out")).map(|bytes| bytes.len()),
        );
        tell(
            "climb out of the input",
            fs::read(root.join("input/../home/.aws/credentials")).map(|b| b.len()),
        );
        tell("change the input", File::options().append(true).open(root.join("input/log")).map(drop));
        tell("empty a file by reading", truncate_by_reading(&root.join("input/log")));
        tell("delete the input", fs::remove_file(root.join("input/doomed")));
        tell("move the input into the case", fs::rename(root.join("input/moved"), case.join("moved")));
        tell("write through a link in the case", fs::write(case.join("link-out"), "x"));
        tell("make a link in the case", symlink("/etc", case.join("made-link")));
        tell("make a hard link in the case", fs::hard_link(root.join("input/log"), case.join("made-hard")));
        tell(
            "make a pipe in the case",
            errno(nix::unistd::mkfifo(&case.join("pipe"), nix::sys::stat::Mode::S_IRWXU)),
        );
        tell("shorten a file outside", errno(nix::unistd::truncate(&outside, 1)));
        tell("be dumpable again", errno(nix::sys::prctl::set_dumpable(true)));
        tell("change a limit", {
            use nix::sys::resource::{Resource, setrlimit};
            errno(setrlimit(Resource::RLIMIT_NPROC, 4000, 4000))
        });
        tell("map code", memmap2::MmapMut::map_anon(4096).and_then(memmap2::MmapMut::make_exec).map(drop));
        tell("make a file in memory", {
            use nix::sys::memfd::{MFdFlags, memfd_create};
            memfd_create("m", MFdFlags::empty()).map(drop).map_err(io::Error::from)
        });
        tell("leave the namespace", errno(nix::sched::unshare(nix::sched::CloneFlags::CLONE_FILES)));
        tell("be another personality", {
            let now = nix::sys::personality::get();
            errno(now.and_then(nix::sys::personality::set).map(drop))
        });
        tell(
            "watch files",
            nix::sys::inotify::Inotify::init(nix::sys::inotify::InitFlags::empty())
                .map(drop)
                .map_err(io::Error::from),
        );
        tell("signal itself by kill", errno(nix::sys::signal::kill(own, None)));
        tell("read memory by a call", read_memory());
        tell("change the root", errno(nix::unistd::chroot("/")));
        let told = "become another program\tok\t";
        tell(
            "become another program",
            Err::<(), _>(std::process::Command::new("/bin/echo").arg(told).exec()),
        );
    }

    fn read_memory() -> io::Result<usize> {
        use nix::sys::uio::{RemoteIoVec, process_vm_readv};
        let secret = [7_u8; 16];
        let mut copy = [0_u8; 16];
        let remote = [RemoteIoVec { base: secret.as_ptr().addr(), len: 16 }];
        Ok(process_vm_readv(Pid::this(), &mut [io::IoSliceMut::new(&mut copy)], &remote)?)
    }

    fn truncate_by_reading(path: &Path) -> io::Result<()> {
        let bits = nix::fcntl::OFlag::O_TRUNC.bits();
        File::options().read(true).custom_flags(bits).open(path).map(drop)
    }

    /// What reading evidence and keeping a case need.
    fn work(root: &Path) {
        let case = root.join("case");
        let log = root.join("input/log");
        tell("read an input", fs::read_to_string(&log));
        tell("read below a folder", fs::read_to_string(root.join("input/deep/er/log")));
        tell("read a single file", fs::read_to_string(root.join("single")));
        tell("list a folder", fs::read_dir(root.join("input")).map(Iterator::count));
        tell("make a folder", fs::create_dir(case.join("sub")));
        tell("database", database(&case));
        tell("rename across folders", fs::rename(case.join("db"), case.join("sub/db")));
        tell("remove", fs::remove_file(case.join("sub/db")).and_then(|()| fs::remove_dir(case.join("sub"))));
        tell(
            "replace",
            fs::write(case.join("report"), "one").and_then(|()| fs::write(case.join("report"), "two")),
        );
        tell("cores", std::thread::available_parallelism());
        tell("memory", Ok(vec![1_u8; 256 << 20].iter().map(|byte| u64::from(*byte)).sum::<u64>()));
        let threads: Vec<_> =
            (0..8_u64).map(|n| std::thread::Builder::new().name(format!("t{n}")).spawn(move || n)).collect();
        let joined: u64 =
            threads.into_iter().map(|thread| thread.map_or(0, |thread| thread.join().unwrap_or(0))).sum();
        tell("threads", Ok(joined));
        let started = std::time::Instant::now();
        std::thread::sleep(Duration::from_millis(2));
        tell("sleep", Ok(started.elapsed() >= Duration::from_millis(2)));
        std::panic::set_hook(Box::new(|_| {}));
        tell("a panic is caught", Ok(std::panic::catch_unwind(|| panic!("on purpose")).is_err()));
        let map = std::collections::HashMap::from([(1, 2)]);
        tell("chance", Ok(map.len()));
    }

    /// What `SQLite` does with its file: locks of a process, positioned writes, syncs, shortening.
    fn database(case: &Path) -> io::Result<u64> {
        use nix::fcntl::{FcntlArg, fcntl};
        use std::os::unix::fs::FileExt;
        let path = case.join("db");
        let mut file = File::options().read(true).write(true).create(true).truncate(false).open(&path)?;
        let lock = nix::libc::flock { l_type: 1, l_whence: 0, l_start: 0x4000_0000, l_len: 1, l_pid: 0 };
        fcntl(&file, FcntlArg::F_SETLK(&lock))?;
        file.lock()?;
        file.write_all_at(b"0123456789", 4096)?;
        file.sync_all()?;
        file.sync_data()?;
        file.set_len(4100)?;
        file.seek(SeekFrom::Start(4096))?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        file.try_clone()?.write_all(b"more")?;
        if text != "0123" {
            return Err(io::Error::other(text));
        }
        Ok(fs::metadata(&path)?.len())
    }

    /// What fetching needs of the network, and what it might be turned to.
    fn fetch(root: &Path) {
        use nix::sys::socket::{AddressFamily, SockFlag, SockProtocol, SockType, socket};
        use std::net::{TcpListener, TcpStream, UdpSocket};
        use std::os::unix::net::UnixStream;
        let own = SocketAddr::from(([127, 0, 0, 1], port(root)));
        let open = |family, kind, protocol| {
            socket(family, kind, SockFlag::SOCK_CLOEXEC, protocol).map(drop).map_err(io::Error::from)
        };
        let stream = TcpStream::connect_timeout(&own, Duration::from_secs(5));
        let stream = stream.and_then(|stream| {
            stream.set_read_timeout(Some(Duration::from_secs(1)))?;
            stream.set_nodelay(true)?;
            stream.peer_addr()
        });
        tell("the port that was named", stream.map(|address| address == own));
        let names = std::net::ToSocketAddrs::to_socket_addrs("localhost:1").map(|found| found.count() > 0);
        tell("to look up a name", names);
        let other = fs::read_to_string(root.join("input/other")).expect("another listener's address");
        tell("another port", TcpStream::connect(other.trim()).map(drop));
        tell("to listen", TcpListener::bind("127.0.0.1:0").map(drop));
        tell("to bind a UDP port", UdpSocket::bind("127.0.0.1:0").map(drop));
        tell("netlink", open(AddressFamily::Netlink, SockType::Raw, SockProtocol::NetlinkRoute));
        tell("a raw socket", open(AddressFamily::Inet, SockType::Raw, SockProtocol::Icmp));
        tell("packets", open(AddressFamily::Packet, SockType::Raw, SockProtocol::EthAll));
        tell("a unix socket", UnixStream::pair().map(drop));
    }

    fn limits() {
        let mut big: Vec<u8> = Vec::new();
        tell("a gigabyte", big.try_reserve_exact(1 << 30).map_err(io::Error::other));
    }

    fn tell<T: Debug>(what: &str, result: io::Result<T>) {
        match result {
            Ok(value) => println!("{what}\tok\t{value:?}"),
            Err(error) => println!("{what}\terr\t{error}"),
        }
    }
}
