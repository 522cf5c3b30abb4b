//! Text of the answer as markup: inert, bounded, escaped.

use floodmark_case::Timestamp;
use maud::{Markup, html};

use crate::fit::clip;
use crate::{inert, quantity};

/// Characters of one value that are shown; no honest ARN or sentence is longer.
const LONGEST: usize = 600;

/// Text that may go anywhere in the page: maud escapes what this returns.
pub(super) fn shown(text: &str) -> String {
    clip(&inert(&clip(text, LONGEST)), 2 * LONGEST)
}

/// An identifier.
pub(super) fn id(text: &str) -> Markup {
    html! { span.id { (shown(text)) } }
}

/// Prose of the program, in which what stands between backticks is code.
pub(super) fn prose(text: &str) -> Markup {
    let text = clip(&inert(text), 4000);
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return html! { (text) };
    }
    html! {
        @for (nth, part) in parts.iter().enumerate() {
            @if nth % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

/// A sentence apart from the commands in it, which stand on lines of their own where they can be copied.
pub(super) fn advice_and_commands(text: &str) -> Markup {
    let text = clip(&inert(text), 4000);
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) || parts.len() == 1 {
        return html! { p { (text) } };
    }
    html! {
        @for (nth, part) in parts.iter().enumerate() {
            @let words = part.trim_matches([' ', ';', ':']);
            @if nth % 2 == 1 { pre { @for word in part.split(' ') { span { (word) } " " } } } @else if !words.trim_matches('.').is_empty() { p { (sentence(words)) } }
        }
    }
}

fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    let stop = if words.ends_with(['.', '!', '?']) { "" } else { ":" };
    format!("{first}{}{stop}", letters.as_str())
}

/// An instant, to the second.
pub(super) fn instant(at: Timestamp) -> Markup {
    html! { time datetime=(at) { (quantity::second(at)) } }
}

/// The line that stands for what is not shown.
pub(super) fn folded(shown: usize, all: usize, what: &str) -> Markup {
    html! {
        @if shown < all {
            p.fold {
                (quantity::thousands(shown as u64)) " of " (quantity::thousands(all as u64)) " " (what)
                " are shown here. The JSON view (" code { "--format json" } ") has all."
            }
        }
    }
}
