//! Tables that fit.

use std::io::{self, Write};

use crate::fit::{clip, columns, keep_ends, keep_head, keep_tail, pad, wrap};
use crate::pen::write_toned;
use crate::{Layout, Tone, inert};

/// The columns between two columns.
const GAP: usize = 2;

/// Characters of one cell that wrap; what is longer is cut in the middle.
const LONGEST: usize = 400;

/// What is done with text that is wider than its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Overflow {
    Wrap,
    Head,
    Tail,
    Ends,
}

/// One column of a [`Table`].
#[derive(Debug, Clone)]
pub struct Column {
    header: String,
    is_number: bool,
    overflow: Overflow,
    floor: usize,
    is_spare: bool,
}

impl Column {
    /// Text, which wraps where it is too long.
    pub fn text(header: impl Into<String>) -> Self {
        Self { header: header.into(), is_number: false, overflow: Overflow::Wrap, floor: 8, is_spare: false }
    }

    /// Numbers, at the right edge, never cut.
    pub fn number(header: impl Into<String>) -> Self {
        Self { is_number: true, floor: usize::MAX, ..Self::text(header) }
    }

    /// Short words or times, never cut.
    pub fn word(header: impl Into<String>) -> Self {
        Self { floor: usize::MAX, ..Self::text(header) }
    }

    /// Identifiers of which the end says most, as with ARNs and paths.
    pub fn tail(header: impl Into<String>) -> Self {
        Self { overflow: Overflow::Tail, floor: 12, ..Self::text(header) }
    }

    /// Identifiers of which both ends say something, as with access keys.
    pub fn ends(header: impl Into<String>) -> Self {
        Self { overflow: Overflow::Ends, floor: 9, ..Self::text(header) }
    }

    /// Text of which the start says most.
    pub fn head(header: impl Into<String>) -> Self {
        Self { overflow: Overflow::Head, floor: 16, ..Self::text(header) }
    }

    /// The same column, left away where there is no room for it.
    #[must_use]
    pub fn spare(self) -> Self {
        Self { is_spare: true, ..self }
    }
}

/// One cell of a [`Table`].
#[derive(Debug, Clone, Default)]
pub struct Cell {
    text: String,
    tone: Tone,
}

impl Cell {
    /// Text with a meaning that colour may show too.
    pub fn toned(text: impl AsRef<str>, tone: Tone) -> Self {
        Self { text: inert(text.as_ref()).into_owned(), tone }
    }
}

impl<T: AsRef<str>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::toned(text, Tone::Plain)
    }
}

/// Rows under headers, laid out for the width there is.
///
/// Columns shrink from the widest down to what they need; where that is not enough, the spare ones at the right are
/// left away. All text is made inert as it enters.
#[derive(Debug, Clone)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Row>,
    indent: usize,
}

#[derive(Debug, Clone)]
enum Row {
    Cells(Vec<Cell>),
    /// Text over all columns, this far to the left of them.
    Line(Cell, usize),
}

impl Table {
    /// An empty table with these columns.
    pub fn new(columns: impl IntoIterator<Item = Column>) -> Self {
        Self { columns: columns.into_iter().collect(), rows: Vec::new(), indent: 0 }
    }

    /// The same table, moved to the right by this many columns.
    #[must_use]
    pub fn indented(self, indent: usize) -> Self {
        Self { indent, ..self }
    }

    /// Adds a row; cells beyond the last column are dropped, missing ones are empty.
    pub fn push(&mut self, cells: impl IntoIterator<Item = Cell>) {
        let mut row: Vec<_> = cells.into_iter().take(self.columns.len()).collect();
        row.resize_with(self.columns.len(), Cell::default);
        self.rows.push(Row::Cells(row));
    }

    /// Adds a heading between rows, at the left of them.
    pub fn section(&mut self, heading: Cell) {
        self.rows.push(Row::Line(heading, self.indent));
    }

    /// Adds a line of text over all columns.
    pub fn note(&mut self, note: Cell) {
        self.rows.push(Row::Line(note, 0));
    }

    /// Whether it has no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Writes headers and rows; no line is wider than the layout.
    pub fn write(&self, layout: &Layout, out: &mut dyn Write) -> io::Result<()> {
        let room = layout.columns().saturating_sub(self.indent);
        let shown = self.fit(room);
        if self.columns.iter().any(|column| !column.header.is_empty()) {
            let headers: Vec<_> = self
                .columns
                .iter()
                .map(|column| Cell::toned(column.header.to_uppercase(), Tone::Quiet))
                .collect();
            self.write_row(&headers, &shown, layout, out)?;
        }
        for row in &self.rows {
            match row {
                Row::Cells(cells) => self.write_row(cells, &shown, layout, out)?,
                Row::Line(cell, outdent) => self.write_line(cell, *outdent, layout, out)?,
            }
        }
        Ok(())
    }

    /// The columns that are shown, with their widths.
    fn fit(&self, room: usize) -> Vec<(usize, usize)> {
        let natural: Vec<usize> =
            (0..self.columns.len()).map(|column| self.natural(column).min(room)).collect();
        let mut shown: Vec<usize> = (0..self.columns.len()).collect();
        loop {
            let mut widths: Vec<(usize, usize)> =
                shown.iter().map(|column| (*column, natural[*column])).collect();
            let least = |column: usize| self.columns[column].floor.min(natural[column]);
            if shrink(&mut widths, room, least) {
                return widths;
            }
            if let Some(at) = shown.iter().rposition(|column| self.columns[*column].is_spare) {
                shown.remove(at);
                continue;
            }
            // Nothing more to leave away: what may be cut gives way first, then all.
            let may_be_cut = |column: usize| self.columns[column].floor < usize::MAX;
            if !shrink(&mut widths, room, |column| {
                if may_be_cut(column) { natural[column].min(5) } else { natural[column] }
            }) {
                shrink(&mut widths, room, |column| natural[column].min(4));
            }
            return widths;
        }
    }

    fn natural(&self, column: usize) -> usize {
        let widths = self.rows.iter().filter_map(|row| match row {
            Row::Cells(cells) => cells.get(column).map(|cell| columns(&cell.text)),
            Row::Line(..) => None,
        });
        widths.max().unwrap_or(0).max(columns(&self.columns[column].header))
    }

    fn write_row(
        &self,
        row: &[Cell],
        shown: &[(usize, usize)],
        layout: &Layout,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let cells: Vec<_> =
            shown.iter().map(|(column, width)| self.lines(*column, &row[*column], *width)).collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or(0);
        for nth in 0..height {
            let last = cells.iter().rposition(|lines| lines.get(nth).is_some_and(|line| !line.is_empty()));
            let Some(last) = last else { continue };
            write!(out, "{:indent$}", "", indent = self.indent)?;
            for (at, lines) in cells.iter().enumerate().take(last + 1) {
                let (column, width) = shown[at];
                let line = lines.get(nth).map_or("", String::as_str);
                let fill = width.saturating_sub(columns(line));
                let (before, after) = if self.columns[column].is_number { (fill, 0) } else { (0, fill) };
                write!(out, "{}", pad("", before))?;
                write_toned(out, line, row[column].tone, layout.style)?;
                if at < last {
                    write!(out, "{}", pad("", after + GAP))?;
                }
            }
            out.write_all(b"\n")?;
        }
        Ok(())
    }

    fn write_line(
        &self,
        cell: &Cell,
        outdent: usize,
        layout: &Layout,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let indent = self.indent - outdent;
        for line in wrap(&cell.text, layout.columns() - indent) {
            write!(out, "{}", pad("", indent))?;
            write_toned(out, &line, cell.tone, layout.style)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }

    fn lines(&self, column: usize, cell: &Cell, width: usize) -> Vec<String> {
        match self.columns[column].overflow {
            Overflow::Wrap => wrap(&clip(&cell.text, LONGEST), width),
            Overflow::Head => vec![keep_head(&cell.text, width)],
            Overflow::Tail => vec![keep_tail(&cell.text, width)],
            Overflow::Ends => vec![keep_ends(&cell.text, width)],
        }
    }
}

/// Takes from the widest until all fits; false where all are at their least and it still does not.
fn shrink(widths: &mut [(usize, usize)], room: usize, least: impl Fn(usize) -> usize) -> bool {
    let gaps = GAP * widths.len().saturating_sub(1);
    loop {
        let used = widths.iter().map(|(_, width)| *width).sum::<usize>() + gaps;
        if used <= room {
            return true;
        }
        let widest = widths
            .iter_mut()
            .filter(|(column, width)| *width > least(*column))
            .max_by_key(|(_, width)| *width);
        let Some((_, width)) = widest else { return false };
        *width -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Style;

    fn written(table: &Table, width: usize) -> String {
        let mut out = Vec::new();
        table.write(&Layout { width, style: Style::Plain }, &mut out).expect("memory takes it");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn a_table_fits_at_every_width_from_forty() {
        let mut table = Table::new([
            Column::word("time"),
            Column::text("what"),
            Column::number("count"),
            Column::tail("resource"),
            Column::ends("by").spare(),
        ])
        .indented(2);
        table.push(
            [
                "18:24:11",
                "s3:GetObject of something 大きい",
                "1,204,331",
                "arn:aws:s3:::europa-web/a/b/c/d.csv",
                "AKIAIOSFODNN7EXAMPLE",
            ]
            .map(Cell::from),
        );
        table.push(["18:24:12", "x", "1", &"y".repeat(10_000), "z\u{202e}"].map(Cell::from));
        for width in 40..140 {
            let text = written(&table, width);
            assert!(text.lines().all(|line| columns(line) <= width), "{width}:\n{text}");
            assert!(text.contains("1,204,331") && text.contains("18:24:12"), "{width}:\n{text}");
        }
        assert!(written(&table, 140).contains("BY") && !written(&table, 40).contains("BY"));
    }

    #[test]
    fn missing_cells_are_empty_and_surplus_ones_are_dropped() {
        let mut table = Table::new([Column::text("a"), Column::text("b")]);
        table.push([Cell::from("1")]);
        table.push(["1", "2", "3"].map(Cell::from));
        assert_eq!(written(&table, 80), "A  B\n1\n1  2\n");
    }
}
