//! `META-INF/MANIFEST.MF`, <https://docs.oracle.com/en/java/javase/21/docs/specs/jar/jar.html>.

use std::collections::HashMap;

/// The main section of a manifest, by names in lower case.
#[derive(Debug, Default)]
pub(super) struct Manifest(HashMap<String, String>);

impl Manifest {
    pub(super) fn of(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let mut manifest = Self::default();
        let mut last: Option<String> = None;
        for line in text.lines() {
            if line.is_empty() {
                break;
            }
            if let (Some(more), Some(key)) = (line.strip_prefix(' '), &last) {
                manifest.0.entry(key.clone()).or_default().push_str(more);
                continue;
            }
            let Some((key, value)) = line.split_once(':') else { continue };
            let key = key.to_ascii_lowercase();
            manifest.0.insert(key.clone(), value.trim_start().to_owned());
            last = Some(key);
        }
        manifest
    }

    /// The first of these attributes that is there and says something.
    pub(super) fn first(&self, names: &[&str]) -> Option<&str> {
        let values = names.iter().filter_map(|name| self.0.get(*name)).map(|value| value.trim());
        values.into_iter().find(|value| !value.is_empty() && !value.contains("${"))
    }
}
