//! TOML, entry by entry: what is wrong with one loses that one.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::text::utf8;
use super::{Broken, Reading};
use crate::component::Place;

/// The most bytes of a TOML file: as a tree it takes forty times as much.
const MOST_BYTES: usize = 32 << 20;

/// The most bytes of a file that is no TOML of which the rest is read all the same.
const MOST_TO_MEND: usize = 4 << 20;

/// A TOML file in which lines can be told.
pub(super) struct Tree<'b> {
    root: DeTable<'b>,
    /// Where each line begins.
    lines: Vec<usize>,
}

/// A table of it.
#[derive(Clone, Copy)]
pub(super) struct Table<'t, 'b> {
    keys: &'t DeTable<'b>,
    tree: &'t Tree<'b>,
    begins: usize,
}

impl<'b> Tree<'b> {
    /// Reads a file; what of it is no TOML is told, and what stands around that is there.
    pub(super) fn read(bytes: &'b [u8], reading: &mut Reading<'_>) -> Result<Self, Broken> {
        if bytes.len() > MOST_BYTES {
            return Err(Broken::TooLarge { most: MOST_BYTES as u64, format: "TOML file" });
        }
        let text = utf8(bytes, "TOML")?;
        let lines = std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1));
        let lines: Vec<usize> = lines.collect();
        let (root, errors) = match DeTable::parse(text) {
            Ok(root) => (root, Vec::new()),
            Err(_) if text.len() <= MOST_TO_MEND => DeTable::parse_recoverable(text),
            Err(error) => return Err(Broken::other(format!("is no TOML: {}", error.message()), "TOML")),
        };
        let tree = Self { root: root.into_inner(), lines };
        for error in errors {
            let at = error.span().map_or(0, |span| span.start);
            reading.problem(&tree.place(at), &format!("is no TOML: {}", error.message()));
        }
        Ok(tree)
    }

    /// The top of it.
    pub(super) fn root(&self) -> Table<'_, 'b> {
        Table { keys: &self.root, tree: self, begins: 0 }
    }

    fn place(&self, at: usize) -> Place {
        let line = self.lines.partition_point(|begins| *begins <= at);
        Place::Line(u32::try_from(line).unwrap_or(u32::MAX))
    }
}

impl<'t, 'b> Table<'t, 'b> {
    /// Where it begins.
    pub(super) fn place(&self) -> Place {
        self.tree.place(self.begins)
    }

    /// The text of a key, if it is one and not empty.
    pub(super) fn text(&self, key: &str) -> Option<&'t str> {
        self.value(key)?.get_ref().as_str().filter(|text| !text.is_empty())
    }

    /// The text of a key that has to be there.
    pub(super) fn must(&self, key: &'static str) -> Result<&'t str, String> {
        self.text(key).ok_or_else(|| format!("has no `{key}`; expected a text"))
    }

    /// The table of a key.
    pub(super) fn table(&self, key: &str) -> Option<Table<'t, 'b>> {
        self.of(self.value(key)?)
    }

    /// Every entry of this table.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'t str, &'t Spanned<DeValue<'b>>)> + use<'t, 'b> {
        self.keys.iter().map(|(key, value)| (key.get_ref().as_ref(), value))
    }

    /// The arrays of tables in this table, by their keys.
    pub(super) fn arrays(
        &self,
    ) -> impl Iterator<Item = (&'t str, impl Iterator<Item = Table<'t, 'b>> + use<'t, 'b>)> + use<'t, 'b>
    {
        let table = *self;
        self.entries().map(move |(key, _)| (key, table.tables(key)))
    }

    /// Whether a key is true.
    pub(super) fn flag(&self, key: &str) -> bool {
        self.value(key).and_then(|value| value.get_ref().as_bool()).unwrap_or(false)
    }

    /// The members of an array, if the key has one.
    pub(super) fn array(&self, key: &str) -> impl Iterator<Item = &'t Spanned<DeValue<'b>>> + use<'t, 'b> {
        self.value(key)
            .and_then(|value| value.get_ref().as_array())
            .into_iter()
            .flat_map(|array| array.iter())
    }

    /// The tables in an array.
    pub(super) fn tables(&self, key: &str) -> impl Iterator<Item = Table<'t, 'b>> + use<'t, 'b> {
        let table = *self;
        self.array(key).filter_map(move |value| table.of(value))
    }

    /// A value as a table.
    pub(super) fn of(&self, value: &'t Spanned<DeValue<'b>>) -> Option<Table<'t, 'b>> {
        let keys = value.get_ref().as_table()?;
        Some(Table { keys, tree: self.tree, begins: value.span().start })
    }

    fn value(&self, key: &str) -> Option<&'t Spanned<DeValue<'b>>> {
        self.keys.get(key)
    }
}
