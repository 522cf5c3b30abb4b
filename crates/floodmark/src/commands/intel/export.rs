//! `floodmark intel export`.

use std::path::{Path, PathBuf};

use floodmark_intel::compromise::Compromises;
use floodmark_intel::database::{self, Database};
use floodmark_intel::stix;

use super::document::Said;
use super::sign::{self, Signer};
use super::status::sorts;
use super::{Facts, Telling, heading, place};
use crate::Exit;
use crate::cell::{Reach, enter};
use crate::cli::intel::{self, Exported, Form};
use crate::failure::Failure;

pub(super) fn run(options: &intel::Export) -> Result<Exit, Failure> {
    let path = place::database(&options.place)?;
    if options.what == Exported::Database && options.modified.is_some() {
        return Err(Failure::usage(
            "--modified is for --as stix",
            "leave it out: a database has its own times",
        ));
    }
    let folder = place::folder(&options.file);
    if !folder.is_dir() {
        return Err(Failure::usage(format!("{}: no such folder", folder.display()), "make it first"));
    }
    match &options.sign {
        Some(key) => signed(options, key, &path),
        None => export(options, &path),
    }
}

/// What reads the database and what holds the key are two processes: neither has what the other has.
fn signed(options: &intel::Export, key: &Path, path: &Path) -> Result<Exit, Failure> {
    let signer = Signer::of(key, options.password_file.as_deref())?;
    let exit = sign::alone(options, path)?;
    if exit != Exit::Clean {
        return Ok(exit);
    }
    let folder = place::folder(&options.file);
    let reach = Reach { read: vec![options.file.clone()], write: vec![folder.to_owned()] };
    enter(reach, &options.confinement)?;
    signer.sign(&options.file, options.trusted_comment.as_deref())?;
    if options.output.format == Form::Table && options.output.output.is_none() {
        println!("  Signed      {}.minisig", floodmark_report::inert(&options.file.display().to_string()));
    }
    Ok(Exit::Clean)
}

fn export(options: &intel::Export, path: &Path) -> Result<Exit, Failure> {
    let telling = Telling::open(&options.output)?;
    // Compromises ship with the program, so that STIX can be written without a database.
    if options.what == Exported::Database && !path.is_file() {
        return Err(Failure::no_database(path));
    }
    let there: Vec<PathBuf> = Some(path.to_owned()).filter(|path| path.is_file()).into_iter().collect();
    let folder = place::folder(&options.file).to_owned();
    let is_there = !there.is_empty();
    enter(Reach { read: there, write: vec![folder] }, &options.confinement)?;
    let file = options.file.display().to_string();
    match options.what {
        Exported::Database => {
            let status = database::export(path, &options.file)?;
            telling.tell(Said::Export { file: file.clone(), status: &status }, |layout, out| {
                heading(format!("EXPORTED {file}"), layout, out)?;
                let mut facts = Facts::new();
                facts.push("Advisories", sorts(&status.counts));
                facts.write(layout, out)
            })?;
        }
        Exported::Stix => {
            let database = if is_there { Some(Database::open(path)?) } else { None };
            let export = stix::Export {
                compromises: Compromises::shipped(),
                database: database.as_ref(),
                modified: options.modified,
            };
            let exported = export.write(&options.file)?;
            telling.tell(Said::ExportStix { file: file.clone(), exported }, |layout, out| {
                heading(format!("EXPORTED {file}"), layout, out)?;
                let mut facts = Facts::new();
                facts.push("Objects", exported.objects.to_string());
                facts.push("Indicators", exported.indicators.to_string());
                if exported.left_out > 0 {
                    facts.push(
                        "Left out",
                        format!("{}: texts, for which STIX has no pattern", exported.left_out),
                    );
                }
                if database.is_none() {
                    facts.push("Imported", "none: there is no database");
                }
                facts.write(layout, out)
            })?;
        }
    }
    Ok(Exit::Clean)
}
