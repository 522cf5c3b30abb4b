//! What the page promises: no script, no request, links that lead somewhere, a bounded size.

mod markup;
mod sample;

use floodmark_case::{Answer, Credential, Finding, Leftover, Reached, Timestamp, Window};
use floodmark_report::{Format, Layout, render};

fn page(answer: &Answer) -> String {
    let mut out = Vec::new();
    render(answer, Format::Html, &Layout::default(), &mut out).expect("memory takes it");
    String::from_utf8(out).expect("a page is UTF-8")
}

#[test]
fn the_page_is_well_formed_and_loads_nothing() {
    let page = page(&sample::answer());
    let read = markup::read(&page).unwrap_or_else(|wrong| panic!("{wrong}"));
    assert_eq!(read.policy.as_deref(), Some("default-src 'none'; style-src 'unsafe-inline'"));
    for word in [
        "<script",
        "javascript:",
        "http://",
        "https://",
        "@import",
        "url(http",
        " onload",
        " onclick",
        "<iframe",
        "<link",
    ] {
        assert!(!page.contains(word), "{word}");
    }
}

#[test]
fn every_link_on_the_page_leads_to_a_place_on_it() {
    let read = markup::read(&page(&sample::answer())).unwrap_or_else(|wrong| panic!("{wrong}"));
    let lost: Vec<_> = read.targets.difference(&read.ids).collect();
    assert!(lost.is_empty() && read.targets.len() > 12, "{lost:?}");
}

#[test]
fn the_page_holds_all_that_the_sample_says() {
    let answer = sample::answer();
    let text = markup::read(&page(&answer)).unwrap_or_else(|wrong| panic!("{wrong}")).text;
    let undone = answer.story.leftovers.iter().map(|leftover| &leftover.resource);
    let found =
        answer.findings.iter().flat_map(|finding| [&finding.title, &finding.explanation, &finding.rule]);
    let missing =
        answer.coverage.unread.iter().map(|unread| &unread.path).chain(&answer.coverage.cannot_conclude);
    for part in undone
        .chain(found)
        .chain(missing)
        .chain(answer.story.credentials.iter().map(|credential| &credential.id))
    {
        assert!(text.contains(part.as_str()), "{part}");
    }
    assert!(text.contains(&answer.findings[0].citations[0].evidence.to_string()));
}

#[test]
fn an_empty_answer_has_a_page_that_claims_nothing() {
    let mut answer = sample::answer();
    answer.findings.clear();
    answer.links.clear();
    answer.story = floodmark_case::Story::default();
    answer.coverage = floodmark_case::Coverage::default();
    let read = markup::read(&page(&answer)).unwrap_or_else(|wrong| panic!("{wrong}"));
    assert!(read.text.contains("none seen") && read.text.contains("0 findings"), "{}", read.text);
}

/// A story of fifty thousand runs of calls by five thousand credentials.
fn big() -> Answer {
    let mut answer = sample::answer();
    let instant = |nth: i64| Timestamp::from_second(1_773_946_000 + nth * 7).expect("in range");
    let credential = answer.story.credentials[2].clone();
    answer.story.credentials.extend((0..5000).map(|nth| Credential {
        id: format!("ASIAEXAMPLE{nth:09}"),
        parent: Some(if nth % 7 == 0 { sample::SECOND.into() } else { format!("ASIAEXAMPLE{:09}", nth / 2) }),
        ..credential.clone()
    }));
    let row = answer.story.timeline[4].clone();
    answer.story.timeline = (0..50_000)
        .map(|nth| floodmark_case::TimelineRow {
            window: Window::at(instant(nth)),
            credential: format!("ASIAEXAMPLE{:09}", nth % 5000),
            ..row.clone()
        })
        .collect();
    let finding = answer.findings[3].clone();
    answer.findings.extend((0..3000).map(|nth| Finding {
        id: format!("F-{nth:012x}"),
        window: Some(Window::at(instant(nth))),
        ..finding.clone()
    }));
    let leftover = answer.story.leftovers[0].clone();
    answer.story.leftovers.extend(
        (0..4000).map(|nth| Leftover { resource: format!("AKIAEXAMPLE{nth:09}"), ..leftover.clone() }),
    );
    let reached = answer.story.reached[4].clone();
    answer.story.reached.extend(
        (0..20_000).map(|nth| Reached { resource: format!("arn:aws:s3:::bucket-{nth}"), ..reached.clone() }),
    );
    answer
}

#[test]
fn a_big_answer_is_folded_and_says_so() {
    let answer = big();
    let page = page(&answer);
    assert!(page.len() < 5_000_000, "{} bytes", page.len());
    let read = markup::read(&page).unwrap_or_else(|wrong| panic!("{wrong}"));
    for fold in [
        "1,500 of 50,000 runs of calls",
        "600 of 5,007 credentials",
        "400 of 3,009 findings",
        "800 of 4,007 leftovers",
        "--format json",
    ] {
        assert!(read.text.contains(fold), "{fold}");
    }
    let mut out = Vec::new();
    render(&answer, Format::Table, &Layout::default(), &mut out).expect("memory takes it");
    let view = String::from_utf8(out).expect("text");
    assert!(view.lines().count() < 1500 && view.contains("… and 49,920 more (--format json has all)"));
}
