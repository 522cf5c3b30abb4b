//! Taking a database from one machine to another, with a signature of minisign's: <https://jedisct1.github.io/minisign/>.
//!
//! Nothing here signs: a secret key has no business in a process that reads what others wrote. [`crate::minisign`] does, in
//! a process of its own.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use minisign_verify::{PublicKey, Signature};

use super::build::{beside, lock, put_in_place};
use super::stage::clear;
use super::{Database, DatabaseError, Status};

/// What becomes of a database that is older than the one that it would replace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Older {
    /// It is refused: a signature proves who made it, not that it is the newest.
    Refuse,
    /// It is taken.
    Take,
}

/// A database that was taken over, and what its signature says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenOver {
    /// What it holds.
    pub status: Status,
    /// The comment that is signed too.
    pub trusted_comment: String,
}

/// Puts the database `from` in the place of that at `path`, if the signature is one of `key` over it.
///
/// `key` is the text of a public key, as the file that minisign writes or as its second line alone; `signature` is the
/// text of the `.minisig` file. What is verified is the copy that is put in place. Whatever fails, the old one stays.
pub fn take_over(
    from: &Path,
    signature: &str,
    key: &str,
    path: &Path,
    older: Older,
) -> Result<TakenOver, DatabaseError> {
    let refused = |why: String| DatabaseError::Signature { path: from.to_owned(), why };
    let key = PublicKey::decode(key).or_else(|_| PublicKey::from_base64(key.trim()));
    let key = key.map_err(|error| refused(format!("the public key is none: {error}")))?;
    let signature =
        Signature::decode(signature).map_err(|error| refused(format!("the signature is none: {error}")))?;
    let mut verifier = key.verify_stream(&signature).map_err(|error| refused(error.to_string()))?;
    let _lock = lock(path)?;
    let new = beside(path, ".new");
    clear(&new)?;
    let copied = copy(from, &new, |bytes| verifier.update(bytes));
    let opened = copied
        .map_err(DatabaseError::file(from))
        .and_then(|()| verifier.finalize().map_err(|error| refused(error.to_string())))
        .and_then(|()| Database::open(&new))
        .map(|database| database.status().clone())
        .and_then(|status| match (older, age(path, &status)) {
            (Older::Refuse, Some(why)) => Err(DatabaseError::Older { path: from.to_owned(), why }),
            _ => Ok(status),
        });
    match opened {
        Ok(status) => {
            put_in_place(&new, path)?;
            Ok(TakenOver { status, trusted_comment: signature.trusted_comment().to_owned() })
        }
        Err(error) => {
            clear(&new)?;
            Err(error)
        }
    }
}

/// What of a database is older than in the one at a path; nothing where there is none, or none that can be read.
fn age(path: &Path, new: &Status) -> Option<String> {
    let old = Database::open(path).ok()?;
    let old = old.status();
    let newest = |status: &Status| status.sources.iter().filter_map(|source| source.newest).max();
    if let (Some(was), Some(is)) = (newest(old), newest(new))
        && is < was
    {
        return Some(format!("its newest record is of {is}, that of the other of {was}"));
    }
    for was in &old.sources {
        let Some(is) = new.sources.iter().find(|source| source.name == was.name) else { continue };
        if let (Some(was_newest), Some(is_newest)) = (was.newest, is.newest)
            && is_newest < was_newest
        {
            return Some(format!("{} is of {is_newest}, in the other of {was_newest}", was.name));
        }
    }
    [("KEV", &old.kev, &new.kev), ("EPSS", &old.epss, &new.epss)].into_iter().find_map(|(what, was, is)| {
        let (was, is) = (was.as_ref()?, is.as_ref()?);
        (is.date < was.date).then(|| format!("{what} is of {}, in the other of {}", is.date, was.date))
    })
}

/// Copies the database at `path` to `to`, which is there whole or not at all.
pub fn export(path: &Path, to: &Path) -> Result<Status, DatabaseError> {
    let status = Database::open(path)?.status().clone();
    let new = beside(to, ".new");
    clear(&new)?;
    copy(path, &new, |_| {}).map_err(DatabaseError::file(to))?;
    put_in_place(&new, to)?;
    Ok(status)
}

fn copy(from: &Path, to: &Path, mut see: impl FnMut(&[u8])) -> io::Result<()> {
    let (mut from, mut to) = (File::open(from)?, fs::File::create_new(to)?);
    let mut buffer = vec![0; 1 << 16];
    loop {
        match from.read(&mut buffer)? {
            0 => return Ok(()),
            read => {
                see(&buffer[..read]);
                to.write_all(&buffer[..read])?;
            }
        }
    }
}
