//! A git repository: files of any content where git keeps its own, and trees that are what their ids say.
//!
//! The input is a list of records: a byte for what it is, two for its length, and its content.
#![no_main]

use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::write::ZlibEncoder;
use floodmark_git::{HashKind, ObjectId};
use gix_object::Kind;

/// Files that a record may be the content of.
const FILES: [&str; 8] = [
    "config",
    "packed-refs",
    "HEAD",
    "shallow",
    "objects/info/alternates",
    "objects/pack/pack-a.pack",
    "objects/pack/pack-a.idx",
    "refs/heads/main",
];

/// What the entries of a tree may be.
const MODES: [&str; 6] = ["100644", "40000", "120000", "160000", "20000", "7777777"];

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(folder) = tempfile::tempdir() else { return };
    let root = folder.path();
    for made in ["objects/info", "objects/pack", "refs/heads"] {
        fs::create_dir_all(root.join(made)).expect("a folder");
    }
    let mut ids = vec![object(root, Kind::Blob, b"[[package]]\nname = \"a\"\nversion = \"1\"\n")];
    let mut files = Vec::new();
    let mut rest = bytes;
    while let [what, high, low, after @ ..] = rest {
        let (content, after) = after.split_at(after.len().min(usize::from(*high) << 8 | usize::from(*low)));
        rest = after;
        match what % 16 {
            8 | 9 => ids.push(object(root, Kind::Blob, content)),
            10 => ids.push(object(root, Kind::Tree, content)),
            11.. => {
                let tree = tree(content, &ids);
                ids.push(object(root, Kind::Tree, &tree));
            }
            file => files.push((FILES[usize::from(file)], content)),
        }
    }
    let last = ids.last().expect("one at least");
    let commit =
        object(root, Kind::Commit, format!("tree {last}\ncommitter a <a> 1 +0000\n\nx\n").as_bytes());
    fs::write(root.join("HEAD"), format!("{commit}\n")).expect("a file");
    floodmark_scan::fuzzing::walk_revision(root, &commit.to_string());
    for (name, content) in files {
        fs::write(root.join(name), content).expect("a file");
    }
    for asked in ["HEAD", "main~2", "v1^2", "0000"] {
        floodmark_scan::fuzzing::walk_revision(root, asked);
    }
});

/// Entries of a tree: a mode, an object, and a name up to a zero.
fn tree(content: &[u8], ids: &[ObjectId]) -> Vec<u8> {
    let mut tree = Vec::new();
    for entry in content.split(|byte| *byte == 0) {
        let [mode, id, name @ ..] = entry else { continue };
        let id = &ids[usize::from(*id) % ids.len()];
        tree.extend_from_slice(MODES[usize::from(*mode) % MODES.len()].as_bytes());
        tree.push(b' ');
        tree.extend_from_slice(name);
        tree.push(0);
        tree.extend_from_slice(id.as_slice());
    }
    tree
}

/// Writes an object where git would, and says its id.
fn object(root: &Path, kind: Kind, content: &[u8]) -> ObjectId {
    let id = gix_object::compute_hash(HashKind::Sha1, kind, content).expect("an id");
    let hex = id.to_string();
    let folder = root.join("objects").join(&hex[..2]);
    fs::create_dir_all(&folder).expect("a folder");
    let mut packed = ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    let _ = write!(packed, "{kind} {}\0", content.len()).and_then(|()| packed.write_all(content));
    fs::write(folder.join(&hex[2..]), packed.finish().expect("packed")).expect("a file");
    id
}
