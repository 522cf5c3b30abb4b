//! From files to the database: what others publish about bad software, whatever form it comes in.
//!
//! ```text
//! path ─ folder ─┬─ file ─ content ─┬─ zip ─ entries ─┐
//!                └─ loose files ────┴─────────────────┴─ tree ─ osv ─ Advisory ─ Build
//!                                   ├─ kev, epss ──────────────── Kev, Epss ─────┤
//!                                   └─ stix, misp ───────────── Observable ─────┘
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
mod mentions;
mod misp;
mod osv;
mod report;
mod stix;
mod tree;
mod zip;

pub use content::Format;
pub use epss::{Table as EpssTable, read as epss};
pub use import::Import;
pub use kev::read as kev;
pub use mentions::{Mentioned, Mentions};
pub use misp::read as misp;
pub use osv::{Note, read as osv};
pub use report::{Doubt, Given, Report, Unread};
pub use stix::read as stix;
pub use tree::{Tree, TreeError, json, yaml};
pub use zip::{Entry as ZipEntry, Zip, ZipError};
