//! hawser: a WebSocket client and server engine behind a C ABI.
#![deny(unsafe_code)]

pub mod error;
pub mod handshake;
pub mod http;
