//! The services: what runs without people, from the nightly load to the posture scanner.

use crate::actor::{Actor, Habit, Opening, Place, Shelf, Who, session_key};
use crate::calendar::{Moment, Rhythm, TICK, TICKS, TICKS_PER_DAY};
use crate::calls::{self, Calls};
use crate::identity::Holder;
use crate::organisation::{Cloud, Organisation, account, region};
use crate::people::shelves;
use crate::rng::word;
use crate::template::pooled;

/// How many ticks the session of a task lasts.
const TASK_BLOCK: u64 = 24;
/// The task into which the intruder breaks.
pub(crate) const TASK_ROLE: &str = "web-cms-task";
const TASK_LABEL: &str = "task/web-cms-task";

/// The id of the task into which the intruder breaks.
pub(crate) fn task_id(org: &Organisation) -> String {
    let mut id = String::new();
    org.rng(&[word("task id"), word(TASK_ROLE)]).hex(32, &mut id);
    id
}

/// Where the task's own calls come from, and with which agent.
pub(crate) fn task_habit(org: &Organisation) -> (String, String) {
    (org.cloud_address(Cloud::Aws, &[word("hosting gateway")]), SDK_JAVA.to_owned())
}

/// The session key that the task has at a moment, and since when.
pub(crate) fn task_session(org: &Organisation, at: Moment) -> (String, Moment) {
    let block = at / TICK / TASK_BLOCK;
    (session_key(org, TASK_LABEL, account::HOSTING, block), block * TASK_BLOCK * TICK)
}

const SDK_JAVA: &str = "aws-sdk-java/2.35.5 md/io#sync md/http#Apache ua/2.1 os/Linux#5.10.244-240.970.amzn2.x86_64 lang/java#21.0.8 md/OpenJDK_64-Bit_Server_VM md/vendor#Amazon.com_Inc. md/en exec-env/AWS_ECS_FARGATE m/D,N";
const SDK_PYTHON: &str = "Boto3/1.40.4 md/Botocore#1.40.4 ua/2.1 os/linux#5.10.244-266.970.amzn2.x86_64 md/arch#x86_64 lang/python#3.12.11 md/pyimpl#CPython exec-env/AWS_Lambda_python3.12 m/Z,b cfg/retry-mode#legacy Botocore/1.40.4";
const SDK_GO: &str =
    "aws-sdk-go-v2/1.38.1 ua/2.1 os/linux lang/go#1.25.1 md/GOOS#linux md/GOARCH#arm64 api/s3#1.87.1 m/E,n,Z";
const SSM_AGENT: &str = "aws-sdk-go/1.55.5 (go1.23.12; linux; amd64) amazon-ssm-agent/3.3.2746.0";
const SPARK: &str = "ElasticMapReduce/1.0.0 emrfs/s3n user:hadoop, aws-sdk-java/2.31.16 md/io#sync md/http#Apache ua/2.1 os/Linux#6.1.147-172.266.amzn2023.x86_64 lang/java#17.0.16 m/C,D";

/// All of them. The first one is the filler: it also takes what the others leave over.
pub(crate) fn services(org: &Organisation) -> Vec<Actor> {
    let mut all = posture(org);
    all.extend(functions(org));
    all.extend(tasks(org));
    all.extend(instances(org));
    all.extend(loads(org));
    all.extend(watchers(org));
    all.extend(linked());
    all
}

fn everywhere(count: usize) -> Vec<Place> {
    (0..count)
        .flat_map(|account| {
            [(region::HOME, 8), (region::SECOND, 2), (region::DARK, 2), (region::GLOBAL, 1), (region::FAR, 1)]
                .map(|(region, weight)| Place { account, region, weight })
        })
        .collect()
}

struct Bones<'a> {
    label: &'a str,
    share: u64,
    rhythm: Rhythm,
    quantum: u64,
    block: u64,
    calls: Calls,
}

impl Bones<'_> {
    fn build(self, places: Vec<Place>, who: Who, habits: Vec<Habit>, shelves: Vec<Shelf>) -> Actor {
        Actor {
            label: self.label.to_owned(),
            share: self.share,
            rhythm: self.rhythm,
            quantum: self.quantum,
            block: self.block,
            places,
            who,
            habits,
            calls: self.calls,
            shelves,
            refused: 2,
            endpoint: false,
            ends: TICKS,
        }
    }
}

fn one(account: usize, region: usize) -> Vec<Place> {
    vec![Place { account, region, weight: 1 }]
}

fn steady(address: String, agent: &str) -> Vec<Habit> {
    vec![Habit { from: 0, until: TICKS, weight: 1, address, agent: agent.to_owned() }]
}

/// The posture scanner of the audit account, in every account, and the monitoring of a provider outside.
fn posture(org: &Organisation) -> Vec<Actor> {
    let session = |role: &str, session: &str, opening| Who::Session {
        role: role.to_owned(),
        session: session.to_owned(),
        opening,
        holder: Holder::Asker,
    };
    let inventory = Bones {
        label: "service/posture",
        share: 1100,
        rhythm: Rhythm::Always,
        quantum: 1,
        block: 1,
        calls: calls::POSTURE,
    }
    .build(
        everywhere(account::NAMES.len()),
        session("posture-reader", "posture-scan", Opening::Silent),
        steady(org.cloud_address(Cloud::Aws, &[word("posture")]), "Boto3/1.40.50 md/Botocore#1.40.50 ua/2.1 os/linux#6.1.153 md/arch#aarch64 lang/python#3.12.11 md/pyimpl#CPython exec-env/AWS_ECS_FARGATE cfg/retry-mode#adaptive Botocore/1.40.50 prowler/5.12.3"),
        Vec::new(),
    );
    let provider = Bones {
        label: "service/provider",
        share: 240,
        rhythm: Rhythm::Hourly,
        quantum: 6,
        block: 4,
        calls: calls::POSTURE,
    }
    .build(
        everywhere(6),
        session("monitoring-provider", "provider-poll", Opening::Silent),
        steady(org.cloud_address(Cloud::Aws, &[word("provider")]), "Go-http-client/2.0 provider-agentless/7.71.1 aws-sdk-go-v2/1.38.3 ua/2.1 os/linux lang/go#1.24.6"),
        Vec::new(),
    );
    vec![inventory, provider]
}

fn functions(org: &Organisation) -> Vec<Actor> {
    let at = [
        ("image-resize", account::HOSTING, 300),
        ("form-intake", account::HOSTING, 240),
        ("newsletter-send", account::MAIL, 160),
        ("cache-purge", account::HOSTING, 80),
        ("feed-import", account::INTRANET, 120),
        ("log-shipper", account::AUDIT, 120),
    ];
    at.iter()
        .map(|&(name, account, share)| {
            let arn = format!(
                "arn:aws:lambda:{}:{}:function:{name}",
                org.regions[region::HOME],
                org.account(account)
            );
            Bones {
                label: &format!("function/{name}"),
                share,
                rhythm: Rhythm::Daylight,
                quantum: 5,
                block: 8,
                calls: calls::APPLICATION,
            }
            .build(
                one(account, region::HOME),
                Who::Session {
                    role: format!("{name}-exec"),
                    session: name.to_owned(),
                    opening: Opening::Service("lambda.amazonaws.com"),
                    holder: Holder::Compute("AWS::Lambda::Function", arn),
                },
                (0..4)
                    .flat_map(|number| {
                        steady(org.cloud_address(Cloud::Aws, &[word(name), number]), SDK_PYTHON)
                    })
                    .collect(),
                shelves(org, account),
            )
        })
        .collect()
}

fn tasks(org: &Organisation) -> Vec<Actor> {
    let at = [
        (TASK_ROLE, account::HOSTING, region::HOME, 320),
        ("web-frontend-task", account::HOSTING, region::SECOND, 200),
        ("web-search-task", account::HOSTING, region::DARK, 160),
        ("mail-relay-task", account::MAIL, region::HOME, 160),
        ("idp-task", account::IDENTITY, region::HOME, 140),
        ("preview-task", account::STAGING, region::HOME, 100),
    ];
    at.iter()
        .map(|&(role, account, region, share)| {
            let session = if role == TASK_ROLE {
                task_id(org)
            } else {
                let mut id = String::new();
                org.rng(&[word("task id"), word(role)]).hex(32, &mut id);
                id
            };
            let arn = format!(
                "arn:aws:ecs:{}:{}:task/web-prod/{session}",
                org.regions[region],
                org.account(account)
            );
            let address = if role == TASK_ROLE {
                task_habit(org).0
            } else {
                org.cloud_address(Cloud::Aws, &[word(role), word("gateway")])
            };
            Actor {
                endpoint: true,
                ..Bones {
                    label: &format!("task/{role}"),
                    share,
                    rhythm: Rhythm::Daylight,
                    quantum: 5,
                    block: TASK_BLOCK,
                    calls: calls::APPLICATION,
                }
                .build(
                    one(account, region),
                    Who::Session {
                        role: role.to_owned(),
                        session,
                        opening: Opening::Service("ecs-tasks.amazonaws.com"),
                        holder: Holder::Compute("AWS::ECS::Task", arn),
                    },
                    steady(address, SDK_JAVA),
                    shelves(org, account).into_iter().filter(|shelf| shelf.region == region).collect(),
                )
            }
        })
        .collect()
}

fn instances(org: &Organisation) -> Vec<Actor> {
    let at = [
        (account::HOSTING, region::HOME, "web-node", 140),
        (account::HOSTING, region::SECOND, "web-node", 80),
        (account::HOSTING, region::DARK, "search-node", 80),
        (account::NETWORK, region::HOME, "firewall-node", 60),
        (account::INTRANET, region::HOME, "wiki-node", 80),
        (account::IDENTITY, region::HOME, "directory-node", 60),
        (account::ANALYTICS, region::FAR, "notebook-node", 60),
    ];
    at.iter()
        .enumerate()
        .map(|(number, &(account, region, role, share))| {
            let instance = pooled(org, "i", account, number as u64);
            Actor {
                endpoint: number % 2 == 0,
                ..Bones {
                    label: &format!("instance/{number}"),
                    share,
                    rhythm: Rhythm::Always,
                    quantum: 4,
                    block: 24,
                    calls: calls::INSTANCE,
                }
                .build(
                    one(account, region),
                    Who::Session {
                        role: role.to_owned(),
                        session: instance,
                        opening: Opening::Service("ec2.amazonaws.com"),
                        holder: Holder::Instance,
                    },
                    steady(org.cloud_address(Cloud::Aws, &[word("instance"), number as u64]), SSM_AGENT),
                    shelves(org, account).into_iter().filter(|shelf| shelf.region == region).collect(),
                )
            }
        })
        .collect()
}

fn loads(org: &Organisation) -> Vec<Actor> {
    let session = |role: &str, session: &str, host| Who::Session {
        role: role.to_owned(),
        session: session.to_owned(),
        opening: Opening::Service(host),
        holder: Holder::Asker,
    };
    let at =
        |account, label: &str, agent| steady(org.cloud_address(Cloud::Aws, &[account, word(label)]), agent);
    vec![
        Bones {
            label: "load/nightly",
            share: 1500,
            rhythm: Rhythm::Nightly,
            quantum: 20,
            block: TICKS_PER_DAY,
            calls: calls::LOAD,
        }
        .build(
            one(account::DATA, region::HOME),
            session("etl-loader", "GlueJobRunnerSession", "glue.amazonaws.com"),
            at(6, "etl", SPARK),
            shelves(org, account::DATA),
        ),
        Bones {
            label: "load/warehouse",
            share: 500,
            rhythm: Rhythm::Nightly,
            quantum: 20,
            block: TICKS_PER_DAY,
            calls: calls::LOAD,
        }
        .build(
            one(account::ANALYTICS, region::FAR),
            session("warehouse-loader", "RedshiftIamRoleSession", "redshift.amazonaws.com"),
            at(11, "warehouse", SPARK),
            shelves(org, account::ANALYTICS)
                .into_iter()
                .map(|shelf| Shelf { region: region::FAR, ..shelf })
                .collect(),
        ),
        Bones {
            label: "load/weekly",
            share: 300,
            rhythm: Rhythm::Weekly,
            quantum: 20,
            block: TICKS_PER_DAY,
            calls: calls::LOAD,
        }
        .build(
            one(account::HOSTING, region::HOME),
            session("search-indexer", "weekly-index", "ecs-tasks.amazonaws.com"),
            at(4, "indexer", SDK_GO),
            shelves(org, account::HOSTING),
        ),
        Bones {
            label: "load/archive",
            share: 400,
            rhythm: Rhythm::Always,
            quantum: 8,
            block: 16,
            calls: calls::REPLICATION,
        }
        .build(
            one(account::HOSTING, region::HOME),
            session("service-role/s3-replication", "s3-replication", "s3.amazonaws.com"),
            steady("s3.amazonaws.com".to_owned(), "s3.amazonaws.com"),
            shelves(org, account::HOSTING),
        ),
    ]
}

fn linked_role(role: &str, session: &str, host: &'static str) -> Who {
    Who::Session {
        role: role.to_owned(),
        session: session.to_owned(),
        opening: Opening::Service(host),
        holder: Holder::Service(host),
    }
}

fn from(host: &str) -> Vec<Habit> {
    steady(host.to_owned(), host)
}

/// What AWS records of the accounts' configuration.
fn watchers(org: &Organisation) -> Vec<Actor> {
    let config = |label: &'static str, account, share| {
        Bones { label, share, rhythm: Rhythm::Always, quantum: 5, block: 16, calls: calls::CONFIG }.build(
            one(account, region::HOME),
            linked_role(
                "aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig",
                "configLambdaExecution",
                "config.amazonaws.com",
            ),
            from("config.amazonaws.com"),
            shelves(org, account),
        )
    };
    vec![
        config("linked/config-hosting", account::HOSTING, 160),
        config("linked/config-data", account::DATA, 100),
        config("linked/config-management", account::MANAGEMENT, 60),
        config("linked/config-sandbox", account::SANDBOX, 60),
    ]
}

/// What AWS does in the accounts by itself.
fn linked() -> Vec<Actor> {
    vec![
        Bones {
            label: "linked/autoscaling",
            share: 200,
            rhythm: Rhythm::Daylight,
            quantum: 5,
            block: 16,
            calls: calls::SCALING,
        }
        .build(
            one(account::HOSTING, region::HOME),
            linked_role(
                "aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling",
                "AutoScaling",
                "autoscaling.amazonaws.com",
            ),
            from("autoscaling.amazonaws.com"),
            Vec::new(),
        ),
        Bones {
            label: "linked/backup",
            share: 160,
            rhythm: Rhythm::Nightly,
            quantum: 6,
            block: 32,
            calls: calls::BACKUP,
        }
        .build(
            [account::HOSTING, account::DATA, account::MAIL, account::BACKUP]
                .map(|account| Place { account, region: region::HOME, weight: 1 })
                .to_vec(),
            linked_role(
                "service-role/AWSBackupDefaultServiceRole",
                "AWSBackup-AWSBackupDefaultServiceRole",
                "backup.amazonaws.com",
            ),
            from("backup.amazonaws.com"),
            Vec::new(),
        ),
        Bones {
            label: "linked/stacks",
            share: 60,
            rhythm: Rhythm::Deploys,
            quantum: 6,
            block: 16,
            calls: calls::STACKS,
        }
        .build(
            [account::MANAGEMENT, account::NETWORK, account::DEV, account::SANDBOX]
                .map(|account| Place { account, region: region::HOME, weight: 1 })
                .to_vec(),
            linked_role("stacksets-exec", "StackSetsOrgMember", "cloudformation.amazonaws.com"),
            from("cloudformation.amazonaws.com"),
            Vec::new(),
        ),
        Bones {
            label: "linked/assume-ec2",
            share: 160,
            rhythm: Rhythm::Always,
            quantum: 3,
            block: 4,
            calls: calls::ASSUME_BY_SERVICE,
        }
        .build(everywhere(8), Who::Service("ec2.amazonaws.com"), Vec::new(), Vec::new()),
        Bones {
            label: "linked/assume-lambda",
            share: 160,
            rhythm: Rhythm::Daylight,
            quantum: 3,
            block: 4,
            calls: calls::ASSUME_BY_SERVICE,
        }
        .build(everywhere(8), Who::Service("lambda.amazonaws.com"), Vec::new(), Vec::new()),
        Bones {
            label: "linked/told",
            share: 60,
            rhythm: Rhythm::Always,
            quantum: 2,
            block: 4,
            calls: calls::TOLD,
        }
        .build(everywhere(8), Who::Service("kms.amazonaws.com"), Vec::new(), Vec::new()),
    ]
}
