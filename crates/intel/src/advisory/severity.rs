//! How bad a flaw is, as its advisory says.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One statement about the severity, as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Severity {
    /// `CVSS_V2`, `CVSS_V3`, `CVSS_V4`, `Ubuntu`, or a type that is not known.
    #[serde(rename = "type")]
    pub kind: Box<str>,
    /// A CVSS vector, or a word.
    pub score: Box<str>,
}

/// A CVSS score in tenths: 98 is 9.8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Score(u8);

/// The qualitative scale of CVSS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Rating {
    /// 0.0
    None,
    /// 0.1 to 3.9
    Low,
    /// 4.0 to 6.9
    Medium,
    /// 7.0 to 8.9
    High,
    /// 9.0 to 10.0
    Critical,
}

impl Severity {
    /// The base score of a CVSS vector; with threat metrics of CVSS 4 in it, the score with these.
    ///
    /// None where it is no vector, or one that lacks mandatory metrics.
    pub fn score(&self) -> Option<Score> {
        if !self.kind.starts_with("CVSS") {
            return None;
        }
        let vector: cvss::Cvss = self.score.trim().parse().ok()?;
        has_base(&vector).then(|| Score::of(vector.score()))
    }

    /// On the scale of CVSS: of the score, or of the word.
    pub fn rating(&self) -> Option<Rating> {
        self.score().map(Score::rating).or_else(|| Rating::named(&self.score))
    }
}

/// Whether no mandatory metric is missing: the parser takes vectors without, and scores them 0.
fn has_base(vector: &cvss::Cvss) -> bool {
    let mandatory: &[&str] = match vector {
        cvss::Cvss::CvssV20(_) => &["AV", "AC", "Au", "C", "I", "A"],
        cvss::Cvss::CvssV30(_) | cvss::Cvss::CvssV31(_) => &["AV", "AC", "PR", "UI", "S", "C", "I", "A"],
        cvss::Cvss::CvssV40(_) => &["AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA"],
        _ => return false,
    };
    mandatory.iter().all(|metric| vector.metrics().any(|(found, _)| found.name() == *metric))
}

impl Score {
    /// A score between 0 and 10, rounded to tenths.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0 to 100")]
    fn of(score: f64) -> Self {
        Self((score * 10.0).round().clamp(0.0, 100.0) as u8)
    }

    /// A score of tenths, 0 to 100.
    pub(crate) fn from_tenths(tenths: u8) -> Option<Self> {
        (tenths <= 100).then_some(Self(tenths))
    }

    /// The score in tenths, 0 to 100.
    pub const fn tenths(self) -> u8 {
        self.0
    }

    /// Where it lies on the qualitative scale.
    pub const fn rating(self) -> Rating {
        match self.0 {
            0 => Rating::None,
            1..40 => Rating::Low,
            40..70 => Rating::Medium,
            70..90 => Rating::High,
            _ => Rating::Critical,
        }
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0 / 10, self.0 % 10)
    }
}

impl Rating {
    /// The word for it, as serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// What the words of GitHub, Ubuntu, Debian and Red Hat stand for.
    pub fn named(word: &str) -> Option<Self> {
        Some(match word.trim().to_ascii_lowercase().as_str() {
            "none" => Self::None,
            "low" | "negligible" | "minor" => Self::Low,
            "medium" | "moderate" => Self::Medium,
            "high" | "important" => Self::High,
            "critical" => Self::Critical,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn severity(kind: &str, score: &str) -> Severity {
        Severity { kind: kind.into(), score: score.into() }
    }

    #[test]
    fn a_vector_is_scored_as_first_published_it() {
        // The examples of FIRST: CVE-2014-0160 in 3.1, CVE-2002-0392 in 2.0, a reference example of 4.0.
        for (kind, vector, tenths) in [
            ("CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", 75),
            ("CVSS_V3", "CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 61),
            ("CVSS_V2", "AV:N/AC:L/Au:N/C:N/I:N/A:C", 78),
            ("CVSS_V4", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 93),
        ] {
            assert_eq!(severity(kind, vector).score().map(Score::tenths), Some(tenths), "{vector}");
        }
        assert_eq!(Score::of(9.8).to_string(), "9.8");
    }

    #[test]
    fn what_is_no_whole_vector_has_no_score() {
        for bad in ["", "9.8", "CVSS:3.1", "CVSS:3.1/AV:N", "CVSS:9.0/AV:N", "CVSS:4.0/AV:N/AC:L"] {
            assert_eq!(severity("CVSS_V3", bad).score(), None, "{bad}");
        }
    }

    #[test]
    fn words_have_a_rating_and_no_score() {
        let ubuntu = severity("Ubuntu", "negligible");
        assert_eq!((ubuntu.score(), ubuntu.rating()), (None, Some(Rating::Low)));
        assert_eq!(Rating::named("MODERATE"), Some(Rating::Medium));
        assert_eq!(Rating::named("untriaged"), None);
    }
}
