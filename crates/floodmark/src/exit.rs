//! How a run ends.

use std::process::ExitCode;

/// The exit codes of every command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: nothing at or above `--fail-on`.
    Clean,
    /// 1: something at or above `--fail-on`.
    Found,
    /// 2: the call was wrong, or what it needs is not there.
    Usage,
    /// 3: the answer is incomplete, since some evidence could not be read or there was none. What was read is answered.
    Incomplete,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Clean => 0,
            Exit::Found => 1,
            Exit::Usage => 2,
            Exit::Incomplete => 3,
        })
    }
}
