//! What the tests of readers need.

use floodmark_case::Unread;

use super::{Claims, FORMATS, Outcome};
use crate::component::Component;
use crate::target::Held;

/// What was read of one file.
#[derive(Debug)]
pub(crate) struct Read {
    /// The components, in the order of the file.
    pub(crate) components: Vec<Component>,
    /// What could not be read.
    pub(crate) unread: Vec<Unread>,
}

/// Reads a file by the format that claims its path.
pub(crate) fn read(path: &str, bytes: &[u8]) -> Read {
    read_beside(path, &[(path, bytes)])
}

/// Reads a file that lies among others.
pub(crate) fn read_beside(path: &str, files: &[(&str, &[u8])]) -> Read {
    let format = Claims::of(FORMATS).format(path).expect("a format claims the path");
    let target = Held::new(files.iter().copied());
    let Outcome { components, unread, .. } = super::read(&target, path.as_ref(), format);
    Read { components, unread }
}

/// Reads the file cut short at every byte, and with another byte in the place of each: no panic, and of a part never more
/// components than of the whole.
pub(crate) fn cut_anywhere(path: &str, bytes: &[u8]) {
    let all = read(path, bytes).components.len();
    for end in 0..bytes.len() {
        let cut = read(path, &bytes[..end]);
        assert!(cut.components.len() <= all, "cut at {end}: {cut:?}");
        let mut changed = bytes.to_owned();
        changed[end] = b"\0\xff\"'[]{}=,:#\\\n"[end % 14];
        read(path, &changed);
    }
}

impl Read {
    /// The purls, sorted.
    pub(crate) fn purls(&self) -> Vec<&str> {
        let mut purls: Vec<_> = self.components.iter().map(|one| one.purl.as_str()).collect();
        purls.sort_unstable();
        purls
    }

    /// The component of this purl.
    pub(crate) fn component(&self, purl: &str) -> &Component {
        let found = self.components.iter().find(|one| one.purl.as_str() == purl);
        found.unwrap_or_else(|| panic!("no {purl} in {:#?}", self.purls()))
    }
}
