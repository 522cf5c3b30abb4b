//! Signing what was exported.
//!
//! The key is opened first, in this process, which reads nothing of the database. What is exported is written by another
//! process, in its own cell, without the key. Then this one closes its own cell around the file, and signs the bytes.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::Command;

use floodmark_intel::minisign::{KeyFile, SecretKey};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

use crate::Exit;
use crate::cli::intel::{self, Exported};
use crate::failure::Failure;

/// The longest key or password that is read, in bytes.
const AT_MOST: u64 = 4096;

/// A key that is open.
pub(super) struct Signer(SecretKey);

impl Signer {
    /// Opens the key of a file, with the password that another file holds, or that is asked for on the terminal.
    pub(super) fn of(key: &Path, password_file: Option<&Path>) -> Result<Self, Failure> {
        let mut text = String::new();
        let read = File::open(key).and_then(|file| file.take(AT_MOST).read_to_string(&mut text));
        read.map_err(|error| Failure::file(key, error))?;
        let wrong = |error: floodmark_intel::minisign::SignError| {
            Failure::usage(format!("{}: {error}", key.display()), "minisign -G makes a pair of keys")
        };
        let file = KeyFile::read(&text).map_err(wrong)?;
        let password = match (file.has_password(), password_file) {
            (false, _) => None,
            (true, Some(path)) => {
                let mut line = Vec::new();
                let read = File::open(path)
                    .and_then(|file| BufReader::new(file.take(AT_MOST)).read_until(b'\n', &mut line));
                read.map_err(|error| Failure::file(path, error))?;
                Some(first_line(line))
            }
            (true, None) => Some(asked(key)?),
        };
        file.open(password.as_deref()).map(Self).map_err(wrong)
    }

    /// Signs a file, into the one beside it.
    pub(super) fn sign(&self, path: &Path, trusted_comment: Option<&str>) -> Result<(), Failure> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let comment = trusted_comment.map_or_else(|| format!("file:{name}\thashed"), ToOwned::to_owned);
        let failed = |error| Failure::file(path, error);
        let signature = self.0.sign(File::open(path).map_err(failed)?, &comment);
        let signature = signature
            .map_err(|error| Failure::usage(error.to_string(), "name another: --trusted-comment TEXT"))?;
        let beside = |end: &str| {
            let mut name = path.as_os_str().to_owned();
            name.push(end);
            name
        };
        let (new, at): (OsString, OsString) = (beside(".minisig.new"), beside(".minisig"));
        let written = File::create(&new)
            .and_then(|mut file| file.write_all(signature.as_bytes()).and_then(|()| file.sync_all()))
            .and_then(|()| fs::rename(&new, &at));
        written.map_err(|error| Failure::file(Path::new(&at), error))
    }
}

/// Runs the export in a process of its own, without the key.
pub(super) fn alone(options: &intel::Export, database: &Path) -> Result<Exit, Failure> {
    let program = std::env::current_exe().map_err(|error| Failure::file(Path::new("this program"), error))?;
    let mut command = Command::new(program);
    command.args(["intel", "export", "--as"]);
    command.arg(match options.what {
        Exported::Database => "database",
        Exported::Stix => "stix",
    });
    command.arg("--database").arg(database);
    if let Some(modified) = options.modified {
        command.arg("--modified").arg(modified.to_string());
    }
    command.arg("--format").arg(match options.output.format {
        intel::Form::Table => "table",
        intel::Form::Json => "json",
    });
    if let Some(output) = &options.output.output {
        command.arg("--output").arg(output);
    }
    command.arg("--colour").arg(match options.output.colour {
        crate::cli::Colour::Auto => "auto",
        crate::cli::Colour::Always => "always",
        crate::cli::Colour::Never => "never",
    });
    if options.confinement.allow_unconfined {
        command.arg("--allow-unconfined");
    }
    command.arg("--max-memory").arg(options.confinement.max_memory.to_string());
    if let Some(seconds) = options.confinement.max_cpu {
        command.arg("--max-cpu").arg(seconds.to_string());
    }
    command.arg("--").arg(&options.file);
    let status = command.status().map_err(|error| Failure::file(Path::new("this program"), error))?;
    match status.code() {
        Some(0) => Ok(Exit::Clean),
        // It has said why.
        _ => Ok(Exit::Usage),
    }
}

/// A password that is typed and not shown.
fn asked(key: &Path) -> Result<Vec<u8>, Failure> {
    let no_terminal = |_| {
        Failure::usage(
            format!("{}: has a password, and there is no terminal to ask for it", key.display()),
            "--password-file FILE",
        )
    };
    let mut terminal = File::options().read(true).write(true).open("/dev/tty").map_err(no_terminal)?;
    let failed = |error: std::io::Error| Failure::file(Path::new("/dev/tty"), error);
    let before = tcgetattr(&terminal).map_err(|error| failed(error.into()))?;
    let mut silent = before.clone();
    silent.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&terminal, OptionalActions::Flush, &silent).map_err(|error| failed(error.into()))?;
    let mut line = Vec::new();
    let read = write!(terminal, "Password of {}: ", key.display())
        .and_then(|()| BufReader::new((&terminal).take(AT_MOST)).read_until(b'\n', &mut line));
    let restored = tcsetattr(&terminal, OptionalActions::Flush, &before);
    let _ = writeln!(terminal);
    read.map_err(failed)?;
    restored.map_err(|error| failed(error.into()))?;
    Ok(first_line(line))
}

fn first_line(mut line: Vec<u8>) -> Vec<u8> {
    while line.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
        line.pop();
    }
    line
}
