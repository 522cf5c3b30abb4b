//! `floodmark intel update`, from a mirror that can be cut off at any byte, and from one that is `python3 -m http.server`.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::intel::{EPSS, KEV, advisory};
use crate::scene::{Ran, Scene, gzip};
use crate::server::{Asked, Body, Reply, Server};

/// A mirror: files by their paths, each with an `ETag`, in ranges, and not again if they have not changed.
#[derive(Clone, Default)]
struct Files(Arc<Mutex<BTreeMap<String, File>>>);

#[derive(Clone)]
struct File {
    bytes: Vec<u8>,
    etag: &'static str,
    headers: Vec<(&'static str, String)>,
    /// Where the connection ends.
    cut: Option<usize>,
    /// Whether it hangs there instead, until nobody listens.
    stalls: bool,
}

impl File {
    fn of(bytes: impl Into<Vec<u8>>, etag: &'static str) -> Self {
        Self { bytes: bytes.into(), etag, headers: Vec::new(), cut: None, stalls: false }
    }
}

impl Files {
    fn put(&self, path: &str, file: File) {
        self.0.lock().expect("nobody broke").insert(path.to_owned(), file);
    }

    fn server(&self) -> Server {
        let files = self.clone();
        Server::start(move |asked| files.answer(asked))
    }

    fn answer(&self, asked: &Asked) -> Reply {
        let Some(file) = self.0.lock().expect("nobody broke").get(&asked.path).cloned() else {
            return Reply::of(404, "");
        };
        let headers = |mut reply: Reply| {
            reply.headers.extend(file.headers.clone());
            reply.with("ETag", file.etag)
        };
        if asked.header("if-none-match") == Some(file.etag) {
            return headers(Reply::of(304, ""));
        }
        let range = asked.header("range").filter(|_| asked.header("if-range") == Some(file.etag));
        let from =
            range.and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse::<usize>().ok());
        let (from, status) = from.map_or((0, 200), |from| (from, 206));
        let rest = file.bytes[from..].to_vec();
        let body = match file.cut.filter(|cut| *cut < file.bytes.len() && *cut > from) {
            Some(cut) if file.stalls => Body::Stalls(rest[..cut - from].to_vec(), file.bytes.len() - cut),
            Some(cut) => Body::Cut(rest[..cut - from].to_vec(), file.bytes.len() - cut),
            None => Body::Whole(rest),
        };
        let reply = headers(Reply { body, ..Reply::of(status, "") });
        if status == 200 {
            return reply;
        }
        let last = file.bytes.len() - 1;
        reply.with("Content-Range", format!("bytes {from}-{last}/{}", file.bytes.len()))
    }
}

fn long(number: usize) -> u32 {
    u32::try_from(number).expect("a small zip")
}

fn short(number: usize) -> u16 {
    u16::try_from(number).expect("a small zip")
}

/// A zip of files that are stored as they are.
fn zip(entries: &[(&str, String)]) -> Vec<u8> {
    let (mut zip, mut directory) = (Vec::new(), Vec::new());
    for (name, text) in entries {
        let mut crc = flate2::Crc::new();
        crc.update(text.as_bytes());
        let (sum, size, length) = (crc.sum(), long(text.len()), short(name.len()));
        let about = |bytes: &mut Vec<u8>| {
            bytes.extend([10, 0, 0, 0, 0, 0, 0, 0, 0x21, 0x5c]);
            for number in [sum, size, size] {
                bytes.extend(number.to_le_bytes());
            }
            bytes.extend(length.to_le_bytes());
        };
        let at = long(zip.len());
        zip.extend(b"PK\x03\x04");
        about(&mut zip);
        zip.extend([0, 0]);
        zip.extend(name.as_bytes());
        zip.extend(text.as_bytes());
        directory.extend(b"PK\x01\x02\x0a\x00");
        about(&mut directory);
        directory.extend([0; 12]);
        directory.extend(at.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (count, size, at) = (short(entries.len()), long(directory.len()), long(zip.len()));
    zip.extend(directory);
    zip.extend(b"PK\x05\x06\0\0\0\0");
    zip.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    zip.extend([size.to_le_bytes(), at.to_le_bytes()].concat());
    zip.extend([0, 0]);
    zip
}

/// What osv.dev has of an ecosystem: one advisory, and enough others to be cut in two.
fn archive(ecosystem: &str, package: &str, fixed: &str) -> Vec<u8> {
    let id = format!("X-{ecosystem}-1");
    let other = |number: usize| {
        (
            format!("Y-{number}.json"),
            advisory(&format!("Y-{ecosystem}-{number}"), ecosystem, "other", "1.0.0"),
        )
    };
    let others: Vec<_> = (0..40).map(other).collect();
    let mut entries: Vec<(&str, String)> =
        others.iter().map(|(name, text)| (name.as_str(), text.clone())).collect();
    entries.push(("X-1.json", advisory(&id, ecosystem, package, fixed)));
    zip(&entries)
}

/// A mirror of two ecosystems and the two lists.
fn mirror() -> Files {
    let files = Files::default();
    files.put("/ecosystems.txt", File::of("PyPI\nnpm\nnpm:12\n\n", "\"e1\""));
    files.put("/npm/all.zip", File::of(archive("npm", "left-pad", "1.3.1"), "\"n1\""));
    files.put("/PyPI/all.zip", File::of(archive("PyPI", "left-pad", "2.0"), "\"p1\""));
    files.put("/kev.json", File::of(KEV, "\"k1\""));
    files.put("/epss.csv.gz", File::of(gzip(EPSS.as_bytes()), "\"f1\""));
    files
}

fn call(server: &Server) -> String {
    let at = format!("http://127.0.0.1:{}", server.port());
    format!(
        "intel update --database d/intel.db --format json --mirror {at} --kev {at}/kev.json --epss {at}/epss.csv.gz"
    )
}

/// What became of each source: `npm/all.zip new`.
fn states(ran: &Ran) -> Vec<String> {
    let json = ran.json();
    let rows = json["fetched"].as_array().unwrap_or_else(|| panic!("{ran}")).clone();
    let text = |one: &serde_json::Value, key: &str| one[key].as_str().unwrap_or_default().to_owned();
    rows.iter().map(|one| format!("{} {}", text(one, "source"), text(one, "state"))).collect()
}

fn all(state: &str) -> Vec<String> {
    let names = [
        "PyPI/all.zip",
        "npm/all.zip",
        "cisa/known_exploited_vulnerabilities.json",
        "first/epss_scores-current.csv.gz",
    ];
    names.iter().map(|name| format!("{name} {state}")).collect()
}

/// Whether a version is known to be bad.
fn is_bad(scene: &Scene, purl: &str) -> bool {
    let ran = scene.run(&format!("intel ask {purl} --database d/intel.db"));
    assert!(matches!(ran.code, Some(0 | 1)), "{ran}");
    ran.code == Some(1)
}

#[test]
fn what_a_mirror_has_is_taken_in_and_the_next_time_only_what_changed() {
    let (scene, files) = (Scene::new(), mirror());
    let server = files.server();
    let first = scene.run(&call(&server));
    assert_eq!((first.code, states(&first)), (Some(0), all("new")), "{first}");
    assert!(is_bad(&scene, "pkg:npm/left-pad@1.3.0") && !is_bad(&scene, "pkg:npm/left-pad@1.3.1"));
    let paths: Vec<_> = server.asked().into_iter().map(|asked| asked.path).collect();
    assert_eq!(paths.len(), 5, "npm:12 is a part of npm: {paths:?}");
    let schema = serde_json::to_value(floodmark::intel_schema()).expect("a schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    assert!(validator.is_valid(&first.json()), "{first}");
    let before = scene.bytes("d/intel.db");

    let second = scene.run(&call(&server));
    assert_eq!((second.code, states(&second)), (Some(0), all("same")), "{second}");
    assert_eq!(scene.bytes("d/intel.db"), before);
    assert_eq!(server.heard("if-none-match").len(), 4);

    files.put("/npm/all.zip", File::of(archive("npm", "left-pad", "1.4.0"), "\"n2\""));
    let third = scene.run(&call(&server));
    assert_eq!(third.code, Some(0), "{third}");
    assert_eq!(states(&third).iter().filter(|one| one.ends_with(" new")).count(), 1, "{third}");
    assert!(is_bad(&scene, "pkg:npm/left-pad@1.3.1") && is_bad(&scene, "pkg:pypi/left-pad@1.9"));

    let status = scene.run("intel status --database d/intel.db --format json").json();
    let fetched = status["fetched"].as_array().expect("rows");
    assert_eq!(fetched.len(), 4);
    let url = format!("http://127.0.0.1:{}/PyPI/all.zip", server.port());
    assert!(
        fetched.iter().any(|one| one["source"] == "PyPI/all.zip" && one["url"] == url.as_str()),
        "{fetched:?}"
    );
    assert!(fetched.iter().all(|one| one["fetched"].as_str().is_some_and(|time| time.ends_with('Z'))));
    let shown = scene.run("intel status --database d/intel.db");
    assert!(shown.stdout.contains("FETCHED by intel update"), "{shown}");

    let held: Vec<_> = std::fs::read_dir(scene.path("d/intel.db.fetched"))
        .expect("a folder")
        .flatten()
        .map(|one| one.file_name())
        .collect();
    assert_eq!(held.len(), 2, "the state and the lock: {held:?}");
}

#[test]
fn what_the_database_no_longer_holds_is_fetched_anew() {
    let (scene, files) = (Scene::new(), mirror());
    let server = files.server();
    assert_eq!(scene.run(&call(&server)).code, Some(0));
    std::fs::remove_file(scene.path("d/intel.db")).expect("it was there");
    let again = scene.run(&call(&server));
    assert_eq!(states(&again), all("new"), "{again}");
    // Somebody imports another file under the name of a source.
    scene.write("other/npm/all.zip", archive("npm", "right-pad", "1.0.0"));
    assert_eq!(scene.run("intel import other/npm/all.zip --database d/intel.db").code, Some(0));
    let healed = scene.run(&call(&server));
    assert_eq!(states(&healed)[1], "npm/all.zip new", "{healed}");
    assert!(is_bad(&scene, "pkg:npm/left-pad@1.3.0"));
}

#[test]
fn a_download_that_is_cut_off_leaves_the_old_database_and_goes_on_from_there() {
    let (scene, files) = (Scene::new(), mirror());
    let server = files.server();
    assert_eq!(scene.run(&call(&server)).code, Some(0));
    let new = archive("npm", "left-pad", "1.4.0");
    for cut in [1, 100, 5000, new.len() - 1] {
        files.put("/npm/all.zip", File { cut: Some(cut), ..File::of(new.clone(), "\"n2\"") });
        let before = scene.bytes("d/intel.db");
        let ran = scene.run(&call(&server));
        assert_eq!((ran.code, states(&ran)[1].as_str()), (Some(3), "npm/all.zip failed"), "{ran}");
        assert_eq!(scene.bytes("d/intel.db"), before, "the old one is whole");
    }
    files.put("/npm/all.zip", File::of(new.clone(), "\"n2\""));
    let ran = scene.run(&call(&server));
    assert_eq!((ran.code, states(&ran)[1].as_str()), (Some(0), "npm/all.zip new"), "{ran}");
    assert!(is_bad(&scene, "pkg:npm/left-pad@1.3.1"));
    let ranges = server.heard("range");
    let expected: Vec<_> = [1, 100, 5000, new.len() - 1].iter().map(|at| format!("bytes={at}-")).collect();
    assert_eq!(ranges, expected);

    // What has changed meanwhile is not glued to what was there.
    files.put(
        "/npm/all.zip",
        File { cut: Some(900), ..File::of(archive("npm", "left-pad", "1.5.0"), "\"n3\"") },
    );
    assert_eq!(scene.run(&call(&server)).code, Some(3));
    files.put("/npm/all.zip", File::of(archive("npm", "left-pad", "1.6.0"), "\"n4\""));
    let ran = scene.run(&call(&server));
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(is_bad(&scene, "pkg:npm/left-pad@1.5.9"));
}

#[test]
fn what_is_not_what_its_server_says_is_not_taken_in() {
    let (scene, files) = (Scene::new(), mirror());
    let server = files.server();
    for (name, value) in
        [("x-goog-hash", "crc32c=AAAAAA==,md5=x".to_owned()), ("X-Checksum-Sha256", "0".repeat(64))]
    {
        let file = File::of(archive("npm", "left-pad", "1.3.1"), "\"n1\"");
        files.put("/npm/all.zip", File { headers: vec![(name, value)], ..file });
        let ran = scene.run(&call(&server));
        assert_eq!((ran.code, states(&ran)[1].as_str()), (Some(3), "npm/all.zip failed"), "{ran}");
        assert!(ran.stdout.contains("as its server says"), "{ran}");
    }
    // A zip that is none is thrown away, and asked for again.
    files.put("/npm/all.zip", File::of("PK\u{3}\u{4}nothing", "\"n0\""));
    let ran = scene.run(&call(&server));
    assert_eq!(ran.code, Some(3), "{ran}");
    files.put("/npm/all.zip", File::of(archive("npm", "left-pad", "1.3.1"), "\"n1\""));
    assert_eq!(scene.run(&call(&server)).code, Some(0));
    assert!(is_bad(&scene, "pkg:npm/left-pad@1.3.0"));
}

#[test]
fn a_mirror_that_names_what_is_no_ecosystem_or_sends_without_end_is_refused() {
    let (scene, files) = (Scene::new(), mirror());
    let server = files.server();
    for wrong in ["../../d", "npm\n/etc/passwd", "a\\b", "\u{1b}[31m"] {
        files.put("/ecosystems.txt", File::of(wrong, "\"e2\""));
        let ran = scene.run(&call(&server));
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{ran}");
        assert!(ran.stderr.contains("which is no ecosystem") && !ran.stderr.contains('\u{1b}'), "{ran}");
    }
    let named = scene.run("intel update --database d/intel.db --ecosystem ../x");
    assert!(named.stderr.contains("\"../x\" is no ecosystem"), "{named}");
    let endless = Server::start(|_| Reply { body: Body::Endless(vec![b'a'; 1 << 16]), ..Reply::of(200, "") });
    let ran = scene.run(&call(&endless));
    assert!(ran.stderr.contains("longer than 65536 bytes"), "{ran}");
    let ran = scene.run(&format!("{} --ecosystem npm --max-download 1", call(&endless)));
    assert_eq!(ran.code, Some(3), "{ran}");
    assert!(ran.stdout.contains("longer than 1048576 bytes, which is the most that is fetched"), "{ran}");
    assert!(!scene.path("d/intel.db").exists());
}

#[test]
fn some_ecosystems_only_and_a_mirror_without_a_list() {
    let (scene, files) = (Scene::new(), mirror());
    let server = files.server();
    let ran = scene.run(&format!("{} --ecosystem npm --without-kev --without-epss", call(&server)));
    assert_eq!((ran.code, states(&ran)), (Some(0), vec!["npm/all.zip new".into()]), "{ran}");
    let missing = scene.run(&format!("{} --ecosystem NuGet", call(&server)));
    assert_eq!((missing.code, states(&missing)[0].as_str()), (Some(3), "NuGet/all.zip failed"), "{missing}");
    assert!(is_bad(&scene, "pkg:npm/left-pad@1.3.0"), "what was taken of others stays");

    let plain = Files::default();
    plain.put("/all.zip", File::of(archive("PyPI", "left-pad", "2.0"), "\"a1\""));
    let server = plain.server();
    let flags = format!(
        "intel update --database e/intel.db --format json --without-kev --without-epss --mirror http://127.0.0.1:{}",
        server.port()
    );
    let ran = scene.run(&flags);
    assert_eq!((ran.code, states(&ran)), (Some(0), vec!["all.zip new".into()]), "{ran}");
    scene.write(
        "floodmark.toml",
        format!("[intel]\nmirror = \"http://127.0.0.1:{}\"\ndatabase = \"e/intel.db\"\n", server.port()),
    );
    let ran = scene.run("intel update --without-kev --without-epss --format json");
    assert_eq!((ran.code, states(&ran)), (Some(0), vec!["all.zip same".into()]), "{ran}");
}

#[test]
fn an_update_that_is_killed_is_taken_up_by_the_next_and_keeps_others_out_meanwhile() {
    let (scene, files) = (Scene::new(), mirror());
    let server = files.server();
    let npm = archive("npm", "left-pad", "1.3.1");
    files.put("/npm/all.zip", File { cut: Some(4000), stalls: true, ..File::of(npm.clone(), "\"n1\"") });
    let mut command = scene.floodmark(&call(&server));
    let mut running = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    let part = scene.path("d/intel.db.fetched/npm/all.zip.part");
    eventually(|| part.metadata().is_ok_and(|part| part.len() == 4000));
    let second = scene.run(&call(&server));
    assert_eq!(second.code, Some(2), "{second}");
    assert!(second.stderr.contains("another update of this database is running"), "{second}");
    running.kill().expect("it is there");
    running.wait().expect("it ended");
    assert!(!scene.path("d/intel.db").exists());

    files.put("/npm/all.zip", File::of(npm, "\"n1\""));
    // The process that fetches for the one that was killed finds out with the next byte, or when its server is silent for
    // too long; until then the folder is its own.
    server.release();
    let mut ran = scene.run(&call(&server));
    let started = Instant::now();
    while ran.code == Some(2)
        && ran.stderr.contains("another process fetches")
        && started.elapsed() < Duration::from_mins(1)
    {
        sleep(Duration::from_millis(50));
        ran = scene.run(&call(&server));
    }
    assert_eq!((ran.code, states(&ran)), (Some(0), all("new")), "{ran}");
    assert!(server.heard("range").contains(&"bytes=4000-".to_owned()), "{:?}", server.heard("range"));
}

/// Killed at many moments of fetching and importing, the database is always the old one or the new one.
#[test]
fn a_database_is_whole_whenever_an_update_is_killed() {
    let (scene, files) = (Scene::new(), mirror());
    let server = files.server();
    assert_eq!(scene.run(&call(&server)).code, Some(0));
    let fixed = |number: u32| format!("1.{number}.0");
    let started = Instant::now();
    let etags = ["\"m0\"", "\"m1\"", "\"m2\"", "\"m3\"", "\"m4\"", "\"m5\"", "\"m6\"", "\"m7\""];
    for (number, etag) in (10..).zip(etags) {
        files.put("/npm/all.zip", File::of(archive("npm", "left-pad", &fixed(number)), etag));
        let mut command = scene.floodmark(&call(&server));
        let mut running = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        sleep(Duration::from_millis(u64::from(number - 9) * 25));
        let _ = running.kill();
        running.wait().expect("it ended");
        assert!(is_bad(&scene, "pkg:npm/left-pad@1.2.0"), "it is whole");
        let mut ran = scene.run(&call(&server));
        while ran.code == Some(2) && started.elapsed() < Duration::from_mins(2) {
            sleep(Duration::from_millis(50));
            ran = scene.run(&call(&server));
        }
        assert_eq!(ran.code, Some(0), "{ran}");
        let bad = format!("pkg:npm/left-pad@1.{}.9", number - 1);
        assert!(is_bad(&scene, &bad) && !is_bad(&scene, &format!("pkg:npm/left-pad@{}", fixed(number))));
    }
}

#[test]
fn a_folder_behind_pythons_web_server_is_a_mirror() {
    if Command::new("python3").arg("--version").output().is_err() {
        eprintln!("SKIPPED: python3 is not installed, so no folder behind its web server was a mirror");
        return;
    }
    let scene = Scene::new();
    scene.write("mirror/ecosystems.txt", "npm\n");
    scene.write("mirror/npm/all.zip", archive("npm", "left-pad", "1.3.1"));
    scene.write("mirror/kev.json", KEV);
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|free| free.local_addr())
        .expect("a free port")
        .port();
    let mut command = Command::new("python3");
    command
        .args(["-m", "http.server", "--bind", "127.0.0.1", "--directory"])
        .arg(scene.path("mirror"))
        .arg(port.to_string());
    let mut python = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    eventually(|| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
    let at = format!("http://127.0.0.1:{port}");
    let call = format!(
        "intel update --database d/intel.db --format json --mirror {at} --kev {at}/kev.json --without-epss"
    );
    let (first, second) = (scene.run(&call), scene.run(&call));
    python.kill().expect("it is there");
    python.wait().expect("it ended");
    let lists = |state: &str| {
        vec![format!("npm/all.zip {state}"), format!("cisa/known_exploited_vulnerabilities.json {state}")]
    };
    assert_eq!((first.code, states(&first)), (Some(0), lists("new")), "{first}");
    assert_eq!((second.code, states(&second)), (Some(0), lists("same")), "{second}");
}

/// A server with a certificate of an authority that nobody else knows.
const ENCRYPTED: &str = "
import functools, http.server, ssl, sys
handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory='mirror')
server = http.server.ThreadingHTTPServer(('127.0.0.1', int(sys.argv[1])), handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain('cert.pem', 'key.pem')
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
";

#[test]
fn an_encrypted_mirror_is_trusted_by_the_certificates_that_are_named_and_by_its_name_only() {
    let scene = Scene::new();
    let openssl = |arguments: &str| {
        let mut command = Command::new("openssl");
        command.args(arguments.split_whitespace()).current_dir(scene.path(""));
        command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    };
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2";
    scene.write("names", "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n");
    let made = openssl(&format!("req -x509 {key} -subj /CN=authority -keyout ca.key -out ca.pem"))
        && openssl(&format!("req {key} -subj /CN=localhost -keyout key.pem -out asked.pem"))
        && openssl(
            "x509 -req -in asked.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out cert.pem",
        );
    if !made || Command::new("python3").arg("--version").output().is_err() {
        eprintln!("SKIPPED: openssl and python3 are not installed, so no encrypted mirror was asked");
        return;
    }
    scene.write("mirror/ecosystems.txt", "npm\n");
    scene.write("mirror/npm/all.zip", archive("npm", "left-pad", "1.3.1"));
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|free| free.local_addr())
        .expect("a free port")
        .port();
    let mut command = Command::new("python3");
    command.args(["-c", ENCRYPTED]).arg(port.to_string()).current_dir(scene.path(""));
    let mut python = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    eventually(|| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
    let run = |host: &str, flags: &str| {
        let lists = "--without-kev --without-epss --format json --database d/intel.db";
        scene.run(&format!("intel update {lists} --mirror https://{host}:{port} {flags}"))
    };
    let (unknown, misnamed) = (run("localhost", ""), run("127.0.0.1", "--ca-file ca.pem"));
    let trusted = run("localhost", "--ca-file ca.pem");
    python.kill().expect("it is there");
    python.wait().expect("it ended");
    assert_eq!((unknown.code, misnamed.code), (Some(2), Some(2)), "{unknown} {misnamed}");
    assert!(misnamed.stderr.contains("certificate"), "{misnamed}");
    assert_eq!((trusted.code, states(&trusted)), (Some(0), vec!["npm/all.zip new".into()]), "{trusted}");
}

fn eventually(mut is: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is() {
        assert!(started.elapsed() < Duration::from_secs(20), "it never was");
        sleep(Duration::from_millis(10));
    }
}
