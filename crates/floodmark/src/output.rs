//! Where the answer goes, and how wide it may be.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use floodmark_report::{Layout, Style};

use crate::cli::Colour;
use crate::failure::Failure;

/// An output that was opened before the cell was closed.
#[derive(Debug)]
pub(crate) enum Output {
    /// Standard output.
    Standard,
    /// A file.
    File(File),
}

impl Output {
    /// Opens the file, or takes standard output for `None` and `-`. What the file holds stays until there is something
    /// to write.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, Failure> {
        match path {
            Some(path) if path.as_os_str() != "-" => {
                let mut options = File::options();
                let opened = options.write(true).create(true).truncate(false).open(path);
                opened.map(Self::File).map_err(|error| Failure::file(path, error))
            }
            _ => Ok(Self::Standard),
        }
    }

    /// Whether a person reads it as it is written.
    pub(crate) fn is_terminal(&self) -> bool {
        matches!(self, Self::Standard) && io::stdout().is_terminal()
    }

    /// How to lay out text for it.
    pub(crate) fn layout(&self, colour: Colour) -> Layout {
        let wants_colour = match colour {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => {
                self.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
            }
        };
        Layout { width: self.width(), style: if wants_colour { Style::Colour } else { Style::Plain } }
    }

    fn width(&self) -> usize {
        let of_terminal =
            || rustix::termios::tcgetwinsize(io::stdout()).ok().map(|size| usize::from(size.ws_col));
        let named = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let width =
            if self.is_terminal() { of_terminal().filter(|&width| width > 0).or(named) } else { named };
        width.unwrap_or(80)
    }

    /// Something to write to, empty.
    pub(crate) fn writer(&mut self) -> Result<Box<dyn Write + '_>, Failure> {
        Ok(match self {
            Self::Standard => Box::new(io::stdout().lock()),
            Self::File(file) => {
                if file.metadata()?.is_file() {
                    file.set_len(0)?;
                }
                Box::new(file)
            }
        })
    }
}
