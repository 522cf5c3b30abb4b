//! Looking into raw JSON: arrays, deep keys, ARNs.

use std::borrow::Cow;

use crate::json::Json;

/// How deep [`deep`] looks.
const DEEPEST: usize = 6;
/// How many elements of one array are looked at.
const MOST: usize = 1_000;

/// All scalars at a path; a step named `[]` goes through every element of an array.
///
/// `["instancesSet", "items", "[]", "instanceId"]` gives every instance id.
pub(crate) fn all<'a>(value: Option<&Json<'a>>, path: &[&str]) -> Vec<Cow<'a, str>> {
    let mut found = Vec::new();
    if let Some(&json) = value {
        walk(json, path, &mut found);
    }
    found
}

fn walk<'a>(json: Json<'a>, path: &[&str], found: &mut Vec<Cow<'a, str>>) {
    let Some((step, rest)) = path.split_first() else {
        found.extend(json.scalar());
        return;
    };
    if *step == "[]" {
        for element in json.elements().into_iter().take(MOST) {
            walk(element, rest, found);
        }
        return;
    }
    if let Some(inner) = json.get(step) {
        walk(inner, rest, found);
    }
}

/// The first scalar at one of these paths.
pub(crate) fn first<'a>(value: Option<&Json<'a>>, paths: &[&[&str]]) -> Cow<'a, str> {
    paths.iter().find_map(|path| all(value, path).into_iter().next()).unwrap_or_default()
}

/// The first scalar under this key at any depth, for records whose wrapping differs between versions of an API.
pub(crate) fn deep<'a>(value: Option<&Json<'a>>, key: &str) -> Cow<'a, str> {
    value.and_then(|&json| search(json, key, DEEPEST)).unwrap_or_default()
}

fn search<'a>(json: Json<'a>, key: &str, depth: usize) -> Option<Cow<'a, str>> {
    let left = depth.checked_sub(1)?;
    if json.raw().starts_with('[') {
        return json.elements().into_iter().take(MOST).find_map(|element| search(element, key, left));
    }
    json.members().into_iter().find_map(|(name, value)| {
        let named = name.eq_ignore_ascii_case(key).then(|| value.scalar()).flatten();
        named.or_else(|| search(value, key, left))
    })
}

/// An IAM ARN without the path of its user, role, group or policy; any other ARN as it is.
///
/// `arn:aws:iam::1:user/division/ann` → `arn:aws:iam::1:user/ann`.
pub(crate) fn plain(arn: &str) -> Cow<'_, str> {
    let mut parts = arn.splitn(6, ':');
    let iam = parts.next() == Some("arn") && parts.nth(1) == Some("iam");
    let Some(resource) = parts.nth(2).filter(|_| iam) else {
        return Cow::Borrowed(arn);
    };
    let mut segments = resource.split('/');
    let (kind, name) = (segments.next().unwrap_or_default(), segments.next_back());
    match name {
        Some(name)
            if matches!(kind, "user" | "role" | "group" | "instance-profile")
                && segments.next().is_some() =>
        {
            Cow::Owned(format!("{}{kind}/{name}", &arn[..arn.len() - resource.len()]))
        }
        _ => Cow::Borrowed(arn),
    }
}

/// The account in an ARN; empty where it has none.
pub(crate) fn account_of(arn: &str) -> &str {
    if arn.starts_with("arn:") { arn.split(':').nth(4).unwrap_or_default() } else { "" }
}

/// The partition in an ARN (`aws`, `aws-cn`, `aws-us-gov`); `aws` for anything else.
pub(crate) fn partition_of(arn: &str) -> &str {
    let partition = arn.strip_prefix("arn:").and_then(|rest| rest.split(':').next());
    partition.filter(|partition| partition.starts_with("aws")).unwrap_or("aws")
}

/// What follows the last `/` or `:`.
pub(crate) fn leaf(text: &str) -> &str {
    text.rsplit(['/', ':']).next().unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(json: &str) -> Json<'_> {
        Json::new(json)
    }

    #[test]
    fn arrays_fan_out_and_deep_keys_are_found() {
        let value = value(r#"{"a":{"items":[{"id":"x"},{"id":"y"},{"no":1}]},"b":["p","q"]}"#);
        assert_eq!(all(Some(&value), &["a", "items", "[]", "id"]), ["x", "y"]);
        assert_eq!(all(Some(&value), &["b", "[]"]), ["p", "q"]);
        assert_eq!(deep(Some(&value), "ID"), "x");
        assert_eq!(deep(Some(&value), "none"), "");
    }

    #[test]
    fn the_path_of_a_user_is_left_away() {
        assert_eq!(plain("arn:aws:iam::1:user/a/b/ann"), "arn:aws:iam::1:user/ann");
        assert_eq!(plain("arn:aws:iam::1:user/ann"), "arn:aws:iam::1:user/ann");
        assert_eq!(plain("arn:aws:sts::1:assumed-role/r/s"), "arn:aws:sts::1:assumed-role/r/s");
        assert_eq!(
            (account_of("arn:aws:iam::1:user/ann"), partition_of("arn:aws-cn:iam::1:x")),
            ("1", "aws-cn")
        );
    }

    #[test]
    fn deep_nesting_ends_without_an_answer() {
        let json = format!("{}1{}", r#"{"a":"#.repeat(25), "}".repeat(25));
        assert_eq!(deep(Some(&value(&json)), "id"), "");
    }
}
