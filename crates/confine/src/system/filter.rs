//! The system calls that reading evidence and writing a case need, and no others.

use nix::libc;
use seccompiler::{
    BackendError, BpfProgram, Error, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition,
    SeccompFilter, SeccompRule, apply_filter,
};

type Calls = Vec<(libc::c_long, Vec<SeccompRule>)>;

macro_rules! calls {
    ($($name:ident)*) => { [$((libc::$name, Vec::new())),*] };
}

/// `F_DUPFD` to `F_SETFL`, locks of both kinds, `F_DUPFD_CLOEXEC`. Not `F_SETOWN`: it sends signals.
const FCNTL: &[u64] = &[0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030];
/// `TCGETS`, `TCGETS2`, `TIOCGWINSZ`, `FIONREAD`, `FIONBIO`, `FIOCLEX`. Not `TIOCSTI`: it types into the user's terminal.
const IOCTL: &[u64] = &[0x5401, 0x802c_542a, 0x5413, 0x541b, 0x5421, 0x5451];
/// `PR_SET_NAME`, `PR_GET_NAME`.
const PRCTL: &[u64] = &[15, 16];
/// What `clone` must carry (`CLONE_VM`, `CLONE_SIGHAND`, `CLONE_THREAD`), and must not (`CLONE_NEW*`).
const THREAD: u64 = 0x0001_0900;
const NAMESPACES: u64 = 0x7e02_0000;
const EXEC: u64 = 4;
/// All advice for `madvise` up to 31. Not `MADV_HWPOISON` and `MADV_SOFT_OFFLINE`: they take memory from the machine.
const ADVICE: u64 = 0xffff_ffe0;
const ALL: u64 = 0xffff_ffff;
/// Families and types of sockets: TCP and UDP, by protocol 0. Not MPTCP, SCTP or SMC, whose ports Landlock does not see.
const SOCKETS: [(u64, u64); 4] = [(2, 1), (2, 2), (10, 1), (10, 2)];
/// `TCP_NODELAY`, `IP_RECVERR`, `SO_RCVTIMEO`, `SO_SNDTIMEO`, `IPV6_RECVERR`.
const OPTIONS: &[u64] = &[1, 11, 20, 21, 25];
/// `MSG_FASTOPEN`: it connects by sending, past Landlock.
const FAST_OPEN: u64 = 0x2000_0000;

/// Filters this thread and all that it starts, for good. A refused call fails with EPERM.
pub(super) fn apply(ports: &[u16]) -> Result<(), Error> {
    // The C library starts a thread with clone3, whose flags lie in memory that no filter sees, and falls back
    // to clone where clone3 does not exist. A filter has one answer, so ENOSYS needs one of its own.
    let unknown = SeccompAction::Errno(libc::ENOSYS.cast_unsigned());
    install(Calls::from(calls! { SYS_clone3 }), SeccompAction::Allow, unknown)?;
    let outwards = if ports.is_empty() { Calls::new() } else { outwards()? };
    let calls = [allowed()?, outwards].concat();
    install(calls, SeccompAction::Errno(libc::EPERM.cast_unsigned()), SeccompAction::Allow)
}

fn allowed() -> Result<Calls, BackendError> {
    // Whatever their arguments: open files; names, which Landlock guards; memory; threads; time; own identity; chance.
    let mut calls = Calls::from(calls! {
        SYS_read SYS_readv SYS_pread64 SYS_write SYS_writev SYS_pwrite64 SYS_lseek SYS_close SYS_dup SYS_fsync
        SYS_fdatasync SYS_ftruncate SYS_fallocate SYS_fadvise64 SYS_flock SYS_fstat SYS_getdents64
        SYS_newfstatat SYS_statx SYS_readlinkat SYS_faccessat SYS_faccessat2 SYS_getcwd SYS_mkdirat SYS_unlinkat
        SYS_renameat SYS_renameat2 SYS_brk SYS_munmap SYS_mremap SYS_msync SYS_clone3 SYS_futex SYS_rseq
        SYS_set_robust_list SYS_set_tid_address SYS_sched_yield SYS_sched_getaffinity SYS_exit SYS_exit_group
        SYS_ppoll SYS_nanosleep SYS_clock_nanosleep SYS_clock_gettime SYS_clock_getres SYS_gettimeofday SYS_getrusage
        SYS_restart_syscall SYS_rt_sigaction SYS_rt_sigprocmask SYS_rt_sigreturn SYS_sigaltstack
        SYS_getpid SYS_gettid SYS_getppid SYS_getuid SYS_geteuid SYS_getgid SYS_getegid SYS_getrandom
    });
    // Own limits may be asked for (a new thread measures its stack) but not set: the new value is a null pointer.
    let no_value = SeccompCondition::new(2, SeccompCmpArgLen::Qword, SeccompCmpOp::Eq, 0)?;
    calls.extend([
        (libc::SYS_clone, one_of(0, THREAD | NAMESPACES, &[THREAD])?),
        (libc::SYS_fcntl, one_of(1, ALL, FCNTL)?),
        (libc::SYS_ioctl, one_of(1, ALL, IOCTL)?),
        (libc::SYS_prctl, one_of(0, ALL, PRCTL)?),
        (libc::SYS_mmap, one_of(2, EXEC, &[0])?),
        (libc::SYS_mprotect, one_of(2, EXEC, &[0])?),
        (libc::SYS_madvise, one_of(2, ADVICE, &[0])?),
        (libc::SYS_tgkill, one_of(0, ALL, &[u64::from(std::process::id())])?), // abort() signals itself
        (libc::SYS_prlimit64, vec![SeccompRule::new(vec![no_value])?]),
        (libc::SYS_openat, opening(2)?),
        #[cfg(target_arch = "x86_64")]
        (libc::SYS_open, opening(1)?),
    ]);
    #[cfg(target_arch = "x86_64")]
    calls.extend(calls! {
        SYS_stat SYS_lstat SYS_access SYS_readlink SYS_mkdir SYS_rmdir SYS_unlink SYS_rename SYS_poll SYS_time
    });
    Ok(calls)
}

/// Sockets that connect. None can be bound or listened to, which Landlock before ABI 4 would not refuse.
fn outwards() -> Result<Calls, BackendError> {
    let mut calls = Calls::from(calls! {
        SYS_connect SYS_recvfrom SYS_recvmsg SYS_getsockopt SYS_getsockname SYS_getpeername SYS_shutdown
    });
    let mut sockets = Vec::new();
    for (family, kind) in SOCKETS {
        let is = vec![bits_are(0, ALL, family)?, bits_are(1, 0xf, kind)?, bits_are(2, ALL, 0)?];
        sockets.push(SeccompRule::new(is)?);
    }
    calls.extend([
        (libc::SYS_socket, sockets),
        (libc::SYS_setsockopt, one_of(2, ALL, OPTIONS)?),
        (libc::SYS_sendto, one_of(3, FAST_OPEN, &[0])?),
        (libc::SYS_sendmmsg, one_of(3, FAST_OPEN, &[0])?),
    ]);
    Ok(calls)
}

/// `O_TRUNC` only when opened to write: Landlock before ABI 3 does not see a file emptied by opening it to read.
fn opening(flags: u8) -> Result<Vec<SeccompRule>, BackendError> {
    let [truncate, mode] = [libc::O_TRUNC, libc::O_ACCMODE].map(|bits| u64::from(bits.cast_unsigned()));
    let mut rules = one_of(flags, truncate, &[0])?;
    rules.extend(one_of(flags, mode, &[1, 2])?);
    Ok(rules)
}

/// One rule for each value that these bits of the argument may have.
fn one_of(argument: u8, bits: u64, values: &[u64]) -> Result<Vec<SeccompRule>, BackendError> {
    values.iter().map(|value| SeccompRule::new(vec![bits_are(argument, bits, *value)?])).collect()
}

fn bits_are(argument: u8, bits: u64, value: u64) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, SeccompCmpOp::MaskedEq(bits), value)
}

fn install(calls: Calls, otherwise: SeccompAction, answer: SeccompAction) -> Result<(), Error> {
    let calls = calls.into_iter().collect();
    let filter = SeccompFilter::new(calls, otherwise, answer, std::env::consts::ARCH.try_into()?)?;
    apply_filter(&BpfProgram::try_from(filter)?)
}
