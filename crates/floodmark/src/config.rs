//! `floodmark.toml`, found upward from the working folder: the weakest of the three sources of configuration.
//!
//! Strength rises from this file over `FLOODMARK_*` to flags.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use floodmark_case::Severity;
use floodmark_trace::sigma::is_placeholder_name;
use serde::Deserialize;

use crate::failure::Failure;

/// The name of the file.
const NAME: &str = "floodmark.toml";

/// No configuration is longer.
const MAX_BYTES: u64 = 1 << 20;

/// What the file may say.
#[derive(Debug, Default, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct Config {
    /// `[intel]`.
    pub intel: IntelConfig,
    /// `[trace]`.
    pub trace: TraceConfig,
    /// `[scan]`.
    pub scan: ScanConfig,
}

/// Defaults for `scan`.
#[derive(Debug, Default, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct ScanConfig {
    /// Further ignore files, as `--ignore`; relative to the file's folder.
    pub ignore: Vec<PathBuf>,
    /// Further VEX documents, as `--vex`; relative to the file's folder.
    pub vex: Vec<PathBuf>,
    /// As `--fail-on`.
    pub fail_on: Option<String>,
}

/// Defaults for `intel`, and for whoever asks its database.
#[derive(Debug, Default, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct IntelConfig {
    /// As `--database`; relative to the file's folder.
    pub database: Option<PathBuf>,
    /// As `--mirror` of `intel update`.
    pub mirror: Option<String>,
    /// As `--kev` of `intel update`.
    pub kev: Option<String>,
    /// As `--epss` of `intel update`.
    pub epss: Option<String>,
}

/// Defaults for `trace`.
#[derive(Debug, Default, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct TraceConfig {
    /// Further rules, as `--rules`; relative to the file's folder.
    pub rules: Vec<PathBuf>,
    /// As `--fail-on`.
    pub fail_on: Option<String>,
    /// As `--public-keys`; relative to the file's folder.
    pub public_keys: Option<PathBuf>,
    /// `[trace.placeholders]`, as `--placeholder`: a value or a list of values by name.
    pub placeholders: BTreeMap<PlaceholderName, OneOrMore>,
}

/// The name of a placeholder, without percent signs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct PlaceholderName(String);

impl TryFrom<String> for PlaceholderName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        if is_placeholder_name(&name) {
            return Ok(Self(name));
        }
        Err(format!(
            "`{name}` is no name of a placeholder: letters, digits, `_`, `-` and `.`, without percent signs"
        ))
    }
}

/// A string or a list of strings.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "expected a string or a list of strings")]
pub(crate) enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl TraceConfig {
    /// The placeholders as pairs of name and value.
    pub(crate) fn placeholders(&self) -> Vec<(String, String)> {
        let pairs = |(name, values): (&PlaceholderName, &OneOrMore)| {
            let values = match values {
                OneOrMore::One(value) => vec![value.clone()],
                OneOrMore::More(values) => values.clone(),
            };
            values.into_iter().map(|value| (name.0.clone(), value)).collect::<Vec<_>>()
        };
        self.placeholders.iter().flat_map(pairs).collect()
    }
}

/// The nearest `floodmark.toml` at or above a folder; the default where there is none.
pub(crate) fn find(from: &Path) -> Result<Config, Failure> {
    let Some(path) = from.ancestors().map(|folder| folder.join(NAME)).find(|path| path.is_file()) else {
        return Ok(Config::default());
    };
    let size = path.metadata().map_err(|error| Failure::file(&path, error))?.len();
    if size > MAX_BYTES {
        return Err(Failure::usage(
            format!("{}: is {size} bytes long; expected less than 1 MiB", path.display()),
            HINT,
        ));
    }
    let text = std::fs::read_to_string(&path).map_err(|error| Failure::file(&path, error))?;
    let mut config: Config = toml::from_str(&text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        Failure::usage(format!("{}:{line}: {}", path.display(), error.message()), HINT)
    })?;
    let folder = path.parent().unwrap_or(from);
    for rules in &mut config.trace.rules {
        *rules = folder.join(&rules);
    }
    config.intel.database = config.intel.database.map(|database| folder.join(database));
    config.trace.public_keys = config.trace.public_keys.map(|keys| folder.join(keys));
    for file in config.scan.ignore.iter_mut().chain(&mut config.scan.vex) {
        *file = folder.join(&file);
    }
    Ok(config)
}

const HINT: &str = "the keys are `rules`, `fail-on`, `public-keys` and `placeholders` under `[trace]`, `ignore`, `vex` and `fail-on` under \
                    `[scan]`, and `database`, `mirror`, `kev` and `epss` under `[intel]`; see docs/configuration.md";

/// The nearest file at or above the working folder.
pub(crate) fn of_working_folder() -> Result<Config, Failure> {
    let folder = std::env::current_dir().map_err(|error| Failure::file(".", error))?;
    find(&folder)
}

/// The severity of a `fail-on`.
pub(crate) fn severity(word: &str) -> Result<Severity, Failure> {
    let all = [Severity::Informational, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
    all.into_iter().find(|severity| severity.as_str() == word).ok_or_else(|| {
        Failure::usage(
            format!("floodmark.toml: fail-on = `{word}` is no severity"),
            "use informational, low, medium, high or critical",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_file_above_counts_and_its_paths_are_its_own() {
        let root = tempfile::tempdir().expect("a folder");
        let deep = root.path().join("a/b");
        std::fs::create_dir_all(&deep).expect("folders");
        std::fs::write(root.path().join(NAME), "[trace]\nrules = [\"ours\"]\nfail-on = \"low\"\n")
            .expect("a file");
        let config = find(&deep).expect("valid");
        assert_eq!(config.trace.rules, [root.path().join("ours")]);
        assert_eq!(config.trace.fail_on.as_deref(), Some("low"));
    }

    #[test]
    fn placeholders_have_a_value_or_several() {
        let text = "[trace.placeholders]\nadmins = [\"root\", \"adm_*\"]\n\"jump-servers\" = \"10.0.0.7\"\n";
        let config: Config = toml::from_str(text).expect("valid");
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            config.trace.placeholders(),
            [pair("admins", "root"), pair("admins", "adm_*"), pair("jump-servers", "10.0.0.7")]
        );
        for (wrong, reason) in [("\"%admins%\" = \"x\"", "%admins%"), ("admins = 1", "list of strings")] {
            let error =
                toml::from_str::<Config>(&format!("[trace.placeholders]\n{wrong}\n")).expect_err("wrong");
            assert!(error.message().contains(reason), "{error}");
        }
    }

    #[test]
    fn an_unknown_key_is_an_error_that_names_the_file() {
        let root = tempfile::tempdir().expect("a folder");
        std::fs::write(root.path().join(NAME), "[trace]\nrule = []\n").expect("a file");
        let error = find(root.path()).expect_err("invalid").to_string();
        assert!(error.contains(NAME) && error.contains("rule"), "{error}");
    }
}
