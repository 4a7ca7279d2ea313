//! TCP sockets with the options a WebSocket wants.

use std::io::{self, IoSlice};
use std::net::SocketAddr;

use mio::net::{TcpListener, TcpStream};
use socket2::{Domain, Protocol, SockRef, Socket, Type};

use crate::error::{Error, Operation, Result};

/// Connections that may wait to be accepted unless the host says otherwise; the kernel caps it further.
const BACKLOG: i32 = 4096;

/// Writing to a peer that is gone must not kill the host with SIGPIPE: a host in C has not ignored it. On Apple's
/// systems there is no such flag; mio and socket2 set an option on every socket they make.
#[cfg(all(unix, not(target_vendor = "apple")))]
const NO_SIGNAL: i32 = libc::MSG_NOSIGNAL;
#[cfg(not(all(unix, not(target_vendor = "apple"))))]
const NO_SIGNAL: i32 = 0;

/// Begins to connect. Messages are small and wanted at once, so Nagle's algorithm is off.
pub fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Binds and listens; `backlog` 0 is the default.
pub fn listen(address: SocketAddr, backlog: u32) -> Result<TcpListener> {
    let make = || {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_nonblocking(true)?;
        // A server that restarts must not wait for old connections to be forgotten. On Windows the option
        // means something else: stealing the port.
        #[cfg(unix)]
        socket.set_reuse_address(true)?;
        socket.bind(&address.into())?;
        socket.listen(if backlog == 0 { BACKLOG } else { i32::try_from(backlog).unwrap_or(i32::MAX) })?;
        Ok(TcpListener::from_std(socket.into()))
    };
    make().map_err(|e: io::Error| Error::io(&e, Operation::Listen).with(|r| r.peer = address.to_string()))
}

/// An error that concerns the connection that was to be accepted, not the listener.
pub fn is_retryable_accept(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    matches!(error.kind(), Kind::ConnectionAborted | Kind::ConnectionReset | Kind::Interrupted)
}

/// Why nothing can be accepted at the moment.
pub fn accept_error(error: &io::Error) -> Error {
    Error::io(error, Operation::Accept)
}

/// Writes slices in order with one call. `Ok` says how many bytes the kernel took; less than all means that it wants
/// no more for now: a short write means a full socket, and asking again would only be told so.
pub fn write_slices<const N: usize>(stream: &TcpStream, slices: [&[u8]; N]) -> io::Result<usize> {
    let parts = slices.map(IoSlice::new);
    loop {
        // Through mio, which on Windows must see that a socket would block to tell when it no longer does.
        match stream.try_io(|| SockRef::from(stream).send_vectored_with_flags(&parts, NO_SIGNAL)) {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => return Ok(0),
            outcome => return outcome,
        }
    }
}
