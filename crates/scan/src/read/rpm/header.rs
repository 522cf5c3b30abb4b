//! A header, <https://rpm-software-management.github.io/rpm/manual/format_header.html>: an index of tags and the data
//! that they point to, all numbers with the highest byte first.

use std::fmt;

use super::bytes::{be32, index, span};

/// As many tags as RPM takes.
const MOST_TAGS: usize = 0xffff;

/// The size of an entry of the index: tag, type, offset, count.
const ENTRY: usize = 16;

/// The types of data that are asked for.
const INT32: u32 = 4;
const STRINGS: [u32; 3] = [6, 8, 9];

/// What a header tells of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tag(u32, &'static str);

/// The tags that are asked for, <https://rpm-software-management.github.io/rpm/manual/tags.html>.
pub(super) mod tag {
    use super::Tag;

    pub(in super::super) const NAME: Tag = Tag(1000, "NAME");
    pub(in super::super) const VERSION: Tag = Tag(1001, "VERSION");
    pub(in super::super) const RELEASE: Tag = Tag(1002, "RELEASE");
    pub(in super::super) const EPOCH: Tag = Tag(1003, "EPOCH");
    pub(in super::super) const ARCH: Tag = Tag(1022, "ARCH");
    pub(in super::super) const SOURCERPM: Tag = Tag(1044, "SOURCERPM");
    pub(in super::super) const PROVIDENAME: Tag = Tag(1047, "PROVIDENAME");
    pub(in super::super) const REQUIRENAME: Tag = Tag(1049, "REQUIRENAME");
    pub(in super::super) const MODULARITYLABEL: Tag = Tag(5096, "MODULARITYLABEL");
}

/// The header of a package.
#[derive(Debug)]
pub(super) struct Header<'b> {
    index: &'b [u8],
    data: &'b [u8],
}

impl<'b> Header<'b> {
    /// A header as databases hold it, without the magic that one in a file begins with.
    pub(super) fn read(bytes: &'b [u8]) -> Result<Self, String> {
        let short = || format!("is cut short at {} bytes; expected the length that it tells", bytes.len());
        let tags = index(be32(bytes, 0).ok_or_else(short)?);
        let length = index(be32(bytes, 4).ok_or_else(short)?);
        if tags == 0 || tags > MOST_TAGS {
            return Err(format!("has {tags} tags; expected 1 to {MOST_TAGS}"));
        }
        let index = span(bytes, 8, tags * ENTRY).ok_or_else(short)?;
        let data = span(bytes, 8 + index.len(), length).ok_or_else(short)?;
        Ok(Self { index, data })
    }

    /// The text of a tag, the first of several.
    pub(super) fn text(&self, tag: Tag) -> Result<Option<&'b str>, String> {
        let Some((kind, offset, _)) = self.find(tag) else { return Ok(None) };
        if !STRINGS.contains(&kind) {
            return Err(format!("has a {tag} of type {kind}; expected a text"));
        }
        let text = self.string(offset).ok_or_else(|| format!("has a {tag} without an end"))?;
        std::str::from_utf8(text).map(Some).map_err(|_| format!("has a {tag} that is no UTF-8"))
    }

    /// All texts of a tag; none if it is not of texts.
    pub(super) fn texts(&self, tag: Tag) -> impl Iterator<Item = &'b [u8]> {
        let (kind, mut offset, count) = self.find(tag).unwrap_or_default();
        let count = if STRINGS.contains(&kind) { count } else { 0 };
        (0..count).map_while(move |_| {
            let text = self.string(offset)?;
            offset += text.len() + 1;
            Some(text)
        })
    }

    /// The number of a tag, the first of several.
    pub(super) fn number(&self, tag: Tag) -> Result<Option<u32>, String> {
        let Some((kind, offset, _)) = self.find(tag) else { return Ok(None) };
        if kind != INT32 {
            return Err(format!("has an {tag} of type {kind}; expected a number of 32 bits"));
        }
        be32(self.data, offset).map(Some).ok_or_else(|| format!("has an {tag} behind its end"))
    }

    /// Type, offset and count of a tag.
    fn find(&self, tag: Tag) -> Option<(u32, usize, u32)> {
        let entry = self.index.chunks_exact(ENTRY).find(|entry| be32(entry, 0) == Some(tag.0))?;
        Some((be32(entry, 4)?, index(be32(entry, 8)?), be32(entry, 12)?))
    }

    fn string(&self, offset: usize) -> Option<&'b [u8]> {
        let from = self.data.get(offset..)?;
        Some(&from[..memchr::memchr(0, from)?])
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.1)
    }
}

#[cfg(test)]
pub(super) mod testing {
    use super::*;

    /// A header with these texts, and an epoch.
    pub(in super::super) fn header(texts: &[(Tag, &str)], epoch: Option<u32>) -> Vec<u8> {
        let (mut index, mut data) = (Vec::new(), Vec::new());
        let mut entry = |tag: Tag, kind: u32, value: &[u8]| {
            let offset = u32::try_from(data.len()).expect("an offset");
            index.extend([tag.0, kind, offset, 1].map(u32::to_be_bytes).concat());
            data.extend(value);
        };
        if let Some(epoch) = epoch {
            entry(tag::EPOCH, INT32, &epoch.to_be_bytes());
        }
        for (tag, text) in texts {
            entry(*tag, STRINGS[0], format!("{text}\0").as_bytes());
        }
        let count = |bytes: usize| u32::try_from(bytes).expect("a length").to_be_bytes();
        [count(index.len() / ENTRY).as_slice(), &count(data.len()), &index, &data].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::testing::header;
    use super::*;

    #[test]
    fn what_is_of_another_type_or_behind_the_end_is_told() {
        let whole = header(&[(tag::NAME, "a")], Some(7));
        let read = |change: &dyn Fn(&mut Vec<u8>)| {
            let mut bytes = whole.clone();
            change(&mut bytes);
            let header = Header::read(&bytes)?;
            header.number(tag::EPOCH)?;
            header.text(tag::NAME).map(|name| name.map(ToOwned::to_owned))
        };
        assert_eq!(read(&|_| {}), Ok(Some("a".into())));
        for (at, value, why) in [
            (3, 0, "has 0 tags"),
            (0, 1, "has 16777218 tags"),
            (3, 9, "is cut short"),
            (15, 9, "has an EPOCH of type 9"),
            (16, 1, "has an EPOCH behind its end"),
            (31, 7, "has a NAME of type 7"),
            (32, 1, "has a NAME without an end"),
            (whole.len() - 1, b'b', "has a NAME without an end"),
            (whole.len() - 2, 0xff, "has a NAME that is no UTF-8"),
        ] {
            let told = read(&|bytes| bytes[at] = value).expect_err(why);
            assert!(told.starts_with(why), "{told}");
        }
    }
}
