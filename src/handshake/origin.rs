//! The Origin of a request: which web page's script it is that asks (RFC 6454, RFC 6455 §10.2).

use super::names::ORIGIN;
use super::policy::ServerPolicy;
use crate::error::{Error, Result, Status};
use crate::http::{Headers, HostPort, lossy};

/// Scheme, host and port. Two origins are the same only if all three are: no prefix, no suffix, no pattern.
#[derive(Debug, Clone, Copy)]
pub(super) enum Origin<'a> {
    /// `null`: a sandboxed frame, a file, a redirect across origins. Everybody's, so nobody's.
    Null,
    Tuple {
        scheme: &'a str,
        host: &'a str,
        port: Option<u16>,
    },
}

impl<'a> Origin<'a> {
    /// `serialized-origin` of RFC 6454 §6.2, `None` for anything else: a path, a slash at the end, a list.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        if text == "null" {
            return Some(Self::Null);
        }
        let (scheme, authority) = text.split_once("://")?;
        let is_scheme_byte = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
        if !scheme.starts_with(|c: char| c.is_ascii_alphabetic()) || !scheme.bytes().all(is_scheme_byte) {
            return None;
        }
        if authority.is_empty() && scheme.eq_ignore_ascii_case("file") {
            return Some(Self::Tuple { scheme, host: "", port: None }); // what some embedded web views send
        }
        let HostPort { host, port } = HostPort::parse(authority)?;
        Some(Self::Tuple { scheme, host, port: port.or(default_port(scheme)) })
    }

    fn is_same(self, other: Origin<'_>) -> bool {
        match (self, other) {
            (Self::Null, Origin::Null) => true,
            (Self::Tuple { scheme: s, host: h, port: p }, Origin::Tuple { scheme, host, port }) => {
                s.eq_ignore_ascii_case(scheme) && h.eq_ignore_ascii_case(host) && p == port
            }
            _ => false,
        }
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme.to_ascii_lowercase().as_str() {
        "http" | "ws" => Some(80),
        "https" | "wss" => Some(443),
        _ => None,
    }
}

/// The Origin of a request, if the policy admits it; empty if there is none. A program is not a web page and sends
/// none, so its absence is fine unless the policy says otherwise.
pub(super) fn judge(headers: &Headers, policy: &ServerPolicy) -> Result<String> {
    let refuse = |detail| {
        Err(headers.invalid(Status::INVALID_ORIGIN, ORIGIN, detail).with(|e| {
            e.origin = headers.joined(ORIGIN).unwrap_or_default();
        }))
    };
    let mut values = headers.get_all(ORIGIN).map(lossy);
    let (value, another) = (values.next(), values.next());
    match value {
        _ if another.is_some() => refuse("the Origin header may not be repeated"),
        None if policy.origin_required => refuse("an Origin header is required"),
        None => Ok(String::new()),
        Some(value) if value.is_empty() && policy.origin_required => refuse("an Origin header is required"),
        Some(value) if policy.origins.is_empty() || is_listed(&value, &policy.origins) => Ok(value),
        Some(_) => refuse("the origin is not one that this server admits"),
    }
}

fn is_listed(value: &str, list: &[String]) -> bool {
    let listed = |origin: Origin<'_>| list.iter().filter_map(|entry| Origin::parse(entry)).any(|o| o.is_same(origin));
    Origin::parse(value).is_some_and(listed)
}

/// Every entry of a list is an origin that some request could have.
pub(super) fn validate(list: &[String]) -> Result<()> {
    match list.iter().find(|entry| Origin::parse(entry).is_none()) {
        None => Ok(()),
        Some(entry) => {
            let detail = match entry.as_str() {
                "*" => "origins: to admit every origin, leave the list empty",
                _ => "origins: an entry is not scheme://host or scheme://host:port",
            };
            Err(Error::new(Status::INVALID_ARGUMENT, detail).with(|e| e.origin = entry.clone()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_compared_whole() {
        let same = |a, b| Origin::parse(a).zip(Origin::parse(b)).map(|(a, b)| a.is_same(b));
        assert_eq!(same("https://Example.com:443", "HTTPS://example.COM"), Some(true));
        assert_eq!(same("http://example.com:80", "http://example.com"), Some(true));
        assert_eq!(same("http://[::1]:8080", "http://[::1]:8080"), Some(true));
        assert_eq!(same("chrome-extension://abcdef", "chrome-extension://abcdef"), Some(true));
        assert_eq!(same("file://", "file://"), Some(true));
        assert_eq!(same("null", "null"), Some(true));
        for other in [
            "http://example.com",
            "https://example.com:444",
            "https://example.com.evil.org",
            "https://notexample.com",
            "https://sub.example.com",
            "null",
            "https://example.co",
        ] {
            assert_eq!(same("https://example.com", other), Some(false), "{other}");
        }
    }

    #[test]
    fn what_is_no_origin() {
        for text in [
            "",
            "*",
            "NULL",
            "example.com",
            "https://",
            "https://example.com/",
            "https://a https://b",
            "://a",
            "https://u@example.com",
            "https://*.example.com",
            "1http://a",
            "https://a:0",
        ] {
            assert!(Origin::parse(text).is_none(), "{text}");
        }
    }
}
