//! A listening socket.

use std::io;

use mio::event::Source;
use mio::net::TcpListener;
#[cfg(unix)]
use mio::net::UnixListener;
use mio::{Interest, Registry, Token};
use socket2::Domain;

use super::address::Address;
#[cfg(unix)]
use super::address::UnixPath;
use super::options::SocketOptions;
use super::stream::{Stream, new_socket};
#[cfg(unix)]
use super::unix_file::{SocketFile, remove_stale};
use crate::error::{Error, Operation, Result};

/// Connections that may wait to be accepted unless the host says otherwise; the kernel caps it further.
const BACKLOG: i32 = 4096;

/// Where a server's streams come from.
#[derive(Debug)]
pub struct Socket {
    kind: Kind,
    /// For the streams that come in.
    options: SocketOptions,
}

#[derive(Debug)]
enum Kind {
    Tcp(TcpListener),
    /// The file goes before the listener does: as long as the socket is open nobody else's can look like it.
    #[cfg(unix)]
    Unix {
        _file: Option<SocketFile>,
        listener: UnixListener,
    },
}

/// The same expression for either kind of socket.
macro_rules! either {
    ($kind:expr, $listener:pat => $then:expr) => {
        match $kind {
            Kind::Tcp($listener) => $then,
            #[cfg(unix)]
            Kind::Unix { listener: $listener, .. } => $then,
        }
    };
}

impl Socket {
    /// Binds and listens; `backlog` 0 is the default. The file that a dead server left at a Unix socket's path gives
    /// way; a server that lives keeps it.
    pub fn listen(address: &Address, backlog: u32, options: &SocketOptions) -> Result<Socket> {
        let backlog = if backlog == 0 { BACKLOG } else { i32::try_from(backlog).unwrap_or(i32::MAX) };
        let kind = match address {
            Address::Ip(address) => listen_tcp(*address, backlog, options),
            #[cfg(unix)]
            Address::Unix(path) => listen_unix(path, backlog, options),
        };
        match kind {
            Ok(kind) => Ok(Socket { kind, options: options.clone() }),
            Err(e) => Err(super::failure(&e, Operation::Listen, address)),
        }
    }

    /// Takes the next connection that waits.
    pub fn accept(&self) -> io::Result<(Stream, Address)> {
        let (stream, peer) = match &self.kind {
            Kind::Tcp(listener) => {
                let (stream, peer) = listener.accept()?;
                (Stream::Tcp(stream), Address::Ip(peer))
            }
            #[cfg(unix)]
            Kind::Unix { listener, .. } => {
                let (stream, peer) = listener.accept()?;
                (Stream::Unix(stream), UnixPath::from(peer).into())
            }
        };
        // This fails on a connection that is already gone, which shows again, with its reason, at the first read.
        let _ = stream.apply_tcp(&self.options);
        Ok((stream, peer))
    }

    /// Where it listens, with the port that the system chose.
    pub fn local(&self) -> Result<Address> {
        let address = match &self.kind {
            Kind::Tcp(listener) => listener.local_addr().map(Address::Ip),
            #[cfg(unix)]
            Kind::Unix { listener, .. } => listener.local_addr().map(|address| UnixPath::from(address).into()),
        };
        address.map_err(|e| Error::io(&e, Operation::Inspect))
    }
}

impl Source for Socket {
    fn register(&mut self, registry: &Registry, token: Token, interests: Interest) -> io::Result<()> {
        either!(&mut self.kind, listener => listener.register(registry, token, interests))
    }

    fn reregister(&mut self, registry: &Registry, token: Token, interests: Interest) -> io::Result<()> {
        either!(&mut self.kind, listener => listener.reregister(registry, token, interests))
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        either!(&mut self.kind, listener => listener.deregister(registry))
    }
}

fn listen_tcp(address: std::net::SocketAddr, backlog: i32, options: &SocketOptions) -> io::Result<Kind> {
    let socket = new_socket(Domain::for_address(address), options)?;
    // A server that restarts must not wait for old connections to be forgotten. On Windows the option means something
    // else: stealing the port.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(backlog)?;
    Ok(Kind::Tcp(TcpListener::from_std(socket.into())))
}

#[cfg(unix)]
fn listen_unix(path: &UnixPath, backlog: i32, options: &SocketOptions) -> io::Result<Kind> {
    let address = path.to_sockaddr()?;
    let socket = new_socket(Domain::UNIX, options)?;
    match socket.bind(&address) {
        Err(e) if e.kind() == io::ErrorKind::AddrInUse && remove_stale(path) => socket.bind(&address)?,
        outcome => outcome?,
    }
    // Before listening: should that fail, the file goes too.
    let file = path.file().map(SocketFile::at).transpose()?;
    socket.listen(backlog)?;
    Ok(Kind::Unix { _file: file, listener: UnixListener::from_std(socket.into()) })
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
