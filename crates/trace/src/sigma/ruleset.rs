//! Rules made ready: every question once, by field.

use std::collections::HashMap;

use super::correlation::{Plan, plan};
use super::field::{FieldPath, Slot};
use super::item::FieldTest;
use super::load::{Effect, LoadOptions, Problem, RuleSource, parse_all};
use super::logic::Logic;
use super::parse::{CorrelationDocument, DetectionDocument, Document, FilterDocument};
use super::predicate::{Check, Probe, Test};
use super::rule::{LogSource, Place, RuleIndex, RuleMeta};
use super::screen::Screen;

/// A question's place in the set.
pub(super) type AtomId = u32;
/// A field's place in the set.
pub(super) type FieldId = u32;

/// The rules that are asked; immutable, to be shared by threads.
#[derive(Debug)]
pub struct RuleSet {
    pub(super) rules: Vec<Rule>,
    pub(super) atoms: Vec<Atom>,
    pub(super) fields: Vec<Field>,
    /// The questions of keyword searches.
    pub(super) keywords: Screen<AtomId>,
    pub(super) programs: Vec<(RuleIndex, Logic<AtomId>)>,
    pub(super) selector: [Option<FieldId>; 2],
    pub(super) plan: Plan,
    problems: Vec<Problem>,
    not_applicable: Vec<RuleMeta>,
}

/// A rule of the set.
#[derive(Debug)]
pub struct Rule {
    /// What the rule says about itself.
    pub meta: RuleMeta,
    /// Whether a match of it is a detection of its own. A rule that serves a correlation is not, unless
    /// that correlation says `generate: true`.
    pub standalone: bool,
    /// Whether it is a correlation, which no single event matches.
    pub is_correlation: bool,
}

/// One question about one field.
#[derive(Debug)]
pub(super) struct Atom {
    /// `None` for a keyword search.
    pub(super) field: Option<FieldId>,
    pub(super) check: Check,
    /// The other field of a field reference.
    pub(super) refers: Option<FieldId>,
    /// The place among the atoms of the field.
    pub(super) local: u32,
}

/// A field, and all that is asked of it.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) path: FieldPath,
    pub(super) atoms: Vec<AtomId>,
    /// By folded value: the atoms (local) that it satisfies by being equal.
    exact: HashMap<Box<str>, Vec<u32>, foldhash::fast::RandomState>,
    /// The other atoms (id and local).
    others: Screen<(AtomId, u32)>,
}

impl RuleSet {
    /// Loads the rules of the sources that fit the events; what can't be loaded is in [`Self::problems`].
    pub fn load(sources: &[RuleSource], options: &LoadOptions) -> Self {
        let (documents, problems) = parse_all(sources, &options.placeholders);
        let mut builder = Builder::new(options, problems);
        let mut filters = Vec::new();
        let mut detections = Vec::new();
        let mut correlations = Vec::new();
        for document in documents {
            match document {
                Document::Detection(rule) => detections.push(*rule),
                Document::Correlation(rule) => correlations.push(*rule),
                Document::Filter(filter) => filters.push(*filter),
            }
        }
        builder.filters(filters, &mut detections);
        for rule in detections {
            builder.detection(rule, options.events.as_ref());
        }
        builder.correlations(correlations);
        builder.finish(options)
    }

    /// All rules that are in use.
    pub fn rules(&self) -> impl Iterator<Item = (RuleIndex, &Rule)> {
        (0..).map(RuleIndex).zip(&self.rules)
    }

    /// A rule by its index.
    ///
    /// # Panics
    /// Where the index is of another set.
    pub fn rule(&self, index: RuleIndex) -> &Rule {
        &self.rules[index.get()]
    }

    /// What could not be used, and what was odd, by place.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The rules that are in order and not meant for these events, by place.
    pub fn not_applicable(&self) -> &[RuleMeta] {
        &self.not_applicable
    }

    pub(super) fn field(&self, id: FieldId) -> &Field {
        &self.fields[id as usize]
    }

    pub(super) fn atom(&self, id: AtomId) -> &Atom {
        &self.atoms[id as usize]
    }
}

impl Field {
    /// Sets the bits of the atoms (by local place) that a value satisfies.
    pub(super) fn satisfied(&self, atoms: &[Atom], probe: &mut Probe<'_, '_>, bits: &mut [u64]) {
        if !self.exact.is_empty()
            && let Some(equal) = self.exact.get(probe.folded())
        {
            for local in equal {
                set_bit(bits, *local);
            }
        }
        let likely = self.others.likely(probe);
        for (id, local) in likely.iter().chain(self.others.rest()) {
            if !bit(bits, *local) && atoms[*id as usize].check.accepts(probe) {
                set_bit(bits, *local);
            }
        }
    }

    /// How many words the bits of all atoms take.
    pub(super) fn words(&self) -> usize {
        self.atoms.len().div_ceil(64)
    }
}

pub(super) fn bit(bits: &[u64], at: u32) -> bool {
    bits.get(at as usize / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
}

pub(super) fn set_bit(bits: &mut [u64], at: u32) {
    if let Some(word) = bits.get_mut(at as usize / 64) {
        *word |= 1 << (at % 64);
    }
}

struct Builder {
    rules: Vec<Rule>,
    programs: Vec<(RuleIndex, Logic<AtomId>)>,
    atoms: Vec<Atom>,
    known: HashMap<FieldTest, AtomId>,
    fields: Vec<Field>,
    by_name: HashMap<String, FieldId>,
    slot: fn(&str) -> Slot,
    problems: Vec<Problem>,
    not_applicable: Vec<RuleMeta>,
    plan: Plan,
    /// The rules that correlations refer to, and whether these let them stand alone.
    referred: Vec<(RuleIndex, bool)>,
}

impl Builder {
    fn new(options: &LoadOptions, problems: Vec<Problem>) -> Self {
        Self {
            rules: Vec::new(),
            programs: Vec::new(),
            atoms: Vec::new(),
            known: HashMap::new(),
            fields: Vec::new(),
            by_name: HashMap::new(),
            slot: options.slot,
            problems,
            not_applicable: Vec::new(),
            plan: Plan::default(),
            referred: Vec::new(),
        }
    }

    fn filters(&mut self, filters: Vec<FilterDocument>, rules: &mut [DetectionDocument]) {
        for filter in filters {
            let mut applied = false;
            for rule in rules.iter_mut().filter(|rule| filter_covers(&filter, &rule.meta)) {
                applied = true;
                let own = std::mem::replace(&mut rule.logic, Logic::Const(false));
                rule.logic = Logic::All(vec![own, filter.logic.clone()]);
            }
            if !applied {
                let reason = format!("the filter `{}` fits no rule", filter.title);
                self.problems.push(Problem { place: filter.place, effect: Effect::Remark, reason });
            }
        }
    }

    fn detection(&mut self, rule: DetectionDocument, events: Option<&LogSource>) {
        if events.is_some_and(|events| !rule.meta.logsource.fits(events)) {
            self.not_applicable.push(rule.meta);
            return;
        }
        match rule.logic.try_map(&mut |test| self.atom(test)) {
            Err(reason) => self.reject(rule.meta.place, reason),
            Ok(logic) => {
                // Constants within, such as an empty count, are folded away.
                let logic = logic.residual(&|_| None);
                let index = self.add(rule.meta, false);
                self.programs.push((index, logic));
            }
        }
    }

    fn correlations(&mut self, correlations: Vec<CorrelationDocument>) {
        let mut waiting = correlations;
        loop {
            let before = waiting.len();
            let names: Vec<RuleMeta> = waiting.iter().map(|rule| rule.meta.clone()).collect();
            let ready = |rule: &CorrelationDocument| {
                !rule.rules.iter().any(|reference| names.iter().any(|meta| is_meant(meta, reference)))
            };
            let (now, later): (Vec<_>, Vec<_>) = waiting.into_iter().partition(ready);
            for rule in now {
                self.correlation(rule);
            }
            waiting = later;
            if waiting.is_empty() || waiting.len() == before {
                break;
            }
        }
        for rule in waiting {
            self.reject(rule.meta.place, "the correlation refers, in the end, to itself".to_owned());
        }
    }

    fn correlation(&mut self, rule: CorrelationDocument) {
        let index = RuleIndex(u32::try_from(self.rules.len()).unwrap_or(u32::MAX));
        let set_aside = |reference: &String| self.not_applicable.iter().any(|meta| is_meant(meta, reference));
        let known = &self.rules;
        let resolve = |reference: &str| find(known, reference, &rule.meta.place);
        if rule.rules.iter().any(|reference| resolve(reference).is_err() && set_aside(reference)) {
            self.not_applicable.push(rule.meta);
            return;
        }
        let referred: Result<Vec<RuleIndex>, String> = rule.rules.iter().map(|name| resolve(name)).collect();
        let planned = plan(&mut self.plan, index, &rule, resolve, self.slot);
        match planned.and(referred) {
            Err(reason) => self.reject(rule.meta.place, reason),
            Ok(referred) => {
                self.add(rule.meta, true);
                self.referred.extend(referred.into_iter().map(|referred| (referred, rule.generate)));
            }
        }
    }

    fn add(&mut self, meta: RuleMeta, is_correlation: bool) -> RuleIndex {
        let index = RuleIndex(u32::try_from(self.rules.len()).unwrap_or(u32::MAX));
        self.rules.push(Rule { meta, standalone: true, is_correlation });
        index
    }

    fn reject(&mut self, place: Place, reason: String) {
        self.problems.push(Problem { place, effect: Effect::Rejected, reason });
    }

    fn atom(&mut self, test: FieldTest) -> Result<AtomId, String> {
        if let Some(id) = self.known.get(&test) {
            return Ok(*id);
        }
        let check = Check::new(&test.test)?;
        let field = test.field.as_deref().map(|name| self.field(name));
        let refers = match &test.test {
            Test::Refers { to, .. } => Some(self.field(to)),
            _ => None,
        };
        let id = AtomId::try_from(self.atoms.len()).map_err(|_| "there are too many rules".to_owned())?;
        let local = field.map_or(0, |field| self.enlist(field, id));
        self.atoms.push(Atom { field, check, refers, local });
        self.known.insert(test, id);
        Ok(id)
    }

    fn enlist(&mut self, field: FieldId, id: AtomId) -> u32 {
        let atoms = &mut self.fields[field as usize].atoms;
        atoms.push(id);
        u32::try_from(atoms.len() - 1).unwrap_or(u32::MAX)
    }

    fn field(&mut self, name: &str) -> FieldId {
        if let Some(id) = self.by_name.get(name) {
            return *id;
        }
        let id = FieldId::try_from(self.fields.len()).unwrap_or(FieldId::MAX);
        let path = FieldPath::with_slot(name, (self.slot)(name));
        self.fields.push(Field {
            path,
            atoms: Vec::new(),
            exact: HashMap::default(),
            others: Screen::new([]),
        });
        self.by_name.insert(name.to_owned(), id);
        id
    }

    fn finish(mut self, options: &LoadOptions) -> RuleSet {
        for field in &mut self.fields {
            index(field, &self.atoms);
        }
        let ids = (0..).zip(&self.atoms);
        let keywords: Vec<_> =
            ids.filter(|(_, atom)| atom.field.is_none()).map(|(id, atom)| (id, &atom.check)).collect();
        let keywords = Screen::new(keywords);
        let generated: Vec<RuleIndex> =
            self.referred.iter().filter(|(_, generate)| *generate).map(|(rule, _)| *rule).collect();
        for (rule, _) in &self.referred {
            self.rules[rule.get()].standalone = generated.contains(rule);
        }
        self.problems.sort();
        self.not_applicable.sort_by(|left, right| left.place.cmp(&right.place));
        let selector = options.selector.each_ref().map(|name| self.by_name.get(name).copied());
        RuleSet {
            rules: self.rules,
            atoms: self.atoms,
            keywords,
            fields: self.fields,
            programs: self.programs,
            selector,
            plan: self.plan,
            problems: self.problems,
            not_applicable: self.not_applicable,
        }
    }
}

fn index(field: &mut Field, atoms: &[Atom]) {
    for (local, id) in (0..).zip(&field.atoms) {
        let check = &atoms[*id as usize].check;
        for text in check.exact_folded() {
            field.exact.entry(text.into()).or_default().push(local);
        }
    }
    let is_of_values = |check: &Check| !matches!(check, Check::Exists | Check::Empty | Check::Refers { .. });
    let checks = field.atoms.iter().map(|id| &atoms[*id as usize].check);
    let others = (0..).zip(&field.atoms).zip(checks).map(|((local, id), check)| ((*id, local), check));
    field.others = Screen::new(others.filter(|(_, check)| is_of_values(check) && !check.is_exact_only()));
}

fn filter_covers(filter: &FilterDocument, rule: &RuleMeta) -> bool {
    let same = |filter: &Option<String>, rule: &Option<String>| match (filter, rule) {
        (None, _) => true,
        (Some(filter), Some(rule)) => filter.eq_ignore_ascii_case(rule),
        (Some(_), None) => false,
    };
    let logs = same(&filter.logsource.category, &rule.logsource.category)
        && same(&filter.logsource.product, &rule.logsource.product)
        && same(&filter.logsource.service, &rule.logsource.service);
    logs && filter.rules.as_ref().is_none_or(|rules| rules.iter().any(|named| is_called(rule, named)))
}

/// The rule that a correlation refers to: by id or name, as the specification has it, or else by a title, as
/// some rule sets do, if only one rule has it, in the correlation's file or at all.
fn find(rules: &[Rule], reference: &str, from: &Place) -> Result<RuleIndex, String> {
    let places = |fits: &dyn Fn(&RuleMeta) -> bool| {
        let found = (0..).zip(rules).filter(|(_, rule)| fits(&rule.meta));
        found.map(|(place, _)| RuleIndex(place)).collect::<Vec<_>>()
    };
    // A name is unique among the rules of its author; the rules of others may have it too.
    let own = places(&|meta| is_called(meta, reference) && meta.place.file == from.file);
    if let Some(called) = own.first().or(places(&|meta| is_called(meta, reference)).first()) {
        return Ok(*called);
    }
    let titled = places(&|meta| meta.title == reference);
    let beside = places(&|meta| meta.title == reference && meta.place.file == from.file);
    match (titled.as_slice(), beside.as_slice()) {
        ([rule], _) | (_, [rule]) => Ok(*rule),
        ([], _) => Err(format!("the correlation refers to `{reference}`, which is no rule in use")),
        _ => Err(format!("the correlation refers to `{reference}`, the title of several rules")),
    }
}

fn is_meant(rule: &RuleMeta, reference: &str) -> bool {
    is_called(rule, reference) || rule.title == reference
}

/// Whether a reference, by id or name, means this rule.
pub(super) fn is_called(rule: &RuleMeta, reference: &str) -> bool {
    rule.name.as_deref() == Some(reference)
        || rule.id.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(reference))
}
