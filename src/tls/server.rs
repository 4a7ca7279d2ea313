//! The server's side: what it shows and asks for, made ready once for many connections.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoServerSessionStorage, UnbufferedServerConnection, WebPkiClientVerifier};

use crate::error::{Error, Operation, Result, Status};

use super::choice::Choice;
use super::fault;
use super::identity::Identity;
use super::keylog::FileLog;
use super::layer::{Layer, Side};
use super::pem::Pem;
use super::provider::{provider, ticketer};
use super::roots::Roots;
use super::tls::Tls;
use super::version::Version;

/// Whether clients must show a certificate too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ClientAuth {
    /// They are not asked.
    #[default]
    None,
    /// They may; one that is shown must be good.
    Optional,
    /// They must.
    Required,
}

/// How a server speaks TLS.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ServerOptions {
    /// What to show. A client that asks for a name (SNI) gets the first whose certificate has it among its
    /// subjectAltNames, every other client the first.
    pub identities: Vec<Identity>,
    /// Whether clients must show a certificate.
    pub client_auth: ClientAuth,
    /// The roots that vouch for clients.
    pub ca: Vec<Pem>,
    /// Protocols to accept, RFC 7301, best first; none: whatever is offered.
    pub alpn: Vec<String>,
    /// The oldest version that is good enough.
    pub min_version: Version,
    /// Where the secrets of every session are written, for debugging.
    pub key_log: Option<PathBuf>,
    /// Sessions may be resumed, which saves most of a handshake.
    pub resumption: bool,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            identities: Vec::new(),
            client_auth: ClientAuth::default(),
            ca: Vec::new(),
            alpn: Vec::new(),
            min_version: Version::default(),
            key_log: None,
            resumption: true,
        }
    }
}

/// [`ServerOptions`] made ready. Cheap to clone; connections keep the one they began with, so that replacing a
/// certificate is making a new context.
#[derive(Debug, Clone)]
pub struct ServerContext(Arc<ServerConfig>);

impl ServerContext {
    /// Reads what the options name and checks it.
    pub fn new(options: &ServerOptions) -> Result<Self> {
        if options.identities.is_empty() {
            return Err(wrong("a TLS server needs a certificate"));
        }
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(options.min_version.and_newer())
            .map_err(|error| fault::configuration("the versions of TLS", &error))?
            .with_client_cert_verifier(verifier(options)?)
            .with_cert_resolver(Arc::new(Choice::new(&options.identities)?));
        config.alpn_protocols = alpn(&options.alpn)?;
        if options.resumption {
            config.ticketer = ticketer()?;
        } else {
            config.session_storage = Arc::new(NoServerSessionStorage {});
            config.send_tls13_tickets = 0;
        }
        if let Some(path) = &options.key_log {
            config.key_log = FileLog::open(path)?;
        }
        Ok(Self(Arc::new(config)))
    }

    /// A connection that waits for its ClientHello.
    pub fn accept(&self) -> Result<Tls> {
        let connection = UnbufferedServerConnection::new(self.0.clone())
            .map_err(|error| fault::configuration("the connection", &error))?;
        Tls::new(Layer::new(Side::Server(connection), None))
    }

    /// The same with one group for the key exchange, not the one that clients try first: they are asked again.
    #[cfg(test)]
    pub(super) fn asking_again(options: &ServerOptions) -> Self {
        let mut provider = rustls::crypto::CryptoProvider::clone(&provider());
        provider.kx_groups.retain(|group| group.name() == rustls::NamedGroup::secp384r1);
        let config = ServerConfig::builder_with_provider(Arc::new(provider))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(Choice::new(&options.identities).unwrap()));
        Self(Arc::new(config))
    }

    /// The same with records of at most so many bytes, so that handshake messages span several.
    #[cfg(test)]
    pub(super) fn fragmented(&self, size: usize) -> Self {
        let mut config = ServerConfig::clone(&self.0);
        config.max_fragment_size = Some(size);
        Self(Arc::new(config))
    }
}

/// Names of protocols as they go over the wire (RFC 7301 §3.1).
pub(super) fn alpn(names: &[String]) -> Result<Vec<Vec<u8>>> {
    match names.iter().find(|name| name.is_empty() || name.len() > 255) {
        Some(name) => Err(wrong(format!("an ALPN name has 1 to 255 bytes, not {}", name.len()))),
        None => Ok(names.iter().map(|name| name.clone().into_bytes()).collect()),
    }
}

fn verifier(options: &ServerOptions) -> Result<Arc<dyn ClientCertVerifier>> {
    if options.client_auth == ClientAuth::None {
        return Ok(WebPkiClientVerifier::no_client_auth());
    }
    let mut roots = Roots::new();
    options.ca.iter().try_for_each(|pem| roots.add(pem))?;
    let roots =
        roots.finish().ok_or_else(|| wrong("to verify clients a server needs the roots that vouch for them"))?;
    let mut builder = WebPkiClientVerifier::builder_with_provider(roots, provider());
    if options.client_auth == ClientAuth::Optional {
        builder = builder.allow_unauthenticated();
    }
    builder.build().map_err(|error| fault::configuration("the roots", &error))
}

fn wrong(detail: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(Status::INVALID_ARGUMENT, detail).during(Operation::Tls)
}
