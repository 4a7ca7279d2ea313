//! `ws:` and `wss:` URIs (RFC 6455 §3).

use super::host::{Fault, HostPort};
use crate::error::{Error, Result, Status};
use std::fmt::{self, Write as _};

/// Where a client goes. Fit to be written into a request as it is: no field can hold a space, a control character or
/// anything that is not ASCII.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Uri {
    /// `wss:`
    pub secure: bool,
    /// A name in lower case, or an address; an IPv6 address without its brackets.
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

    /// The value of the Host header: the port is left out when it is the scheme's default (RFC 9110 §4.2.3).
    pub fn host_header(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        if self.port == default_port(self.secure) { host } else { format!("{host}:{}", self.port) }
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

fn parse(text: &str) -> std::result::Result<Uri, Fault> {
    refuse_unfit(text)?;
    let (secure, rest) = split_scheme(text)?;
    let host_at = text.len() - rest.len();
    let target_at = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at(target_at);
    let HostPort { host, port } = HostPort::try_parse(authority).map_err(|(at, detail)| (host_at + at, detail))?;
    Ok(Uri {
        secure,
        host: host.to_ascii_lowercase(),
        port: port.unwrap_or(default_port(secure)),
        target: encode_target(target).map_err(|(at, detail)| (host_at + target_at + at, detail))?,
    })
}

/// No control character, no space, no fragment anywhere.
fn refuse_unfit(text: &str) -> std::result::Result<(), Fault> {
    let unfit = |b: u8| b.is_ascii_control() || b == b' ' || b == b'#';
    match text.bytes().enumerate().find(|(_, b)| unfit(*b)) {
        None => Ok(()),
        Some((at, b'#')) => Err((at, "a WebSocket URI has no fragment")),
        Some((at, b' ')) => Err((at, "a space: write it as %20")),
        Some((at, _)) => Err((at, "a control character")),
    }
}

/// Schemes are matched whatever their case (RFC 3986 §3.1).
fn split_scheme(text: &str) -> std::result::Result<(bool, &str), Fault> {
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

/// Percent-encodes what RFC 3986 §3.3 and §3.4 do not allow. Square brackets stay: they are not allowed in a query
/// either, but servers are used to them.
fn encode_target(text: &str) -> std::result::Result<String, Fault> {
    let mut target = String::with_capacity(text.len() + 1);
    if !text.starts_with('/') {
        target.push('/');
    }
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'%' if !is_escape(text, at) => return Err((at, "a percent sign without two hexadecimal digits")),
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | 0x80.. => {
                let _ = write!(target, "%{byte:02X}"); // a String takes everything
            }
            _ => target.push(char::from(byte)),
        }
    }
    Ok(target)
}

/// `pct-encoded` of RFC 3986 §2.1 stands here.
fn is_escape(text: &str, at: usize) -> bool {
    let digits = text.as_bytes().get(at + 1..at + 3);
    digits.is_some_and(|d| d.iter().all(u8::is_ascii_hexdigit))
}

/// The text without what might be a password in it: everything between the scheme and the last `@`, wherever that
/// stands. In a malformed URI nobody can tell where the credentials end.
fn masked(text: &str) -> String {
    let start = text.find("//").map_or(0, |at| at + 2);
    match text.rfind('@') {
        Some(end) if end >= start => format!("{}***{}", &text[..start], &text[end..]),
        _ => text.to_owned(),
    }
}
