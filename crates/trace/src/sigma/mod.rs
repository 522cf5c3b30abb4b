//! Sigma: detection rules and correlation rules of the specification 2.x, asked of many events fast.
//!
//! ```text
//! rule files -> read_rules -> RuleSet::load   once; immutable, shared by all threads
//!                                |
//! event (Fields) -> Matcher::matches          one matcher a thread; it learns which rules can matter
//!                                |
//!                   Steps::record             one a thread; merged in any order
//!                                |
//!                   Steps::finish             correlation hits
//! ```
//!
//! A rule is a boolean expression over atoms, an atom one question about one field. Equal questions of
//! different rules are one atom. For each field a matcher remembers, by value, which atoms a value
//! satisfies; and for each sequence of such outcomes, which rules remain open and of what they still
//! depend (partial evaluation). An innocuous event so costs a few look-ups, however many rules there are.
//!
//! Semantics beyond the specification's words: string matching ignores case in all of Unicode unless
//! `cased`; an array matches if any element does; an object matches as the text of [`composite_text`]; an
//! empty array or object has no value (`field: null` holds) but exists; a number matches its spelling and
//! its value; a boolean matches `true` and `'true'`; `neq` is a negation. docs/trace.md has the whole list.

mod correlation;
mod encoding;
mod field;
mod item;
mod json;
mod load;
mod logic;
mod matcher;
mod memo;
mod moment;
mod network;
mod parse;
mod pattern;
mod predicate;
mod raw;
mod regexes;
mod rule;
mod ruleset;
mod screen;
mod yaml;

pub use correlation::{CorrelationHit, Moment, Participant, Steps};
pub use field::{FieldPath, Fields, Presence, See, Slot, Value};
pub use item::{Placeholders, is_placeholder_name};
pub use json::{JsonFields, composite_text, visit_json, visit_json_scalars};
pub use load::{Effect, LoadOptions, MAX_FILE, Problem, RuleSource, read_rules};
pub use matcher::Matcher;
pub use raw::{RawFields, visit_raw, visit_raw_scalars};
pub use rule::{Level, LogSource, Place, RuleIndex, RuleMeta, Status};
pub use ruleset::{Rule, RuleSet};
