//! What a call did: which resources it touched, what it left behind, what it undid.
//!
//! The knowledge is data, `data/effects.toml`; calls that the table does not know are judged by their name.

mod shell;
mod table;
mod template;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use floodmark_case::{Access, LeftoverKind};

use crate::engine::births::look::{all, partition_of};
use crate::event::Event;

use table::Effect;
use template::Scope;

/// One thing that a call did to one resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Touch {
    /// The resource; see the table in [`floodmark_case::Story`]'s module.
    pub resource: String,
    /// Its kind: `bucket`, `secret`, `user`, …
    pub kind: &'static str,
    /// What was done to it; `None` for a leftover that is no resource by itself.
    pub access: Option<Access>,
    /// What it left behind.
    pub leaves: Option<Leaves>,
}

/// What a call left behind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Leaves {
    /// What sort of thing.
    pub kind: LeftoverKind,
    /// How to undo it.
    pub undo: String,
    /// Whose undoing undoes this, too.
    pub within: Vec<String>,
}

/// One thing that a call undid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undoing {
    /// The leftover; one that ends in `/*` stands for all that begin so.
    pub resource: String,
    /// Whether it counts only if the intruder did not make the call, since it puts one setting in place of another.
    pub by_others: bool,
}

/// What a call did to which resources; nothing if it failed, [`Access::Denied`] if it was refused.
pub fn touches(event: &Event<'_>) -> Vec<Touch> {
    let denied = event.is_denied();
    if !event.succeeded() && !denied {
        return Vec::new();
    }
    let name = plain_name(&event.wire.name);
    let effects = table::effects_of(event.service(), name);
    let mut touches: Vec<Touch> = match effects {
        Some(effects) => effects.iter().flat_map(|effect| touches_of(effect, event)).collect(),
        None => unknown_call(event, name),
    };
    if denied {
        touches.retain(|touch| touch.access.is_some());
        for touch in &mut touches {
            touch.access = Some(Access::Denied);
            touch.leaves = None;
        }
    }
    touches.sort_unstable();
    touches.dedup();
    touches
}

/// What a call undid; nothing if it failed. Cheap for calls that undo nothing.
pub fn undoings(event: &Event<'_>) -> Vec<Undoing> {
    let Some(effects) = undoing_effects(event) else { return Vec::new() };
    let scope = Scope::new(event);
    let mut undoings = Vec::new();
    for effect in effects.iter().filter(|effect| scope.holds(effect.when.as_ref())) {
        let undone = effect.undoes.as_ref().map(|id| (id, false));
        let replaced = effect.by_others.then_some((&effect.id, true));
        for (id, by_others) in undone.into_iter().chain(replaced) {
            undoings.extend(scope.fill(id).into_iter().map(|resource| Undoing { resource, by_others }));
        }
    }
    undoings
}

/// Whether a call of this kind may undo something, whatever its parameters.
pub fn may_undo(event: &Event<'_>) -> bool {
    undoing_effects(event).is_some()
}

fn undoing_effects(event: &Event<'_>) -> Option<&'static [Effect]> {
    if is_reading(&event.wire.name) || !event.succeeded() {
        return None;
    }
    table::effects_of(event.service(), plain_name(&event.wire.name))
}

/// The ARNs that the record itself lists.
pub fn listed_resources(event: &Event<'_>) -> Vec<String> {
    let resources = event.wire.resources.as_ref();
    let mut arns: Vec<String> = all(resources, &["[]", "ARN"])
        .iter()
        .chain(&all(resources, &["[]", "arn"]))
        .map(|arn| arn.clone().into_owned())
        .collect();
    arns.sort_unstable();
    arns.dedup();
    arns
}

/// A call's name without the API date that some services append: `CreateFunction20150331v2` → `CreateFunction`.
pub fn plain_name(name: &str) -> &str {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let stem = stem.strip_suffix('v').filter(|stem| stem.ends_with(|c: char| c.is_ascii_digit()));
    let dated = stem.unwrap_or(name);
    let bare = dated.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
    if dated.len() - bare.len() >= 8 { bare } else { name }
}

fn touches_of(effect: &'static Effect, event: &Event<'_>) -> Vec<Touch> {
    let scope = Scope::new(event);
    if !scope.holds(effect.when.as_ref()) || (effect.access.is_none() && effect.leaves.is_none()) {
        return Vec::new();
    }
    let ids = scope.fill(&effect.id);
    let within = effect.within.as_ref().map(|id| scope.fill(id)).unwrap_or_default();
    let touch = |resource: String| {
        let leaves = effect.leaves.map(|kind| Leaves {
            kind,
            undo: shell::command(&scope, &effect.undo, &resource),
            within: within.clone(),
        });
        Touch { resource, kind: effect.kind, access: effect.access, leaves }
    };
    ids.into_iter().map(touch).collect()
}

/// Services whose unknown writing calls are no change of anything that matters here.
const QUIET: [&str; 8] =
    ["signin", "sts", "kms", "ssmmessages", "ec2messages", "notifications", "health", "ce"];
/// Verbs that make something that may have to be undone.
const MAKING: [&str; 18] = [
    "Create",
    "Put",
    "Add",
    "Attach",
    "Authorize",
    "Associate",
    "Import",
    "Register",
    "Upload",
    "Share",
    "Accept",
    "Publish",
    "Invite",
    "Grant",
    "Subscribe",
    "Allow",
    "Enable",
    "Restore",
];
/// Writing calls that every workload makes and that leave nothing to undo.
const TRIVIAL: [&str; 13] = [
    "PutMetricData",
    "PutEvents",
    "PutLogEvents",
    "PutRecord",
    "PutRecords",
    "PutRecordBatch",
    "PutTraceSegments",
    "PutTelemetryRecords",
    "PutInventory",
    "PutComplianceItems",
    "CreateLogStream",
    "UpdateInstanceInformation",
    "UpdateInstanceAssociationStatus",
];

fn unknown_call(event: &Event<'_>, name: &str) -> Vec<Touch> {
    let writes = match event.other("readOnly").as_deref() {
        Some(read_only) => read_only == "false",
        None => !is_reading(name),
    };
    if !writes || QUIET.contains(&event.service()) || TRIVIAL.contains(&name) || name.contains("Tag") {
        return Vec::new();
    }
    let listed = listed_resources(event);
    let resources = if listed.is_empty() { vec![whole_service(event)] } else { listed };
    let makes = MAKING.iter().any(|verb| name.starts_with(verb));
    let touch = |resource: String| Touch {
        resource,
        kind: "other",
        access: Some(Access::Changed),
        leaves: makes.then(|| Leaves {
            kind: LeftoverKind::Other,
            undo: format!("look at what {} made, and undo it", event.call()),
            within: Vec::new(),
        }),
    };
    resources.into_iter().map(touch).collect()
}

fn whole_service(event: &Event<'_>) -> String {
    let partition = partition_of(&event.identity.arn);
    format!("arn:{partition}:{}:{}:{}:*", event.service(), event.wire.region, event.wire.account)
}

/// Whether a call only reads, by its name.
fn is_reading(name: &str) -> bool {
    let verbs: &[&str] = match name.as_bytes().first() {
        Some(b'G') => &["Get"],
        Some(b'D') => &["Describe", "Decrypt"],
        Some(b'L') => &["List", "Lookup"],
        Some(b'A') => &["Assume"],
        Some(b'B') => &["BatchGet"],
        Some(b'H') => &["Head"],
        Some(b'Q') => &["Query"],
        Some(b'S') => &["Search", "Scan"],
        _ => &[],
    };
    verbs.iter().any(|verb| name.starts_with(verb))
}

/// The account that a touched resource is in: the record's own word, or the ARN's, or the log's.
pub fn account_of_resource<'e>(event: &'e Event<'_>, resource: &'e str) -> Cow<'e, str> {
    let in_arn = crate::engine::births::look::account_of(resource);
    if !in_arn.is_empty() && in_arn.bytes().all(|byte| byte.is_ascii_digit()) {
        return Cow::Borrowed(in_arn);
    }
    let said = all(event.wire.resources.as_ref(), &["[]", "accountId"]).into_iter().next();
    said.unwrap_or(Cow::Borrowed(&event.wire.account))
}
