//! `etc/os-release` of the root file system that a database of packages is of.

use super::Reading;
use super::reading::Neighbour;
use crate::component::{Distro, Place};

/// The most bytes of the file that are looked at; the real ones have a few hundred.
const MOST_BYTES: usize = 64 << 10;

/// Where the file is, below the root of the file system, the one that counts first.
pub(crate) const PATHS: [&str; 2] = ["etc/os-release", "usr/lib/os-release"];

/// The distribution, where the file that is read lies so many folders below the root of its file system.
///
/// What hinders is told: without it packages are listed, but no advisory can be asked for.
pub(super) fn distro(reading: &mut Reading<'_>, folders: usize) -> Distro {
    let up = "../".repeat(folders);
    for path in PATHS {
        match reading.neighbour(&format!("{up}{path}")).map(Neighbour::bytes) {
            Ok(Some(bytes)) => {
                let bytes = &bytes[..bytes.len().min(MOST_BYTES)];
                return told(Distro::parse(&String::from_utf8_lossy(bytes)), reading);
            }
            Ok(None) => {}
            Err(broken) => reading.problem(&Place::Whole, &format!("{path} beside it {broken}")),
        }
    }
    told(Distro::default(), reading)
}

fn told(distro: Distro, reading: &mut Reading<'_>) -> Distro {
    if !distro.is_named() {
        let why = "has no etc/os-release beside it that names a distribution: no advisory can be asked for";
        reading.problem(&Place::Whole, why);
    }
    distro
}
