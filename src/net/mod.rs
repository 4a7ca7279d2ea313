//! The net room: bytes in and out of the operating system.
//!
//! Owns sockets and their options, and turning names into addresses. Never knows what the bytes mean, never
//! blocks a thread of the host: sockets are non-blocking, names are looked up on a thread of this room's own.
//! Called by `engine`.

mod resolve;
mod tcp;

pub use resolve::Resolver;
pub use tcp::{accept_error, connect, is_retryable_accept, listen, write_slices};
