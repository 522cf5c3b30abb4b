//! What the parent process handed down, and how it is shed: environment variables and open descriptors.

use std::{env, fs, os::unix::process::CommandExt, process::Command};

use crate::ConfineError;

/// Set on the process that was started anew, so that it is not started a third time.
const MARK: &str = "FLOODMARK_SHED";

/// Closes every inherited descriptor above 2, and starts the program anew with the same arguments if its
/// environment holds a variable that `keep` does not name. A name that ends in `*` keeps all that begin so.
///
/// Call it first in `main`: a descriptor that the program opened itself would be closed under its owner. It
/// returns in the process that has nothing left to shed. Systems other than Linux have no cell; there it does nothing.
pub fn shed_inheritance(keep: &[&str]) -> Result<(), ConfineError> {
    close_descriptors();
    let names = foreign_names(keep);
    if names.is_empty() {
        return Ok(());
    }
    if env::var_os(MARK).is_some() {
        return Err(ConfineError::Environment(names));
    }
    // Removing a variable would leave its bytes on the initial stack; a new image never has them.
    let failed = |source| ConfineError::System("start anew with a reduced environment", source);
    let program = env::current_exe().map_err(failed)?;
    let kept = env::vars_os().filter(|(name, _)| is_kept(name.as_encoded_bytes(), keep));
    let mut arguments = env::args_os();
    let mut command = Command::new(&program);
    command.arg0(arguments.next().unwrap_or_else(|| program.into())).args(arguments);
    Err(failed(command.env_clear().envs(kept).env(MARK, "1").exec()))
}

fn close_descriptors() {
    let number = |entry: fs::DirEntry| entry.file_name().to_str()?.parse::<i32>().ok();
    let entries = fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
    let descriptors: Vec<i32> = entries.filter_map(number).filter(|number| *number > 2).collect();
    for descriptor in descriptors {
        // The descriptor that listed the folder is closed by now, so a refusal is expected.
        let _ = nix::unistd::close(descriptor);
    }
}

/// The names of all variables not to be kept, from the live environment and from the bytes that the kernel laid
/// on the stack, where an entry without `=`, or one shadowed by another of its name, lies too.
fn foreign_names(keep: &[&str]) -> Vec<String> {
    let initial = fs::read("/proc/self/environ").unwrap_or_default();
    let laid = initial.split(|byte| *byte == 0).filter(|entry| !entry.is_empty());
    let laid = laid.filter_map(|entry| Some(entry.split(|byte| *byte == b'=').next()?.to_vec()));
    let live = env::vars_os().map(|(name, _)| name.into_encoded_bytes());
    let foreign = laid.chain(live).filter(|name| !is_kept(name, keep));
    let mut names: Vec<String> = foreign.map(|name| String::from_utf8_lossy(&name).into_owned()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn is_kept(name: &[u8], keep: &[&str]) -> bool {
    name == MARK.as_bytes()
        || keep.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(prefix) => name.starts_with(prefix.as_bytes()),
            None => name == pattern.as_bytes(),
        })
}
