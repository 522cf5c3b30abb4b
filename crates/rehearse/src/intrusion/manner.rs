//! How the intruder of a seed goes about it: with which tools, from where, how fast, in which order, and what is left out.

use crate::organisation::Organisation;
use crate::rng::{Rng, word};

/// The tools of an intruder, by what they call themselves, and the names that it gives to things.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kit {
    /// What the stolen key is first tried with.
    pub(crate) validator: &'static str,
    /// The library behind its scripts.
    pub(crate) library: &'static str,
    /// The command line.
    pub(crate) cli: &'static str,
    /// What carries objects away.
    pub(crate) copier: &'static str,
    /// What things are called for.
    pub(crate) label: &'static str,
    /// The policy that is given and taken away again.
    pub(crate) policy: &'static str,
}

/// The tools of the campaign of spring 2026, as they were reported.
const REPORTED: Kit = Kit {
    validator: "TruffleHog",
    library: "Boto3/1.42.73 md/Botocore#1.42.73 ua/2.1 os/linux#6.17.10+kali-amd64 md/arch#x86_64 lang/python#3.13.9 md/pyimpl#CPython m/b,Z,D cfg/retry-mode#legacy Botocore/1.42.73",
    cli: "aws-cli/2.31.35 md/awscrt#1.0.0.dev0 ua/2.1 os/linux#6.17.10+kali-amd64 md/arch#x86_64 lang/python#3.13.9 md/pyimpl#CPython m/b,E cfg/retry-mode#standard md/installer#source md/distrib#kali md/prompt#off",
    copier: "s5cmd/v2.3.0 aws-sdk-go/1.44.256 (go1.22.5; linux; amd64) S3Manager",
    label: "massive-exfil",
    policy: "exfil-s3-full",
};

/// Tools that anybody might have.
const ORDINARY: [Kit; 2] = [
    Kit {
        validator: "aws-cli/2.27.50 md/awscrt#0.26.1 ua/2.1 os/macos#24.5.0 md/arch#arm64 lang/python#3.13.4 md/pyimpl#CPython m/n,E cfg/retry-mode#standard md/installer#exe md/prompt#off md/command#sts.get-caller-identity",
        library: "aws-sdk-js/3.848.0 ua/2.1 os/darwin#24.5.0 lang/js md/nodejs#22.17.0 api/iam#3.848.0 m/E,e",
        cli: "aws-cli/2.27.50 md/awscrt#0.26.1 ua/2.1 os/macos#24.5.0 md/arch#arm64 lang/python#3.13.4 md/pyimpl#CPython m/n,E cfg/retry-mode#standard md/installer#exe md/prompt#off",
        copier: "aws-cli/2.27.50 md/awscrt#0.26.1 ua/2.1 os/macos#24.5.0 md/arch#arm64 lang/python#3.13.4 md/pyimpl#CPython m/n,E,G cfg/retry-mode#standard md/installer#exe md/prompt#off md/command#s3.cp",
        label: "tmp-restore",
        policy: "object-access",
    },
    Kit {
        validator: "Boto3/1.39.4 md/Botocore#1.39.4 ua/2.1 os/windows#10 md/arch#amd64 lang/python#3.12.10 md/pyimpl#CPython m/Z,b cfg/retry-mode#legacy Botocore/1.39.4",
        library: "Boto3/1.39.4 md/Botocore#1.39.4 ua/2.1 os/windows#10 md/arch#amd64 lang/python#3.12.10 md/pyimpl#CPython m/Z,b,D cfg/retry-mode#legacy Botocore/1.39.4",
        cli: "aws-cli/2.27.41 md/awscrt#0.26.1 ua/2.1 os/windows#2022Server md/arch#amd64 lang/python#3.13.3 md/pyimpl#CPython m/E cfg/retry-mode#standard md/installer#exe md/prompt#off",
        copier: "rclone/v1.70.2",
        label: "site-copy",
        policy: "media-sync",
    },
];

/// How fast an intruder goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// Days between the acts.
    Patient,
    /// From the first try to a foothold in a night, and away with the data the night after.
    Fast,
}

/// An act that an intruder may do early or late, or leave out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    Function,
    Instance,
    Trust,
    Task,
    Passing,
}

/// How the intruder of a seed goes about it.
#[derive(Debug, Clone)]
pub(crate) struct Manner {
    pub(crate) kit: Kit,
    pub(crate) pace: Pace,
    /// The middle acts, in their order.
    pub(crate) acts: Vec<Act>,
    /// Whether a bucket is opened to an account outside.
    pub(crate) opens_bucket: bool,
    /// Whether addresses that were published for the campaign are among the intruder's.
    pub(crate) is_published: bool,
}

impl Manner {
    /// The manner of this organisation's seed: of every fourth seed, from 1 on, that of the campaign as it was reported.
    pub(crate) fn of(org: &Organisation) -> Self {
        let mut acts = vec![Act::Function, Act::Instance, Act::Trust, Act::Task, Act::Passing];
        if org.seed % 4 == 1 {
            return Self { kit: REPORTED, pace: Pace::Patient, acts, opens_bucket: true, is_published: true };
        }
        let mut rng = org.rng(&[word("manner")]);
        let kit = *rng.pick(&ORDINARY);
        let pace = if rng.permille(500) { Pace::Fast } else { Pace::Patient };
        rng.shuffle(&mut acts);
        // the instance stays: what it sends is what the flow log shows
        let left_out = *rng.pick(&[Act::Function, Act::Trust, Act::Task, Act::Passing]);
        acts.retain(|&act| act != left_out);
        Self { kit, pace, acts, opens_bucket: rng.permille(500), is_published: false }
    }

    /// Where the intruder comes from, by number.
    pub(crate) fn addresses(&self, rng: &mut Rng) -> Vec<String> {
        // Those published for the campaign, and others in ranges that nobody has.
        let mut published =
            ["154.47.29.12", "170.62.100.245", "138.199.15.172", "105.245.181.120", "209.159.147.239"];
        rng.shuffle(&mut published);
        if !self.is_published {
            let mut own = vec![
                format!("203.0.113.{}", rng.between(2, 250)),
                format!(
                    "2001:db8:{:x}:{:x}::{:x}",
                    rng.between(1, 0xfff),
                    rng.between(1, 0xfff),
                    rng.between(2, 0xff)
                ),
            ];
            own.extend((0..5).map(|_| {
                format!("198.{}.{}.{}", rng.between(18, 19), rng.between(0, 255), rng.between(2, 250))
            }));
            return own;
        }
        let mut addresses: Vec<String> = published[..2].iter().map(ToString::to_string).collect();
        for _ in 0..5 {
            addresses.push(format!("203.0.113.{}", rng.between(2, 250)));
        }
        addresses.sort();
        addresses.dedup();
        rng.shuffle(&mut addresses);
        addresses
    }
}
