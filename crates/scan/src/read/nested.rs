//! Nodes within nodes: how JSON, XML and the YAML that tools write are looked at alike.
//!
//! A file that is broken somewhere is read around that place: what is wrong is told with its line, and every node that can
//! still be made out is there.

mod json;
mod xml;
mod yaml;

use std::borrow::Cow;
use std::fmt::Write;

use super::text::utf8;
use super::{Broken, Reading};
use crate::component::Place;

/// The most bytes of such a file: as nodes it takes some ten times as much.
const MOST_BYTES: usize = 128 << 20;

/// The most nodes of a file, at eighty bytes each.
const MOST_NODES: usize = 8_000_000;

/// How deep nodes may be nested.
const MOST_DEPTH: usize = 128;

/// A file as nodes, each before those within it.
pub(super) struct Nested<'b> {
    nodes: Vec<Made<'b>>,
}

struct Made<'b> {
    key: Cow<'b, str>,
    value: Value<'b>,
    line: u32,
    /// Which of its parent's children it is.
    nth: u32,
    parent: u32,
    /// The number of the first node that is not within it.
    end: u32,
}

/// What stands in a node.
enum Value<'b> {
    /// Nodes with keys.
    Map,
    /// Nodes without.
    List,
    /// A text.
    Text(Cow<'b, str>),
    /// A number, `true`, `false` or `null`, as it is written.
    Bare(&'b str),
}

/// A node of it.
#[derive(Clone, Copy)]
pub(super) struct Node<'t, 'b> {
    nested: &'t Nested<'b>,
    at: usize,
}

impl<'b> Nested<'b> {
    /// Reads JSON, with or without comments and commas before a closing bracket.
    pub(super) fn json(bytes: &'b [u8], reading: &mut Reading<'_>) -> Result<Self, Broken> {
        json::read(bounded(bytes, "JSON")?, reading)
    }

    /// Reads YAML as tools write it: maps, lists, scalars, a line each; no anchors, no tags.
    ///
    /// The root's children are the documents, which are mostly one.
    pub(super) fn yaml(bytes: &'b [u8], reading: &mut Reading<'_>) -> Result<Self, Broken> {
        Ok(yaml::read(bounded(bytes, "YAML")?, yaml::Dialect::Yaml, reading))
    }

    /// Reads what version 1 of Yarn writes, where a blank stands between key and value.
    pub(super) fn yarn(bytes: &'b [u8], reading: &mut Reading<'_>) -> Result<Self, Broken> {
        Ok(yaml::read(bounded(bytes, "a lock file of Yarn")?, yaml::Dialect::Yarn, reading))
    }

    /// Reads XML. An element is a node by its name without prefix, an attribute one within it with `@` before its name.
    /// No entity is expanded but the five of XML and characters by number.
    pub(super) fn xml(bytes: &'b [u8], reading: &mut Reading<'_>) -> Result<Self, Broken> {
        xml::read(bounded(bytes, "XML")?, reading)
    }

    /// The node that is around all others.
    pub(super) fn root(&self) -> Node<'_, 'b> {
        Node { nested: self, at: 0 }
    }
}

fn bounded<'b>(bytes: &'b [u8], expected: &'static str) -> Result<&'b str, Broken> {
    if bytes.len() > MOST_BYTES {
        return Err(Broken::TooLarge { most: MOST_BYTES as u64, format: expected });
    }
    utf8(bytes, expected)
}

impl<'t, 'b> Node<'t, 'b> {
    /// Its key; empty in a list.
    pub(super) fn key(self) -> &'t str {
        self.made().map_or("", |made| &made.key)
    }

    /// Its text, if it is one and not empty.
    pub(super) fn text(self) -> Option<&'t str> {
        match &self.made()?.value {
            Value::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// Its text or number, as it is written.
    pub(super) fn scalar(self) -> Option<&'t str> {
        match &self.made()?.value {
            Value::Text(text) if !text.is_empty() => Some(text),
            Value::Bare(text) if *text != "null" => Some(text),
            _ => None,
        }
    }

    /// Whether it says yes.
    pub(super) fn is_true(self) -> bool {
        self.scalar() == Some("true")
    }

    /// Whether nodes with keys stand in it.
    pub(super) fn is_map(self) -> bool {
        matches!(self.made(), Some(Made { value: Value::Map, .. }))
    }

    /// The nodes within it, in the order of the file.
    pub(super) fn children(self) -> impl Iterator<Item = Self> + use<'t, 'b> {
        let end = self.made().map_or(0, |made| made.end as usize);
        let mut at = self.at + 1;
        std::iter::from_fn(move || {
            let made = self.nested.nodes.get(at).filter(|_| at < end)?;
            let child = Self { nested: self.nested, at };
            at = (made.end as usize).max(at + 1);
            Some(child)
        })
    }

    /// The first node of this key within it. It is looked for from the first on: not for maps that may be large.
    pub(super) fn child(self, key: &str) -> Option<Self> {
        self.children().find(|child| child.key() == key)
    }

    /// The nodes within the node of this key; none if there is none.
    pub(super) fn children_of(self, key: &str) -> impl Iterator<Item = Self> + use<'t, 'b> {
        self.child(key).into_iter().flat_map(Self::children)
    }

    /// The text of a key within it.
    pub(super) fn text_of(self, key: &str) -> Option<&'t str> {
        self.child(key)?.text()
    }

    /// The text of a key that has to be within it.
    pub(super) fn must(self, key: &'static str) -> Result<&'t str, String> {
        self.text_of(key).ok_or_else(|| format!("has no `{key}`; expected a text"))
    }

    /// The line that it begins on.
    pub(super) fn line(self) -> Place {
        Place::Line(self.made().map_or(1, |made| made.line))
    }

    /// The way to it: `packages["node_modules/a"]`.
    pub(super) fn way(self) -> Place {
        let mut steps = Vec::new();
        let mut at = self.at;
        while let Some(made) = self.nested.nodes.get(at).filter(|_| at > 0) {
            steps.push(made);
            at = made.parent as usize;
        }
        let mut way = String::new();
        for made in steps.into_iter().rev() {
            let in_list =
                matches!(self.nested.nodes.get(made.parent as usize), Some(Made { value: Value::List, .. }));
            let plain =
                |key: &str| key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
            let key = made.key.as_ref();
            let _ = match () {
                () if in_list => write!(way, "[{}]", made.nth),
                () if !plain(key) => write!(way, "[{key:?}]"),
                () if way.is_empty() => write!(way, "{key}"),
                () => write!(way, ".{key}"),
            };
        }
        if way.is_empty() { Place::Whole } else { Place::entry(way) }
    }

    fn made(self) -> Option<&'t Made<'b>> {
        self.nested.nodes.get(self.at)
    }
}

/// Nodes as they are met.
struct Builder<'b> {
    nodes: Vec<Made<'b>>,
    /// The nodes that one stands in, with how many children each has.
    open: Vec<(usize, u32)>,
    /// Whether there were too many.
    full: bool,
}

impl<'b> Builder<'b> {
    /// With a root that holds maps or lists.
    fn new(root: Value<'b>) -> Self {
        let root = Made { key: Cow::Borrowed(""), value: root, line: 1, nth: 0, parent: 0, end: 1 };
        Self { nodes: vec![root], open: vec![(0, 0)], full: false }
    }

    /// A node in the innermost open one; its number. Nothing once there are too many.
    fn leaf(&mut self, key: Cow<'b, str>, value: Value<'b>, line: u32) -> Option<usize> {
        if self.nodes.len() >= MOST_NODES {
            self.full = true;
            return None;
        }
        let at = self.nodes.len();
        let (parent, children) = self.open.last_mut()?;
        let (parent, nth) = (u32::try_from(*parent).ok()?, *children);
        *children += 1;
        let end = u32::try_from(at + 1).ok()?;
        self.nodes.push(Made { key, value, line, nth, parent, end });
        Some(at)
    }

    /// A node that others will be within, until it is closed.
    fn open(&mut self, key: Cow<'b, str>, value: Value<'b>, line: u32) -> Option<usize> {
        let at = self.leaf(key, value, line)?;
        self.open.push((at, 0));
        Some(at)
    }

    /// Closes the innermost open node; never the root.
    fn close(&mut self) {
        if self.open.len() > 1 {
            self.close_any();
        }
    }

    fn close_any(&mut self) {
        if let Some((at, _)) = self.open.pop()
            && let Ok(end) = u32::try_from(self.nodes.len())
            && let Some(made) = self.nodes.get_mut(at)
        {
            made.end = end;
        }
    }

    /// How many nodes are open, the root too.
    fn depth(&self) -> usize {
        self.open.len()
    }

    /// The innermost open node.
    fn innermost(&mut self) -> Option<&mut Made<'b>> {
        let (at, _) = self.open.last()?;
        self.nodes.get_mut(*at)
    }

    /// All of it.
    fn finish(mut self, reading: &mut Reading<'_>) -> Nested<'b> {
        while !self.open.is_empty() {
            self.close_any();
        }
        if self.full {
            let why = format!("has more than {MOST_NODES} values; what is behind them was not read");
            reading.problem(&Place::Whole, &why);
        }
        Nested { nodes: self.nodes }
    }
}

/// A number of lines, as far as it can be held.
fn line_number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::testing::reading;
    use super::*;

    fn ways(node: Node<'_, '_>) -> Vec<String> {
        let own = node.scalar().map(|text| format!("{} {}={text}", node.line(), node.way()));
        own.into_iter().chain(node.children().flat_map(ways)).collect()
    }

    #[test]
    fn json_is_read_with_comments_and_commas_and_every_value_has_its_way() {
        let text = r#"{
  // what Bun allows itself
  "lockfileVersion": 1, /* and
  this */ "packages": {
    "a/b": ["a@1", { "d": { "x": "é😀\"\n" } },],
    "n": null, "t": true,
  },
}
"#;
        let (ways, told) =
            reading(|reading| ways(Nested::json(text.as_bytes(), reading).expect("JSON").root()));
        assert_eq!(told, Vec::<String>::new());
        assert_eq!(
            ways,
            [
                "line 3 lockfileVersion=1",
                "line 5 packages[\"a/b\"][0]=a@1",
                "line 5 packages[\"a/b\"][1].d.x=é😀\"\n",
                "line 6 packages.t=true",
            ]
        );
    }

    #[test]
    fn json_is_read_around_what_is_none() {
        let text = "{\n\"a\": \"1\",\n<<<<<<< HEAD\n\"b\": \"2\",\n\"c: 3,\n\"d\": [\"4\", nothing\n\"5\"],\n\"e\": \"6\"";
        let (ways, told) =
            reading(|reading| ways(Nested::json(text.as_bytes(), reading).expect("JSON").root()));
        assert_eq!(ways, ["line 2 a=1", "line 4 b=2", "line 6 d[0]=4", "line 7 d[1]=5", "line 8 e=6"]);
        let lines: Vec<_> = told.iter().filter_map(|one| one.split(": ").nth(1)).collect();
        assert_eq!(lines, ["line 3", "line 5", "line 6", "line 8"], "{told:#?}");
    }

    #[test]
    fn yaml_is_read_as_tools_write_it() {
        let text = "# comment\nkey: 'it''s' # so\n\"a@^1, b\":\n  list:\n  - x\n  - name: y\n    of: {a: '1', b: [2, \"3\"]}\n\
                    - not\n? long key\n: within: 1\n  too: >-\n    folded\n    text\nempty:\nurl: http://h/#x\n---\nsecond: 1\n";
        let (ways, told) =
            reading(|reading| ways(Nested::yaml(text.as_bytes(), reading).expect("YAML").root()));
        assert!(told.len() == 1 && told[0].contains("line 8"), "{told:#?}");
        assert_eq!(
            ways,
            [
                "line 2 [0].key=it's",
                "line 5 [0][\"a@^1, b\"].list[0]=x",
                "line 6 [0][\"a@^1, b\"].list[1].name=y",
                "line 7 [0][\"a@^1, b\"].list[1].of.a=1",
                "line 7 [0][\"a@^1, b\"].list[1].of.b[0]=2",
                "line 7 [0][\"a@^1, b\"].list[1].of.b[1]=3",
                "line 10 [0][\"long key\"].within=1",
                "line 11 [0][\"long key\"].too=folded\ntext",
                "line 15 [0].url=http://h/#x",
                "line 17 [1].second=1",
            ]
        );
    }

    #[test]
    fn xml_is_read_without_what_its_document_type_declares() {
        let text = "<?xml version='1.0'?>\n<!DOCTYPE p [<!ENTITY e '&e;&e;'>]>\n<x:p a=\"1 > 0\" b='&lt;&#x41;'>\n\
                    <!-- <no/> --><q> &e; &amp; <![CDATA[<raw>]]></q><r/>\n<s>t</u></s>\n</x:p>";
        let (ways, told) =
            reading(|reading| ways(Nested::xml(text.as_bytes(), reading).expect("XML").root()));
        assert_eq!(
            ways,
            ["line 3 p[\"@a\"]=1 > 0", "line 3 p[\"@b\"]=<A", "line 4 p.q=&e; &<raw>", "line 5 p.s=t",]
        );
        assert!(told.len() == 1 && told[0].contains("line 5: ends `u`"), "{told:#?}");
    }

    #[test]
    fn what_is_nested_without_end_is_told_and_costs_no_stack() {
        let depth = 2_000_000;
        let json = "[".repeat(depth);
        let yaml = format!("{}\nx: {}\n{}", "- ".repeat(depth), "[".repeat(depth), ": ".repeat(depth));
        let (_, told) = reading(|reading| Nested::json(json.as_bytes(), reading).map(|_| ()));
        assert!(told.iter().any(|one| one.contains("nested too deep")), "{told:#?}");
        let (_, told) = reading(|reading| Nested::yaml(yaml.as_bytes(), reading).map(|_| ()));
        assert!(told.iter().any(|one| one.contains("nested too deep")), "{told:#?}");
        let xml = "<a>".repeat(depth);
        let (_, told) = reading(|reading| Nested::xml(xml.as_bytes(), reading).map(|_| ()));
        assert!(told.iter().any(|one| one.contains("nested too deep")), "{told:#?}");
    }

    #[test]
    fn more_values_than_are_held_are_told() {
        let many = format!("[{}", "0,".repeat(MOST_NODES + 1));
        let (_, told) = reading(|reading| Nested::json(many.as_bytes(), reading).map(|_| ()));
        assert!(told.iter().any(|one| one.contains("more than 8000000 values")), "{told:#?}");
    }
}
