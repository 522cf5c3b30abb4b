//! How deep JSON is nested, told without recursion.

/// No record may be nested deeper: AWS stays far below, and what is deeper was made to break a reader.
pub const MAX_NESTING: usize = 128;

/// Whether JSON text is nested deeper than [`MAX_NESTING`].
///
/// Exact up to the first byte that no JSON has there, at which a parser ends.
pub fn is_too_deep(json: &[u8]) -> bool {
    count_opening(json) > MAX_NESTING && deepest_is_beyond(json, MAX_NESTING)
}

/// How many brackets open in all, those in strings too; in small blocks, so that the compiler can count with vectors.
fn count_opening(json: &[u8]) -> usize {
    let opening = |block: &[u8]| block.iter().map(|&byte| u8::from(byte | 0x20 == b'{')).sum::<u8>();
    json.chunks(128).map(|block| usize::from(opening(block))).sum()
}

fn deepest_is_beyond(json: &[u8], limit: usize) -> bool {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(&byte) = json.get(at) {
        at += 1;
        match byte {
            b'"' => at += behind_string(&json[at..]),
            b'{' | b'[' => {
                depth += 1;
                if depth > limit {
                    return true;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

/// How long the rest of a string is, with its closing quote.
fn behind_string(rest: &[u8]) -> usize {
    let mut from = 0;
    while let Some(length) = memchr::memchr(b'"', &rest[from..]) {
        let quote = from + length;
        let escapes = rest[..quote].iter().rev().take_while(|&&byte| byte == b'\\').count();
        from = quote + 1;
        if escapes % 2 == 0 {
            return from;
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_is_counted_outside_of_strings() {
        let nested = |levels: usize| format!(r#"{}"]]\"]]\\"{}"#, "[".repeat(levels), "]".repeat(levels));
        assert!(!is_too_deep(nested(MAX_NESTING).as_bytes()));
        assert!(is_too_deep(nested(MAX_NESTING + 1).as_bytes()));
        let hidden = r#"{"}}}}":"#.repeat(MAX_NESTING + 1);
        assert!(is_too_deep(hidden.as_bytes()));
        assert!(!is_too_deep(format!("[{}", r#"{"a":"[[["},"#.repeat(500)).as_bytes()));
        assert!(!is_too_deep(format!("[{}", "{},".repeat(5_000)).as_bytes()));
    }
}
