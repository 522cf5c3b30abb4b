//! Who calls: the `userIdentity` of a record, with the address and the agent that go with it.

use crate::calendar::{Moment, iso_text};
use crate::organisation::Organisation;
use crate::rng::word;

/// A caller, ready to be written into records.
#[derive(Debug, Clone, Default)]
pub(crate) struct Caller {
    /// The JSON of `userIdentity`.
    pub(crate) identity: String,
    /// The access key; empty for services and other accounts.
    pub(crate) key: String,
    /// The ARN that the server access log of a bucket names.
    pub(crate) arn: String,
    pub(crate) address: String,
    pub(crate) agent: String,
}

impl Caller {
    /// The same caller from another address and with another agent.
    pub(crate) fn at(&self, address: &str, agent: &str) -> Self {
        Self { address: address.to_owned(), agent: agent.to_owned(), ..self.clone() }
    }
}

/// Where the credentials of a role session were delivered to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Holder {
    /// To whoever asked STS.
    Asker,
    /// To an instance, through its metadata service.
    Instance,
    /// To a function or task, named by its type and ARN.
    Compute(&'static str, String),
    /// To a job, against a token of this provider.
    Web { provider: String, subject: String },
    /// To a service that acts for somebody.
    Service(&'static str),
}

/// A role, by account and name; the path stands before the name (`aws-reserved/sso.amazonaws.com/NAME`).
#[derive(Debug, Clone)]
pub(crate) struct Role {
    pub(crate) account: usize,
    pub(crate) path_and_name: String,
}

impl Role {
    /// The role of this account and name.
    pub(crate) fn new(account: usize, path_and_name: impl Into<String>) -> Self {
        Self { account, path_and_name: path_and_name.into() }
    }

    /// Its name without the path.
    pub(crate) fn name(&self) -> &str {
        self.path_and_name.rsplit('/').next().unwrap_or_default()
    }

    /// Its ARN, with the path.
    pub(crate) fn arn(&self, org: &Organisation) -> String {
        format!("arn:aws:iam::{}:role/{}", org.account(self.account), self.path_and_name)
    }

    /// The ARN of a session of it.
    pub(crate) fn session_arn(&self, org: &Organisation, session: &str) -> String {
        format!("arn:aws:sts::{}:assumed-role/{}/{session}", org.account(self.account), self.name())
    }

    /// `AROA…`.
    pub(crate) fn unique_id(&self, org: &Organisation) -> String {
        org.unique_id("AROA", &[self.account as u64, word(&self.path_and_name)])
    }
}

/// `AIDA…` of a user.
pub(crate) fn user_id(org: &Organisation, account: usize, user: &str) -> String {
    org.unique_id("AIDA", &[account as u64, word(user)])
}

/// The ARN of a user.
pub(crate) fn user_arn(org: &Organisation, account: usize, user: &str) -> String {
    format!("arn:aws:iam::{}:user/{user}", org.account(account))
}

/// A user with a long-lived key.
pub(crate) fn user(org: &Organisation, account: usize, name: &str, key: &str) -> Caller {
    let arn = user_arn(org, account, name);
    let identity = format!(
        r#"{{"type":"IAMUser","principalId":"{}","arn":"{arn}","accountId":"{}","accessKeyId":"{key}","userName":"{name}"}}"#,
        user_id(org, account, name),
        org.account(account),
    );
    Caller { identity, key: key.to_owned(), arn, ..Caller::default() }
}

/// A user with temporary keys: of `GetSessionToken`, or of the console.
pub(crate) fn user_session(
    org: &Organisation,
    account: usize,
    name: &str,
    key: &str,
    created: Moment,
    mfa: &str,
) -> Caller {
    let arn = user_arn(org, account, name);
    let identity = format!(
        r#"{{"type":"IAMUser","principalId":"{}","arn":"{arn}","accountId":"{}","accessKeyId":"{key}","userName":"{name}","sessionContext":{{"attributes":{{"creationDate":"{}","mfaAuthenticated":"{mfa}"}}}}}}"#,
        user_id(org, account, name),
        org.account(account),
        iso_text(created),
    );
    Caller { identity, key: key.to_owned(), arn, ..Caller::default() }
}

/// A user at the sign-in page, who has no key yet.
pub(crate) fn signing_in(org: &Organisation, account: usize, name: &str) -> Caller {
    let arn = user_arn(org, account, name);
    let identity = format!(
        r#"{{"type":"IAMUser","principalId":"{}","arn":"{arn}","accountId":"{}","userName":"{name}"}}"#,
        user_id(org, account, name),
        org.account(account),
    );
    Caller { identity, arn, ..Caller::default() }
}

/// A federated user, from `GetFederationToken` by a user.
pub(crate) fn federated(
    org: &Organisation,
    account: usize,
    issuer: &str,
    name: &str,
    key: &str,
    created: Moment,
) -> Caller {
    let id = org.account(account);
    let arn = format!("arn:aws:sts::{id}:federated-user/{name}");
    let identity = format!(
        r#"{{"type":"FederatedUser","principalId":"{id}:{name}","arn":"{arn}","accountId":"{id}","accessKeyId":"{key}","sessionContext":{{"sessionIssuer":{{"type":"IAMUser","principalId":"{}","arn":"{}","accountId":"{id}","userName":"{issuer}"}},"webIdFederationData":{{}},"attributes":{{"creationDate":"{}","mfaAuthenticated":"false"}}}}}}"#,
        user_id(org, account, issuer),
        user_arn(org, account, issuer),
        iso_text(created),
    );
    Caller { identity, key: key.to_owned(), arn, ..Caller::default() }
}

/// A role session.
pub(crate) fn session(
    org: &Organisation,
    role: &Role,
    session: &str,
    key: &str,
    created: Moment,
    holder: &Holder,
) -> Caller {
    let arn = role.session_arn(org, session);
    let unique = role.unique_id(org);
    let (web, delivery, scope) = match holder {
        Holder::Instance => (String::new(), r#","ec2RoleDelivery":"2.0""#, String::new()),
        Holder::Compute(kind, of) => (
            String::new(),
            "",
            format!(r#","inScopeOf":{{"issuerType":"{kind}","credentialsIssuedTo":"{of}"}}"#),
        ),
        Holder::Web { provider, .. } => {
            (format!(r#""federatedProvider":"{provider}","attributes":{{}}"#), "", String::new())
        }
        Holder::Service(name) => (String::new(), "", format!(r#","invokedBy":"{name}""#)),
        Holder::Asker => (String::new(), "", String::new()),
    };
    let identity = format!(
        r#"{{"type":"AssumedRole","principalId":"{unique}:{session}","arn":"{arn}","accountId":"{account}","accessKeyId":"{key}","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"{unique}","arn":"{issuer}","accountId":"{account}","userName":"{name}"}},"webIdFederationData":{{{web}}},"attributes":{{"creationDate":"{created}","mfaAuthenticated":"false"}}{delivery}}}{scope}}}"#,
        account = org.account(role.account),
        issuer = role.arn(org),
        name = role.name(),
        created = iso_text(created),
    );
    Caller { identity, key: key.to_owned(), arn, ..Caller::default() }
}

/// An AWS service.
pub(crate) fn service(host: &str) -> Caller {
    Caller {
        identity: format!(r#"{{"type":"AWSService","invokedBy":"{host}"}}"#),
        address: host.to_owned(),
        agent: host.to_owned(),
        ..Caller::default()
    }
}

/// A principal of another account, as the log of the account that it calls into names it.
pub(crate) fn other_account(principal: &str, account: &str, address: &str, agent: &str) -> Caller {
    Caller {
        identity: format!(r#"{{"type":"AWSAccount","principalId":"{principal}","accountId":"{account}"}}"#),
        address: address.to_owned(),
        agent: agent.to_owned(),
        ..Caller::default()
    }
}

/// Somebody who comes with a token of an identity provider (`AssumeRoleWithWebIdentity`).
pub(crate) fn web_identity(provider: &str, subject: &str) -> Caller {
    Caller {
        identity: format!(
            r#"{{"type":"WebIdentityUser","principalId":"{provider}:sts.amazonaws.com:{subject}","userName":"{subject}","identityProvider":"{provider}"}}"#
        ),
        ..Caller::default()
    }
}

/// Somebody who comes with a SAML assertion (`AssumeRoleWithSAML`), as IAM Identity Center does for people.
pub(crate) fn saml(org: &Organisation, account: usize, person: &str) -> Caller {
    let domain = format!("{person}@corp.example");
    Caller {
        identity: format!(
            r#"{{"type":"SAMLUser","principalId":"{}:{domain}","userName":"{domain}","identityProvider":"{}"}}"#,
            org.unique_id("", &[word("saml-provider"), account as u64]),
            org.unique_id("", &[word("saml-provider"), account as u64]),
        ),
        ..Caller::default()
    }
}
