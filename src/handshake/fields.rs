//! Header fields that a host brings along, for a request or a response.

use super::names::{CONNECTION, CONTENT_LENGTH, HOST, SEC_WEBSOCKET, TRANSFER_ENCODING, UPGRADE};
use crate::error::{Error, Result, Status};
use crate::http::{Headers, HostPort, is_field_value, is_token, shown_name, shown_value};

/// Header fields that the handshake itself or the connection is made of. A caller's own would contradict them.
const OURS: &[&str] =
    &[CONNECTION, UPGRADE, CONTENT_LENGTH, TRANSFER_ENCODING, "Keep-Alive", "TE", "Trailer", "Expect"];

/// All of them are fit for a head, and the host's to send.
pub(super) fn judge_fields(fields: &[(String, String)]) -> Result<()> {
    fields.iter().try_for_each(|(name, value)| judge_field(name, value))
}

fn judge_field(name: &str, value: &str) -> Result<()> {
    if !is_token(name.as_bytes()) {
        return Err(invalid(Status::INVALID_HEADER_VALUE, name, Some(value), "the name of a header is not a token"));
    }
    if is_ours(name) {
        let detail = "headers: this one belongs to the handshake";
        return Err(invalid(Status::INVALID_ARGUMENT, name, Some(value), detail));
    }
    judge_value(name, value)?;
    match name.eq_ignore_ascii_case(HOST) && HostPort::parse(value).is_none() {
        true => Err(invalid(Status::INVALID_HEADER_VALUE, name, Some(value), "not a host, or a host and a port")),
        false => Ok(()),
    }
}

/// A value that a head can hold.
pub(super) fn judge_value(name: &str, value: &str) -> Result<()> {
    match is_field_value(value.as_bytes()) {
        true => Ok(()),
        false => Err(invalid(Status::INVALID_HEADER_VALUE, name, Some(value), "a control character in the value")),
    }
}

/// An error about a field that a host brought, without its secret.
pub(super) fn invalid(status: Status, name: &str, value: Option<&str>, detail: &'static str) -> Error {
    Error::new(status, detail).with(|e| {
        e.header_name = shown_name(name);
        e.header_value = value.map(|value| shown_value(name, value));
    })
}

/// Appends them as they are.
pub(super) fn add_own(headers: &mut Headers, own: &[(String, String)]) {
    own.iter().for_each(|(name, value)| headers.add(name, value));
}

/// The handshake's own fields, and those that belong to the connection under it (RFC 9110 §7.6.1).
fn is_ours(name: &str) -> bool {
    let start = name.get(..SEC_WEBSOCKET.len()).unwrap_or_default();
    start.eq_ignore_ascii_case(SEC_WEBSOCKET) || OURS.iter().any(|ours| ours.eq_ignore_ascii_case(name))
}
