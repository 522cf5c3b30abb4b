//! Bytes to components, one file per format.
//!
//! ```text
//! path ──> FORMATS (which format claims it?) ──> Format::read ──> Reading ──> components with their places, problems
//! ```
//!
//! A new format is one file here and one line in [`FORMATS`].

mod broken;
mod bun_lock;
mod cargo_lock;
mod claims;
mod format;
mod graph;
mod nested;
mod node_modules;
mod npm_manifest;
mod npm_origin;
mod pnpm_lock;
mod reading;
#[cfg(test)]
pub(crate) mod testing;
mod toml_tree;
mod yarn_lock;

pub(crate) use broken::Broken;
pub(crate) use claims::Claims;
pub(crate) use format::Format;
pub(crate) use reading::{Outcome, Reading, read};

/// Every format: its name, which paths it claims, and how it is read. Of two that claim a path the first has it.
///
/// A claim is a path or the end of one, whole parts of it; `*` stands for anything within a part:
/// `Cargo.lock`, `*.csproj`, `var/lib/dpkg/status`, `*.dist-info/METADATA`.
pub(crate) const FORMATS: &[Format] = &[
    Format::whole("bun-lock", &["bun.lock"], bun_lock::read),
    Format::unread("bun-lockb", &["bun.lockb"]),
    Format::whole("cargo-lock", &["Cargo.lock"], cargo_lock::read),
    Format::unread("composer-lock", &["composer.lock"]),
    Format::unread("gemfile-lock", &["Gemfile.lock", "gems.locked"]),
    Format::unread("go-mod", &["go.mod"]),
    Format::unread("gradle-lockfile", &["gradle.lockfile", "*.gradle.lockfile"]),
    Format::unread("maven-pom", &["pom.xml"]),
    Format::whole(
        "node-modules",
        &["node_modules/*/package.json", "node_modules/@*/*/package.json"],
        node_modules::read,
    ),
    Format::unread("npm-lock", &["package-lock.json", "npm-shrinkwrap.json"]),
    Format::unread("pdm-lock", &["pdm.lock"]),
    Format::unread("pipfile-lock", &["Pipfile.lock"]),
    Format::whole("pnpm-lock", &["pnpm-lock.yaml"], pnpm_lock::read),
    Format::unread("poetry-lock", &["poetry.lock"]),
    Format::unread("requirements", &["requirements*.txt", "*requirements.txt", "requirements/*.txt"]),
    Format::unread("uv-lock", &["uv.lock"]),
    Format::whole("yarn-lock", &["yarn.lock"], yarn_lock::read),
];
