//! The whole command: the real binary in a scratch folder, with nothing of the caller's environment.
#![cfg(unix)]

mod case;
mod completions;
mod container;
#[cfg(all(feature = "hostile-reader", target_os = "linux"))]
mod hostile;
mod intel;
mod peer;
mod registry;
mod rehearse;
mod scan;
mod scan_outputs;
mod scene;
mod server;
mod terminal;
mod trace;
mod unreadable;
mod update;
mod usage;
