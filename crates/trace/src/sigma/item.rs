//! A detection item (`field|modifiers: values`) and what it asks.

use std::collections::BTreeMap;

use super::encoding::{self, Utf16};
use super::logic::Logic;
use super::moment::TimePart;
use super::network::Network;
use super::pattern::{Folding, Token, tokens};
use super::predicate::{Affix, Check, Literal, Order, Test};
use super::regexes::Flags;

/// The values of placeholders (`%Administrators%` for `|expand`), by name without the percent signs. A
/// value is a Sigma string: wildcards in it are wildcards.
pub type Placeholders = BTreeMap<String, Vec<String>>;

/// How many values one item may come to.
const MAX_VALUES: usize = 50_000;

/// A detection item as it is written.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// `None` for a keyword search.
    pub(super) field: Option<String>,
    pub(super) modifiers: Vec<Modifier>,
    pub(super) values: Vec<Written>,
}

/// A value as it is written.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Written {
    Text(String),
    Number(String),
    Bool(bool),
    Null,
}

/// A modifier of the specification's appendix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Modifier {
    Contains,
    StartsWith,
    EndsWith,
    All,
    Base64,
    Base64Offset,
    Utf16(Utf16),
    WinDash,
    Re,
    IgnoreCase,
    MultiLine,
    DotAll,
    Cidr,
    Cased,
    Exists,
    Expand,
    FieldRef,
    Compare(Order),
    NotEqual,
    Part(TimePart),
}

impl Modifier {
    /// The modifier of this name.
    pub(super) fn named(name: &str) -> Result<Self, String> {
        Ok(match name {
            "contains" => Self::Contains,
            "startswith" => Self::StartsWith,
            "endswith" => Self::EndsWith,
            "all" => Self::All,
            "base64" => Self::Base64,
            "base64offset" => Self::Base64Offset,
            "wide" | "utf16le" => Self::Utf16(Utf16::Little),
            "utf16be" => Self::Utf16(Utf16::Big),
            "utf16" => Self::Utf16(Utf16::Marked),
            "windash" => Self::WinDash,
            "re" => Self::Re,
            "i" | "ignorecase" => Self::IgnoreCase,
            "m" | "multiline" => Self::MultiLine,
            "s" | "dotall" => Self::DotAll,
            "cidr" => Self::Cidr,
            "cased" => Self::Cased,
            "exists" => Self::Exists,
            "expand" => Self::Expand,
            "fieldref" => Self::FieldRef,
            "gt" => Self::Compare(Order::Greater),
            "gte" => Self::Compare(Order::GreaterOrEqual),
            "lt" => Self::Compare(Order::Less),
            "lte" => Self::Compare(Order::LessOrEqual),
            "neq" => Self::NotEqual,
            "minute" => Self::Part(TimePart::Minute),
            "hour" => Self::Part(TimePart::Hour),
            "day" => Self::Part(TimePart::Day),
            "week" => Self::Part(TimePart::Week),
            "month" => Self::Part(TimePart::Month),
            "year" => Self::Part(TimePart::Year),
            "not" => return Err("`not` stands in a condition; as a modifier it is `neq`".to_owned()),
            other => return Err(format!("the modifier `{other}` is not known")),
        })
    }
}

/// One question to one field of the event, or (`None`) to all its values.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct FieldTest {
    pub(super) field: Option<String>,
    pub(super) test: Test,
}

/// What the item asks. The reason of a failure is meant for the rule's author.
pub(super) fn meaning(item: &Item, placeholders: &Placeholders) -> Result<Logic<FieldTest>, String> {
    Meaning::read(item)?.build(item, placeholders)
}

/// The modifiers, sorted by what they act on.
#[derive(Default)]
#[allow(clippy::struct_excessive_bools, reason = "modifiers are there or not, each for itself")]
struct Meaning {
    /// Whether anything may stand before the value.
    open_start: bool,
    /// Whether anything may stand after it.
    open_end: bool,
    all: bool,
    cased: bool,
    expand: bool,
    exists: bool,
    cidr: bool,
    refers: bool,
    not_equal: bool,
    regex: Option<Flags>,
    order: Option<Order>,
    part: Option<TimePart>,
    encodings: Vec<Modifier>,
}

impl Meaning {
    fn read(item: &Item) -> Result<Self, String> {
        let mut meaning = Self::default();
        for modifier in &item.modifiers {
            meaning.add(*modifier)?;
        }
        meaning.check(item)?;
        Ok(meaning)
    }

    fn add(&mut self, modifier: Modifier) -> Result<(), String> {
        match modifier {
            Modifier::Contains => (self.open_start, self.open_end) = (true, true),
            Modifier::StartsWith => self.open_end = true,
            Modifier::EndsWith => self.open_start = true,
            Modifier::All => self.all = true,
            Modifier::Cased => self.cased = true,
            Modifier::Expand => self.expand = true,
            Modifier::Exists => self.exists = true,
            Modifier::Cidr => self.cidr = true,
            Modifier::FieldRef => self.refers = true,
            Modifier::NotEqual => self.not_equal = true,
            Modifier::Re => self.regex = Some(self.regex.unwrap_or_default()),
            Modifier::IgnoreCase => self.flags()?.ignore_case = true,
            Modifier::MultiLine => self.flags()?.multi_line = true,
            Modifier::DotAll => self.flags()?.dot_all = true,
            Modifier::Compare(order) => once(&mut self.order, order, "comparisons")?,
            Modifier::Part(part) => once(&mut self.part, part, "parts of a time")?,
            Modifier::Base64 | Modifier::Base64Offset | Modifier::Utf16(_) | Modifier::WinDash => {
                self.encodings.push(modifier);
            }
        }
        Ok(())
    }

    fn flags(&mut self) -> Result<&mut Flags, String> {
        self.regex.as_mut().ok_or_else(|| "the modifiers `i`, `m` and `s` come after `re`".to_owned())
    }

    fn affix(&self) -> Affix {
        match (self.open_start, self.open_end) {
            (false, false) => Affix::Whole,
            (false, true) => Affix::Start,
            (true, false) => Affix::End,
            (true, true) => Affix::Anywhere,
        }
    }

    fn is_numeric(&self) -> bool {
        self.order.is_some() || self.part.is_some()
    }

    fn check(&self, item: &Item) -> Result<(), String> {
        let kinds = [
            ("`exists`", self.exists),
            ("`cidr`", self.cidr),
            ("`fieldref`", self.refers),
            ("`re`", self.regex.is_some()),
            ("a comparison or a part of a time", self.is_numeric()),
            ("an encoding", !self.encodings.is_empty()),
        ];
        let given: Vec<&str> = kinds.iter().filter(|(_, given)| *given).map(|(name, _)| *name).collect();
        if let [first, second, ..] = given.as_slice() {
            return Err(format!("the modifiers {first} and {second} can't stand together"));
        }
        let affixed = self.affix() != Affix::Whole;
        let extras = [
            (
                "`contains`, `startswith` and `endswith`",
                affixed,
                self.exists || self.cidr || self.is_numeric(),
            ),
            ("`cased`", self.cased, self.exists || self.cidr || self.is_numeric() || self.regex.is_some()),
            ("`expand`", self.expand, self.exists || self.refers),
            ("`all` and `neq`", self.all || self.not_equal, self.exists),
        ];
        if let Some((name, ..)) = extras.iter().find(|(_, given, senseless)| *given && *senseless) {
            return Err(format!("{name} can't stand with {}", given.concat()));
        }
        let needs_field = self.exists || self.cidr || self.refers || self.not_equal || self.is_numeric();
        if item.field.is_none() && needs_field {
            return Err("this modifier needs a field".to_owned());
        }
        if item.values.is_empty() {
            return Err("the list of values is empty".to_owned());
        }
        Ok(())
    }

    fn build(&self, item: &Item, placeholders: &Placeholders) -> Result<Logic<FieldTest>, String> {
        let on_field = |test: Test| Logic::Atom(FieldTest { field: item.field.clone(), test });
        if self.exists {
            return match item.values.as_slice() {
                [Written::Bool(true)] => Ok(on_field(Test::Exists)),
                [Written::Bool(false)] => Ok(on_field(Test::Exists).negate()),
                _ => Err("`exists` takes `true` or `false`".to_owned()),
            };
        }
        let any_of = |values: &[Written]| {
            let tests = self.tests(item, &self.expanded(values, placeholders)?)?;
            if self.regex.is_some() || !self.encodings.is_empty() {
                // They may turn out to be unusable; here it is known where they stand.
                tests.iter().try_for_each(|test| Check::new(test).map(drop))?;
            }
            Ok::<_, String>(Logic::any(tests.into_iter().map(on_field).collect()))
        };
        let positive = if self.all {
            let each = item.values.iter().map(|value| any_of(std::slice::from_ref(value)));
            Logic::all(each.collect::<Result<_, _>>()?)
        } else {
            any_of(&item.values)?
        };
        // As the reference implementation has it: no value of the field is one of these, and so there may be none.
        Ok(if self.not_equal { positive.negate() } else { positive })
    }

    /// The values with their placeholders replaced, of which one must be met.
    fn expanded(&self, values: &[Written], placeholders: &Placeholders) -> Result<Vec<Written>, String> {
        if !self.expand {
            return Ok(values.to_vec());
        }
        let insert = if self.regex.is_some() { regex::escape } else { str::to_owned };
        let mut all = Vec::new();
        for value in values {
            match value {
                Written::Text(text) => {
                    all.extend(expand(text, placeholders, insert)?.into_iter().map(Written::Text));
                }
                other => all.push(other.clone()),
            }
        }
        Ok(all)
    }

    /// The questions of which one must be answered with yes.
    fn tests(&self, item: &Item, values: &[Written]) -> Result<Vec<Test>, String> {
        if self.cidr {
            let networks = values.iter().map(|value| Network::parse(&text_of(value)?));
            return Ok(vec![Test::Cidr(networks.collect::<Result<_, String>>()?)]);
        }
        if self.refers {
            return values.iter().map(|value| self.reference(value)).collect();
        }
        if self.is_numeric() {
            return values.iter().map(|value| self.comparison(value)).collect();
        }
        if let Some(flags) = self.regex {
            return self.regex(flags, values);
        }
        self.texts(item, values)
    }

    fn reference(&self, value: &Written) -> Result<Test, String> {
        let Written::Text(to) = value else { return Err("`fieldref` takes the name of a field".to_owned()) };
        if tokens(to).iter().any(|token| !matches!(token, Token::Literal(_))) {
            return Err("the name of a field has no wildcards".to_owned());
        }
        Ok(Test::Refers { to: to.clone(), how: self.affix(), folding: self.folding() })
    }

    fn comparison(&self, value: &Written) -> Result<Test, String> {
        let spelled = text_of(value)?;
        let order = self.order.unwrap_or(Order::Equal);
        let Some(part) = self.part else {
            let than = spelled.trim().parse().ok().filter(|than: &f64| than.is_finite());
            let than = than.ok_or_else(|| format!("`{spelled}` is not a number"))?;
            return Ok(Test::Compare { order, than: than.to_bits() });
        };
        let than = spelled.trim().parse().map_err(|_| format!("`{spelled}` is not a whole number"))?;
        Ok(Test::Part { part, order, than })
    }

    fn regex(&self, flags: Flags, values: &[Written]) -> Result<Vec<Test>, String> {
        let mut patterns = Vec::new();
        for value in values {
            let pattern = text_of(value)?;
            patterns.push(match self.affix() {
                Affix::Start => format!("^(?:{pattern})"),
                Affix::End => format!("(?:{pattern})$"),
                Affix::Whole | Affix::Anywhere => pattern,
            });
        }
        patterns.sort();
        patterns.dedup();
        Ok(vec![Test::Regex { flags, patterns }])
    }

    fn texts(&self, item: &Item, values: &[Written]) -> Result<Vec<Test>, String> {
        let mut literals = Vec::new();
        let mut tests = Vec::new();
        for value in values {
            match value {
                Written::Null if item.field.is_none() => return Err("a keyword can't be null".to_owned()),
                Written::Null if self.is_plain(item) => tests.push(Test::Empty),
                Written::Number(spelled) if self.is_plain(item) => {
                    literals.push(Literal::Number(spelled.clone()));
                }
                other => self.text(item, &text_of(other)?, &mut literals)?,
            }
            if literals.len() > MAX_VALUES {
                return Err(format!("the values come to more than {MAX_VALUES}"));
            }
        }
        literals.sort();
        literals.dedup();
        if !literals.is_empty() {
            tests.push(Test::OneOf { folding: self.folding(), values: literals });
        }
        tests.dedup();
        Ok(tests)
    }

    fn is_plain(&self, item: &Item) -> bool {
        item.field.is_some() && self.affix() == Affix::Whole && self.encodings.is_empty()
    }

    fn text(&self, item: &Item, text: &str, out: &mut Vec<Literal>) -> Result<(), String> {
        let mut forms = vec![tokens(text)];
        for encoding in &self.encodings {
            forms = encode(&forms, *encoding)?;
        }
        let affix = if item.field.is_none() { Affix::Anywhere } else { self.affix() };
        out.extend(forms.into_iter().map(|form| Literal::Text(affixed(form, affix))));
        Ok(())
    }

    fn folding(&self) -> Folding {
        if self.cased { Folding::CaseCounts } else { Folding::CaseIgnored }
    }
}

fn once<T>(slot: &mut Option<T>, value: T, what: &str) -> Result<(), String> {
    if slot.replace(value).is_some() { Err(format!("two {what} can't stand together")) } else { Ok(()) }
}

fn text_of(value: &Written) -> Result<String, String> {
    match value {
        Written::Text(text) | Written::Number(text) => Ok(text.clone()),
        Written::Bool(truth) => Ok(truth.to_string()),
        Written::Null => Err("null has no meaning with this modifier".to_owned()),
    }
}

fn encode(forms: &[Vec<Token>], encoding: Modifier) -> Result<Vec<Vec<Token>>, String> {
    let mut out = Vec::new();
    for form in forms {
        match encoding {
            Modifier::Base64 => out.push(encoding::base64(form)?),
            Modifier::Base64Offset => out.extend(encoding::base64_offsets(form)?),
            Modifier::Utf16(order) => out.push(encoding::utf16(form, order)?),
            _ => out.extend(encoding::dashes(form)?),
        }
    }
    Ok(out)
}

fn affixed(mut form: Vec<Token>, affix: Affix) -> Vec<Token> {
    if matches!(affix, Affix::End | Affix::Anywhere) && form.first() != Some(&Token::Many) {
        form.insert(0, Token::Many);
    }
    if matches!(affix, Affix::Start | Affix::Anywhere) && form.last() != Some(&Token::Many) {
        form.push(Token::Many);
    }
    form
}

/// The text with each `%name%` replaced by each of the values of that name; `\%` is a percent sign.
fn expand(
    text: &str,
    placeholders: &Placeholders,
    insert: fn(&str) -> String,
) -> Result<Vec<String>, String> {
    let mut all = vec![String::new()];
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '%']) {
        let (before, here) = rest.split_at(at);
        for form in &mut all {
            form.push_str(before);
        }
        if let Some(after) = here.strip_prefix('\\') {
            let kept = if after.starts_with('%') { "" } else { "\\" };
            let escaped = after.chars().next().map_or(0, char::len_utf8);
            for form in &mut all {
                form.push_str(kept);
                form.push_str(&after[..escaped]);
            }
            rest = &after[escaped..];
            continue;
        }
        let Some((name, after)) = placeholder(&here[1..]) else {
            for form in &mut all {
                form.push('%');
            }
            rest = &here[1..];
            continue;
        };
        let values = placeholders.get(name).filter(|values| !values.is_empty());
        let values = values.ok_or_else(|| format!("the placeholder `%{name}%` has no value"))?;
        if all.len().saturating_mul(values.len()) > MAX_VALUES {
            return Err(format!("the placeholders come to more than {MAX_VALUES} values"));
        }
        let joined =
            |form: &String| values.iter().map(|value| format!("{form}{}", insert(value))).collect::<Vec<_>>();
        all = all.iter().flat_map(joined).collect();
        rest = after;
    }
    for form in &mut all {
        form.push_str(rest);
    }
    Ok(all)
}

/// The name up to the closing percent sign, and what follows.
fn placeholder(text: &str) -> Option<(&str, &str)> {
    text.split_once('%').filter(|(name, _)| is_placeholder_name(name))
}

/// Whether a placeholder may have this name: letters, digits, `_`, `-` and `.`.
pub fn is_placeholder_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|char| char.is_alphanumeric() || matches!(char, '_' | '-' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_replaced_by_each_of_their_values() {
        let values = Placeholders::from([("name".to_owned(), vec!["a*".to_owned(), "b".to_owned()])]);
        let of = |text: &str| expand(text, &values, str::to_owned);
        assert_eq!(of("x%name%y").unwrap(), ["xa*y", "xby"]);
        assert_eq!(of(r"\%plain%name%").unwrap(), ["%plaina*", "%plainb"]);
        assert_eq!(of("100%").unwrap(), ["100%"]);
        assert_eq!(of("50% or 60%").unwrap(), ["50% or 60%"]);
        assert_eq!(of(r"c:\x\%name%").unwrap(), [r"c:\x%name%"]);
        assert!(of("%other%").unwrap_err().contains("%other%"));
    }
}
