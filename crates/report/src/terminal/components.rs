//! What is there, by ecosystem.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use floodmark_case::{Answer, ComponentScope, FlawKind};

use crate::pen::Pen;
use crate::quantity::{counted, thousands};
use crate::{Cell, Column, Table};

/// The components of one ecosystem.
#[derive(Default)]
struct Counts<'a> {
    all: u64,
    direct: u64,
    dev: u64,
    flawed: u64,
    files: BTreeSet<&'a str>,
}

pub(super) fn write(answer: &Answer, pen: &mut Pen<'_>) -> io::Result<()> {
    let components = &answer.inventory.components;
    if components.is_empty() {
        return pen.heading("Components", "none");
    }
    let is_flaw = |kind: FlawKind| kind != FlawKind::Notice;
    let flawed: BTreeSet<&str> = answer
        .inventory
        .flaws
        .iter()
        .filter(|flaw| is_flaw(flaw.kind))
        .map(|flaw| flaw.component.as_str())
        .collect();
    let mut ecosystems: BTreeMap<&str, Counts<'_>> = BTreeMap::new();
    for component in components {
        let counts = ecosystems.entry(component.ecosystem.as_deref().unwrap_or("")).or_default();
        counts.all += 1;
        counts.direct += u64::from(component.direct);
        counts.dev += u64::from(component.scope == ComponentScope::Dev);
        counts.flawed += u64::from(flawed.contains(component.purl.as_str()));
        counts.files.extend(component.found.iter().map(|found| &*found.path));
    }
    pen.heading("Components", &counted(components.len() as u64, "component"))?;
    let mut table = Table::new([
        Column::head("ecosystem"),
        Column::number("components"),
        Column::number("direct"),
        Column::number("dev"),
        Column::number("flawed"),
        Column::number("files"),
    ])
    .indented(2);
    for (ecosystem, counts) in ecosystems {
        let name = if ecosystem.is_empty() { "from no public registry" } else { ecosystem };
        let numbers = [counts.all, counts.direct, counts.dev, counts.flawed, counts.files.len() as u64];
        table.push(std::iter::once(Cell::from(name)).chain(numbers.map(|one| Cell::from(thousands(one)))));
    }
    let layout = pen.layout();
    table.write(&layout, pen.out())
}
