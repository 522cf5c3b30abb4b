//! Tar archives as a stream: POSIX `ustar` and `pax`, GNU, and the old ones.
//!
//! <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13>, and `tar(5)` for the dialect of GNU.
//! Nothing of an archive is trusted: names are bytes that somebody else has to judge, and what belongs to a name is bounded.

use std::io::{self, Read, Seek, SeekFrom};

const BLOCK: usize = 512;

/// The most that the headers of one entry may take beside the first: names, attributes.
const MOST_HEADERS: u64 = 1 << 20;

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) path: Vec<u8>,
    pub(super) kind: Kind,
    /// What a link leads to.
    pub(super) link: Vec<u8>,
    /// How many bytes its content has.
    pub(super) size: u64,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    /// A file with holes, of which only the rest is there.
    Sparse,
    Folder,
    /// Another name of a file that came before.
    HardLink,
    SymbolicLink,
    /// A device or a FIFO.
    Special,
    /// Something that is no file.
    Other,
}

/// The entries of an archive. What it reads is the content of the entry that was handed out last.
pub(super) struct Tar<R> {
    stream: R,
    pass_over: PassOver<R>,
    /// What is left of the content of the entry that was handed out.
    left: u64,
    /// What stands behind it up to the next block.
    padding: u64,
}

/// Passes over so many bytes, and gives back how many there were.
type PassOver<R> = fn(&mut R, u64) -> io::Result<u64>;

/// What headers say of the entry that follows them.
#[derive(Debug, Default)]
struct Extended {
    path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<u64>,
    is_sparse: bool,
    bytes: u64,
}

impl<R: Read> Tar<R> {
    pub(super) fn new(stream: R) -> Self {
        let pass_over: PassOver<R> = |stream, bytes| io::copy(&mut stream.take(bytes), &mut io::sink());
        Self { stream, pass_over, left: 0, padding: 0 }
    }

    /// The next entry; what was not read of the last is passed over.
    pub(super) fn next_entry(&mut self) -> io::Result<Option<Entry>> {
        let mut extended = Extended::default();
        loop {
            self.pass_over()?;
            let Some(header) = self.header()? else {
                return if extended.bytes == 0 { Ok(None) } else { Err(broken("ends behind a name")) };
            };
            let flag = header[156];
            let size = number(&header[124..136]).ok_or_else(|| broken("has a size that is no number"))?;
            self.expect(size);
            match flag {
                b'L' => extended.path = Some(self.name(size, &mut extended)?),
                b'K' => extended.link = Some(self.name(size, &mut extended)?),
                b'x' | b'X' => {
                    let records = self.headers(size, &mut extended)?;
                    extended.take(&records)?;
                }
                // What holds for all entries names none of them.
                b'g' => {}
                _ => return self.entry(&header, flag, size, extended).map(Some),
            }
        }
    }

    fn entry(&mut self, header: &[u8; BLOCK], flag: u8, size: u64, extended: Extended) -> io::Result<Entry> {
        let path = extended.path.unwrap_or_else(|| path(header));
        let kind = match flag {
            b'0' | 0 if path.ends_with(b"/") => Kind::Folder,
            b'0' | b'7' | 0 if extended.is_sparse => Kind::Sparse,
            b'0' | b'7' | 0 => Kind::File,
            b'S' => Kind::Sparse,
            b'1' => Kind::HardLink,
            b'2' => Kind::SymbolicLink,
            b'3' | b'4' | b'6' => Kind::Special,
            b'5' => Kind::Folder,
            _ => Kind::Other,
        };
        // The others have no content, whatever their size says.
        let has_content = matches!(kind, Kind::File | Kind::Sparse | Kind::Other);
        let size = if has_content { extended.size.unwrap_or(size) } else { 0 };
        if flag == b'S' {
            self.pass_sparse_headers(header[482])?;
        }
        self.expect(size);
        let link = extended.link.unwrap_or_else(|| text(&header[157..257]).to_owned());
        Ok(Entry { path, kind, link, size })
    }

    /// A block with a header; none at the end of the archive, which two empty blocks mark.
    fn header(&mut self) -> io::Result<Option<[u8; BLOCK]>> {
        let Some(block) = self.block()? else { return Ok(None) };
        if block.iter().all(|byte| *byte == 0) {
            return match self.block()? {
                Some(next) if next.iter().any(|byte| *byte != 0) => Err(broken("has an empty block in it")),
                _ => Ok(None),
            };
        }
        let told = number(&block[148..156]);
        let spaced =
            block.iter().enumerate().map(|(at, byte)| if (148..156).contains(&at) { b' ' } else { *byte });
        let (sum, signed) = spaced.fold((0_u64, 0_i64), |(sum, signed), byte| {
            (sum + u64::from(byte), signed + i64::from(byte.cast_signed()))
        });
        if told != Some(sum) && told != u64::try_from(signed).ok() {
            return Err(broken("has a header whose sum is wrong"));
        }
        Ok(Some(block))
    }

    fn block(&mut self) -> io::Result<Option<[u8; BLOCK]>> {
        let mut block = [0; BLOCK];
        let mut filled = 0;
        while filled < BLOCK {
            match self.stream.read(&mut block[filled..]) {
                Ok(0) if filled == 0 => return Ok(None),
                Ok(0) => return Err(broken("is cut short")),
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Some(block))
    }

    /// Blocks with more holes of a sparse file; each tells whether one follows.
    fn pass_sparse_headers(&mut self, mut follows: u8) -> io::Result<()> {
        self.left = 0;
        self.padding = 0;
        let mut blocks = 0;
        while follows != 0 {
            blocks += 1;
            if blocks * BLOCK as u64 > MOST_HEADERS {
                return Err(broken("has a file with holes without end"));
            }
            follows = self.block()?.ok_or_else(|| broken("is cut short"))?[504];
        }
        Ok(())
    }

    fn expect(&mut self, size: u64) {
        self.left = size;
        self.padding = (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64;
    }

    fn pass_over(&mut self) -> io::Result<()> {
        let rest = self.left.saturating_add(self.padding);
        let passed = (self.pass_over)(&mut self.stream, rest)?;
        // The padding of the last entry may be missing.
        if passed < self.left {
            return Err(broken("is cut short"));
        }
        self.expect(0);
        Ok(())
    }

    fn name(&mut self, size: u64, extended: &mut Extended) -> io::Result<Vec<u8>> {
        let name = self.headers(size, extended)?;
        Ok(text(&name).to_owned())
    }

    fn headers(&mut self, size: u64, extended: &mut Extended) -> io::Result<Vec<u8>> {
        extended.bytes = extended.bytes.saturating_add(size).saturating_add(1);
        if extended.bytes > MOST_HEADERS {
            return Err(broken("has a name or attributes of more than a megabyte"));
        }
        let mut bytes = Vec::new();
        self.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl<R: Read + Seek> Tar<R> {
    /// An archive that can be skipped over. What is skipped is not looked at, and may be missing at the end.
    pub(super) fn seeking(stream: R) -> Self {
        let pass_over: PassOver<R> = |stream, bytes| {
            let from = stream.stream_position()?;
            let end = stream.seek(SeekFrom::End(0))?;
            let to = from.saturating_add(bytes).min(end);
            stream.seek(SeekFrom::Start(to))?;
            Ok(to.saturating_sub(from))
        };
        Self { stream, pass_over, left: 0, padding: 0 }
    }

    /// Where the content of the entry begins that was handed out.
    pub(super) fn position(&mut self) -> io::Result<u64> {
        self.stream.stream_position()
    }
}

impl Extended {
    /// Records of `pax`: their length, a key, a value.
    fn take(&mut self, records: &[u8]) -> io::Result<()> {
        let mut rest = records;
        while !rest.is_empty() {
            let record = || {
                let space = memchr::memchr(b' ', rest)?;
                let length: usize = std::str::from_utf8(&rest[..space]).ok()?.parse().ok()?;
                let record = rest.get(space + 1..length)?.strip_suffix(b"\n")?;
                let equals = memchr::memchr(b'=', record)?;
                Some((length, &record[..equals], &record[equals + 1..]))
            };
            let (length, key, value) = record().ok_or_else(|| broken("has attributes that are none"))?;
            match key {
                b"path" => self.path = Some(value.to_owned()),
                b"linkpath" => self.link = Some(value.to_owned()),
                b"size" => {
                    let size = std::str::from_utf8(value).ok().and_then(|size| size.parse().ok());
                    self.size = Some(size.ok_or_else(|| broken("has a size that is no number"))?);
                }
                key if key.starts_with(b"GNU.sparse.") => self.is_sparse = true,
                _ => {}
            }
            rest = &rest[length..];
        }
        Ok(())
    }
}

/// Reads the content of the entry that was handed out.
impl<R: Read> Read for Tar<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        if most == 0 {
            return Ok(0);
        }
        let count = self.stream.read(&mut buffer[..most])?;
        if count == 0 {
            return Err(broken("is cut short"));
        }
        self.left -= count as u64;
        Ok(count)
    }
}

/// The path in a header: `ustar` may have its beginning apart.
fn path(header: &[u8; BLOCK]) -> Vec<u8> {
    let (name, prefix) = (text(&header[..100]), text(&header[345..500]));
    if header[257..263] != *b"ustar\0" || prefix.is_empty() {
        return name.to_owned();
    }
    [prefix, b"/", name].concat()
}

/// The bytes up to the first zero.
fn text(bytes: &[u8]) -> &[u8] {
    memchr::memchr(0, bytes).map_or(bytes, |end| &bytes[..end])
}

/// A number in octal digits; or, where the first bit is set, as GNU writes large ones, with the highest byte first.
fn number(field: &[u8]) -> Option<u64> {
    let (first, rest) = field.split_first()?;
    if first & 0x80 != 0 {
        let start = u64::from(first & 0x7f);
        return rest
            .iter()
            .try_fold(start, |number, byte| (number < 1 << 55).then_some(number << 8 | u64::from(*byte)));
    }
    let digits = text(field).trim_ascii();
    let digit = |number: u64, byte: &u8| match byte {
        b'0'..=b'7' => Some(number.checked_mul(8)? + u64::from(byte - b'0')),
        _ => None,
    };
    digits.iter().try_fold(0, digit)
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("is a tar archive that {what}"))
}

#[cfg(test)]
pub(super) mod testing {
    use super::*;

    /// A header and its content.
    pub(in super::super) fn entry(path: &str, flag: u8, link: &str, content: &[u8]) -> Vec<u8> {
        let mut header = [0; BLOCK];
        header[..path.len()].copy_from_slice(path.as_bytes());
        header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
        header[148..156].fill(b' ');
        header[156] = flag;
        header[157..157 + link.len()].copy_from_slice(link.as_bytes());
        header[257..265].copy_from_slice(b"ustar\x0000");
        let sum: u32 = header.iter().copied().map(u32::from).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        let mut bytes = [&header[..], content].concat();
        bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
        bytes
    }

    /// A file.
    pub(in super::super) fn file(path: &str, content: &[u8]) -> Vec<u8> {
        entry(path, b'0', "", content)
    }

    /// An archive of these entries.
    pub(in super::super) fn archive(entries: &[Vec<u8>]) -> Vec<u8> {
        [&entries.concat()[..], &[0; 2 * BLOCK]].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{archive, entry, file};
    use super::*;

    type Found = Vec<(String, Kind, Vec<u8>)>;

    fn read(bytes: &[u8]) -> (Found, Option<String>) {
        let (mut tar, mut entries) = (Tar::new(bytes), Vec::new());
        loop {
            match tar.next_entry() {
                Ok(Some(found)) => {
                    let mut content = Vec::new();
                    let end = tar.read_to_end(&mut content);
                    entries.push((String::from_utf8_lossy(&found.path).into_owned(), found.kind, content));
                    if let Err(error) = end {
                        return (entries, Some(error.to_string()));
                    }
                }
                Ok(None) => return (entries, None),
                Err(error) => return (entries, Some(error.to_string())),
            }
        }
    }

    #[test]
    fn entries_come_with_their_content_and_long_names_from_either_dialect() {
        let long = "d/".repeat(90) + "end";
        let record = format!("{} path={long}\n", long.len() + 10);
        assert_eq!(record.len(), long.len() + 10);
        let bytes = archive(&[
            file("a", b"one"),
            entry("././@LongLink", b'L', "", format!("{long}\0").as_bytes()),
            file("cut", &[7; 513]),
            entry("pax", b'x', "", record.as_bytes()),
            file("cut", b""),
            entry("all", b'g', "", b"12 path=no\n\n"),
            entry("folder/", b'5', "", b""),
            entry("link", b'2', "a", b""),
            entry("dev", b'3', "", b""),
            entry("old/", 0, "", b""),
        ]);
        let (entries, end) = read(&bytes);
        assert_eq!(end, None);
        let found: Vec<_> =
            entries.iter().map(|(path, kind, content)| (path.as_str(), *kind, content.len())).collect();
        assert_eq!(
            found,
            [
                ("a", Kind::File, 3),
                (long.as_str(), Kind::File, 513),
                (long.as_str(), Kind::File, 0),
                ("folder/", Kind::Folder, 0),
                ("link", Kind::SymbolicLink, 0),
                ("dev", Kind::Special, 0),
                ("old/", Kind::Folder, 0),
            ]
        );
    }

    #[test]
    fn an_archive_cut_anywhere_ends_with_an_error_and_what_came_before_is_there() {
        let bytes = archive(&[file("a", &[1; 700]), entry("l", b'L', "", b"name"), file("b", b"2")]);
        let whole = read(&bytes).0;
        for end in 0..bytes.len() {
            let (entries, error) = read(&bytes[..end]);
            assert!(entries.len() <= whole.len());
            // Between entries nothing is missing that anybody could know of, nor in what only fills a block up.
            let is_between = end == 0 || (1212..=1536).contains(&end) || end > 3072;
            assert!(error.is_some() || is_between, "cut at {end}: {error:?}");
        }
    }

    #[test]
    fn what_is_no_header_or_too_large_is_told() {
        let mut wrong = archive(&[file("a", b"")]);
        wrong[0] = b'b';
        assert!(read(&wrong).1.is_some_and(|error| error.contains("sum is wrong")));
        let vast = entry("x", b'L', "", &vec![b'a'; (1 << 20) + 1]);
        assert!(read(&archive(&[vast])).1.is_some_and(|error| error.contains("more than a megabyte")));
        let broken = archive(&[entry("x", b'x', "", b"99 path=a\n"), file("a", b"")]);
        assert!(read(&broken).1.is_some_and(|error| error.contains("attributes that are none")));
        let hole = [&file("a", b"")[..], &[0; 512], &file("b", b"")[..]].concat();
        assert!(read(&hole).1.is_some_and(|error| error.contains("empty block")));
    }

    #[test]
    fn numbers_are_octal_or_binary() {
        assert_eq!(number(b"0000644\0"), Some(0o644));
        assert_eq!(number(b"   12 \0\0"), Some(10));
        assert_eq!(number(b"\0\0\0\0"), Some(0));
        assert_eq!(number(b"\x80\0\0\0\0\0\0\x02\0\0\0\0"), Some(1 << 33));
        assert_eq!(number(&[0xff; 12]), None);
        assert_eq!(number(b"8"), None);
    }
}
