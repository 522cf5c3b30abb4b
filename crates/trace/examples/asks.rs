use floodmark_trace::{
    event::Event,
    place::Place,
    read::{Sink, Worker, inputs::inputs},
    sigma::*,
};
use std::{cell::RefCell, collections::HashMap, sync::Arc};
struct C<'e, 'a>(&'e Event<'a>, &'e RefCell<HashMap<String, u64>>);
impl Fields for C<'_, '_> {
    fn selector(&self) -> (&str, &str) {
        self.0.selector()
    }
    fn visit(&self, p: &FieldPath, see: See<'_>) -> Presence {
        *self.1.borrow_mut().entry(p.as_str().to_owned()).or_default() += 1;
        self.0.visit(p, see)
    }
    fn visit_all(&self, see: See<'_>) {
        *self.1.borrow_mut().entry("ALL".into()).or_default() += 1;
        self.0.visit_all(see)
    }
}
struct S(Matcher, RefCell<HashMap<String, u64>>, u64);
impl Sink for S {
    fn event(&mut self, e: &Event<'_>, _: Place) {
        self.2 += 1;
        let c = C(e, &self.1);
        self.0.matches(&c, |_| ());
    }
}
fn main() {
    let (files, _) = inputs(&[std::env::args().nth(1).unwrap().into()]);
    let rules = Arc::new(RuleSet::load(
        &floodmark_trace::rule_sources(),
        &LoadOptions { slot: floodmark_trace::fields::slot, ..LoadOptions::default() },
    ));
    let mut s = S(Matcher::new(rules), RefCell::default(), 0);
    let mut w = Worker::default();
    for (i, f) in files.iter().enumerate() {
        w.read(f, i as u32, &mut s);
    }
    let mut v: Vec<_> = s.1.into_inner().into_iter().collect();
    v.sort_by_key(|x| std::cmp::Reverse(x.1));
    println!("{} events", s.2);
    for (p, n) in v.iter().take(40) {
        println!("{n} {p}");
    }
}
