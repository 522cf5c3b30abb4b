//! A scan with what ships with the program, and no database.

use std::num::NonZero;
use std::path::Path;

use floodmark_case::Answer;
use floodmark_intel::compromise::Compromises;
use floodmark_scan::{Choices, Knowledge, Progress, Request, scan};

pub(crate) fn scanned(target: &Path) -> Answer {
    scan(&Request {
        target: target.to_owned(),
        pulled: None,
        knowledge: Knowledge { advisories: None, compromises: Compromises::shipped() },
        choices: Choices { today: "2026-11-25".to_owned(), ..Choices::default() },
        platform: None,
        revision: None,
        threads: NonZero::new(2).expect("two"),
        progress: Progress::default(),
    })
}
