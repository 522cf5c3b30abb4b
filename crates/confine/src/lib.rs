#![doc = include_str!("../README.md")]

mod error;
mod plan;
#[cfg_attr(
    not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))),
    path = "elsewhere.rs"
)]
mod system;

pub use error::ConfineError;
pub use plan::{Cell, Strength};
pub use system::shed_inheritance;
