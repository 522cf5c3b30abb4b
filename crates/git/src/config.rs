//! What is written as git's configuration is: `.git/config`, `.gitmodules`,
//! <https://git-scm.com/docs/git-config#_configuration_file>.

/// The most settings of one file that are looked at.
const MOST_SETTINGS: usize = 100_000;

/// One setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The section, in lower case: `submodule`.
    pub section: String,
    /// The part in quotes, as it is written; empty if there is none.
    pub subsection: String,
    /// The key, in lower case.
    pub key: String,
    /// The value. A key alone is `true`.
    pub value: String,
    /// The line, counted from 1.
    pub line: u32,
}

/// The settings of a file, in its order, and the lines that are none. Includes are not followed.
pub fn settings(bytes: &[u8]) -> (Vec<Setting>, Vec<u32>) {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = String::from_utf8_lossy(bytes);
    let (mut settings, mut broken) = (Vec::new(), Vec::new());
    let mut section: Option<(String, String)> = None;
    let mut lines = text.lines().zip(1_u32..);
    while let Some((text, line)) = lines.next() {
        let mut rest = text.trim();
        if rest.starts_with('[') {
            let Some((name, sub, after)) = header(rest) else {
                section = None;
                broken.push(line);
                continue;
            };
            (section, rest) = (Some((name, sub)), after.trim());
        }
        if rest.is_empty() || rest.starts_with(['#', ';']) {
            continue;
        }
        let (key, written) = rest.split_once('=').map_or((rest, None), |(key, value)| (key, Some(value)));
        let key = key.trim().to_ascii_lowercase();
        let is_key = key.starts_with(|c: char| c.is_ascii_alphabetic())
            && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let value = match written {
            None => Some("true".to_owned()),
            Some(written) => value(written, &mut || lines.next().map(|(text, _)| text)),
        };
        let (Some((section, subsection)), Some(value), true) = (&section, value, is_key) else {
            broken.push(line);
            continue;
        };
        if settings.len() == MOST_SETTINGS {
            broken.push(line);
            break;
        }
        settings.push(Setting { section: section.clone(), subsection: subsection.clone(), key, value, line });
    }
    (settings, broken)
}

/// `[section "subsection"]`, and what comes behind it on the line.
fn header(line: &str) -> Option<(String, String, &str)> {
    let rest = line.strip_prefix('[')?;
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.')))?;
    let (name, rest) = (rest[..end].to_ascii_lowercase(), rest[end..].trim_start());
    if let Some(after) = rest.strip_prefix(']') {
        // `[section.subsection]` is an old spelling.
        let (name, sub) = name.split_once('.').map_or((name.as_str(), ""), |(name, sub)| (name, sub));
        return Some((name.to_owned(), sub.to_owned(), after));
    }
    let mut chars = rest.strip_prefix('"')?.char_indices();
    let mut sub = String::new();
    loop {
        match chars.next()? {
            (_, '\\') => sub.push(chars.next()?.1),
            (at, '"') => {
                let after = rest.get(at + 2..)?.trim_start().strip_prefix(']')?;
                return Some((name, sub, after));
            }
            (_, one) => sub.push(one),
        }
    }
}

/// A value without quotes, escapes and comment. It may go on in the next line.
fn value<'t>(written: &'t str, next_line: &mut dyn FnMut() -> Option<&'t str>) -> Option<String> {
    let (mut value, mut kept, mut quoted) = (String::new(), 0, false);
    let mut text = written.trim_start();
    'lines: loop {
        let mut chars = text.chars();
        while let Some(one) = chars.next() {
            match one {
                '"' => quoted = !quoted,
                '#' | ';' if !quoted => break,
                '\\' => match chars.next() {
                    None => {
                        text = next_line()?;
                        continue 'lines;
                    }
                    Some('n') => value.push('\n'),
                    Some('t') => value.push('\t'),
                    Some('b') => drop(value.pop()),
                    Some(one @ ('"' | '\\')) => value.push(one),
                    Some(_) => return None,
                },
                one => value.push(one),
            }
            if quoted || !one.is_whitespace() {
                kept = value.len();
            }
        }
        value.truncate(kept);
        return (!quoted).then_some(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String)> {
        let named = |one: Setting| match one.subsection.as_str() {
            "" => format!("{}.{}", one.section, one.key),
            sub => format!("{}.{sub}.{}", one.section, one.key),
        };
        settings(text.as_bytes()).0.into_iter().map(|one| (named(one.clone()), one.value)).collect()
    }

    #[test]
    fn settings_come_without_quotes_escapes_and_comments() {
        let text = "[Core]\n\tbare = true ; yes\n bareword\n[submodule \"a \\\"b\\\\c\"] path = \"x # y\" z  # no\n\
                    url = https://e.example/\\\n  two.git\n[remote.origin]\nurl=\"\"\n";
        let expected = [
            ("core.bare", "true"),
            ("core.bareword", "true"),
            ("submodule.a \"b\\c.path", "x # y z"),
            ("submodule.a \"b\\c.url", "https://e.example/  two.git"),
            ("remote.origin.url", ""),
        ];
        let expected: Vec<_> = expected.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        assert_eq!(read(text), expected);
    }

    #[test]
    fn a_line_that_is_none_is_told_and_the_others_are_read() {
        let (read, broken) =
            settings(b"key = outside\n[a]\nx = \"open\n1 = 2\ny = \\q\n[b\nz = 1\n[c] w = 1\n");
        assert_eq!(read.iter().map(|one| one.key.as_str()).collect::<Vec<_>>(), ["w"]);
        assert_eq!(broken, [1, 3, 4, 5, 6, 7]);
    }

    #[test]
    fn a_file_cut_anywhere_is_read_as_far_as_it_goes() {
        let text = "[submodule \"lib\"]\n\tpath = \"lib\"\n\turl = ../li\\\nb.git\n";
        for end in 0..text.len() {
            let (settings, broken) = settings(&text.as_bytes()[..end]);
            assert!(settings.len() + broken.len() <= 2, "{end}");
        }
    }
}
