//! Bytes to components, one file per format.
//!
//! ```text
//! path ──> FORMATS (which format claims it?) ──> Format::read ──> Reading ──> components with their places, problems
//! ```
//!
//! A new format is one file here and one line in [`FORMATS`].

mod broken;
mod cargo_lock;
mod claims;
mod format;
mod go_mod;
#[cfg(all(feature = "hostile-reader", target_os = "linux"))]
mod hostile;
mod json_tree;
mod npm_lock;
mod pipfile_lock;
mod poetry_lock;
mod reading;
mod requirements;
#[cfg(test)]
pub(crate) mod testing;
mod text;
mod toml_tree;
mod uv_lock;

pub(crate) use broken::Broken;
pub(crate) use claims::{Claims, is_like};
pub(crate) use format::Format;
pub(crate) use reading::{Outcome, Reading, read};

/// Every format: its name, which paths it claims, and how it is read. Of two that claim a path the first has it.
///
/// A claim is a path or the end of one, whole parts of it; `*` stands for anything within a part:
/// `Cargo.lock`, `*.csproj`, `var/lib/dpkg/status`, `*.dist-info/METADATA`.
pub(crate) const FORMATS: &[Format] = &[
    #[cfg(all(feature = "hostile-reader", target_os = "linux"))]
    Format::whole("hostile-reader", &["*.hostile"], hostile::read),
    Format::whole("cargo-lock", &["Cargo.lock"], cargo_lock::read),
    Format::whole("npm-lock", &["package-lock.json", "npm-shrinkwrap.json"], npm_lock::read),
    Format::whole("requirements", &["*requirements*.txt", "requirements/*.txt"], requirements::read),
    Format::whole("pipfile-lock", &["Pipfile.lock"], pipfile_lock::read),
    Format::whole("poetry-lock", &["poetry.lock"], poetry_lock::read),
    Format::whole("uv-lock", &["uv.lock"], uv_lock::read),
    Format::whole("go-mod", &["go.mod"], go_mod::read),
    Format::whole("go-sum", &["go.sum"], go_mod::read_sum),
    Format::unread("bun-lock", &["bun.lock", "bun.lockb"]),
    Format::unread("composer-lock", &["composer.lock"]),
    Format::unread("gemfile-lock", &["Gemfile.lock", "gems.locked"]),
    Format::unread("gradle-lockfile", &["gradle.lockfile", "*.gradle.lockfile"]),
    Format::unread("maven-pom", &["pom.xml"]),
    Format::unread("pdm-lock", &["pdm.lock"]),
    Format::unread("pnpm-lock", &["pnpm-lock.yaml"]),
    Format::unread("yarn-lock", &["yarn.lock"]),
];
