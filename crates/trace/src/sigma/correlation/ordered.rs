//! Correlations whose steps must come in order.

use super::evaluate::{Evidence, Occurrence};
use super::plan::Node;

/// The chains of one group that are complete within the timespan: for each time at which one is complete, the
/// one that began last.
///
/// For every length and last source the chain that began last is kept, since it serves whatever an earlier
/// one would. So a later repeat of a step replaces nothing that is still wanted.
pub(super) fn ordered(node: &Node, occurrences: &[Occurrence]) -> Vec<Evidence> {
    let (places, wanted) = &node.chain;
    let mut chains = Chains { best: vec![vec![Best::default(); places.len()]; *wanted], links: Vec::new() };
    let mut windows = Vec::new();
    let mut base = 0;
    for same_time in occurrences.chunk_by(|a, b| a.time == b.time) {
        // In the order of the sources, so that events of the same time are in order.
        for (position, place) in places.iter().enumerate() {
            for (offset, occurrence) in same_time.iter().enumerate().filter(|(_, one)| one.source == *place) {
                chains.extend(position, base + offset, occurrence, occurrences, node.timespan);
            }
        }
        let Some(time) = same_time.first().map(|occurrence| occurrence.time) else { continue };
        windows.extend(chains.complete_at(time, occurrences).map(Evidence::These));
        base += same_time.len();
    }
    windows
}

struct Chains {
    /// By length less one, and by the position of the last source.
    best: Vec<Vec<Best>>,
    links: Vec<Link>,
}

/// The two chains that began last, with different last events: a chain must not use an event twice.
#[derive(Clone, Copy, Default)]
struct Best([Option<(i64, usize)>; 2]);

#[derive(Clone, Copy)]
struct Link {
    at: usize,
    before: Option<usize>,
}

impl Chains {
    fn extend(&mut self, position: usize, at: usize, occurrence: &Occurrence, all: &[Occurrence], span: i64) {
        let longest = self.best.len().min(position + 1);
        for length in (1..=longest).rev() {
            let before = if length == 1 {
                Some((occurrence.time, None))
            } else {
                self.before(length, position, occurrence, all)
            };
            let Some((start, before)) = before else { continue };
            if occurrence.time.saturating_sub(start) > span {
                continue;
            }
            self.links.push(Link { at, before });
            let link = self.links.len() - 1;
            let ends_same =
                |other: &(i64, usize)| all[self.links[other.1].at].identity == occurrence.identity;
            let replaced = self.best[length - 1][position]
                .0
                .iter()
                .position(|best| best.as_ref().is_some_and(ends_same));
            self.best[length - 1][position].offer((start, link), replaced);
        }
    }

    /// The chain one shorter, ending at an earlier source, that began last and does not use this event.
    fn before(
        &self,
        length: usize,
        position: usize,
        occurrence: &Occurrence,
        all: &[Occurrence],
    ) -> Option<(i64, Option<usize>)> {
        let shorter = &self.best[length - 2];
        let candidates = shorter[..position].iter().flat_map(|best| best.0.iter().flatten());
        candidates
            .filter(|(_, link)| !self.uses(*link, occurrence, all))
            .max_by_key(|(start, link)| (*start, *link))
            .map(|(start, link)| (*start, Some(*link)))
    }

    fn uses(&self, link: usize, occurrence: &Occurrence, all: &[Occurrence]) -> bool {
        let mut next = Some(link);
        while let Some(link) = next {
            let Link { at, before } = self.links[link];
            if all[at].time < occurrence.time {
                return false;
            }
            if all[at].identity == occurrence.identity {
                return true;
            }
            next = before;
        }
        false
    }

    /// The complete chain that ends at this time and began last.
    fn complete_at(&self, time: i64, all: &[Occurrence]) -> Option<Vec<usize>> {
        let longest = self.best.last()?;
        let complete = longest.iter().flat_map(|best| best.0.iter().flatten());
        let ends_now = |link: usize| all[self.links[link].at].time == time;
        let (_, link) =
            complete.filter(|(_, link)| ends_now(*link)).max_by_key(|(start, link)| (*start, *link))?;
        let mut places = Vec::new();
        let mut next = Some(*link);
        while let Some(link) = next {
            places.push(self.links[link].at);
            next = self.links[link].before;
        }
        places.reverse();
        Some(places)
    }
}

impl Best {
    /// Takes a chain in if it began later than one of those kept; at equal starts the newer ends later.
    fn offer(&mut self, chain: (i64, usize), same_event: Option<usize>) {
        if let Some(place) = same_event {
            if self.0[place].is_none_or(|kept| kept <= chain) {
                self.0[place] = Some(chain);
            }
        } else if self.0[0].is_none_or(|kept| kept <= chain) {
            self.0 = [Some(chain), self.0[0]];
        } else if self.0[1].is_none_or(|kept| kept <= chain) {
            self.0[1] = Some(chain);
        }
        if self.0[1] > self.0[0] {
            self.0.swap(0, 1);
        }
    }
}
