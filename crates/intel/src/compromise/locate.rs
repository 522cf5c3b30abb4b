//! Where in a file a value stands. Asked only when something is wrong with it.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The line of a byte, from 1.
pub(crate) fn line_at(text: &str, byte: usize) -> usize {
    1 + text.as_bytes().iter().take(byte).filter(|byte| **byte == b'\n').count()
}

/// The lines of a file's values.
pub(crate) struct Places<'a> {
    text: &'a str,
    root: Option<Spanned<DeTable<'a>>>,
}

impl<'a> Places<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        Self { text, root: DeTable::parse(text).ok() }
    }

    /// The line of a value, by its path from the root: keys, and positions in lists from 0. A path that leads too far
    /// gives the line of the last value that is there.
    pub(crate) fn line(&self, path: &[String]) -> Option<usize> {
        let mut steps = path.iter();
        let mut value = self.root.as_ref()?.get_ref().get(steps.next()?.as_str())?;
        for step in steps {
            match child(value, step) {
                Some(next) => value = next,
                None => break,
            }
        }
        Some(line_at(self.text, value.span().start))
    }
}

fn child<'a, 'text>(value: &'a Spanned<DeValue<'text>>, step: &str) -> Option<&'a Spanned<DeValue<'text>>> {
    match value.get_ref() {
        DeValue::Table(table) => table.get(step),
        DeValue::Array(list) => list.get(step.parse::<usize>().ok()?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_by_its_path() {
        let text = "a = 1\n[[b]]\nc = [\n  1,\n  { d = 2 },\n]\n[[b]]\nc = []\n";
        let places = Places::of(text);
        let line = |path: &str| places.line(&path.split('.').map(str::to_owned).collect::<Vec<_>>());
        assert_eq!((line("a"), line("b.0.c.1.d"), line("b.1.c")), (Some(1), Some(5), Some(8)));
        assert_eq!((line("b.1.c.7"), line("z")), (Some(8), None));
    }
}
