//! YAML, value by value, each with its line: what is wrong with one document loses what stands behind it there.
//!
//! An alias is no copy: it is the value that it names, so that aliases cost nothing however they multiply. What walking
//! over them would come to is bounded, in values and in depth, and an alias beyond that is told and left empty. Merge keys
//! (`<<`) are followed, since GitLab and Compose do.

use std::borrow::Cow;
use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span};

use super::text::utf8;
use super::{Broken, Reading};
use crate::component::Place;

/// The most bytes of a YAML file.
const MOST_BYTES: usize = 32 << 20;

/// The most values of a YAML file: each takes some sixty bytes.
const MOST_VALUES: usize = 2_000_000;

/// The most values that a document comes to when each alias is walked over.
const MOST_WALKED: u64 = 8_000_000;

/// How deep values may be nested, aliases taken for what they name.
const MOST_DEEP: u16 = 256;

/// The key that merges other maps into one.
const MERGE: &str = "<<";

/// A YAML file of one or several documents.
#[derive(Default)]
pub(super) struct Tree<'b> {
    text: &'b str,
    nodes: Vec<Node<'b>>,
    documents: Vec<usize>,
}

/// A value of it.
#[derive(Clone, Copy)]
pub(super) struct Value<'t, 'b> {
    tree: &'t Tree<'b>,
    at: usize,
}

struct Node<'b> {
    kind: Kind<'b>,
    line: u32,
    /// Where it ends, in bytes of the text.
    end: usize,
    /// How many values it comes to.
    weight: u64,
    /// How deep it is nested.
    depth: u16,
}

enum Kind<'b> {
    /// Nothing, or something that could not be read.
    Null,
    Scalar(Cow<'b, str>),
    List(Vec<usize>),
    /// Key and value by turns.
    Map(Vec<usize>),
}

impl<'b> Tree<'b> {
    /// Reads a file; what of it is no YAML is told, and what stands before that and in other documents is there.
    pub(super) fn read(bytes: &'b [u8], reading: &mut Reading<'_>) -> Result<Self, Broken> {
        Self::read_telling(bytes, &mut |place, why| reading.problem(place, why))
    }

    /// Reads a file, and tells what is wrong to somebody else.
    pub(super) fn read_telling(bytes: &'b [u8], tell: &mut dyn FnMut(&Place, &str)) -> Result<Self, Broken> {
        if bytes.len() > MOST_BYTES {
            return Err(Broken::TooLarge { most: MOST_BYTES as u64, format: "YAML file" });
        }
        let text = utf8(bytes, "YAML")?;
        let tree = Self { text, nodes: Vec::new(), documents: Vec::new() };
        let mut growing = Growing { tree, ..Growing::default() };
        let mut parser = Parser::new_from_str(text);
        while let Some(next) = parser.next() {
            match next {
                Ok((event, span)) if growing.tree.nodes.len() < MOST_VALUES => {
                    growing.take(event, &span, tell);
                }
                Ok((_, span)) => {
                    tell(&place(&span), &format!("has more than {MOST_VALUES} values; expected fewer"));
                    break;
                }
                Err(error) => {
                    tell(&line_of(&error), &format!("is no YAML: {}", error.info()));
                    growing.end_document();
                    if !matches!(parser.proceed_next_document(), Ok(true)) {
                        break;
                    }
                }
            }
        }
        growing.end_document();
        Ok(growing.tree)
    }

    /// The documents of the file; each is a value.
    pub(super) fn documents(&self) -> impl Iterator<Item = Value<'_, 'b>> {
        self.documents.iter().map(|at| Value { tree: self, at: *at })
    }

    /// The first document, if there is one.
    pub(super) fn root(&self) -> Option<Value<'_, 'b>> {
        self.documents().next()
    }
}

impl<'t, 'b> Value<'t, 'b> {
    /// Where it begins.
    pub(super) fn place(self) -> Place {
        Place::Line(self.node().map_or(1, |node| node.line))
    }

    /// The text of a scalar as it is spelled, quotes and escapes resolved; `None` where nothing stands.
    pub(super) fn text(self) -> Option<&'t str> {
        match &self.node()?.kind {
            Kind::Scalar(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// The text of a key of a map.
    pub(super) fn text_of(self, key: &str) -> Option<&'t str> {
        self.get(key)?.text()
    }

    /// The value of a key, if this is a map that has it.
    pub(super) fn get(self, key: &str) -> Option<Self> {
        let own = self.pairs().find(|(name, _)| name.text() == Some(key)).map(|(_, value)| value);
        own.or_else(|| self.merged().find_map(|map| map.get(key)))
    }

    /// The keys of a map with their values, in the order of the file; those that are merged in, last.
    pub(super) fn entries(self) -> Vec<(&'t str, Self)> {
        let own = |map: Self| map.pairs().filter_map(|(key, value)| Some((key.text()?, value)));
        let mut entries: Vec<_> = own(self).filter(|(key, _)| *key != MERGE).collect();
        for map in self.merged() {
            let known: std::collections::HashSet<&str> = entries.iter().map(|(key, _)| *key).collect();
            let more: Vec<_> = map.entries().into_iter().filter(|(key, _)| !known.contains(key)).collect();
            entries.extend(more);
        }
        entries
    }

    /// The members of a list; none if it is something else.
    pub(super) fn items(self) -> impl Iterator<Item = Self> + use<'t, 'b> {
        let members = match self.node().map(|node| &node.kind) {
            Some(Kind::List(members)) => members.as_slice(),
            _ => &[],
        };
        members.iter().map(move |at| Self { tree: self.tree, at: *at })
    }

    /// Whether it is a map.
    pub(super) fn is_map(self) -> bool {
        matches!(self.node().map(|node| &node.kind), Some(Kind::Map(_)))
    }

    /// The comment that stands behind it in its line, without `#`.
    pub(super) fn comment(self) -> Option<&'b str> {
        let rest = self.tree.text.get(self.node()?.end..)?;
        let rest = rest.lines().next()?;
        let comment = rest.trim_start().strip_prefix('#')?.trim();
        (rest.starts_with([' ', '\t']) && !comment.is_empty()).then_some(comment)
    }

    /// The maps that a merge key names.
    fn merged(self) -> impl Iterator<Item = Self> + use<'t, 'b> {
        let named = self.pairs().filter(|(key, _)| key.text() == Some(MERGE)).map(|(_, value)| value);
        named.flat_map(|value| value.items().chain(value.is_map().then_some(value)))
    }

    fn pairs(self) -> impl Iterator<Item = (Self, Self)> + use<'t, 'b> {
        let members = match self.node().map(|node| &node.kind) {
            Some(Kind::Map(members)) => members.as_slice(),
            _ => &[],
        };
        members
            .chunks_exact(2)
            .map(move |pair| (Self { tree: self.tree, at: pair[0] }, Self { tree: self.tree, at: pair[1] }))
    }

    fn node(self) -> Option<&'t Node<'b>> {
        self.tree.nodes.get(self.at)
    }
}

/// The tree while its events come.
#[derive(Default)]
struct Growing<'b> {
    tree: Tree<'b>,
    /// Lists and maps that have not ended, the innermost last.
    open: Vec<usize>,
    anchors: HashMap<usize, usize>,
    /// What walking over the document comes to so far.
    walked: u64,
}

impl<'b> Growing<'b> {
    fn take(&mut self, event: Event<'b>, span: &Span, tell: &mut dyn FnMut(&Place, &str)) {
        match event {
            Event::DocumentStart(..) => self.end_document(),
            Event::Scalar(text, style, anchor, _) => {
                let at = self.push(scalar(text, style), span, anchor);
                self.attach(at);
            }
            Event::SequenceStart(_, anchor, _) => self.begin(Kind::List(Vec::new()), span, anchor),
            Event::MappingStart(_, anchor, _) => self.begin(Kind::Map(Vec::new()), span, anchor),
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => match self.aliased(anchor) {
                Ok(at) => self.attach(at),
                Err(why) => {
                    tell(&place(span), why);
                    let at = self.push(Kind::Null, span, 0);
                    self.attach(at);
                }
            },
            _ => {}
        }
    }

    fn push(&mut self, kind: Kind<'b>, span: &Span, anchor: usize) -> usize {
        let at = self.tree.nodes.len();
        let end = span.end.byte_offset().unwrap_or(usize::MAX);
        self.tree.nodes.push(Node { kind, line: line(span.start.line()), end, weight: 1, depth: 1 });
        self.walked += 1;
        if anchor > 0 {
            self.anchors.insert(anchor, at);
        }
        at
    }

    fn begin(&mut self, kind: Kind<'b>, span: &Span, anchor: usize) {
        let at = self.push(kind, span, anchor);
        self.open.push(at);
    }

    fn end(&mut self) {
        let Some(at) = self.open.pop() else { return };
        if let Some(Node { kind: Kind::Map(members), .. }) = self.tree.nodes.get_mut(at)
            && members.len() % 2 == 1
        {
            // Cut short behind a key.
            members.pop();
        }
        self.attach(at);
    }

    /// Ends what is open, as when the text breaks off.
    fn end_document(&mut self) {
        while !self.open.is_empty() {
            self.end();
        }
        self.anchors.clear();
        self.walked = 0;
    }

    /// The value that an alias names, if it is whole and does not make the document too much.
    fn aliased(&mut self, anchor: usize) -> Result<usize, &'static str> {
        let at =
            *self.anchors.get(&anchor).ok_or("names an anchor that is not there; expected one before")?;
        if self.open.contains(&at) {
            return Err("is an alias of what it stands in; expected no circle");
        }
        let node = self.tree.nodes.get(at).ok_or("names an anchor that is not there; expected one before")?;
        let walked = self.walked.saturating_add(node.weight);
        let deep = usize::from(node.depth) + self.open.len();
        if walked > MOST_WALKED || deep > usize::from(MOST_DEEP) {
            return Err("is an alias that makes the document too much; expected fewer aliases of aliases");
        }
        self.walked = walked;
        Ok(at)
    }

    /// Gives a whole value to the list, map or document that it stands in.
    fn attach(&mut self, at: usize) {
        let (weight, depth) = self.tree.nodes.get(at).map_or((1, 1), |node| (node.weight, node.depth));
        let Some(parent) = self.open.last().and_then(|parent| self.tree.nodes.get_mut(*parent)) else {
            self.tree.documents.push(at);
            return;
        };
        parent.weight = parent.weight.saturating_add(weight);
        parent.depth = parent.depth.max(depth.saturating_add(1));
        if let Kind::List(members) | Kind::Map(members) = &mut parent.kind {
            members.push(at);
        }
    }
}

fn scalar(text: Cow<'_, str>, style: ScalarStyle) -> Kind<'_> {
    let is_null = style == ScalarStyle::Plain && matches!(text.as_ref(), "" | "~" | "null" | "Null" | "NULL");
    if is_null { Kind::Null } else { Kind::Scalar(text) }
}

fn place(span: &Span) -> Place {
    Place::Line(line(span.start.line()))
}

fn line_of(error: &ScanError) -> Place {
    Place::Line(line(error.marker().line()))
}

fn line(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::super::testing::read_by;
    use super::*;

    /// The tree of a text, and what was told.
    fn told(text: &str) -> Vec<String> {
        read_by(|reading| Tree::read(text.as_bytes(), reading).map(|_| ()))
            .unread
            .into_iter()
            .map(|one| format!("{}: {}", one.path, one.why))
            .collect()
    }

    fn with<T>(text: &str, look: impl FnOnce(&Tree<'_>) -> T) -> T {
        let mut seen = None;
        read_by(|reading| {
            seen = Some(look(&Tree::read(text.as_bytes(), reading)?));
            Ok(())
        });
        seen.expect("a tree")
    }

    #[test]
    fn values_have_their_lines_their_spelling_and_the_comment_behind_them() {
        let text = "a: 1.10\nb:\n  - 'x # y' # z\n  - ~\n  - \"\"\n  - c: {d: e}\n";
        with(text, |tree| {
            let root = tree.root().expect("a document");
            assert_eq!(root.text_of("a"), Some("1.10"));
            let list: Vec<_> = root.get("b").expect("a list").items().collect();
            assert_eq!(
                (list[0].text(), list[0].comment(), list[0].place()),
                (Some("x # y"), Some("z"), Place::Line(3))
            );
            assert_eq!((list[1].text(), list[2].text()), (None, None));
            let inner = list[3].get("c").and_then(|map| map.get("d")).expect("a value");
            assert_eq!((inner.text(), inner.place(), inner.comment()), (Some("e"), Place::Line(6), None));
        });
    }

    #[test]
    fn aliases_and_merge_keys_are_followed_and_own_keys_come_first() {
        let text = "a: &a {x: 1, y: 2}\nb: &b {<<: *a, y: 3}\nc: {<<: [*b, {z: 4, x: 9}], w: *a}\n";
        with(text, |tree| {
            let c = tree.root().and_then(|root| root.get("c")).expect("a map");
            let keys: Vec<_> = c.entries().iter().map(|(key, value)| (*key, value.text())).collect();
            assert_eq!(keys, [("w", None), ("y", Some("3")), ("x", Some("1")), ("z", Some("4"))]);
            assert_eq!(c.text_of("y"), Some("3"));
            assert_eq!(c.get("w").and_then(|w| w.text_of("y")), Some("2"));
        });
    }

    #[test]
    fn a_document_that_breaks_off_is_read_so_far_and_the_next_ones_whole() {
        let text = "a: 1\nb: [1, 2\n---\nc: 3\n---\n{}}\n---\nd: 4\n";
        with(text, |tree| {
            let documents: Vec<_> = tree.documents().collect();
            assert_eq!(documents.first().and_then(|one| one.text_of("a")), Some("1"));
            assert!(documents.iter().any(|one| one.text_of("d") == Some("4")), "{}", documents.len());
        });
        assert!(
            told(text).iter().all(|line| line.contains("line ") && line.contains("is no YAML")),
            "{:#?}",
            told(text)
        );
    }

    #[test]
    fn aliases_do_not_multiply_beyond_the_bound_and_only_they_are_lost() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for number in 1..30 {
            let alias = format!("*a{}, ", number - 1);
            let _ = writeln!(text, "a{number}: &a{number} [{}]", alias.repeat(10));
        }
        text += "good: 1\n";
        let told = told(&text);
        assert!(told.iter().any(|line| line.contains("too much")), "{told:#?}");
        with(&text, |tree| assert_eq!(tree.root().and_then(|root| root.text_of("good")), Some("1")));
        let circle = "a: &a [*a]\nb: *nobody\n";
        assert_eq!(self::told(circle).len(), 2, "{:#?}", self::told(circle));
    }

    #[test]
    fn nothing_is_too_deep_for_who_walks_over_it() {
        assert!(told(&"[".repeat(100_000)).iter().any(|line| line.contains("is no YAML")));
        let mut chain = "a0: &a0 {x: 1}\n".to_owned();
        for number in 1..1000 {
            let _ = writeln!(chain, "a{number}: &a{number} {{<<: *a{}}}", number - 1);
        }
        assert!(told(&chain).iter().any(|line| line.contains("too much")));
        with(&chain, |tree| {
            let last = tree.root().and_then(|root| root.get("a999")).expect("a map");
            assert!(last.entries().is_empty() && last.get("x").is_none());
        });
    }
}
