//! The kinds of proxies.

/// What a proxy speaks, and who looks up the target's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// HTTP's CONNECT; the proxy looks names up.
    Http,
    /// The same inside TLS.
    Https,
    /// SOCKS4: IPv4 addresses only, looked up here.
    Socks4,
    /// SOCKS4a: the proxy looks names up.
    Socks4a,
    /// SOCKS5, with addresses that were looked up here.
    Socks5,
    /// SOCKS5; the proxy looks names up. The scheme is curl's.
    Socks5h,
}

impl Kind {
    const ALL: [Kind; 6] = [Self::Http, Self::Https, Self::Socks4, Self::Socks4a, Self::Socks5, Self::Socks5h];

    /// The scheme of its URL.
    pub fn scheme(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Socks4 => "socks4",
            Self::Socks4a => "socks4a",
            Self::Socks5 => "socks5",
            Self::Socks5h => "socks5h",
        }
    }

    /// The port of a URL that names none.
    pub fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
            Self::Socks4 | Self::Socks4a | Self::Socks5 | Self::Socks5h => 1080,
        }
    }

    /// Whose scheme this is, whatever its case (RFC 3986 §3.1).
    pub(super) fn of_scheme(scheme: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.scheme().eq_ignore_ascii_case(scheme))
    }
}
