//! Epoch, version and release, as RPM and libalpm put them together.

use super::Expected;
use crate::version::key::Key;

const NO_RELEASE: u8 = 0;
const RELEASE: u8 = 1;

/// Writes `version[-release]` behind its epoch, both parts by `segments`; a version without a release comes before any with
/// one. `expected` is said where there is no version.
pub(super) fn key(
    epoch: &str,
    rest: &str,
    segments: fn(&str, &mut Key),
    expected: Expected,
    key: &mut Key,
) -> Result<(), Expected> {
    let (version, release) =
        rest.rsplit_once('-').map_or((rest, None), |(version, release)| (version, Some(release)));
    if version.is_empty() {
        return Err(expected);
    }
    key.number(epoch);
    segments(version, key);
    match release {
        Some(release) => {
            key.tag(RELEASE);
            segments(release, key);
        }
        None => key.tag(NO_RELEASE),
    }
    Ok(())
}
