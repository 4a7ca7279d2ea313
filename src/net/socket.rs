//! A listening socket.

use std::io;
#[cfg(unix)]
use std::os::fd::OwnedFd;

use mio::event::Source;
use mio::net::TcpListener;
#[cfg(unix)]
use mio::net::UnixListener;
use mio::{Interest, Registry, Token};
use socket2::Domain;
#[cfg(unix)]
use socket2::{SockRef, Type};

use super::address::Address;
#[cfg(unix)]
use super::address::UnixPath;
use super::options::SocketOptions;
#[cfg(unix)]
use super::stream::set_up_adopted;
use super::stream::{Stream, new_socket};
#[cfg(unix)]
use super::unix_file::{SocketFile, remove_stale};
#[cfg(unix)]
use crate::error::Status;
use crate::error::{Error, Operation, Result};

/// Connections that may wait to be accepted unless the host says otherwise; the kernel caps it further.
const BACKLOG: i32 = 4096;

/// What is to be listened on.
#[derive(Debug)]
pub enum Bind {
    /// An address; with `reuse_port` others may listen on it too, who have asked for the same.
    Address { address: Address, reuse_port: bool },
    /// A socket that somebody has bound before us, and may hold still.
    #[cfg(unix)]
    Inherited(OwnedFd),
}

/// Where a server's streams come from.
#[derive(Debug)]
pub struct Socket {
    kind: Kind,
    /// For the streams that come in.
    options: SocketOptions,
    /// Others may hold the same socket, and accept what we leave.
    inherited: bool,
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
    /// Listens; `backlog` 0 is the default. The file that a dead server left at a Unix socket's path gives way; a server
    /// that lives keeps it.
    pub fn listen(bind: Bind, backlog: u32, options: &SocketOptions) -> Result<Socket> {
        let length = if backlog == 0 { BACKLOG } else { i32::try_from(backlog).unwrap_or(i32::MAX) };
        let (address, reuse_port) = match bind {
            Bind::Address { address, reuse_port } => (address, reuse_port),
            #[cfg(unix)]
            Bind::Inherited(fd) => {
                let kind = inherit(fd, if backlog == 0 { None } else { Some(length) })?;
                return Ok(Socket { kind, options: options.clone(), inherited: true });
            }
        };
        let kind = match &address {
            Address::Ip(address) => listen_tcp(*address, length, reuse_port, options),
            #[cfg(unix)]
            Address::Unix(_) if reuse_port => {
                Err(io::Error::new(io::ErrorKind::InvalidInput, "reuse_port is for TCP: a path is bound once"))
            }
            #[cfg(unix)]
            Address::Unix(path) => listen_unix(path, length, options),
        };
        match kind {
            Ok(kind) => Ok(Socket { kind, options: options.clone(), inherited: false }),
            Err(e) => Err(super::failure(&e, Operation::Listen, &address)),
        }
    }

    /// Connections that may wait here at the most.
    pub fn backlog(backlog: u32) -> u32 {
        if backlog == 0 { BACKLOG as u32 } else { backlog }
    }

    /// What waits here does not wait for us alone.
    pub fn is_inherited(&self) -> bool {
        self.inherited
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

fn listen_tcp(
    address: std::net::SocketAddr,
    backlog: i32,
    reuse_port: bool,
    options: &SocketOptions,
) -> io::Result<Kind> {
    let socket = new_socket(Domain::for_address(address), options)?;
    if reuse_port {
        set_reuse_port(&socket)?;
    }
    // A server that restarts must not wait for old connections to be forgotten. On Windows the option means something
    // else: stealing the port.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(backlog)?;
    Ok(Kind::Tcp(TcpListener::from_std(socket.into())))
}

/// Before binding. FreeBSD has an option of its own for it: with SO_REUSEPORT one listener would get everything.
#[cfg(all(unix, not(any(target_os = "solaris", target_os = "illumos"))))]
fn set_reuse_port(socket: &socket2::Socket) -> io::Result<()> {
    #[cfg(target_os = "freebsd")]
    return socket.set_reuse_port_lb(true);
    #[cfg(not(target_os = "freebsd"))]
    return socket.set_reuse_port(true);
}

#[cfg(not(all(unix, not(any(target_os = "solaris", target_os = "illumos")))))]
fn set_reuse_port(_socket: &socket2::Socket) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "this platform has no SO_REUSEPORT"))
}

/// Listens on a socket that is bound already. Whoever has made it listen has settled its backlog, unless the host has an
/// opinion.
#[cfg(unix)]
fn inherit(fd: OwnedFd, backlog: Option<i32>) -> Result<Kind> {
    let wrong = |detail: &str, e: Option<&io::Error>| {
        Error::new(Status::INVALID_ARGUMENT, format!("bind: {detail}")).with(|r| {
            r.operation = Operation::Listen;
            r.os_error = e.and_then(io::Error::raw_os_error).unwrap_or(0);
        })
    };
    let socket = SockRef::from(&fd);
    let kind = socket.r#type().map_err(|e| wrong("the descriptor is not a socket", Some(&e)))?;
    if kind != Type::STREAM {
        return Err(wrong("the socket is not a stream", None));
    }
    let address = socket.local_addr().map_err(|e| wrong("the socket has no address", Some(&e)))?;
    let is_unix = address.domain() == Domain::UNIX;
    let is_bound = match address.as_socket() {
        Some(address) => address.port() != 0,
        None if is_unix => !address.is_unnamed(),
        None => return Err(wrong("the socket is neither TCP nor a Unix socket", None)),
    };
    if socket.peer_addr().is_ok() {
        return Err(wrong("the socket is connected", None));
    }
    if !is_bound {
        return Err(wrong("the socket is not bound to an address", None));
    }
    let ready = || {
        set_up_adopted(&socket)?;
        if backlog.is_some() || !is_listening(&socket) {
            socket.listen(backlog.unwrap_or(BACKLOG))?;
        }
        Ok(())
    };
    ready().map_err(|e: io::Error| Error::io(&e, Operation::Listen))?;
    Ok(match is_unix {
        true => Kind::Unix { _file: None, listener: UnixListener::from_std(fd.into()) },
        false => Kind::Tcp(TcpListener::from_std(fd.into())),
    })
}

/// It listens already, where the system says so.
#[cfg(unix)]
fn is_listening(_socket: &socket2::Socket) -> bool {
    #[cfg(any(target_os = "android", target_os = "freebsd", target_os = "linux"))]
    return _socket.is_listener().unwrap_or(false);
    #[cfg(not(any(target_os = "android", target_os = "freebsd", target_os = "linux")))]
    return false;
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
