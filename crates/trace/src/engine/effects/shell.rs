//! Commands for a shell, with values from evidence in them.

use std::fmt::Write;

use super::template::{Part, Scope, Template};

/// Services that are not asked in a region.
const GLOBAL: [&str; 9] =
    ["iam", "sts", "organizations", "cloudfront", "route53", "s3", "account", "identitystore", "sso-admin"];

/// A sentence, or a command that can be pasted into a shell whatever the evidence put into its values.
pub(super) fn command(scope: &Scope<'_, '_>, template: &Template, id: &str) -> String {
    let mut text = String::new();
    let is_command = template.begins_with("aws ");
    for part in template.parts() {
        match part {
            Part::Text(literal) => text.push_str(literal),
            Part::Place(place) => {
                let value = scope.first(place, Some(id));
                let value = value.as_deref().filter(|value| !value.is_empty());
                match value {
                    Some(value) if is_command => push_word(&mut text, value),
                    Some(value) => text.push_str(value),
                    None => text.push_str(&place.stand_in()),
                }
            }
        }
    }
    let service = text.split(' ').nth(1).unwrap_or_default();
    let region = scope.region();
    if is_command && !region.is_empty() && !GLOBAL.contains(&service) {
        insert_region(&mut text, region);
    }
    text
}

/// After the operation, so that a remark behind the command stays behind it.
fn insert_region(text: &mut String, region: &str) {
    let mut spaces = text.match_indices(' ').skip(2);
    let at = spaces.next().map_or(text.len(), |(at, _)| at);
    let mut option = String::from(" --region ");
    push_word(&mut option, region);
    text.insert_str(at, &option);
}

/// A value as one word: bare if that is safe, else quoted. One that looks like an option is tied to its own by `=`.
fn push_word(text: &mut String, value: &str) {
    if value.starts_with('-') && text.ends_with(' ') {
        text.pop();
        text.push('=');
    }
    text.push_str(&quote(value));
}

/// A value quoted for a POSIX shell; with control characters in it for bash, ksh and zsh.
pub(super) fn quote(value: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "@%+=:,./_-".contains(c);
    if !value.is_empty() && value.chars().all(safe) {
        return value.to_owned();
    }
    if !value.chars().any(char::is_control) {
        return format!("'{}'", value.replace('\'', r"'\''"));
    }
    let mut text = String::from("$'");
    for c in value.chars() {
        match c {
            '\'' | '\\' => text.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(text, "\\u{:04x}", u32::from(c));
            }
            c => text.push(c),
        }
    }
    text.push('\'');
    text
}
