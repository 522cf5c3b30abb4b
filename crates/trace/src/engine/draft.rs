//! A finding before its places have become citations.

use floodmark_case::{Confidence, Node, NodeKind, Severity};

use crate::place::Place;
use crate::time::Time;

/// What a rule or an analytic found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// A Sigma rule's id, or `floodmark.<analytic>`.
    pub rule: String,
    /// What was found, in a line.
    pub title: String,
    /// Why, in a sentence with the facts in it.
    pub explanation: String,
    /// How bad it is.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// From the first event.
    pub from: Time,
    /// To the last.
    pub to: Time,
    /// Who did it: the actor, and what it is about.
    pub subjects: Vec<Node>,
    /// The credentials that did it, with the networks they did it from; what suspicion is built on.
    pub by: Vec<(String, String)>,
    /// ATT&CK technique ids.
    pub techniques: Vec<String>,
    /// ATT&CK tactics.
    pub tactics: Vec<String>,
    /// How many events.
    pub count: u64,
    /// The events.
    pub places: Vec<Place>,
    /// What to do next.
    pub advice: String,
}

impl Draft {
    /// Takes in another draft of the same rule about the same actor.
    pub fn absorb(&mut self, other: Self) {
        self.from = self.from.min(other.from);
        self.to = self.to.max(other.to);
        self.count += other.count;
        self.places.extend(other.places);
        self.by.extend(other.by);
        self.by.sort_unstable();
        self.by.dedup();
    }
}

/// What an analytic is, apart from what it finds.
#[derive(Debug, Clone, Copy)]
pub struct Analytic {
    /// `floodmark.<name of its file>`.
    pub id: &'static str,
    /// What it finds, in a line.
    pub title: &'static str,
    /// ATT&CK technique ids.
    pub techniques: &'static [&'static str],
    /// ATT&CK tactics.
    pub tactics: &'static [&'static str],
    /// What to do next.
    pub advice: &'static str,
}

impl Analytic {
    /// A draft of this analytic about an actor.
    pub fn draft(
        &self,
        actor: &str,
        severity: Severity,
        explanation: String,
        at: (Time, Time, Place),
    ) -> Draft {
        let (from, to, place) = at;
        let texts = |all: &[&str]| all.iter().map(|&text| text.to_owned()).collect();
        Draft {
            rule: self.id.to_owned(),
            title: self.title.to_owned(),
            explanation,
            severity,
            confidence: Confidence::Medium,
            from,
            to,
            subjects: vec![Node::new(NodeKind::Principal, actor)],
            by: Vec::new(),
            techniques: texts(self.techniques),
            tactics: texts(self.tactics),
            count: 1,
            places: vec![place],
            advice: self.advice.to_owned(),
        }
    }
}
