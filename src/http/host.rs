//! Host and port, as a Host header and an Origin write them.

use std::net::{Ipv4Addr, Ipv6Addr};

/// `host [":" port]` of RFC 3986 §3.2, without user information. Hosts are DNS names and addresses, nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HostPort<'a> {
    /// A name, an IPv4 address or an IPv6 address without its brackets; in the sender's case.
    pub host: &'a str,
    /// `None` when it is left out, or empty after its colon.
    pub port: Option<u16>,
}

/// Offset of the fault in the text, and what it is.
pub type Fault = (usize, &'static str);

/// What a part of a URI parses to.
pub(super) type Parsed<T> = Result<T, Fault>;

/// A fault in a part, as one in the whole in which the part begins there.
pub(super) fn shift(by: usize) -> impl Fn(Fault) -> Fault {
    move |(at, detail)| (by + at, detail)
}

impl<'a> HostPort<'a> {
    /// Parses the whole text; `None` if it does not match.
    pub fn parse(text: &'a str) -> Option<Self> {
        Self::try_parse(text).ok()
    }

    /// Parses the whole text, or says where it fails.
    pub(super) fn try_parse(text: &'a str) -> Parsed<Self> {
        let (host, port) = match text.strip_prefix('[') {
            Some(literal) => split_literal(literal)?,
            None => split_name(text)?,
        };
        let digits_at = text.len() - port.map_or(0, str::len);
        let port = port.map_or(Ok(None), parse_port).map_err(|detail| (digits_at, detail))?;
        Ok(Self { host, port })
    }
}

/// `IPv6address "]" [":" port]`.
fn split_literal(text: &str) -> Parsed<(&str, Option<&str>)> {
    let (host, rest) = text.split_once(']').ok_or((0, "an IPv6 address without its closing bracket"))?;
    host.parse::<Ipv6Addr>().map_err(|_| (1, "not an IPv6 address between the brackets"))?;
    match rest.strip_prefix(':') {
        Some(port) => Ok((host, Some(port))),
        None if rest.is_empty() => Ok((host, None)),
        None => Err((host.len() + 2, "only a port may follow the host")),
    }
}

/// `(name / IPv4address) [":" port]`.
fn split_name(text: &str) -> Parsed<(&str, Option<&str>)> {
    let (host, port) = match text.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    if port.is_some_and(|p| p.contains(':')) {
        return Err((host.len(), "more than one colon: an IPv6 address belongs in brackets"));
    }
    judge_name(host)?;
    Ok((host, port))
}

/// RFC 3986 §3.2.3 lets the port be empty.
fn parse_port(digits: &str) -> Result<Option<u16>, &'static str> {
    if digits.is_empty() {
        return Ok(None);
    }
    let only_digits = digits.bytes().all(|b| b.is_ascii_digit());
    match digits.parse::<u16>() {
        Ok(port) if only_digits && port > 0 => Ok(Some(port)),
        _ => Err("the port is not a number from 1 to 65535"),
    }
}

/// A DNS name (RFC 1123 §2.1, and the underscore that practice has added), or an IPv4 address. A name that ends in a
/// number is an address to some resolvers ("127.1", "0x7f.1"), so it has to be a plain one to us.
pub(super) fn judge_name(host: &str) -> Parsed<()> {
    if host.is_empty() {
        return Err((0, "the host is missing"));
    }
    if let Some(at) = host.find(|c: char| !c.is_ascii()) {
        return Err((at, "the host is not ASCII: write it in its xn-- form"));
    }
    if let Some(at) = host.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_'))) {
        return Err((at, "a character that a host name cannot have"));
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    if name.len() > 253 || name.split('.').any(|label| label.is_empty() || label.len() > 63) {
        return Err((0, "a host name of the wrong length, or with a part of the wrong length"));
    }
    let last = name.rsplit('.').next().unwrap_or(name);
    match last.starts_with(|c: char| c.is_ascii_digit()) && name.parse::<Ipv4Addr>().is_err() {
        true => Err((0, "a host that ends in a number but is not an IPv4 address")),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses() {
        let parsed = |text| HostPort::parse(text).map(|h| (h.host, h.port));
        assert_eq!(parsed("example.com"), Some(("example.com", None)));
        assert_eq!(parsed("my_host.:8080"), Some(("my_host.", Some(8080))));
        assert_eq!(parsed("127.0.0.1:1"), Some(("127.0.0.1", Some(1))));
        assert_eq!(parsed("[::1]:65535"), Some(("::1", Some(65535))));
        assert_eq!(parsed("[::ffff:1.2.3.4]"), Some(("::ffff:1.2.3.4", None)));
        assert_eq!(parsed("h:"), Some(("h", None)));
    }

    #[test]
    fn everything_else_is_refused_at_its_position() {
        let long = "a".repeat(64);
        let cases = [
            ("", 0),
            (":80", 0),
            ("a..b", 0),
            (".a", 0),
            ("a b", 1),
            ("a%20b", 1),
            ("ä", 0),
            ("u@h", 1),
            ("u:p@h", 2),
            ("h:0", 2),
            ("h:65536", 2),
            ("h:+1", 2),
            ("h:1x", 2),
            ("::1", 0),
            ("[::1", 0),
            ("[::1%25eth0]", 1),
            ("[::1%eth0]", 1),
            ("[1.2.3.4]", 1),
            ("[::1]x", 5),
            ("127.1", 0),
            ("1.2.3.256", 0),
            ("0x7f", 0),
            ("a/b", 1),
            (long.as_str(), 0),
        ];
        for (text, at) in cases {
            assert_eq!(HostPort::try_parse(text).map_err(|f| f.0), Err(at), "{text}");
        }
    }
}
