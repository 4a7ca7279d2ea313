//! Addresses, streams and listeners on real sockets of this machine.
#![cfg(unix)]

use std::fs::{self, File};
use std::io::{IoSlice, Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::symlink;
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use socket2::SockRef;

use super::race::ATTEMPT_DELAY;
use super::*;

/// A directory of one test's own, removed with everything in it.
struct Room(PathBuf);

impl Room {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("hawser-{}-{name}", std::process::id()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn socket(&self) -> (PathBuf, Address) {
        let path = self.0.join("s");
        let address = at(&path);
        (path, address)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn at(path: &Path) -> Address {
    Address::parse(&format!("unix:{}", path.display())).unwrap()
}

fn listen(address: &Address) -> Result<Socket, Error> {
    listen_with(address, 0, &SocketOptions::default())
}

fn listen_with(address: &Address, backlog: u32, options: &SocketOptions) -> Result<Socket, Error> {
    Socket::listen(Bind::Address { address: address.clone(), reuse_port: false }, backlog, options)
}

fn connect(address: &Address) -> Stream {
    Stream::connect(address, &SocketOptions::default()).unwrap()
}

/// Loopback answers without anybody's help, but not necessarily at once.
fn patiently<T>(mut attempt: impl FnMut() -> Option<T>) -> T {
    (0..5000)
        .find_map(|_| {
            attempt().or_else(|| {
                std::thread::sleep(Duration::from_millis(1));
                None
            })
        })
        .expect("it happens")
}

fn accept(socket: &Socket) -> (Stream, Address) {
    patiently(|| socket.accept().ok())
}

fn tcp_of(stream: &Stream) -> SockRef<'_> {
    match stream {
        Stream::Tcp(stream) => SockRef::from(stream),
        Stream::Unix(stream) => SockRef::from(stream),
    }
}

/// By the processes that this one executes.
fn is_inherited(socket: &SockRef<'_>) -> bool {
    let info = fs::read_to_string(format!("/proc/self/fdinfo/{}", socket.as_raw_fd()));
    let flags = info.ok().and_then(|info| {
        let line = info.lines().find_map(|line| line.strip_prefix("flags:"))?.trim().to_owned();
        i32::from_str_radix(&line, 8).ok()
    });
    // Only Linux tells.
    flags.is_some_and(|flags| flags & libc::O_CLOEXEC == 0)
}

fn hears(from: &mut Stream, what: &[u8]) {
    let mut room = [0; 64];
    assert_eq!(patiently(|| from.read(&mut room).ok()), what.len());
    assert_eq!(&room[..what.len()], what);
}

#[test]
fn addresses_are_what_they_say() {
    for text in ["127.0.0.1:1", "[::1]:2", "unix:/run/a b", "unix:@name", "unix:relative"] {
        assert_eq!(Address::parse(text).map(|a| a.to_string()).as_deref(), Some(text));
    }
    for text in ["", "127.0.0.1", "localhost:1", "::1:2", "unix:", "unix:@", "unix:a\0b", "unix"] {
        assert_eq!(Address::parse(text), None, "{text:?}");
    }
}

#[test]
fn a_tcp_stream_from_end_to_end() {
    let socket = listen(&Address::parse("127.0.0.1:0").unwrap()).unwrap();
    let client = connect(&socket.local().unwrap());
    patiently(|| client.connected()).unwrap();
    let (mut server, peer) = accept(&socket);
    assert_eq!((server.peer(), client.peer()), (peer, socket.local().unwrap()));
    assert_eq!(server.credentials(), None);
    assert_eq!(client.write_parts(&["to ", "the quay"].map(|part| IoSlice::new(part.as_bytes()))).unwrap(), 11);
    hears(&mut server, b"to the quay");
    client.shutdown_write().unwrap();
    hears(&mut server, b"");
    assert_eq!(server.read(&mut [0]).unwrap(), 0);
}

#[test]
fn writing_to_a_peer_that_is_gone_is_an_error() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let ours = Stream::adopt(ours.into()).unwrap();
    drop(theirs);
    assert_eq!(ours.write(b"x").unwrap_err().kind(), std::io::ErrorKind::BrokenPipe);
}

#[test]
fn a_full_socket_takes_nothing() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let ours = Stream::adopt(ours.into()).unwrap();
    let bytes = [0; 65536];
    while ours.write(&bytes).unwrap() > 0 {}
    drop(theirs);
}

#[test]
fn a_refusal_is_seen() {
    // Bound, so that nobody else gets the port, and nobody listens.
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    let outcome = match Stream::connect(&address.into(), &SocketOptions::default()) {
        Ok(stream) => patiently(|| stream.connected()),
        Err(error) => Err(error),
    };
    assert_eq!(outcome.unwrap_err().kind(), std::io::ErrorKind::ConnectionRefused);
}

#[test]
fn options_are_set() {
    let options = SocketOptions {
        nodelay: false,
        keepalive: Some(Keepalive { idle: 70, interval: 11, count: 5 }),
        recv_buffer: 40_000,
        send_buffer: 50_000,
        local: None,
    };
    options.check().unwrap();
    let socket = listen_with(&Address::parse("127.0.0.1:0").unwrap(), 0, &options).unwrap();
    let client = Stream::connect(&socket.local().unwrap(), &options).unwrap();
    let (server, _) = accept(&socket);
    for stream in [&client, &server] {
        let socket = tcp_of(stream);
        assert!(!socket.tcp_nodelay().unwrap() && socket.keepalive().unwrap());
        assert!(socket.recv_buffer_size().unwrap() / 40_000 <= 2 && socket.send_buffer_size().unwrap() / 50_000 <= 2);
        assert!(socket.nonblocking().unwrap() && !is_inherited(&socket));
        #[cfg(target_os = "linux")]
        {
            assert_eq!(socket.tcp_keepalive_time().unwrap(), Duration::from_secs(70));
            assert_eq!(socket.tcp_keepalive_interval().unwrap(), Duration::from_secs(11));
            assert_eq!(socket.tcp_keepalive_retries().unwrap(), 5);
        }
    }
    server.apply(&SocketOptions::default()).unwrap();
    assert!(tcp_of(&server).tcp_nodelay().unwrap());
}

#[test]
fn by_default_small_segments_leave_at_once_and_nobody_probes() {
    let socket = listen(&Address::parse("127.0.0.1:0").unwrap()).unwrap();
    let client = connect(&socket.local().unwrap());
    let (server, _) = accept(&socket);
    for stream in [&client, &server] {
        assert!(tcp_of(stream).tcp_nodelay().unwrap() && !tcp_of(stream).keepalive().unwrap());
    }
}

#[test]
fn options_that_the_kernel_refuses_are_refused_first() {
    let with = |keepalive| SocketOptions { keepalive: Some(keepalive), ..SocketOptions::default() };
    let error = with(Keepalive { idle: 40_000, ..Keepalive::default() }).check().unwrap_err();
    assert_eq!((error.status, error.detail.as_ref()), (Status::INVALID_ARGUMENT, "keepalive idle 40000 is over 32767"));
    assert!(with(Keepalive { count: 128, ..Keepalive::default() }).check().is_err());
    let most = Keepalive { idle: 32_767, interval: 32_767, count: 127 };
    with(most).check().unwrap();
    #[cfg(target_os = "linux")]
    listen_with(&Address::parse("127.0.0.1:0").unwrap(), 0, &with(most)).unwrap();
}

#[test]
fn what_is_no_connected_stream_is_not_adopted_and_given_back() {
    let room = Room::new("adopt");
    let mut process = Command::new("true").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (writer, reader) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
    process.wait().unwrap();
    let unconnected = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    let connected_udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    connected_udp.connect(connected_udp.local_addr().unwrap()).unwrap();
    let table: [(&str, OwnedFd, &str); 8] = [
        ("the reading end of a pipe", reader.into(), "not a socket"),
        ("the writing end of a pipe", writer.into(), "not a socket"),
        ("a file", File::create(room.0.join("file")).unwrap().into(), "not a socket"),
        ("UDP", UdpSocket::bind("127.0.0.1:0").unwrap().into(), "not a stream"),
        ("connected UDP", connected_udp.into(), "not a stream"),
        ("a pair of datagram sockets", UnixDatagram::pair().unwrap().0.into(), "not a stream"),
        ("an unconnected socket", unconnected.into(), "not connected"),
        ("a listener", TcpListener::bind("127.0.0.1:0").unwrap().into(), "not connected"),
    ];
    for (what, fd, why) in table {
        let number = fd.as_raw_fd();
        let (error, fd) = Stream::adopt(fd).expect_err(what);
        assert_eq!((error.status, fd.as_raw_fd()), (Status::INVALID_ARGUMENT, number), "{what}");
        assert!(error.detail.contains(why), "{what}: {error}");
        // Still open, and as it was.
        assert!(!SockRef::from(&fd).nonblocking().unwrap(), "{what}");
    }
}

#[test]
fn connected_streams_are_adopted() {
    let (unix, mut far) = UnixStream::pair().unwrap();
    SockRef::from(&unix).set_cloexec(false).unwrap();
    let mut unix = Stream::adopt(unix.into()).unwrap();
    assert_eq!(unix.peer().to_string(), "unix:");
    far.write_all(b"pair").unwrap();
    hears(&mut unix, b"pair");

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let tcp = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let tcp = Stream::adopt(tcp.into()).unwrap();
    assert_eq!(tcp.peer(), Address::Ip(listener.local_addr().unwrap()));
    tcp.write(b"tcp").unwrap();
    let mut heard = [0; 3];
    listener.accept().unwrap().0.read_exact(&mut heard).unwrap();
    assert_eq!(&heard, b"tcp");
    for stream in [&unix, &tcp] {
        let socket = tcp_of(stream);
        assert!(socket.nonblocking().unwrap() && !is_inherited(&socket));
    }
}

#[test]
fn a_unix_stream_from_end_to_end() {
    let room = Room::new("unix");
    let (path, address) = room.socket();
    let socket = listen(&address).unwrap();
    assert_eq!(socket.local().unwrap(), address);
    let mut client = connect(&address);
    client.connected().unwrap().unwrap();
    let (server, peer) = socket.accept().unwrap();
    assert_eq!((peer.to_string().as_str(), client.peer()), ("unix:", address));
    server.write_parts(&["a", "hoy"].map(|part| IoSlice::new(part.as_bytes()))).unwrap();
    hears(&mut client, b"ahoy");
    drop(socket);
    assert!(!path.exists(), "the file goes with its listener");
}

#[cfg(target_os = "linux")]
#[test]
fn the_kernel_vouches_for_a_unix_peer() {
    let room = Room::new("credentials");
    let socket = listen(&room.socket().1).unwrap();
    let client = connect(&room.socket().1);
    let (server, _) = socket.accept().unwrap();
    use std::os::unix::fs::MetadataExt;
    let process = fs::metadata("/proc/self").unwrap();
    let me = PeerCredentials { pid: std::process::id() as i32, uid: process.uid(), gid: process.gid() };
    assert_eq!([client.credentials(), server.credentials()], [Some(me); 2]);
}

#[test]
fn a_stale_file_gives_way() {
    let room = Room::new("stale");
    let (path, address) = room.socket();
    drop(UnixListener::bind(&path).unwrap());
    assert!(path.exists());
    let _socket = listen(&address).unwrap();
    connect(&address).connected().unwrap().unwrap();
}

#[test]
fn a_server_that_lives_keeps_its_file() {
    let room = Room::new("live");
    let (path, address) = room.socket();
    let server = UnixListener::bind(&path).unwrap();
    let error = listen(&address).unwrap_err();
    assert_eq!((error.status, error.os_error), (Status::IO, libc::EADDRINUSE));
    assert_eq!((error.peer.clone(), error.operation), (address.to_string(), Operation::Listen));
    assert!(path.exists());
    drop(server);
}

#[test]
fn what_is_no_socket_is_never_removed() {
    let room = Room::new("file");
    let (path, address) = room.socket();
    let stale = room.0.join("stale");
    drop(UnixListener::bind(&stale).unwrap());
    fs::write(&path, "precious").unwrap();
    assert_eq!(listen(&address).unwrap_err().os_error, libc::EADDRINUSE);
    assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
    fs::remove_file(&path).unwrap();
    symlink(&stale, &path).unwrap();
    assert_eq!(listen(&address).unwrap_err().os_error, libc::EADDRINUSE);
    assert!(path.is_symlink() && stale.exists());
}

#[test]
fn a_file_that_is_no_longer_ours_stays() {
    let room = Room::new("replaced");
    let (path, address) = room.socket();
    let socket = listen(&address).unwrap();
    fs::remove_file(&path).unwrap();
    let other = UnixListener::bind(&path).unwrap();
    drop(socket);
    assert!(path.exists());
    drop(other);
}

#[test]
fn a_path_that_is_too_long_says_so() {
    let room = Room::new("long");
    let address = at(&room.0.join("x".repeat(120)));
    let error = listen(&address).unwrap_err();
    assert_eq!((error.status, error.os_error), (Status::INVALID_ARGUMENT, 0));
    assert!(error.detail.contains("longer than"), "{error}");
    let mut race = Race::single(address, SocketOptions::default());
    let Progress::Lost(error) = race.advance(0, &mut |_| Ok(())) else { panic!("connected") };
    assert_eq!((error.status, error.operation, error.attempts), (Status::INVALID_ARGUMENT, Operation::Connect, 1));
}

#[test]
fn names_without_a_file_are_of_linux() {
    let address = Address::parse(&format!("unix:@hawser-{}", std::process::id())).unwrap();
    if cfg!(target_os = "linux") {
        let socket = listen(&address).unwrap();
        assert_eq!(socket.local().unwrap(), address);
        connect(&address).connected().unwrap().unwrap();
        assert_eq!(listen(&address).unwrap_err().os_error, libc::EADDRINUSE);
        drop(socket);
        listen(&address).unwrap();
    } else {
        assert_eq!(listen(&address).unwrap_err().status, Status::UNSUPPORTED);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_unix_listener_without_room_is_asked_again() {
    let room = Room::new("full");
    let address = room.socket().1;
    let socket = listen_with(&address, 1, &SocketOptions::default()).unwrap();
    let mut waiting = Vec::new();
    while let Ok(stream) = Stream::connect(&address, &SocketOptions::default()) {
        waiting.push(stream);
    }
    let mut race = Race::single(address.clone(), SocketOptions::default());
    let progress = race.advance(7, &mut |_| Ok(()));
    let Progress::Waiting { until } = progress else { panic!("{progress:?}") };
    assert!(until > 7 && until < ATTEMPT_DELAY);
    assert_eq!(race.running().collect::<Vec<_>>(), [&address]);
    socket.accept().unwrap();
    assert!(matches!(race.advance(until, &mut |_| Ok(())), Progress::Won(..)));
}

#[test]
fn nobody_behind_a_unix_path() {
    let room = Room::new("nobody");
    let mut race = Race::single(room.socket().1, SocketOptions::default());
    let Progress::Lost(error) = race.advance(0, &mut |_| Ok(())) else { panic!("connected") };
    assert_eq!((error.status, error.os_error), (Status::IO, libc::ENOENT));
}
