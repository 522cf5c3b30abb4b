//! Boolean expressions over atoms, and their evaluation while some atoms are unknown.

/// A boolean expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Logic<A> {
    Const(bool),
    Atom(A),
    Not(Box<Logic<A>>),
    All(Vec<Logic<A>>),
    Any(Vec<Logic<A>>),
    AtLeast(usize, Vec<Logic<A>>),
}

impl<A> Logic<A> {
    /// The conjunction, flattened where that is free.
    pub(super) fn all(mut parts: Vec<Logic<A>>) -> Logic<A> {
        match parts.len() {
            1 => parts.remove(0),
            _ => Logic::All(parts),
        }
    }

    /// The disjunction, flattened where that is free.
    pub(super) fn any(mut parts: Vec<Logic<A>>) -> Logic<A> {
        match parts.len() {
            1 => parts.remove(0),
            _ => Logic::Any(parts),
        }
    }

    pub(super) fn negate(self) -> Logic<A> {
        Logic::Not(Box::new(self))
    }

    /// The same expression over other atoms; the first failure ends it.
    pub(super) fn try_map<B, E>(self, map: &mut impl FnMut(A) -> Result<B, E>) -> Result<Logic<B>, E> {
        let mut each = |parts: Vec<Logic<A>>| {
            parts.into_iter().map(|part| part.try_map(map)).collect::<Result<Vec<_>, E>>()
        };
        Ok(match self {
            Logic::Const(truth) => Logic::Const(truth),
            Logic::All(parts) => Logic::All(each(parts)?),
            Logic::Any(parts) => Logic::Any(each(parts)?),
            Logic::AtLeast(count, parts) => Logic::AtLeast(count, each(parts)?),
            Logic::Atom(atom) => Logic::Atom(map(atom)?),
            Logic::Not(inner) => inner.try_map(map)?.negate(),
        })
    }

    /// Calls `see` on every atom.
    pub(super) fn each_atom(&self, see: &mut impl FnMut(&A)) {
        match self {
            Logic::Const(_) => {}
            Logic::Atom(atom) => see(atom),
            Logic::Not(inner) => inner.each_atom(see),
            Logic::All(parts) | Logic::Any(parts) | Logic::AtLeast(_, parts) => {
                for part in parts {
                    part.each_atom(see);
                }
            }
        }
    }

    /// Calls `see` for every negation.
    pub(super) fn each_not(&self, see: &mut impl FnMut()) {
        match self {
            Logic::Const(_) | Logic::Atom(_) => {}
            Logic::Not(inner) => {
                see();
                inner.each_not(see);
            }
            Logic::All(parts) | Logic::Any(parts) | Logic::AtLeast(_, parts) => {
                for part in parts {
                    part.each_not(see);
                }
            }
        }
    }

    /// The truth of the expression, atoms being asked only as far as they are needed.
    pub(super) fn holds(&self, ask: &mut impl FnMut(&A) -> bool) -> bool {
        match self {
            Logic::Const(truth) => *truth,
            Logic::Atom(atom) => ask(atom),
            Logic::Not(inner) => !inner.holds(ask),
            Logic::All(parts) => parts.iter().all(|part| part.holds(ask)),
            Logic::Any(parts) => parts.iter().any(|part| part.holds(ask)),
            Logic::AtLeast(count, parts) => {
                *count == 0 || parts.iter().filter(|part| part.holds(ask)).nth(count - 1).is_some()
            }
        }
    }
}

impl<A: Clone> Logic<A> {
    /// What is left of the expression once `known` has decided the atoms it can (Kleene's three values).
    pub(super) fn residual(&self, known: &impl Fn(&A) -> Option<bool>) -> Logic<A> {
        match self {
            Logic::Const(truth) => Logic::Const(*truth),
            Logic::Atom(atom) => known(atom).map_or_else(|| self.clone(), Logic::Const),
            Logic::Not(inner) => match inner.residual(known) {
                Logic::Const(truth) => Logic::Const(!truth),
                Logic::Not(inner) => *inner,
                other => other.negate(),
            },
            Logic::All(parts) => Self::fold(parts, known, false, Logic::all),
            Logic::Any(parts) => Self::fold(parts, known, true, Logic::any),
            Logic::AtLeast(count, parts) => Self::fold_count(*count, parts, known),
        }
    }

    /// Folds a chain whose outcome is `decisive` as soon as one part is.
    fn fold(
        parts: &[Logic<A>],
        known: &impl Fn(&A) -> Option<bool>,
        decisive: bool,
        join: fn(Vec<Logic<A>>) -> Logic<A>,
    ) -> Logic<A> {
        let mut left = Vec::new();
        for part in parts {
            match part.residual(known) {
                Logic::Const(truth) if truth == decisive => return Logic::Const(decisive),
                Logic::Const(_) => {}
                other => left.push(other),
            }
        }
        if left.is_empty() { Logic::Const(!decisive) } else { join(left) }
    }

    fn fold_count(count: usize, parts: &[Logic<A>], known: &impl Fn(&A) -> Option<bool>) -> Logic<A> {
        let mut missing = count;
        let mut left = Vec::new();
        for part in parts {
            match part.residual(known) {
                Logic::Const(true) => missing = missing.saturating_sub(1),
                Logic::Const(false) => {}
                other => left.push(other),
            }
        }
        if missing == 0 {
            return Logic::Const(true);
        }
        if left.len() < missing { Logic::Const(false) } else { Logic::AtLeast(missing, left) }
    }
}

#[cfg(test)]
mod tests {
    use super::Logic::{All, Any, AtLeast, Atom, Const};

    #[test]
    fn a_known_atom_decides_or_disappears() {
        let rule = All(vec![Atom(0), Any(vec![Atom(1), Atom(2)]), Atom(3).negate()]);
        let knows = |atom: u32, truth: bool| move |asked: &u32| (*asked == atom).then_some(truth);
        assert_eq!(rule.residual(&knows(0, false)), Const(false));
        assert_eq!(rule.residual(&knows(3, true)), Const(false));
        assert_eq!(rule.residual(&knows(1, true)), All(vec![Atom(0), Atom(3).negate()]));
    }

    #[test]
    fn a_count_is_lowered_by_what_is_known() {
        let rule = AtLeast(2, vec![Atom(0), Atom(1), Atom(2)]);
        assert_eq!(rule.residual(&|atom| (*atom == 0).then_some(true)), AtLeast(1, vec![Atom(1), Atom(2)]));
        assert_eq!(rule.residual(&|atom| (*atom < 2).then_some(false)), Const(false));
        assert!(rule.holds(&mut |atom| *atom != 1));
        assert!(!rule.holds(&mut |atom| *atom == 1));
    }
}
