//! `ws:` and `wss:` URIs (RFC 6455 §3).

use super::authority::Authority;
use super::credentials::Credentials;
use super::host::{Parsed, shift};
use super::masking::{masked, masked_reference};
use super::percent;
use crate::error::{Error, Result, Status};
use std::fmt;

/// Where a client goes. Fit to be written into a request as it is: neither host nor target can hold a space, a control
/// character or anything that is not ASCII. Display leaves out what is for nobody else's eyes, the credentials, and
/// what means nothing to anybody else, the zone.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Uri {
    /// `wss:`
    pub secure: bool,
    /// Who goes there; sent as a header field, never as part of the URI.
    pub user: Option<Credentials>,
    /// A name in lower case, its labels in ASCII, or an address; an IPv6 address without its brackets, perhaps with a
    /// zone: `fe80::1%eth0`. What a resolver wants.
    pub host: String,
    /// As given, or the scheme's default.
    pub port: u16,
    /// Path and query; `/` when both were left out.
    pub target: String,
}

impl Uri {
    /// Parses a URI; INVALID_URI says what is wrong with it and where. What a path or query cannot have, but has a
    /// percent-encoding, is encoded; what could split a request is refused.
    pub fn parse(text: &str) -> Result<Self> {
        parse(text).map_err(|(position, detail)| {
            Error::new(Status::INVALID_URI, detail).with(|e| {
                e.uri = masked(text);
                e.position = Some(position as u64);
            })
        })
    }

    /// The same origin with another path and query, which begin with a slash; INVALID_URI says what is wrong with them.
    pub fn with_target(&self, target: &str) -> Result<Self> {
        let encoded = match target.starts_with('/') {
            true => refuse_unfit(target).and_then(|()| percent::encode(target)),
            false => Err((0, "a target begins with a slash")),
        };
        match encoded {
            Ok(target) => Ok(Self { target, ..self.clone() }),
            Err((position, detail)) => Err(Error::new(Status::INVALID_URI, detail).with(|e| {
                e.uri = masked_reference(target);
                e.position = Some(position as u64);
            })),
        }
    }

    /// The value of the Host header: the port is left out when it is the scheme's default (RFC 9110 §4.2.3).
    pub fn host_header(&self) -> String {
        let host = self.host_without_zone();
        let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        if self.port == default_port(self.secure) { host } else { format!("{host}:{}", self.port) }
    }

    /// The host as others know it, a TLS server among them: RFC 6874 §1 keeps the zone off the wire.
    pub fn host_without_zone(&self) -> &str {
        self.host.split('%').next().unwrap_or_default()
    }

    /// Scheme, host and port are the same: what is meant for the one may be told to the other (RFC 6454 §5).
    pub fn origin_eq(&self, other: &Self) -> bool {
        (self.secure, &self.host, self.port) == (other.secure, &other.host, other.port)
    }

    /// What to connect to.
    pub fn address(&self) -> (&str, u16) {
        (&self.host, self.port)
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.secure { "wss" } else { "ws" };
        write!(f, "{scheme}://{}{}", self.host_header(), self.target)
    }
}

fn default_port(secure: bool) -> u16 {
    if secure { 443 } else { 80 }
}

fn parse(text: &str) -> Parsed<Uri> {
    refuse_unfit(text)?;
    let (secure, rest) = split_scheme(text)?;
    parse_hierarchy(secure, rest).map_err(shift(text.len() - rest.len()))
}

/// What follows the two slashes.
pub(super) fn parse_hierarchy(secure: bool, text: &str) -> Parsed<Uri> {
    let target_at = text.find(['/', '?']).unwrap_or(text.len());
    let (authority, target) = text.split_at(target_at);
    let Authority { user, host, port } = Authority::parse(authority)?;
    let mut target = percent::encode(target).map_err(shift(target_at))?;
    if !target.starts_with('/') {
        target.insert(0, '/');
    }
    Ok(Uri { secure, user, host, port: port.unwrap_or(default_port(secure)), target })
}

/// No control character, no space, no fragment anywhere.
pub(super) fn refuse_unfit(text: &str) -> Parsed<()> {
    let unfit = |b: u8| b.is_ascii_control() || b == b' ' || b == b'#';
    match text.bytes().enumerate().find(|(_, b)| unfit(*b)) {
        None => Ok(()),
        Some((at, b'#')) => Err((at, "a WebSocket URI has no fragment")),
        Some((at, b' ')) => Err((at, "a space: write it as %20")),
        Some((at, _)) => Err((at, "a control character")),
    }
}

/// Schemes are matched whatever their case (RFC 3986 §3.1).
fn split_scheme(text: &str) -> Parsed<(bool, &str)> {
    let (scheme, rest) = text.split_once(':').ok_or((0, "the scheme is missing: ws:// or wss://"))?;
    let secure = match scheme.to_ascii_lowercase().as_str() {
        "ws" => false,
        "wss" => true,
        _ => return Err((0, "the scheme is not ws or wss")),
    };
    match rest.strip_prefix("//") {
        Some(rest) => Ok((secure, rest)),
        None => Err((scheme.len() + 1, "two slashes must follow the scheme")),
    }
}
