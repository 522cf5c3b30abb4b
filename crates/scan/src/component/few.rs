//! Sets that mostly hold next to nothing.

use std::collections::{BTreeSet, btree_set};
use std::iter::{Chain, Flatten};
use std::{option, slice, vec};

/// Up to so many members are moved where one is put between them.
const MOST_IN_A_ROW: usize = 32;

/// A set in order, of which there are many with one member or none: as a [`BTreeSet`] in all but its memory, which is that
/// of its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Few<T>(Held<T>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Held<T> {
    /// In order, each once.
    Row(Vec<T>),
    /// As soon as there are too many for that, and from then on.
    #[expect(clippy::box_collection, reason = "without it a row would take more than its own three words")]
    Tree(Box<BTreeSet<T>>),
}

/// The members in order.
type Iter<'a, T> = Chain<slice::Iter<'a, T>, Flatten<option::IntoIter<btree_set::Iter<'a, T>>>>;

impl<T> Few<T> {
    /// How many members it has.
    pub fn len(&self) -> usize {
        match &self.0 {
            Held::Row(row) => row.len(),
            Held::Tree(tree) => tree.len(),
        }
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its members in order.
    pub fn iter(&self) -> Iter<'_, T> {
        let (row, tree) = match &self.0 {
            Held::Row(row) => (row.as_slice(), None),
            Held::Tree(tree) => (&[][..], Some(tree.iter())),
        };
        row.iter().chain(tree.into_iter().flatten())
    }

    /// The first of its members.
    pub fn first(&self) -> Option<&T> {
        self.iter().next()
    }

    /// Its members in order.
    pub fn into_vec(self) -> Vec<T> {
        match self.0 {
            Held::Row(row) => row,
            Held::Tree(tree) => tree.into_iter().collect(),
        }
    }

    /// Takes all members away.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

impl<T: Ord> Few<T> {
    /// Adds a member; false if it is one already.
    pub fn insert(&mut self, member: T) -> bool {
        let row = match &mut self.0 {
            Held::Row(row) => row,
            Held::Tree(tree) => return tree.insert(member),
        };
        let Err(at) = row.binary_search(&member) else { return false };
        if row.len() >= MOST_IN_A_ROW {
            let mut tree: BTreeSet<T> = std::mem::take(row).into_iter().collect();
            tree.insert(member);
            self.0 = Held::Tree(Box::new(tree));
            return true;
        }
        if row.len() == row.capacity() {
            row.reserve_exact(row.len().max(1));
        }
        row.insert(at, member);
        true
    }
}

impl<T> Default for Few<T> {
    fn default() -> Self {
        Self(Held::Row(Vec::new()))
    }
}

impl<T: Ord> Extend<T> for Few<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, members: I) {
        for member in members {
            self.insert(member);
        }
    }
}

impl<T: Ord> FromIterator<T> for Few<T> {
    fn from_iter<I: IntoIterator<Item = T>>(members: I) -> Self {
        let mut few = Self::default();
        few.extend(members);
        few
    }
}

impl<T> IntoIterator for Few<T> {
    type Item = T;
    type IntoIter = vec::IntoIter<T>;

    fn into_iter(self) -> vec::IntoIter<T> {
        self.into_vec().into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Few<T> {
    type Item = &'a T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_what_a_tree_would_however_many_there_are() {
        let (mut few, mut tree) = (Few::default(), BTreeSet::new());
        assert!(few.is_empty() && few.first().is_none());
        for number in (0..1000_u32).map(|number| number * 7919 % 200) {
            assert_eq!(few.insert(number), tree.insert(number));
            assert!(few.iter().eq(&tree) && few.len() == tree.len() && few.first() == tree.first());
        }
        assert!(few.clone().into_iter().eq(tree));
        few.clear();
        assert_eq!(few, Few::default());
    }

    #[test]
    fn one_member_takes_the_room_of_one() {
        let few = Few::from_iter([[0_u8; 88]]);
        assert!(matches!(few.0, Held::Row(row) if row.capacity() == 1));
    }
}
