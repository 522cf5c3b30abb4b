//! Bytes to components, one file per format.
//!
//! ```text
//! path ──> FORMATS (which format claims it?) ──> Format::read ──> Reading ──> components with their places, problems
//! ```
//!
//! A new format is one file here and one line in [`FORMATS`].

mod apk;
mod azure_pipelines;
mod bitbucket_pipelines;
mod broken;
mod cargo_lock;
mod circleci;
mod claims;
mod compose;
mod dependencies;
mod dockerfile;
mod dpkg;
mod format;
mod github_actions;
mod gitlab_ci;
mod go_mod;
mod hcl;
mod helm_values;
mod homebrew;
#[cfg(all(feature = "hostile-reader", target_os = "linux"))]
mod hostile;
mod image;
mod json_tree;
mod kubernetes;
mod npm_lock;
mod os_release;
mod pacman;
mod pipfile_lock;
mod poetry_lock;
mod pre_commit;
mod reading;
mod repository;
mod requirements;
mod rpm;
mod sbom;
mod stanza;
mod terraform;
#[cfg(test)]
pub(crate) mod testing;
mod text;
mod toml_tree;
mod uses;
mod uv_lock;
mod variables;
mod vscode;
mod yaml_tree;

use std::sync::LazyLock;

pub(crate) use broken::Broken;
pub(crate) use claims::{Claims, is_like};
pub(crate) use format::Format;
pub(crate) use reading::{Outcome, Reading, read};

/// The claims of all formats.
pub(crate) static CLAIMS: LazyLock<Claims> = LazyLock::new(|| Claims::of(FORMATS));

/// What a file is taken for that was asked for by itself, and whose name no format claims.
pub(crate) const BY_CONTENT: Format = Format::whole("sbom", &[], sbom::read_any);

/// Every format: its name, which paths it claims, and how it is read. Of two that claim a path the first has it.
///
/// A claim is a path or the end of one, whole parts of it; `*` stands for anything within a part:
/// `Cargo.lock`, `*.csproj`, `var/lib/dpkg/status`, `*.dist-info/METADATA`.
pub(crate) const FORMATS: &[Format] = &[
    #[cfg(all(feature = "hostile-reader", target_os = "linux"))]
    Format::whole("hostile-reader", &["*.hostile"], hostile::read),
    Format::whole("apk", &["lib/apk/db/installed"], apk::read),
    Format::whole("cargo-lock", &["Cargo.lock"], cargo_lock::read),
    Format::whole("dpkg", &["var/lib/dpkg/status", "var/lib/dpkg/status.d/*"], dpkg::read),
    Format::whole("npm-lock", &["package-lock.json", "npm-shrinkwrap.json"], npm_lock::read),
    Format::whole("pacman", &["var/lib/pacman/local/*/desc"], pacman::read),
    Format::whole("requirements", &["*requirements*.txt", "requirements/*.txt"], requirements::read),
    Format::whole("pipfile-lock", &["Pipfile.lock"], pipfile_lock::read),
    Format::whole("poetry-lock", &["poetry.lock"], poetry_lock::read),
    Format::whole("uv-lock", &["uv.lock"], uv_lock::read),
    Format::whole("go-mod", &["go.mod"], go_mod::read),
    Format::whole("go-sum", &["go.sum"], go_mod::read_sum),
    Format::whole(
        "azure-pipelines",
        &[
            "azure-pipelines*.yml",
            "azure-pipelines*.yaml",
            ".azure-pipelines/*.yml",
            ".azure-pipelines/*.yaml",
        ],
        azure_pipelines::read,
    ),
    Format::whole("bitbucket-pipelines", &["bitbucket-pipelines.yml"], bitbucket_pipelines::read),
    Format::whole(
        "rpm",
        &[
            "usr/lib/sysimage/rpm/Packages",
            "usr/lib/sysimage/rpm/Packages.db",
            "usr/lib/sysimage/rpm/rpmdb.sqlite",
            "usr/share/rpm/Packages",
            "usr/share/rpm/Packages.db",
            "usr/share/rpm/rpmdb.sqlite",
            "var/lib/rpm/Packages",
            "var/lib/rpm/Packages.db",
            "var/lib/rpm/rpmdb.sqlite",
        ],
        rpm::read,
    ),
    Format::unread("bun-lock", &["bun.lock", "bun.lockb"]),
    Format::unread("composer-lock", &["composer.lock"]),
    Format::whole("circleci", &[".circleci/*.yml", ".circleci/*.yaml"], circleci::read),
    Format::whole(
        "compose",
        &[
            "compose.yaml",
            "compose.yml",
            "compose.*.yaml",
            "compose.*.yml",
            "docker-compose*.yaml",
            "docker-compose*.yml",
        ],
        compose::read,
    ),
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
    Format::whole(
        "gitlab-ci",
        &[".gitlab-ci.yml", ".gitlab-ci.yaml", "*.gitlab-ci.yml", "*.gitlab-ci.yaml"],
        gitlab_ci::read,
    ),
    Format::unread("gradle-lockfile", &["gradle.lockfile", "*.gradle.lockfile"]),
    Format::whole(
        "helm-values",
        &["values.yaml", "values.yml", "values-*.yaml", "values.*.yaml", "*-values.yaml"],
        helm_values::read,
    ),
    Format::whole("homebrew-lock", &["Brewfile.lock.json"], homebrew::read_lock),
    Format::whole("homebrew-receipt", &["Cellar/*/*/INSTALL_RECEIPT.json"], homebrew::read_receipt),
    Format::unread("maven-pom", &["pom.xml"]),
    Format::unread("pdm-lock", &["pdm.lock"]),
    Format::unread("pnpm-lock", &["pnpm-lock.yaml"]),
    Format::whole("pre-commit", &[".pre-commit-config.yaml"], pre_commit::read),
    Format::whole(
        "sbom",
        &[
            "*.bom.json",
            "*.bom.xml",
            "*.cdx",
            "*.cdx.json",
            "*.cdx.xml",
            "*.sbom",
            "*.spdx",
            "*.spdx.json",
            "*.spdx.jsonld",
            "*.spdx3.json",
            "*sbom*.json",
            "*sbom*.xml",
            "bom.json",
            "bom.xml",
        ],
        sbom::read,
    ),
    Format::whole("terraform-lock", &[".terraform.lock.hcl"], terraform::read_lock),
    Format::whole("terraform-modules", &["*.tf", "*.tofu"], terraform::read_modules),
    Format::whole(
        "vscode-extension",
        &[
            ".cursor-server/extensions/*/package.json",
            ".cursor/extensions/*/package.json",
            ".vscode*/extensions/*/package.json",
            ".windsurf-server/extensions/*/package.json",
            ".windsurf/extensions/*/package.json",
            "code-server/extensions/*/package.json",
        ],
        vscode::read_manifest,
    ),
    Format::whole(
        "vscode-extensions",
        &[
            ".cursor-server/extensions/extensions.json",
            ".cursor/extensions/extensions.json",
            ".vscode*/extensions/extensions.json",
            ".windsurf-server/extensions/extensions.json",
            ".windsurf/extensions/extensions.json",
            "code-server/extensions/extensions.json",
        ],
        vscode::read_installed,
    ),
    Format::whole("vscode-recommendations", &[".vscode/extensions.json"], vscode::read_recommended),
    Format::unread("yarn-lock", &["yarn.lock"]),
    // Those that are told by their content, and claim what nobody else does.
    Format::whole("kubernetes", &["*.yaml", "*.yml"], kubernetes::read),
];
