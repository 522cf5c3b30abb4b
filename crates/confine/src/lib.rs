#![doc = include_str!("../README.md")]

#[cfg_attr(
    all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")),
    path = "linux/mod.rs"
)]
#[cfg_attr(
    not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))),
    path = "elsewhere.rs"
)]
mod system;

mod error;
mod plan;

#[cfg(all(target_os = "linux", feature = "hostile-reader"))]
#[path = "../hostile/reader.rs"]
pub mod hostile;

pub use error::ConfineError;
pub use plan::{Cell, Limits, Strength};
pub use system::shed_inheritance;
