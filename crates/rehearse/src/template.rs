//! Fills the blanks of a template: `{"bucketName":"<bucket>","key":"<key>"}`.

use crate::calendar::{Moment, american, iso};
use crate::organisation::Organisation;
use crate::rng::{ALNUM, BASE64, LOWER, Rng, UPPER, word};

/// What the blanks of one event are filled from.
pub(crate) struct Scene<'a> {
    pub(crate) org: &'a Organisation,
    pub(crate) account: usize,
    pub(crate) region: &'a str,
    pub(crate) at: Moment,
    /// The bucket, key and role that this event is about.
    pub(crate) bucket: &'a str,
    pub(crate) key: &'a str,
    pub(crate) role: &'a str,
}

/// Secrets that programs read by name; the intruder reads some of them too.
pub(crate) const SECRETS: [&str; 12] = [
    "prod/web/database",
    "prod/web/cms-admin",
    "prod/web/cdn-token",
    "prod/search/api",
    "prod/mail/smtp-relay",
    "prod/mail/dkim",
    "prod/newsletter/provider",
    "prod/analytics/warehouse",
    "prod/idp/client",
    "prod/etl/source",
    "stage/web/database",
    "shared/registry/robot",
];
/// Parameters that programs read by name.
pub(crate) const PARAMETERS: [&str; 8] = [
    "/web/prod/database/url",
    "/web/prod/feature-flags",
    "/web/prod/session-key",
    "/mail/prod/relay-host",
    "/search/prod/endpoint",
    "/etl/prod/watermark",
    "/shared/base-image",
    "/idp/prod/issuer",
];
const TABLES: [&str; 6] = ["sessions", "redirects", "subscriptions", "consents", "jobs", "terraform-locks"];
const FUNCTIONS: [&str; 8] = [
    "image-resize",
    "sitemap-build",
    "newsletter-send",
    "cache-purge",
    "form-intake",
    "log-shipper",
    "thumbnailer",
    "feed-import",
];
const REPOSITORIES: [&str; 6] =
    ["web/cms", "web/frontend", "web/search", "mail/relay", "etl/loader", "platform/runner"];
const CLUSTERS: [&str; 3] = ["web-prod", "mail-prod", "jobs"];

/// The six random characters at the end of a secret's ARN, fixed by the secret.
pub(crate) fn secret_suffix(org: &Organisation, account: usize, name: &str) -> String {
    org.rng(&[word("secret"), account as u64, word(name)]).text(6, ALNUM)
}

/// An id such as `i-0123…` of the pool of its kind in an account.
pub(crate) fn pooled(org: &Organisation, prefix: &str, account: usize, number: u64) -> String {
    let mut out = format!("{prefix}-0");
    org.rng(&[word(prefix), account as u64, number]).hex(16, &mut out);
    out
}

/// Appends the template with its blanks filled.
pub(crate) fn fill(template: &str, scene: &Scene<'_>, rng: &mut Rng, out: &mut String) {
    let mut rest = template;
    while let Some(open) = rest.find('<') {
        out.push_str(&rest[..open]);
        let Some(close) = rest[open..].find('>') else { break };
        blank(&rest[open + 1..open + close], scene, rng, out);
        rest = &rest[open + close + 1..];
    }
    out.push_str(rest);
}

fn blank(name: &str, scene: &Scene<'_>, rng: &mut Rng, out: &mut String) {
    let (name, argument) = name.split_once(':').unwrap_or((name, ""));
    let count = || argument.parse().unwrap_or(8);
    match name {
        "account" => out.push_str(scene.org.account(scene.account)),
        "region" => out.push_str(scene.region),
        "bucket" => out.push_str(scene.bucket),
        "key" => out.push_str(scene.key),
        "role" => out.push_str(scene.role),
        "iso" => iso(scene.at, out),
        "american" => american(scene.at, out),
        "uuid" => rng.uuid(out),
        "hex" => rng.hex(count(), out),
        "b64" => rng.letters(count(), BASE64, out),
        "up" => rng.letters(count(), UPPER, out),
        "low" => rng.letters(count(), LOWER, out),
        "n" => {
            let (low, high) = argument.split_once('-').unwrap_or(("0", argument));
            let number = rng.between(low.parse().unwrap_or(0), high.parse().unwrap_or(9));
            out.push_str(&number.to_string());
        }
        "pick" => {
            let choices = argument.split('|').count() as u64;
            out.push_str(argument.split('|').nth(rng.below(choices) as usize).unwrap_or_default());
        }
        "secret" => out.push_str(rng.pick::<&str>(&SECRETS)),
        "secretarn" => {
            let secret: &str = rng.pick::<&str>(&SECRETS);
            let suffix = secret_suffix(scene.org, scene.account, secret);
            for part in [
                "arn:aws:secretsmanager:",
                scene.region,
                ":",
                scene.org.account(scene.account),
                ":secret:",
                secret,
                "-",
                &suffix,
            ] {
                out.push_str(part);
            }
        }
        "param" => out.push_str(rng.pick::<&str>(&PARAMETERS)),
        "table" => out.push_str(rng.pick::<&str>(&TABLES)),
        "function" => out.push_str(rng.pick::<&str>(&FUNCTIONS)),
        "repo" => out.push_str(rng.pick::<&str>(&REPOSITORIES)),
        "cluster" => out.push_str(rng.pick::<&str>(&CLUSTERS)),
        "person" => out.push_str(&scene.org.person(rng.below(40) as usize)),
        "kms" => {
            let number = rng.below(6);
            scene.org.rng(&[word("kms"), scene.account as u64, number]).uuid(out);
        }
        // `<i>`, `<vol>`, `<snap>`, `<sg>`, `<eni>`, `<vpc>`, `<subnet>`, `<vpce>`: ids of a small pool of each.
        _ => out.push_str(&pooled(scene.org, name, scene.account, rng.below(24))),
    }
}
