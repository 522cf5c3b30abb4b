//! Other people's programs, fetched once into the folder of the build.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// Tests run beside each other, and what is fetched is fetched once.
static FETCHING: Mutex<()> = Mutex::new(());

/// Python with these packages of PyPI, or why there is none.
pub(crate) fn python(packages: &[&str]) -> Result<Command, String> {
    let _one = FETCHING.lock().unwrap_or_else(PoisonError::into_inner);
    let home = home("python");
    let (interpreter, mark) =
        (home.join("bin/python"), home.join(format!("installed-{}", packages.join("_"))));
    if !interpreter.exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&home))?;
    }
    if !mark.exists() {
        run(Command::new(&interpreter).args(["-m", "pip", "install", "-q"]).args(packages))?;
        fs::write(&mark, "").map_err(|error| error.to_string())?;
    }
    Ok(Command::new(interpreter))
}

/// The folder of a package of npm in a version, of which nothing is run, or why there is none.
pub(crate) fn npm(package: &str) -> Result<PathBuf, String> {
    let _one = FETCHING.lock().unwrap_or_else(PoisonError::into_inner);
    let home = home("npm");
    let name = package.rsplit_once('@').map_or(package, |(name, _)| name);
    let folder = home.join("node_modules").join(name);
    if !folder.exists() {
        let options = ["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"];
        run(Command::new("npm").args(options).arg(&home).arg(package))?;
    }
    Ok(folder)
}

/// Runs a script on standard input of an interpreter with these arguments; what it said if it was content.
pub(crate) fn content(mut python: Command, script: &str, arguments: &[&Path]) -> String {
    let output = python.arg("-c").arg(script).args(arguments).output().expect("Python runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(format!("{command:?}: {}", errors.lines().last().unwrap_or("no message")))
}

fn home(name: &str) -> PathBuf {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peers").join(name);
    let _ = fs::create_dir_all(&home);
    home
}
