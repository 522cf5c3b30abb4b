//! From files to the database: what others publish about bad software, whatever form it comes in.
//!
//! ```text
//! path ─ folder ─┬─ file ─ content ─┬─ zip ─ entries ─┐
//!                └─ loose files ────┴─────────────────┴─ tree ─ osv ─ Advisory ─ Build
//!                                   ├─ kev, epss ──────────────── Kev, Epss ─────┘
//! ```
//!
//! What a file is is told by its content, not by its name. Everything is hostile: a document, an archive and a folder are
//! bounded ([`limits`]), and what cannot be read is told with its place while the rest is still read.
//!
//! A new format is one file here and one line in `content.rs`.

pub mod limits;

mod content;
mod epss;
mod folder;
#[cfg(all(feature = "hostile-reader", target_os = "linux"))]
mod hostile;
mod import;
mod kev;
mod osv;
mod report;
mod tree;
mod zip;

pub use content::Format;
pub use import::Import;
pub use osv::{Note, read as osv};
pub use report::{Doubt, Given, Report, Unread};
pub use tree::{Tree, TreeError, json, yaml};
pub use zip::{Entry as ZipEntry, Zip, ZipError};
