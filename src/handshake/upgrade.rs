//! Upgrade and Connection, which both halves of a handshake must carry.

use super::names::{CONNECTION, UPGRADE};
use crate::error::{Error, Result, Status};
use crate::http::{Headers, protocols, tokens};

/// A request speaks of WebSocket at all, rightly or wrongly.
pub(super) fn is_wanted(headers: &Headers) -> Result<bool> {
    Ok(protocols(headers, UPGRADE)?.iter().any(|p| is_websocket(p)))
}

/// A request asks for WebSocket, among other things perhaps (RFC 6455 §4.2.1).
pub(super) fn judge_request(headers: &Headers) -> Result<()> {
    let upgrades = protocols(headers, UPGRADE)?;
    match upgrades.iter().any(|p| is_websocket(p)) {
        true => judge_connection(headers),
        false => Err(invalid(headers, UPGRADE, "this is a WebSocket server: ask for Upgrade: websocket")),
    }
}

/// A response switches to WebSocket and to nothing else on top (§4.1).
pub(super) fn judge_response(headers: &Headers) -> Result<()> {
    let upgrades = protocols(headers, UPGRADE)?;
    match upgrades.as_slice() {
        [only] if is_websocket(only) => judge_connection(headers),
        _ => Err(invalid(headers, UPGRADE, "the Upgrade header of the response is not websocket")),
    }
}

fn judge_connection(headers: &Headers) -> Result<()> {
    let options = tokens(headers, CONNECTION)?;
    match options.iter().any(|o| o.eq_ignore_ascii_case("upgrade")) {
        true => Ok(()),
        false => Err(invalid(headers, CONNECTION, "the Connection header must hold the option Upgrade")),
    }
}

fn is_websocket(protocol: &str) -> bool {
    protocol.eq_ignore_ascii_case("websocket")
}

fn invalid(headers: &Headers, name: &str, detail: &'static str) -> Error {
    headers.invalid(Status::INVALID_UPGRADE, name, detail)
}
