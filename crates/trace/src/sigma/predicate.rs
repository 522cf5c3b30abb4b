//! What a rule asks of one field: the question as data, and the question made ready to be asked.

use std::collections::HashSet;
use std::net::IpAddr;

use aho_corasick::AhoCorasick;

use super::moment::TimePart;
use super::network::Network;
use super::pattern::{Folding, Pattern, Token, fold_into};
use super::regexes::{Flags, Regexes};

/// A question about one field, as data; equal questions of different rules are asked once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Test {
    /// The field is there, whatever it holds.
    Exists,
    /// The field is absent, `null` or empty of values.
    Empty,
    /// Some value is one of these.
    OneOf { folding: Folding, values: Vec<Literal> },
    /// Some value contains a match of one of these.
    Regex { flags: Flags, patterns: Vec<String> },
    /// Some value is an address in one of these networks.
    Cidr(Vec<Network>),
    /// Some value is a number that stands so to this one (its bits).
    Compare { order: Order, than: u64 },
    /// Some value is a time of which this part stands so to this number.
    Part { part: TimePart, order: Order, than: i64 },
    /// Some value stands so to some value of another field.
    Refers { to: String, how: Affix, folding: Folding },
}

/// A value of a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Literal {
    Text(Vec<Token>),
    /// A number as the rule spells it.
    Number(String),
}

/// How a field compares to a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Order {
    Less,
    LessOrEqual,
    Equal,
    GreaterOrEqual,
    Greater,
}

impl Order {
    pub(super) fn holds<T: PartialOrd + Copy>(self, left: T, right: T) -> bool {
        match self {
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Equal => left == right,
            Self::GreaterOrEqual => left >= right,
            Self::Greater => left > right,
        }
    }
}

/// Which part of a value must equal the other field's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Affix {
    Whole,
    Start,
    End,
    Anywhere,
}

impl Affix {
    pub(super) fn holds(self, text: &str, other: &str) -> bool {
        match self {
            Self::Whole => text == other,
            Self::Start => text.starts_with(other),
            Self::End => text.ends_with(other),
            Self::Anywhere => memchr::memmem::find(text.as_bytes(), other.as_bytes()).is_some(),
        }
    }
}

/// A value of an event under test; its folded form is made when first needed.
pub(super) struct Probe<'v, 's> {
    text: &'v str,
    is_number: bool,
    folded: &'s mut String,
    is_folded: bool,
}

impl<'v, 's> Probe<'v, 's> {
    /// `scratch` is overwritten.
    pub(super) fn new(text: &'v str, is_number: bool, scratch: &'s mut String) -> Self {
        Self { text, is_number, folded: scratch, is_folded: false }
    }

    pub(super) fn folded(&mut self) -> &str {
        if !self.is_folded {
            self.folded.clear();
            fold_into(self.text, self.folded);
            self.is_folded = true;
        }
        self.folded
    }
}

/// A question made ready.
#[derive(Debug)]
pub(super) enum Check {
    Exists,
    Empty,
    OneOf(Box<TextSet>),
    Regex(Box<Regexes>),
    Cidr(Vec<Network>),
    Compare { order: Order, than: f64 },
    Part { part: TimePart, order: Order, than: i64 },
    Refers { how: Affix, folding: Folding },
}

impl Check {
    /// Fails, with the reason, where a pattern can't be used.
    pub(super) fn new(test: &Test) -> Result<Self, String> {
        Ok(match test {
            Test::Exists => Self::Exists,
            Test::Empty => Self::Empty,
            Test::OneOf { folding, values } => Self::OneOf(Box::new(TextSet::new(*folding, values)?)),
            Test::Regex { flags, patterns } => Self::Regex(Box::new(Regexes::new(*flags, patterns)?)),
            Test::Cidr(networks) => Self::Cidr(networks.clone()),
            Test::Compare { order, than } => Self::Compare { order: *order, than: f64::from_bits(*than) },
            Test::Part { part, order, than } => Self::Part { part: *part, order: *order, than: *than },
            Test::Refers { how, folding, .. } => Self::Refers { how: *how, folding: *folding },
        })
    }

    /// Whether one value (not null) satisfies the question; what is asked of the field as a whole is not
    /// answered here.
    pub(super) fn accepts(&self, probe: &mut Probe<'_, '_>) -> bool {
        match self {
            Self::Exists | Self::Empty | Self::Refers { .. } => false,
            Self::OneOf(set) => set.accepts(probe),
            Self::Regex(regexes) => regexes.find_in(probe.text),
            Self::Cidr(networks) => in_network(probe.text, networks),
            Self::Compare { order, than } => {
                let number = probe.text.trim().parse().ok().filter(|number: &f64| number.is_finite());
                number.is_some_and(|number| order.holds(number, *than))
            }
            Self::Part { part, order, than } => {
                part.of(probe.text).is_some_and(|number| order.holds(number, *than))
            }
        }
    }

    /// The values that satisfy it by being equal to the folded text, if it asks for such.
    pub(super) fn exact_folded(&self) -> impl Iterator<Item = &str> {
        let set = if let Self::OneOf(set) = self { Some(set) } else { None };
        set.into_iter().flat_map(|set| set.exact_folded.iter().map(|text| &**text))
    }

    /// Texts, folded, of which every value that satisfies it contains one; `None` where none are known.
    pub(super) fn needs(&self) -> Option<&[Box<str>]> {
        if let Self::OneOf(set) = self { set.needs.as_deref() } else { None }
    }

    /// Whether nothing but [`Self::exact_folded`] can satisfy it.
    pub(super) fn is_exact_only(&self) -> bool {
        matches!(self, Self::OneOf(set) if set.is_exact_only())
    }
}

fn in_network(text: &str, networks: &[Network]) -> bool {
    text.parse::<IpAddr>().is_ok_and(|address| networks.iter().any(|net| net.contains(address)))
}

/// The longest text, folded, that every value of this literal contains; a number may be spelled otherwise.
fn longest_part(literal: &Literal) -> Option<Box<str>> {
    let Literal::Text(tokens) = literal else { return None };
    let parts = tokens.iter().filter_map(|token| match token {
        Token::Literal(bytes) => std::str::from_utf8(bytes).ok(),
        Token::Many | Token::One => None,
    });
    let longest = parts.max_by_key(|part| part.len()).filter(|part| !part.is_empty())?;
    let mut folded = String::new();
    fold_into(longest, &mut folded);
    Some(folded.into())
}

/// Values of which one must be met.
#[derive(Debug, Default)]
pub(super) struct TextSet {
    exact_folded: HashSet<Box<str>, foldhash::fast::RandomState>,
    exact_cased: HashSet<Box<str>, foldhash::fast::RandomState>,
    numbers: Vec<f64>,
    folded: Vec<Pattern>,
    cased: Vec<Pattern>,
    anywhere_folded: Option<AhoCorasick>,
    needs: Option<Vec<Box<str>>>,
}

impl TextSet {
    /// From how many `*text*` patterns on one automaton is worth its memory.
    const MANY: usize = 6;

    fn new(folding: Folding, values: &[Literal]) -> Result<Self, String> {
        let mut set = Self::default();
        let mut anywhere = Vec::new();
        for value in values {
            match value {
                Literal::Number(spelled) => set.add_number(spelled),
                Literal::Text(tokens) => set.add_text(folding, tokens, &mut anywhere)?,
            }
        }
        set.add_anywhere(anywhere)?;
        set.needs = values.iter().map(longest_part).collect();
        Ok(set)
    }

    fn add_number(&mut self, spelled: &str) {
        self.exact_folded.insert(spelled.into());
        let number = spelled.parse::<f64>().ok();
        if spelled.contains(['.', 'e']) {
            // `1.0` is spelled `1` as well; a log may hold either as text.
            self.exact_folded.extend(number.map(|number| number.to_string().into()));
        }
        self.numbers.extend(number);
    }

    fn add_text(
        &mut self,
        folding: Folding,
        tokens: &[Token],
        anywhere: &mut Vec<Pattern>,
    ) -> Result<(), String> {
        let pattern = Pattern::new(tokens, folding)
            .map_err(|_| "an encoded value is not text, so it can't occur in an event".to_owned())?;
        match (pattern, folding) {
            (Pattern::Exact(text), Folding::CaseIgnored) => drop(self.exact_folded.insert(text)),
            (Pattern::Exact(text), Folding::CaseCounts) => drop(self.exact_cased.insert(text)),
            (pattern @ Pattern::Contains(_), Folding::CaseIgnored) => anywhere.push(pattern),
            (pattern, Folding::CaseIgnored) => self.folded.push(pattern),
            (pattern, Folding::CaseCounts) => self.cased.push(pattern),
        }
        Ok(())
    }

    fn add_anywhere(&mut self, anywhere: Vec<Pattern>) -> Result<(), String> {
        if anywhere.len() < Self::MANY {
            self.folded.extend(anywhere);
            return Ok(());
        }
        let needles = anywhere.iter().filter_map(|pattern| match pattern {
            Pattern::Contains(finder) => Some(finder.needle()),
            _ => None,
        });
        let automaton = AhoCorasick::new(needles).map_err(|error| format!("too many values: {error}"))?;
        self.anywhere_folded = Some(automaton);
        Ok(())
    }

    fn is_exact_only(&self) -> bool {
        self.exact_cased.is_empty()
            && self.numbers.is_empty()
            && self.folded.is_empty()
            && self.cased.is_empty()
            && self.anywhere_folded.is_none()
    }

    fn accepts(&self, probe: &mut Probe<'_, '_>) -> bool {
        self.accepts_cased(probe) || self.accepts_folded(probe)
    }

    fn accepts_cased(&self, probe: &Probe<'_, '_>) -> bool {
        if self.exact_cased.contains(probe.text) || self.cased.iter().any(|cased| cased.matches(probe.text)) {
            return true;
        }
        // Whole numbers are compared by their spelling, since not all of them have a float of their own.
        if self.numbers.is_empty() || !probe.is_number || !probe.text.contains(['.', 'e', 'E']) {
            return false;
        }
        // Equal to the bit: a rule's 1 is the event's 1.0 and not its 1.0000001.
        #[allow(clippy::float_cmp, reason = "exact equality is what is asked")]
        probe.text.parse::<f64>().is_ok_and(|number| self.numbers.contains(&number))
    }

    fn accepts_folded(&self, probe: &mut Probe<'_, '_>) -> bool {
        if self.exact_folded.is_empty() && self.folded.is_empty() && self.anywhere_folded.is_none() {
            return false;
        }
        let folded = probe.folded();
        self.exact_folded.contains(folded)
            || self.folded.iter().any(|pattern| pattern.matches(folded))
            || self.anywhere_folded.as_ref().is_some_and(|automaton| automaton.is_match(folded))
    }
}
