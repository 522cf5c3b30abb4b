//! Go modules, <https://go.dev/ref/mod#versions>, as `golang.org/x/mod/semver` orders them.
//!
//! A pseudo-version is a prerelease, `+incompatible` is build metadata, so Semantic Versioning is all there is to it.
//! A binary names its toolchain as `go1.21rc2`, and the advisories of the standard library say `1.21.0-rc.2`.

use super::{Expected, semver};
use crate::version::key::{Key, is_number, split_digits};

pub(super) fn key(text: &str, key: &mut Key) -> Result<(), Expected> {
    match text.strip_prefix("go") {
        Some(release) => semver::key(&toolchain(release)?, key),
        None => semver::key(text, key),
    }
}

fn toolchain(release: &str) -> Result<String, Expected> {
    const EXPECTED: Expected = "a toolchain's name, as go1.21.3 or go1.21rc2";
    let end = release.find(|c: char| c != '.' && !c.is_ascii_digit()).unwrap_or(release.len());
    let (numbers, stage) = release.split_at(end);
    let count = numbers.split('.').count();
    if stage.is_empty() {
        return Ok(numbers.to_owned());
    }
    let name = ["rc", "beta", "alpha"].into_iter().find(|name| stage.starts_with(name)).ok_or(EXPECTED)?;
    let (number, rest) = split_digits(&stage[name.len()..]);
    if !is_number(number) || !rest.is_empty() || count > 3 {
        return Err(EXPECTED);
    }
    Ok(format!("{numbers}{}-{name}.{number}", ".0".repeat(3 - count)))
}

#[cfg(test)]
mod tests {
    use crate::version::Order::Go;
    use crate::version::order::{assert_refused, assert_rising};

    #[test]
    fn a_pseudo_version_stands_before_the_release_it_leads_to() {
        assert_rising(
            Go,
            &[
                &["v0.0.0-20170915032832-14c0d48ead0c"],
                &["v0.0.0-20191109021931-daa7c04131f5"],
                &["v1.2.2"],
                &["v1.2.3-0.20191109021931-daa7c04131f5"],
                &["v1.2.3-pre"],
                &["v1.2.3-pre.0.20191109021931-daa7c04131f5"],
                &["v1.2.3", "1.2.3"],
                &["v2.0.0", "v2.0.0+incompatible"],
            ],
        );
    }

    #[test]
    fn a_toolchain_has_its_own_spelling() {
        assert_rising(
            Go,
            &[
                &["1.21.0-0"],
                &["go1.21beta1", "1.21.0-beta.1"],
                &["go1.21rc2", "1.21.0-rc.2"],
                &["go1.21rc10"],
                &["go1.21", "go1.21.0", "v1.21.0"],
                &["go1.21.3"],
            ],
        );
        assert_refused(Go, &["go", "go1.21rc", "go1.21xx1", "go1.2.3.4rc1", "go1.21rc2x", "gopher", "devel"]);
    }
}
