//! What a server admits.

use super::names::SERVER;
use super::{authorization, host, origin, subprotocol};
use crate::error::{Error, Result, Status};
use crate::extension::Extensions;
use crate::http::{Credentials, Limits, is_field_value};

/// Holds for all connections of a listener. The default admits every WebSocket client and agrees to no subprotocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerPolicy {
    /// The Server header: `None` is `hawser/` and the version, an empty string is no header at all.
    pub server: Option<String>,
    /// What the server speaks, the one it would rather speak first.
    pub subprotocols: Vec<String>,
    /// Refuse clients that offer none of them.
    pub subprotocol_required: bool,
    /// Web pages whose scripts may connect: `https://example.com`, `http://localhost:8080`, `null`. Empty: all. A
    /// server that trusts cookies must list its own, for browsers send them along whoever asks (RFC 6455 §10.2).
    pub origins: Vec<String>,
    /// Refuse requests without an Origin, that is everything but browsers.
    pub origin_required: bool,
    /// The names by which this server goes: `example.com`, which is any port of it, or `localhost:8080`. Requests whose
    /// Host is another one are refused, so that no web page gets at a server of its visitor's own machine or network by a
    /// name that it has pointed there. Empty: all.
    pub hosts: Vec<String>,
    /// Those who are let in, by Basic authentication (RFC 7617); empty: everybody. A name may be there with several
    /// passwords, so that they can be changed one client at a time.
    pub credentials: Vec<Credentials>,
    /// What the credentials are for, as browsers show it to their users.
    pub realm: String,
    /// What may be agreed on beside the protocol itself.
    pub extensions: Extensions,
    /// Bytes of a request's head.
    pub head_max: usize,
}

impl Default for ServerPolicy {
    fn default() -> Self {
        Self {
            server: None,
            subprotocols: Vec::new(),
            subprotocol_required: false,
            origins: Vec::new(),
            origin_required: false,
            hosts: Vec::new(),
            credentials: Vec::new(),
            realm: "hawser".to_owned(),
            extensions: Extensions::default(),
            head_max: Limits::HEAD_MAX,
        }
    }
}

impl ServerPolicy {
    /// Refuses what no handshake could use or no head could hold. The border calls it once; the handshake relies on it.
    pub fn validate(&self) -> Result<()> {
        if let Some(server) = self.server.as_deref().filter(|s| !is_field_value(s.as_bytes())) {
            return Err(Error::new(Status::INVALID_HEADER_VALUE, "a control character in the value").with(|e| {
                e.header_name = SERVER.to_owned();
                e.header_value = Some(server.to_owned());
            }));
        }
        subprotocol::validate(&self.subprotocols, self.subprotocol_required)?;
        self.extensions.validate()?;
        origin::validate(&self.origins)?;
        host::validate(&self.hosts)?;
        authorization::validate(self)
    }
}
