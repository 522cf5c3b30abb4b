//! Whom a trust policy names.

use std::borrow::Cow;

use serde_json::Value;

use super::look::{account_of, plain};

/// How many principals of one policy are kept.
const MOST: usize = 200;

/// The principals that a policy document allows, sorted: ARNs without path, accounts as their number, providers and
/// services by name, `*` for everybody. Empty if the document cannot be read.
pub(super) fn allowed_principals(document: &str) -> Vec<String> {
    let Ok(policy) = serde_json::from_str::<Value>(document) else {
        return Vec::new();
    };
    let mut principals: Vec<String> = each(policy.get("Statement"))
        .filter(|statement| statement.get("Effect").and_then(Value::as_str) != Some("Deny"))
        .flat_map(|statement| match statement.get("Principal") {
            Some(Value::Object(kinds)) => kinds.values().flat_map(|names| each(Some(names))).collect(),
            other => each(other).collect::<Vec<_>>(),
        })
        .filter_map(Value::as_str)
        .map(|principal| name(principal).into_owned())
        .collect();
    principals.sort_unstable();
    principals.dedup();
    principals.truncate(MOST);
    principals
}

/// Whether a caller is one of these principals: by ARN, by the role behind a session, by account, by provider, or as
/// one of everybody.
pub fn names(principal: &str, caller: &[&str], account: &str) -> bool {
    principal == "*" || (!account.is_empty() && principal == account) || caller.contains(&principal)
}

/// One value, or each of an array.
fn each(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    match value {
        Some(Value::Array(values)) => values.iter(),
        Some(value) => std::slice::from_ref(value).iter(),
        None => [].iter(),
    }
}

/// `arn:aws:iam::1:root` names the account 1.
fn name(principal: &str) -> Cow<'_, str> {
    if principal.starts_with("arn:") && principal.ends_with(":root") {
        return Cow::Borrowed(account_of(principal));
    }
    plain(principal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn principals_of_every_form_are_read() {
        let document = r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::1:root","2"],
            "Federated":"arn:aws:iam::1:saml-provider/p"}},{"Effect":"Deny","Principal":"*"},
            {"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"}}]}"#;
        assert_eq!(
            allowed_principals(document),
            ["1", "2", "arn:aws:iam::1:saml-provider/p", "lambda.amazonaws.com"]
        );
        assert_eq!(allowed_principals(r#"{"Statement":{"Principal":"*"}}"#), ["*"]);
        assert_eq!(allowed_principals("no"), Vec::<String>::new());
    }
}
