//! Lines for a terminal: everything that is written passes through here and comes out inert.

use std::io::{self, Write};

use crate::fit::{clip, columns, wrap};
use crate::{Layout, Style, Tone, inert};

/// Characters of one text that a terminal gets; whoever wants more wants JSON.
const LONGEST: usize = 2000;

/// A piece of a line.
#[derive(Clone, Copy)]
pub(crate) struct Span<'a>(pub(crate) &'a str, pub(crate) Tone);

/// Where lines are written.
pub(crate) struct Pen<'a> {
    out: &'a mut dyn Write,
    layout: Layout,
}

impl<'a> Pen<'a> {
    pub(crate) fn new(out: &'a mut dyn Write, layout: Layout) -> Self {
        Self { out, layout }
    }

    pub(crate) fn layout(&self) -> Layout {
        self.layout
    }

    pub(crate) fn out(&mut self) -> &mut dyn Write {
        self.out
    }

    pub(crate) fn blank(&mut self) -> io::Result<()> {
        self.out.write_all(b"\n")
    }

    /// An empty line, the heading, and what stands beside it in a quieter voice.
    pub(crate) fn heading(&mut self, title: &str, aside: &str) -> io::Result<()> {
        self.blank()?;
        let title = title.to_uppercase();
        let room = self.layout.columns().saturating_sub(columns(&title) + 2);
        if aside.is_empty() || columns(&inert(aside)) > room {
            self.line(&[Span(&title, Tone::Strong)])?;
            return if aside.is_empty() { Ok(()) } else { self.text(aside, "", Tone::Quiet) };
        }
        self.line(&[Span(&title, Tone::Strong), Span("  ", Tone::Plain), Span(aside, Tone::Quiet)])
    }

    /// One line of spans; the caller has seen to it that they fit.
    pub(crate) fn line(&mut self, spans: &[Span<'_>]) -> io::Result<()> {
        for Span(text, tone) in spans {
            self.span(&inert(text), *tone)?;
        }
        self.blank()
    }

    /// Running text, wrapped, each line behind this indentation.
    pub(crate) fn text(&mut self, text: &str, indent: &str, tone: Tone) -> io::Result<()> {
        self.hanging(Span(indent, Tone::Plain), &" ".repeat(columns(indent)), text, tone)
    }

    /// Running text behind a mark, its further lines behind another.
    pub(crate) fn hanging(&mut self, mark: Span<'_>, indent: &str, text: &str, tone: Tone) -> io::Result<()> {
        let mark_text = inert(mark.0);
        let room = self.layout.measure().saturating_sub(columns(&mark_text).max(columns(indent)));
        for (nth, line) in wrap(&clip(&inert(text), LONGEST), room).iter().enumerate() {
            if nth == 0 {
                self.span(&mark_text, mark.1)?;
            } else {
                self.span(indent, Tone::Plain)?;
            }
            self.span(line, tone)?;
            self.blank()?;
        }
        Ok(())
    }

    /// Short facts between dots; a line breaks between two of them, not inside one.
    pub(crate) fn facts(&mut self, facts: &[String], indent: Span<'_>) -> io::Result<()> {
        let units: Vec<_> =
            facts.iter().filter(|fact| !fact.is_empty()).map(|fact| fact.replace(' ', "\u{a0}")).collect();
        let room = self.layout.measure().saturating_sub(columns(indent.0));
        for line in wrap(&clip(&inert(&units.join("\u{a0}· ")), LONGEST), room) {
            self.span(indent.0, indent.1)?;
            self.span(&line.replace('\u{a0}', " "), Tone::Quiet)?;
            self.blank()?;
        }
        Ok(())
    }

    fn span(&mut self, text: &str, tone: Tone) -> io::Result<()> {
        write_toned(self.out, text, tone, self.layout.style)
    }
}

/// Writes inert text in its tone.
pub(crate) fn write_toned(out: &mut dyn Write, text: &str, tone: Tone, style: Style) -> io::Result<()> {
    match (style, tone.sgr()) {
        (Style::Colour, Some(sgr)) if !text.trim().is_empty() => write!(out, "\x1b[{sgr}m{text}\x1b[0m"),
        _ => out.write_all(text.as_bytes()),
    }
}
