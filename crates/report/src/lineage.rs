//! The tree that the credentials form.

use std::collections::HashMap;

use floodmark_case::Credential;

/// One credential in its place.
#[derive(Debug, Clone)]
pub(crate) struct Branch<'a> {
    pub(crate) credential: &'a Credential,
    /// How many ancestors it has in the answer.
    pub(crate) depth: usize,
    /// Its parent's place in the list, if that is in the answer.
    pub(crate) parent: Option<usize>,
    /// Whether no sibling follows it.
    pub(crate) is_last: bool,
}

/// The credentials in the order of a tree: each behind its parent, siblings in the answer's order.
///
/// A parent that is not in the answer, or a circle of parents (which no evidence can show, but a damaged answer can),
/// makes a root.
pub(crate) fn branches(credentials: &[Credential]) -> Vec<Branch<'_>> {
    let mut at = HashMap::with_capacity(credentials.len());
    for (index, credential) in credentials.iter().enumerate() {
        at.entry(credential.id.as_str()).or_insert(index);
    }
    let parents: Vec<Option<usize>> = credentials
        .iter()
        .enumerate()
        .map(|(index, credential)| {
            credential.parent.as_deref().and_then(|id| at.get(id).copied()).filter(|p| *p != index)
        })
        .collect();
    let mut children = vec![Vec::new(); credentials.len()];
    let mut roots = Vec::new();
    for (index, parent) in parents.iter().enumerate() {
        match parent {
            Some(parent) => children[*parent].push(index),
            None => roots.push(index),
        }
    }
    let mut walk = Walk { credentials, children, place: vec![None; credentials.len()], branches: Vec::new() };
    walk.from(&roots);
    // Whatever is still without a place hangs on a circle: its first member becomes a root.
    for index in 0..credentials.len() {
        if walk.place[index].is_none() {
            walk.from(&[index]);
        }
    }
    walk.branches
}

struct Walk<'a> {
    credentials: &'a [Credential],
    children: Vec<Vec<usize>>,
    place: Vec<Option<usize>>,
    branches: Vec<Branch<'a>>,
}

impl Walk<'_> {
    fn from(&mut self, roots: &[usize]) {
        let mut open: Vec<(usize, Option<usize>, bool)> = Vec::new();
        open.extend(roots.iter().rev().enumerate().map(|(nth, root)| (*root, None, nth == 0)));
        while let Some((index, parent, is_last)) = open.pop() {
            if self.place[index].is_some() {
                continue;
            }
            let here = self.branches.len();
            self.place[index] = Some(here);
            let depth = parent.map_or(0, |parent: usize| self.branches[parent].depth + 1);
            self.branches.push(Branch { credential: &self.credentials[index], depth, parent, is_last });
            open.extend(
                self.children[index]
                    .iter()
                    .rev()
                    .enumerate()
                    .map(|(nth, child)| (*child, Some(here), nth == 0)),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use floodmark_case::{Confidence, CredentialKind};

    fn credential(id: &str, parent: Option<&str>) -> Credential {
        Credential {
            id: id.into(),
            kind: CredentialKind::RoleSession,
            principal: String::new(),
            account: String::new(),
            parent: parent.map(Into::into),
            how: String::new(),
            tainted: true,
            fell: None,
            used: None,
            calls: 0,
            addresses: Vec::new(),
            user_agents: Vec::new(),
            confidence: Confidence::High,
            citations: Vec::new(),
        }
    }

    fn shape(credentials: &[Credential]) -> String {
        let mark = |branch: &Branch<'_>| {
            let end = if branch.is_last { "." } else { "" };
            format!("{}{}{end}", branch.credential.id, branch.depth)
        };
        branches(credentials).iter().map(mark).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn each_stands_behind_its_parent() {
        let credentials = [
            credential("a", None),
            credential("b", Some("a")),
            credential("c", Some("a")),
            credential("d", Some("b")),
            credential("e", Some("gone")),
        ];
        assert_eq!(shape(&credentials), "a0 b1 d2. c1. e0.");
    }

    #[test]
    fn a_circle_ends_and_loses_nobody() {
        let credentials =
            [credential("a", Some("b")), credential("b", Some("a")), credential("c", Some("c"))];
        assert_eq!(shape(&credentials), "c0. a0. b1.");
    }

    #[test]
    fn a_chain_of_a_hundred_thousand_needs_no_deep_stack() {
        let credentials: Vec<_> = (0..100_000)
            .map(|n| credential(&n.to_string(), (n > 0).then(|| (n - 1).to_string()).as_deref()))
            .collect();
        assert_eq!(branches(&credentials).last().map(|branch| branch.depth), Some(99_999));
    }
}
