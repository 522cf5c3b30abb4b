//! Whether the log files are what CloudTrail delivered, where its digests are among them.

use std::path::PathBuf;

use floodmark_case::Unread;

use crate::place::Place;
use crate::read::Outcome;
use crate::read::digest::Digest;
use crate::read::digest_chain::{Check, FoundDigest, FoundFile, PublicKeys, check as check_chain};
use crate::read::inputs::InputPath;
use crate::trace::{Request, path_of};

/// Checks every digest, and says what could not be used to check them.
pub(crate) fn check(
    request: &Request,
    paths: &[InputPath],
    outcomes: &[Option<Outcome>],
    digests: &[(Digest, Place)],
) -> (Vec<Check>, Vec<Unread>) {
    let (keys, unread) = keys(request.public_keys.as_ref());
    if digests.is_empty() {
        return (Vec::new(), unread);
    }
    let content = |number: u32| {
        outcomes.get(number as usize).and_then(Option::as_ref).and_then(|outcome| outcome.content)
    };
    let found: Vec<FoundDigest> = digests
        .iter()
        .filter_map(|(digest, place)| {
            let path = path_of(paths, place.input)?;
            let outcome = outcomes.get(place.input as usize)?.as_ref()?;
            Some(FoundDigest {
                path: path.name.clone(),
                evidence: outcome.input?.evidence,
                content: outcome.content,
                digest: digest.clone(),
                signature: None,
            })
        })
        .collect();
    let files: Vec<FoundFile> = (0..)
        .zip(paths)
        .map(|(number, path)| FoundFile { path: path.name.clone(), content: content(number) })
        .collect();
    (check_chain(&found, &files, &request.paths, keys.as_ref()), unread)
}

fn keys(path: Option<&PathBuf>) -> (Option<PublicKeys>, Vec<Unread>) {
    let Some(path) = path else { return (None, Vec::new()) };
    let failed = |why: String| {
        (
            None,
            vec![Unread {
                path: path.display().to_string(),
                why: format!("public keys not used: {why}"),
                incomplete: true,
            }],
        )
    };
    match std::fs::read_to_string(path).map_err(|error| error.to_string()) {
        Err(why) => failed(why),
        Ok(text) => match PublicKeys::parse(&text) {
            Ok(keys) => (Some(keys), Vec::new()),
            Err(error) => failed(error.to_string()),
        },
    }
}
