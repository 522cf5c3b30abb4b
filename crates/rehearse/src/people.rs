//! The people: IAM Identity Center roles, and a few users with keys of their own.

use crate::actor::{Actor, Habit, Opening, Place, Shelf, Who};
use crate::calendar::{Rhythm, TICKS, TICKS_PER_DAY};
use crate::calls;
use crate::identity::Holder;
use crate::organisation::{Organisation, account, region};
use crate::rng::{Rng, word};

/// How many people work through IAM Identity Center.
const STAFF: usize = 15;
/// The people with users and keys of their own: indices of their names.
pub(crate) const KEYED: [usize; 3] = [20, 21, 22];
/// The name of the person who administers users and keys.
pub(crate) const ADMINISTRATOR: usize = 0;
/// The name of the person who leads the response.
pub(crate) const RESPONDER: usize = 1;

const BROWSERS: [&str; 4] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/145.0.0.0 Safari/537.36 Edg/145.0.0.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/145.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:148.0) Gecko/20100101 Firefox/148.0",
    "AWS Internal",
];
const TOOLS: [&str; 5] = [
    "aws-cli/2.33.8 md/awscrt#0.29.1 ua/2.1 os/macos#25.3.0 md/arch#arm64 lang/python#3.13.11 md/pyimpl#CPython m/b,Z,n,E cfg/retry-mode#standard md/installer#exe md/prompt#off md/command#ec2.describe-instances",
    "aws-cli/2.31.2 md/awscrt#0.27.6 ua/2.1 os/linux#6.8.0-84-generic md/arch#x86_64 lang/python#3.13.7 md/pyimpl#CPython m/E,b,Z cfg/retry-mode#standard md/installer#exe md/distrib#ubuntu.24 md/prompt#off md/command#logs.filter-log-events",
    "aws-cli/2.27.50 md/awscrt#0.26.1 ua/2.1 os/windows#11 md/arch#amd64 lang/python#3.13.4 md/pyimpl#CPython m/E,b cfg/retry-mode#standard md/installer#exe md/prompt#off md/command#iam.list-roles",
    "Boto3/1.40.21 md/Botocore#1.40.21 ua/2.1 os/macos#24.6.0 md/arch#arm64 lang/python#3.12.11 md/pyimpl#CPython m/Z,b cfg/retry-mode#legacy Botocore/1.40.21",
    "APN/1.0 HashiCorp/1.0 Terraform/1.13.4 (+https://www.terraform.io) terraform-provider-aws/6.18.0 (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.39.4 os/linux lang/go#1.24.8 md/GOOS#linux md/GOARCH#amd64",
];
const PERMISSION_SETS: [(&str, usize); 5] = [
    ("AdministratorAccess", account::SHARED),
    ("WebOperations", account::HOSTING),
    ("DataEngineer", account::DATA),
    ("ReadOnlyAccess", account::INTRANET),
    ("Developer", account::DEV),
];

/// The role of a permission set, as IAM Identity Center names it in an account.
pub(crate) fn permission_set(org: &Organisation, set: &str, account: usize) -> String {
    let mut tail = String::new();
    org.rng(&[word("sso"), word(set), account as u64]).hex(16, &mut tail);
    format!("aws-reserved/sso.amazonaws.com/{}/AWSReservedSSO_{set}_{tail}", org.regions[region::HOME])
}

/// All of them.
pub(crate) fn people(org: &Organisation) -> Vec<Actor> {
    let staff = (0..STAFF).map(|index| member(org, index));
    let keyed = KEYED.iter().map(|&index| keyed(org, index));
    staff.chain(keyed).collect()
}

fn member(org: &Organisation, index: usize) -> Actor {
    let name = org.person(index);
    let label = format!("person/{name}");
    let mut rng = org.rng(&[word(&label)]);
    let (set, home) = PERMISSION_SETS[if index <= RESPONDER { 0 } else { index % PERMISSION_SETS.len() }];
    let places = vec![Place { account: home, region: region::HOME, weight: 60 }];
    let role = permission_set(org, set, home);
    let rhythm = match index % 6 {
        4 => Rhythm::LateOffice,
        5 => Rhythm::Overseas,
        _ => Rhythm::Office,
    };
    // Somebody now and then looks into a region where nothing is.
    let region = if rng.permille(300) { region::SECOND } else { region::HOME };
    Actor {
        share: rng.between(40, 90),
        rhythm,
        quantum: 5,
        block: 32,
        places: places.into_iter().map(|place| Place { region, ..place }).collect(),
        who: Who::Session {
            role,
            session: format!("{name}@corp.example"),
            opening: Opening::Saml(name),
            holder: Holder::Asker,
        },
        habits: habits(org, &label, index, &mut rng),
        calls: calls::PERSON,
        shelves: shelves(org, home),
        refused: if index % 5 == 3 { 60 } else { 12 },
        endpoint: false,
        ends: TICKS,
        label,
    }
}

fn keyed(org: &Organisation, index: usize) -> Actor {
    let name = org.person(index);
    let label = format!("keyed/{name}");
    let mut rng = org.rng(&[word(&label)]);
    Actor {
        share: 40,
        rhythm: Rhythm::Office,
        quantum: 4,
        block: 16,
        places: vec![Place { account: account::HOSTING, region: region::HOME, weight: 1 }],
        who: Who::User { key: keyed_key(org, index), name },
        habits: habits(org, &label, index, &mut rng),
        calls: calls::PERSON,
        shelves: shelves(org, account::HOSTING),
        refused: 20,
        endpoint: false,
        ends: TICKS,
        label,
    }
}

/// The key that a keyed person has from the start.
pub(crate) fn keyed_key(org: &Organisation, index: usize) -> String {
    org.unique_id("AKIA", &[word("keyed"), index as u64])
}

/// A bucket of the account itself, and hosted ones where the account hosts.
pub(crate) fn shelves(org: &Organisation, account: usize) -> Vec<Shelf> {
    let mut shelves: Vec<Shelf> = ["artifacts", "data", "reports"]
        .iter()
        .map(|what| Shelf {
            bucket: format!("{}-{what}-{}", org.accounts[account].name, org.suffix),
            region: region::HOME,
        })
        .collect();
    shelves.extend(
        org.buckets
            .iter()
            .filter(|bucket| bucket.account == account && bucket.logged.in_trail())
            .map(|bucket| Shelf { bucket: bucket.name.clone(), region: bucket.region }),
    );
    shelves
}

/// Office and home, browser and tool; a new laptop, a new provider at home or a journey for some.
fn habits(org: &Organisation, label: &str, index: usize, rng: &mut Rng) -> Vec<Habit> {
    let office = org.offices[index % org.offices.len()].clone();
    let home = org.home_address(&[word(label), word("home")]);
    let browser = BROWSERS[index % BROWSERS.len()].to_owned();
    let tool = TOOLS[index % TOOLS.len()].to_owned();
    let habit = |from, until, weight, address: &str, agent: &str| Habit {
        from,
        until,
        weight,
        address: address.to_owned(),
        agent: agent.to_owned(),
    };
    let change = rng.between(5, 11) * TICKS_PER_DAY;
    let mut habits = vec![
        habit(0, TICKS, 50, &office, &browser),
        habit(0, TICKS, 20, &office, &tool),
        habit(0, TICKS, 12, &home, &browser),
    ];
    match index % 5 {
        0 => {
            let laptop = TOOLS[(index + 1) % TOOLS.len()].replace("2.3", "2.34");
            habits.push(habit(change, TICKS, 40, &office, &laptop));
        }
        1 => {
            let provider = org.home_address(&[word(label), word("new home")]);
            habits.push(habit(change, TICKS, 40, &provider, &browser));
        }
        2 => {
            let hotel = org.home_address(&[word(label), word("hotel")]);
            habits.push(habit(change, change + 3 * TICKS_PER_DAY, 400, &hotel, &browser));
        }
        3 => {
            let phone = org.home_address(&[word(label), word("phone")]);
            habits.push(habit(change, change + TICKS_PER_DAY, 200, &phone, &tool));
        }
        _ => {}
    }
    habits
}

/// The address and browser that a person has at the office.
pub(crate) fn desk(org: &Organisation, index: usize) -> (String, &'static str) {
    (org.offices[index % org.offices.len()].clone(), BROWSERS[index % 3])
}
