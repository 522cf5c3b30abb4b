//! From one value of a record to the next, step by step.

use super::member::Field;
use crate::json::scan::{Open, Result, Scan, Strange};

/// What stands behind a piece of structure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leaf {
    /// A string, without its first quote.
    Text,
    /// A number.
    Number,
    /// A value that recurs as a whole.
    Caller,
    /// Nothing: the record ends.
    End,
}

/// Where a member of the record begins or ends, in bytes from the start of the piece of structure that it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Begin { field: Field, name: (u32, u32), value: u32 },
    End { at: u32 },
}

/// Members that have few values, which then count as structure; `true`, `false` and `null` always do.
const STEADY: [&str; 11] = [
    "eventType",
    "eventCategory",
    "apiVersion",
    "type",
    "tlsVersion",
    "cipherSuite",
    "CipherSuite",
    "SignatureVersion",
    "AuthenticationMethod",
    "SSEApplied",
    "encryptionAlgorithm",
];

/// A longer value is none of few.
const LONGEST_STEADY: usize = 64;

/// Passes over structure alone: from behind a value, or from the start of a record, to the next value that is none. Notes
/// which members of the record begin and end on the way.
pub(super) fn to_leaf(scan: &mut Scan<'_>, open: &mut Open, steps: &mut Vec<Step>) -> Result<Leaf> {
    let from = scan.at;
    if open.depth() == 0 {
        scan.token("{")?;
        open.push(b'{')?;
        if close(scan, open) {
            return Ok(Leaf::End);
        }
        if let Some(leaf) = to_value(scan, open, steps, from)? {
            return Ok(leaf);
        }
    }
    loop {
        if open.depth() == 1 {
            steps.push(Step::End { at: offset(from, scan.at)? });
        }
        scan.spaces();
        if close(scan, open) {
            if open.depth() == 0 {
                return Ok(Leaf::End);
            }
            continue;
        }
        if !scan.byte(b',') {
            return Err(Strange);
        }
        if let Some(leaf) = to_value(scan, open, steps, from)? {
            return Ok(leaf);
        }
    }
}

/// From where a member or an element begins to its first value that is no structure; none if it has none.
fn to_value(
    scan: &mut Scan<'_>,
    open: &mut Open,
    steps: &mut Vec<Step>,
    from: usize,
) -> Result<Option<Leaf>> {
    loop {
        let mut is_steady = false;
        if open.is_object() {
            let name_at = scan.at;
            let name = scan.string()?;
            let name_end = scan.at;
            is_steady = STEADY.contains(&&*name.text()?);
            if !scan.byte(b':') {
                return Err(Strange);
            }
            if open.depth() == 1 {
                let field = Field::of(&name)?;
                let name = (offset(from, name_at)?, offset(from, name_end)?);
                steps.push(Step::Begin { field, name, value: offset(from, scan.at)? });
                if field == Field::Identity {
                    return Ok(Some(Leaf::Caller));
                }
            }
        }
        match scan.peek() {
            Some(b'"') => {
                let behind_quote = scan.at + 1;
                if is_steady && !scan.string()?.has_escapes && scan.at - behind_quote <= LONGEST_STEADY {
                    return Ok(None);
                }
                scan.at = behind_quote;
                return Ok(Some(Leaf::Text));
            }
            Some(bracket @ (b'{' | b'[')) => {
                open.push(bracket)?;
                scan.at += 1;
                scan.spaces();
                if close(scan, open) {
                    return Ok(None);
                }
            }
            Some(b't' | b'f' | b'n') => return scan.bare().map(|()| None),
            _ => return Ok(Some(Leaf::Number)),
        }
    }
}

/// Passes over the bracket that closes what was opened last, if it is here.
fn close(scan: &mut Scan<'_>, open: &mut Open) -> bool {
    let is_here = scan.peek() == Some(open.closing());
    if is_here {
        scan.at += 1;
        open.pop();
    }
    is_here
}

fn offset(from: usize, at: usize) -> Result<u32> {
    u32::try_from(at - from).map_err(|_| Strange)
}
