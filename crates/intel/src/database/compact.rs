//! Numbers and texts as few bytes: what the program itself writes, and reads without copying it.
//!
//! A number is its bits in groups of seven, the lowest first, with the highest bit of each byte saying that more follow.
//! A text and a list begin with their length.

use super::DatabaseError;

/// Collects bytes.
#[derive(Debug, Default)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub(super) fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push((number & 0x7f) as u8 | 0x80);
            number >>= 7;
        }
        self.0.push((number & 0x7f) as u8);
    }

    pub(super) fn count(&mut self, count: usize) {
        self.number(count as u64);
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.raw(bytes);
    }

    /// Bytes whose length is told in another way.
    pub(super) fn raw(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    pub(super) fn list<T>(&mut self, items: &[T], mut each: impl FnMut(&mut Self, &T)) {
        self.count(items.len());
        for item in items {
            each(self, item);
        }
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// Reads what a [`Writer`] wrote. What it did not write is an error.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn number(&mut self) -> Result<u64, DatabaseError> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = self.0.split_first().ok_or_else(damaged)?;
            self.0 = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(damaged())
    }

    /// A number that counts what follows, or what there is in memory.
    pub(super) fn count(&mut self) -> Result<usize, DatabaseError> {
        usize::try_from(self.number()?).map_err(|_| damaged())
    }

    pub(super) fn bytes(&mut self) -> Result<&'b [u8], DatabaseError> {
        let count = self.count()?;
        self.raw(count)
    }

    fn raw(&mut self, count: usize) -> Result<&'b [u8], DatabaseError> {
        let (bytes, rest) = self.0.split_at_checked(count).ok_or_else(damaged)?;
        self.0 = rest;
        Ok(bytes)
    }

    pub(super) fn text(&mut self) -> Result<&'b str, DatabaseError> {
        std::str::from_utf8(self.bytes()?).map_err(|_| damaged())
    }

    /// A text whose length is told in another way.
    pub(super) fn raw_text(&mut self, count: usize) -> Result<&'b str, DatabaseError> {
        std::str::from_utf8(self.raw(count)?).map_err(|_| damaged())
    }

    pub(super) fn list<T>(
        &mut self,
        mut each: impl FnMut(&mut Self) -> Result<T, DatabaseError>,
    ) -> Result<Vec<T>, DatabaseError> {
        let count = self.count()?;
        // An item takes a byte or more.
        if count > self.0.len() {
            return Err(damaged());
        }
        (0..count).map(|_| each(self)).collect()
    }

    /// Takes every item of a list, where they are kept elsewhere.
    pub(super) fn each(
        &mut self,
        mut each: impl FnMut(&mut Self) -> Result<(), DatabaseError>,
    ) -> Result<(), DatabaseError> {
        (0..self.count()?).try_for_each(|_| each(self))
    }

    /// How many bytes are left.
    pub(super) fn left(&self) -> usize {
        self.0.len()
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }
}

/// What no build of ours writes.
pub(super) fn damaged() -> DatabaseError {
    DatabaseError::Damaged("a value is not in the form in which it was written".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let mut writer = Writer::default();
        for number in [0, 1, 127, 128, 300, u64::MAX] {
            writer.number(number);
        }
        writer.list(&["a", "", "é"], |writer, text| writer.text(text));
        let bytes = writer.finish();
        let mut reader = Reader::new(&bytes);
        for number in [0, 1, 127, 128, 300, u64::MAX] {
            assert_eq!(reader.number().expect("one"), number);
        }
        assert_eq!(reader.list(Reader::text).expect("texts"), ["a", "", "é"]);
        assert!(reader.is_at_end());
    }

    #[test]
    fn what_is_cut_short_or_says_too_much_is_an_error() {
        assert!(Reader::new(b"").number().is_err());
        assert!(Reader::new(&[0x80; 12]).number().is_err());
        assert!(Reader::new(&[3, b'a']).text().is_err());
        assert!(Reader::new(&[1, 0xff]).text().is_err());
        assert!(Reader::new(&[0xff, 0xff, 0xff, 0xff, 0x0f, 1]).list(Reader::text).is_err());
    }
}
