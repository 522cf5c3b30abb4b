//! The whole command: the real binary in a scratch folder, with nothing of the caller's environment.
#![cfg(unix)]

mod case;
mod completions;
#[cfg(all(feature = "hostile-reader", target_os = "linux"))]
mod hostile;
mod intel;
mod intel_export;
mod peer;
mod rehearse;
mod revision;
mod scan;
mod scan_outputs;
mod scene;
mod terminal;
mod trace;
mod unreadable;
mod usage;
