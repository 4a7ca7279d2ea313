//! The handshake room: the opening handshake of RFC 6455 §4, both sides of it, as bytes in and bytes out.
//!
//! Owns what a client asks for ([`ClientRequest`]) and what a server admits ([`ServerPolicy`]) on which paths ([`Site`]),
//! the two state machines that hold the other side's half against it, the negotiation of subprotocols and extensions,
//! Basic authentication, requests that wait for their host's decision ([`Asked`]), the policy about redirects
//! ([`Redirects`]), and the replies of a server that refuses. Every refusal names its rule: in the error for the host, in
//! one English line for the peer.
//!
//! Never opens a socket, looks at a clock or draws random bytes: the nonce comes from the caller, and so does the news
//! that the connection ended or the time was up. Never reads a frame: bytes behind the head are handed back.
//!
//! Called by `session`, which puts frames behind it. Texts in `detail` are ours alone; what came from the peer stands
//! in the other fields of an error, so that no reply of a server ever echoes a request.

mod asked;
mod authorization;
mod client;
mod extensions;
mod fields;
mod host;
mod key;
mod names;
mod origin;
mod places;
mod policy;
mod redirect;
mod refusal;
mod reply;
mod request;
mod response;
mod route;
mod router;
mod server;
mod site;
mod subprotocol;
mod upgrade;

pub use asked::{Asked, Grant};
pub use client::{ClientHandshake, ClientProgress};
pub use key::{accept_for, key_from};
pub use places::{Place, Places};
pub use policy::ServerPolicy;
pub use redirect::Redirects;
pub use reply::{timed_out_reply, turned_away, undecided};
pub use request::ClientRequest;
pub use response::Response;
pub use route::{Answer, Gate, Route};
pub use server::{ServerHandshake, ServerProgress};
pub use site::{Routed, Site};

use crate::error::Error;
use crate::extension::Agreed;
use crate::http::Shown;
use std::fmt;

/// What both sides know once the opening handshake is done. Bytes from the wire that are not UTF-8 are replaced. Debug
/// shows no secret, whatever the headers hold.
#[derive(Clone, PartialEq, Default)]
pub struct Handshake {
    /// 101.
    pub http_status: u16,
    /// `GET`.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// The Host header.
    pub host: String,
    /// The Origin header; empty when there was none.
    pub origin: String,
    /// What was agreed on; empty when nothing was.
    pub subprotocol: String,
    /// Sec-WebSocket-Extensions as agreed on; empty when none were.
    pub extensions: String,
    /// The same for whoever keeps it.
    pub agreed: Option<Agreed>,
    /// Servers: why offers of extensions were declined, each.
    pub declined: Vec<Error>,
    /// Everything the client offered, in its order of preference.
    pub subprotocols_offered: Vec<String>,
    /// Servers: who was let in by [`ServerPolicy::credentials`]; empty if everybody is.
    pub user: String,
    /// What the other side sent: a server sees the request's fields, a client the response's.
    pub headers: Vec<(String, String)>,
    /// Servers with routes: which one it was.
    pub route: Option<Routed>,
}

impl fmt::Debug for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handshake")
            .field("http_status", &self.http_status)
            .field("method", &self.method)
            .field("target", &self.target)
            .field("host", &self.host)
            .field("origin", &self.origin)
            .field("subprotocol", &self.subprotocol)
            .field("extensions", &self.extensions)
            .field("declined", &self.declined)
            .field("subprotocols_offered", &self.subprotocols_offered)
            .field("user", &self.user)
            .field("route", &self.route)
            .field("headers", &Shown(&self.headers))
            .finish()
    }
}

/// The product to name: the default, the caller's own, or none at all if that is empty.
fn product(own: Option<&str>) -> Option<&str> {
    Some(own.unwrap_or(crate::http::PRODUCT)).filter(|name| !name.is_empty())
}
