//! `floodmark intel export`.

use floodmark_intel::database;

use super::document::Said;
use super::status::sorts;
use super::{Facts, Telling, heading, place};
use crate::Exit;
use crate::cell::{Reach, enter};
use crate::cli::intel;
use crate::failure::Failure;

pub(super) fn run(options: &intel::Export) -> Result<Exit, Failure> {
    let path = place::database(&options.place)?;
    let telling = Telling::open(&options.output)?;
    if !path.is_file() {
        return Err(Failure::no_database(&path));
    }
    let folder = place::folder(&options.file);
    if !folder.is_dir() {
        return Err(Failure::usage(format!("{}: no such folder", folder.display()), "make it first"));
    }
    enter(Reach { read: vec![path.clone()], write: vec![folder.to_owned()] }, &options.confinement)?;
    let status = database::export(&path, &options.file)?;
    let file = options.file.display().to_string();
    telling.tell(Said::Export { file: file.clone(), status: &status }, |layout, out| {
        heading(format!("EXPORTED {file}"), layout, out)?;
        let mut facts = Facts::new();
        facts.push("Advisories", sorts(&status.counts));
        facts.push("Sign it", format!("minisign -Sm {file}"));
        facts.write(layout, out)
    })?;
    Ok(Exit::Clean)
}
