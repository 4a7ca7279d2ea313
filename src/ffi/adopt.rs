//! Connected sockets that the host brings.

use super::client::{self, hws_client_options};
use super::convert::{invalid, optional_text, out, versioned_or_default};
use super::descriptor::take_over;
use super::guard::guard;
use super::registry;
use super::server::{self, hws_server_options};
use super::types::{hws_conn, hws_engine, hws_status};
use crate::error::{Operation, Result};
use crate::net::Stream;

/// Speaks WebSocket over a connected stream socket of the host's: TCP, or a unix socket, also one of a socketpair. Either
/// client or server is given, the other is NULL: on which side hawser is. A client's proxy, connect_to, max_redirects and
/// socket and what a server's options say of its listener (bind, backlog, reuse_port, how many connections, events) are not
/// used; TLS is. OPEN or CONNECT_FAILED follows, on both sides.
///
/// Where there is no SO_REUSEPORT, or it spreads connections badly, one thread can accept for the engines of many: it
/// calls accept() on a socket of its own and hws_adopt with the engine whose turn it is. Adopting is safe from any thread
/// and wakes the one that polls.
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
                if what.revival.is_some() {
                    return Err(invalid("client.reconnect", "is not for a socket that can be brought once only"));
                }
                take_over(socket, "socket", |fd| host.engine.adopt_client(stream(fd)?, what))
            }
            (None, Some(from)) => {
                // A stray pointer or number is a mistake also where it is not used.
                // SAFETY: as above.
                unsafe { optional_text(from.bind, "server.bind") }?;
                // SAFETY: as above.
                let reception = unsafe { server::reception(&from) }?;
                let (listen, _) = server::listen(&from, reception)?;
                take_over(socket, "socket", |fd| host.engine.adopt_server(stream(fd)?, listen.reception, from.user))
            }
            _ => Err(invalid("client and server", "exclude each other, and one is needed")),
        }?;
        host.hand_out_log();
        out.set(hws_conn { id });
        Ok(())
    })
}

#[cfg(unix)]
fn stream(fd: std::os::fd::OwnedFd) -> Result<Stream> {
    Stream::adopt(fd).map_err(|(error, _)| error)
}

/// Never asked for: nothing can be taken over here.
#[cfg(not(unix))]
fn stream(_fd: super::descriptor::OwnedFd) -> Result<Stream> {
    Err(invalid("socket", "is no descriptor"))
}
