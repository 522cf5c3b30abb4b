//! What an intrusion did: credentials, timeline, reach, leftovers, volume.
//!
//! Resources are named so that two tools that look at the same event name the same thing:
//! an ARN where AWS has one, with the account and region of the event filled in where AWS leaves them out, the
//! path of users and roles and the random six-character suffix of secrets left away:
//!
//! | thing | identifier |
//! | --- | --- |
//! | bucket; object | `arn:aws:s3:::BUCKET`; `arn:aws:s3:::BUCKET/KEY` |
//! | user, role, group, policy | `arn:aws:iam::ACCOUNT:user/NAME` … |
//! | access key | `AKIA…` |
//! | login profile | `arn:aws:iam::ACCOUNT:user/NAME#login-profile` |
//! | inline policy on an identity | `IDENTITY-ARN#inline/POLICY` |
//! | managed policy attached to an identity | `IDENTITY-ARN#attached/POLICY-ARN` |
//! | membership of a group | `GROUP-ARN#member/USER` |
//! | trust change of a role | `ROLE-ARN#trust` |
//! | resource policy; one statement of it | `RESOURCE-ARN#policy`; `RESOURCE-ARN#policy/SID` |
//! | share with an account (or `all`) | `RESOURCE-ARN#shared/ACCOUNT` |
//! | secret, parameter | `arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME`, `arn:aws:ssm:REGION:ACCOUNT:parameter/NAME` |
//! | instance, snapshot, image, key pair, security group | `arn:aws:ec2:REGION:ACCOUNT:instance/i-…` … |
//! | function | `arn:aws:lambda:REGION:ACCOUNT:function:NAME` |
//! | security group opened | `SECURITY-GROUP-ARN#ingress/PROTOCOL/PORTS/CIDR` |

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Citation, Confidence, Window};

/// The whole story of an intrusion.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Story {
    /// Where the story starts, and whether that was given or guessed.
    pub suspects: Vec<Suspicion>,
    /// The lineage: every credential that fell, its ancestors, and how each came from another. Parents first.
    pub credentials: Vec<Credential>,
    /// What was done with them, in order of time; runs of like calls are one row.
    pub timeline: Vec<TimelineRow>,
    /// What was reached.
    pub reached: Vec<Reached>,
    /// What was left behind and must be undone.
    pub leftovers: Vec<Leftover>,
    /// How much went out, per bucket and prefix.
    pub volumes: Vec<Volume>,
}

/// A starting point of the story.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Suspicion {
    /// A credential id, an ARN or an IP address.
    pub id: String,
    /// Whether it was chosen by the program rather than given by its user.
    pub guess: bool,
    /// Why it is suspect, in a sentence.
    pub why: String,
}

/// What sort of thing a [`Credential`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CredentialKind {
    /// An access key of a user (`AKIA…`).
    LongLivedKey,
    /// Temporary keys of an assumed role (`ASIA…`).
    RoleSession,
    /// Temporary keys from `GetSessionToken`.
    SessionToken,
    /// Temporary keys from `GetFederationToken`.
    FederationToken,
    /// A login to the console.
    ConsoleLogin,
    /// A password for the console.
    LoginProfile,
    /// The role of an instance, task or function, as the compute holds it.
    ComputeRole,
    /// The root user.
    Root,
    /// An identity provider, trust or federation that mints sessions.
    Trust,
    /// Anything else that acts, named by its principal.
    Principal,
}

/// One credential of the lineage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Credential {
    /// The access key id (`AKIA…`, `ASIA…`); where there is none, what names it best (`ARN#login-profile`,
    /// `ARN#console/TIME`, `ARN#trust`, an ARN).
    pub id: String,
    /// What sort of thing it is.
    pub kind: CredentialKind,
    /// The ARN of the principal that it acts as.
    pub principal: String,
    /// The account of the principal.
    pub account: String,
    /// The credential that begot it, if one is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub parent: Option<String>,
    /// How it was begotten: the call (`iam:CreateAccessKey`), or `given` / `guessed` for a starting point, `ancestor`.
    pub how: String,
    /// Whether it is tainted: in the intruder's hands. An ancestor that is only shown for the lineage is not.
    pub tainted: bool,
    /// From when it counts as tainted.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fell: Option<Timestamp>,
    /// When it was seen in use, if it was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub used: Option<Window>,
    /// How many tainted calls it made.
    pub calls: u64,
    /// The addresses that these came from.
    pub addresses: Vec<String>,
    /// The user agents of these.
    pub user_agents: Vec<String>,
    /// How sure its place in the lineage is.
    pub confidence: Confidence,
    /// The event that begot it (and, for a starting point, its first tainted event).
    pub citations: Vec<Citation>,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was carried out.
    Success,
    /// It was refused for want of permission.
    Denied,
    /// It failed for another reason.
    Failed,
}

/// A run of like calls by one credential.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TimelineRow {
    /// From the first to the last of them.
    pub window: Window,
    /// The credential, as in [`Credential::id`].
    pub credential: String,
    /// The call, as IAM writes it: `s3:GetObject`.
    pub call: String,
    /// How the calls ended.
    pub outcome: Outcome,
    /// The error code, if they failed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<String>,
    /// How many calls.
    pub count: u64,
    /// Account that the calls went to.
    pub account: String,
    /// Region that the calls went to.
    pub region: String,
    /// Address that they came from.
    pub address: String,
    /// User agent that they named.
    pub user_agent: String,
    /// The first few resources that they named, sorted.
    pub resources: Vec<String>,
    /// How many different resources they named (a lower bound when very many).
    pub resource_count: u64,
    /// Bytes that they took out, as far as the log says.
    pub bytes_out: u64,
    /// ATT&CK techniques of the findings that these calls are part of.
    pub techniques: Vec<String>,
    /// Ids of the findings that these calls are part of.
    pub findings: Vec<String>,
    /// Every one of the calls, as ranges.
    pub citations: Vec<Citation>,
}

/// What was done to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Its content was read.
    Read,
    /// Its content was written.
    Written,
    /// It was created.
    Created,
    /// Its configuration was changed.
    Changed,
    /// Others were given access to it.
    Shared,
    /// It was deleted or made unusable.
    Deleted,
    /// It was used to run something (a command, a function, a session).
    Executed,
    /// It was tried, and refused.
    Denied,
}

/// A resource that a tainted credential reached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reached {
    /// Its identifier; see the module's table.
    pub resource: String,
    /// Its kind: `bucket`, `secret`, `parameter`, `user`, `role`, `snapshot`, `instance`, …
    pub kind: String,
    /// The account that holds it, where known.
    pub account: String,
    /// What was done to it.
    pub access: Access,
    /// How often.
    pub count: u64,
    /// When.
    pub window: Window,
    /// The credentials that did it.
    pub by: Vec<String>,
    /// How sure it is.
    pub confidence: Confidence,
    /// The events.
    pub citations: Vec<Citation>,
}

/// What sort of thing a [`Leftover`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LeftoverKind {
    /// An access key.
    AccessKey,
    /// A user.
    User,
    /// A role.
    Role,
    /// A group membership.
    GroupMembership,
    /// A managed policy or a version of one.
    Policy,
    /// A policy attached to, or put into, an identity.
    PolicyAttachment,
    /// A console password.
    LoginProfile,
    /// A second factor added or taken away.
    MfaDevice,
    /// A change of who may assume a role, or an identity provider.
    Trust,
    /// A resource shared with another account or with everybody.
    Share,
    /// A resource policy.
    ResourcePolicy,
    /// A function, its code, layer, URL or trigger.
    Function,
    /// An instance, task, container or notebook.
    Compute,
    /// A key pair, SSH key, certificate, service credential.
    KeyMaterial,
    /// A network opening: security group, route, peering, endpoint.
    Network,
    /// A snapshot, image, export or copy of data.
    Copy,
    /// Logging or detection that is off or was weakened.
    Detection,
    /// A schedule, rule, subscription or stack that runs things.
    Automation,
    /// Data that was deleted, encrypted or changed.
    DataLoss,
    /// Anything else that was created or changed.
    Other,
}

/// Something that the intrusion left behind and that must be undone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Leftover {
    /// What sort of thing it is.
    pub kind: LeftoverKind,
    /// Its identifier; see the module's table.
    pub resource: String,
    /// The account that holds it.
    pub account: String,
    /// The region that holds it; `aws-global` for IAM.
    pub region: String,
    /// When it was made.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub since: Timestamp,
    /// The credential that made it.
    pub by: String,
    /// The call that made it: `iam:CreateAccessKey`.
    pub call: String,
    /// How to undo it, in a sentence; with the AWS CLI command where there is one.
    pub undo: String,
    /// How sure it is.
    pub confidence: Confidence,
    /// The events.
    pub citations: Vec<Citation>,
}

/// How much went out of one bucket and prefix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Volume {
    /// The bucket's ARN, or what else the data left.
    pub resource: String,
    /// The first segments of the keys, up to two, `/`-terminated; empty for keys without one.
    pub prefix: String,
    /// Objects read, counted once each where the log names them.
    pub objects: u64,
    /// Reads.
    pub reads: u64,
    /// Bytes that the logs say left.
    pub bytes: u64,
    /// Which log says so: `cloudtrail`, `s3-access-log`, `vpc-flow-log` (an upper bound).
    pub basis: String,
    /// When.
    pub window: Window,
    /// The events, as ranges.
    pub citations: Vec<Citation>,
}
