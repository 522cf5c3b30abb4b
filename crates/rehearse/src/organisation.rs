//! The organisation: its accounts, regions, networks and names, all drawn from the seed.

use crate::entities::{Bucket, Entity, hosted};
use crate::rng::{BASE32, LOWER, Rng, word};

/// One account.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    /// Twelve digits.
    pub(crate) id: String,
    /// Its name, as in the organisation.
    pub(crate) name: &'static str,
}

/// The accounts, by what they are for: indices into [`Organisation::accounts`].
pub(crate) mod account {
    pub(crate) const MANAGEMENT: usize = 0;
    pub(crate) const AUDIT: usize = 1;
    pub(crate) const NETWORK: usize = 2;
    pub(crate) const SHARED: usize = 3;
    pub(crate) const HOSTING: usize = 4;
    pub(crate) const STAGING: usize = 5;
    pub(crate) const DATA: usize = 6;
    pub(crate) const MAIL: usize = 7;
    pub(crate) const IDENTITY: usize = 8;
    pub(crate) const BACKUP: usize = 9;
    pub(crate) const SANDBOX: usize = 10;
    pub(crate) const ANALYTICS: usize = 11;
    pub(crate) const INTRANET: usize = 12;
    pub(crate) const DEV: usize = 13;
    pub(crate) const NAMES: [&str; 14] = [
        "management",
        "audit",
        "network",
        "shared-services",
        "web-hosting",
        "web-staging",
        "data-platform",
        "mail-relay",
        "identity",
        "backup-vault",
        "sandbox",
        "analytics",
        "intranet",
        "dev",
    ];
}

/// The regions, by what they are for: indices into [`Organisation::regions`].
pub(crate) mod region {
    pub(crate) const HOME: usize = 0;
    pub(crate) const SECOND: usize = 1;
    /// Where the intruder stops the logging.
    pub(crate) const DARK: usize = 2;
    pub(crate) const FAR: usize = 3;
    /// Where the events of global services are logged.
    pub(crate) const GLOBAL: usize = 4;
    pub(crate) const COUNT: usize = 5;
}

/// The whole organisation.
#[derive(Debug)]
pub(crate) struct Organisation {
    pub(crate) seed: u64,
    /// `o-` and ten letters.
    pub(crate) id: String,
    pub(crate) accounts: Vec<Account>,
    pub(crate) regions: [&'static str; region::COUNT],
    /// The account of the intruder, outside the organisation.
    pub(crate) outside: String,
    /// The addresses of the offices.
    pub(crate) offices: Vec<String>,
    /// The address of the pipeline's own runners, whose key is stolen.
    pub(crate) runners: Vec<String>,
    /// First and last names in lower case, each once.
    pub(crate) people: Vec<(&'static str, &'static str)>,
    /// Whose sites are hosted.
    pub(crate) entities: Vec<Entity>,
    /// Their buckets.
    pub(crate) buckets: Vec<Bucket>,
    /// Six letters that make names global.
    pub(crate) suffix: String,
}

const FIRST: [&str; 40] = [
    "anna", "bram", "carla", "dario", "elena", "femke", "georg", "hanna", "ivo", "jana", "karel", "lena",
    "marek", "nadia", "olaf", "paula", "quinn", "rosa", "stefan", "tereza", "ulrike", "viktor", "wanda",
    "xavier", "yvonne", "zoltan", "amelie", "bruno", "chiara", "dimitri", "eva", "filip", "greta", "henrik",
    "ines", "joao", "katja", "luca", "mira", "nils",
];
const LAST: [&str; 40] = [
    "albers",
    "berger",
    "costa",
    "dubois",
    "eriksen",
    "ferrari",
    "gruber",
    "horvat",
    "ilves",
    "janssen",
    "kovacs",
    "lindqvist",
    "moreau",
    "novak",
    "oliveira",
    "petrov",
    "quist",
    "rossi",
    "schmitt",
    "tamm",
    "urban",
    "vermeer",
    "weber",
    "xenakis",
    "young",
    "zieba",
    "andersson",
    "bakker",
    "conti",
    "dvorak",
    "esposito",
    "fischer",
    "garcia",
    "hansen",
    "ivanov",
    "jung",
    "klein",
    "lopez",
    "meyer",
    "nagy",
];

impl Organisation {
    /// The organisation of this seed.
    pub(crate) fn of(seed: u64) -> Self {
        let mut rng = Rng::of(seed, &[word("organisation")]);
        let id = format!("o-{}", rng.text(10, LOWER));
        let accounts = account::NAMES.map(|name| Account { id: account_id(&mut rng), name }).to_vec();
        let mut regions = ["eu-central-1", "eu-west-1", "eu-west-3", "eu-north-1"];
        rng.shuffle(&mut regions);
        let regions = [regions[0], regions[1], regions[2], regions[3], "us-east-1"];
        let outside = account_id(&mut rng);
        let offices = (0..4).map(|_| format!("198.51.100.{}", rng.between(2, 250))).collect();
        let runners = (0..3).map(|_| format!("192.0.2.{}", rng.between(2, 250))).collect();
        let (mut first, mut last) = (FIRST, LAST);
        rng.shuffle(&mut first);
        rng.shuffle(&mut last);
        let suffix = rng.text(6, b"bcdfghjkmnpqrstvwxz");
        let (entities, buckets) = hosted(seed, &suffix);
        Self {
            seed,
            id,
            accounts,
            regions,
            outside,
            offices,
            runners,
            people: first.into_iter().zip(last).collect(),
            entities,
            buckets,
            suffix,
        }
    }

    /// The twelve digits of an account.
    pub(crate) fn account(&self, account: usize) -> &str {
        &self.accounts[account].id
    }

    /// A stream for a purpose.
    pub(crate) fn rng(&self, words: &[u64]) -> Rng {
        Rng::of(self.seed, words)
    }

    /// An access key id of a kind (`AKIA`, `ASIA`, `AIDA`, `AROA`), fixed by what it is for.
    pub(crate) fn unique_id(&self, kind: &str, words: &[u64]) -> String {
        let mut rng = self.rng(words);
        let mut out = String::with_capacity(20);
        out.push_str(kind);
        // The eighth and later letters carry the account in real ids; here the whole rest is drawn.
        rng.letters(16, BASE32, &mut out);
        out
    }

    /// The user name of a person: `first.last`.
    pub(crate) fn person(&self, index: usize) -> String {
        let (first, last) = self.people[index % self.people.len()];
        format!("{first}.{last}")
    }

    /// An address that people use at home, fixed by what it is for; every third is IPv6.
    pub(crate) fn home_address(&self, words: &[u64]) -> String {
        let mut rng = self.rng(words);
        if rng.permille(300) {
            let mut out = String::from("2001:db8:");
            rng.hex(4, &mut out);
            out.push_str(":1200:");
            rng.hex(4, &mut out);
            out.push_str(":6bff:fe");
            rng.hex(2, &mut out);
            out.push_str(":7a51");
            return out;
        }
        format!("198.{}.{}.{}", rng.between(18, 19), rng.below(256), rng.between(2, 250))
    }

    /// A public address in a cloud, fixed by what it is for.
    pub(crate) fn cloud_address(&self, cloud: Cloud, words: &[u64]) -> String {
        let mut rng = self.rng(words);
        let first = match cloud {
            Cloud::Aws => *rng.pick(&[3_u64, 18, 35, 52, 54]),
            Cloud::GitHub => *rng.pick(&[4_u64, 20, 52]),
        };
        let second = rng.between(64, 127);
        format!("{first}.{second}.{}.{}", rng.below(256), rng.between(1, 254))
    }
}

/// Whose addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cloud {
    /// Amazon's own, as instances and gateways have.
    Aws,
    /// The ones that hosted runners have.
    GitHub,
}

fn account_id(rng: &mut Rng) -> String {
    let mut id = rng.text(1, b"123456789");
    rng.letters(11, b"0123456789", &mut id);
    id
}
