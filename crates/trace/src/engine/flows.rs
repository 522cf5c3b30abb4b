//! What flow logs show of an intruder's addresses and machines: an upper bound where no other log counts bytes.

use std::collections::{BTreeMap, BTreeSet};

use floodmark_case::{Volume, Window};

use crate::place::{Input, Place, cite};
use crate::read::vpc_flow_log::Flow;
use crate::time::Time;

/// The fold over flow records: bytes that were let through to the intruder's addresses, or out of its interfaces.
#[derive(Debug, Clone)]
pub struct FlowFold<'s> {
    /// The intruder's addresses.
    addresses: &'s BTreeSet<String>,
    /// The network interfaces of machines that the intruder started.
    interfaces: &'s BTreeSet<String>,
    /// Since when.
    since: Time,
    totals: BTreeMap<String, Total>,
}

#[derive(Debug, Clone)]
struct Total {
    bytes: u64,
    flows: u64,
    from: Time,
    to: Time,
    places: Vec<Place>,
}

impl<'s> FlowFold<'s> {
    /// A fold that looks for these.
    pub fn new(addresses: &'s BTreeSet<String>, interfaces: &'s BTreeSet<String>, since: Time) -> Self {
        Self { addresses, interfaces, since, totals: BTreeMap::new() }
    }

    /// Takes note of a flow if it went to the intruder.
    pub fn observe(&mut self, flow: &Flow<'_>, place: Place) {
        let destination =
            if flow.packet_destination.is_empty() { flow.destination } else { flow.packet_destination };
        let is_own = !flow.interface.is_empty() && self.interfaces.contains(flow.interface);
        let leaves = is_own && !super::network::is_private(&super::network::network(destination));
        if flow.action != "ACCEPT"
            || flow.end < self.since
            || !(leaves || self.addresses.contains(destination))
        {
            return;
        }
        let what =
            if leaves { format!("interface {}", flow.interface) } else { format!("address {destination}") };
        let one = Total {
            bytes: flow.bytes.unwrap_or(0),
            flows: 1,
            from: flow.start,
            to: flow.end,
            places: vec![place],
        };
        self.totals.entry(what).and_modify(|known| known.absorb(&one)).or_insert(one);
    }

    /// Both together.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        for (what, total) in other.totals {
            self.totals.entry(what).and_modify(|known| known.absorb(&total)).or_insert(total);
        }
        self
    }

    /// One volume per address and interface.
    pub fn finish(self, inputs: &[Input]) -> Vec<Volume> {
        let volume = |(what, total): (String, Total)| Volume {
            resource: what,
            prefix: String::new(),
            objects: 0,
            reads: total.flows,
            bytes: total.bytes,
            basis: "vpc-flow-log".into(),
            window: Window::between(total.from.to_timestamp(), total.to.to_timestamp()),
            citations: cite(inputs, &total.places),
        };
        self.totals.into_iter().map(volume).collect()
    }
}

impl Total {
    fn absorb(&mut self, other: &Self) {
        self.bytes += other.bytes;
        self.flows += other.flows;
        self.from = self.from.min(other.from);
        self.to = self.to.max(other.to);
        self.places.extend_from_slice(&other.places);
    }
}

impl crate::read::Sink for FlowFold<'_> {
    fn event(&mut self, _: &crate::event::Event<'_>, _: Place) {}

    fn flow(&mut self, flow: &Flow<'_>, place: Place) {
        self.observe(flow, place);
    }
}
