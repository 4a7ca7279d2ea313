//! The TLS room: bytes in, bytes out; never a socket.
//!
//! Owns everything that rustls does for hawser: certificates, keys and roots of trust as they come in PEM, the
//! contexts that are built of them once ([`ClientContext`], [`ServerContext`]), and one connection's handshake and
//! records ([`Tls`]). Decrypts in the caller's block, keeps no buffer of its own while a connection is idle, and says
//! in plain words which certificate is refused and why.
//!
//! Never waits, never opens a connection, never decides what a failure means for it. Reads the files it is given when
//! a context is built, and no others except the system's roots when asked for them. Called by `engine`.

mod alert;
mod certificate;
mod choice;
mod client;
mod contexts;
mod date;
mod fault;
mod identity;
mod info;
mod keylog;
mod layer;
mod outbox;
mod pem;
mod provider;
mod records;
mod roots;
mod server;
#[allow(clippy::module_inception)] // the room and the noun it is named after
mod tls;
mod unverified;
mod version;

#[cfg(test)]
mod tests;

pub use client::{ClientContext, ClientOptions};
pub use contexts::ClientContexts;
pub use identity::Identity;
pub use info::Info;
pub use pem::Pem;
pub use provider::PROVIDER;
pub use server::{ClientAuth, ServerContext, ServerOptions};
pub use tls::{Opened, Tls};
pub use version::Version;
