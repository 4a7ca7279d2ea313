//! The client's side: what it trusts and shows, made ready once for many connections.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::client::{Resumption, UnbufferedClientConnection, WebPkiServerVerifier, danger::ServerCertVerifier};
use rustls::sign::SingleCertAndKey;
use rustls_pki_types::ServerName;

use crate::error::{Error, Operation, Result, Status};

use super::fault;
use super::identity::Identity;
use super::keylog::FileLog;
use super::layer::{Layer, Side};
use super::pem::Pem;
use super::provider::provider;
use super::roots::Roots;
use super::server::alpn;
use super::tls::Tls;
use super::unverified::Unverified;
use super::version::Version;

/// How a client speaks TLS. The default verifies the server against the bundled roots.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClientOptions {
    /// Believes whoever answers. For tests only: it is as if there were no TLS.
    pub skip_verification: bool,
    /// Trusts the roots of the operating system.
    pub system_roots: bool,
    /// Trusts Mozilla's roots, built in. `None`: unless `ca` is given.
    pub bundled_roots: Option<bool>,
    /// Trusts these roots.
    pub ca: Vec<Pem>,
    /// What to show a server that asks.
    pub identity: Option<Identity>,
    /// The name to ask for (SNI) and to verify, instead of the host's.
    pub server_name: Option<String>,
    /// Protocols to offer, RFC 7301; none: no such offer.
    pub alpn: Vec<String>,
    /// The oldest version that is good enough.
    pub min_version: Version,
    /// Where the secrets of every session are written, for debugging.
    pub key_log: Option<PathBuf>,
    /// Sessions may be resumed, which saves most of a handshake.
    pub resumption: bool,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            skip_verification: false,
            system_roots: false,
            bundled_roots: None,
            ca: Vec::new(),
            identity: None,
            server_name: None,
            alpn: Vec::new(),
            min_version: Version::default(),
            key_log: None,
            resumption: true,
        }
    }
}

/// [`ClientOptions`] made ready. Cheap to clone; clones share their sessions.
#[derive(Debug, Clone)]
pub struct ClientContext {
    config: Arc<ClientConfig>,
    server_name: Option<Arc<str>>,
}

impl ClientContext {
    /// Reads what the options name and checks it.
    pub fn new(options: &ClientOptions) -> Result<Self> {
        if let Some(name) = &options.server_name {
            name_of(name)?;
        }
        let builder = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(options.min_version.and_newer())
            .map_err(|error| fault::configuration("the versions of TLS", &error))?
            .dangerous()
            .with_custom_certificate_verifier(verifier(options)?);
        let mut config = match &options.identity {
            None => builder.with_no_client_auth(),
            Some(identity) => builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(identity.load()?))),
        };
        config.alpn_protocols = alpn(&options.alpn)?;
        if !options.resumption {
            config.resumption = Resumption::disabled();
        }
        if let Some(path) = &options.key_log {
            config.key_log = FileLog::open(path)?;
        }
        Ok(Self { config: Arc::new(config), server_name: options.server_name.as_deref().map(Arc::from) })
    }

    /// A connection to this host, with its ClientHello pending.
    pub fn connect(&self, host: &str) -> Result<Tls> {
        let name = name_of(self.server_name.as_deref().unwrap_or(host))?;
        let asked = match &name {
            ServerName::DnsName(name) => Some(name.as_ref().into()),
            _ => None,
        };
        let connection = UnbufferedClientConnection::new(self.config.clone(), name)
            .map_err(|error| fault::configuration("the connection", &error))?;
        Tls::new(Layer::new(Side::Client(connection), asked))
    }

    /// The same as an old client: one that knows TLS 1.2 only.
    #[cfg(test)]
    pub(super) fn old(options: &ClientOptions) -> Self {
        let config = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&rustls::version::TLS12])
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(verifier(options).unwrap());
        let config = match &options.identity {
            None => config.with_no_client_auth(),
            Some(identity) => {
                config.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(identity.load().unwrap())))
            }
        };
        Self { config: Arc::new(config), server_name: None }
    }

    /// True when both are the same context, sessions included.
    #[cfg(test)]
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.config, &other.config)
    }
}

/// A host as certificates name it; an IPv6 address may stand in the brackets of its URI.
fn name_of(host: &str) -> Result<ServerName<'static>> {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    ServerName::try_from(bare.to_owned()).map_err(|_| {
        let detail = format!("{host:?} is no name or address that a certificate could be for");
        Error::new(Status::INVALID_ARGUMENT, detail).during(Operation::Tls)
    })
}

fn verifier(options: &ClientOptions) -> Result<Arc<dyn ServerCertVerifier>> {
    if options.skip_verification {
        return Ok(Arc::new(Unverified(provider())));
    }
    let mut roots = Roots::new();
    if options.bundled_roots.unwrap_or(options.ca.is_empty()) {
        roots.add_bundled();
    }
    if options.system_roots {
        roots.add_system()?;
    }
    options.ca.iter().try_for_each(|pem| roots.add(pem))?;
    let roots = roots.finish().ok_or_else(|| {
        let detail = "no roots are trusted: neither bundled ones nor the system's nor any given";
        Error::new(Status::INVALID_ARGUMENT, detail).during(Operation::Tls)
    })?;
    let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider()).build();
    verifier.map(|verifier| verifier as _).map_err(|error| fault::configuration("the roots", &error))
}
