//! Variables in names, as shells write them: `$A`, `${A}`, `${A:-b}`.
//!
//! Dockerfiles, Compose and GitLab have this much in common. What is set only when something runs is not guessed.

/// The longest text that comes of a substitution. Values that name values would double without end.
const MOST_BYTES: usize = 4096;

/// How deep a default may hold a variable with a default.
const MOST_DEEP: usize = 8;

/// The text with its variables replaced by what is known of them.
pub(super) fn substituted(text: &str, known: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    replaced(text, known, 0)
}

fn replaced(text: &str, known: &dyn Fn(&str) -> Option<String>, depth: usize) -> Result<String, String> {
    if depth > MOST_DEEP {
        return Err("has variables in the defaults of variables; expected fewer".to_owned());
    }
    let mut done = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        done += before;
        rest = if let Some(after) = after.strip_prefix('$') {
            done.push('$');
            after
        } else if let Some(braced) = after.strip_prefix('{') {
            let end = closing(braced).ok_or_else(|| format!("has a `${{` without an end (`{text}`)"))?;
            done += &expanded(&braced[..end], known, depth)?;
            &braced[end + 1..]
        } else {
            let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
            done += &known(&after[..end]).ok_or_else(|| unknown(&after[..end]))?;
            &after[end..]
        };
        if done.len() > MOST_BYTES {
            return Err(format!("comes to more than {MOST_BYTES} bytes by its variables; expected a name"));
        }
    }
    done += rest;
    Ok(done)
}

/// What stands in `${…}`.
fn expanded(inner: &str, known: &dyn Fn(&str) -> Option<String>, depth: usize) -> Result<String, String> {
    let end = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inner.len());
    let (name, rest) = inner.split_at(end);
    let value = known(name);
    let filled = value.clone().filter(|value| !value.is_empty());
    let otherwise = |text: &str| replaced(text, known, depth + 1);
    if let Some(default) = rest.strip_prefix(":-") {
        filled.map_or_else(|| otherwise(default), Ok)
    } else if let Some(default) = rest.strip_prefix('-') {
        value.map_or_else(|| otherwise(default), Ok)
    } else if let (Some(other), true) = (rest.strip_prefix(":+"), filled.is_some()) {
        otherwise(other)
    } else if let (Some(other), true) = (rest.strip_prefix('+'), value.is_some()) {
        otherwise(other)
    } else if rest.starts_with(":?") {
        filled.ok_or_else(|| unknown(name))
    } else if rest.is_empty() || rest.starts_with('?') {
        value.ok_or_else(|| unknown(name))
    } else {
        Err(unknown(name))
    }
}

/// Where the brace closes that was opened before this text.
fn closing(text: &str) -> Option<usize> {
    let mut open = 1_usize;
    text.char_indices().find_map(|(at, c)| {
        match c {
            '{' => open += 1,
            '}' => open -= 1,
            _ => {}
        }
        (open == 0).then_some(at)
    })
}

fn unknown(name: &str) -> String {
    format!("hangs on `{name}`, which is given only when it runs; expected a name, or a default")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(name: &str) -> Option<String> {
        match name {
            "A" => Some("a".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        }
    }

    #[test]
    fn variables_and_their_defaults_are_replaced_as_a_shell_would() {
        for (text, done) in [
            ("plain:1", "plain:1"),
            ("$A/x:$A", "a/x:a"),
            ("${A}x", "ax"),
            ("${NO:-d}:${EMPTY:-e}${EMPTY-f}", "d:e"),
            ("${NO:-${A}:${NO-1}}", "a:1"),
            ("${A:+b}${A+c}${A:?x}${A?x}", "bcaa"),
            ("$$A", "$A"),
        ] {
            assert_eq!(substituted(text, &known).as_deref(), Ok(done), "{text}");
        }
    }

    #[test]
    fn what_is_not_known_is_said_by_its_name() {
        for (text, name) in [
            ("$NO", "`NO`"),
            ("${NO}", "`NO`"),
            ("${NO:+x}", "`NO`"),
            ("${EMPTY:?x}", "`EMPTY`"),
            ("${A##x}", "`A`"),
            ("$", "``"),
            ("${A", "without an end"),
        ] {
            let error = substituted(text, &known).expect_err("unknown");
            assert!(error.contains(name), "{text}: {error}");
        }
    }

    #[test]
    fn nothing_grows_without_end() {
        let long = |_: &str| Some("x".repeat(3000));
        assert!(substituted("$A$A", &long).is_err());
        let deep = format!("{}1{}", "${NO:-".repeat(5000), "}".repeat(5000));
        assert!(substituted(&deep, &known).is_err());
    }
}
