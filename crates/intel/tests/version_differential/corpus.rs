//! Real versions, out of the advisories in `../shared/data/osv`, where they are.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

/// All versions that the first so many advisories of an archive name, sorted.
pub(crate) fn versions(archive: &str, advisories: usize) -> Vec<String> {
    let Some(entries) = entries(archive, advisories) else { return Vec::new() };
    let mut found = BTreeSet::new();
    for advisory in &entries {
        for affected in array(&advisory["affected"]) {
            found.extend(array(&affected["versions"]).iter().filter_map(Json::as_str).map(str::to_owned));
            let events = array(&affected["ranges"]).iter().filter(|range| range["type"] != "GIT");
            for event in events.flat_map(|range| array(&range["events"])) {
                found.extend(event.as_object().into_iter().flat_map(|event| event.values()).filter_map(text));
            }
        }
    }
    found.into_iter().filter(|version| !version.chars().any(char::is_whitespace)).collect()
}

/// The advisories of an archive, in the order of their names; none, loudly, if there is no archive.
pub(crate) fn entries(archive: &str, limit: usize) -> Option<Vec<Json>> {
    let path = shared().join("data/osv").join(archive);
    let Ok(bytes) = fs::read(&path) else {
        eprintln!("SKIPPED in part: no {}, so only made-up versions are compared", path.display());
        return None;
    };
    let mut members = members(&bytes);
    members.sort();
    // Spread over the archive, since advisories of one name stand together.
    let step = (members.len() / limit.max(1)).max(1);
    let read = |(_, place): &(String, usize)| serde_json::from_slice(&inflate(&bytes, *place)).ok();
    Some(members.iter().step_by(step).filter_map(read).collect())
}

pub(crate) fn array(value: &Json) -> &[Json] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Json) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn shared() -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    std::env::var_os("FLOODMARK_SHARED").map_or_else(beside, PathBuf::from)
}

/// Name and place in the directory of each member of a zip; enough of the format for archives that we were given.
fn members(zip: &[u8]) -> Vec<(String, usize)> {
    let end = zip.windows(4).rposition(|bytes| bytes == b"PK\x05\x06").expect("a zip has an end");
    let count = usize::from(u16::from_le_bytes([zip[end + 10], zip[end + 11]]));
    let mut place = number(zip, end + 16);
    let mut members = Vec::with_capacity(count);
    while zip.get(place..place + 4) == Some(b"PK\x01\x02") {
        let length = |at: usize| usize::from(u16::from_le_bytes([zip[place + at], zip[place + at + 1]]));
        let name = &zip[place + 46..place + 46 + length(28)];
        members.push((String::from_utf8_lossy(name).into_owned(), place));
        place += 46 + length(28) + length(30) + length(32);
    }
    members
}

fn inflate(zip: &[u8], entry: usize) -> Vec<u8> {
    let (method, size, header) = (zip[entry + 10], number(zip, entry + 20), number(zip, entry + 42));
    let length = |at: usize| usize::from(u16::from_le_bytes([zip[header + at], zip[header + at + 1]]));
    let start = header + 30 + length(26) + length(28);
    let packed = &zip[start..start + size];
    let mut bytes = Vec::new();
    match method {
        0 => bytes.extend_from_slice(packed),
        _ => drop(flate2::read::DeflateDecoder::new(packed).read_to_end(&mut bytes)),
    }
    bytes
}

fn number(zip: &[u8], at: usize) -> usize {
    u32::from_le_bytes(zip[at..at + 4].try_into().expect("four bytes")) as usize
}
