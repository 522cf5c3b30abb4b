//! Conditions: `selection and not 1 of filter_*`.

use crate::sigma::logic::Logic;

/// How deep brackets may nest.
const MAX_DEPTH: usize = 160;
/// How long a condition may be, in bytes.
const MAX_LENGTH: usize = 64 << 10;

/// How many of several detections must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantifier {
    All,
    AtLeast(usize),
}

/// What the names in a condition stand for.
pub(super) trait Names<A> {
    /// What a name stands for.
    fn named(&self, name: &str) -> Result<Logic<A>, String>;

    /// What `1 of name*` stands for; the pattern may be `them`.
    fn chosen(&self, quantifier: Quantifier, pattern: &str) -> Result<Logic<A>, String>;
}

/// Reads a condition. From least to most binding: `or`, `and`, `not`, `x of y`, brackets.
pub(super) fn condition<A>(text: &str, names: &impl Names<A>) -> Result<Logic<A>, String> {
    let wrong = |reason: String| {
        let shown: String = text.chars().take(80).collect();
        format!("the condition `{shown}` can't be read: {reason}")
    };
    if text.len() > MAX_LENGTH {
        return Err(wrong(format!("it is longer than {MAX_LENGTH} bytes")));
    }
    let mut reading = Reading { words: words(text), at: 0, names };
    let logic = reading.any_of(0).map_err(wrong)?;
    match reading.peek() {
        None => Ok(logic),
        Some(word) if word.starts_with('|') => Err(wrong(
            "what follows `|` is an aggregation of Sigma 1; since Sigma 2 this is a correlation rule"
                .to_owned(),
        )),
        Some(word) => Err(wrong(format!("`and`, `or` or its end is expected before `{word}`"))),
    }
}

/// Brackets, and what stands between brackets and space.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let end = if matches!(first, '(' | ')') {
            1
        } else {
            rest.find(|char: char| char.is_whitespace() || matches!(char, '(' | ')')).unwrap_or(rest.len())
        };
        let (word, after) = rest.split_at(end);
        words.push(word);
        rest = after.trim_start();
    }
    words
}

struct Reading<'t, N> {
    words: Vec<&'t str>,
    at: usize,
    names: &'t N,
}

impl<'t, N> Reading<'t, N> {
    fn peek(&self) -> Option<&'t str> {
        self.words.get(self.at).copied()
    }

    fn is_next(&self, ahead: usize, keyword: &str) -> bool {
        self.words.get(self.at + ahead).is_some_and(|word| word.eq_ignore_ascii_case(keyword))
    }

    fn take(&mut self, keyword: &str) -> bool {
        let is_next = self.is_next(0, keyword);
        self.at += usize::from(is_next);
        is_next
    }

    fn any_of<A>(&mut self, depth: usize) -> Result<Logic<A>, String>
    where
        N: Names<A>,
    {
        let mut parts = vec![self.all_of(depth)?];
        while self.take("or") {
            parts.push(self.all_of(depth)?);
        }
        Ok(Logic::any(parts))
    }

    fn all_of<A>(&mut self, depth: usize) -> Result<Logic<A>, String>
    where
        N: Names<A>,
    {
        let mut parts = vec![self.negated(depth)?];
        while self.take("and") {
            parts.push(self.negated(depth)?);
        }
        Ok(Logic::all(parts))
    }

    fn negated<A>(&mut self, depth: usize) -> Result<Logic<A>, String>
    where
        N: Names<A>,
    {
        let mut negations = 0;
        while self.take("not") {
            negations += 1;
        }
        let inner = self.primary(depth)?;
        Ok(if negations % 2 == 1 { inner.negate() } else { inner })
    }

    fn primary<A>(&mut self, depth: usize) -> Result<Logic<A>, String>
    where
        N: Names<A>,
    {
        if depth > MAX_DEPTH {
            return Err(format!("brackets nest deeper than {MAX_DEPTH}"));
        }
        let word = self.peek().ok_or("it ends where a name is expected")?;
        self.at += 1;
        if word == "(" {
            let inner = self.any_of(depth + 1)?;
            return if self.take(")") { Ok(inner) } else { Err("a bracket is not closed".to_owned()) };
        }
        if self.is_next(0, "of")
            && let Some(quantifier) = quantifier(word)?
        {
            let pattern = self.words.get(self.at + 1).filter(|word| !is_reserved(word));
            let pattern = pattern.ok_or_else(|| format!("a name or `them` is expected after `{word} of`"))?;
            self.at += 2;
            return self.names.chosen(quantifier, pattern);
        }
        if is_reserved(word) {
            return Err(format!("a name is expected where `{word}` stands"));
        }
        self.names.named(word)
    }
}

fn quantifier(word: &str) -> Result<Option<Quantifier>, String> {
    if word.eq_ignore_ascii_case("all") {
        return Ok(Some(Quantifier::All));
    }
    if word.eq_ignore_ascii_case("any") {
        return Ok(Some(Quantifier::AtLeast(1)));
    }
    if !word.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(None);
    }
    match word.parse() {
        Ok(count) if count > 0 => Ok(Some(Quantifier::AtLeast(count))),
        _ => Err(format!("`{word} of` has no meaning")),
    }
}

fn is_reserved(word: &str) -> bool {
    let keywords = ["and", "or", "not", "of", "(", ")"];
    word.starts_with('|') || keywords.iter().any(|keyword| word.eq_ignore_ascii_case(keyword))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Letters;

    impl Names<String> for Letters {
        fn named(&self, name: &str) -> Result<Logic<String>, String> {
            Ok(Logic::Atom(name.to_owned()))
        }

        fn chosen(&self, quantifier: Quantifier, pattern: &str) -> Result<Logic<String>, String> {
            Ok(Logic::Atom(format!("{quantifier:?} of {pattern}")))
        }
    }

    fn truth(text: &str, held: &str) -> bool {
        condition(text, &Letters).unwrap().holds(&mut |name| held.split(' ').any(|one| one == name))
    }

    #[test]
    fn operators_bind_in_their_order() {
        assert!(truth("a or b and c", "a"));
        assert!(!truth("(a or b) and c", "a"));
        assert!(truth("not a or b", "c"));
        assert!(!truth("not (a or b)", "b"));
        assert!(truth("not not a", "a"));
        assert!(truth("a AND NOT b", "a"));
        assert!(truth("not(a)and(b)", "b"));
        assert!(truth("ord and not_x", "ord not_x"));
    }

    #[test]
    fn quantifiers_are_told_from_names() {
        let read = |text: &str| condition(text, &Letters);
        let atom = |text: &str| Ok(Logic::Atom(text.to_owned()));
        assert_eq!(read("1 of sel*"), atom("AtLeast(1) of sel*"));
        assert_eq!(read("All of them"), atom("All of them"));
        assert_eq!(read("all"), atom("all"));
        assert_eq!(read("selection-1.x"), atom("selection-1.x"));
    }

    #[test]
    fn what_is_no_condition_is_refused_with_a_reason() {
        let reason = |text: &str| condition(text, &Letters).unwrap_err();
        for (text, part) in [
            ("", "ends"),
            ("a and", "ends"),
            ("a b", "`b`"),
            ("(a", "not closed"),
            ("a)", "`)`"),
            ("and a", "`and`"),
            ("a | count() > 5", "correlation"),
            ("0 of a*", "0 of"),
            ("1 of", "1 of"),
            ("1 of (a*)", "1 of"),
        ] {
            assert!(reason(text).contains(part), "{text}: {}", reason(text));
        }
        let deep = format!("{}a{}", "(".repeat(200), ")".repeat(200));
        assert!(reason(&deep).contains("deeper"));
        assert!(condition(&format!("{}a", "not ".repeat(10_000)), &Letters).is_ok());
    }
}
