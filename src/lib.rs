//! hawser: a WebSocket client and server engine behind a C ABI.
//!
//! The house, from the ground up; a room uses rooms below it, never above:
//! [`error`] · [`http`] and [`tls`] · [`extension`] · [`protocol`] · [`proxy`] and [`handshake`] · [`session`] · [`net`] · [`engine`] ·
//! [`ffi`]. All of them but `net`, `engine` and `ffi` know no socket and no thread.
// Allowed in `ffi`, and in `protocol/simd.rs` for loops that only some CPUs can run.
#![deny(unsafe_code)]

pub mod engine;
pub mod error;
pub mod extension;
pub mod ffi;
pub mod handshake;
pub mod http;
mod net;
pub mod protocol;
pub mod proxy;
pub mod session;
pub mod tls;
