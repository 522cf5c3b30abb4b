//! What must be undone.

use std::io;

use floodmark_case::Answer;

use super::more;
use crate::fit::keep_tail;
use crate::pen::{Pen, Span};
use crate::quantity::{counted, minute};
use crate::{Tone, inert, wording};

/// Leftovers that are shown.
const SHOWN: usize = 60;

pub(super) fn write(answer: &Answer, pen: &mut Pen<'_>) -> io::Result<()> {
    let leftovers = &answer.story.leftovers;
    if leftovers.is_empty() {
        return pen.heading("Left behind", "nothing seen");
    }
    pen.heading("Left behind", &format!("{} to be undone", counted(leftovers.len() as u64, "thing")))?;
    for (nth, leftover) in leftovers.iter().take(SHOWN).enumerate() {
        let mark = format!("{:>3}. ", nth + 1);
        let kind = format!("{}  ", wording::leftover_kind(leftover.kind));
        let room = pen.layout().columns().saturating_sub(mark.len() + kind.len());
        let resource = keep_tail(&inert(&leftover.resource), room);
        pen.line(&[Span(&mark, Tone::Quiet), Span(&kind, Tone::Strong), Span(&resource, Tone::Tainted)])?;
        let mut made = vec![minute(leftover.since), format!("{} by {}", leftover.call, leftover.by)];
        if !leftover.resource.contains(&leftover.account) {
            made.push(format!("account {}", leftover.account));
        }
        if leftover.region != "aws-global" && !leftover.resource.contains(&leftover.region) {
            made.push(leftover.region.clone());
        }
        pen.facts(&made, Span("     ", Tone::Plain))?;
        pen.hanging(Span("     → ", Tone::Plain), "       ", &leftover.undo, Tone::Plain)?;
    }
    more(pen, leftovers.len().saturating_sub(SHOWN), "     ")
}
