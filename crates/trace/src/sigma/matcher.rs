//! Asking the rules of one event after another.
//!
//! The matcher grows a graph. A node stands for what is known so far of an event: the rules that hold
//! already and the rules still open, reduced to what they still depend on. It asks one field; the outcome of
//! all atoms of that field (its class) leads to the next node. A node that asks nothing evaluates what is
//! open. Equal events so take equal paths, and a path is worked out once.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::field::{Fields, Presence, Value};
use super::logic::Logic;
use super::memo::{ClassId, Memo};
use super::pattern::{Folding, fold_into};
use super::predicate::{Affix, Check, Probe};
use super::rule::RuleIndex;
use super::ruleset::{AtomId, Field, FieldId, RuleSet, bit, set_bit};
use crate::shape::PerShape;

/// One thread's way to ask a [`RuleSet`].
#[derive(Debug)]
pub struct Matcher {
    rules: Arc<RuleSet>,
    nodes: Vec<Node>,
    memos: Vec<Memo>,
    /// Fields whose values are not worth remembering.
    demoted: Vec<bool>,
    answers: Answers,
    bits: Vec<u64>,
    folded: String,
    found: Vec<RuleIndex>,
    /// How many open rules the nodes hold together.
    held_open: usize,
    /// Where events of a shape are once their recurring fields have been asked.
    by_shape: PerShape<u32>,
}

#[derive(Debug, Default)]
struct Node {
    asks: Option<FieldId>,
    next: Vec<u32>,
    holds: Vec<RuleIndex>,
    open: Vec<(RuleIndex, Logic<AtomId>)>,
    /// The atoms of `open`, by field, for nodes that ask nothing.
    needed: Vec<(FieldId, Vec<AtomId>)>,
}

/// What is known of the event in hand, by atom.
#[derive(Debug, Default)]
struct Answers {
    event: u32,
    known: Vec<(u32, bool)>,
}

const ROOT: u32 = 0;
/// The node for paths that the graph has no room for.
const SPARE: u32 = 1;
const NOWHERE: u32 = u32::MAX;
/// How many nodes the graph may have.
const MAX_NODES: usize = 32_768;
/// How many open rules all nodes may hold together; it bounds memory.
const MAX_OPEN: usize = 1_000_000;

impl Matcher {
    /// A matcher that has seen nothing yet.
    pub fn new(rules: Arc<RuleSet>) -> Self {
        let fields = rules.fields.len();
        let known = vec![(0, false); rules.atoms.len()];
        let mut matcher = Self {
            rules,
            nodes: Vec::new(),
            memos: (0..fields).map(|_| Memo::default()).collect(),
            demoted: vec![false; fields],
            answers: Answers { event: 0, known },
            bits: Vec::new(),
            folded: String::new(),
            found: Vec::new(),
            held_open: 0,
            by_shape: PerShape::default(),
        };
        matcher.plant();
        matcher
    }

    /// The rules it asks.
    pub fn rules(&self) -> &Arc<RuleSet> {
        &self.rules
    }

    /// Calls `hit` with each rule the event matches, in the order of the rules.
    pub fn matches<F: Fields + ?Sized>(&mut self, event: &F, mut hit: impl FnMut(RuleIndex)) {
        let node = self.descend(event);
        let found = self.settle(node, event);
        for rule in &found {
            hit(*rule);
        }
        self.found = found;
    }

    fn descend<F: Fields + ?Sized>(&mut self, event: &F) -> u32 {
        let shape = event.shape();
        let known = shape.and_then(|shape| self.by_shape.get(shape).copied());
        let mut at = known.unwrap_or(ROOT);
        let mut to_keep = shape.filter(|_| known.is_none());
        loop {
            let asks = self.nodes[at as usize].asks;
            if let Some(shape) = to_keep
                && !asks.is_some_and(|field| self.rules.field(field).path.recurs())
            {
                to_keep = None;
                if at != SPARE {
                    self.by_shape.insert(shape, at);
                }
            }
            let Some(field) = asks else { return at };
            let Some(class) = self.classify(field, event) else {
                // The field has just lost its memory; the node has been given another to ask.
                continue;
            };
            let known = self.nodes[at as usize].next.get(class as usize).copied();
            at = match known {
                Some(next) if next != NOWHERE => next,
                _ => self.grow(at, field, class),
            };
        }
    }

    /// The outcome of a field; `None` if the field was demoted over it.
    fn classify<F: Fields + ?Sized>(&mut self, field: FieldId, event: &F) -> Option<ClassId> {
        let rules = &*self.rules;
        let selector = rules.selector.iter().position(|selector| *selector == Some(field));
        let (first, second) = event.selector();
        let plain = match selector {
            Some(0) => first,
            Some(_) => second,
            None => "",
        };
        let mut view = View {
            rules,
            field: rules.field(field),
            memo: &mut self.memos[field as usize],
            folded: &mut self.folded,
            bits: &mut self.bits,
            seen: Seen::Nothing,
            missed: false,
            composite: false,
        };
        let presence = if plain.is_empty() {
            event.visit(&view.field.path, &mut |value| {
                view.see(value);
                ControlFlow::Continue(())
            })
        } else {
            view.see(Value::Text(plain));
            Presence::Present
        };
        let class = view.class(presence);
        let (missed, composite) = (view.missed, view.composite);
        let useless = composite || (missed && self.memos[field as usize].is_useless());
        if useless && selector.is_none() {
            self.demote(field);
            return None;
        }
        Some(class)
    }

    /// Takes a field's memory away, and lets the nodes that ask it ask another.
    fn demote(&mut self, field: FieldId) {
        self.demoted[field as usize] = true;
        self.memos[field as usize] = Memo::default();
        for at in 0..self.nodes.len() {
            if self.nodes[at].asks != Some(field) {
                continue;
            }
            let mut node = std::mem::take(&mut self.nodes[at]);
            node.next.clear();
            self.choose(&mut node);
            self.nodes[at] = node;
        }
    }

    /// Makes the graph, of its root and the spare node.
    fn plant(&mut self) {
        self.nodes.clear();
        self.by_shape = PerShape::default();
        self.held_open = 0;
        let mut root = Node::default();
        for (rule, logic) in &self.rules.programs {
            place(&mut root, *rule, logic.clone());
        }
        self.choose(&mut root);
        self.nodes.push(root);
        self.nodes.push(Node::default());
    }

    fn grow(&mut self, from: u32, field: FieldId, class: ClassId) -> u32 {
        let full = self.is_full();
        let bits = self.memos[field as usize].bits(class);
        let parent = &self.nodes[from as usize];
        let known = |atom: &AtomId| {
            let atom = self.rules.atom(*atom);
            let answered = atom.field == Some(field) && atom.refers.is_none();
            answered.then(|| bit(bits, atom.local))
        };
        let mut node = Node { holds: parent.holds.clone(), ..Node::default() };
        for (rule, logic) in &parent.open {
            place(&mut node, *rule, logic.residual(&known));
        }
        if full {
            node.needed = needed(&self.rules, &node.open);
            self.nodes[SPARE as usize] = node;
            return SPARE;
        }
        self.choose(&mut node);
        let at = u32::try_from(self.nodes.len()).unwrap_or(SPARE);
        self.held_open += node.open.len();
        self.nodes.push(node);
        let next = &mut self.nodes[from as usize].next;
        if next.len() <= class as usize {
            next.resize(class as usize + 1, NOWHERE);
        }
        next[class as usize] = at;
        at
    }

    fn is_full(&self) -> bool {
        self.nodes.len() >= MAX_NODES || self.held_open >= MAX_OPEN
    }

    /// Lets the node ask the field that is likeliest to settle its open rules, if one is worth asking: where
    /// several rules hang on it, or one by a comparison that costs more than to remember its outcome.
    fn choose(&self, node: &mut Node) {
        let mut weights = vec![0_u32; self.rules.fields.len()];
        for (_, logic) in &node.open {
            for (field, weight) in self.mentioned(logic) {
                weights[field as usize] += weight;
            }
        }
        let is_selector = |field: FieldId| self.rules.selector.contains(&Some(field));
        let recurs = |field: FieldId| self.rules.field(field).path.recurs();
        let score = |field: FieldId, weight: u32| {
            let depth = u32::try_from(self.rules.field(field).path.len()).unwrap_or(u32::MAX);
            let worth = weight.saturating_mul(64) / depth.max(1);
            // What recurs is asked once for many events, so it comes before all that does not.
            match (is_selector(field), recurs(field)) {
                (true, _) => u32::MAX,
                (false, true) => worth.saturating_add(u32::MAX / 2),
                (false, false) => worth.min(u32::MAX / 2),
            }
        };
        node.asks = (0..)
            .zip(&weights)
            .filter(|(field, weight)| {
                let least = u32::from(!is_selector(*field) && !recurs(*field));
                **weight > least && !self.demoted[*field as usize]
            })
            .max_by_key(|(field, weight)| (score(*field, **weight), **weight, std::cmp::Reverse(*field)))
            .map(|(field, _)| field);
        if node.asks.is_none() {
            node.needed = needed(&self.rules, &node.open);
        }
    }

    /// The fields of an open rule, each with the weight it lends to asking it.
    fn mentioned(&self, logic: &Logic<AtomId>) -> Vec<(FieldId, u32)> {
        let mut fields = Vec::new();
        logic.each_atom(&mut |atom| {
            let atom = self.rules.atom(*atom);
            let weight = if atom.check.is_exact_only() { 1 } else { 2 };
            fields.extend(atom.field.filter(|_| atom.refers.is_none()).map(|field| (field, weight)));
        });
        fields.sort_unstable_by_key(|(field, weight)| (*field, std::cmp::Reverse(*weight)));
        fields.dedup_by_key(|(field, _)| *field);
        fields
    }

    /// The rules of a node that asks nothing: those that hold, and those open ones that turn out to.
    fn settle<F: Fields + ?Sized>(&mut self, at: u32, event: &F) -> Vec<RuleIndex> {
        let mut found = std::mem::take(&mut self.found);
        let node = &self.nodes[at as usize];
        found.clear();
        found.extend_from_slice(&node.holds);
        if node.open.is_empty() {
            return found;
        }
        self.answers.begin();
        let mut asking = Asking {
            rules: &self.rules,
            needed: &node.needed,
            answers: &mut self.answers,
            folded: &mut self.folded,
            bits: &mut self.bits,
            event,
        };
        for (rule, logic) in &node.open {
            if logic.holds(&mut |atom| asking.answer(*atom)) {
                found.push(*rule);
            }
        }
        found.sort_unstable();
        found
    }
}

fn place(node: &mut Node, rule: RuleIndex, logic: Logic<AtomId>) {
    match logic {
        Logic::Const(true) => {
            let at = node.holds.partition_point(|held| *held < rule);
            node.holds.insert(at, rule);
        }
        Logic::Const(false) => {}
        open => node.open.push((rule, open)),
    }
}

fn needed(rules: &RuleSet, open: &[(RuleIndex, Logic<AtomId>)]) -> Vec<(FieldId, Vec<AtomId>)> {
    let mut pairs = Vec::new();
    for (_, logic) in open {
        logic.each_atom(&mut |id| {
            let atom = rules.atom(*id);
            pairs.extend(atom.field.filter(|_| atom.refers.is_none()).map(|field| (field, *id)));
        });
    }
    pairs.sort_unstable();
    pairs.dedup();
    let mut by_field: Vec<(FieldId, Vec<AtomId>)> = Vec::new();
    for (field, id) in pairs {
        match by_field.last_mut() {
            Some((last, ids)) if *last == field => ids.push(id),
            _ => by_field.push((field, vec![id])),
        }
    }
    by_field
}

/// What has been seen of a field so far.
enum Seen {
    Nothing,
    One(ClassId),
    /// Several values: their bits, joined, are in the scratch.
    Many,
}

/// A field of an event while it is classified.
struct View<'v> {
    rules: &'v RuleSet,
    field: &'v Field,
    memo: &'v mut Memo,
    folded: &'v mut String,
    bits: &'v mut Vec<u64>,
    seen: Seen,
    missed: bool,
    composite: bool,
}

impl View<'_> {
    fn see(&mut self, value: Value<'_>) {
        let (text, is_number) = match value {
            Value::Null => return,
            Value::Bool(truth) => (if truth { "true" } else { "false" }, false),
            Value::Number(text) => (text, true),
            Value::Text(text) => (text, false),
            Value::Composite(text) => {
                self.composite = true;
                (text, false)
            }
        };
        let class = match self.memo.get(text, is_number) {
            Some(class) => class,
            None => self.work_out(text, is_number),
        };
        match self.seen {
            Seen::Nothing => self.seen = Seen::One(class),
            Seen::One(first) => {
                self.bits.clear();
                self.bits.extend_from_slice(self.memo.bits(first));
                self.join(class);
                self.seen = Seen::Many;
            }
            Seen::Many => self.join(class),
        }
    }

    fn join(&mut self, class: ClassId) {
        for (word, more) in self.bits.iter_mut().zip(self.memo.bits(class)) {
            *word |= more;
        }
    }

    fn work_out(&mut self, text: &str, is_number: bool) -> ClassId {
        self.missed = true;
        let mut bits = vec![0; self.field.words()];
        mark(self.field, self.rules, &mut bits, |check| matches!(check, Check::Exists));
        let mut probe = Probe::new(text, is_number, self.folded);
        self.field.satisfied(&self.rules.atoms, &mut probe, &mut bits);
        let class = self.memo.class(&bits);
        self.memo.insert(text, is_number, class);
        class
    }

    fn class(&mut self, presence: Presence) -> ClassId {
        match self.seen {
            Seen::One(class) => class,
            Seen::Many => self.memo.class(self.bits),
            Seen::Nothing => {
                let is_named = presence == Presence::Present;
                let holds = |check: &Check| {
                    matches!(check, Check::Empty) || is_named && matches!(check, Check::Exists)
                };
                self.memo.valueless(is_named, || {
                    let mut bits = vec![0; self.field.words()];
                    mark(self.field, self.rules, &mut bits, holds);
                    bits
                })
            }
        }
    }
}

fn mark(field: &Field, rules: &RuleSet, bits: &mut [u64], holds: impl Fn(&Check) -> bool) {
    for (local, id) in (0..).zip(&field.atoms) {
        if holds(&rules.atom(*id).check) {
            set_bit(bits, local);
        }
    }
}

impl Answers {
    fn begin(&mut self) {
        self.event = self.event.wrapping_add(1);
        if self.event == 0 {
            self.known.fill((0, false));
            self.event = 1;
        }
    }

    fn get(&self, atom: AtomId) -> Option<bool> {
        let (event, truth) = self.known[atom as usize];
        (event == self.event).then_some(truth)
    }

    fn set(&mut self, atom: AtomId, truth: bool) {
        self.known[atom as usize] = (self.event, truth);
    }
}

/// The open rules of one node, while they are asked of one event.
struct Asking<'a, F: ?Sized> {
    rules: &'a RuleSet,
    needed: &'a [(FieldId, Vec<AtomId>)],
    answers: &'a mut Answers,
    folded: &'a mut String,
    bits: &'a mut Vec<u64>,
    event: &'a F,
}

impl<F: Fields + ?Sized> Asking<'_, F> {
    fn answer(&mut self, id: AtomId) -> bool {
        if let Some(truth) = self.answers.get(id) {
            return truth;
        }
        let atom = self.rules.atom(id);
        match (&atom.check, atom.field, atom.refers) {
            (Check::Refers { how, folding }, Some(field), Some(other)) => {
                let truth = self.compare(field, other, *how, *folding);
                self.answers.set(id, truth);
            }
            (_, Some(field), _) => self.ask_field(field),
            (_, None, _) if self.rules.keywords.screens(id) => self.search_keywords(),
            (check, None, _) => {
                let truth = self.search(check);
                self.answers.set(id, truth);
            }
        }
        self.answers.get(id).unwrap_or(false)
    }

    /// From how many atoms of a field on it is cheaper to ask for all of the field's at once.
    const MANY: usize = 16;

    fn ask_many(&mut self, field: FieldId, ids: &[AtomId]) {
        let rules = self.rules;
        let asked = rules.field(field);
        let (folded, bits) = (&mut *self.folded, &mut *self.bits);
        bits.clear();
        bits.resize(asked.words(), 0);
        let mut has_value = false;
        let presence = self.event.visit(&asked.path, &mut |value| {
            let Some((text, is_number)) = scalar(value) else { return ControlFlow::Continue(()) };
            has_value = true;
            asked.satisfied(&rules.atoms, &mut Probe::new(text, is_number, folded), bits);
            ControlFlow::Continue(())
        });
        for id in ids {
            let atom = rules.atom(*id);
            let truth = match atom.check {
                Check::Exists => presence == Presence::Present,
                Check::Empty => !has_value,
                _ => bit(bits, atom.local),
            };
            self.answers.set(*id, truth);
        }
    }

    /// Answers all atoms of one field that the node needs, in one visit.
    fn ask_field(&mut self, field: FieldId) {
        let Ok(at) = self.needed.binary_search_by_key(&field, |(field, _)| *field) else { return };
        let ids = &self.needed[at].1;
        if ids.len() >= Self::MANY {
            return self.ask_many(field, ids);
        }
        let (rules, folded, bits) = (self.rules, &mut *self.folded, &mut *self.bits);
        bits.clear();
        bits.resize(ids.len().div_ceil(64), 0);
        let mut has_value = false;
        let mut open = ids.len();
        let presence = self.event.visit(&rules.field(field).path, &mut |value| {
            let Some((text, is_number)) = scalar(value) else { return ControlFlow::Continue(()) };
            has_value = true;
            let mut probe = Probe::new(text, is_number, folded);
            for (place, id) in (0..).zip(ids) {
                if !bit(bits, place) && rules.atom(*id).check.accepts(&mut probe) {
                    set_bit(bits, place);
                    open -= 1;
                }
            }
            if open == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        for (place, id) in (0..).zip(ids) {
            let truth = match rules.atom(*id).check {
                Check::Exists => presence == Presence::Present,
                Check::Empty => !has_value,
                _ => bit(bits, place),
            };
            self.answers.set(*id, truth);
        }
    }

    /// Answers all screened keyword searches, in one pass over the event.
    fn search_keywords(&mut self) {
        for id in self.rules.keywords.screened() {
            self.answers.set(*id, false);
        }
        let Self { rules, answers, folded, event, .. } = self;
        event.visit_all(&mut |value| {
            let Some((text, is_number)) = scalar(value) else { return ControlFlow::Continue(()) };
            let mut probe = Probe::new(text, is_number, folded);
            for id in rules.keywords.likely(&mut probe) {
                if answers.get(id) == Some(false) && rules.atom(id).check.accepts(&mut probe) {
                    answers.set(id, true);
                }
            }
            ControlFlow::Continue(())
        });
    }

    fn search(&mut self, check: &Check) -> bool {
        let mut found = false;
        self.event.visit_all(&mut |value| {
            let Some((text, is_number)) = scalar(value) else { return ControlFlow::Continue(()) };
            found = check.accepts(&mut Probe::new(text, is_number, self.folded));
            if found { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        found
    }

    fn compare(&mut self, field: FieldId, other: FieldId, how: Affix, folding: Folding) -> bool {
        let others = self.texts(other, folding);
        let own = self.texts(field, folding);
        own.iter().any(|text| others.iter().any(|other| how.holds(text, other)))
    }

    fn texts(&self, field: FieldId, folding: Folding) -> Vec<String> {
        /// Of two arrays each element is compared to each.
        const MAX: usize = 256;
        let mut out = Vec::new();
        self.event.visit(&self.rules.field(field).path, &mut |value| {
            if let Some((text, _)) = scalar(value) {
                let mut kept = String::new();
                match folding {
                    Folding::CaseIgnored => fold_into(text, &mut kept),
                    Folding::CaseCounts => kept.push_str(text),
                }
                out.push(kept);
            }
            if out.len() < MAX { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        out
    }
}

fn scalar(value: Value<'_>) -> Option<(&str, bool)> {
    match value {
        Value::Null => None,
        Value::Bool(truth) => Some((if truth { "true" } else { "false" }, false)),
        Value::Number(text) => Some((text, true)),
        Value::Text(text) | Value::Composite(text) => Some((text, false)),
    }
}
