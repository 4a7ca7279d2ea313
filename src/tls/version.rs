//! The versions of TLS that are spoken.

use rustls::SupportedProtocolVersion;
use rustls::version::{TLS12, TLS13};

/// A version of TLS. Older ones than these are not safe and not spoken (RFC 8996).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Version {
    /// RFC 5246.
    #[default]
    Tls12,
    /// RFC 8446.
    Tls13,
}

impl Version {
    /// This version and everything newer.
    pub(super) fn and_newer(self) -> &'static [&'static SupportedProtocolVersion] {
        static NEWEST: [&SupportedProtocolVersion; 2] = [&TLS13, &TLS12];
        match self {
            Version::Tls12 => &NEWEST,
            Version::Tls13 => &NEWEST[..1],
        }
    }
}
