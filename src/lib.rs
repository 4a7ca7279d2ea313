//! hawser: a WebSocket client and server engine behind a C ABI.
//!
//! The house, from the ground up; a room uses rooms below it, never above:
//! [`error`] · [`http`], [`protocol`] and [`tls`] · [`handshake`] · [`session`] · [`net`] · [`engine`] · [`ffi`].
//! The first four and `session` know no socket, clock or thread.
#![deny(unsafe_code)]

pub mod engine;
pub mod error;
pub mod ffi;
pub mod handshake;
pub mod http;
mod net;
pub mod protocol;
pub mod session;
pub mod tls;
