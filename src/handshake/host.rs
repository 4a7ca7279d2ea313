//! The Host of a request: by which name the client knows this server (RFC 9112 §3.2).

use super::names::HOST;
use super::policy::ServerPolicy;
use crate::error::{Error, Result, Status};
use crate::http::{Head, Headers, HostPort, RequestLine, lossy};

/// A request whose target is a whole URI, as all others are: the authority stands for what the Host header says (RFC 9112
/// §3.2.2, RFC 6455 §4.2.1). `None` for all others, and where there is no such host.
pub(super) fn in_origin_form(head: &Head<RequestLine>) -> Option<Head<RequestLine>> {
    let (authority, target) = head.start.absolute_form()?;
    HostPort::parse(authority)?;
    let mut head = head.clone();
    head.headers.set(HOST, authority);
    Some(Head { start: RequestLine { target, ..head.start }, headers: head.headers })
}

/// The Host header: exactly one, a valid one, and one of the server's names if it has any.
pub(super) fn judge(headers: &Headers, policy: &ServerPolicy) -> Result<String> {
    let host = lossy(headers.required(HOST)?);
    let refuse = |detail| headers.invalid(Status::INVALID_HEADER_VALUE, HOST, detail);
    let Some(given) = HostPort::parse(&host) else {
        return Err(refuse("the Host header is not a host, or a host and a port"));
    };
    match policy.hosts.is_empty() || policy.hosts.iter().any(|name| is_name_of(name, given)) {
        true => Ok(host),
        false => Err(refuse("this server does not go by that name").with(|e| e.http_status = 421)),
    }
}

fn is_name_of(name: &str, given: HostPort) -> bool {
    HostPort::parse(name).is_some_and(|name| {
        name.host.eq_ignore_ascii_case(given.host) && (name.port.is_none() || name.port == given.port)
    })
}

/// Every entry of a list is a Host that some request could have.
pub(super) fn validate(list: &[String]) -> Result<()> {
    match list.iter().find(|entry| HostPort::parse(entry).is_none()) {
        None => Ok(()),
        Some(entry) => {
            Err(Error::new(Status::INVALID_ARGUMENT, format!("hosts: {entry:?} is not a host, or a host and a port")))
        }
    }
}
