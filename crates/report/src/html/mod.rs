//! One self-contained page: no script, no request, light, dark and on paper.

mod calls;
mod coverage;
mod credentials;
mod evidence;
mod findings;
mod leftovers;
mod lineage_drawing;
mod prose;
mod reach;
mod timeline_drawing;

use std::io::{self, Write};

use floodmark_case::{Answer, Command};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::Tone;
use crate::outline::key_numbers;
use crate::quantity::counted;
use evidence::EvidenceIndex;
use prose::{id, prose, shown};

/// Nothing may be loaded or run; the page's own style is all it has.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";
const STYLE: &str = include_str!("style.css");

pub(crate) fn write(answer: &Answer, out: &mut dyn Write) -> io::Result<()> {
    let evidence = EvidenceIndex::of(answer);
    let title = title(answer.command);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title { (title) " · Floodmark" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (head(answer, title))
                main {
                    (timeline_drawing::section(answer))
                    section #lineage {
                        h2 { "Lineage" }
                        p { "Which credential begot which: from the first one known, left, to the last, right." }
                        (lineage_drawing::figure(answer))
                        (credentials::table(answer, &evidence))
                    }
                    (findings::section(answer, &evidence))
                    (leftovers::section(answer, &evidence))
                    (reach::section(answer, &evidence))
                    (reach::volumes(answer, &evidence))
                    section #calls {
                        h2 { "Calls" }
                        p { "Every run of like calls by a fallen credential, with the bytes of the logs that it rests on." }
                        (calls::table(answer, &evidence))
                    }
                    (coverage::section(answer))
                    (evidence.section())
                }
                footer { div {
                    p { "Written by Floodmark from the evidence listed above and nothing else; the same evidence gives the same page. All times are UTC. This page holds no script and asks nothing of any network. Schema " (shown(&answer.schema)) "." }
                } }
            }
        }
    };
    out.write_all(page.into_string().as_bytes())?;
    out.write_all(b"\n")
}

const fn title(command: Command) -> &'static str {
    match command {
        Command::Trace => "What did these credentials do?",
        Command::Scan => "What is there, and what is known against it?",
    }
}

fn head(answer: &Answer, title: &str) -> Markup {
    const PARTS: [(&str, &str); 9] = [
        ("timeline", "Timeline"),
        ("lineage", "Lineage"),
        ("detections", "Detections"),
        ("left", "Left behind"),
        ("reach", "Blast radius"),
        ("volumes", "Data out"),
        ("calls", "Calls"),
        ("coverage", "Coverage"),
        ("evidence", "Evidence"),
    ];
    html! {
        header {
            div.eyebrow {
                svg viewBox="0 0 26 18" aria-hidden="true" {
                    path d="M1 5h24" stroke="currentColor" stroke-width="1.5" stroke-dasharray="3 2.4" fill="none" {}
                    path d="M1 12q4-4 8 0t8 0t8 0M1 16.5q4-4 8 0t8 0t8 0" stroke="currentColor" stroke-width="1.7" fill="none" {}
                }
                "Floodmark · " (answer.command.as_str())
            }
            h1 { (title) }
            p.verdict { (prose(&answer.verdict)) }
            @for suspect in answer.story.suspects.iter().filter(|suspect| suspect.guess).take(3) {
                div.banner { strong { "The starting point is a guess. " } (id(&suspect.id)) ": " (prose(&suspect.why)) }
            }
            @if answer.is_incomplete() { (incomplete(answer)) }
            dl.figures {
                @for number in key_numbers(answer) {
                    div {
                        dt { (number.label) }
                        dd class={ "value " (tone(number.tone)) } { (number.value) }
                        dd.note { @if number.note.is_empty() { "\u{a0}" } @else { (number.note) } }
                    }
                }
            }
            nav aria-label="Parts of this page" { ul { @for (id, name) in PARTS { li { a href={ "#" (id) } { (name) } } } } }
        }
    }
}

fn incomplete(answer: &Answer) -> Markup {
    let unread = answer.coverage.unread.iter().filter(|unread| unread.incomplete).count() as u64;
    html! {
        div.banner {
            strong { "This answer is incomplete. " }
            (counted(unread, "piece")) " of evidence could not be read, or not wholly; what was read is answered here. "
            a href="#coverage" { "What is missing" } "."
        }
    }
}

const fn tone(tone: Tone) -> &'static str {
    match tone {
        Tone::Tainted => "t-tainted",
        Tone::Warning => "t-warning",
        _ => "",
    }
}
