//! Where a peer is, or a listener: an IP address with a port, or a Unix socket.

use std::fmt;
use std::net::SocketAddr;

#[cfg(unix)]
pub use self::unix::UnixPath;

/// One end of a stream. Its text, as [`fmt::Display`] writes it, is what hosts configure and what errors show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// `127.0.0.1:80`, `[::1]:80`.
    Ip(SocketAddr),
    /// `unix:/run/app.sock`, `unix:@name`.
    #[cfg(unix)]
    Unix(UnixPath),
}

impl Address {
    /// Reads what [`fmt::Display`] writes. Whether the system can use it shows when it is used: a path may be too long,
    /// and names without a file (`unix:@name`) exist on Linux only. An unnamed end cannot be written.
    pub fn parse(text: &str) -> Option<Address> {
        #[cfg(unix)]
        if let Some(path) = text.strip_prefix("unix:") {
            return UnixPath::parse(path).map(Address::Unix);
        }
        text.parse().ok().map(Address::Ip)
    }
}

impl From<SocketAddr> for Address {
    fn from(address: SocketAddr) -> Self {
        Address::Ip(address)
    }
}

#[cfg(unix)]
impl From<UnixPath> for Address {
    fn from(path: UnixPath) -> Self {
        Address::Unix(path)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Ip(address) => address.fmt(f),
            #[cfg(unix)]
            Address::Unix(path) => write!(f, "unix:{path}"),
        }
    }
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::fmt;
    use std::io;
    #[cfg(target_os = "android")]
    use std::os::android::net::SocketAddrExt;
    #[cfg(target_os = "linux")]
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::net::SocketAddr;
    use std::path::Path;

    use socket2::SockAddr;

    /// The name of a Unix socket as the kernel keeps it: a path, or a NUL and a name that is no file, or nothing.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    pub struct UnixPath(Box<[u8]>);

    impl UnixPath {
        pub(super) fn parse(text: &str) -> Option<Self> {
            let (kind, name) = match text.strip_prefix('@') {
                Some(name) => ("\0", name),
                None => ("", text),
            };
            let fine = !name.is_empty() && !name.contains('\0');
            fine.then(|| Self([kind, name].concat().into_bytes().into()))
        }

        /// The file, unless it has none.
        pub fn file(&self) -> Option<&Path> {
            let is_file = self.0.first().is_some_and(|byte| *byte != 0);
            is_file.then(|| Path::new(OsStr::from_bytes(&self.0)))
        }

        /// For the system's calls.
        pub(crate) fn to_sockaddr(&self) -> io::Result<SockAddr> {
            let wrong = |kind, text: &str| io::Error::new(kind, format!("unix:{self}: {text}"));
            if self.file().is_none() && !cfg!(any(target_os = "android", target_os = "linux")) {
                return Err(wrong(io::ErrorKind::Unsupported, "only Linux has Unix sockets without a file"));
            }
            SockAddr::unix(OsStr::from_bytes(&self.0))
                .map_err(|_| wrong(io::ErrorKind::InvalidInput, "longer than the name of a Unix socket can be"))
        }
    }

    impl From<SocketAddr> for UnixPath {
        fn from(address: SocketAddr) -> Self {
            if let Some(path) = address.as_pathname() {
                return Self(path.as_os_str().as_bytes().into());
            }
            #[cfg(any(target_os = "android", target_os = "linux"))]
            if let Some(name) = address.as_abstract_name() {
                return Self([b"\0", name].concat().into());
            }
            Self(Box::default())
        }
    }

    impl fmt::Display for UnixPath {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            match self.0.split_first() {
                Some((0, name)) => write!(f, "@{}", String::from_utf8_lossy(name)),
                _ => f.write_str(&String::from_utf8_lossy(&self.0)),
            }
        }
    }
}
