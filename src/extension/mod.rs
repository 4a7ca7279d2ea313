//! The extension room: what stands between a message and its frames (RFC 6455 §9). There is one so far,
//! permessage-deflate (RFC 7692).
//!
//! Owns the negotiation, as data in and data out ([`Extensions`]), and what a connection does to its messages
//! afterwards ([`Coding`]), with the memory that it takes ([`Codecs`]). Never reads a header field or a frame: the
//! `handshake` brings parsed lists, `protocol` brings payloads and knows of a coding only which reserved bit marks its
//! messages. A second extension is a field more in [`Extensions`] and a step more in [`Coding`].
//!
//! Never touches a socket, a clock, a thread or a source of randomness.

mod codecs;
mod coding;
mod deflate;
mod deflater;
mod history;
mod inflater;
mod negotiation;
mod parameters;
#[cfg(test)]
mod tests;

pub use codecs::Codecs;
pub use coding::{Coded, Coding, Tally};
pub use deflate::Deflate;
pub use inflater::Step;
pub use negotiation::{Agreed, Choice, Extensions, Incoming, Outgoing};
