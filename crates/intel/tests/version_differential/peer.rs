//! How the reference implementations are found and asked.

use std::env;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A command that reads pairs and writes how they compare, or why there is none.
pub(crate) type Found = Result<Command, String>;

/// What the peer says of each pair.
pub(crate) fn ask(mut command: Command, pairs: &[(String, String)]) -> Result<Vec<u8>, String> {
    let input: String = pairs.iter().flat_map(|(a, b)| [a, "\t", b, "\n"]).collect();
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{command:?}: {error}"))?;
    let mut stdin = child.stdin.take().expect("it is piped");
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    let _ = writer.join();
    let said: Vec<u8> = output.stdout.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    if said.len() == pairs.len() {
        return Ok(said);
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    let last = errors.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("no message").to_owned();
    Err(format!("{command:?} answered {} of {} pairs: {last}", said.len(), pairs.len()))
}

/// An interpreter of the `PATH` with one of our scripts.
pub(crate) fn script(program: &str, file: &str) -> Found {
    let mut command = found(program)?;
    command.arg(scripts().join(file));
    Ok(command)
}

/// The system's Python, which sees what Debian's packages bring.
pub(crate) fn system_python(file: &str) -> Found {
    let python = Path::new("/usr/bin/python3");
    if !python.exists() {
        return Err("no /usr/bin/python3".to_owned());
    }
    let mut command = Command::new(python);
    command.arg(scripts().join(file));
    Ok(command)
}

/// Python in an environment with a package, made once.
pub(crate) fn python(package: &str, file: &str) -> Found {
    let home = home(&format!("python-{package}"));
    let interpreter = home.join("bin/python");
    let mark = home.join("installed");
    if !mark.exists() {
        run(found("python3")?.args(["-m", "venv", "--clear"]).arg(&home))?;
        run(Command::new(&interpreter).args(["-m", "pip", "install", "-q", package]))?;
        fs::write(&mark, "").map_err(|error| error.to_string())?;
    }
    let mut command = Command::new(interpreter);
    command.arg(scripts().join(file));
    Ok(command)
}

/// Node with a package of npm, installed once.
pub(crate) fn node(package: &str, file: &str) -> Found {
    let mut command = found("node")?;
    let home = home(&format!("node-{}", package.replace(['/', '@'], "-")));
    if !home.join("node_modules").join(package).exists() {
        run(found("npm")?
            .args(["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"])
            .arg(&home)
            .arg(package))?;
    }
    command.env("NODE_PATH", home.join("node_modules")).arg(scripts().join(file));
    Ok(command)
}

/// Go with the module that our program imports, built once.
pub(crate) fn go() -> Found {
    let home = home("go");
    let binary = home.join("peer");
    if !binary.exists() {
        fs::copy(scripts().join("go.go"), home.join("main.go")).map_err(|error| error.to_string())?;
        let _ = fs::remove_file(home.join("go.mod"));
        for arguments in
            [&["mod", "init", "peer"][..], &["get", "golang.org/x/mod/semver"], &["build", "-o", "peer"]]
        {
            run(found("go")?.args(arguments).current_dir(&home))?;
        }
    }
    Ok(Command::new(binary))
}

/// A program that Go builds from a module, once, or one of that name in the folder of peers or the `PATH`.
#[allow(dead_code, reason = "the tests of scan ask such programs")]
pub(crate) fn go_tool(package: &str, version: &str, name: &str) -> Found {
    if let Ok(command) = found(name) {
        return Ok(command);
    }
    let home = home("go-tools");
    let binary = home.join(name);
    if !binary.exists() {
        run(found("go")?
            .env("GOBIN", &home)
            .env("GOFLAGS", "")
            .args(["install", &format!("{package}@{version}")]))?;
    }
    Ok(Command::new(binary))
}

/// Java with Maven's artifact library, which Maven itself fetches.
pub(crate) fn maven() -> Found {
    const VERSION: &str = "3.9.11";
    let mut command = found("java")?;
    let local = env::var_os("HOME").map(PathBuf::from).unwrap_or_default().join(".m2/repository");
    let jar = local.join(format!("org/apache/maven/maven-artifact/{VERSION}/maven-artifact-{VERSION}.jar"));
    if !jar.exists() {
        let artifact = format!("-Dartifact=org.apache.maven:maven-artifact:{VERSION}");
        run(found("mvn")?.args(["-q", "dependency:get", &artifact]))?;
    }
    command.arg("-cp").arg(jar).arg(scripts().join("Maven.java"));
    Ok(command)
}

/// A program, first in the folder of peers, then in the `PATH`.
pub(crate) fn found(program: &str) -> Found {
    let peers = env::var_os("FLOODMARK_PEERS").map(|peers| PathBuf::from(peers).join("bin"));
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = peers.into_iter().chain(env::split_paths(&path)).collect();
    folders.retain(|folder| folder.is_dir());
    if !folders.iter().any(|folder| folder.join(program).exists()) {
        return Err(format!("no {program}"));
    }
    let mut command = Command::new("env");
    command
        .env("PATH", env::join_paths(&folders).map_err(|error| error.to_string())?)
        .env("LC_ALL", "C.UTF-8");
    command.arg(program);
    Ok(command)
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(format!("{command:?}: {}", errors.lines().last().unwrap_or("no message")))
}

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/version_differential/peers")
}

fn home(name: &str) -> PathBuf {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("version-peers").join(name);
    let _ = fs::create_dir_all(&home);
    home
}
