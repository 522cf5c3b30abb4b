//! Rows of a table of SQLite, <https://www.sqlite.org/fileformat2.html>, as far as RPM's database needs it.
//!
//! The file is hostile: every page is used once, nothing is evaluated, no index is believed, no journal followed.

use std::borrow::Cow;

use super::super::Broken;
use super::Take;
use super::bytes::{Met, be16, be32, index, span};

pub(super) const MAGIC: &[u8] = b"SQLite format 3\0";

const EXPECTED: &str = "a database of SQLite 3";

/// What pages of a table begin with.
const INTERIOR: u8 = 5;
const LEAF: u8 = 13;

/// The columns of `sqlite_schema` that are asked for.
const NAME: usize = 1;
const ROOT: usize = 3;

/// Hands out a column of all rows of a table.
pub(super) fn rows(bytes: &[u8], table: &str, column: usize, take: &mut Take<'_>) -> Result<(), Broken> {
    let database = Database::open(bytes)?;
    let mut met = Met::none(database.pages + 1);
    let mut root = None;
    let mut broken = database.walk(1, &mut met, &mut |_, row| {
        let Ok(row) = row else { return };
        if value(&row, NAME) == Some(table.as_bytes()) && root.is_none() {
            root = value(&row, ROOT).and_then(integer);
        }
    });
    let Some(root) = root.and_then(|root| usize::try_from(root).ok()) else {
        return Err(broken.pop().unwrap_or_else(|| Broken::other(format!("has no table {table}"), "one")));
    };
    let mut broken = database.walk(root, &mut met, &mut |id, row| {
        let value = row.and_then(|row| {
            let missing = || format!("has no column {column}");
            // What the row borrows of the file, its column does too.
            match row {
                Cow::Borrowed(row) => value(row, column).map(Cow::Borrowed),
                Cow::Owned(row) => value(&row, column).map(|value| Cow::Owned(value.to_owned())),
            }
            .ok_or_else(missing)
        });
        take(format!("{table} {id}"), value);
    });
    if bytes.len() < database.told_pages.saturating_mul(database.page_size) {
        broken.push(Broken::other("is cut short", EXPECTED));
    }
    broken.pop().map_or(Ok(()), Err)
}

/// A database file.
struct Database<'b> {
    bytes: &'b [u8],
    page_size: usize,
    /// Of a page without what extensions keep for themselves.
    usable: usize,
    /// How many pages there are, and how many the header tells of.
    pages: usize,
    told_pages: usize,
}

impl<'b> Database<'b> {
    fn open(bytes: &'b [u8]) -> Result<Self, Broken> {
        let page_size = match be16(bytes, 16) {
            Some(1) => 65536,
            Some(size) => usize::from(size),
            None => return Err(Broken::other("is cut short", EXPECTED)),
        };
        let usable = page_size.saturating_sub(usize::from(bytes[20]));
        if !page_size.is_power_of_two() || page_size < 512 || usable < 480 {
            return Err(Broken::other(format!("has pages of {page_size} bytes"), EXPECTED));
        }
        let told_pages = index(be32(bytes, 28).unwrap_or_default());
        Ok(Self { bytes, page_size, usable, pages: bytes.len() / page_size, told_pages })
    }

    /// Hands out the rows of the tree of a table with their ids, and gives back what is wrong with its pages.
    fn walk(
        &self,
        root: usize,
        met: &mut Met,
        row: &mut dyn FnMut(u64, Result<Cow<'b, [u8]>, String>),
    ) -> Vec<Broken> {
        let mut broken = Vec::new();
        let mut waiting = vec![root];
        while let Some(number) = waiting.pop() {
            let Some(page) = self.page(number).filter(|_| met.meet(number)) else {
                broken.push(Broken::other(format!("has page {number} of a table not, or twice"), EXPECTED));
                continue;
            };
            // Page 1 begins with the header of the file.
            let at = if number == 1 { 100 } else { 0 };
            let cells = usize::from(be16(page, at + 3).unwrap_or_default());
            let cell = |first: usize, nth: usize| be16(page, at + first + 2 * nth).map(usize::from);
            match page.get(at) {
                Some(&LEAF) => {
                    for at in (0..cells).map_while(|nth| cell(8, nth)) {
                        let (id, value) = self.row(page, at, met);
                        row(id, value);
                    }
                }
                Some(&INTERIOR) => {
                    // The last is the first to be taken up again.
                    waiting.extend(be32(page, at + 8).map(index));
                    let children: Vec<usize> =
                        (0..cells).map_while(|nth| be32(page, cell(12, nth)?).map(index)).collect();
                    waiting.extend(children.into_iter().rev());
                }
                kind => {
                    let kind = kind.copied().unwrap_or_default();
                    broken.push(Broken::other(format!("has a page {number} of type {kind}"), EXPECTED));
                }
            }
        }
        broken
    }

    /// A row: its id, and its record.
    fn row(&self, page: &'b [u8], at: usize, met: &mut Met) -> (u64, Result<Cow<'b, [u8]>, String>) {
        let short = || Err("lies behind the end of its page".to_owned());
        let Some((length, at)) = varint(page, at) else { return (0, short()) };
        let Some((id, at)) = varint(page, at) else { return (0, short()) };
        let Ok(length) = usize::try_from(length) else { return (id, short()) };
        let local = self.local(length);
        let Some(start) = span(page, at, local) else { return (id, short()) };
        if local == length {
            return (id, Ok(Cow::Borrowed(start)));
        }
        let Some(next) = be32(page, at + local) else { return (id, short()) };
        (id, self.overflow(start, length, index(next), met).map(Cow::Owned))
    }

    /// How many bytes of a record of this length stand on its page; the format's section 1.6 has the formula.
    fn local(&self, length: usize) -> usize {
        let most = self.usable - 35;
        if length <= most {
            return length;
        }
        let least = (self.usable - 12) * 32 / 255 - 23;
        let fitting = least + (length - least) % (self.usable - 4);
        if fitting <= most { fitting } else { least }
    }

    /// A record that goes on in pages of its own, each of which names the next.
    fn overflow(&self, start: &[u8], length: usize, next: usize, met: &mut Met) -> Result<Vec<u8>, String> {
        if length > self.bytes.len() {
            return Err(format!("is {length} bytes long, which is more than the file"));
        }
        let (mut record, mut number) = (start.to_vec(), next);
        while record.len() < length {
            let page = self.page(number).filter(|_| met.meet(number));
            let page =
                page.ok_or_else(|| format!("goes on in page {number}, which is not there or another's"))?;
            record.extend(&page[4..self.usable.min(4 + length - record.len())]);
            number = be32(page, 0).map_or(0, index);
        }
        Ok(record)
    }

    fn page(&self, number: usize) -> Option<&'b [u8]> {
        span(self.bytes, number.checked_sub(1)?.checked_mul(self.page_size)?, self.page_size)
    }
}

/// A column of a record: its bytes, whatever its type; section 2.1 of the format.
fn value(record: &[u8], column: usize) -> Option<&[u8]> {
    let (header, mut at) = varint(record, 0)?;
    let header = usize::try_from(header).ok()?;
    let types = record.get(..header)?;
    let mut value = header;
    for nth in 0..=column {
        let (kind, next) = varint(types, at)?;
        at = next;
        let length = match kind {
            0 | 8 | 9 => 0,
            1..=4 => usize::try_from(kind).ok()?,
            5 => 6,
            6 | 7 => 8,
            10 | 11 => return None,
            _ => usize::try_from((kind - 12) / 2).ok()?,
        };
        if nth == column {
            return span(record, value, length);
        }
        value = value.checked_add(length)?;
    }
    None
}

/// A number that is not negative.
fn integer(bytes: &[u8]) -> Option<u64> {
    (bytes.len() <= 8).then(|| bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// A number of up to nine bytes, the highest first, seven bits in each but the ninth, and where it ends.
fn varint(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut number = 0;
    for (nth, byte) in bytes.get(at..)?.iter().take(9).enumerate() {
        if nth == 8 {
            return Some((number << 8 | u64::from(*byte), at + 9));
        }
        number = number << 7 | u64::from(byte & 0x7f);
        if *byte < 0x80 {
            return Some((number, at + nth + 1));
        }
    }
    None
}

#[cfg(test)]
pub(super) mod testing {
    use rusqlite::Connection;

    /// A database with a table `Packages` of these blobs, made by SQLite, with pages so small that none is alone on one.
    pub(in super::super) fn database(blobs: &[Vec<u8>]) -> Vec<u8> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("db");
        let database = Connection::open(&path).expect("a database");
        let schema = "PRAGMA page_size = 512; CREATE TABLE Name(key TEXT, hnum INTEGER);
            CREATE TABLE Packages(hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL);";
        database.execute_batch(schema).expect("tables");
        for blob in blobs {
            database.execute("INSERT INTO Packages(blob) VALUES (?1)", [blob]).expect("a row");
        }
        database.close().expect("an end");
        std::fs::read(path).expect("a file")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Taken = Vec<(String, Result<Vec<u8>, String>)>;

    fn rows_of(bytes: &[u8]) -> (Taken, Result<(), Broken>) {
        let mut taken = Vec::new();
        let end = rows(bytes, "Packages", 1, &mut |way, blob| taken.push((way, blob.map(Cow::into_owned))));
        (taken, end)
    }

    #[test]
    fn rows_of_any_length_come_as_sqlite_wrote_them() {
        // Around the lengths at which a record leaves its page, and at which it takes one page more.
        let lengths = (0..40).chain(420..520).chain(900..1100).chain([5000, 70_000]);
        let blobs: Vec<Vec<u8>> =
            lengths.map(|length: usize| vec![u8::try_from(length % 251).expect("a byte"); length]).collect();
        let (taken, end) = rows_of(&testing::database(&blobs));
        assert!(end.is_ok(), "{end:?}");
        assert_eq!(
            taken.iter().map(|(_, blob)| blob.as_ref().expect("a blob")).collect::<Vec<_>>(),
            blobs.iter().collect::<Vec<_>>()
        );
        assert_eq!(taken.last().map(|(way, _)| way.as_str()), Some(&*format!("Packages {}", blobs.len())));
    }

    #[test]
    fn a_tree_that_leads_back_to_itself_ends_and_is_told() {
        let mut bytes = testing::database(&vec![vec![7; 100]; 50]);
        let pages = bytes.chunks(512).collect::<Vec<_>>();
        let interior = pages.iter().position(|page| page[0] == INTERIOR).expect("an interior page");
        let number = u32::try_from(interior + 1).expect("a page").to_be_bytes();
        bytes[512 * interior + 8..512 * interior + 12].copy_from_slice(&number);
        let (taken, end) = rows_of(&bytes);
        assert!(taken.len() > 30 && taken.len() < 50, "{}", taken.len());
        assert!(end.is_err_and(|error| error.to_string().contains("of a table not, or twice")));
    }

    #[test]
    fn a_file_without_the_table_is_told() {
        let bytes = testing::database(&[]);
        let end = rows(&bytes, "Other", 1, &mut |_, _| {});
        assert_eq!(end.expect_err("no table").to_string(), "has no table Other; expected one");
    }
}
