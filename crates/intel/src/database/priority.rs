//! How urgent a flaw is: exploited as CISA knows, likely to be as FIRST reckons.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An entry of CISA's catalogue of known exploited vulnerabilities.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Kev {
    /// The CVE.
    pub cve: Box<str>,
    /// Who makes the product.
    pub vendor: Box<str>,
    /// The product.
    pub product: Box<str>,
    /// What the flaw is called.
    pub name: Box<str>,
    /// The day on which it was added, as `2026-03-23`.
    pub added: Box<str>,
    /// The day by which agencies must have acted.
    pub due: Box<str>,
    /// Whether ransomware is known to use it.
    pub ransomware: bool,
    /// What is to be done.
    pub action: Box<str>,
}

/// How likely a flaw is to be exploited within thirty days, as FIRST reckons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Epss {
    /// The probability in hundred-thousandths.
    pub score: u32,
    /// The share of flaws that are at most as likely, in hundred-thousandths.
    pub percentile: u32,
}

impl Epss {
    /// One, in the unit of its numbers.
    pub const ONE: u32 = 100_000;

    /// The probability, 0 to 1.
    pub fn probability(self) -> f64 {
        f64::from(self.score) / f64::from(Self::ONE)
    }

    /// The share of flaws that are at most as likely, 0 to 1.
    pub fn rank(self) -> f64 {
        f64::from(self.percentile) / f64::from(Self::ONE)
    }
}
