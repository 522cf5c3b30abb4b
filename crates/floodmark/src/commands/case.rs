//! `floodmark case`.

mod show;
mod verify;

use std::path::{Path, PathBuf};

use floodmark_case::{Case, Command as Answered};

use crate::Exit;
use crate::cell::{Reach, enter};
use crate::cli::{self, Confinement};
use crate::failure::Failure;

pub(super) fn run(action: cli::Case) -> Result<Exit, Failure> {
    match action {
        cli::Case::Show { folder, answer, output, confinement } => {
            let whole = answer.as_ref().map(|one| one.as_ref().map_or(Answered::all(), std::slice::from_ref));
            show::run(&folder, whole, &output, &confinement)
        }
        cli::Case::Verify { folder, expect_head, evidence, confinement } => {
            verify::run(&folder, &expect_head, evidence.as_deref(), &confinement)
        }
    }
}

/// Opens a case and whatever else is to be read. It may come from somebody else, so it is read in the cell like any
/// evidence.
pub(super) fn open(
    folder: &Path,
    further: Option<&Path>,
    confinement: &Confinement,
) -> Result<Case, Failure> {
    if !folder.is_dir() {
        return Err(Failure::usage(
            format!("{}: no such case folder", folder.display()),
            "a case is made by the first command that is given --case DIR",
        ));
    }
    let folders: Vec<PathBuf> = further.into_iter().map(Path::to_owned).collect();
    enter(Reach { read: folders, write: vec![folder.to_owned()] }, confinement)?;
    Ok(Case::open(folder)?)
}
