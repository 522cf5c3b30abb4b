//! Modules of RPM: a package of one stream is another package than that of the next, though both have one name.
//!
//! OSV has no place for the stream. That an advisory is about modular packages shows in the releases that it names
//! (`.module+el8.6.0`, `.module_el8`), and its summary says of which stream: `Important: nodejs:18 security update`.

/// What marks the release of a package that was built in a module.
const MARK: &str = ".module";

/// The module of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Module<'m> {
    /// It is of none.
    None,
    /// It is of one, and it is not told of which.
    Untold,
    /// It is of this one.
    Stream { name: &'m str, stream: &'m str },
}

/// Whether an advisory is about the stream of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Concerns {
    Yes,
    No,
    /// Neither says of which it is.
    Untold,
}

impl<'m> Module<'m> {
    /// The module of a package by its label (`nodejs:18:8060020220523160029:ad008a3a`), or else by its version.
    pub(super) fn of(label: Option<&'m str>, version: &str) -> Self {
        let mut parts = label.unwrap_or_default().split(':');
        match (parts.next(), parts.next()) {
            (Some(name), Some(stream)) if !name.is_empty() && !stream.is_empty() => {
                Self::Stream { name, stream }
            }
            _ if is_modular(version) => Self::Untold,
            _ => Self::None,
        }
    }

    /// Whether an advisory with this summary, which is about modular packages, is about this stream.
    pub(super) fn is_meant_by(self, summary: &str) -> Concerns {
        let Self::Stream { name, stream } = self else { return Concerns::Untold };
        let words = summary.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')'));
        let mut told = words
            .filter_map(|word| word.split_once(':'))
            .filter(|(module, stream)| !module.is_empty() && !stream.is_empty())
            .peekable();
        if told.peek().is_none() {
            return Concerns::Untold;
        }
        if told.any(|one| one == (name, stream)) { Concerns::Yes } else { Concerns::No }
    }
}

/// Whether a version is of a package that was built in a module.
pub(super) fn is_modular(version: &str) -> bool {
    version.contains(MARK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_that_of_the_label_and_an_advisory_names_it_in_its_summary() {
        let node = Module::of(Some("nodejs:18:8060020220523160029:ad008a3a"), "1");
        assert_eq!(node, Module::Stream { name: "nodejs", stream: "18" });
        assert_eq!(Module::of(None, "1:18.9-1.module+el8.6.0+1+2"), Module::Untold);
        assert_eq!(Module::of(Some(""), "1:18.9-1.el8"), Module::None);
        for (summary, expected) in [
            ("Important: nodejs:18 security update", Concerns::Yes),
            ("nodejs:16 and nodejs:18 bug fix update", Concerns::Yes),
            ("Important: nodejs:16 security update", Concerns::No),
            ("Moderate: nodejs security update", Concerns::Untold),
            ("", Concerns::Untold),
        ] {
            assert_eq!(node.is_meant_by(summary), expected, "{summary}");
        }
    }
}
