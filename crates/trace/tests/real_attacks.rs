//! Real attacks: what detonating the techniques of Stratus Red Team leaves in CloudTrail, and a whole simulation.
//!
//! The logs are github.com/DataDog/stratus-red-team (docs/detonation-logs) and github.com/invictus-ir/aws_dataset; they
//! are not part of this project. `FLOODMARK_SHARED` names the folder above `data/cloudtrail` that holds them.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;
use std::path::{Path, PathBuf};

use floodmark_case::{Answer, CredentialKind};
use floodmark_trace::sigma::{LoadOptions, Placeholders, RuleSet};
use floodmark_trace::{From, Progress, Request, rule_sources, trace};

/// Each technique, by the name of its file, with the rules that name it for the right reason.
const STRATUS: [(&str, &[&str]); 35] = [
    (
        "aws.credential-access.ec2-get-password-data",
        &["aws_windows_passwords_swept", "aws_windows_password_read"],
    ),
    (
        "aws.credential-access.ec2-steal-instance-credentials",
        &["aws_instance_session_from_the_address_of_its_commander"],
    ),
    ("aws.credential-access.secretsmanager-batch-retrieve-secrets", &["aws_secrets_read_by_batch_filter"]),
    ("aws.credential-access.secretsmanager-retrieve-secrets", &["aws_secrets_read_in_bulk"]),
    ("aws.credential-access.ssm-retrieve-securestring-parameters", &["aws_parameters_decrypted_in_bulk"]),
    ("aws.defense-evasion.cloudtrail-delete", &["aws_cloudtrail_trail_deleted"]),
    ("aws.defense-evasion.cloudtrail-event-selectors", &["aws_cloudtrail_events_narrowed"]),
    ("aws.defense-evasion.cloudtrail-stop", &["aws_cloudtrail_logging_stopped"]),
    ("aws.defense-evasion.dns-delete-logs", &["aws_dns_query_logs_deleted"]),
    ("aws.defense-evasion.organizations-leave", &["aws_organization_left"]),
    ("aws.defense-evasion.vpc-remove-flow-logs", &["aws_flow_logs_deleted"]),
    ("aws.discovery.ec2-download-user-data", &["aws_user_data_refused_for_many", "aws_user_data_read"]),
    ("aws.execution.ec2-launch-unusual-instances", &["aws_ec2_many_accelerated_instances_launched"]),
    (
        "aws.execution.ec2-user-data",
        &["aws_ec2_user_data_replaced_across_restart", "aws_ec2_user_data_changed"],
    ),
    ("aws.execution.ssm-send-command", &["aws_ssm_shell_command_sent"]),
    ("aws.execution.ssm-start-session", &["aws_ssm_sessions_on_many_machines", "aws_ssm_session_started"]),
    ("aws.exfiltration.ec2-security-group-open-port-22-ingress", &["aws_remote_access_opened_to_world"]),
    ("aws.exfiltration.ec2-share-ami", &["aws_image_shared_outside"]),
    ("aws.exfiltration.ec2-share-ebs-snapshot", &["aws_ebs_snapshot_shared_outside"]),
    ("aws.exfiltration.rds-share-snapshot", &["aws_database_snapshot_shared_outside"]),
    ("aws.impact.bedrock-invoke-model", &["aws_model_opened_then_invoked"]),
    ("aws.initial-access.console-login-without-mfa", &["aws_console_login_without_mfa"]),
    ("aws.lateral-movement.ec2-instance-connect", &["aws_ec2_instance_connect_key_pushed"]),
    (
        "aws.lateral-movement.ec2-serial-console-send-ssh-public-key",
        &["aws_ec2_serial_console_enabled", "aws_ec2_serial_console_key_pushed"],
    ),
    ("aws.persistence.iam-backdoor-role", &["aws_iam_service_role_opened_to_foreign_account"]),
    ("aws.persistence.iam-backdoor-user", &["aws_iam_access_key_created_for_other_user"]),
    ("aws.persistence.iam-create-admin-user", &["aws_iam_admin_user_created"]),
    ("aws.persistence.iam-create-backdoor-role", &["aws_iam_admin_role_created_for_foreign_account"]),
    ("aws.persistence.iam-create-user-login-profile", &["aws_iam_login_profile_created"]),
    ("aws.persistence.lambda-backdoor-function", &["aws_lambda_function_callable_by_everyone"]),
    ("aws.persistence.lambda-layer-extension", &["aws_lambda_layer_added_to_function"]),
    ("aws.persistence.lambda-overwrite-code", &["aws_lambda_code_overwritten"]),
    (
        "aws.persistence.rolesanywhere-create-trust-anchor",
        &["aws_rolesanywhere_trust_anchor_with_own_certificate"],
    ),
    ("aws.persistence.sts-federation-token", &["aws_sts_federation_token_with_full_rights"]),
    ("aws.privilege-escalation.iam-update-user-login-profile", &["aws_iam_login_profile_taken_over"]),
];

fn data(folder: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("FLOODMARK_SHARED").map_or(root, PathBuf::from);
    let found = shared.join("data/cloudtrail").join(folder);
    if !found.is_dir() {
        eprintln!("SKIPPED: {folder} is not at {}; set FLOODMARK_SHARED", found.display());
        return None;
    }
    Some(found)
}

fn answer(path: PathBuf, from: Vec<From>) -> Answer {
    trace(&Request {
        paths: vec![path],
        at_hand: Vec::new(),
        from,
        since: None,
        rules: Vec::new(),
        placeholders: Placeholders::new(),
        builtin_rules: true,
        public_keys: None,
        threads: NonZero::<usize>::MIN,
        progress: Progress::default(),
    })
}

/// The names of the rules that found something.
fn rules_of(answer: &Answer) -> BTreeSet<String> {
    let rules = RuleSet::load(&rule_sources(), &LoadOptions::default());
    let names: BTreeMap<String, String> = rules
        .rules()
        .filter_map(|(_, rule)| Some((rule.meta.id.clone()?, rule.meta.name.clone()?)))
        .collect();
    answer.findings.iter().filter_map(|finding| names.get(&finding.rule).cloned()).collect()
}

#[test]
fn every_stratus_technique_is_named_for_what_it_does_and_not_for_its_user_agent() {
    let Some(folder) = data("stratus") else { return };
    for (technique, wanted) in STRATUS {
        let text = std::fs::read_to_string(folder.join(format!("{technique}.json")))
            .expect("one file per technique");
        let disguised = text.replace("stratus-red-team_", "aws-sdk-go-v2/1.30.3 ");
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), disguised).expect("a file");
        let answer = answer(file.path().to_owned(), Vec::new());
        let found = rules_of(&answer);
        for rule in wanted {
            assert!(found.contains(*rule), "{technique}: {rule} is not among {found:?}");
        }
        assert!(
            answer.findings.iter().all(|finding| !finding.citations.is_empty()),
            "{technique}: a finding without evidence"
        );
    }
}

#[test]
fn the_simulation_of_invictus_is_told_from_its_keys_to_their_sessions() {
    let Some(folder) = data("invictus") else { return };
    let key = "AKIATFQR7NSC8Q4X20BJ".parse().expect("a key");
    let answer = answer(folder, vec![key]);
    let tainted: Vec<_> = answer.story.credentials.iter().filter(|credential| credential.tainted).collect();
    let of = |kind| tainted.iter().filter(|credential| credential.kind == kind).count();
    assert!(of(CredentialKind::RoleSession) >= 5, "role sessions");
    assert!(of(CredentialKind::LongLivedKey) >= 2, "the key and those that it made");
    assert!(of(CredentialKind::LoginProfile) >= 1, "the console password that it set");
    assert!(
        !answer.story.timeline.is_empty()
            && !answer.story.reached.is_empty()
            && !answer.story.leftovers.is_empty()
    );
    for row in &answer.story.timeline {
        assert!(!row.citations.is_empty(), "every row cites its events");
    }
    for credential in &tainted {
        let has_parent = credential.parent.is_some() || credential.how == "given";
        assert!(has_parent, "{} comes from somewhere", credential.id);
    }
    assert!(!answer.is_incomplete(), "{:?}", answer.coverage.unread);
}
