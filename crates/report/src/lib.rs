//! Views of an answer: for a terminal, a browser, a spreadsheet and the field's own tools.
//!
//! ```text
//! Answer --+-- outline, lineage      (what every view for people needs: groups, order, key numbers)
//!          |       +-- terminal      table: the verdict first, then the rest in the order one asks; for scan its own
//!          |       +-- html          html: one file without script, timeline and lineage drawn as SVG
//!          +-- json                  json: the envelope as it is, and its published schema
//!          +-- spreadsheet           csv: the timeline
//!          +-- timesketch            timesketch: the timeline as JSON lines
//!          +-- ocsf                  ocsf: findings and timeline as OCSF events, JSON lines
//!          +-- stix                  stix: a STIX 2.1 bundle
//!          +-- sarif                 sarif: findings of scan, for code hosts
//!          +-- cyclonedx, spdx       the inventory of scan as a bill of materials, with its flaws
//! ```
//!
//! Text from evidence is data in all of them: [`inert`] is the one place that decides which characters may be
//! shown as they are. A new format is one file and one line in [`render`] and [`Format`].

mod cyclonedx;
mod error;
mod fit;
mod format;
mod html;
mod inert;
mod json;
mod layout;
mod lineage;
mod ocsf;
mod outline;
mod pen;
pub mod quantity;
mod sarif;
mod spdx;
mod spreadsheet;
mod stix;
mod table;
mod terminal;
mod timesketch;
mod wording;

pub use error::ReportError;
pub use format::{Format, ParseFormatError, render};
pub use inert::{inert, is_treacherous};
pub use json::{SCHEMA_ID, schema};
pub use layout::{Layout, Style, Tone};
pub use table::{Cell, Column, Table};
