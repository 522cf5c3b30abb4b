//! What a file of indicators names.

use jiff::Timestamp;

use crate::observable::{Observable, ObservableKind};

/// What a file of indicators names, and what of it is not taken.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mentions {
    /// Observables with what is said of them.
    pub mentions: Vec<(Observable, Mentioned)>,
    /// How many objects are no indicators.
    pub passed: u64,
    /// How many indicators were taken back.
    pub withdrawn: u64,
    /// What is not taken, and why: the place and the reason.
    pub lost: Vec<(String, String)>,
}

/// What is said of an observable, the source left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mentioned {
    /// The id of the indicator or attribute.
    pub id: Option<String>,
    /// What it is about.
    pub about: String,
    /// From when on it counts.
    pub from: Option<Timestamp>,
    /// Up to when it counts.
    pub until: Option<Timestamp>,
    /// Whether it is called bad only together with something else.
    pub only_with_others: bool,
}

impl Mentions {
    pub(super) fn push(&mut self, at: &str, kind: ObservableKind, value: &str, said: Mentioned) {
        match Observable::new(kind, value) {
            Some(observable) => self.mentions.push((observable, said)),
            None => self.lose(at, format!("{value:?} is no {kind}")),
        }
    }

    pub(super) fn lose(&mut self, at: &str, why: impl Into<String>) {
        self.lost.push((at.to_owned(), why.into()));
    }
}
