//! What a `package.json` beside a lock file asks for: some lock files leave that to it.

use super::nested::Nested;
use super::reading::Neighbour;
use super::{Broken, Reading};
use crate::component::{Place, Scope};

/// What a project asks for: name, range as it is written, and what for.
pub(super) type Asked = Vec<(String, String, Scope)>;

const ASKED: [(&str, Scope); 4] = [
    ("dependencies", Scope::Runtime),
    ("optionalDependencies", Scope::Optional),
    ("peerDependencies", Scope::Optional),
    ("devDependencies", Scope::Dev),
];

/// What the `package.json` at this path asks for; `None` where there is none, or none that can be read, which is told.
pub(super) fn asked(path: &str, reading: &mut Reading<'_>) -> Option<Asked> {
    let read = |reading: &mut Reading<'_>| -> Result<Option<Asked>, Broken> {
        let Neighbour::File(number, bytes) = reading.neighbour(path)? else { return Ok(None) };
        let nested = reading.inside(number, |reading| Nested::json(&bytes, reading))?;
        let mut asked = Asked::new();
        for (key, scope) in ASKED {
            for one in nested.root().children_of(key) {
                asked.push((one.key().to_owned(), one.text().unwrap_or_default().to_owned(), scope));
            }
        }
        Ok(Some(asked))
    };
    read(reading).unwrap_or_else(|broken| {
        reading.problem(&Place::entry(path), &broken.to_string());
        None
    })
}
