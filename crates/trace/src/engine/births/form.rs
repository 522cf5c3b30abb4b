//! The forms of birth, chosen by service and call.

use crate::event::Event;

use super::{Draft, compute, federation, iam, sts};

type Reader = for<'e> fn(&'e Event<'_>) -> Vec<Draft<'e>>;

/// How a birth is read from an event.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form(Reader);

impl Form {
    /// The form of a call; `None` for all calls by which nothing is born. A trailing API date does not matter.
    pub(super) fn of(service: &str, name: &str) -> Option<Self> {
        let reader: Reader = match service {
            "sts" => of_sts(name)?,
            "signin" => of_signin(name)?,
            "iam" => of_iam(name)?,
            "rolesanywhere" => of_roles_anywhere(name)?,
            "ec2" => of_ec2(name)?,
            "ssm" => match name {
                "SendCommand" => compute::send_command,
                "StartSession" | "ResumeSession" => compute::start_session,
                _ => return None,
            },
            "ec2-instance-connect" => match name {
                "SendSSHPublicKey" | "SendSerialConsoleSSHPublicKey" | "OpenTunnel" => compute::connect,
                _ => return None,
            },
            "ecs" => match name {
                "ExecuteCommand" => compute::execute_command,
                "RunTask" | "StartTask" => compute::run_task,
                "RegisterTaskDefinition" => compute::task_definition,
                "CreateService" | "UpdateService" => compute::ecs_service,
                _ => return None,
            },
            "lambda" => of_lambda(name)?,
            "cognito-identity" => match name {
                "GetCredentialsForIdentity" => federation::cognito_credentials,
                _ => return None,
            },
            "iot" => match name {
                "AssumeRoleWithCertificate" => federation::iot_credentials,
                _ => return None,
            },
            "sso" => match name {
                "CreateAccountAssignment" => federation::account_assignment,
                "GetRoleCredentials" | "Federate" => federation::portal_credentials,
                _ => return None,
            },
            "sso-directory" | "identitystore" => match name {
                "CreateUser" | "UpdatePassword" => federation::directory_user,
                _ => return None,
            },
            _ => of_passed_role(service, name)?,
        };
        Some(Self(reader))
    }

    pub(super) fn drafts<'e>(self, event: &'e Event<'_>) -> Vec<Draft<'e>> {
        (self.0)(event)
    }
}

fn of_sts(name: &str) -> Option<Reader> {
    Some(match name {
        "AssumeRole" | "AssumeRoleWithSAML" | "AssumeRoleWithWebIdentity" => sts::assume_role,
        "AssumeRoot" => sts::assume_root,
        "GetSessionToken" => sts::session_token,
        "GetFederationToken" => sts::federation_token,
        _ => return None,
    })
}

fn of_signin(name: &str) -> Option<Reader> {
    Some(match name {
        "ConsoleLogin" => federation::console_login,
        "GetSigninToken" => federation::signin_token,
        "SwitchRole" => federation::switch_role,
        "PasswordRecoveryCompleted" | "PasswordUpdated" => federation::root_password,
        _ => return None,
    })
}

fn of_iam(name: &str) -> Option<Reader> {
    Some(match name {
        "CreateAccessKey" => iam::create_access_key,
        "UpdateAccessKey" => iam::update_access_key,
        "CreateLoginProfile" | "UpdateLoginProfile" | "ChangePassword" => iam::password,
        "CreateUser" => iam::create_user,
        "CreateRole" | "UpdateAssumeRolePolicy" => iam::trust,
        "CreateSAMLProvider" | "CreateOpenIDConnectProvider" => iam::provider_made,
        "UpdateSAMLProvider"
        | "UpdateOpenIDConnectProviderThumbprint"
        | "AddClientIDToOpenIDConnectProvider" => iam::provider_changed,
        "CreateServiceSpecificCredential"
        | "ResetServiceSpecificCredential"
        | "UploadSSHPublicKey"
        | "UploadSigningCertificate" => iam::service_credential,
        _ => return None,
    })
}

fn of_roles_anywhere(name: &str) -> Option<Reader> {
    Some(match name {
        "CreateTrustAnchor" => federation::trust_anchor_made,
        "UpdateTrustAnchor" | "EnableTrustAnchor" => federation::trust_anchor_changed,
        "CreateProfile" | "UpdateProfile" | "EnableProfile" => federation::anywhere_profile,
        "CreateSession" => federation::anywhere_session,
        _ => return None,
    })
}

fn of_ec2(name: &str) -> Option<Reader> {
    Some(match name {
        "RunInstances" => compute::run_instances,
        "AssociateIamInstanceProfile" | "ReplaceIamInstanceProfileAssociation" => compute::instance_profile,
        "ModifyInstanceAttribute" => compute::user_data,
        _ => return None,
    })
}

fn of_lambda(name: &str) -> Option<Reader> {
    Some(match name.trim_end_matches(|c: char| c.is_ascii_digit() || c == 'v') {
        "CreateFunction" => compute::create_function,
        "UpdateFunctionCode" => compute::function_code,
        "UpdateFunctionConfiguration" => compute::function_configuration,
        _ => return None,
    })
}

fn of_passed_role(service: &str, name: &str) -> Option<Reader> {
    Some(match (service, name) {
        ("glue", "CreateJob" | "UpdateJob" | "CreateDevEndpoint" | "CreateSession")
        | (
            "sagemaker",
            "CreateNotebookInstance"
            | "UpdateNotebookInstance"
            | "CreateTrainingJob"
            | "CreateProcessingJob"
            | "CreateUserProfile"
            | "CreateDomain",
        )
        | ("codebuild", "CreateProject" | "UpdateProject")
        | ("cloudformation", "CreateStack" | "UpdateStack" | "CreateChangeSet")
        | ("states", "CreateStateMachine" | "UpdateStateMachine")
        | ("eks", "CreatePodIdentityAssociation" | "UpdatePodIdentityAssociation" | "CreateNodegroup")
        | ("datapipeline", "PutPipelineDefinition")
        | ("scheduler", "CreateSchedule" | "UpdateSchedule")
        | ("batch", "RegisterJobDefinition")
        | ("apprunner", "CreateService" | "UpdateService") => compute::passed_role,
        ("sagemaker", "CreatePresignedNotebookInstanceUrl" | "CreatePresignedDomainUrl") => {
            compute::presigned_notebook
        }
        ("codebuild", "StartBuild") => compute::start_build,
        _ => return None,
    })
}
