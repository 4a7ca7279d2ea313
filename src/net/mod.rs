//! The net room: bytes in and out of the operating system.
//!
//! Owns sockets and their options, the way to a peer that has several addresses, and turning names into addresses.
//! Never knows what the bytes mean, never blocks a thread of the host: sockets are non-blocking, names are looked up on
//! a thread of this room's own. Called by `engine`.

mod address;
mod failures;
mod options;
mod race;
mod resolve;
mod socket;
mod stream;
#[cfg(test)]
mod tests;
#[cfg(unix)]
mod unix_file;

pub use address::Address;
pub use options::{Keepalive, SocketOptions};
pub use race::{Progress, Race};
pub use resolve::Resolver;
pub use socket::{Bind, Socket, accept_error, is_retryable_accept};
#[cfg(unix)]
pub use stream::unchanged_by_failure;
pub use stream::{PeerCredentials, Stream};

use crate::error::{Error, Operation, Status};

/// Why this address is of no use. What this room says itself, without asking the system, is about the address's form.
fn failure(error: &std::io::Error, operation: Operation, peer: &Address) -> Error {
    use std::io::ErrorKind as Kind;
    let error = match (error.raw_os_error(), error.kind()) {
        (None, Kind::InvalidInput) => Error::new(Status::INVALID_ARGUMENT, error.to_string()).during(operation),
        (None, Kind::Unsupported) => Error::new(Status::UNSUPPORTED, error.to_string()).during(operation),
        _ => Error::io(error, operation),
    };
    error.with(|e| e.peer = peer.to_string())
}
