//! Terms of Elixir and Erlang, as `mix.lock` and `rebar.lock` hold them: tuples, lists, maps, atoms, texts and numbers.
//!
//! A term that does not end is as long as the file.

/// How deep terms may be nested.
const MOST_DEEP: usize = 32;

/// A term with the line that it begins on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Term<'b> {
    pub(super) line: u32,
    pub(super) value: Value<'b>,
}

/// What a term is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value<'b> {
    /// A text in quotes, `"a"` and `<<"a">>`, or a word: an atom, a number.
    Text(&'b str),
    /// What stands in brackets of any kind, in the order of the file: keys of a map are members too.
    Group(Vec<Term<'b>>),
}

/// The terms of a file.
pub(super) fn terms(text: &str) -> Vec<Term<'_>> {
    let mut open: Vec<(u32, Vec<Term<'_>>)> = vec![(1, Vec::new())];
    let (mut at, mut line) = (0, 1_u32);
    let bytes = text.as_bytes();
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\n' => {
                line = line.saturating_add(1);
                at += 1;
            }
            b'{' | b'[' | b'(' if open.len() < MOST_DEEP => {
                open.push((line, Vec::new()));
                at += 1;
            }
            b'}' | b']' | b')' => {
                close(&mut open);
                at += 1;
            }
            b'"' => {
                let rest = &text[at + 1..];
                let length = rest.find('"').unwrap_or(rest.len());
                push(&mut open, line, Value::Text(&rest[..length]));
                let lines = memchr::memchr_iter(b'\n', &rest.as_bytes()[..length]).count();
                line = line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
                at += (length + 2).min(text.len() - at);
            }
            // To the end of its line, a comment.
            b'#' | b'%' if !bytes[at..].starts_with(b"%{") => {
                at += memchr::memchr(b'\n', &bytes[at..]).unwrap_or(bytes.len() - at);
            }
            byte if is_word(*byte) => {
                let length = bytes[at..].iter().position(|byte| !is_word(*byte)).unwrap_or(bytes.len() - at);
                push(&mut open, line, Value::Text(&text[at..at + length]));
                at += length;
            }
            _ => at += 1,
        }
    }
    while open.len() > 1 {
        close(&mut open);
    }
    open.pop().map(|(_, terms)| terms).unwrap_or_default()
}

fn push<'b>(open: &mut [(u32, Vec<Term<'b>>)], line: u32, value: Value<'b>) {
    if let Some((_, members)) = open.last_mut() {
        members.push(Term { line, value });
    }
}

fn close(open: &mut Vec<(u32, Vec<Term<'_>>)>) {
    if open.len() > 1
        && let Some((line, members)) = open.pop()
    {
        push(open, line, Value::Group(members));
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_@-.".contains(&byte)
}

impl<'b> Term<'b> {
    pub(super) fn text(&self) -> Option<&'b str> {
        match self.value {
            Value::Text(text) => Some(text),
            Value::Group(_) => None,
        }
    }

    /// What is in its brackets; nothing if it has none.
    pub(super) fn members(&self) -> &[Self] {
        match &self.value {
            Value::Text(_) => &[],
            Value::Group(members) => members,
        }
    }
}
