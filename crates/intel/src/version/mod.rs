//! Versions in the order of their own ecosystem, and the ranges of advisories over them.
//!
//! Every order is written as a function from a version's text to a key: bytes that compare as the versions do. So an
//! order is total by construction, equal versions hash equally, a comparison is one `memcmp`, and a database can sort
//! and search by the key.
//!
//! ```
//! use floodmark_intel::version::{Ecosystem, Event, Range, RangeKind};
//!
//! let debian: Ecosystem = "Debian:12".parse()?;
//! let events = [Event::Introduced("0"), Event::Fixed("1.2.11.dfsg-4.1")];
//! let range = Range::new(RangeKind::Ecosystem, &debian, events)?;
//! assert!(range.contains(&debian.version("1:1.2.11~rc1")?)? == false);
//! assert!(range.contains(&debian.version("1.2.11.dfsg-4")?)?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What no reference defines
//!
//! - A text of more than [`MAX_LEN`] bytes, or with control characters, is an error in every order.
//! - Numbers have no upper bound: where a reference overflows, ours goes on counting.
//! - Three references contradict themselves on odd versions (`a < b < c < a`), so no total order can agree with them
//!   there. `order/maven.rs`, `order/conan.rs` and `order/alpm.rs` say where those versions stand instead.

mod ecosystem;
mod error;
mod key;
mod order;
mod range;
mod spans;

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

pub use ecosystem::Ecosystem;
pub use error::{EcosystemError, RangeError, VersionError};
pub use order::Order;
pub(crate) use range::order;
pub use range::{Event, Range, RangeKind, listed};
pub(crate) use spans::{Spans, Turning, first_free};

/// The longest text in bytes that is taken for a version.
pub const MAX_LEN: usize = 1024;

/// A version, parsed in one order.
///
/// Comparison, equality and hash are those of the order: `1.0` and `1.0.0` are equal on `PyPI`. [`fmt::Display`] gives
/// back what was written. Versions of different orders have a place too, by order, which means nothing.
#[derive(Clone)]
pub struct Version {
    text: Box<str>,
    order: Order,
    key: Box<[u8]>,
}

impl Version {
    /// Reads `text` as a version in `order`; white space around it does not count.
    pub fn parse(text: &str, order: Order) -> Result<Self, VersionError> {
        let key = order.key(text)?;
        Ok(Self { text: text.into(), order, key })
    }

    /// What was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The order it was parsed in.
    pub fn order(&self) -> Order {
        self.order
    }

    /// Bytes that compare as the versions of this order do.
    pub fn key(&self) -> &[u8] {
        &self.key
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} ({})", self.text, self.order)
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.order == other.order && self.key == other.key
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.order, &self.key).cmp(&(other.order, &other.key))
    }
}

impl Hash for Version {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.order.hash(state);
        self.key.hash(state);
    }
}
