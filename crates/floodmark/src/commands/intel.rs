//! `floodmark intel`.

mod ask;
mod compromise;
mod document;
mod export;
mod import;
mod place;
mod show;
mod sign;
mod status;
mod update;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use floodmark_fetch::job::State;
use floodmark_intel::database::{Database, DatabaseError};
use floodmark_report::{Cell, Column, Layout, Table, Tone};

pub use document::schema;

use self::document::Said;
use crate::Exit;
use crate::cell::{Reach, enter};
use crate::cli::Confinement;
use crate::cli::intel::{Form, Intel, Output as OutputOptions};
use crate::failure::Failure;
use crate::output::Output;

pub(super) fn run(action: Intel) -> Result<Exit, Failure> {
    match action {
        Intel::Import(options) => import::run(&options),
        Intel::Update(options) => update::run(&options),
        Intel::Export(options) => export::run(&options),
        Intel::Status(options) => status::run(&options),
        Intel::Show(options) => show::run(&options),
        Intel::Ask(options) => ask::run(&options),
    }
}

/// Where and how an answer of `intel` is written.
struct Telling {
    output: Output,
    layout: Layout,
    form: Form,
}

impl Telling {
    fn open(options: &OutputOptions) -> Result<Self, Failure> {
        let output = Output::open(options.output.as_deref())?;
        let layout = output.layout(options.colour);
        Ok(Self { output, layout, form: options.format })
    }

    /// Writes it as JSON, or for people.
    fn tell(
        mut self,
        said: Said<'_>,
        for_people: impl FnOnce(&Layout, &mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Failure> {
        let mut out = self.output.writer()?;
        match self.form {
            Form::Json => {
                serde_json::to_writer_pretty(&mut *out, &document::Document::of(said))
                    .map_err(io::Error::from)?;
                writeln!(out)?;
            }
            Form::Table => for_people(&self.layout, &mut *out)?,
        }
        out.flush()?;
        Ok(())
    }
}

/// Opens the database in the cell; it may come from somebody else. `None` where there is none.
fn opened(path: &Path, confinement: &Confinement) -> Result<Option<Database>, Failure> {
    let is_there = path.is_file();
    let there = [path.to_owned(), place::fetched(path).join(State::FILE)];
    let there: Vec<PathBuf> = there.into_iter().filter(|path| path.is_file()).collect();
    enter(Reach { read: there, write: Vec::new() }, confinement)?;
    match Database::open(path) {
        Ok(database) => Ok(Some(database)),
        Err(DatabaseError::Missing(_)) if !is_there => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// A heading on a line of its own.
fn heading(text: impl AsRef<str>, layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
    let mut table = Table::new([Column::text("")]);
    table.push([Cell::toned(text, Tone::Strong)]);
    table.write(layout, out)
}

/// What stands under a heading: names and what they are.
struct Facts(Table);

impl Facts {
    fn new() -> Self {
        Self(Table::new([Column::word(""), Column::text("")]).indented(2))
    }

    fn push(&mut self, name: &str, value: impl AsRef<str>) {
        let value = value.as_ref().split_whitespace().collect::<Vec<_>>().join(" ");
        if !value.is_empty() {
            self.0.push([Cell::from(name), Cell::from(value)]);
        }
    }

    fn write(&self, layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
        self.0.write(layout, out)
    }
}
