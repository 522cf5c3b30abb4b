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
mod dockerfile;
mod format;
mod github_actions;
mod image;
mod reading;
#[cfg(test)]
pub(crate) mod testing;
mod toml_tree;
mod uses;
mod variables;
mod yaml_tree;

pub(crate) use broken::Broken;
pub(crate) use claims::Claims;
pub(crate) use format::Format;
pub(crate) use reading::{Outcome, Reading, read};

/// Every format: its name, which paths it claims, and how it is read. Of two that claim a path the first has it.
///
/// A claim is a path or the end of one, whole parts of it; `*` stands for anything within a part:
/// `Cargo.lock`, `*.csproj`, `var/lib/dpkg/status`, `*.dist-info/METADATA`.
pub(crate) const FORMATS: &[Format] = &[
    Format::whole("cargo-lock", &["Cargo.lock"], cargo_lock::read),
    Format::unread("bun-lock", &["bun.lock", "bun.lockb"]),
    Format::unread("composer-lock", &["composer.lock"]),
    Format::whole(
        "dockerfile",
        &["Dockerfile", "Dockerfile.*", "*.Dockerfile", "*.dockerfile", "Containerfile", "Containerfile.*"],
        dockerfile::read,
    ),
    Format::unread("gemfile-lock", &["Gemfile.lock", "gems.locked"]),
    Format::whole(
        "github-actions",
        &[".github/workflows/*.yml", ".github/workflows/*.yaml", "action.yml", "action.yaml"],
        github_actions::read,
    ),
    Format::unread("go-mod", &["go.mod"]),
    Format::unread("gradle-lockfile", &["gradle.lockfile", "*.gradle.lockfile"]),
    Format::unread("maven-pom", &["pom.xml"]),
    Format::unread("npm-lock", &["package-lock.json", "npm-shrinkwrap.json"]),
    Format::unread("pdm-lock", &["pdm.lock"]),
    Format::unread("pipfile-lock", &["Pipfile.lock"]),
    Format::unread("pnpm-lock", &["pnpm-lock.yaml"]),
    Format::unread("poetry-lock", &["poetry.lock"]),
    Format::unread("requirements", &["requirements*.txt", "*requirements.txt", "requirements/*.txt"]),
    Format::unread("uv-lock", &["uv.lock"]),
    Format::unread("yarn-lock", &["yarn.lock"]),
];
