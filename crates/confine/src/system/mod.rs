//! The walls, put up in an order in which each step can still do its work: limits, Landlock, seccomp.

mod filter;
mod inheritance;

use std::{fs, io, path::Path};

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, LandlockStatus, NetPort, PathBeneath, PathFd, Ruleset,
    RulesetAttr, RulesetCreated, RulesetCreatedAttr, RulesetError, RulesetStatus, Scope, make_bitflags,
};
use nix::sys::resource::Resource::{RLIMIT_CORE, RLIMIT_CPU, RLIMIT_DATA};
use nix::sys::{prctl::set_dumpable, resource::getrlimit, resource::setrlimit};

use crate::{Cell, ConfineError, Strength};
pub use inheritance::shed_inheritance;

/// The newest interface asked for; an older kernel enforces what it knows of it.
const NEWEST: ABI = ABI::V10;
const READ: BitFlags<AccessFs> = make_bitflags!(AccessFs::{ReadFile | ReadDir});
/// No Execute, and no `MakeSym`: a link left in the case would lead astray whoever opens it later, unconfined.
const WRITE: BitFlags<AccessFs> = make_bitflags!(AccessFs::{
    ReadFile | ReadDir | WriteFile | Truncate | MakeReg | MakeDir | RemoveFile | RemoveDir | Refer
});

pub(crate) fn lock(cell: &Cell) -> Result<Strength, ConfineError> {
    refuse_threads()?;
    let ruleset = ruleset(cell)?;
    // No core file, and no other process of this user attaches to this one or reads its memory.
    set_dumpable(false).map_err(|errno| ConfineError::System("make the memory private", errno.into()))?;
    lower_limits(cell)?;
    let status = ruleset.restrict_self().map_err(landlock_refused)?;
    let mut missing = Vec::new();
    if status.ruleset == RulesetStatus::NotEnforced {
        missing.push("every file of this user can be read and written (the kernel has no Landlock)".into());
    }
    if let Err(error) = filter::apply(&cell.connect) {
        missing.push(format!("every system call can be made, sockets too (seccomp: {error})"));
    }
    let LandlockStatus::Available { effective_abi, .. } = status.landlock else {
        return Ok(Strength::Partial(missing));
    };
    Ok(if missing.is_empty() { Strength::Full(effective_abi as i32) } else { Strength::Partial(missing) })
}

/// Landlock and seccomp hold for the calling thread and those it starts: another one would stay outside.
fn refuse_threads() -> Result<(), ConfineError> {
    let threads = fs::read_dir("/proc/self/task");
    match threads.map_err(|source| ConfineError::System("count the threads in /proc", source))?.count() {
        1 => Ok(()),
        count => Err(ConfineError::Threads(count)),
    }
}

fn ruleset(cell: &Cell) -> Result<RulesetCreated, ConfineError> {
    let closed = Ruleset::default()
        .handle_access(AccessFs::from_all(NEWEST))
        .and_then(|ruleset| ruleset.handle_access(AccessNet::from_all(NEWEST)))
        .and_then(|ruleset| ruleset.scope(Scope::from_all(NEWEST)))
        .and_then(Ruleset::create)
        .map_err(landlock_refused)?;
    let names = [(53, AccessNet::ConnectTcp), (53, AccessNet::ConnectSendUdp), (0, AccessNet::BindUdp)];
    let ports = cell.connect.iter().map(|port| (*port, AccessNet::ConnectTcp));
    let mut ports = ports.chain(names.into_iter().filter(|_| !cell.connect.is_empty()));
    let closed = ports
        .try_fold(closed, |ruleset, (port, access)| ruleset.add_rule(NetPort::new(port, access)))
        .map_err(landlock_refused)?;
    let read = cell.read.iter().map(|path| (path, READ));
    let write = cell.write.iter().map(|path| (path, WRITE));
    read.chain(write).try_fold(closed, |ruleset, (path, access)| {
        let rule = beneath(path, access).map_err(|source| ConfineError::Path(path.clone(), source))?;
        ruleset.add_rule(rule).map_err(landlock_refused)
    })
}

fn beneath(path: &Path, access: BitFlags<AccessFs>) -> io::Result<PathBeneath<PathFd>> {
    let access = if fs::metadata(path)?.is_dir() { access } else { access & AccessFs::from_file(NEWEST) };
    Ok(PathBeneath::new(PathFd::new(path).map_err(io::Error::other)?, access))
}

fn lower_limits(cell: &Cell) -> Result<(), ConfineError> {
    let wanted = [(RLIMIT_CORE, Some(0)), (RLIMIT_DATA, cell.memory_bytes), (RLIMIT_CPU, cell.cpu_seconds)];
    for (resource, value) in wanted.into_iter().filter_map(|(resource, value)| Some((resource, value?))) {
        // One above: at the soft limit of CPU time comes a signal that names its cause, at the hard one SIGKILL.
        getrlimit(resource)
            .and_then(|(soft, hard)| setrlimit(resource, value.min(soft), hard.min(value.saturating_add(1))))
            .map_err(|errno| ConfineError::System("lower a resource limit", errno.into()))?;
    }
    Ok(())
}

fn landlock_refused(error: RulesetError) -> ConfineError {
    ConfineError::System("set up Landlock", io::Error::other(error))
}
