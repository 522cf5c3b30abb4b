//! The formats, by name, and the one door to them.

use std::fmt;
use std::io::{BufWriter, Write};
use std::str::FromStr;

use floodmark_case::{Answer, Command};

use crate::{
    Layout, ReportError, cyclonedx, html, json, ocsf, sarif, spdx, spreadsheet, stix, terminal, timesketch,
};

/// A form in which an answer can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Text for a terminal.
    Table,
    /// The envelope as JSON.
    Json,
    /// One self-contained page.
    Html,
    /// The timeline as CSV.
    Csv,
    /// Timeline and detections for Timesketch, JSON lines.
    Timesketch,
    /// Findings and timeline as OCSF events, JSON lines.
    Ocsf,
    /// A STIX 2.1 bundle.
    Stix,
    /// SARIF 2.1.0.
    Sarif,
    /// A `CycloneDX` 1.6 bill of materials.
    CycloneDx,
    /// An SPDX 2.3 document.
    Spdx,
}

impl Format {
    /// All of them, in the order in which help lists them.
    pub const fn all() -> &'static [Self] {
        &[
            Self::Table,
            Self::Json,
            Self::Html,
            Self::Csv,
            Self::Timesketch,
            Self::Ocsf,
            Self::Stix,
            Self::Sarif,
            Self::CycloneDx,
            Self::Spdx,
        ]
    }

    /// Those in which a command can answer.
    pub const fn of(command: Command) -> &'static [Self] {
        match command {
            Command::Trace => {
                &[Self::Table, Self::Json, Self::Html, Self::Csv, Self::Timesketch, Self::Ocsf, Self::Stix]
            }
            Command::Scan => &[Self::Table, Self::Json, Self::Sarif, Self::CycloneDx, Self::Spdx],
        }
    }

    /// The word for it, as on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Html => "html",
            Self::Csv => "csv",
            Self::Timesketch => "timesketch",
            Self::Ocsf => "ocsf",
            Self::Stix => "stix",
            Self::Sarif => "sarif",
            Self::CycloneDx => "cyclonedx",
            Self::Spdx => "spdx",
        }
    }

    /// What it is, in a line for help.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Table => "text for a terminal",
            Self::Json => "everything, as JSON with a published schema",
            Self::Html => "one self-contained page, for the screen and for paper",
            Self::Csv => "the timeline as CSV, for a spreadsheet",
            Self::Timesketch => "timeline and detections as JSON lines for Timesketch",
            Self::Ocsf => "detections and timeline as OCSF events, JSON lines",
            Self::Stix => "a STIX 2.1 bundle",
            Self::Sarif => "findings as SARIF 2.1.0, for code hosts",
            Self::CycloneDx => "the inventory and its flaws as CycloneDX 1.6",
            Self::Spdx => "the inventory as SPDX 2.3, JSON",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text named no format.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not a format: expected one of {list}", list = list_of_formats())]
pub struct ParseFormatError(String);

impl FromStr for Format {
    type Err = ParseFormatError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::all().iter().find(|format| format.as_str() == text);
        found.copied().ok_or_else(|| ParseFormatError(text.chars().take(80).collect()))
    }
}

fn list_of_formats() -> String {
    Format::all().iter().map(|format| format.as_str()).collect::<Vec<_>>().join(", ")
}

/// Writes the answer in this format.
///
/// The output is streamed and flushed; width and style matter to [`Format::Table`] only. The same answer gives the
/// same bytes.
pub fn render(
    answer: &Answer,
    format: Format,
    layout: &Layout,
    out: &mut dyn Write,
) -> Result<(), ReportError> {
    if !Format::of(answer.command).contains(&format) {
        return Err(ReportError::NoView { format, command: answer.command });
    }
    let mut out = BufWriter::with_capacity(1 << 16, out);
    match format {
        Format::Table => terminal::write(answer, *layout, &mut out)?,
        Format::Json => json::write(answer, &mut out)?,
        Format::Html => html::write(answer, &mut out)?,
        Format::Csv => spreadsheet::write(answer, &mut out)?,
        Format::Timesketch => timesketch::write(answer, &mut out)?,
        Format::Ocsf => ocsf::write(answer, &mut out)?,
        Format::Stix => stix::write(answer, &mut out)?,
        Format::Sarif => sarif::write(answer, &mut out)?,
        Format::CycloneDx => cyclonedx::write(answer, &mut out)?,
        Format::Spdx => spdx::write(answer, &mut out)?,
    }
    out.flush()?;
    Ok(())
}
