//! What comes from the network: images of registries, advisories of a mirror. No other crate knows the network.
//!
//! ```text
//! Job ── prepare ── Fetcher ── run ── Outcome        files in the job's folder
//!       (own files:          (the network: here
//!        certificates,        everything is hostile)
//!        credentials)
//! ```
//!
//! It is made to run in a process of its own. That process reads its [`Job`](job::Job), lets [`Fetcher::prepare`] read certificates
//! and credentials, locks itself to [`Fetcher::reach`], and only then calls [`Fetcher::run`]. It writes files into one
//! folder, and tells what it wrote in one [`Outcome`](job::Outcome). It parses no more than fetching needs: manifests, challenges, a list
//! of names. Who parses the rest is another process, without a network.
//!
//! - [`mod@reference`]: the name of an image in a registry.
//! - [`job`]: what is asked and what comes back, as two processes tell it to each other.
//!
//! What a server may do is bounded: redirects stay on scheme and ports and lead from no public host to a private address,
//! credentials and tokens go to the registry's own hosts only, manifests are at most 4 MiB, every blob is counted and hashed as
//! it comes, and a server that stalls is left.

mod address;
mod challenge;
mod checksum;
mod client;
mod digest;
mod docker_config;
mod error;
#[cfg(all(feature = "hostile-reader", target_os = "linux"))]
mod hostile;
pub mod job;
mod layout;
mod manifest;
mod mirror;
mod origin;
pub mod reference;
mod registry;
mod run;
mod secret;
mod transfer;

#[doc(hidden)]
pub mod fuzzing;

pub use error::FetchError;
pub use run::{Fetcher, Reach};
