//! A connected socket, or one on its way.

use std::io::{self, IoSlice, Read};
use std::net::{Ipv4Addr, Shutdown, SocketAddr};
#[cfg(unix)]
use std::os::fd::{BorrowedFd, OwnedFd};

use mio::event::Source;
use mio::net::TcpStream;
#[cfg(unix)]
use mio::net::UnixStream;
use mio::{Interest, Registry, Token};
use socket2::{Domain, SockAddr, SockRef, Socket, Type};

use super::address::Address;
#[cfg(unix)]
use super::address::UnixPath;
use super::options::SocketOptions;
#[cfg(unix)]
use crate::error::{Error, Status};

/// Writing to a peer that is gone must not kill the host with SIGPIPE: a host in C has not ignored it. On Apple's
/// systems there is no such flag; mio, socket2 and [`Stream::adopt`] set an option on every socket.
#[cfg(all(unix, not(target_vendor = "apple")))]
const NO_SIGNAL: i32 = libc::MSG_NOSIGNAL;
#[cfg(not(all(unix, not(target_vendor = "apple"))))]
const NO_SIGNAL: i32 = 0;

/// A stream of bytes to and from a peer. It never blocks.
#[derive(Debug)]
pub enum Stream {
    /// Over a network.
    Tcp(TcpStream),
    /// Within this machine.
    #[cfg(unix)]
    Unix(UnixStream),
}

/// Who a peer on the same machine is, as the kernel vouches for it: the process that connected or listened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PeerCredentials {
    /// Its process; 0 if it lives where this one cannot see processes, as in another container.
    pub pid: i32,
    /// Its effective user.
    pub uid: u32,
    /// Its effective group.
    pub gid: u32,
}

/// The same expression for either kind of socket.
macro_rules! either {
    ($stream:expr, $socket:pat => $then:expr) => {
        match $stream {
            Stream::Tcp($socket) => $then,
            #[cfg(unix)]
            Stream::Unix($socket) => $then,
        }
    };
}

impl Stream {
    /// Begins to connect. A Unix socket is connected at once, or would block: its listener has no room.
    pub fn connect(address: &Address, options: &SocketOptions) -> io::Result<Stream> {
        match address {
            Address::Ip(address) => {
                let socket = new_socket(Domain::for_address(*address), options)?;
                options.set_tcp(&socket)?;
                if let Some(local) = options.local {
                    bind(&socket, local)?;
                }
                begin(&socket, &(*address).into())?;
                Ok(Stream::Tcp(TcpStream::from_std(socket.into())))
            }
            #[cfg(unix)]
            Address::Unix(path) => {
                let address = path.to_sockaddr()?;
                let socket = new_socket(Domain::UNIX, options)?;
                begin(&socket, &address)?;
                Ok(Stream::Unix(UnixStream::from_std(socket.into())))
            }
        }
    }

    /// Takes a connected socket over from the host, which gets it back if it will not do. From here on whoever shares
    /// it finds it non-blocking.
    #[cfg(unix)]
    pub fn adopt(fd: OwnedFd) -> Result<Stream, (Error, OwnedFd)> {
        match examine(&fd) {
            Ok(Domain::UNIX) => Ok(Stream::Unix(UnixStream::from_std(fd.into()))),
            Ok(_) => Ok(Stream::Tcp(TcpStream::from_std(fd.into()))),
            Err((detail, error)) => {
                let os_error = error.and_then(|e| e.raw_os_error()).unwrap_or(0);
                Err((Error::new(Status::INVALID_ARGUMENT, detail).with(|e| e.os_error = os_error), fd))
            }
        }
    }

    /// What has become of [`Stream::connect`]; `None` while it is under way. Ask again after each readiness event.
    pub fn connected(&self) -> Option<io::Result<()>> {
        let (failure, peer) = either!(self, s => (s.take_error(), s.peer_addr().map(|_| ())));
        match (failure, peer) {
            (Ok(Some(error)) | Err(error), _) => Some(Err(error)),
            (Ok(None), Ok(())) => Some(Ok(())),
            (Ok(None), Err(e)) if e.kind() == io::ErrorKind::NotConnected || is_in_progress(&e) => None,
            (Ok(None), Err(error)) => Some(Err(error)),
        }
    }

    /// Reads once; 0 is the end.
    #[inline]
    pub fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        loop {
            match either!(self, s => s.read(room)) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                outcome => return outcome,
            }
        }
    }

    /// Writes with one call. `Ok` says how many bytes the kernel took; less than all means that it wants no more for now: a
    /// short write means a full socket, and asking again would only be told so.
    #[inline]
    pub fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        self.try_write(|socket| socket.send_with_flags(bytes, NO_SIGNAL))
    }

    /// The same with any number of slices, in order.
    #[inline]
    pub fn write_parts(&self, parts: &[IoSlice]) -> io::Result<usize> {
        self.try_write(|socket| socket.send_vectored_with_flags(parts, NO_SIGNAL))
    }

    #[inline(always)]
    fn try_write(&self, write: impl Fn(&SockRef) -> io::Result<usize>) -> io::Result<usize> {
        loop {
            // Through mio, which on Windows must see that a socket would block to tell when it no longer does.
            match either!(self, s => s.try_io(|| write(&SockRef::from(s)))) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => return Ok(0),
                outcome => return outcome,
            }
        }
    }

    /// Nothing more will be sent; the peer sees the end once it has read everything.
    pub fn shutdown_write(&self) -> io::Result<()> {
        either!(self, s => s.shutdown(Shutdown::Write))
    }

    /// Who is at the other end. Once the connection is broken the kernel no longer knows: `0.0.0.0:0` or `unix:`.
    pub fn peer(&self) -> Address {
        match self {
            Stream::Tcp(s) => Address::Ip(s.peer_addr().unwrap_or(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)))),
            #[cfg(unix)]
            Stream::Unix(s) => s.peer_addr().map_or_else(|_| UnixPath::default(), UnixPath::from).into(),
        }
    }

    /// The process at the other end of a Unix socket, on systems that tell.
    pub fn credentials(&self) -> Option<PeerCredentials> {
        #[cfg(target_os = "linux")]
        if let Stream::Unix(s) = self {
            use nix::sys::socket::{getsockopt, sockopt};
            let peer = getsockopt(s, sockopt::PeerCredentials).ok()?;
            return Some(PeerCredentials { pid: peer.pid(), uid: peer.uid(), gid: peer.gid() });
        }
        None
    }

    /// Sets what can be set on a stream that is already connected: an accepted or an adopted one.
    pub fn apply(&self, options: &SocketOptions) -> io::Result<()> {
        either!(self, s => options.set_buffers(&SockRef::from(s)))?;
        self.apply_tcp(options)
    }

    /// What a listener's streams do not inherit from it everywhere.
    pub(crate) fn apply_tcp(&self, options: &SocketOptions) -> io::Result<()> {
        match self {
            Stream::Tcp(s) => options.set_tcp(&SockRef::from(s)),
            #[cfg(unix)]
            Stream::Unix(_) => Ok(()),
        }
    }
}

impl Source for Stream {
    fn register(&mut self, registry: &Registry, token: Token, interests: Interest) -> io::Result<()> {
        either!(self, s => s.register(registry, token, interests))
    }

    fn reregister(&mut self, registry: &Registry, token: Token, interests: Interest) -> io::Result<()> {
        either!(self, s => s.reregister(registry, token, interests))
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        either!(self, s => s.deregister(registry))
    }
}

/// A socket that does not block and is not inherited.
pub(crate) fn new_socket(domain: Domain, options: &SocketOptions) -> io::Result<Socket> {
    let socket = Socket::new(domain, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    options.set_buffers(&socket)?;
    Ok(socket)
}

fn bind(socket: &Socket, local: SocketAddr) -> io::Result<()> {
    // Several attempts of one race, or several connections, may come from one port as long as their peers differ. On
    // Windows the option means something else: stealing the port.
    #[cfg(unix)]
    if local.port() != 0 {
        socket.set_reuse_address(true)?;
    }
    socket.bind(&local.into())
}

fn begin(socket: &Socket, address: &SockAddr) -> io::Result<()> {
    match socket.connect(address) {
        Err(e) if is_in_progress(&e) => Ok(()),
        outcome => outcome,
    }
}

/// Connecting goes on by itself.
fn is_in_progress(error: &io::Error) -> bool {
    // On Unix EAGAIN is another thing: there was no room for the attempt.
    #[cfg(unix)]
    return error.raw_os_error() == Some(libc::EINPROGRESS);
    #[cfg(not(unix))]
    return error.kind() == io::ErrorKind::WouldBlock;
}

/// Does something about a socket of the host's. Others may share it, and whether it blocks is the same for all of them:
/// if that fails, it is again as it was.
#[cfg(unix)]
pub fn unchanged_by_failure<T>(fd: BorrowedFd<'_>, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    let socket = SockRef::from(&fd);
    let nonblocking = socket.nonblocking();
    let outcome = work();
    if let (Err(_), Ok(false)) = (&outcome, nonblocking) {
        let _ = socket.set_nonblocking(false);
    }
    outcome
}

/// Makes sure that this is a connected stream of a kind we know, and makes it one that does not block and is not
/// inherited; else why not.
#[cfg(unix)]
fn examine(fd: &OwnedFd) -> Result<Domain, (&'static str, Option<io::Error>)> {
    let socket = SockRef::from(fd);
    let kind = socket.r#type().map_err(|e| ("the descriptor is not a socket", Some(e)))?;
    if kind != Type::STREAM {
        return Err(("the socket is not a stream", None));
    }
    let domain = socket.local_addr().map_err(|e| ("the socket has no address", Some(e)))?.domain();
    if ![Domain::IPV4, Domain::IPV6, Domain::UNIX].contains(&domain) {
        return Err(("the socket is neither TCP nor a Unix socket", None));
    }
    socket.peer_addr().map_err(|e| ("the socket is not connected", Some(e)))?;
    set_up_adopted(&socket).map_err(|e| ("the socket cannot be set up", Some(e)))?;
    Ok(domain)
}

/// A socket of somebody else's is to be like ours: not inherited, without signals, and it does not block.
#[cfg(unix)]
pub(crate) fn set_up_adopted(socket: &Socket) -> io::Result<()> {
    socket.set_cloexec(true)?;
    #[cfg(any(target_os = "macos", target_os = "ios"))]
    socket.set_nosigpipe(true)?;
    socket.set_nonblocking(true)
}
