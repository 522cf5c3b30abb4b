//! Objects that were decoded last, for others that are deltas against them.

use std::collections::{HashMap, VecDeque};

use gix_object::Kind;
use gix_pack::cache::DecodeEntry;

/// How many bytes are kept.
const MOST: usize = 16 << 20;

/// The most bytes of one object that is kept.
const MOST_OF_ONE: usize = 1 << 20;

/// Objects by their pack and their offset in it. The oldest go first.
#[derive(Default)]
pub(crate) struct Bases {
    kept: HashMap<(u32, u64), Base>,
    order: VecDeque<(u32, u64)>,
    bytes: usize,
}

struct Base {
    kind: Kind,
    data: Box<[u8]>,
    compressed_size: usize,
}

impl DecodeEntry for Bases {
    fn put(&mut self, pack_id: u32, offset: u64, data: &[u8], kind: Kind, compressed_size: usize) {
        let place = (pack_id, offset);
        if data.len() > MOST_OF_ONE || self.kept.contains_key(&place) {
            return;
        }
        self.bytes += data.len();
        self.order.push_back(place);
        self.kept.insert(place, Base { kind, data: data.into(), compressed_size });
        while self.bytes > MOST {
            let oldest = self.order.pop_front().and_then(|place| self.kept.remove(&place));
            let Some(oldest) = oldest else { return };
            self.bytes -= oldest.data.len();
        }
    }

    fn get(&mut self, pack_id: u32, offset: u64, out: &mut Vec<u8>) -> Option<(Kind, usize)> {
        let base = self.kept.get(&(pack_id, offset))?;
        out.clear();
        out.extend_from_slice(&base.data);
        Some((base.kind, base.compressed_size))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_first_and_what_is_large_is_not_kept() {
        let (mut bases, mut out) = (Bases::default(), Vec::new());
        bases.put(0, 0, &vec![0; MOST_OF_ONE + 1], Kind::Blob, 1);
        assert_eq!(bases.get(0, 0, &mut out), None);
        for offset in 0..20 {
            bases.put(0, offset, &vec![7; MOST_OF_ONE], Kind::Blob, 1);
        }
        assert_eq!((bases.get(0, 3, &mut out), bases.get(1, 19, &mut out)), (None, None));
        assert_eq!((bases.get(0, 19, &mut out), out.len()), (Some((Kind::Blob, 1)), MOST_OF_ONE));
        assert!(bases.bytes <= MOST);
    }
}
