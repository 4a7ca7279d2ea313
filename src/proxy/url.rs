//! The text of a proxy's URL.

use super::credentials;
use super::kind::Kind;
use super::proxy::Proxy;
use crate::error::{Error, Operation, Result, Status};
use crate::http::{Fault, HostPort, masked};

/// Parses `scheme "://" [user [":" password] "@"] host [":" port] ["/"]`. Which kind a scheme means, or a text without
/// one, is for the caller to say. The error shows the text without its credentials.
pub(super) fn parse(text: &str, kind_of: fn(Option<&str>) -> Option<Kind>) -> Result<Proxy> {
    try_parse(text, kind_of).map_err(|(position, detail)| {
        Error::new(Status::INVALID_PROXY, detail).with(|e| {
            e.operation = Operation::Proxy;
            e.proxy = masked(text);
            e.position = Some(position as u64);
        })
    })
}

fn try_parse(text: &str, kind_of: fn(Option<&str>) -> Option<Kind>) -> std::result::Result<Proxy, Fault> {
    refuse_unfit(text)?;
    let (scheme, start) = split_scheme(text);
    let kind = kind_of(scheme).ok_or((0, scheme.map_or(MISSING, |_| UNKNOWN)))?;
    let rest = text.get(start..).unwrap_or_default();
    let (authority, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    judge_tail(tail).map_err(|detail| (start + authority.len(), detail))?;
    // The last one: whoever left an @ of a password as it is meant no other.
    let host_at = authority.rfind('@').map_or(0, |at| at + 1);
    let (userinfo, address) = authority.split_at(host_at);
    let user = parse_user(kind, userinfo).map_err(|(at, detail)| (start + at, detail))?;
    let (host, port) = parse_address(address).map_err(|(at, detail)| (start + host_at + at, detail))?;
    Ok(Proxy { kind, host, port: port.unwrap_or(kind.default_port()), user })
}

const MISSING: &str = "the scheme is missing: http, https, socks4, socks4a, socks5 or socks5h";
const UNKNOWN: &str = "the scheme is not http, https, socks4, socks4a, socks5 or socks5h";

/// No control character and no space anywhere.
fn refuse_unfit(text: &str) -> std::result::Result<(), Fault> {
    match text.bytes().position(|b| b.is_ascii_control() || b == b' ') {
        None => Ok(()),
        Some(at) => Err((at, "a control character or a space: write it percent-encoded")),
    }
}

/// The scheme, and where the authority starts.
fn split_scheme(text: &str) -> (Option<&str>, usize) {
    match text.split_once("://") {
        Some((scheme, _)) => (Some(scheme), scheme.len() + 3),
        None => (None, 0),
    }
}

/// A proxy is an address; there is nothing behind it but the slash that is often copied along.
fn judge_tail(tail: &str) -> std::result::Result<(), &'static str> {
    match tail.as_bytes() {
        [] | [b'/'] => Ok(()),
        [b'?', ..] => Err("a proxy has no query; in a password a question mark is %3F"),
        [b'#', ..] => Err("a proxy has no fragment; in a password a number sign is %23"),
        _ => Err("a proxy has no path; in a password a slash is %2F"),
    }
}

/// What stands before the host, with its `@`.
fn parse_user(kind: Kind, userinfo: &str) -> std::result::Result<Option<(String, String)>, Fault> {
    let user = credentials::parse(userinfo.strip_suffix('@').unwrap_or(userinfo))?;
    if let Some((name, password)) = &user {
        credentials::judge(kind, name, password).map_err(|detail| (0, detail))?;
    }
    Ok(user)
}

/// `host [":" port]`, the host in lower case.
fn parse_address(text: &str) -> std::result::Result<(String, Option<u16>), Fault> {
    if let Some(address) = HostPort::parse(text) {
        return Ok((address.host.to_ascii_lowercase(), address.port));
    }
    // Which half is at fault: the host, unless that would do alone.
    let host = text.rsplit_once(':').map_or(text, |(host, _)| host);
    match HostPort::parse(host) {
        Some(HostPort { port: None, .. }) if host.len() < text.len() => {
            Err((host.len() + 1, "the port is not a number from 1 to 65535"))
        }
        _ if text.is_empty() || (text.starts_with(':') && !text.starts_with("::")) => Err((0, "the host is missing")),
        _ => Err((0, "the host is not a name or an address; an IPv6 address belongs in brackets")),
    }
}
