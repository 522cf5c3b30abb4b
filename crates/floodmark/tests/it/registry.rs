//! `floodmark scan` of an image in a registry: a real one, and one that lies.

use std::fs;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::container::{Image, digest};
use crate::scene::{Ran, Scene};
use crate::server::{Asked, Body, Reply, Server};

/// `docker-registry` on loopback; it ends with this.
struct Registry {
    process: Child,
    port: u16,
}

/// `user` with the password `secret`, by bcrypt.
const HTPASSWD: &str = "user:$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n";

/// `user:secret`.
const BASIC: &str = "dXNlcjpzZWNyZXQ=";

impl Registry {
    /// Starts one, or says that there is none.
    fn start(scene: &Scene, auth: &str) -> Option<Self> {
        for program in ["docker-registry", "skopeo"] {
            if Command::new(program).arg("--version").output().is_err() {
                eprintln!("SKIPPED: {program} is not installed, so nothing was pulled from a real registry");
                return None;
            }
        }
        let port =
            TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address").port();
        let storage = scene.path("registry").display().to_string();
        let config = format!(
            "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {storage}}}}}\n\
             http: {{addr: \"127.0.0.1:{port}\"}}\n{auth}"
        );
        scene.write("registry.yml", config);
        let mut command = Command::new("docker-registry");
        command.arg("serve").arg(scene.path("registry.yml"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let registry = Self { process: command.spawn().expect("the registry starts"), port };
        let started = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(started.elapsed() < Duration::from_secs(20), "the registry does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(registry)
    }

    /// Pushes an image with skopeo, all of its platforms.
    fn push(&self, scene: &Scene, image: &Image, name: &str) {
        image.write(scene, "layout", "pushed");
        let mut command = Command::new("skopeo");
        command.args([
            "copy",
            "--all",
            "--preserve-digests",
            "--dest-tls-verify=false",
            "--dest-creds",
            "user:secret",
        ]);
        command.arg(format!("oci:{}:pushed", scene.path("layout").display()));
        command.arg(format!("docker://127.0.0.1:{}/{name}", self.port));
        let output = command.output().expect("skopeo starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        fs::remove_dir_all(scene.path("layout")).expect("it was there");
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn packages(ran: &Ran) -> Vec<String> {
    let json = ran.json();
    let components = json["components"].as_array().expect("rows").clone();
    let crates = components
        .iter()
        .filter(|one| one["purl"].as_str().is_some_and(|purl| purl.starts_with("pkg:cargo/")));
    crates.map(|one| one["name"].as_str().unwrap_or_default().to_owned()).collect()
}

fn read_paths(ran: &Ran) -> Vec<String> {
    let json = ran.json();
    let read = json["coverage"]["read"].as_array().expect("rows").clone();
    read.iter().map(|one| one["path"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn an_image_is_pulled_by_tag_and_by_digest_and_the_answer_names_and_cites_it() {
    let scene = Scene::new();
    let Some(registry) = Registry::start(&scene, "") else { return };
    let image = Image::of(&["lower", "upper"]);
    registry.push(&scene, &image, "team/app:1.0");
    let named = format!("127.0.0.1:{}/team/app", registry.port);
    let by_tag = scene.run(&format!("scan {named}:1.0 --format json"));
    assert_eq!(by_tag.code, Some(0), "{by_tag}");
    assert_eq!(packages(&by_tag), ["lower", "upper"]);
    assert!(read_paths(&by_tag).contains(&format!("{named}:1.0@{}", image.top)), "{by_tag}");
    let json = by_tag.json();
    let evidence: Vec<_> =
        json["coverage"]["read"].as_array().expect("rows").iter().map(|one| &one["evidence"]).collect();
    let components = json["components"].as_array().expect("rows");
    let found = components.iter().flat_map(|one| one["found"].as_array().expect("rows"));
    assert!(
        found.clone().count() >= 4 && found.clone().all(|one| evidence.contains(&&one["evidence"])),
        "{by_tag}"
    );
    let own: Vec<_> = components
        .iter()
        .filter_map(|one| one["purl"].as_str())
        .filter(|purl| purl.contains("app"))
        .collect();
    assert_eq!(own.len(), 2, "by tag and by digest: {own:?}");
    assert_eq!(scene.left_in_tmp(), 0, "what was fetched is gone");

    let by_digest = scene.run(&format!("scan {named}@{} --format json", image.top));
    assert_eq!(
        (by_digest.code, packages(&by_digest)),
        (Some(0), vec!["lower".into(), "upper".into()]),
        "{by_digest}"
    );
    let localhost = scene.run(&format!("scan localhost:{}/team/app:1.0 --format json", registry.port));
    assert_eq!(packages(&localhost), ["lower", "upper"], "{localhost}");
    let none = scene.run(&format!("scan {named}:2.0"));
    assert_eq!((none.code, none.stdout.as_str()), (Some(2), ""));
    assert!(none.stderr.contains("404: MANIFEST_UNKNOWN"), "{none}");
    assert_eq!(scene.left_in_tmp(), 0);
}

#[test]
fn of_an_index_the_platform_that_was_asked_for_is_pulled_and_said() {
    let scene = Scene::new();
    let Some(registry) = Registry::start(&scene, "") else { return };
    let image = Image::of_platforms("for-amd", "for-arm");
    registry.push(&scene, &image, "app:1");
    let named = format!("127.0.0.1:{}/app:1", registry.port);
    for (platform, package) in [("linux/amd64", "for-amd"), ("linux/arm64", "for-arm")] {
        let ran = scene.run(&format!("scan {named} --platform {platform} --format json"));
        assert_eq!((ran.code, packages(&ran)), (Some(0), vec![package.to_owned()]), "{ran}");
        let told = ran.unread();
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].1.contains(&format!("that for {platform} was fetched")), "{told:?}");
    }
    let own = if cfg!(target_arch = "aarch64") { "for-arm" } else { "for-amd" };
    let ran = scene.run(&format!("scan {named} --format json"));
    assert_eq!(packages(&ran), [own], "without a platform, this machine's: {ran}");
    let none = scene.run(&format!("scan {named} --platform linux/s390x"));
    assert_eq!(none.code, Some(2));
    assert!(none.stderr.contains("no image for linux/s390x; it has linux/amd64, linux/arm64"), "{none}");
}

#[test]
fn credentials_are_read_only_where_that_is_asked_for_and_no_helper_is_run() {
    let scene = Scene::new();
    scene.write("htpasswd", HTPASSWD);
    let auth = format!("auth: {{htpasswd: {{realm: r, path: {}}}}}\n", scene.path("htpasswd").display());
    let Some(registry) = Registry::start(&scene, &auth) else { return };
    registry.push(&scene, &Image::of(&["private"]), "app:1");
    let named = format!("127.0.0.1:{}", registry.port);
    let config = |entry: &str| format!(r#"{{"auths": {{"{named}": {{{entry}}}}}, "credsStore": "evil"}}"#);
    scene.write(".docker/config.json", config(&format!(r#""auth": "{BASIC}""#)));
    let run = |flags: &str| {
        let mut command = scene.floodmark(&format!("scan {named}/app:1 --format json {flags}"));
        Ran::of(command.env("HOME", scene.path("")))
    };
    let without = run("");
    assert_eq!(without.code, Some(2));
    assert!(without.stderr.contains("wants credentials: it was given none"), "{without}");
    assert!(without.stderr.contains("hint: --docker-config"), "{without}");
    assert_eq!(packages(&run("--docker-config")), ["private"]);
    scene.write("other.json", config(r#""auth": "dXNlcjp3cm9uZw==""#));
    let wrong = run("--docker-config=other.json");
    assert!(wrong.stderr.contains("it does not take those it was given"), "{wrong}");
    assert!(!wrong.to_string().contains("dXNlcjp"), "{wrong}");
    scene.write("bin/docker-credential-evil", "#!/bin/sh\ntouch ran\n");
    scene.write("helper.json", config(""));
    let helper = run("--docker-config=helper.json");
    assert_eq!(helper.code, Some(2));
    assert!(helper.stderr.contains("helper \"evil\", a program, and none is run"), "{helper}");
    assert!(!scene.path("ran").exists());
}

/// What a registry answers that serves an image.
fn served(image: &Image, asked: &Asked) -> Reply {
    image.served(&asked.path)
}

/// Scans `app:1` of a server that answers so.
fn scan(flags: &str, answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> (Ran, Server, Scene) {
    let (scene, server) = (Scene::new(), Server::start(answer));
    let ran = scene.run(&format!("scan 127.0.0.1:{}/app:1 --format json {flags}", server.port()));
    assert_eq!(scene.left_in_tmp(), 0, "what was fetched is gone");
    (ran, server, scene)
}

/// A server that serves this image, but for one layer.
fn with_layer(layer: fn(Vec<u8>) -> Reply) -> impl Fn(&Asked) -> Reply + Send + Sync + 'static {
    let image = Image::of(&["good", "wrong"]);
    let wrong = image.layers()[1].clone();
    move |asked: &Asked| {
        if asked.path.ends_with(&wrong) { layer(image.blobs[&wrong].clone()) } else { served(&image, asked) }
    }
}

/// The layer could not be had, and the rest is answered.
fn is_missing(ran: &Ran, why: &str) {
    assert_eq!(ran.code, Some(3), "{ran}");
    assert_eq!(packages(ran), ["good"], "the rest is answered");
    let told = ran.unread();
    assert!(told.iter().any(|(path, told)| path.starts_with("sha256:") && told.contains(why)), "{told:?}");
}

#[test]
fn a_layer_that_is_another_one_or_ends_early_or_never_is_told_and_the_rest_is_scanned() {
    let (other, ..) = scan(
        "",
        with_layer(|mut layer| {
            layer[20] ^= 1;
            Reply::of(200, layer)
        }),
    );
    is_missing(&other, "has the digest sha256:");
    let (cut, ..) = scan(
        "",
        with_layer(|layer| Reply {
            body: Body::Cut(layer[..40].to_vec(), layer.len() - 40),
            ..Reply::of(200, "")
        }),
    );
    is_missing(&cut, "could not be fetched");
    let (short, ..) = scan("", with_layer(|layer| Reply::of(200, layer[..40].to_vec())));
    is_missing(&short, "ends after 40 bytes");
    let started = Instant::now();
    let (endless, ..) =
        scan("", with_layer(|_| Reply { body: Body::Endless(vec![0; 1 << 16]), ..Reply::of(200, "") }));
    is_missing(&endless, "is longer than");
    assert!(started.elapsed() < Duration::from_secs(20));
    let (gone, ..) = scan(
        "",
        with_layer(|_| {
            Reply::of(404, r#"{"errors": [{"code": "BLOB_UNKNOWN", "message": "\u001b[31mgone"}]}"#)
        }),
    );
    is_missing(&gone, "404: BLOB_UNKNOWN");
    assert!(!gone.stdout.contains('\u{1b}'));
}

#[test]
fn a_manifest_that_is_huge_endless_or_another_one_ends_the_run() {
    for body in [Body::Whole(vec![b' '; 100 << 20]), Body::Endless(vec![b' '; 1 << 16])] {
        let body = std::sync::Mutex::new(Some(body));
        let (ran, ..) = scan("", move |_| {
            let body = body.lock().expect("nobody broke").take().unwrap_or(Body::Whole(Vec::new()));
            Reply { body, ..Reply::of(200, "") }
        });
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{ran}");
        assert!(ran.stderr.contains("is longer than 4194304 bytes"), "{ran}");
    }
    let image = Image::of(&["good"]);
    let scene = Scene::new();
    let asked = digest(b"another");
    let server = Server::start(move |asked| {
        let top = Reply::of(200, image.manifests[&image.top].clone());
        if asked.path.contains("/manifests/") { top } else { served(&image, asked) }
    });
    let ran = scene.run(&format!("scan 127.0.0.1:{}/app@{asked}", server.port()));
    assert_eq!(ran.code, Some(2), "{ran}");
    assert!(ran.stderr.contains(&format!("expected {asked}")), "{ran}");
    let (nonsense, ..) = scan("", |_| Reply::of(200, "<html>"));
    assert!(nonsense.stderr.contains("is no manifest of an image"), "{nonsense}");
}

#[test]
fn no_more_is_fetched_than_is_allowed() {
    let mut image = Image::of(&["good"]);
    let manifest = String::from_utf8(image.manifests[&image.top].clone()).expect("text");
    let mut parsed: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
    parsed["layers"][0]["size"] = (3_u64 << 20).into();
    let manifest = parsed.to_string();
    image.top = digest(manifest.as_bytes());
    image.manifests.insert(image.top.clone(), manifest.into_bytes());
    let (ran, server, _scene) = scan("--max-download 2", move |asked| served(&image, asked));
    assert_eq!(ran.code, Some(2), "{ran}");
    assert!(ran.stderr.contains("longer than 2097152 bytes, which is the most that is fetched"), "{ran}");
    assert!(ran.stderr.contains("--max-download allows more"), "{ran}");
    assert_eq!(server.asked().len(), 1, "no blob was asked for");
}

fn config_for(scene: &Scene, registry: &str) {
    scene.write("config.json", format!(r#"{{"auths": {{"{registry}": {{"auth": "{BASIC}"}}}}}}"#));
}

#[test]
fn a_token_is_got_with_credentials_from_the_registrys_own_host_and_sent_to_it_only() {
    let scene = Scene::new();
    let image = Image::of(&["good"]);
    let server = Server::start(move |asked| {
        if asked.path.starts_with("/token") {
            return Reply::of(200, r#"{"token": "t0ken"}"#);
        }
        if asked.header("authorization") == Some("Bearer t0ken") {
            return served(&image, asked);
        }
        let host = asked.header("host").unwrap_or_default();
        Reply::of(401, "").with(
            "WWW-Authenticate",
            format!("Bearer realm=\"http://{host}/token\",service=\"s p\",scope=\"registry:catalog:*\""),
        )
    });
    let named = format!("127.0.0.1:{}", server.port());
    config_for(&scene, &named);
    let ran = scene.run(&format!("scan {named}/app:1 --docker-config=config.json --format json"));
    assert_eq!(packages(&ran), ["good"], "{ran}");
    let token =
        server.asked().into_iter().find(|asked| asked.path.starts_with("/token")).expect("it was asked for");
    assert_eq!(
        token.path, "/token?service=s%20p&scope=repository:app:pull",
        "for this repository, and nothing else"
    );
    assert_eq!(token.header("authorization"), Some(format!("Basic {BASIC}").as_str()));
    let basic = server.heard("authorization").into_iter().filter(|sent| sent.starts_with("Basic")).count();
    assert_eq!(basic, 1, "the password is sent for the token only");
}

#[test]
fn credentials_are_not_sent_to_a_realm_on_another_host() {
    let scene = Scene::new();
    let thief = Server::at("127.0.0.2:0", |_| Reply::of(200, r#"{"token": "t0ken"}"#));
    let port = thief.port();
    let server = Server::at(&format!("127.0.0.1:{port}"), move |_| {
        Reply::of(401, "").with("WWW-Authenticate", format!("Bearer realm=\"http://127.0.0.2:{port}/token\""))
    });
    let named = format!("127.0.0.1:{}", server.port());
    config_for(&scene, &named);
    let ran = scene.run(&format!("scan {named}/app:1 --docker-config=config.json"));
    assert_eq!(ran.code, Some(2), "{ran}");
    assert!(ran.stderr.contains("which is not told the credentials"), "{ran}");
    assert!(thief.asked().is_empty() && server.heard("authorization").is_empty());
    let anonymous = scene.run(&format!("scan {named}/app:1"));
    assert_eq!(anonymous.code, Some(2), "{anonymous}");
    assert_eq!(thief.heard("authorization"), Vec::<String>::new(), "without credentials it may be asked");
    assert_eq!(thief.asked().len(), 1);
}

#[test]
fn a_redirect_carries_no_credentials_and_goes_to_no_other_scheme_port_or_path_of_files() {
    let scene = Scene::new();
    let image = Arc::new(Image::of(&["good"]));
    let blobs = Arc::clone(&image);
    let store = Server::at("127.0.0.2:0", move |asked| served(&blobs, asked));
    let port = store.port();
    let server = Server::at(&format!("127.0.0.1:{port}"), {
        let image = Arc::clone(&image);
        move |asked| match asked.header("authorization") {
            None => Reply::of(401, "").with("WWW-Authenticate", "Basic realm=r"),
            Some(_) if asked.path.contains("/blobs/") => {
                Reply::of(307, "").with("Location", format!("http://127.0.0.2:{port}{}", asked.path))
            }
            Some(_) => served(&image, asked),
        }
    });
    let named = format!("127.0.0.1:{}", server.port());
    config_for(&scene, &named);
    let ran = scene.run(&format!("scan {named}/app:1 --docker-config=config.json --format json"));
    assert_eq!(packages(&ran), ["good"], "{ran}");
    assert_eq!((store.asked().len(), store.heard("authorization").len()), (2, 0), "blobs, and no password");

    for (to, why) in [
        (format!("https://127.0.0.1:{port}/x"), "by another scheme"),
        ("http://127.0.0.1:1/x".to_owned(), "on a port that is not connected to"),
        ("file:///etc/passwd".to_owned(), "which is no address"),
        (format!("http://user:pass@127.0.0.1:{port}/x"), "which holds credentials"),
        (String::new(), "is no address"),
    ] {
        let (ran, ..) = scan("", move |_| Reply::of(302, "").with("Location", to.clone()));
        assert_eq!(ran.code, Some(2), "{ran}");
        assert!(ran.stderr.contains(why), "{why}: {ran}");
    }
    let (round, server, _scene) = scan("", |asked| Reply::of(302, "").with("Location", asked.path.clone()));
    assert!(round.stderr.contains("after 5 others"), "{round}");
    assert_eq!(server.asked().len(), 6);
}

#[test]
fn an_image_that_is_known_to_be_poisoned_is_found_by_its_tag() {
    // The shipped compromises name images of public registries, which no test asks; a proxy stands in for the network.
    let image = Image::of(&["good"]);
    let proxy = Server::start(move |asked| served(&image, asked));
    let scene = Scene::new();
    let ran = scene.run(&format!(
        "scan docker.io/aquasec/trivy:0.69.4 --plain-http --proxy http://127.0.0.1:{} --format json",
        proxy.port()
    ));
    assert_eq!(ran.code, Some(1), "{ran}");
    let asked = proxy.asked();
    assert_eq!(asked[0].path, "registry-1.docker.io:80", "the proxy is asked for the registry");
    assert!(asked[1].path.starts_with("/v2/aquasec/trivy/manifests/0.69.4"), "{asked:?}");
    let json = ran.json();
    let findings = json["findings"].as_array().expect("rows");
    assert!(
        findings.iter().any(|one| one["title"].as_str().is_some_and(|title| title.contains("trivy"))),
        "{ran}"
    );
    let evidence = &json["coverage"]["read"].as_array().expect("rows").iter().find(|one| {
        one["path"].as_str().is_some_and(|path| path.starts_with("docker.io/aquasec/trivy:0.69.4@sha256:"))
    });
    let evidence = &evidence.expect("the image is named")["evidence"];
    assert!(
        findings[0]["citations"].as_array().expect("rows").iter().any(|one| one["evidence"] == *evidence),
        "{ran}"
    );
}

#[test]
fn an_existing_path_is_a_path_and_what_is_neither_says_so() {
    let scene = Scene::new();
    scene.write("localhost/app/Cargo.lock", crate::container::lock("here"));
    let path = scene.run("scan localhost/app --format json");
    assert_eq!(packages(&path), ["here"], "{path}");
    for (target, why) in [
        ("alpine:3.20", "names no registry"),
        ("missing/folder", "names no registry"),
        ("ghcr.io/Owner/App", "names no repository"),
    ] {
        let ran = scene.run(&format!("scan {target}"));
        assert_eq!(ran.code, Some(2), "{ran}");
        assert!(ran.stderr.contains("there is no such file or folder, and as an image it"), "{ran}");
        assert!(ran.stderr.contains(why), "{ran}");
    }
    let nobody = scene.run("scan 127.0.0.1:1/app:1");
    assert!(nobody.stderr.contains("cannot be reached"), "{nobody}");
    let proxy = scene.run("scan 127.0.0.1:1/app:1 --proxy http://user:pass@127.0.0.1:3128");
    assert!(proxy.stderr.contains("holds credentials"), "{proxy}");
}

/// The process that parses opens no socket, and the one that fetches runs no program: the calls of each, by strace.
#[test]
fn the_process_that_parses_makes_no_socket_and_the_one_that_fetches_starts_nothing() {
    if Command::new("strace").arg("-V").output().is_err() {
        eprintln!("SKIPPED: strace is not installed, so the system calls of a pull were not looked at");
        return;
    }
    let (scene, image) = (Scene::new(), Image::of(&["good"]));
    let server = Server::start(move |asked| served(&image, asked));
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-e", "trace=socket,connect,execve,openat,read", "-s", "200", "-o", "calls"]);
    command.arg(env!("CARGO_BIN_EXE_floodmark"));
    command.args([
        "scan",
        &format!("127.0.0.1:{}/app:1", server.port()),
        "--format",
        "json",
        "--threads",
        "1",
    ]);
    scene.scrub(&mut command);
    let ran = Ran::of(&mut command);
    assert_eq!(packages(&ran), ["good"], "{ran}");
    let calls = scene.read("calls");
    let of = |call: &str| -> Vec<&str> {
        calls.lines().filter(|line| line.contains(&format!(" {call}("))).collect()
    };
    let process = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
    let fetching =
        process(of("execve").iter().find(|line| line.contains("__fetch")).expect("a child fetches"));
    // Threads have numbers of their own; those that make sockets all are the child's, which never opens what is parsed.
    let sockets = of("socket");
    assert!(!sockets.is_empty() && sockets.iter().all(|line| line.contains("AF_INET")), "{sockets:?}");
    let parsing = process(
        of("openat")
            .iter()
            .find(|line| line.contains("index.json") && line.contains("O_RDONLY"))
            .expect("the layout is parsed"),
    );
    assert_ne!(parsing, fetching);
    assert!(sockets.iter().chain(&of("connect")).all(|line| process(line) != parsing), "{sockets:?}");
    assert_eq!(
        of("execve").iter().filter(|line| process(line) == fetching).count(),
        1,
        "itself, and nothing else"
    );
}
