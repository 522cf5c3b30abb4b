//! Compute that has a role: made, entered, given other code; and roles passed to services.
//!
//! The sessions of compute bear its name: an instance's id, a task's id, a function's name.

use std::borrow::Cow;

use floodmark_case::{Confidence, CredentialKind};

use crate::event::Event;

use super::look::{all, deep, first, leaf, partition_of};
use super::{Draft, Nature};

pub(super) fn run_instances<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    let ids = all(event.wire.response.as_ref(), &["instancesSet", "items", "[]", "instanceId"]);
    ids.iter().map(|id| instance(event, id, Nature::Made, Confidence::High)).collect()
}

/// Another instance profile; the instance itself is the caller's only if it was before.
pub(super) fn instance_profile<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    let id = match deep(event.wire.response.as_ref(), "instanceId") {
        id if !id.is_empty() => id,
        _ => deep(event.wire.request.as_ref(), "instanceId"),
    };
    one_instance(event, &id, Nature::Reprogrammed, Confidence::Low)
}

/// `ModifyInstanceAttribute` of the user data, which runs at the next boot.
pub(super) fn user_data<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    if !has(event, "userData") {
        return Vec::new();
    }
    let id = first(event.wire.request.as_ref(), &[&["instanceId"]]);
    one_instance(event, &id, Nature::Reprogrammed, Confidence::Medium)
}

pub(super) fn send_command<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    let mut ids = all(event.wire.response.as_ref(), &["command", "instanceIds", "[]"]);
    ids.extend(all(event.wire.request.as_ref(), &["instanceIds", "[]"]));
    ids.sort_unstable();
    ids.dedup();
    ids.iter().map(|id| instance(event, id, Nature::Entered, Confidence::Medium)).collect()
}

/// `StartSession`; the target is an instance, or `ecs:CLUSTER_TASK_RUNTIME` for a container.
pub(super) fn start_session<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    let target = first(event.wire.request.as_ref(), &[&["target"]]);
    if let Some(container) = target.strip_prefix("ecs:") {
        let task = container.split('_').nth(1).unwrap_or_default();
        let cluster = container.split('_').next().unwrap_or_default();
        return task_of(event, &format!("{cluster}/{task}"), Nature::Entered, Confidence::Medium);
    }
    one_instance(event, &target, Nature::Entered, Confidence::Medium)
}

/// EC2 Instance Connect: an SSH key pushed, or the serial console.
pub(super) fn connect<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    let id = first(event.wire.request.as_ref(), &[&["instanceId"]]);
    one_instance(event, &id, Nature::Entered, Confidence::Medium)
}

pub(super) fn execute_command<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    let task = match first(event.wire.response.as_ref(), &[&["taskArn"]]) {
        task if !task.is_empty() => task,
        _ => first(event.wire.request.as_ref(), &[&["task"]]),
    };
    task_of(event, &task, Nature::Entered, Confidence::Medium)
}

pub(super) fn run_task<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    all(event.wire.response.as_ref(), &["tasks", "[]", "taskArn"])
        .iter()
        .flat_map(|task| task_of(event, task, Nature::Made, Confidence::High))
        .collect()
}

pub(super) fn task_definition<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    let arn = deep(event.wire.response.as_ref(), "taskDefinitionArn");
    let role = first(event.wire.request.as_ref(), &[&["taskRoleArn"]]);
    passed(event, arn, role, "ecs-tasks.amazonaws.com")
}

/// A service keeps tasks running whose names are not known here; their role comes with the task definition.
pub(super) fn ecs_service<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    let arn = deep(event.wire.response.as_ref(), "serviceArn");
    if arn.is_empty() {
        return Vec::new();
    }
    let mut draft = Draft::new(arn.clone(), CredentialKind::ComputeRole, Nature::Principal);
    draft.principal = arn;
    draft.confidence = Confidence::Low;
    vec![draft]
}

pub(super) fn create_function<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    function(event, Nature::Made, Confidence::High)
}

pub(super) fn function_code<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    function(event, Nature::Reprogrammed, Confidence::Medium)
}

/// Only what changes what the function runs or as whom: its role, layers, handler, environment or image.
pub(super) fn function_configuration<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    let tells = ["role", "layers", "handler", "environment", "imageConfig"];
    if !tells.iter().any(|key| has(event, key)) {
        return Vec::new();
    }
    function(event, Nature::Reprogrammed, Confidence::Medium)
}

/// A role passed to a service that will act with it.
pub(super) fn passed_role<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    const ROLES: [&str; 9] = [
        "roleArn",
        "role",
        "roleARN",
        "serviceRole",
        "executionRole",
        "nodeRole",
        "instanceRoleArn",
        "executionRoleArn",
        "jobRoleArn",
    ];
    let role = ROLES
        .iter()
        .map(|key| deep(event.wire.request.as_ref(), key))
        .find(|role| !role.is_empty())
        .unwrap_or_default();
    if role.is_empty() {
        return Vec::new();
    }
    let role = if role.starts_with("arn:") {
        role
    } else {
        let partition = partition_of(&event.identity.arn);
        Cow::Owned(format!("arn:{partition}:iam::{}:role/{}", event.wire.account, leaf(&role)))
    };
    let service = match event.service() {
        "eks" => "pods.eks.amazonaws.com",
        "batch" => "ecs-tasks.amazonaws.com",
        "apprunner" => "tasks.apprunner.amazonaws.com",
        _ => &event.wire.source,
    };
    let names = [
        "name",
        "clusterName",
        "stackName",
        "notebookInstanceName",
        "jobDefinitionName",
        "serviceName",
        "jobName",
    ];
    let name = names
        .iter()
        .map(|key| deep(event.wire.request.as_ref(), key))
        .find(|name| !name.is_empty())
        .unwrap_or_default();
    let child = format!(
        "arn:{}:{}:{}:{}:{name}",
        partition_of(&event.identity.arn),
        event.service(),
        event.wire.region,
        event.wire.account
    );
    passed(event, Cow::Owned(child), role, service)
}

/// A link into a notebook, with whatever role it has.
pub(super) fn presigned_notebook<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    let name = match first(event.wire.request.as_ref(), &[&["notebookInstanceName"]]) {
        name if !name.is_empty() => name,
        _ => first(event.wire.request.as_ref(), &[&["domainId"]]),
    };
    let child = format!(
        "arn:{}:sagemaker:{}:{}:notebook-instance/{name}",
        partition_of(&event.identity.arn),
        event.wire.region,
        event.wire.account
    );
    let mut draft = Draft::new(child.clone(), CredentialKind::ComputeRole, Nature::Entered);
    draft.principal = Cow::Owned(child);
    draft.session = Cow::Borrowed("SageMaker");
    draft.confidence = Confidence::Low;
    vec![draft]
}

/// A build bears the name `AWSCodeBuild-` and the second half of its id.
pub(super) fn start_build<'e>(event: &'e Event<'_>) -> Vec<Draft<'e>> {
    let id = first(event.wire.response.as_ref(), &[&["build", "id"]]);
    let Some((_, build)) = id.split_once(':') else {
        return Vec::new();
    };
    let child = format!(
        "arn:{}:codebuild:{}:{}:build/{id}",
        partition_of(&event.identity.arn),
        event.wire.region,
        event.wire.account
    );
    let mut draft = Draft::new(child.clone(), CredentialKind::ComputeRole, Nature::Made);
    draft.principal = Cow::Owned(child);
    draft.session = Cow::Owned(format!("AWSCodeBuild-{build}"));
    draft.confidence = Confidence::Medium;
    vec![draft]
}

fn one_instance<'e>(
    event: &'e Event<'_>,
    id: &str,
    nature: Nature,
    confidence: Confidence,
) -> Vec<Draft<'e>> {
    if id.is_empty() { Vec::new() } else { vec![instance(event, id, nature, confidence)] }
}

fn instance<'e>(event: &'e Event<'_>, id: &str, nature: Nature, confidence: Confidence) -> Draft<'e> {
    let service = if id.starts_with("mi-") { "ssm" } else { "ec2" };
    let kind = if id.starts_with("mi-") { "managed-instance" } else { "instance" };
    let arn = format!(
        "arn:{}:{service}:{}:{}:{kind}/{id}",
        partition_of(&event.identity.arn),
        event.wire.region,
        event.wire.account
    );
    let mut draft = Draft::new(arn.clone(), CredentialKind::ComputeRole, nature);
    draft.principal = Cow::Owned(arn);
    draft.session = Cow::Owned(id.to_owned());
    draft.confidence = confidence;
    draft
}

fn task_of<'e>(event: &'e Event<'_>, task: &str, nature: Nature, confidence: Confidence) -> Vec<Draft<'e>> {
    let id = leaf(task);
    if id.is_empty() {
        return Vec::new();
    }
    let arn = if task.starts_with("arn:") {
        task.to_owned()
    } else {
        format!(
            "arn:{}:ecs:{}:{}:task/{task}",
            partition_of(&event.identity.arn),
            event.wire.region,
            event.wire.account
        )
    };
    let mut draft = Draft::new(arn.clone(), CredentialKind::ComputeRole, nature);
    draft.principal = Cow::Owned(arn);
    draft.session = Cow::Owned(id.to_owned());
    draft.confidence = confidence;
    vec![draft]
}

fn function<'e>(event: &'e Event<'_>, nature: Nature, confidence: Confidence) -> Vec<Draft<'e>> {
    let named = match first(event.wire.response.as_ref(), &[&["functionName"]]) {
        name if !name.is_empty() => name,
        _ => first(event.wire.request.as_ref(), &[&["functionName"]]),
    };
    let name = match named.split_once(":function:") {
        Some((_, name)) => name.split(':').next().unwrap_or_default(),
        None => &named,
    };
    if name.is_empty() {
        return Vec::new();
    }
    let arn = format!(
        "arn:{}:lambda:{}:{}:function:{name}",
        partition_of(&event.identity.arn),
        event.wire.region,
        event.wire.account
    );
    let mut draft = Draft::new(arn.clone(), CredentialKind::ComputeRole, nature);
    draft.session = Cow::Owned(name.to_owned());
    draft.principal = Cow::Owned(arn);
    draft.role = first(event.wire.response.as_ref(), &[&["role"]]);
    draft.confidence = confidence;
    vec![draft]
}

fn passed<'e>(
    event: &'e Event<'_>,
    id: Cow<'e, str>,
    role: Cow<'e, str>,
    service: &'e str,
) -> Vec<Draft<'e>> {
    if id.is_empty() || role.is_empty() {
        return Vec::new();
    }
    let mut draft = Draft::new(id.clone(), CredentialKind::ComputeRole, Nature::RolePassed);
    draft.principal = id;
    draft.role = role;
    draft.account = Cow::Borrowed(&event.wire.account);
    draft.provider = Cow::Borrowed(service);
    draft.confidence = Confidence::Medium;
    vec![draft]
}

/// Whether the request has this key with anything in it.
fn has(event: &Event<'_>, key: &str) -> bool {
    let value = event.wire.request.and_then(|request| request.get(key));
    value.is_some_and(|value| !matches!(value.raw(), "null" | "{}" | "[]" | "\"\""))
}
