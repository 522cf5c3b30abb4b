//! `Packages`, a hash of Berkeley DB, as RPM wrote it until 2020: `src/dbinc/db_page.h` of Berkeley DB. The file is of the
//! byte order of the machine that made it.

use std::borrow::Cow;

use super::super::Broken;
use super::Take;
use super::bytes::{Met, index, span};

const MAGIC: u32 = 0x0006_1561;
const META: u8 = 8;
const HASH_PAGES: [u8; 2] = [2, 13];
const OVERFLOW_PAGE: u8 = 7;
const PAGE_HEADER: usize = 26;

/// How the data of an item is held: in its place, or on pages of its own.
const KEY_DATA: u8 = 1;
const OFF_PAGE: u8 = 3;

/// A database.
#[derive(Debug)]
pub(super) struct HashDb<'b> {
    bytes: &'b [u8],
    page_size: usize,
    order: Order,
}

#[derive(Debug, Clone, Copy)]
enum Order {
    Big,
    Little,
}

impl Order {
    fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let four: [u8; 4] = span(bytes, at, 4)?.try_into().ok()?;
        Some(match self {
            Self::Big => u32::from_be_bytes(four),
            Self::Little => u32::from_le_bytes(four),
        })
    }

    fn u16(self, bytes: &[u8], at: usize) -> Option<usize> {
        let two: [u8; 2] = span(bytes, at, 2)?.try_into().ok()?;
        Some(usize::from(match self {
            Self::Big => u16::from_be_bytes(two),
            Self::Little => u16::from_le_bytes(two),
        }))
    }
}

impl<'b> HashDb<'b> {
    /// The database in these bytes; `None` if they are something else.
    pub(super) fn open(bytes: &'b [u8]) -> Result<Option<Self>, Broken> {
        let is = |order: &Order| order.u32(bytes, 12) == Some(MAGIC);
        let Some(order) = [Order::Little, Order::Big].into_iter().find(is) else { return Ok(None) };
        let page_size = index(order.u32(bytes, 20).unwrap_or_default());
        if !page_size.is_power_of_two() || !(512..=65536).contains(&page_size) || bytes.get(25) != Some(&META)
        {
            let expected = "a hash of Berkeley DB with pages of 512 to 65536 bytes";
            return Err(Broken::other(format!("has pages of {page_size} bytes"), expected));
        }
        if bytes.get(24) != Some(&0) {
            return Err(Broken::other("is encrypted", "a database that anybody can read"));
        }
        Ok(Some(Self { bytes, page_size, order }))
    }

    /// Hands out every value, but that of key 0, which counts the others.
    pub(super) fn values(&self, take: &mut Take<'_>) -> Result<(), Broken> {
        let last = index(self.order.u32(self.bytes, 32).unwrap_or_default());
        let pages = self.bytes.len() / self.page_size;
        let mut met = Met::none(pages);
        for number in 1..pages {
            let Some(page) = self.page(number) else { break };
            if HASH_PAGES.contains(&page[25]) {
                self.items(page, number, &mut met, take);
            }
        }
        if pages <= last {
            return Err(Broken::other(
                format!("is cut short at page {pages}"),
                "all the pages that it tells of",
            ));
        }
        Ok(())
    }

    /// The pairs of key and value of a page. Items lie from its end to its front, and their offsets from front to end.
    fn items(&self, page: &[u8], number: usize, met: &mut Met, take: &mut Take<'_>) {
        let count = self.order.u16(page, 20).unwrap_or_default();
        let offset = |item: usize| self.order.u16(page, PAGE_HEADER + 2 * item);
        for value in (1..count).step_by(2) {
            let way = || format!("page {number}, item {value}");
            let (Some(before), Some(key), Some(at)) = (
                if value == 1 { Some(self.page_size) } else { offset(value - 2) },
                offset(value - 1),
                offset(value),
            ) else {
                take(way(), Err("lies behind the end of its page".to_owned()));
                return;
            };
            let (Some(key), Some(item)) = (page.get(key..before), page.get(at..key)) else {
                take(way(), Err("does not lie in front of its key".to_owned()));
                continue;
            };
            if key == [KEY_DATA, 0, 0, 0, 0] {
                continue;
            }
            take(way(), self.value(item, met));
        }
    }

    fn value<'p>(&self, item: &'p [u8], met: &mut Met) -> Result<Cow<'p, [u8]>, String> {
        match item.first() {
            Some(&KEY_DATA) => Ok(Cow::Borrowed(&item[1..])),
            Some(&OFF_PAGE) => {
                let (Some(page), Some(length)) = (self.order.u32(item, 4), self.order.u32(item, 8)) else {
                    return Err("is cut short".to_owned());
                };
                self.overflow(index(page), index(length), met).map(Cow::Owned)
            }
            other => {
                Err(format!("is an item of kind {}; expected 1 or 3", other.copied().unwrap_or_default()))
            }
        }
    }

    /// A value on pages of its own, each of which names the next.
    fn overflow(&self, first: usize, length: usize, met: &mut Met) -> Result<Vec<u8>, String> {
        let (mut value, mut number) = (Vec::new(), first);
        while value.len() < length {
            let page = self.page(number).filter(|page| page[25] == OVERFLOW_PAGE);
            let page = page.ok_or_else(|| format!("goes on in page {number}, which is not there"))?;
            if !met.meet(number) {
                return Err(format!("goes on in page {number}, which is another's"));
            }
            let held = self.order.u16(page, 22).and_then(|held| span(page, PAGE_HEADER, held));
            value.extend(held.ok_or_else(|| format!("is longer in page {number} than the page"))?);
            number = index(self.order.u32(page, 16).unwrap_or_default());
        }
        value.truncate(length);
        Ok(value)
    }

    fn page(&self, number: usize) -> Option<&'b [u8]> {
        span(self.bytes, number.checked_mul(self.page_size)?, self.page_size)
    }
}

#[cfg(test)]
pub(super) mod testing {
    use super::*;

    const PAGE: usize = 512;

    fn page(number: usize, next: usize, entries: u16, held: u16, kind: u8) -> Vec<u8> {
        let four = |number: usize| u32::try_from(number).expect("a page").to_le_bytes();
        let mut page = [&[0; 8][..], &four(number), &[0; 4], &four(next)].concat();
        page.extend([entries.to_le_bytes(), held.to_le_bytes(), [0, kind]].concat());
        page
    }

    /// A database of these values, one on each hash page: the first in its place, the others on pages of their own.
    pub(in super::super) fn database(blobs: &[Vec<u8>]) -> Vec<u8> {
        let mut pages: Vec<Vec<u8>> = vec![Vec::new()];
        for (key, blob) in (0_u32..).zip(std::iter::once(&vec![9; 4]).chain(blobs)) {
            let number = pages.len();
            let mut item = vec![KEY_DATA];
            item.extend(blob);
            if key > 1 {
                let (first, length) = (u32::try_from(number + 1), u32::try_from(blob.len()));
                item = [&[OFF_PAGE, 0, 0, 0][..], &first.expect("a page").to_le_bytes()].concat();
                item.extend(length.expect("a length").to_le_bytes());
            }
            let (key_at, item_at) = (PAGE - 5, PAGE - 5 - item.len());
            let mut hash = page(number, 0, 2, 0, 13);
            for offset in [key_at, item_at] {
                hash.extend(u16::try_from(offset).expect("an offset").to_le_bytes());
            }
            hash.resize(item_at, 0);
            hash.extend(item);
            hash.push(KEY_DATA);
            hash.extend(key.to_le_bytes());
            pages.push(hash);
            let room = if key > 1 { PAGE - PAGE_HEADER } else { usize::MAX };
            for part in blob.chunks(room).filter(|_| key > 1) {
                let held = u16::try_from(part.len()).expect("a length");
                let mut overflow = page(pages.len(), pages.len() + 1, 1, held, OVERFLOW_PAGE);
                overflow.extend(part);
                pages.push(overflow);
            }
        }
        let last = pages.len() - 1;
        let four = |number: usize| u32::try_from(number).expect("a number").to_le_bytes();
        pages[0] = [
            &[0; 12][..],
            &MAGIC.to_le_bytes(),
            &four(9),
            &four(PAGE),
            &[0, META, 0, 0],
            &four(0),
            &four(last),
        ]
        .concat();
        for page in &mut pages {
            page.resize(PAGE, 0);
        }
        pages.concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_wound_in_a_circle_end_and_are_told() {
        let mut bytes = testing::database(&[vec![1; 8], vec![2; 2000]]);
        // The first overflow page of the second value names itself as the next.
        bytes[4 * 512 + 16] = 4;
        let mut told = Vec::new();
        let database = HashDb::open(&bytes).expect("pages").expect("a database");
        database.values(&mut |way, value| told.push((way, value.map(|value| value.len())))).expect("an end");
        let circle = Err("goes on in page 4, which is another's".to_owned());
        assert_eq!(told, [("page 2, item 1".to_owned(), Ok(8)), ("page 3, item 1".to_owned(), circle)]);
    }
}
