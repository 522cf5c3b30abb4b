//! The pipelines: jobs that federate with GitHub, build projects, deployments across accounts, and the old one with a
//! user's key.

use crate::actor::{Actor, Habit, Opening, Place, Shelf, Who};
use crate::calendar::{Rhythm, TICK, TICKS, TICKS_PER_DAY};
use crate::calls::{self, Calls};
use crate::identity::{Holder, Role};
use crate::intrusion::Clock;
use crate::organisation::{Cloud, Organisation, account, region};
use crate::people::shelves;
use crate::rng::word;

/// The user whose key the poisoned scanner took.
pub(crate) fn stolen_user(org: &Organisation) -> String {
    let mut rng = org.rng(&[word("stolen user")]);
    format!(
        "{}-{}",
        rng.pick(&["ci-publish", "svc-gitlab", "ci-deploy", "svc-web-release"]),
        rng.pick(&["web", "sites", "cms", "hosting"])
    )
}

/// The key that the poisoned scanner took.
pub(crate) fn stolen_key(org: &Organisation) -> String {
    org.unique_id("AKIA", &[word("stolen key")])
}

/// The agent of the pipeline's own tool.
pub(crate) const PUBLISH_AGENT: &str = "aws-cli/2.31.2 md/awscrt#0.27.6 ua/2.1 os/linux#5.15.0-157-generic md/arch#x86_64 lang/python#3.13.7 md/pyimpl#CPython exec-env/GitLab m/E,b,Z cfg/retry-mode#standard md/installer#exe md/prompt#off md/command#s3.sync";

/// All of them.
pub(crate) fn pipelines(org: &Organisation) -> Vec<Actor> {
    let mut all = vec![publisher(org)];
    for (index, (repository, place, calls, share)) in FEDERATED.iter().enumerate() {
        all.push(federated(org, index, repository, *place, calls, *share));
    }
    for (index, &target) in
        [account::HOSTING, account::STAGING, account::MAIL, account::INTRANET].iter().enumerate()
    {
        all.push(deployment(org, index, target));
    }
    for (index, &at) in [account::SHARED, account::DEV].iter().enumerate() {
        all.push(build(org, index, at));
    }
    all
}

const FEDERATED: [(&str, usize, Calls, u64); 6] = [
    ("web/infrastructure", account::HOSTING, calls::TERRAFORM, 260),
    ("platform/landing-zone", account::NETWORK, calls::TERRAFORM, 200),
    ("data/platform", account::DATA, calls::TERRAFORM, 160),
    ("mail/relay", account::MAIL, calls::TERRAFORM, 100),
    ("web/cms", account::SHARED, calls::REGISTRY, 240),
    ("web/frontend", account::SHARED, calls::REGISTRY, 160),
];

/// The pipeline with the stolen key: it goes on from its own network until the key is revoked on the 25th.
fn publisher(org: &Organisation) -> Actor {
    let habits = org.runners.iter().enumerate().map(|(index, address)| Habit {
        from: 0,
        until: TICKS,
        weight: 10 - index as u64 * 3,
        address: address.clone(),
        agent: PUBLISH_AGENT.to_owned(),
    });
    let shelves = org
        .buckets
        .iter()
        .filter(|bucket| bucket.account == account::HOSTING && bucket.logged.in_trail())
        .map(|bucket| Shelf { bucket: bucket.name.clone(), region: bucket.region });
    Actor {
        label: "pipeline/publisher".to_owned(),
        share: 320,
        rhythm: Rhythm::Builds,
        quantum: 4,
        block: 2,
        places: vec![Place { account: account::HOSTING, region: region::HOME, weight: 1 }],
        who: Who::User { name: stolen_user(org), key: stolen_key(org) },
        habits: habits.collect(),
        calls: calls::PUBLISH,
        shelves: shelves.collect(),
        refused: 4,
        endpoint: false,
        ends: Clock::of(org).response / TICK,
    }
}

fn federated(
    org: &Organisation,
    index: usize,
    repository: &str,
    at: usize,
    calls: Calls,
    share: u64,
) -> Actor {
    let label = format!("pipeline/{repository}");
    let subject = format!("repo:house-{}/{}:ref:refs/heads/main", org.suffix, repository.replace('/', "-"));
    // Hosted runners come from anywhere in their cloud.
    let mut habits: Vec<Habit> = (0..9)
        .map(|number| Habit {
            from: 0,
            until: TICKS,
            weight: 10,
            address: org.cloud_address(Cloud::GitHub, &[word(&label), number]),
            agent: agent(calls, false),
        })
        .collect();
    // One day the tools are brought up to date.
    let change = (4 + index as u64) * TICKS_PER_DAY + 40;
    for number in 0..9 {
        let mut renewed = habits[number].clone();
        habits[number].until = change;
        renewed.from = change;
        renewed.agent = agent(calls, true);
        renewed.address = org.cloud_address(Cloud::GitHub, &[word(&label), number as u64 + 100]);
        habits.push(renewed);
    }
    let provider =
        format!("arn:aws:iam::{}:oidc-provider/token.actions.githubusercontent.com", org.account(at));
    Actor {
        share,
        rhythm: if index % 3 == 2 { Rhythm::Deploys } else { Rhythm::Builds },
        quantum: 8,
        block: 2,
        places: vec![Place { account: at, region: region::HOME, weight: 1 }],
        who: Who::Session {
            role: format!("github-{}", repository.replace('/', "-")),
            session: "GitHubActions".to_owned(),
            opening: Opening::Web { provider: provider.clone(), subject: subject.clone() },
            holder: Holder::Web { provider, subject },
        },
        habits,
        calls,
        shelves: shelves(org, at),
        refused: 8,
        endpoint: false,
        ends: TICKS,
        label,
    }
}

fn agent(calls: Calls, renewed: bool) -> String {
    let terraform = calls.iter().any(|call| call.name == "GetHostedZone");
    match (terraform, renewed) {
        (true, false) => "APN/1.0 HashiCorp/1.0 Terraform/1.13.4 (+https://www.terraform.io) terraform-provider-aws/6.18.0 (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.39.4 os/linux lang/go#1.24.8 md/GOOS#linux md/GOARCH#amd64",
        (true, true) => "APN/1.0 HashiCorp/1.0 Terraform/1.14.6 (+https://www.terraform.io) terraform-provider-aws/6.35.1 (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.41.2 ua/2.1 os/linux lang/go#1.25.7 md/GOOS#linux md/GOARCH#amd64",
        (false, false) => "aws-sdk-js/3.896.0 ua/2.1 os/linux#6.11.0-1018-azure lang/js md/nodejs#20.19.5 exec-env/GitHub-Action api/ecr#3.896.0",
        (false, true) => "aws-sdk-js/3.1001.0 ua/2.1 os/linux#6.14.0-1017-azure lang/js md/nodejs#24.13.0 exec-env/GitHub-Action api/ecr#3.1001.0",
    }
    .to_owned()
}

/// A role in the shared account that assumes the deployment role of another account.
fn deployment(org: &Organisation, index: usize, target: usize) -> Actor {
    let label = format!("pipeline/deploy-{}", org.accounts[target].name);
    let habits = (0..2)
        .map(|number| Habit {
            from: 0,
            until: TICKS,
            weight: 1,
            address: org.cloud_address(Cloud::Aws, &[word("deploy gateway"), number]),
            agent: "Boto3/1.40.44 md/Botocore#1.40.44 ua/2.1 os/linux#6.1.153-175.280.amzn2023.x86_64 md/arch#x86_64 lang/python#3.12.11 md/pyimpl#CPython exec-env/AWS_ECS_FARGATE cfg/retry-mode#standard Botocore/1.40.44".to_owned(),
        })
        .collect();
    Actor {
        share: 90,
        rhythm: Rhythm::Deploys,
        quantum: 6,
        block: 4,
        places: vec![Place { account: target, region: region::HOME, weight: 1 }],
        who: Who::Session {
            role: "deployment".to_owned(),
            session: format!("deploy-{}", index + 1),
            opening: Opening::From(Role::new(account::SHARED, "release-conductor"), "conductor"),
            holder: Holder::Asker,
        },
        habits,
        calls: calls::DEPLOY,
        shelves: Vec::new(),
        refused: 3,
        endpoint: false,
        ends: TICKS,
        label,
    }
}

fn build(org: &Organisation, index: usize, at: usize) -> Actor {
    let label = format!("pipeline/codebuild-{}", org.accounts[at].name);
    let agent = "aws-cli/2.30.1 md/awscrt#0.27.6 ua/2.1 os/linux#4.14.355-280.706.amzn2.x86_64 md/arch#x86_64 lang/python#3.13.7 md/pyimpl#CPython exec-env/AWS_ECS_EC2 m/E,b cfg/retry-mode#standard md/installer#exe md/prompt#off";
    let habits = (0..4)
        .map(|number| Habit {
            from: 0,
            until: TICKS,
            weight: 1,
            address: org.cloud_address(Cloud::Aws, &[word(&label), number]),
            agent: agent.to_owned(),
        })
        .collect();
    let mut session = String::from("AWSCodeBuild-");
    org.rng(&[word(&label)]).uuid(&mut session);
    Actor {
        share: 200,
        rhythm: Rhythm::Builds,
        quantum: 6,
        block: 3,
        places: vec![Place { account: at, region: region::HOME, weight: 1 }],
        who: Who::Session {
            role: format!("service-role/codebuild-web-{}", index + 1),
            session,
            opening: Opening::Service("codebuild.amazonaws.com"),
            holder: Holder::Asker,
        },
        habits,
        calls: calls::BUILD,
        shelves: shelves(org, at),
        refused: 6,
        endpoint: false,
        ends: TICKS,
        label,
    }
}
