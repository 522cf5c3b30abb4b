//! An earlier answer, of which only what is new is asked.

use std::collections::BTreeSet;

use floodmark_case::{Answer, Command};

/// Why a baseline could not be used.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// It is no answer.
    #[error("is no answer of floodmark scan: {0}; expected what `floodmark scan --format json` wrote")]
    Other(#[from] serde_json::Error),
    /// It is an answer of another command.
    #[error("is an answer of {}; expected one of scan", .0.as_str())]
    Command(Command),
}

/// The findings of an earlier answer, and what was set aside in it already, by their ids.
pub fn baseline(json: &[u8]) -> Result<BTreeSet<String>, BaselineError> {
    let answer: Answer = serde_json::from_slice(json)?;
    if answer.command != Command::Scan {
        return Err(BaselineError::Command(answer.command));
    }
    Ok(answer.inventory.flaws.into_iter().map(|flaw| flaw.finding).collect())
}
