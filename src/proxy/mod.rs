//! The proxy room: what is said to a proxy before the peer is reached, as bytes in and bytes out.
//!
//! Owns the URL of a proxy ([`Proxy`]), the choice that the environment makes ([`Environment`], [`Bypass`]) and the
//! ways through a proxy ([`Tunnel`]): CONNECT (RFC 9110 §9.3.6), SOCKS4 and SOCKS4a, SOCKS5 (RFC 1928) with user and
//! password (RFC 1929). Everything a tunnel will ever say is made when it is, before the proxy has said a byte:
//! nothing is decided anew between two calls, however slowly the proxy answers.
//!
//! Never opens a socket, looks at a clock or reads the environment itself; never looks up a name, though it says who
//! has to. Never speaks TLS: to an `https:` proxy the same bytes go, inside it. Never shows a password: not in errors,
//! not in `Debug`.
//!
//! Called by `engine`, which brings the bytes to the proxy and takes over where the tunnel begins.

mod bypass;
mod connect;
mod credentials;
mod environment;
mod fault;
mod kind;
#[allow(clippy::module_inception)] // the room and the noun it is named after
mod proxy;
mod refusal;
mod socks4;
mod socks5;
mod step;
mod target;
mod tunnel;
mod url;

#[cfg(test)]
mod tests;

pub use bypass::Bypass;
pub use environment::Environment;
pub use kind::Kind;
pub use proxy::Proxy;
pub use target::Target;
pub use tunnel::{Progress, Tunnel};
