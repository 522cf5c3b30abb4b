//! JSON in any shape that holds records.
//!
//! What CloudTrail delivers, `{"Records": [...]}`, is read in one pass over the whole text, straight into events.
//! Everything else, and what that pass stumbles over, goes through the splitter, record by record.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, BufRead};

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::split::{Piece, Splitter};
use super::{Reading, delivery, encoding, records};
use crate::event::Wire;
use crate::place::Container;

/// What came of the fast way.
pub(super) enum Whole {
    /// Everything was read.
    Done,
    /// The first so many records were handed on; the slow way must go on behind them.
    From { delivered: u32 },
}

/// The fast way.
pub(super) fn read_whole(bytes: &[u8], seen: &mut delivery::Seen, reading: &mut Reading<'_>) -> Whole {
    let start = bytes.trim_ascii_start();
    let is_delivery =
        start.strip_prefix(b"{").is_some_and(|rest| rest.trim_ascii_start().starts_with(b"\"Records\""));
    // The slow way mends what is broken in a record.
    let is_sound = is_delivery && !encoding::may_hold_half_pairs(bytes);
    let Some(text) = is_sound.then(|| std::str::from_utf8(bytes).ok()).flatten() else {
        return Whole::From { delivered: 0 };
    };
    reading.report.container = Container::Records;
    let mut delivered = 0;
    if let Some(mut delivery) = delivery::Delivery::open(text, seen) {
        let mut room = None;
        while let Ok(record) = delivery.next(room.unwrap_or_default()) {
            let Some(wire) = record else { return Whole::Done };
            room = records::classify(wire, delivered, reading);
            delivered += 1;
        }
        return Whole::From { delivered };
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let read =
        Delivery { reading, delivered: &mut delivered }.deserialize(&mut json).and_then(|()| json.end());
    if read.is_ok() { Whole::Done } else { Whole::From { delivered } }
}

/// The slow way, which passes over the records that were handed on already.
pub(super) fn read_stream(
    stream: &mut dyn BufRead,
    delivered: u32,
    reading: &mut Reading<'_>,
) -> io::Result<()> {
    let mut splitter = Splitter::new(stream);
    let mut left_to_pass = delivered;
    loop {
        let next = splitter.advance();
        reading.report.container = splitter.container();
        let Some(number) = next? else { return Ok(()) };
        if left_to_pass > 0 {
            left_to_pass -= 1;
            continue;
        }
        match splitter.piece() {
            Piece::Record(bytes) => record(bytes, number, reading),
            Piece::TooLong => {
                reading.problem(number, "is longer than 16 MiB, which no event is; passed over");
            }
            Piece::Garbage => reading.problem(number, "is no JSON; expected a record"),
        }
    }
}

fn record(bytes: &[u8], number: u32, reading: &mut Reading<'_>) {
    let text = String::from_utf8_lossy(bytes);
    if matches!(text, Cow::Owned(_)) {
        reading.problem(number, "is not valid UTF-8; read with the bad bytes replaced");
    }
    records::read(&text, number, reading);
}

/// The object that CloudTrail delivers.
struct Delivery<'a, 's> {
    reading: &'a mut Reading<'s>,
    delivered: &'a mut u32,
}

impl<'de> DeserializeSeed<'de> for Delivery<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Delivery<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with an array of `Records`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<std::borrow::Cow<'_, str>>()? {
            if key == "Records" {
                map.next_value_seed(Records { reading: self.reading, delivered: self.delivered })?;
            } else {
                map.next_value::<serde::de::IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

struct Records<'a, 's> {
    reading: &'a mut Reading<'s>,
    delivered: &'a mut u32,
}

impl<'de> DeserializeSeed<'de> for Records<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Records<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(wire) = seq.next_element::<Wire<'de>>()? {
            records::classify(Box::new(wire), *self.delivered, self.reading);
            *self.delivered += 1;
        }
        Ok(())
    }
}
