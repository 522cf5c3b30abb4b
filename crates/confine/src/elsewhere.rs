//! A system without a cell says so.

use crate::{Cell, ConfineError, Strength};

pub(crate) fn lock(_cell: &Cell) -> Result<Strength, ConfineError> {
    let system = format!("no cell is known for {} on {}", std::env::consts::OS, std::env::consts::ARCH);
    Ok(Strength::Partial(vec![system]))
}

/// Does nothing on this system, where no cell can be entered either.
pub fn shed_inheritance(_keep: &[&str]) -> Result<(), ConfineError> {
    Ok(())
}
