//! Connected sockets that the host brings.

use super::client::{self, hws_client_options};
use super::convert::{invalid, optional_text, out, versioned_or_default};
use super::guard::guard;
use super::registry;
use super::server::{self, hws_server_options};
use super::types::{hws_conn, hws_engine, hws_status};
use crate::error::{Error, Operation, Result, Status};
use crate::net::Stream;

/// Speaks WebSocket over a connected stream socket of the host's: TCP, or a unix socket, also one of a socketpair. Either
/// client or server is given, the other is NULL: on which side hawser is. A client's proxy, connect_to, max_redirects and
/// socket and a server's bind, backlog and max_connections are not used; TLS is. OPEN or CONNECT_FAILED follows, on both
/// sides.
///
/// Owns: on success the socket belongs to the library; after an error it is the caller's still. The options are copied.
/// Errors: INVALID_HANDLE, INVALID_ARGUMENT, also when the socket is not connected or not a stream; STRUCT_SIZE,
/// INVALID_URI, INVALID_PROXY, FORKED, PANIC; INVALID_HEADER_VALUE for headers that cannot be sent; IO for a certificate's
/// file that cannot be read; FD_LIMIT, TOO_MANY_CONNECTIONS; UNSUPPORTED on Windows.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hws_adopt(
    engine: hws_engine,
    socket: isize,
    client: *const hws_client_options,
    server: *const hws_server_options,
    out_conn: *mut hws_conn,
) -> hws_status {
    guard(Operation::Connect, || {
        let host = registry::engine(engine.id)?;
        // SAFETY: C's promise that the pointer may be written.
        let out = unsafe { out(out_conn, "out_conn") }?;
        // SAFETY: C's promise about the structs.
        let sides = unsafe { (versioned_or_default(client, "client")?, versioned_or_default(server, "server")?) };
        let id = match sides {
            (Some(from), None) => {
                // SAFETY: C's promise about what the struct points to.
                let what = unsafe { client::what(&from) }?;
                lend(socket, |stream| host.engine.adopt_client(stream, what))
            }
            (None, Some(from)) => {
                // A stray pointer is a mistake also where it is not used.
                // SAFETY: as above.
                let reception =
                    unsafe { optional_text(from.bind, "server.bind").and_then(|_| server::reception(&from)) }?;
                lend(socket, |stream| host.engine.adopt_server(stream, reception, from.user))
            }
            _ => Err(invalid("client and server", "exclude each other, and one is needed")),
        }?;
        close(socket);
        host.hand_out_log();
        out.set(hws_conn { id });
        Ok(())
    })
}

/// The same socket under a number of our own. Should anything fail, the host's is what it was.
#[cfg(unix)]
fn lend(socket: isize, adopt: impl FnOnce(Stream) -> Result<u64>) -> Result<u64> {
    use std::os::fd::BorrowedFd;
    let fd = i32::try_from(socket).ok().filter(|fd| *fd >= 0).ok_or_else(|| invalid("socket", "is no descriptor"))?;
    // SAFETY: not -1; whether it is open the kernel will say, and it is the host's for the length of this call.
    let fd = unsafe { BorrowedFd::borrow_raw(fd) };
    let ours = fd.try_clone_to_owned().map_err(|e| match Error::io(&e, Operation::Connect) {
        error if error.status == Status::FD_LIMIT => error,
        error => invalid("socket", "is no open descriptor").with(|e| e.os_error = error.os_error),
    })?;
    crate::net::unchanged_by_failure(fd, || adopt(Stream::adopt(ours).map_err(|(error, _)| error)?))
}

/// The host's number for a socket that is ours now.
#[cfg(unix)]
fn close(socket: isize) {
    use std::os::fd::{FromRawFd, OwnedFd};
    // SAFETY: it was open a moment ago, and the host gave it to us.
    drop(unsafe { OwnedFd::from_raw_fd(socket as i32) });
}

#[cfg(not(unix))]
fn lend(_socket: isize, _adopt: impl FnOnce(Stream) -> Result<u64>) -> Result<u64> {
    Err(Error::new(Status::UNSUPPORTED, "sockets cannot be adopted on this platform"))
}

#[cfg(not(unix))]
fn close(_socket: isize) {}
