//! The answer in three sentences: what happened, what it reached, what cannot be said.

use floodmark_case::{Coverage, Finding, Severity, Story};

pub(super) fn verdict(findings: &[Finding], story: &Story, coverage: &Coverage) -> String {
    [what_happened(findings, story), what_it_reached(story), what_cannot_be_said(coverage)].join(" ")
}

fn what_happened(findings: &[Finding], story: &Story) -> String {
    let serious = findings.iter().filter(|finding| finding.severity >= Severity::High).count();
    match story.suspects.split_first() {
        None => format!(
            "Nothing in what was read points to a stolen credential: {} of {} findings are high or critical.",
            serious,
            findings.len()
        ),
        Some((first, rest)) => {
            let guess = if first.guess { " (a guess)" } else { "" };
            let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
            format!("The story starts from {}{more}{guess}.", first.id)
        }
    }
}

fn what_it_reached(story: &Story) -> String {
    format!(
        "{} resources were reached and {} things were left behind.",
        story.reached.len(),
        story.leftovers.len()
    )
}

fn what_cannot_be_said(coverage: &Coverage) -> String {
    format!(
        "{} inputs were read, {} could not be read wholly, {} gaps remain.",
        coverage.read.len(),
        coverage.unread.iter().filter(|unread| unread.incomplete).count(),
        coverage.gaps.len()
    )
}
