//! Where a tunnel is to end.

use crate::error::{Error, Result, Status};
use std::net::{IpAddr, SocketAddr};

/// What a length byte can say, and more than any name in the DNS has.
const NAME_MAX: usize = 255;

/// What the proxy is to connect to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A name that the proxy looks up, and a port.
    Name(String, u16),
    /// An address.
    Address(SocketAddr),
}

impl Target {
    /// Fit to be written into any request: a name that is an address becomes one, an IPv4 address in IPv6's clothing
    /// takes them off, and a name has the bytes of names only, few enough of them to be counted in one.
    pub(super) fn judged(self) -> Result<Self> {
        let (name, port) = match self {
            Self::Address(address) => return Ok(Self::of_ip(address.ip(), address.port())),
            Self::Name(name, port) => (name, port),
        };
        if let Ok(ip) = name.parse::<IpAddr>() {
            return Ok(Self::of_ip(ip, port));
        }
        if name.len() > NAME_MAX {
            let detail = "the target's name is longer than a proxy can be told";
            return Err(Error::new(Status::INVALID_ARGUMENT, detail).with(|e| {
                e.size = Some(name.len() as u64);
                e.max_size = Some(NAME_MAX as u64);
            }));
        }
        let is_fit = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
        match !name.is_empty() && name.bytes().all(is_fit) {
            true => Ok(Self::Name(name, port)),
            false => Err(Error::new(Status::INVALID_ARGUMENT, "the target is neither a host name nor an address")),
        }
    }

    /// `host:port`, an IPv6 address in brackets: the authority form of RFC 9112 §3.2.3.
    pub(super) fn authority(&self) -> String {
        match self {
            Self::Name(name, port) => format!("{name}:{port}"),
            Self::Address(address) => address.to_string(),
        }
    }

    pub(super) fn port(&self) -> u16 {
        match self {
            Self::Name(_, port) => *port,
            Self::Address(address) => address.port(),
        }
    }

    /// Without the scope of a link-local address, which means nothing to the proxy.
    fn of_ip(ip: IpAddr, port: u16) -> Self {
        Self::Address(SocketAddr::new(ip.to_canonical(), port))
    }
}
