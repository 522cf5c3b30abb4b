//! Bytes to components, one file per format.
//!
//! ```text
//! path ──> FORMATS (which format claims it?) ──> Format::read ──> Reading ──> components with their places, problems
//! ```
//!
//! A new format is one file here and one line in [`FORMATS`].

mod broken;
mod bun_lock;
mod bytes;
mod cargo_lock;
mod claims;
mod conda_meta;
mod format;
mod go_mod;
mod gradle_catalog;
mod gradle_lockfile;
mod graph;
mod jar;
mod json_tree;
mod nested;
mod node_modules;
mod npm_lock;
mod npm_manifest;
mod npm_origin;
mod pdm_lock;
mod pipfile_lock;
mod pnpm_lock;
mod poetry_lock;
mod pom;
mod program;
mod pylock;
mod python_groups;
mod python_installed;
mod python_package;
mod reading;
mod requirements;
#[cfg(test)]
pub(crate) mod testing;
mod text;
mod toml_tree;
mod uv_lock;
mod yarn_lock;
mod zip;

pub(crate) use broken::Broken;
pub(crate) use claims::{Claims, FIRST_BYTES};
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
    Format::whole("conda-meta", &["conda-meta/*.json"], conda_meta::read),
    Format::unread("composer-lock", &["composer.lock"]),
    Format::unread("gemfile-lock", &["Gemfile.lock", "gems.locked"]),
    Format::whole("go-mod", &["go.mod"], go_mod::read),
    Format::whole("go-sum", &["go.sum"], go_mod::read_sum),
    Format::whole("gradle-catalog", &["*.versions.toml"], gradle_catalog::read),
    Format::whole(
        "gradle-lockfile",
        &["gradle.lockfile", "*-gradle.lockfile", "gradle/dependency-locks/*.lockfile"],
        gradle_lockfile::read,
    ),
    Format::anywhere(
        "jar",
        &["*.jar", "*.war", "*.ear", "*.aar", "*.hpi", "*.jpi", "*.kar", "*.nar", "*.par"],
        jar::read,
    ),
    Format::whole("maven-pom", &["pom.xml"], pom::read),
    Format::whole(
        "node-modules",
        &["node_modules/*/package.json", "node_modules/@*/*/package.json"],
        node_modules::read,
    ),
    Format::whole("npm-lock", &["package-lock.json", "npm-shrinkwrap.json"], npm_lock::read),
    Format::whole("pdm-lock", &["pdm.lock"], pdm_lock::read),
    Format::whole("pipfile-lock", &["Pipfile.lock"], pipfile_lock::read),
    Format::whole("pnpm-lock", &["pnpm-lock.yaml"], pnpm_lock::read),
    Format::whole("poetry-lock", &["poetry.lock"], poetry_lock::read),
    Format::inside("program", program::BEGINS, program::read),
    Format::whole("pylock", &["pylock.toml", "pylock.*.toml"], pylock::read),
    Format::whole(
        "python-installed",
        &["*.dist-info/METADATA", "*.egg-info/PKG-INFO", "EGG-INFO/PKG-INFO", "*.egg-info"],
        python_installed::read,
    ),
    Format::whole("requirements", &["*requirements*.txt", "requirements/*.txt"], requirements::read),
    Format::whole("uv-lock", &["uv.lock"], uv_lock::read),
    Format::whole("yarn-lock", &["yarn.lock"], yarn_lock::read),
];
