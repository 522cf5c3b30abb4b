//! A folder for what is fetched and read once. It is gone with the process, however that ends.
//!
//! A locked process cannot remove the folder that it works in, and a killed one removes nothing. So a child of the same
//! program does it, once its standard input ends. It reads nothing else.

use std::fs;
use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::Exit;
use crate::failure::Failure;

/// The argument by which the program knows that it is that child.
pub(crate) const ROLE: &str = "__remove";

/// What the names of these folders begin with; the child removes no other.
const PREFIX: &str = "floodmark-fetch-";

/// The folder.
#[derive(Debug)]
pub(crate) struct Scratch {
    folder: PathBuf,
    remover: Child,
}

impl Scratch {
    /// Makes the folder, for this user only.
    pub(crate) fn new() -> Result<Self, Failure> {
        let above = std::env::temp_dir();
        let failed = |error| Failure::file(above.clone(), error);
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir().map_err(failed)?;
        let mut remover = Command::new(std::env::current_exe().map_err(failed)?);
        // In a group of its own: what a terminal sends to end the program does not end it, too.
        remover.arg(ROLE).arg(folder.path()).env_clear().process_group(0);
        remover.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let remover = remover.spawn().map_err(failed)?;
        Ok(Self { folder: folder.keep(), remover })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(self.remover.stdin.take());
        // Its end is that of its output: a locked process cannot wait for another.
        if let Some(mut output) = self.remover.stdout.take() {
            let _ = io::copy(&mut output, &mut io::sink());
        }
    }
}

/// The child: waits until nobody needs the folder, and removes it.
pub(crate) fn child(folder: Option<PathBuf>) -> Exit {
    let is_ours =
        |folder: &PathBuf| folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PREFIX));
    let Some(folder) = folder.filter(is_ours) else { return Exit::Usage };
    let mut input = io::stdin().lock();
    while matches!(input.read(&mut [0; 64]), Ok(1..)) {}
    match fs::remove_dir_all(folder) {
        Ok(()) => Exit::Clean,
        Err(_) => Exit::Usage,
    }
}
