//! The files of an image by their paths: of a layer, and of layers laid over each other as the OCI image specification
//! has it, <https://github.com/opencontainers/image-spec/blob/main/layer.md>.

use std::collections::{BTreeMap, VecDeque};
use std::io;

/// As many links as Linux follows, `path_resolution(7)`.
const MAX_LINKS: usize = 40;

/// What stands at a path.
#[derive(Debug, Clone)]
pub(super) enum Node {
    Folder(Box<Folder>),
    File(Box<File>),
    /// A symbolic link, and what it leads to.
    Link(Box<str>),
    /// A device or a FIFO.
    Special,
    /// Something that a layer takes away.
    Gone,
}

/// A folder.
#[derive(Debug, Clone, Default)]
pub(super) struct Folder {
    children: BTreeMap<Box<str>, Node>,
    /// Whether an entry of the layer is this folder. If not, something in it is, and a link of a lower layer stays one.
    is_told: bool,
    /// Whether the layer takes away what was in it.
    is_opaque: bool,
}

/// A file.
#[derive(Debug, Clone)]
pub(super) struct File {
    /// The number of its layer.
    pub(super) layer: usize,
    /// The number of its entry in the layer.
    pub(super) entry: u64,
    /// Whether it was looked into, and no format claims what it begins with.
    pub(super) is_unclaimed: bool,
}

/// A link in whose place something was to be put, that cannot be followed.
#[derive(Debug)]
pub(super) struct Lost;

impl Folder {
    /// Puts something at a path of a layer, in the place of what was there.
    pub(super) fn put(&mut self, steps: &[&str], node: Node) -> Result<(), Lost> {
        let Some((name, parents)) = steps.split_last() else {
            return Ok(());
        };
        if let Some(folder) = self.parent(parents) {
            folder.set(name, node);
            return Ok(());
        }
        let real = self.real(parents.iter().copied()).map_err(|_| Lost)?;
        let steps: Vec<&str> = real.iter().map(|step| &**step).collect();
        self.parent(&steps).ok_or(Lost)?.set(name, node);
        Ok(())
    }

    /// The folder at a path, made if there is none; `None` if there is a link on the way.
    fn parent(&mut self, steps: &[&str]) -> Option<&mut Self> {
        let mut folder = self;
        for step in steps {
            let has_link = matches!(folder.children.get(*step), Some(Node::Link(_)));
            if has_link {
                return None;
            }
            folder = folder.step(step);
        }
        Some(folder)
    }

    /// A folder in this one, in the place of whatever else there is.
    fn step(&mut self, name: &str) -> &mut Self {
        if !matches!(self.children.get(name), Some(Node::Folder(_))) {
            let is_gone = matches!(self.children.get(name), Some(Node::Gone));
            let folder = Self { is_opaque: is_gone, ..Self::default() };
            self.children.insert(name.into(), Node::Folder(Box::new(folder)));
        }
        match self.children.get_mut(name) {
            Some(Node::Folder(folder)) => folder,
            _ => unreachable!("a folder was put there"),
        }
    }

    fn set(&mut self, name: &str, node: Node) {
        match (self.children.get_mut(name), node) {
            // Folders may come again, and what a layer takes away it may put there anew, before or after.
            (Some(Node::Folder(old)), Node::Folder(new)) => old.is_told |= new.is_told,
            (Some(Node::Folder(old)), Node::Gone) => old.is_opaque = true,
            (Some(Node::Gone), Node::Folder(mut new)) => {
                new.is_opaque = true;
                self.children.insert(name.into(), Node::Folder(new));
            }
            (Some(_), Node::Gone) => {}
            (_, node) => {
                self.children.insert(name.into(), node);
            }
        }
    }

    /// A folder that an entry of a layer is.
    pub(super) fn told() -> Self {
        Self { is_told: true, ..Self::default() }
    }

    /// Takes away what lower layers have in the folder at a path.
    pub(super) fn hide(&mut self, steps: &[&str]) -> Result<(), Lost> {
        if let Some(folder) = self.parent(steps) {
            folder.is_opaque = true;
            return Ok(());
        }
        let real = self.real(steps.iter().copied()).map_err(|_| Lost)?;
        let steps: Vec<&str> = real.iter().map(|step| &**step).collect();
        self.parent(&steps).ok_or(Lost)?.is_opaque = true;
        Ok(())
    }

    /// Lays a layer over this; gives back the paths of what could not be laid anywhere.
    pub(super) fn lay(&mut self, layer: Self) -> Vec<String> {
        let mut lost = Vec::new();
        let mut waiting: VecDeque<(Vec<Box<str>>, Self)> = VecDeque::from([(Vec::new(), layer)]);
        while let Some((path, upper)) = waiting.pop_front() {
            let real = self.real(path.iter().map(|step| &**step)).ok();
            let steps: Option<Vec<&str>> =
                real.as_ref().map(|real| real.iter().map(|step| &**step).collect());
            match steps.and_then(|steps| self.parent(&steps)) {
                Some(folder) => {
                    let mut path = real.unwrap_or_default();
                    folder.lay_here(upper, &mut path, &mut waiting);
                }
                None => lost.push(path.join("/")),
            }
        }
        lost
    }

    /// Lays a layer's folder over this one. What belongs behind a link waits until that can be followed.
    fn lay_here(
        &mut self,
        upper: Self,
        path: &mut Vec<Box<str>>,
        waiting: &mut VecDeque<(Vec<Box<str>>, Self)>,
    ) {
        if upper.is_opaque {
            self.children.clear();
        }
        for (name, node) in upper.children {
            path.push(name.clone());
            match (self.children.get_mut(&name), node) {
                (_, Node::Gone) => {
                    self.children.remove(&name);
                }
                (Some(Node::Folder(lower)), Node::Folder(upper)) => lower.lay_here(*upper, path, waiting),
                (Some(Node::Link(_)), Node::Folder(upper)) if !upper.is_told && !upper.is_opaque => {
                    waiting.push_back((path.clone(), *upper));
                }
                (_, Node::Folder(upper)) => {
                    let mut folder = Self::default();
                    folder.lay_here(*upper, path, waiting);
                    self.children.insert(name, Node::Folder(Box::new(folder)));
                }
                (_, node) => {
                    self.children.insert(name, node);
                }
            }
            path.pop();
        }
    }

    /// What stands at a path, links followed.
    pub(super) fn find(&self, path: &str) -> io::Result<&Node> {
        let real = self.real(path.split('/'))?;
        self.at(real.iter().map(|step| &**step)).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn at<'s>(&self, steps: impl Iterator<Item = &'s str>) -> Option<&Node> {
        let mut folder = self;
        let mut steps = steps.peekable();
        while let Some(step) = steps.next() {
            let node = folder.children.get(step)?;
            match node {
                _ if steps.peek().is_none() => return Some(node),
                Node::Folder(next) => folder = next,
                _ => return None,
            }
        }
        None
    }

    /// A path without links. What is not there is no link.
    fn real<'s>(&self, steps: impl Iterator<Item = &'s str>) -> io::Result<Vec<Box<str>>> {
        let mut waiting: VecDeque<Box<str>> = names(steps).collect();
        // The path so far, each step with the folder that it is, if it is one.
        let mut done: Vec<(Box<str>, Option<&Self>)> = Vec::new();
        let mut links = 0;
        while let Some(step) = waiting.pop_front() {
            if *step == *".." {
                done.pop()
                    .ok_or_else(|| io::Error::other("is a symbolic link that leads out of the image"))?;
                continue;
            }
            let folder = done.last().map_or(Some(self), |(_, folder)| *folder);
            let to = match folder.and_then(|folder| folder.children.get(&step)) {
                Some(Node::Link(to)) => to,
                Some(Node::Folder(next)) => {
                    done.push((step, Some(&**next)));
                    continue;
                }
                _ => {
                    done.push((step, None));
                    continue;
                }
            };
            links += 1;
            if links > MAX_LINKS {
                return Err(io::Error::other("is a symbolic link that leads to others without end"));
            }
            if to.starts_with('/') {
                done.clear();
            }
            let mut all: VecDeque<Box<str>> = names(to.split('/')).collect();
            all.append(&mut waiting);
            waiting = all;
        }
        Ok(done.into_iter().map(|(step, _)| step).collect())
    }

    /// Goes over everything but folders, in the order of the paths.
    pub(super) fn walk(&self, visit: &mut dyn FnMut(&str, &Node)) {
        self.walk_below(&mut String::new(), visit);
    }

    fn walk_below(&self, path: &mut String, visit: &mut dyn FnMut(&str, &Node)) {
        let length = path.len();
        for (name, node) in &self.children {
            if length > 0 {
                path.push('/');
            }
            path.push_str(name);
            match node {
                Node::Folder(folder) => folder.walk_below(path, visit),
                node => visit(path, node),
            }
            path.truncate(length);
        }
    }
}

fn names<'s>(steps: impl Iterator<Item = &'s str>) -> impl Iterator<Item = Box<str>> {
    steps.filter(|step| !matches!(*step, "" | ".")).map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(entry: u64) -> Node {
        Node::File(Box::new(File { layer: 0, entry, is_unclaimed: false }))
    }

    fn layer(entries: Vec<(&str, Node)>) -> Folder {
        let mut layer = Folder::default();
        for (path, node) in entries {
            layer.put(&path.split('/').collect::<Vec<_>>(), node).expect("a place");
        }
        layer
    }

    fn told() -> Node {
        Node::Folder(Box::new(Folder::told()))
    }

    fn listed(tree: &Folder) -> Vec<String> {
        let mut paths = Vec::new();
        tree.walk(&mut |path, node| match node {
            Node::File(file) => paths.push(format!("{path}={}", file.entry)),
            _ => paths.push(path.to_owned()),
        });
        paths
    }

    #[test]
    fn layers_hide_replace_and_take_away_what_is_below() {
        let mut tree = Folder::default();
        tree.lay(layer(vec![
            ("a/x", file(1)),
            ("a/y", file(2)),
            ("b/c/z", file(3)),
            ("d", file(4)),
            ("e/f", file(5)),
        ]));
        let mut upper =
            layer(vec![("a/x", file(6)), ("a/y", Node::Gone), ("d/now", file(7)), ("e", file(8))]);
        upper.hide(&["b"]).expect("a folder");
        upper.put(&["b", "new"], file(9)).expect("a place");
        assert_eq!(tree.lay(upper), Vec::<String>::new());
        assert_eq!(listed(&tree), ["a/x=6", "b/new=9", "d/now=7", "e=8"]);
    }

    #[test]
    fn what_a_layer_takes_away_and_puts_there_anew_is_new_in_either_order() {
        for turned in [false, true] {
            let mut entries = vec![("a", Node::Gone), ("a/new", file(2))];
            if turned {
                entries.reverse();
            }
            let mut tree = layer(vec![("a/old", file(1))]);
            tree.lay(layer(entries));
            assert_eq!(listed(&tree), ["a/new=2"]);
        }
        let mut tree = layer(vec![("a", file(1))]);
        tree.lay(layer(vec![("a", file(2)), ("a", Node::Gone)]));
        assert_eq!(listed(&tree), ["a=2"], "a layer takes away only what is below it");
    }

    #[test]
    fn what_lies_behind_a_link_of_a_lower_layer_goes_where_that_leads() {
        let base = || layer(vec![("usr/lib/a", file(1)), ("lib", Node::Link("usr/lib".into()))]);
        let mut tree = base();
        tree.lay(layer(vec![("lib/b", file(2))]));
        assert_eq!(listed(&tree), ["lib", "usr/lib/a=1", "usr/lib/b=2"]);
        let mut replaced = base();
        replaced.lay(layer(vec![("lib", told()), ("lib/b", file(2))]));
        assert_eq!(listed(&replaced), ["lib/b=2", "usr/lib/a=1"]);
        let within = layer(vec![("lib", Node::Link("/usr/lib".into())), ("lib/b", file(2))]);
        assert_eq!(listed(&within), ["lib", "usr/lib/b=2"]);
        let mut round = layer(vec![("a", Node::Link("b".into())), ("b", Node::Link("a".into()))]);
        assert_eq!(round.lay(layer(vec![("a/c", file(1))])), ["a"]);
    }

    #[test]
    fn links_are_followed_within_the_image_only() {
        let tree = layer(vec![
            ("usr/lib/os-release", file(1)),
            ("etc/os-release", Node::Link("../usr/lib/os-release".into())),
            ("up", Node::Link("../../etc/passwd".into())),
            ("a", Node::Link("b".into())),
            ("b", Node::Link("/a".into())),
        ]);
        assert!(matches!(tree.find("etc/os-release"), Ok(Node::File(file)) if file.entry == 1));
        let why = |path: &str| tree.find(path).expect_err("no file").to_string();
        assert!(why("up").contains("out of the image") && why("a").contains("without end"));
        assert_eq!(tree.find("none").expect_err("no file").kind(), io::ErrorKind::NotFound);
    }
}
