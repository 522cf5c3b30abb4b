//! The network, which this process never has: a child of the same program fetches, and this one, locked in, reads its reply.
//!
//! The child has no environment, reads its order from standard input, prepares, locks itself to one folder and the ports of
//! the hosts that were asked for, and only then speaks to anybody. Not a byte of what it says is read before this process
//! is locked, too.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::{env, fmt};

use floodmark_confine::{Cell, Strength};
use floodmark_fetch::job::{Held, Job, Message, Network, Outcome};
use floodmark_fetch::{FetchError, Fetcher};
use floodmark_report::quantity::bytes;
use serde::{Deserialize, Serialize};

use crate::Exit;
use crate::cli::Confinement;
use crate::failure::Failure;
use crate::progress::Line;

/// The argument by which the program knows that it is the child. It is no command: what it does is said on its input.
pub(crate) const ROLE: &str = "__fetch";

/// The longest line that is read of either side, in bytes.
const MOST_LINE: u64 = 8 << 20;

/// What the child is told first.
#[derive(Debug, Serialize, Deserialize)]
struct Order {
    job: Job,
    allow_unconfined: bool,
    memory_bytes: u64,
    cpu_seconds: Option<u64>,
}

/// A child that fetches.
#[derive(Debug)]
pub(crate) struct Fetching {
    orders: ChildStdin,
    reply: BufReader<ChildStdout>,
}

/// Starts the child. It must be done before this process is locked, which may start no program then.
pub(crate) fn start(job: Job, confinement: &Confinement) -> Result<Fetching, Failure> {
    let order = Order {
        job,
        allow_unconfined: confinement.allow_unconfined,
        memory_bytes: confinement.max_memory.saturating_mul(1 << 20),
        cpu_seconds: confinement.max_cpu,
    };
    let failed =
        |error: io::Error| Failure::fetch(format!("the fetching process cannot be started: {error}"), None);
    let mut command = Command::new(env::current_exe().map_err(failed)?);
    command.arg(ROLE).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(failed)?;
    let (Some(orders), Some(reply)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(failed(io::ErrorKind::BrokenPipe.into()));
    };
    let mut fetching = Fetching { orders, reply: BufReader::new(reply) };
    fetching.say(&order)?;
    Ok(fetching)
}

/// How the network is reached, as the call says.
pub(crate) fn network(options: &crate::cli::Network) -> Network {
    Network { ca_file: options.ca_file.clone(), proxy: options.proxy.clone() }
}

impl Fetching {
    /// Says which sources are still held, so that of them only what is new is fetched.
    pub(crate) fn hold(&mut self, held: &Held) -> Result<(), Failure> {
        self.say(held)
    }

    /// Waits for what was fetched; in the cell, since the child may have been taken over.
    pub(crate) fn wait(mut self) -> Result<Outcome, Failure> {
        let fetched = Fetched::default();
        let _line = Line::start(fetched.clone());
        loop {
            let message = line(&mut self.reply).map_err(Failure::Output)?;
            let message = message.and_then(|line| serde_json::from_slice(&line).ok());
            match message {
                Some(Message::Bytes(bytes)) => fetched.0.store(bytes, Ordering::Relaxed),
                Some(Message::Warning(warning)) => {
                    eprintln!("warning: {}", floodmark_report::inert(&warning));
                }
                Some(Message::Done(outcome)) => return Ok(outcome),
                Some(Message::Failed { why, hint }) => return Err(Failure::fetch(why, hint)),
                None => return Err(Failure::fetch("the fetching process ended without an answer", None)),
            }
        }
    }

    fn say(&mut self, what: &impl Serialize) -> Result<(), Failure> {
        let mut line = serde_json::to_vec(what).map_err(io::Error::from)?;
        line.push(b'\n');
        // A child that is gone already has said why.
        match self.orders.write_all(&line) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
            _ => Ok(()),
        }
    }
}

/// How many bytes have come.
#[derive(Debug, Clone, Default)]
struct Fetched(Arc<AtomicU64>);

impl fmt::Display for Fetched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fetching: {}", bytes(self.0.load(Ordering::Relaxed)))
    }
}

/// The next line without its end; none at the end, or where it is too long.
fn line(from: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    from.take(MOST_LINE).read_until(b'\n', &mut line)?;
    Ok((line.pop() == Some(b'\n')).then_some(line))
}

/// The child: fetches what it is told, and says on standard output what became of it.
pub(crate) fn child() -> Exit {
    let message = catch_unwind(AssertUnwindSafe(serve)).unwrap_or_else(|_| {
        let why = "the fetching process broke, which is a defect of floodmark".to_owned();
        Message::Failed { why, hint: None }
    });
    match tell(&message) {
        Ok(()) => Exit::Clean,
        Err(_unheard) => Exit::Usage,
    }
}

fn serve() -> Message {
    match fetched() {
        Ok(outcome) => Message::Done(outcome),
        Err(Stop::Fetch(error)) => {
            Message::Failed { why: error.to_string(), hint: error.hint().map(ToOwned::to_owned) }
        }
        Err(Stop::Confine(error)) => {
            Message::Failed { why: error.to_string(), hint: error.hint().map(ToOwned::to_owned) }
        }
        Err(Stop::Order) => {
            Message::Failed { why: "nothing was asked of the fetching process".into(), hint: None }
        }
    }
}

/// Why the child ends.
enum Stop {
    Fetch(FetchError),
    Confine(floodmark_confine::ConfineError),
    Order,
}

fn fetched() -> Result<Outcome, Stop> {
    let mut orders = io::stdin().lock();
    let order: Order = told(&mut orders).ok_or(Stop::Order)?;
    let fetcher = Fetcher::prepare(order.job).map_err(Stop::Fetch)?;
    let reach = fetcher.reach();
    let cell = Cell {
        read: reach.read,
        write: vec![reach.write],
        connect: reach.ports,
        memory_bytes: Some(order.memory_bytes),
        cpu_seconds: order.cpu_seconds,
    };
    let strength = if order.allow_unconfined { cell.enter_or_unconfined() } else { cell.enter() };
    if let Strength::Partial(missing) = strength.map_err(Stop::Confine)? {
        let warning =
            format!("this kernel does not confine the process that fetches: {}", missing.join("; "));
        tell(&Message::Warning(warning)).map_err(|_| Stop::Fetch(FetchError::Unheard))?;
    }
    let held = if fetcher.wants_held() { told(&mut orders).ok_or(Stop::Order)? } else { Held::new() };
    fetcher.run(&held, &mut |bytes| tell(&Message::Bytes(bytes))).map_err(Stop::Fetch)
}

fn told<T: for<'de> Deserialize<'de>>(orders: &mut impl BufRead) -> Option<T> {
    serde_json::from_slice(&line(orders).ok()??).ok()
}

fn tell(message: &Message) -> io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    let mut out = io::stdout().lock();
    out.write_all(&line)?;
    out.flush()
}
