//! The edges of the chain.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Citation, Confidence, Node, Window};

/// What a [`Link`] says of its two ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// The first credential made, issued or unlocked the second.
    Begot,
    /// The credential acted as this principal.
    ActedAs,
    /// The credential was used from this address.
    UsedFrom,
    /// The credential performed this action.
    Performed,
    /// The credential or action read the resource.
    Read,
    /// … wrote to it.
    Wrote,
    /// … created it.
    Created,
    /// … changed its configuration.
    Changed,
    /// … gave others access to it.
    Shared,
    /// … deleted it.
    Deleted,
    /// The first component asked for the second.
    PulledIn,
}

/// A typed edge between two nodes, with the window in which it held and the evidence for it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Link {
    /// Where it starts.
    pub from: Node,
    /// Where it ends.
    pub to: Node,
    /// What it says.
    pub kind: LinkKind,
    /// When it held; nothing of what merely is there.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub window: Option<Window>,
    /// How sure it is.
    pub confidence: Confidence,
    /// What it rests on; never empty.
    pub citations: Vec<Citation>,
}
