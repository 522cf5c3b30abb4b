//! CISA's catalogue of known exploited vulnerabilities, as JSON:
//! <https://www.cisa.gov/known-exploited-vulnerabilities-catalog>.

use serde_json::Value;

use crate::database::Kev;

/// Whether a tree is the catalogue.
pub(super) fn recognises(tree: &Value) -> bool {
    tree.get("catalogVersion").is_some() && tree.get("vulnerabilities").is_some_and(Value::is_array)
}

/// The day on which a catalogue was released, its entries, and what is wrong with others; `Err` says why it is none.
pub fn read(tree: &Value) -> Result<(String, Vec<Kev>, Vec<String>), String> {
    let date = tree.get("dateReleased").or_else(|| tree.get("catalogVersion")).and_then(Value::as_str);
    let date = date.filter(|date| !date.is_empty()).ok_or("it has no \"dateReleased\"")?;
    let (mut entries, mut problems) = (Vec::new(), Vec::new());
    for (place, entry) in
        tree.get("vulnerabilities").and_then(Value::as_array).into_iter().flatten().enumerate()
    {
        let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default().into();
        let cve: Box<str> = text("cveID");
        if !cve.starts_with("CVE-") {
            problems.push(format!("vulnerabilities[{place}]: its \"cveID\" is {cve:?}: expected CVE-…"));
            continue;
        }
        entries.push(Kev {
            cve,
            vendor: text("vendorProject"),
            product: text("product"),
            name: text("vulnerabilityName"),
            added: text("dateAdded"),
            due: text("dueDate"),
            ransomware: entry.get("knownRansomwareCampaignUse").is_some_and(|used| used == "Known"),
            action: text("requiredAction"),
        });
    }
    Ok((date.to_owned(), entries, problems))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::json;

    #[test]
    fn entries_are_read_and_one_without_a_cve_is_told() {
        let tree = json(br#"{"catalogVersion":"2026.03.23","dateReleased":"2026-03-23T14:00:00Z","count":2,
            "vulnerabilities":[{"cveID":"CVE-2026-33634","vendorProject":"Aqua","product":"Trivy","dateAdded":"2026-03-23",
            "vulnerabilityName":"n","dueDate":"2026-04-13","knownRansomwareCampaignUse":"Known","requiredAction":"a"},{}]}"#)
        .expect("JSON");
        assert!(recognises(&tree));
        let (date, entries, problems) = read(&tree).expect("a catalogue");
        assert_eq!((date.as_str(), entries.len(), problems.len()), ("2026-03-23T14:00:00Z", 1, 1));
        assert_eq!((entries[0].cve.as_ref(), entries[0].ransomware), ("CVE-2026-33634", true));
        assert!(problems[0].starts_with("vulnerabilities[1]"), "{problems:?}");
    }
}
