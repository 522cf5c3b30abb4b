//! One job, in a process of its own.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ureq::Proxy;
use ureq::http::Uri;
use ureq::tls::{Certificate, PemItem, parse_pem};

use crate::client::{Client, Way};
use crate::docker_config::{self, Credentials, credentials};
use crate::error::FetchError;
use crate::job::{AdvisoriesAsked, Held, ImageAsked, Job, Outcome, PlainHttp, What};
use crate::mirror::Mirror;
use crate::origin::{Origin, Scheme};
use crate::registry::Registry;
use crate::transfer::Meter;

/// Where systems keep the certificates of authorities, as one file.
const CERTIFICATES: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// What the C library reads to find a host.
const NAMES: [&str; 6] = [
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/nsswitch.conf",
    "/etc/host.conf",
    "/etc/gai.conf",
    "/etc/services",
];

/// The longest file of certificates.
const CERTIFICATES_BYTES: u64 = 16 << 20;

/// A job that is ready: what it needs of this machine has been read.
pub struct Fetcher {
    job: Job,
    way: Way,
    credentials: Option<Credentials>,
}

/// What a process that runs a job must reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// Files to read.
    pub read: Vec<PathBuf>,
    /// The folder to write to.
    pub write: PathBuf,
    /// TCP ports to connect to.
    pub ports: Vec<u16>,
}

impl Fetcher {
    /// Reads what the job needs of this machine: certificates, and credentials if they are asked for. Nothing is fetched
    /// yet, and no thread is started.
    pub fn prepare(job: Job) -> Result<Self, FetchError> {
        let proxy = job.network.proxy.as_deref().map(proxy).transpose()?;
        let origins = origins(&job.what)?;
        let encrypted = origins.iter().any(|origin| origin.scheme == Scheme::Https);
        let mut ports: Vec<u16> = match &proxy {
            Some(proxy) => vec![proxy.port()],
            None => Vec::new(),
        };
        // What is asked through a proxy has ports too, though none of them is connected to from here.
        let mut asked: Vec<u16> =
            origins.iter().flat_map(|origin| [origin.port, origin.scheme.port()]).collect();
        asked.sort_unstable();
        asked.dedup();
        if proxy.is_none() {
            ports.clone_from(&asked);
        }
        let roots = if encrypted { certificates(job.network.ca_file.as_deref())? } else { Vec::new() };
        let credentials = match &job.what {
            What::Image(ImageAsked { docker_config: Some(path), reference, .. }) => {
                let mut bytes = read(path, docker_config::MOST_BYTES)?;
                let found = credentials(&bytes, reference);
                // The secrets of other registries do not stay in memory.
                bytes.fill(0);
                std::hint::black_box(&bytes);
                found.map_err(|why| FetchError::nonsense(path.display().to_string(), why))?
            }
            _ => None,
        };
        let way = Way { roots: Arc::new(roots), proxy, ports: asked, connects: ports };
        Ok(Self { job, way, credentials })
    }

    /// What this process must reach from now on, and nothing else.
    pub fn reach(&self) -> Reach {
        Reach {
            read: NAMES.iter().map(PathBuf::from).filter(|path| path.exists()).collect(),
            write: self.job.folder.clone(),
            ports: self.way.connects.clone(),
        }
    }

    /// Whether a list of the sources that are still held must be given, since the job asks for advisories.
    pub fn wants_held(&self) -> bool {
        matches!(self.job.what, What::Advisories(_))
    }

    /// Fetches. `tell` is told now and then how many bytes have come; its error ends the job.
    pub fn run(
        self,
        held: &Held,
        tell: &mut dyn FnMut(u64) -> io::Result<()>,
    ) -> Result<Outcome, FetchError> {
        let meter = Meter::new(self.job.most_bytes, tell);
        match &self.job.what {
            What::Image(asked) => {
                let client = Client::new(&self.way, of_registry(asked)?);
                let credentials = self.credentials.as_ref();
                let registry = Registry { client: &client, asked, credentials, authorization: None, meter };
                registry.pull(&self.job.folder).map(Outcome::Image)
            }
            What::Advisories(asked) => {
                let mirror = Mirror { way: &self.way, folder: &self.job.folder, asked, held, meter };
                mirror.fetch().map(Outcome::Advisories)
            }
        }
    }
}

/// Where is asked first.
fn origins(what: &What) -> Result<Vec<Origin>, FetchError> {
    match what {
        What::Image(asked) => Ok(vec![of_registry(asked)?]),
        What::Advisories(AdvisoriesAsked { mirror, kev, epss, .. }) => {
            [Some(mirror), kev.as_ref(), epss.as_ref()].into_iter().flatten().map(|url| origin(url)).collect()
        }
    }
}

fn of_registry(asked: &ImageAsked) -> Result<Origin, FetchError> {
    let host = asked.reference.host();
    let encrypted = origin(&format!("https://{host}/"))?;
    match asked.plain_http {
        PlainHttp::Loopback if !Origin::is_loopback(&encrypted.host) => Ok(encrypted),
        PlainHttp::Loopback | PlainHttp::All => origin(&format!("http://{host}/")),
    }
}

/// The origin of a URL that was asked for.
pub(crate) fn origin(url: &str) -> Result<Origin, FetchError> {
    let uri: Uri = url.parse().map_err(|_| FetchError::Asked(format!("{url:?} is no URL")))?;
    Origin::of(&uri).map_err(|why| FetchError::Asked(format!("{url:?} is a URL {why}")))
}

fn proxy(url: &str) -> Result<Proxy, FetchError> {
    let wrong = |why: &str| FetchError::Asked(format!("the proxy {why}: expected http://host:port"));
    let origin = origin(url).map_err(|_| wrong("is no URL of http, or holds credentials"))?;
    if origin.scheme != Scheme::Http {
        return Err(wrong("is not spoken to by http"));
    }
    Proxy::new(&origin.to_string()).map_err(|_| wrong("is none"))
}

fn certificates(named: Option<&Path>) -> Result<Vec<Certificate<'static>>, FetchError> {
    let of_system = || CERTIFICATES.iter().map(Path::new).find(|path| path.is_file());
    let path = named.or_else(of_system).ok_or_else(|| {
        let list = CERTIFICATES.join(", ");
        FetchError::Asked(format!(
            "there are no certificates of authorities in {list}: name a file with --ca-file"
        ))
    })?;
    let bytes = read(path, CERTIFICATES_BYTES)?;
    let items = parse_pem(&bytes).filter_map(|item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    });
    let roots: Vec<_> = items.collect();
    if roots.is_empty() {
        return Err(FetchError::nonsense(path.display().to_string(), "holds no certificate in PEM"));
    }
    Ok(roots)
}

/// A file of this machine.
pub(crate) fn read(path: &Path, most: u64) -> Result<Vec<u8>, FetchError> {
    let opened = File::open(path).map_err(FetchError::file(path))?;
    let metadata = opened.metadata().map_err(FetchError::file(path))?;
    if !metadata.is_file() {
        return Err(FetchError::nonsense(path.display().to_string(), "is no file"));
    }
    // In one piece, so that nothing of it is left behind where it was before it grew.
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len().min(most) + 64).unwrap_or_default());
    opened.take(most + 1).read_to_end(&mut bytes).map_err(FetchError::file(path))?;
    if bytes.len() as u64 > most {
        return Err(FetchError::nonsense(path.display().to_string(), format!("is longer than {most} bytes")));
    }
    Ok(bytes)
}
