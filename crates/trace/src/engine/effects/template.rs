//! Texts with placeholders that are filled from an event.

use std::borrow::Cow;

use crate::json::Json;

use crate::engine::births::look::{account_of, all, leaf, partition_of, plain};
use crate::event::Event;

/// How many identifiers one event may fill a template to: no call names more, and a hostile log must not multiply.
const MOST: usize = 1_000;

/// A text with placeholders.
#[derive(Debug, Clone, Default)]
pub(super) struct Template(Vec<Part>);

/// A piece of a [`Template`].
#[derive(Debug, Clone)]
pub(super) enum Part {
    Text(&'static str),
    Place(Places),
}

/// Places of which the first that has a value counts.
#[derive(Debug, Clone)]
pub(super) struct Places(Vec<(Place, Filter)>);

#[derive(Debug, Clone)]
enum Place {
    Request(Vec<&'static str>),
    Response(Vec<&'static str>),
    Additional(Vec<&'static str>),
    Resource(Vec<&'static str>),
    Account,
    Region,
    Partition,
    CallerUser,
    Id,
    Openings,
}

/// What becomes of a value before it is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Filter {
    AsIs,
    /// What follows the last `/` or `:`.
    Name,
    /// What follows the last `:`.
    Last,
    /// What follows the last `/`.
    Path,
    Lower,
    /// An ARN without its path.
    Plain,
    /// The account of an ARN; a bare account as it is.
    Account,
    /// The name in the ARN of a function or layer, without version or alias.
    Function,
    /// The name in the ARN of a secret, without the six random characters.
    Secret,
    /// A parameter's name with one leading `/`, without version or label.
    Parameter,
    /// The name in the ARN of a table.
    Table,
    /// The name in the ARN of a stack.
    Stack,
    /// The bucket of `x-amz-copy-source`.
    Bucket,
    /// The option for a grantee: `group-names` for `all`, else `user-ids`.
    Grantee,
    /// The last three segments as an IP permission of the CLI.
    Opening,
    /// Without the percent signs of a URL: EKS logs the ARN that stands in the path of a call.
    Decoded,
}

/// Whether a value is there, is a text, or is not.
#[derive(Debug, Clone)]
pub(super) struct Condition {
    place: Place,
    test: Test,
}

#[derive(Debug, Clone, Copy)]
enum Test {
    There,
    Is(&'static str),
    IsNot(&'static str),
    Lacks(&'static str),
}

impl Template {
    /// Reads a template; `None` if a placeholder, place or filter is not known.
    pub(super) fn parse(text: &'static str) -> Option<Self> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((literal, after)) = rest.split_once('{') {
            let (inside, after) = after.split_once('}')?;
            parts.push(Part::Text(literal));
            parts.push(Part::Place(Places::parse(inside)?));
            rest = after;
        }
        parts.push(Part::Text(rest));
        parts.retain(|part| !matches!(part, Part::Text("")));
        Some(Self(parts))
    }

    pub(super) fn parts(&self) -> &[Part] {
        &self.0
    }

    pub(super) fn begins_with(&self, start: &str) -> bool {
        matches!(self.0.first(), Some(Part::Text(text)) if text.starts_with(start))
    }
}

impl Places {
    fn parse(text: &'static str) -> Option<Self> {
        let one = |text: &'static str| {
            let (place, filter) = text.split_once(':').unwrap_or((text, ""));
            Some((Place::parse(place)?, Filter::parse(filter)?))
        };
        text.split('|').map(one).collect::<Option<Vec<_>>>().map(Self)
    }

    /// What stands for the value where the event does not have it: the last step of the path, in capitals.
    pub(super) fn stand_in(&self) -> String {
        let path = self.0.first().map(|(place, _)| place);
        match path {
            Some(Place::Request(path) | Place::Response(path) | Place::Additional(path)) => {
                path.last().map_or_else(|| "VALUE".to_owned(), |step| step.to_uppercase())
            }
            _ => "VALUE".to_owned(),
        }
    }
}

impl Place {
    fn parse(text: &'static str) -> Option<Self> {
        let (root, path) = text.split_once('.').unwrap_or((text, ""));
        let steps = || {
            let step = |step: &'static str| match step.strip_suffix("[]") {
                Some(name) => vec![name, "[]"],
                None => vec![step],
            };
            path.split('.').flat_map(step).collect::<Vec<_>>()
        };
        Some(match (root, path) {
            ("account", "") => Self::Account,
            ("region", "") => Self::Region,
            ("partition", "") => Self::Partition,
            ("id", "") => Self::Id,
            ("openings", "") => Self::Openings,
            ("caller", "user") => Self::CallerUser,
            (_, "") => return None,
            ("request", _) => Self::Request(steps()),
            ("response", _) => Self::Response(steps()),
            ("additional", _) => Self::Additional(steps()),
            ("resource", _) => Self::Resource(std::iter::once("[]").chain(steps()).collect()),
            _ => return None,
        })
    }
}

impl Condition {
    pub(super) fn parse(condition: &'static str) -> Option<Self> {
        if let Some((path, value)) = condition.split_once("!~") {
            return Some(Self { place: Place::parse(path)?, test: Test::Lacks(value) });
        }
        let (path, test) = match (condition.split_once("!="), condition.split_once('=')) {
            (Some((path, value)), _) => (path, Test::IsNot(value)),
            (None, Some((path, value))) => (path, Test::Is(value)),
            (None, None) => (condition, Test::There),
        };
        Some(Self { place: Place::parse(path)?, test })
    }
}

/// An event as templates see it.
pub(super) struct Scope<'s, 'e> {
    event: &'s Event<'e>,
}

impl<'s, 'e> Scope<'s, 'e> {
    pub(super) const fn new(event: &'s Event<'e>) -> Self {
        Self { event }
    }

    pub(super) fn region(&self) -> &str {
        &self.event.wire.region
    }

    /// All texts that a template becomes: one for each value of each placeholder; none if one has no value.
    pub(super) fn fill(&self, template: &Template) -> Vec<String> {
        let mut texts = vec![String::new()];
        for part in template.parts() {
            match part {
                Part::Text(literal) => texts.iter_mut().for_each(|text| text.push_str(literal)),
                Part::Place(places) => {
                    let values = self.values(places, None);
                    texts = texts
                        .iter()
                        .flat_map(|text| values.iter().map(move |value| format!("{text}{value}")))
                        .take(MOST)
                        .collect();
                }
            }
        }
        texts
    }

    /// The first value of a placeholder; `id` is what stands for the effect's own identifier.
    pub(super) fn first<'a>(&'a self, places: &Places, id: Option<&'a str>) -> Option<Cow<'a, str>> {
        self.values(places, id).into_iter().next()
    }

    pub(super) fn holds(&self, condition: Option<&Condition>) -> bool {
        let Some(condition) = condition else { return true };
        let is = |text: &str| self.values_at(&condition.place, None).iter().any(|value| value == text);
        match condition.test {
            Test::There => self.is_there(&condition.place),
            Test::Is(text) => is(text),
            Test::IsNot(text) => !is(text),
            Test::Lacks(text) => {
                !self.values_at(&condition.place, None).iter().any(|value| value.contains(text))
            }
        }
    }

    fn values<'a>(&'a self, places: &Places, id: Option<&'a str>) -> Vec<Cow<'a, str>> {
        for (place, filter) in &places.0 {
            let mut values: Vec<Cow<'_, str>> = self
                .values_at(place, id)
                .into_iter()
                .map(|value| filter.apply(value))
                .filter(|value| !value.is_empty())
                .collect();
            if !values.is_empty() {
                values.sort_unstable();
                values.dedup();
                return values;
            }
        }
        Vec::new()
    }

    fn values_at<'a>(&'a self, place: &Place, id: Option<&'a str>) -> Vec<Cow<'a, str>> {
        let wire = &self.event.wire;
        let one = |text: &'a str| vec![Cow::Borrowed(text)];
        match place {
            Place::Request(path) => all(wire.request.as_ref(), path),
            Place::Response(path) => all(wire.response.as_ref(), path),
            Place::Additional(path) => all(wire.additional.as_ref(), path),
            Place::Resource(path) => all(wire.resources.as_ref(), path),
            Place::Account if wire.account.is_empty() => one(&self.event.identity.account),
            Place::Account => one(&wire.account),
            Place::Region => one(&wire.region),
            Place::Partition => one(partition_of(&self.event.identity.arn)),
            Place::CallerUser => one(&self.event.identity.user_name),
            Place::Id => id.map(one).unwrap_or_default(),
            Place::Openings => openings(wire.request.as_ref()),
        }
    }

    /// Whether there is anything at a place, be it an object or an array.
    fn is_there(&self, place: &Place) -> bool {
        let wire = &self.event.wire;
        let (value, path) = match place {
            Place::Request(path) => (wire.request, path),
            Place::Response(path) => (wire.response, path),
            Place::Additional(path) => (wire.additional, path),
            _ => return !self.values_at(place, None).is_empty(),
        };
        let found = value.and_then(|value| value.at(path));
        found.is_some_and(|found| !matches!(found.raw(), "null" | "{}" | "[]" | "\"\""))
    }
}

impl Filter {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "" => Self::AsIs,
            "name" => Self::Name,
            "last" | "leaf" => Self::Last,
            "path" => Self::Path,
            "lower" => Self::Lower,
            "plain" => Self::Plain,
            "account" => Self::Account,
            "function" => Self::Function,
            "secret" => Self::Secret,
            "parameter" => Self::Parameter,
            "table" => Self::Table,
            "stack" => Self::Stack,
            "bucket" => Self::Bucket,
            "grantee" => Self::Grantee,
            "opening" => Self::Opening,
            "decoded" => Self::Decoded,
            _ => return None,
        })
    }

    fn apply(self, value: Cow<'_, str>) -> Cow<'_, str> {
        match self {
            Self::AsIs => value,
            Self::Name => map(value, |text| leaf(text)),
            Self::Last => map(value, |text| text.rsplit(':').next().unwrap_or(text)),
            Self::Path => map(value, |text| text.rsplit('/').next().unwrap_or(text)),
            Self::Lower => Cow::Owned(value.to_lowercase()),
            Self::Plain => Cow::Owned(plain(&value).into_owned()),
            Self::Account => {
                map(value, |text| if text.starts_with("arn:") { account_of(text) } else { text })
            }
            Self::Function => map(value, function),
            Self::Secret => map(value, secret),
            Self::Parameter => Cow::Owned(parameter(&value)),
            Self::Table => map(value, |text| after(text, ":table/").split('/').next().unwrap_or(text)),
            Self::Stack => map(value, |text| after(text, ":stack/").split('/').next().unwrap_or(text)),
            Self::Bucket => map(value, |text| text.trim_start_matches('/').split('/').next().unwrap_or(text)),
            Self::Grantee => Cow::Borrowed(if value.ends_with("/all") { "group-names" } else { "user-ids" }),
            Self::Opening => Cow::Owned(opening(&value)),
            Self::Decoded => decoded(&value).map_or(value, Cow::Owned),
        }
    }
}

fn map(value: Cow<'_, str>, shorten: impl Fn(&str) -> &str) -> Cow<'_, str> {
    match value {
        Cow::Borrowed(text) => Cow::Borrowed(shorten(text)),
        Cow::Owned(text) => Cow::Owned(shorten(&text).to_owned()),
    }
}

/// A text as it was before it was put into a URL; `None` if its percent signs do not make sense.
fn decoded(text: &str) -> Option<String> {
    let mut pieces = text.split('%');
    let mut bytes = pieces.next()?.as_bytes().to_vec();
    for piece in pieces {
        bytes.push(u8::from_str_radix(piece.get(..2)?, 16).ok()?);
        bytes.extend_from_slice(&piece.as_bytes()[2..]);
    }
    String::from_utf8(bytes).ok().filter(|text| !text.contains(char::is_control))
}

/// What follows a mark in a text; the whole text without one.
fn after<'a>(text: &'a str, mark: &str) -> &'a str {
    text.split_once(mark).map_or(text, |(_, rest)| rest)
}

/// A function's or layer's name from its ARN, a partial ARN (`ACCOUNT:function:NAME`) or `NAME:ALIAS`.
fn function(text: &str) -> &str {
    let named = if text.contains("function:") {
        after(text, "function:")
    } else if text.contains(":layer:") {
        after(text, ":layer:")
    } else {
        text
    };
    named.split(':').next().unwrap_or(named)
}

/// A secret's name from its ARN; a name stays as it is, even if it looks like one with a suffix.
fn secret(text: &str) -> &str {
    let Some((_, name)) = text.split_once(":secret:") else {
        return text;
    };
    let suffix = name.len().checked_sub(7).and_then(|at| name.get(at..));
    let random = suffix.is_some_and(|suffix| {
        suffix.starts_with('-') && suffix[1..].bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    if random { &name[..name.len() - 7] } else { name }
}

fn parameter(text: &str) -> String {
    let name = if text.starts_with("arn:") { after(text, ":parameter") } else { text };
    let name = name.split(':').next().unwrap_or(name);
    format!("/{}", name.trim_start_matches('/'))
}

/// The openings of a security group as `PROTOCOL/PORTS/SOURCE`.
fn openings<'a>(request: Option<&Json<'a>>) -> Vec<Cow<'a, str>> {
    let Some(items) = request.and_then(|request| request.at(["ipPermissions", "items"])) else {
        return single_opening(request);
    };
    let mut openings = Vec::new();
    for permission in items.elements().into_iter().take(MOST) {
        let value = |key| all(Some(&permission), &[key]).into_iter().next().unwrap_or_default();
        let ports = ports(&value("ipProtocol"), &value("fromPort"), &value("toPort"));
        let sources: [&[&str]; 4] = [
            &["ipRanges", "items", "[]", "cidrIp"],
            &["ipv6Ranges", "items", "[]", "cidrIpv6"],
            &["groups", "items", "[]", "groupId"],
            &["prefixListIds", "items", "[]", "prefixListId"],
        ];
        for source in sources.iter().flat_map(|path| all(Some(&permission), path)) {
            openings.push(Cow::Owned(format!("{ports}/{source}")));
        }
    }
    openings
}

/// The older form, with one opening in the request itself.
fn single_opening<'a>(request: Option<&Json<'a>>) -> Vec<Cow<'a, str>> {
    let value = |key| all(request, &[key]).into_iter().next().unwrap_or_default();
    let source = value("cidrIp");
    if source.is_empty() {
        return Vec::new();
    }
    let ports = ports(&value("ipProtocol"), &value("fromPort"), &value("toPort"));
    vec![Cow::Owned(format!("{ports}/{source}"))]
}

fn ports(protocol: &str, from: &str, to: &str) -> String {
    let protocol = if protocol == "-1" || protocol.is_empty() { "all" } else { protocol };
    match (from, to) {
        ("" | "-1", _) => format!("{protocol}/all"),
        (from, to) if from == to || to.is_empty() => format!("{protocol}/{from}"),
        (from, to) => format!("{protocol}/{from}-{to}"),
    }
}

/// `…#ingress/tcp/22/0.0.0.0/0` → `IpProtocol=tcp,FromPort=22,ToPort=22,IpRanges=[{CidrIp=0.0.0.0/0}]`.
fn opening(id: &str) -> String {
    let rule = id.split_once('#').map_or(id, |(_, rule)| rule);
    let mut steps = rule.splitn(4, '/').skip(1);
    let (protocol, ports) = (steps.next().unwrap_or_default(), steps.next().unwrap_or_default());
    let source = steps.next().unwrap_or_default();
    let protocol = if protocol == "all" { "-1" } else { protocol };
    let source = match source {
        group if group.starts_with("sg-") => format!("UserIdGroupPairs=[{{GroupId={group}}}]"),
        list if list.starts_with("pl-") => format!("PrefixListIds=[{{PrefixListId={list}}}]"),
        v6 if v6.contains(':') => format!("Ipv6Ranges=[{{CidrIpv6={v6}}}]"),
        v4 => format!("IpRanges=[{{CidrIp={v4}}}]"),
    };
    match ports.split_once('-') {
        _ if ports == "all" => format!("IpProtocol={protocol},{source}"),
        Some((from, to)) => format!("IpProtocol={protocol},FromPort={from},ToPort={to},{source}"),
        None => format!("IpProtocol={protocol},FromPort={ports},ToPort={ports},{source}"),
    }
}
