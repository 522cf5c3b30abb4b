//! The things that the chain connects.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a [`Node`] is: the stations of the chain, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NodeKind {
    /// A software component; id: purl.
    Component,
    /// One run of a pipeline, build or program; id: its URL or path.
    Run,
    /// Something that lets its holder act; id: see [`crate::Credential::id`].
    Credential,
    /// Who acts: a user, role, account or service; id: ARN or account id.
    Principal,
    /// An address that calls came from; id: IP address.
    Address,
    /// What was done; id: `service:Call`, as IAM writes it (`s3:GetObject`).
    Action,
    /// What it was done to; id: ARN.
    Resource,
    /// A class of personal data in a resource.
    PersonalData,
    /// An organisation or a group of people whose data it is.
    Entity,
    /// An obligation to tell or to act.
    Duty,
}

impl NodeKind {
    /// The word for it, as serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Component => "component",
            Self::Run => "run",
            Self::Credential => "credential",
            Self::Principal => "principal",
            Self::Address => "address",
            Self::Action => "action",
            Self::Resource => "resource",
            Self::PersonalData => "personal_data",
            Self::Entity => "entity",
            Self::Duty => "duty",
        }
    }
}

/// One thing in the chain, named by the field's own identifier.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Its identifier, in the form that its kind prescribes.
    pub id: String,
}

impl Node {
    /// A node of this kind and identifier.
    pub fn new(kind: NodeKind, id: impl Into<String>) -> Self {
        Self { kind, id: id.into() }
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.as_str(), self.id)
    }
}
