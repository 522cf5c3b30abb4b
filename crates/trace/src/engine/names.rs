//! Names that occur often, each kept once and called by a number.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

/// A name's number in one [`Names`]. Numbers depend on the order in which names came, so they never leave a fold:
/// [`Names::absorb`] says what the numbers of another become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Name(u32);

/// A set of names.
#[derive(Debug, Default, Clone)]
pub struct Names {
    numbers: HashMap<Arc<str>, Name, RandomState>,
    texts: Vec<Arc<str>>,
}

impl Names {
    /// The number of this name.
    pub fn number(&mut self, text: &str) -> Name {
        if let Some(&known) = self.numbers.get(text) {
            return known;
        }
        let name = Name(u32::try_from(self.texts.len()).unwrap_or(u32::MAX));
        let text: Arc<str> = text.into();
        self.texts.push(Arc::clone(&text));
        self.numbers.insert(text, name);
        name
    }

    /// The number of this name, if it has one.
    pub fn find(&self, text: &str) -> Option<Name> {
        self.numbers.get(text).copied()
    }

    /// The name of this number; empty for a number that is not of this set.
    pub fn text(&self, name: Name) -> &str {
        self.texts.get(name.0 as usize).map_or("", |text| text)
    }

    /// Takes over the names of another set, and says what each of its numbers has become.
    pub fn absorb(&mut self, other: &Self) -> Renumbered {
        Renumbered(other.texts.iter().map(|text| self.number(text)).collect())
    }
}

/// What the numbers of one set have become in another.
#[derive(Debug)]
pub struct Renumbered(Vec<Name>);

impl Renumbered {
    /// The new number.
    pub fn name(&self, old: Name) -> Name {
        self.0.get(old.0 as usize).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absorbed_name_keeps_its_text() {
        let (mut left, mut right) = (Names::default(), Names::default());
        left.number("a");
        let b = right.number("b");
        let a = right.number("a");
        let renumbered = left.absorb(&right);
        assert_eq!((left.text(renumbered.name(a)), left.text(renumbered.name(b))), ("a", "b"));
        assert_eq!(left.find("a"), Some(renumbered.name(a)));
    }
}
