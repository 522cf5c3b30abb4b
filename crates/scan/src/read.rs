//! Bytes to components, one file per format.
//!
//! ```text
//! path ──> FORMATS (which format claims it?) ──> Format::read ──> Reading ──> components with their places, problems
//! ```
//!
//! A new format is one file here and one line in [`FORMATS`].

mod apk;
mod broken;
mod cargo_lock;
mod claims;
mod dependencies;
mod dpkg;
mod format;
mod go_mod;
#[cfg(all(feature = "hostile-reader", target_os = "linux"))]
mod hostile;
mod json_tree;
mod npm_lock;
mod os_release;
mod pacman;
mod pipfile_lock;
mod poetry_lock;
mod reading;
mod requirements;
mod rpm;
mod stanza;
#[cfg(test)]
pub(crate) mod testing;
mod text;
mod toml_tree;
mod uv_lock;

pub(crate) use broken::Broken;
pub(crate) use claims::{Claims, is_like};
pub(crate) use format::Format;
pub(crate) use reading::{MOST_BYTES, Outcome, Reading, read};

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
