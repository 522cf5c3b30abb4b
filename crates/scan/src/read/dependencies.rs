//! Who pulled in whom, where a database of packages tells what each needs and what each is good for.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

use super::Reading;
use crate::component::Place;

/// How many needs and provisions of one database are held; the largest that are known have two hundred thousand.
const MOST_EDGES: usize = 2_000_000;

/// What packages need and are good for. They go by the number of their entry in the file.
#[derive(Debug)]
pub(super) struct Dependencies<K> {
    providers: HashMap<K, Vec<u32>>,
    needs: Vec<(u32, K)>,
    provisions: usize,
    is_cut: bool,
}

impl<K: Hash + Eq> Dependencies<K> {
    pub(super) fn new() -> Self {
        Self { providers: HashMap::new(), needs: Vec::new(), provisions: 0, is_cut: false }
    }

    /// A package is good for something: its own name, a virtual package, a library.
    pub(super) fn provides(&mut self, package: u32, what: K) {
        if self.provisions >= MOST_EDGES {
            self.is_cut = true;
            return;
        }
        self.provisions += 1;
        self.providers.entry(what).or_default().push(package);
    }

    /// A package needs something; of alternatives each.
    pub(super) fn needs(&mut self, package: u32, what: K) {
        if self.needs.len() >= MOST_EDGES {
            self.is_cut = true;
            return;
        }
        self.needs.push((package, what));
    }

    /// For each package the names of those that need it; `names` has that of each. That there were too many to tell all is
    /// told.
    pub(super) fn pulled_in(self, names: &[&[u8]], reading: &mut Reading<'_>) -> Vec<BTreeSet<String>> {
        let (parents, is_cut) = self.parents();
        if is_cut {
            let why = format!("has more than {MOST_EDGES} dependencies: who pulled in what is incomplete");
            reading.problem(&Place::Whole, &why);
        }
        let name = |number: &u32| {
            let name = usize::try_from(*number).ok().and_then(|number| names.get(number));
            name.map(|name| String::from_utf8_lossy(name).into_owned())
        };
        let of = |number| parents.get(&number).into_iter().flatten().filter_map(name).collect();
        (0..).zip(names).map(|(number, _)| of(number)).collect()
    }

    /// For each package those that need it, and whether there were too many to tell all.
    fn parents(mut self) -> (HashMap<u32, BTreeSet<u32>>, bool) {
        let mut parents: HashMap<u32, BTreeSet<u32>> = HashMap::new();
        let mut edges = 0;
        for (package, what) in &self.needs {
            for provider in self.providers.get(what).into_iter().flatten().filter(|one| *one != package) {
                if edges >= MOST_EDGES {
                    self.is_cut = true;
                    return (parents, true);
                }
                edges += 1;
                parents.entry(*provider).or_default().insert(*package);
            }
        }
        (parents, self.is_cut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents_are_those_that_need_what_a_package_is_good_for() {
        let mut all = Dependencies::new();
        for (package, what) in [(0, "exim"), (0, "mta"), (1, "postfix"), (1, "mta"), (2, "cron")] {
            all.provides(package, what);
        }
        for (package, what) in [(2, "mta"), (0, "mta"), (2, "nothing")] {
            all.needs(package, what);
        }
        let (parents, is_cut) = all.parents();
        assert_eq!(parents[&0], BTreeSet::from([2]));
        assert_eq!(parents[&1], BTreeSet::from([0, 2]));
        assert!(!parents.contains_key(&2) && !is_cut);
    }

    #[test]
    fn many_providers_of_what_many_need_are_cut_before_they_multiply() {
        let mut all = Dependencies::new();
        (0..3000).for_each(|package| all.provides(package, "x"));
        (0..3000).for_each(|package| all.needs(package, "x"));
        let (parents, is_cut) = all.parents();
        assert!(is_cut && parents.values().map(BTreeSet::len).sum::<usize>() <= MOST_EDGES);
    }
}
