//! Objects that lie in a file each, <https://git-scm.com/docs/gitformat-loose>.

use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::ZlibDecoder;
use gix_hash::{ObjectId, Prefix};
use gix_object::Kind;

use crate::confines::{Confines, is_absent};
use crate::reader::Fault;

/// The most letters of a header: a kind, a space and a number.
const MOST_HEADER: u64 = 32;

/// The most objects of one folder that are looked at for an abbreviated id. There are 256 such folders.
const MOST_OF_FOLDER: usize = 1_000_000;

/// The object's kind and size, and the rest of its stream.
pub(crate) type Opened = (Kind, u64, BufReader<ZlibDecoder<BufReader<fs::File>>>);

/// Whether an object lies here.
pub(crate) fn is_there(confines: &Confines, objects: &Path, id: &ObjectId) -> io::Result<bool> {
    Ok(confines.file(&path(objects, id))?.is_some())
}

/// Opens an object, if it lies here.
pub(crate) fn open(confines: &Confines, objects: &Path, id: &ObjectId) -> Result<Option<Opened>, Fault> {
    let file = confines.open(&path(objects, id)).map_err(|error| Fault::Broken(error.to_string()))?;
    let Some(file) = file else { return Ok(None) };
    let mut stream = BufReader::new(ZlibDecoder::new(BufReader::new(file)));
    let mut header = Vec::new();
    let read = stream.by_ref().take(MOST_HEADER).read_until(0, &mut header);
    read.map_err(|error| Fault::Broken(error.to_string()))?;
    let (kind, size) = told(&header).ok_or_else(|| Fault::Broken("it does not say what it is".into()))?;
    Ok(Some((kind, size, stream)))
}

fn told(header: &[u8]) -> Option<(Kind, u64)> {
    let header = header.strip_suffix(b"\0")?;
    let space = memchr::memchr(b' ', header)?;
    let size = std::str::from_utf8(&header[space + 1..]).ok()?.parse().ok()?;
    Some((Kind::from_bytes(&header[..space]).ok()?, size))
}

fn path(objects: &Path, id: &ObjectId) -> PathBuf {
    let hex = id.to_string();
    objects.join(&hex[..2]).join(&hex[2..])
}

/// The objects whose ids begin so.
pub(crate) fn beginning(objects: &Path, prefix: &Prefix) -> io::Result<Vec<ObjectId>> {
    let folder = prefix.as_oid().to_string()[..2].to_owned();
    let entries = match fs::read_dir(objects.join(&folder)) {
        Err(error) if is_absent(&error) => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut found = Vec::new();
    for entry in entries.take(MOST_OF_FOLDER) {
        let name = entry?.file_name();
        let id = name.to_str().and_then(|rest| ObjectId::from_hex(format!("{folder}{rest}").as_bytes()).ok());
        found.extend(id.filter(|id| prefix.cmp_oid(id).is_eq()));
    }
    Ok(found)
}
