//! How wide, and whether in colour.

use floodmark_case::Severity;

/// Whether colour may be used; the caller decides, by `NO_COLOR` and whether the output is a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    /// No control sequences at all.
    #[default]
    Plain,
    /// Colour where it means something; never the only sign of it.
    Colour,
}

/// The room there is for text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Columns of the terminal; less than 40 is taken as 40.
    pub width: usize,
    /// Whether colour may be used.
    pub style: Style,
}

impl Default for Layout {
    fn default() -> Self {
        Self { width: 80, style: Style::Plain }
    }
}

impl Layout {
    /// The columns that are really used: at least 40.
    pub fn columns(self) -> usize {
        self.width.max(40)
    }

    /// The columns for running text: lines beyond 100 are hard to read.
    pub fn measure(self) -> usize {
        self.columns().min(100)
    }
}

/// What a piece of text means, where colour can say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// Nothing special.
    #[default]
    Plain,
    /// Headings.
    Strong,
    /// Of second rank.
    Quiet,
    /// All is well.
    Good,
    /// In the intruder's hands.
    Tainted,
    /// Refused.
    Denied,
    /// Look here: incomplete, unknown.
    Warning,
    /// As bad as this.
    Severity(Severity),
}

impl Tone {
    /// The parameters of its SGR sequence, if it has one.
    pub(crate) const fn sgr(self) -> Option<&'static str> {
        match self {
            Self::Plain | Self::Severity(Severity::Informational) => None,
            Self::Strong => Some("1"),
            Self::Quiet => Some("2"),
            Self::Good => Some("32"),
            Self::Tainted | Self::Severity(Severity::High) => Some("31"),
            Self::Denied | Self::Severity(Severity::Low) => Some("36"),
            Self::Warning | Self::Severity(Severity::Medium) => Some("33"),
            Self::Severity(Severity::Critical) => Some("1;31"),
        }
    }
}
