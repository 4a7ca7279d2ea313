//! The negotiation of a subprotocol (RFC 6455 §1.9). Names are compared as they are, case and all.

use super::names::PROTOCOL;
use crate::error::{Error, Result, Status};
use crate::http::{Headers, is_token, tokens};
use std::collections::HashSet;

/// What a host lists: tokens, none twice, and at least one if one is required.
pub(super) fn validate(list: &[String], required: bool) -> Result<()> {
    let invalid = |status, name: Option<&str>, detail| {
        Err(Error::new(status, detail).with(|e| {
            e.header_name = PROTOCOL.to_owned();
            e.header_value = name.map(str::to_owned);
        }))
    };
    if required && list.is_empty() {
        return invalid(Status::INVALID_ARGUMENT, None, "subprotocol_required is set, but subprotocols is empty");
    }
    let mut seen = HashSet::new();
    for name in list {
        if !is_token(name.as_bytes()) {
            return invalid(Status::INVALID_HEADER_VALUE, Some(name), "a subprotocol is not a token");
        }
        if !seen.insert(name) {
            return invalid(Status::INVALID_ARGUMENT, Some(name), "a subprotocol is listed twice");
        }
    }
    Ok(())
}

/// What a client offers. §4.1: a header that is there holds at least one; repeats are of no consequence.
pub(super) fn offered(headers: &Headers) -> Result<Vec<String>> {
    let offered = tokens(headers, PROTOCOL)?;
    match headers.contains(PROTOCOL) && offered.is_empty() {
        true => Err(empty(headers)),
        false => Ok(offered),
    }
}

/// The server's choice: the first of its own list that the client offers, for the server knows what it would rather
/// speak. None in common is no subprotocol, or SUBPROTOCOL if one is required.
pub(super) fn choose(offered: &[String], supported: &[String], required: bool) -> Result<Option<String>> {
    let chosen = supported.iter().find(|name| offered.contains(name));
    match chosen {
        None if required => Err(Error::new(Status::SUBPROTOCOL, "the client offers no subprotocol of this server")
            .with(|e| {
                e.header_name = PROTOCOL.to_owned();
                e.header_value = (!offered.is_empty()).then(|| offered.join(", "));
            })),
        chosen => Ok(chosen.cloned()),
    }
}

/// The server's choice as its client sees it: one that was offered, or none unless one is required.
pub(super) fn agreed(headers: &Headers, offered: &[String], required: bool) -> Result<Option<String>> {
    headers.one(PROTOCOL)?;
    let mut chosen = tokens(headers, PROTOCOL)?;
    let invalid = |status, detail| Err(headers.invalid(status, PROTOCOL, detail));
    match (chosen.pop(), chosen.len()) {
        (None, _) if headers.contains(PROTOCOL) => Err(empty(headers)),
        (None, _) if required => invalid(Status::SUBPROTOCOL, "the server agrees to no subprotocol"),
        (None, _) => Ok(None),
        (Some(name), 0) if offered.contains(&name) => Ok(Some(name)),
        (Some(_), 0) => invalid(Status::NEGOTIATION, "the server chooses a subprotocol that was not offered"),
        (Some(_), _) => invalid(Status::INVALID_HEADER, "the server chooses more than one subprotocol"),
    }
}

fn empty(headers: &Headers) -> Error {
    headers.invalid(Status::INVALID_HEADER_FORMAT, PROTOCOL, "expected a subprotocol").with(|e| e.position = Some(0))
}
