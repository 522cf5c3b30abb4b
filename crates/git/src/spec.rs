//! How a revision is written, <https://git-scm.com/docs/gitrevisions>.

/// A revision: a name, and the way from there.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Spec<'t> {
    pub(crate) name: &'t str,
    pub(crate) steps: Vec<Step>,
}

/// A step back in history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// `~3`: so often the first parent.
    Back(u32),
    /// `^2`: the parent of this number.
    Parent(u32),
}

/// The most steps of one text.
const MOST_STEPS: usize = 1000;

impl<'t> Spec<'t> {
    /// Reads a text; or says what is wrong with it.
    pub(crate) fn read(text: &'t str) -> Result<Self, &'static str> {
        let end = text.find(['~', '^']).unwrap_or(text.len());
        let (name, mut rest) = text.split_at(end);
        let fault = match name {
            "" => Some("has no name in front"),
            name if name.starts_with('-') => Some("begins with a dash"),
            name if name.contains("..") => Some("is a range of commits"),
            name if name.contains("@{") => Some("asks a log of this machine, or what is upstream"),
            name if name.contains(':') => Some("names a file, or searches messages"),
            name if name.contains(|c: char| c.is_control() || c.is_whitespace() || "?*[\\".contains(c)) => {
                Some("has a letter that no name has")
            }
            _ => None,
        };
        if let Some(fault) = fault {
            return Err(fault);
        }
        let mut steps = Vec::new();
        while let Some(kind) = rest.chars().next() {
            rest = &rest[1..];
            if let Some(within) = rest.strip_prefix('{').filter(|_| kind == '^') {
                let (what, after) = within.split_once('}').ok_or("has a brace that is not closed")?;
                if !matches!(what, "" | "commit") {
                    return Err("asks for something that is no commit");
                }
                rest = after;
                continue;
            }
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let (digits, after) = rest.split_at(end);
            let number = match digits {
                "" => 1,
                digits => digits.parse().map_err(|_| "has a number that is too large")?,
            };
            match kind {
                '~' => steps.push(Step::Back(number)),
                '^' if number > 0 => steps.push(Step::Parent(number)),
                '^' => {}
                _ => return Err("has something behind its name that is not understood"),
            }
            if steps.len() > MOST_STEPS {
                return Err("has more than a thousand steps");
            }
            rest = after;
        }
        Ok(Self { name: if name == "@" { "HEAD" } else { name }, steps })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_is_a_name_and_steps_back() {
        use Step::{Back, Parent};
        for (text, name, steps) in [
            ("HEAD", "HEAD", &[][..]),
            ("@", "HEAD", &[]),
            ("@~2", "HEAD", &[Back(2)]),
            ("v1.2^{commit}", "v1.2", &[]),
            ("v1.2^{}^0", "v1.2", &[]),
            ("origin/main~^2^^~10", "origin/main", &[Back(1), Parent(2), Parent(1), Parent(1), Back(10)]),
        ] {
            assert_eq!(Spec::read(text), Ok(Spec { name, steps: steps.to_vec() }), "{text}");
        }
    }

    #[test]
    fn what_is_no_commit_or_hangs_on_this_machine_is_refused() {
        for text in [
            "",
            "~1",
            "^main",
            "a..b",
            "a...b",
            "main@{1}",
            "@{u}",
            ":/fix",
            "HEAD:file",
            "v1^{tree}",
            "v1^{/fix}",
            "v1^{",
            "a b",
            "-x",
            "a*",
            "a~99999999999",
            "a^!",
            "a^@",
            "a~x",
        ] {
            assert!(Spec::read(text).is_err(), "{text}");
        }
        assert!(Spec::read(&format!("a{}", "~".repeat(2000))).is_err());
    }
}
