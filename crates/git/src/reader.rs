//! Objects by their id.

use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

use gix_hash::{ObjectId, Prefix};
use gix_object::Kind;
use gix_pack::data::decode::entry::ResolvedBase;
use gix_pack::data::entry::Header;
use gix_zlib::Inflate;

use crate::bases::Bases;
use crate::commit::Commit;
use crate::confines::Confines;
use crate::error::ObjectError;
use crate::loose;
use crate::packs::{Pack, told};

/// The most deltas that an object may lie behind. Git makes no more than 4,095.
const MOST_DELTAS: u32 = 10_000;

/// How many bytes of a delta are inflated to see what it begins with.
const DELTA_START: usize = 64;

/// The most bytes of a commit or a tag.
const MOST_COMMIT: u64 = 16 << 20;

/// Where objects are.
pub(crate) struct Store {
    pub(crate) hash: gix_hash::Kind,
    pub(crate) confines: Confines,
    /// The folders of objects: its own, and alternates that lie in the target.
    pub(crate) folders: Vec<PathBuf>,
    pub(crate) packs: Vec<Pack>,
    /// What of this repository is not there, so that objects may be missing.
    pub(crate) remark: Option<String>,
}

/// An object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// What it is.
    pub kind: Kind,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Reads objects. It keeps a few megabytes of what it read last, so that each thread should have one of its own.
pub struct Reader {
    store: Arc<Store>,
    inflate: Inflate,
    bases: Bases,
    /// The pack that had the last object: most likely it has the next.
    last: usize,
}

/// Why an object in one place cannot be read.
#[derive(Debug)]
pub(crate) enum Fault {
    TooLarge(u64),
    Broken(String),
}

impl Reader {
    pub(crate) fn new(store: Arc<Store>) -> Self {
        Self { store, inflate: Inflate::default(), bases: Bases::default(), last: 0 }
    }

    /// An object of no more than `most` bytes. Its bytes are those that its id is the hash of.
    pub fn object(&mut self, id: &ObjectId, most: u64) -> Result<Object, ObjectError> {
        self.anywhere(id, most, &mut |reader, place| {
            let object = reader.at(place, id, most)?;
            reader.compare(id, &object)?;
            Ok(object)
        })
    }

    /// The first bytes of an object, `count` or all. They are not compared with its id.
    pub fn beginning(&mut self, id: &ObjectId, count: usize, most: u64) -> Result<Vec<u8>, ObjectError> {
        self.anywhere(id, most, &mut |reader, place| match place {
            Where::Packed(pack, offset) => reader.packed_beginning(pack, offset, count, most),
            Where::Loose(folder) => {
                let opened = loose::open(&reader.store.confines, &reader.store.folders[folder], id)?;
                let (_, _, stream) = opened.ok_or_else(|| Fault::Broken("it is gone".into()))?;
                let mut bytes = Vec::new();
                let read = stream.take(count as u64).read_to_end(&mut bytes);
                read.map_err(|error| Fault::Broken(error.to_string()))?;
                Ok(bytes)
            }
        })
    }

    /// A tree's bytes, for [`crate::entries`].
    pub fn tree(&mut self, id: &ObjectId, most: u64) -> Result<Vec<u8>, ObjectError> {
        self.expect(id, Kind::Tree, most)
    }

    /// A file's bytes.
    pub fn blob(&mut self, id: &ObjectId, most: u64) -> Result<Vec<u8>, ObjectError> {
        self.expect(id, Kind::Blob, most)
    }

    /// A commit.
    pub fn commit(&mut self, id: &ObjectId) -> Result<Commit, ObjectError> {
        let bytes = self.expect(id, Kind::Commit, MOST_COMMIT)?;
        let broken =
            || ObjectError::Broken { id: *id, why: "it has no tree, or a parent that is no id".into() };
        Commit::read(*id, &bytes).ok_or_else(broken)
    }

    fn expect(&mut self, id: &ObjectId, expected: Kind, most: u64) -> Result<Vec<u8>, ObjectError> {
        let Object { kind, bytes } = self.object(id, most)?;
        if kind != expected {
            return Err(ObjectError::Kind { id: *id, kind, expected });
        }
        Ok(bytes)
    }

    /// A commit, or the tag of one, as an object.
    pub(crate) fn small(&mut self, id: &ObjectId) -> Result<Object, ObjectError> {
        self.object(id, MOST_COMMIT)
    }

    /// What an object is.
    pub(crate) fn kind(&mut self, id: &ObjectId) -> Result<Kind, ObjectError> {
        self.anywhere(id, u64::MAX, &mut |reader, place| match place {
            Where::Packed(pack, offset) => Ok(reader.header(pack, offset)?.0),
            Where::Loose(folder) => {
                let opened = loose::open(&reader.store.confines, &reader.store.folders[folder], id)?;
                opened.map(|(kind, ..)| kind).ok_or_else(|| Fault::Broken("it is gone".into()))
            }
        })
    }

    /// The objects whose ids begin so, sorted, up to a number of them.
    pub(crate) fn starting(&self, prefix: Prefix, most: usize) -> Result<Vec<ObjectId>, std::io::Error> {
        let mut found: Vec<ObjectId> =
            self.store.packs.iter().flat_map(|pack| pack.beginning(prefix, most)).collect();
        for folder in &self.store.folders {
            found.extend(loose::beginning(folder, &prefix)?);
        }
        found.sort_unstable();
        found.dedup();
        found.truncate(most);
        Ok(found)
    }

    /// Asks each place that has an object, until one gives a sound one.
    fn anywhere<T>(
        &mut self,
        id: &ObjectId,
        most: u64,
        ask: &mut dyn FnMut(&mut Self, Where) -> Result<T, Fault>,
    ) -> Result<T, ObjectError> {
        let (store, last) = (Arc::clone(&self.store), self.last);
        let order = std::iter::once(last).chain((0..store.packs.len()).filter(|number| *number != last));
        let packed = order.filter_map(|number| {
            let offset = store.packs.get(number)?.offset(id)?;
            Some(Where::Packed(number, offset))
        });
        let mut fault = None;
        for place in packed.chain((0..store.folders.len()).map(Where::Loose)) {
            if let Where::Loose(folder) = place {
                match loose::is_there(&store.confines, &store.folders[folder], id) {
                    Ok(true) => {}
                    Ok(false) => continue,
                    Err(error) => {
                        fault = Some(Fault::Broken(error.to_string()));
                        continue;
                    }
                }
            }
            match ask(self, place) {
                Ok(found) => {
                    if let Where::Packed(number, _) = place {
                        self.last = number;
                    }
                    return Ok(found);
                }
                Err(error) => fault = Some(error),
            }
        }
        Err(match fault {
            None => ObjectError::Missing { id: *id, remark: store.remark.clone() },
            Some(Fault::TooLarge(bytes)) => ObjectError::TooLarge { id: *id, bytes, most },
            Some(Fault::Broken(why)) => ObjectError::Broken { id: *id, why },
        })
    }

    fn at(&mut self, place: Where, id: &ObjectId, most: u64) -> Result<Object, Fault> {
        match place {
            Where::Packed(pack, offset) => self.packed(pack, offset, most),
            Where::Loose(folder) => {
                let opened = loose::open(&self.store.confines, &self.store.folders[folder], id)?;
                let (kind, size, stream) = opened.ok_or_else(|| Fault::Broken("it is gone".into()))?;
                if size > most {
                    return Err(Fault::TooLarge(size));
                }
                let mut bytes = Vec::new();
                let read = stream.take(size + 1).read_to_end(&mut bytes);
                read.map_err(|error| Fault::Broken(error.to_string()))?;
                if bytes.len() as u64 != size {
                    return Err(Fault::Broken(format!("it has not the {size} bytes that it says")));
                }
                Ok(Object { kind, bytes })
            }
        }
    }

    fn packed(&mut self, number: usize, offset: u64, most: u64) -> Result<Object, Fault> {
        let (_, size) = self.header(number, offset)?;
        if size > most {
            return Err(Fault::TooLarge(size));
        }
        let pack = &self.store.packs[number];
        let data = pack.data().map_err(|why| Fault::Broken(why.to_owned()))?;
        let entry = data.entry(offset).map_err(broken)?;
        let resolve = |id: &gix_hash::oid, _: &mut Vec<u8>| {
            pack.offset(&id.to_owned()).map(|offset| data.entry(offset).map(ResolvedBase::InPack)).transpose()
        };
        let mut bytes = Vec::new();
        let decoded = data.decode_entry(entry, &mut bytes, &mut self.inflate, &resolve, &mut self.bases);
        Ok(Object { kind: decoded.map_err(broken)?.kind, bytes })
    }

    /// Kind and size of a packed object.
    fn header(&mut self, number: usize, offset: u64) -> Result<(Kind, u64), Fault> {
        let pack = &self.store.packs[number];
        let data = pack.data().map_err(|why| Fault::Broken(why.to_owned()))?;
        let entry = data.entry(offset).map_err(broken)?;
        let resolve = |id: &gix_hash::oid| {
            use gix_pack::data::decode::header::ResolvedBase;
            let entry = |offset| data.entry(offset).map(ResolvedBase::InPack);
            pack.offset(&id.to_owned()).map(entry).transpose()
        };
        let header = data.decode_header(entry, &mut self.inflate, &resolve).map_err(broken)?;
        if header.num_deltas > MOST_DELTAS {
            return Err(Fault::Broken(format!("it lies behind more than {MOST_DELTAS} deltas")));
        }
        Ok((header.kind, header.object_size))
    }

    /// The first bytes of a packed object. Where a delta begins with a copy of what its base begins with, only that is
    /// looked at, and so on down to what is no delta.
    fn packed_beginning(
        &mut self,
        number: usize,
        offset: u64,
        count: usize,
        most: u64,
    ) -> Result<Vec<u8>, Fault> {
        let store = Arc::clone(&self.store);
        let pack = &store.packs[number];
        let data = pack.data().map_err(|why| Fault::Broken(why.to_owned()))?;
        let mut entry = data.entry(offset).map_err(broken)?;
        for _ in 0..MOST_DELTAS {
            let packed = data.entry_slice(entry.data_offset..data.pack_end() as u64).unwrap_or_default();
            let base = match entry.header {
                Header::OfsDelta { base_distance } => entry.checked_base_pack_offset(base_distance),
                Header::RefDelta { base_id } => pack.offset(&base_id),
                _ => return self.inflated(packed, count),
            };
            let begins = self.inflated(packed, DELTA_START)?;
            match (Delta::beginning(&begins, count), base) {
                (Delta::Base, Some(base)) => entry = data.entry(base).map_err(broken)?,
                (Delta::Bytes(bytes), _) => return Ok(bytes),
                _ => {
                    let mut bytes = self.packed(number, offset, most)?.bytes;
                    bytes.truncate(count);
                    return Ok(bytes);
                }
            }
        }
        Err(Fault::Broken(format!("it lies behind more than {MOST_DELTAS} deltas")))
    }

    /// The first bytes of what is packed, `count` or all.
    fn inflated(&mut self, packed: &[u8], count: usize) -> Result<Vec<u8>, Fault> {
        let mut bytes = vec![0; count];
        self.inflate.reset();
        let (_, _, written) = self.inflate.prefix(packed, &mut bytes).map_err(broken)?;
        bytes.truncate(written);
        Ok(bytes)
    }

    fn compare(&self, id: &ObjectId, object: &Object) -> Result<(), Fault> {
        let hash = gix_object::compute_hash(self.store.hash, object.kind, &object.bytes).map_err(broken)?;
        if hash == *id {
            return Ok(());
        }
        Err(Fault::Broken(format!("its bytes are those of {hash}")))
    }
}

/// A place that has an object.
#[derive(Clone, Copy)]
enum Where {
    /// The number of a pack, and the offset in it.
    Packed(usize, u64),
    /// The number of a folder of objects.
    Loose(usize),
}

/// What an object that is stored as a delta begins with.
#[derive(Debug, PartialEq, Eq)]
enum Delta {
    /// What its base begins with.
    Base,
    /// These.
    Bytes(Vec<u8>),
    /// Not to be told by its beginning.
    Unclear,
}

impl Delta {
    /// By the first bytes of a delta, <https://git-scm.com/docs/gitformat-pack#_deltified_representation>.
    fn beginning(delta: &[u8], count: usize) -> Self {
        let after_number = |bytes: &[u8]| bytes.iter().position(|byte| byte & 0x80 == 0).map(|at| at + 1);
        let start = after_number(delta).and_then(|at| Some(at + after_number(&delta[at..])?));
        let Some((&[instruction], rest)) = start.and_then(|at| delta[at..].split_at_checked(1)) else {
            return Self::Unclear;
        };
        if instruction & 0x80 == 0 {
            let length = usize::from(instruction);
            return match rest.get(..count) {
                Some(bytes) if length >= count => Self::Bytes(bytes.to_vec()),
                _ => Self::Unclear,
            };
        }
        // Bits say which bytes of the offset and the size follow; those that do not are zero.
        let mut bytes = rest.iter();
        let mut number = |bits: std::ops::Range<u32>| {
            bits.enumerate().try_fold(0_u64, |number, (place, bit)| {
                let byte = if instruction & (1 << bit) == 0 { 0 } else { *bytes.next()? };
                Some(number | u64::from(byte) << (8 * place))
            })
        };
        match (number(0..4), number(4..7)) {
            (Some(0), Some(0)) => Self::Base,
            (Some(0), Some(size)) if size >= count as u64 => Self::Base,
            _ => Self::Unclear,
        }
    }
}

fn broken(error: impl std::fmt::Display) -> Fault {
    Fault::Broken(told(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delta_tells_by_its_first_instruction_what_its_object_begins_with() {
        for (delta, begins) in [
            (&[0x90, 1, 20, 0x90, 20][..], Delta::Base),
            (&[16, 20, 0x80, 1][..], Delta::Base),
            (&[16, 20, 0x91, 4, 16][..], Delta::Unclear),
            (&[16, 20, 0x90, 2][..], Delta::Unclear),
            (&[16, 20, 4, b'a', b'b', b'c', b'd'][..], Delta::Bytes(b"abcd".to_vec())),
            (&[16, 20, 3, b'a', b'b', b'c', 0x90][..], Delta::Unclear),
            (&[16, 20][..], Delta::Unclear),
            (&[0x80, 0x80][..], Delta::Unclear),
            (&[16, 20, 0xff, 0][..], Delta::Unclear),
        ] {
            assert_eq!(Delta::beginning(delta, 4), begins, "{delta:?}");
        }
    }
}
