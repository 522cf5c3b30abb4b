//! The spans of a range, over anything that has an order: versions, or the places of versions in a sorted list.

/// What one event says, with where; nowhere is before everything. The order of the variants is that in which events of
/// one place are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Turning {
    Fixed,
    LastAffected,
    Introduced,
}

/// What is affected: spans that do not overlap, and from where on nothing is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spans<P> {
    spans: Vec<Span<P>>,
    limit: Option<P>,
}

/// Affected without a gap. No start is before everything.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Span<P> {
    start: Option<P>,
    end: End<P>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum End<P> {
    Never,
    Fixed(P),
    LastAffected(P),
}

impl<P: Ord + Clone> Spans<P> {
    /// The spans between events, which come in any order.
    pub(crate) fn new(mut turns: Vec<(Option<P>, Turning)>, limit: Option<P>) -> Self {
        turns.sort();
        Self { spans: between(turns), limit }
    }

    /// Whether a place is affected.
    pub(crate) fn hold(&self, place: &P) -> bool {
        self.span(place).is_some()
    }

    /// Where the span that holds a place ends, if one does and names that.
    pub(crate) fn fix_for(&self, place: &P) -> Option<&P> {
        match &self.span(place)?.end {
            End::Fixed(fixed) => Some(fixed),
            End::Never | End::LastAffected(_) => None,
        }
    }

    fn span(&self, place: &P) -> Option<&Span<P>> {
        if self.limit.as_ref().is_some_and(|limit| place >= limit) {
            return None;
        }
        // Spans follow each other, so only the last that begins before the place can hold it.
        let begun = self.spans.partition_point(|span| span.has_begun(place));
        self.spans[..begun].last().filter(|span| !span.has_ended(place))
    }
}

/// The first place behind this one that none of the ranges holds; `None` if there is none, or it is not named.
pub(crate) fn first_free<P: Ord + Clone>(ranges: &[&Spans<P>], place: &P) -> Option<P> {
    let mut spans: Vec<(&Span<P>, Option<&P>)> =
        ranges.iter().flat_map(|range| range.spans.iter().map(|span| (span, range.limit.as_ref()))).collect();
    spans.sort_by(|(one, _), (other, _)| one.start.cmp(&other.start));
    let mut free = place.clone();
    for (span, limit) in spans {
        if !span.has_begun(&free) {
            break;
        }
        if span.has_ended(&free) || limit.is_some_and(|limit| free >= *limit) {
            continue;
        }
        match &span.end {
            End::Fixed(fixed) => free = fixed.clone(),
            End::Never | End::LastAffected(_) => return None,
        }
    }
    (free > *place).then_some(free)
}

/// The spans of sorted events.
fn between<P: Ord + Clone>(turns: Vec<(Option<P>, Turning)>) -> Vec<Span<P>> {
    let mut spans = Vec::new();
    let mut open: Option<Option<P>> = None;
    let mut turns = turns.into_iter().peekable();
    while let Some((at, first)) = turns.next() {
        let (mut fixed, mut last, mut introduced) = (false, false, false);
        let mut note = |turn| match turn {
            Turning::Fixed => fixed = true,
            Turning::LastAffected => last = true,
            Turning::Introduced => introduced = true,
        };
        note(first);
        while let Some((_, turn)) = turns.next_if(|(next, _)| *next == at) {
            note(turn);
        }
        match (open.take(), at) {
            // It ends and begins again at one place, and so goes on.
            (Some(start), _) if introduced => open = Some(start),
            (Some(start), Some(at)) if fixed => spans.push(Span { start, end: End::Fixed(at) }),
            (Some(start), Some(at)) if last => spans.push(Span { start, end: End::LastAffected(at) }),
            (None, _) if introduced && fixed => {}
            (None, Some(at)) if introduced && last => {
                spans.push(Span { start: Some(at.clone()), end: End::LastAffected(at) });
            }
            (None, at) if introduced => open = Some(at),
            (before, _) => open = before,
        }
    }
    spans.extend(open.map(|start| Span { start, end: End::Never }));
    spans
}

impl<P: Ord> Span<P> {
    fn has_begun(&self, place: &P) -> bool {
        self.start.as_ref().is_none_or(|start| place >= start)
    }

    fn has_ended(&self, place: &P) -> bool {
        match &self.end {
            End::Never => false,
            End::Fixed(fixed) => place >= fixed,
            End::LastAffected(last) => place > last,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_to(from: u32, to: u32) -> Spans<u32> {
        Spans::new(vec![(Some(from), Turning::Introduced), (Some(to), Turning::Fixed)], None)
    }

    fn free(ranges: &[Spans<u32>], place: u32) -> Option<u32> {
        first_free(&ranges.iter().collect::<Vec<_>>(), &place)
    }

    #[test]
    fn ranges_that_touch_are_left_at_the_end_of_the_last_however_many_there_are() {
        let touching: Vec<_> = (0..1000).rev().map(|at| from_to(at * 2, at * 2 + 2)).collect();
        assert_eq!(free(&touching, 5), Some(2000));
        assert_eq!(free(&touching, 2000), None);
        let gap = [from_to(1, 3), from_to(4, 6)];
        assert_eq!(free(&gap, 2), Some(3));
    }

    #[test]
    fn a_range_that_does_not_end_leaves_nothing_free() {
        let open = Spans::new(vec![(Some(3), Turning::Introduced)], None);
        assert_eq!(free(&[from_to(1, 3), open.clone()], 2), None);
        let limited = Spans { limit: Some(3), ..open };
        assert_eq!(free(&[from_to(1, 3), limited], 2), Some(3));
    }

    #[test]
    fn a_place_is_in_the_span_that_began_last() {
        let mut turns = Vec::new();
        for at in 0..1000 {
            turns.extend([(Some(at * 4), Turning::Introduced), (Some(at * 4 + 2), Turning::Fixed)]);
        }
        let spans = Spans::new(turns, None);
        assert!(spans.hold(&2001) && !spans.hold(&2002) && spans.hold(&2004));
        assert_eq!(spans.fix_for(&2001), Some(&2002));
    }
}
