//! The instructions of a Dockerfile, each with the line in which it begins.
//!
//! <https://docs.docker.com/reference/dockerfile/>.

use std::collections::VecDeque;

/// An instruction, its lines joined.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Instruction {
    /// The line in which it begins, from 1.
    pub(super) line: u32,
    /// Its name in upper case: `FROM`.
    pub(super) name: String,
    /// What stands behind the name.
    pub(super) rest: String,
}

/// A Dockerfile taken apart.
#[derive(Debug, Default)]
pub(super) struct Instructions {
    /// The image that reads the file, of `# syntax=`, with its line.
    pub(super) syntax: Option<(u32, String)>,
    /// In the order of the file.
    pub(super) all: Vec<Instruction>,
}

/// Takes a Dockerfile apart. What stands in a here-document is no instruction.
pub(super) fn instructions(text: &str) -> Instructions {
    let mut found = Instructions::default();
    let escape = directives(text, &mut found);
    let mut joined: Option<Instruction> = None;
    let mut heredocs: VecDeque<Heredoc> = VecDeque::new();
    for (number, line) in (1_u32..).zip(text.lines()) {
        if let Some(heredoc) = heredocs.front() {
            if heredoc.ends(line) {
                heredocs.pop_front();
            }
            continue;
        }
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let (part, goes_on) = match trimmed.strip_suffix(escape) {
            Some(part) => (part, true),
            None => (trimmed, false),
        };
        match &mut joined {
            Some(instruction) => {
                instruction.rest.push(' ');
                instruction.rest.push_str(part.trim());
            }
            None => joined = Some(Instruction::begun(number, part)),
        }
        if goes_on {
            continue;
        }
        if let Some(instruction) = joined.take() {
            heredocs = heredocs_of(&instruction);
            found.all.push(instruction);
        }
    }
    found.all.extend(joined);
    found
}

/// Reads the directives at the top, and gives the character that continues a line.
fn directives(text: &str, found: &mut Instructions) -> char {
    let mut escape = '\\';
    for (number, line) in (1_u32..).zip(text.lines()) {
        let Some(comment) = line.trim().strip_prefix('#') else { break };
        let Some((key, value)) = comment.split_once('=') else { break };
        let value = value.trim();
        match key.trim().to_ascii_lowercase().as_str() {
            "escape" if value == "`" => escape = '`',
            "syntax" if !value.is_empty() => found.syntax = Some((number, value.to_owned())),
            "escape" | "syntax" | "check" => {}
            _ => break,
        }
    }
    escape
}

impl Instruction {
    fn begun(line: u32, text: &str) -> Self {
        let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        if name.eq_ignore_ascii_case("ONBUILD") {
            return Self::begun(line, rest.trim_start());
        }
        Self { line, name: name.to_ascii_uppercase(), rest: rest.trim().to_owned() }
    }

    /// The flags in front, `--name=value`, and what stands behind them.
    pub(super) fn flags(&self) -> (Vec<(&str, &str)>, &str) {
        let (mut flags, mut rest) = (Vec::new(), self.rest.as_str());
        while let Some(flag) = rest.strip_prefix("--") {
            let (flag, after) = flag.split_once(char::is_whitespace).unwrap_or((flag, ""));
            flags.push(flag.split_once('=').unwrap_or((flag, "")));
            rest = after.trim_start();
        }
        (flags, rest)
    }
}

/// A here-document that is open.
struct Heredoc {
    word: String,
    /// Whether tabs in front of the word do not count: `<<-`.
    is_indented: bool,
}

impl Heredoc {
    fn ends(&self, line: &str) -> bool {
        let line = if self.is_indented { line.trim_start_matches('\t') } else { line };
        line == self.word
    }
}

fn heredocs_of(instruction: &Instruction) -> VecDeque<Heredoc> {
    if !matches!(instruction.name.as_str(), "RUN" | "COPY" | "ADD") {
        return VecDeque::new();
    }
    let after = instruction.rest.split("<<").skip(1);
    after
        .filter_map(|text| {
            let (is_indented, text) = text.strip_prefix('-').map_or((false, text), |text| (true, text));
            let text = text.trim_start_matches(['"', '\'']);
            let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
            (end > 0 && !text.starts_with(|c: char| c.is_ascii_digit()))
                .then(|| Heredoc { word: text[..end].to_owned(), is_indented })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<(u32, String, String)> {
        instructions(text).all.into_iter().map(|one| (one.line, one.name, one.rest)).collect()
    }

    #[test]
    fn lines_are_joined_over_comments_and_empty_ones() {
        let text = "from a \\\n  # no\n\n  as b\nRUN x\\\n";
        let expected = [(1, "FROM", "a as b"), (5, "RUN", "x")];
        assert_eq!(names(text), expected.map(|(line, name, rest)| (line, name.to_owned(), rest.to_owned())));
    }

    #[test]
    fn what_stands_in_a_here_document_is_no_instruction() {
        let text = "RUN <<EOF cat <<-'END'\nFROM x\nEOF\nFROM y\n\tEND\nRUN echo $((1<<2))\nFROM z\n";
        let names: Vec<_> = names(text).into_iter().map(|(line, name, _)| (line, name)).collect();
        assert_eq!(names, [(1, "RUN".to_owned()), (6, "RUN".into()), (7, "FROM".into())]);
    }

    #[test]
    fn directives_stand_at_the_top_only() {
        let found = instructions("# syntax = docker/dockerfile:1\n# escape=`\nFROM a `\n AS b\n# syntax=x\n");
        assert_eq!(found.syntax, Some((1, "docker/dockerfile:1".to_owned())));
        assert_eq!(found.all.first().map(|one| one.rest.as_str()), Some("a AS b"));
        assert_eq!(instructions("# hello\n# syntax=x\nFROM a\n").syntax, None);
    }
}
