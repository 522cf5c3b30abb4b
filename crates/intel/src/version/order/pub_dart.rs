//! Dart's Pub, <https://pub.dev/documentation/pub_semver>: Semantic Versioning in which build metadata counts.
//!
//! The specification gives builds no order; Pub does, since it must choose one: none is less than any, and they
//! compare as prereleases do.

use super::{Expected, semver};
use crate::version::key::Key;

pub(super) fn key(text: &str, key: &mut Key) -> Result<(), Expected> {
    let parts = semver::parts(text)?;
    parts.key(key);
    parts.build_key(key);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::version::Order::Pub;
    use crate::version::order::assert_rising;

    #[test]
    fn build_metadata_counts() {
        assert_rising(
            Pub,
            &[
                &["1.0.0-alpha"],
                &["1.0.0-rc.1"],
                &["1.0.0-rc.1+build.1"],
                &["1.0.0"],
                &["1.0.0+0.3.7"],
                &["1.3.7+build"],
                &["1.3.7+build.2.b8f12d7"],
                &["1.3.7+build.11.e0f985a"],
                &["2.0.0"],
            ],
        );
    }
}
