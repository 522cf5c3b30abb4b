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
mod bun_lock;
mod bytes;
mod cargo_lock;
mod circleci;
mod claims;
mod compose;
mod composer_lock;
mod conan_lock;
mod conda_meta;
mod dependencies;
mod dockerfile;
mod dpkg;
mod format;
mod gemfile_lock;
mod gemspec;
mod github_actions;
mod gitlab_ci;
mod go_mod;
mod gradle_catalog;
mod gradle_lockfile;
mod graph;
mod haskell_lock;
mod hcl;
mod helm_values;
mod hex_lock;
mod homebrew;
#[cfg(all(feature = "hostile-reader", target_os = "linux"))]
mod hostile;
pub(crate) mod image;
mod jar;
mod json_tree;
mod kubernetes;
mod msbuild_project;
mod nested;
mod node_modules;
mod npm_lock;
mod npm_manifest;
mod npm_origin;
mod nuget_assets;
mod nuget_config;
mod nuget_lock;
mod os_release;
mod pacman;
mod pdm_lock;
mod pipfile_lock;
mod pnpm_lock;
mod podfile_lock;
mod poetry_lock;
mod pom;
mod pre_commit;
mod program;
mod pubspec_lock;
mod pylock;
mod python_groups;
mod python_installed;
mod python_package;
mod r_packages;
mod reading;
mod repository;
mod requirements;
mod rpm;
mod sbom;
mod stanza;
mod swift_resolved;
mod terms;
mod terraform;
#[cfg(test)]
pub(crate) mod testing;
mod text;
mod toml_tree;
mod uses;
mod uv_lock;
mod variables;
mod vex;
mod vscode;
mod yaml_tree;
mod yarn_lock;
mod zip;

use std::sync::LazyLock;

pub(crate) use broken::Broken;
pub(crate) use claims::{Claims, FIRST_BYTES, is_like};
pub(crate) use format::Format;
pub(crate) use reading::{MOST_BYTES, Outcome, Reading, read};
pub(crate) use vex::{Bom, bom, may_hold_vex};

/// The claims of all formats.
pub(crate) static CLAIMS: LazyLock<Claims> = LazyLock::new(|| Claims::of(FORMATS));

/// What a file is taken for that was asked for by itself, and whose name no format claims.
pub(crate) const BY_CONTENT: Format = Format::whole("sbom", &[], sbom::read_any);

/// A document that was given to say what does not touch the target.
pub(crate) const VEX: Format = Format::whole("vex", &[], vex::read);

/// Every format: its name, which paths it claims, and how it is read. Of two that claim a path the first has it.
///
/// A claim is a path or the end of one, whole parts of it; `*` stands for anything within a part:
/// `Cargo.lock`, `*.csproj`, `var/lib/dpkg/status`, `*.dist-info/METADATA`.
pub(crate) const FORMATS: &[Format] = &[
    #[cfg(all(feature = "hostile-reader", target_os = "linux"))]
    Format::whole("hostile-reader", &["*.hostile"], hostile::read),
    Format::whole("apk", &["lib/apk/db/installed"], apk::read),
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
    Format::whole("bun-lock", &["bun.lock"], bun_lock::read),
    Format::unread("bun-lockb", &["bun.lockb"]),
    Format::whole("cabal-freeze", &["cabal.project.freeze"], haskell_lock::read_cabal),
    Format::whole("cargo-lock", &["Cargo.lock"], cargo_lock::read),
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
    Format::whole("composer-installed", &["vendor/composer/installed.json"], composer_lock::read_installed),
    Format::whole("composer-lock", &["composer.lock"], composer_lock::read),
    Format::whole("conan-lock", &["conan.lock"], conan_lock::read),
    Format::whole("conda-meta", &["conda-meta/*.json"], conda_meta::read),
    Format::whole(
        "dockerfile",
        &["Dockerfile", "Dockerfile.*", "*.Dockerfile", "*.dockerfile", "Containerfile", "Containerfile.*"],
        dockerfile::read,
    ),
    Format::whole("dpkg", &["var/lib/dpkg/status", "var/lib/dpkg/status.d/*"], dpkg::read),
    Format::whole("gemfile-lock", &["Gemfile.lock", "*.gemfile.lock", "gems.locked"], gemfile_lock::read),
    Format::whole(
        "gemspec",
        &["specifications/*.gemspec", "specifications/default/*.gemspec"],
        gemspec::read,
    ),
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
    Format::whole("go-mod", &["go.mod"], go_mod::read),
    Format::whole("go-sum", &["go.sum"], go_mod::read_sum),
    Format::whole("gradle-catalog", &["*.versions.toml"], gradle_catalog::read),
    Format::whole(
        "gradle-lockfile",
        &["gradle.lockfile", "*-gradle.lockfile", "gradle/dependency-locks/*.lockfile"],
        gradle_lockfile::read,
    ),
    Format::whole(
        "helm-values",
        &["values.yaml", "values.yml", "values-*.yaml", "values.*.yaml", "*-values.yaml"],
        helm_values::read,
    ),
    Format::whole("homebrew-lock", &["Brewfile.lock.json"], homebrew::read_lock),
    Format::whole("homebrew-receipt", &["Cellar/*/*/INSTALL_RECEIPT.json"], homebrew::read_receipt),
    Format::anywhere(
        "jar",
        &["*.jar", "*.war", "*.ear", "*.aar", "*.hpi", "*.jpi", "*.kar", "*.nar", "*.par"],
        jar::read,
    ),
    Format::whole("maven-pom", &["pom.xml"], pom::read),
    Format::whole("mix-lock", &["mix.lock"], hex_lock::read_mix),
    Format::whole("msbuild-project", &["*.csproj", "*.fsproj", "*.vbproj"], msbuild_project::read),
    Format::whole(
        "node-modules",
        &["node_modules/*/package.json", "node_modules/@*/*/package.json"],
        node_modules::read,
    ),
    Format::whole("npm-lock", &["package-lock.json", "npm-shrinkwrap.json"], npm_lock::read),
    Format::whole("nuget-assets", &["project.assets.json", "*.deps.json"], nuget_assets::read),
    Format::whole("nuget-config", &["packages.config"], nuget_config::read),
    Format::whole("nuget-lock", &["packages.lock.json"], nuget_lock::read),
    Format::whole("pacman", &["var/lib/pacman/local/*/desc"], pacman::read),
    Format::whole("pdm-lock", &["pdm.lock"], pdm_lock::read),
    Format::whole("pipfile-lock", &["Pipfile.lock"], pipfile_lock::read),
    Format::whole("pnpm-lock", &["pnpm-lock.yaml"], pnpm_lock::read),
    Format::whole("podfile-lock", &["Podfile.lock"], podfile_lock::read),
    Format::whole("poetry-lock", &["poetry.lock"], poetry_lock::read),
    Format::whole("pre-commit", &[".pre-commit-config.yaml"], pre_commit::read),
    Format::inside("program", program::BEGINS, program::read),
    Format::whole("pubspec-lock", &["pubspec.lock"], pubspec_lock::read),
    Format::whole("pylock", &["pylock.toml", "pylock.*.toml"], pylock::read),
    Format::whole(
        "python-installed",
        &["*.dist-info/METADATA", "*.egg-info/PKG-INFO", "EGG-INFO/PKG-INFO", "*.egg-info"],
        python_installed::read,
    ),
    Format::whole("r-description", &["DESCRIPTION"], r_packages::read_description),
    Format::whole("rebar-lock", &["rebar.lock"], hex_lock::read_rebar),
    Format::whole("renv-lock", &["renv.lock"], r_packages::read_lock),
    Format::whole("requirements", &["*requirements*.txt", "requirements/*.txt"], requirements::read),
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
    Format::whole("stack-lock", &["stack.yaml.lock"], haskell_lock::read_stack),
    Format::whole("swift-resolved", &["Package.resolved"], swift_resolved::read),
    Format::whole("terraform-lock", &[".terraform.lock.hcl"], terraform::read_lock),
    Format::whole("terraform-modules", &["*.tf", "*.tofu"], terraform::read_modules),
    Format::whole("uv-lock", &["uv.lock"], uv_lock::read),
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
    Format::whole("yarn-lock", &["yarn.lock"], yarn_lock::read),
    // Those that are told by their content, and claim what nobody else does.
    Format::whole("kubernetes", &["*.yaml", "*.yml"], kubernetes::read),
];

/// Files that no format claims, but that readers ask for beside theirs: where files are not to be had at any time, as in
/// the layers of an image, these are kept too.
pub(crate) const BESIDE: &[Format] = &[Format::unread(
    "beside",
    &[
        "*.txt",
        "etc/apk/world",
        "etc/os-release",
        "rpmdb.sqlite-journal",
        "rpmdb.sqlite-wal",
        "usr/lib/os-release",
        "var/lib/apt/extended_states",
    ],
)];
