//! A target that is an image in a registry.

use std::env::{self, consts::ARCH};
use std::io;
use std::path::{Path, PathBuf};

use floodmark_fetch::job::{ImageAsked, Job, Outcome, PlainHttp, Platform, What};
use floodmark_fetch::reference::Reference;
use floodmark_scan::Pulled;

use crate::cli::Scan;
use crate::failure::Failure;
use crate::fetching::{self, Fetching};
use crate::scratch::Scratch;

/// An image that is on its way.
pub(super) struct Coming {
    reference: Reference,
    fetching: Fetching,
    scratch: Scratch,
}

/// Starts to fetch the target, if it is an image in a registry. An existing path is always a path, and what has revisions too.
pub(super) fn start(options: &Scan) -> Result<Option<Coming>, Failure> {
    if options.revision.is_some() {
        return Ok(None);
    }
    let Some(reference) = reference(&options.target)? else { return Ok(None) };
    let scratch = Scratch::new()?;
    let job = Job {
        folder: scratch.path().to_owned(),
        network: fetching::network(&options.network),
        most_bytes: options.max_download.saturating_mul(1 << 20),
        what: What::Image(ImageAsked {
            reference: reference.clone(),
            platform: platform(options),
            docker_config: docker_config(options)?,
            plain_http: if options.plain_http { PlainHttp::All } else { PlainHttp::Loopback },
        }),
    };
    let fetching = fetching::start(job, &options.confinement)?;
    Ok(Some(Coming { reference, fetching, scratch }))
}

impl Coming {
    /// The folder that the image will be in.
    pub(super) fn folder(&self) -> &Path {
        self.scratch.path()
    }

    /// Waits until it is there. The folder is gone with what is given out beside it.
    pub(super) fn wait(self) -> Result<(Pulled, Scratch), Failure> {
        let Outcome::Image(image) = self.fetching.wait()? else {
            return Err(Failure::fetch("the fetching process fetched something else than an image", None));
        };
        let pulled = Pulled {
            name: self.reference.name(),
            tag: self.reference.tag().map(ToOwned::to_owned),
            digest: image.digest,
            manifest: image.manifest,
            platform: image.platform,
            missing: image.missing,
        };
        Ok((pulled, self.scratch))
    }
}

fn reference(target: &Path) -> Result<Option<Reference>, Failure> {
    match target.metadata() {
        Ok(_) => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(Failure::file(target, error)),
    }
    let text = target.to_string_lossy();
    text.parse().map(Some).map_err(|error| {
        Failure::usage(
            format!("{text}: there is no such file or folder, and as an image it {error}"),
            "name a path that is there, or an image with its registry",
        )
    })
}

/// The platform that was asked for, or that of this machine with Linux.
fn platform(options: &Scan) -> Platform {
    let text = match &options.platform {
        Some(platform) => platform.to_string(),
        None => format!("linux/{}", architecture()),
    };
    let mut parts = text.split('/').map(ToOwned::to_owned);
    let mut part = || parts.next();
    Platform { os: part().unwrap_or_default(), architecture: part().unwrap_or_default(), variant: part() }
}

/// This machine's architecture, in the words of OCI, which are those of Go.
fn architecture() -> &'static str {
    match ARCH {
        "x86_64" => "amd64",
        "x86" => "386",
        "aarch64" => "arm64",
        "powerpc64" if cfg!(target_endian = "little") => "ppc64le",
        "powerpc64" => "ppc64",
        other => other,
    }
}

fn docker_config(options: &Scan) -> Result<Option<PathBuf>, Failure> {
    match &options.docker_config {
        None => Ok(None),
        Some(Some(path)) => Ok(Some(path.clone())),
        Some(None) => {
            let home = env::var_os("HOME").map(PathBuf::from);
            let config = home.map(|home| home.join(".docker/config.json"));
            let unknown = || {
                Failure::usage(
                    "HOME does not say where the configuration of docker is",
                    "--docker-config=PATH",
                )
            };
            config.ok_or_else(unknown).map(Some)
        }
    }
}
