//! What a server sends back.

use super::fields::add_own;
use super::names::{
    ACCEPT, ALLOW, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, EXTENSIONS, PROTOCOL, SERVER, UPGRADE,
    VERSION, VERSION_13, WWW_AUTHENTICATE,
};
use super::policy::ServerPolicy;
use super::{authorization, key, product};
use crate::error::{Error, Status};
use crate::http::{Head, Headers, StatusLine, reason_phrase};

/// 101: the connection speaks WebSocket from here on (RFC 6455 §4.2.2).
pub(super) fn switching(
    policy: &ServerPolicy,
    key: &[u8],
    subprotocol: &str,
    extensions: &str,
    own: &[(String, String)],
) -> Vec<u8> {
    let mut headers = Headers::default();
    headers.add(UPGRADE, "websocket");
    headers.add(CONNECTION, "Upgrade");
    headers.add(ACCEPT, &key::accept_for(key));
    if !subprotocol.is_empty() {
        headers.add(PROTOCOL, subprotocol);
    }
    if !extensions.is_empty() {
        headers.add(EXTENSIONS, extensions);
    }
    if let Some(server) = product(policy.server.as_deref()) {
        headers.add(SERVER, server);
    }
    add_own(&mut headers, own);
    Head { start: StatusLine::new(101), headers }.to_bytes()
}

/// What a request is told that is refused for this reason. Without a Date: there is no clock in this room, and
/// RFC 9110 §6.6.1 lets a server without one leave it out.
pub(super) fn refusal(policy: &ServerPolicy, status: u16, error: &Error) -> Vec<u8> {
    let detail = if error.detail.is_empty() { error.status.text() } else { &error.detail };
    match error.http_method.as_str() {
        "HEAD" => parts(policy, status, detail).0, // RFC 9110 §9.3.2
        _ => whole(policy, status, detail),
    }
}

/// 503: there are as many connections as there may be.
fn busy(policy: &ServerPolicy) -> Vec<u8> {
    whole(policy, 503, "this server has as many connections as it can take; try again later")
}

/// 503: whoever was to decide has not done so in time.
pub fn undecided(policy: &ServerPolicy) -> Vec<u8> {
    whole(policy, 503, "this server could not decide in time; try again later")
}

/// What a connection is told that is not let in, whatever it may ask for: because of this error.
pub fn turned_away(policy: &ServerPolicy, error: &Error) -> Vec<u8> {
    match (error.http_status, error.status) {
        (429, _) => whole(policy, 429, "there are as many connections from your address as there may be"),
        (_, Status::HANDSHAKE_ABORTED) => whole(policy, 503, "this server is going away; try again later"),
        _ => busy(policy),
    }
}

/// 408: the request was not complete in time.
pub fn timed_out_reply(policy: &ServerPolicy) -> Vec<u8> {
    whole(policy, 408, "the opening handshake was not done in time")
}

/// The status that an error means to the peer (RFC 6455 §4.2.2, RFC 9110 §15).
pub(super) fn status_for(error: &Error) -> u16 {
    match error.status {
        _ if error.http_status != 0 => error.http_status,
        Status::REQUEST_LINE_TOO_LONG => 414,
        Status::HEADER_LINE_TOO_LONG | Status::TOO_MANY_HEADERS => 431,
        Status::INVALID_METHOD => 405,
        Status::INVALID_HTTP_VERSION => 505,
        Status::INVALID_ORIGIN => 403,
        Status::INVALID_UPGRADE => 426,
        status if status.is_a(Status::INVALID_HEADER) && error.header_name == AUTHORIZATION => 401,
        // §4.4: a client that speaks another version learns which one is spoken here.
        Status::INVALID_HEADER_VALUE if error.header_name == VERSION => 426,
        Status::INVALID_HEADER if error.header_name == VERSION && error.header_value.is_none() => 426,
        _ => 400,
    }
}

/// A complete response with one line of text, after which the connection is closed.
fn whole(policy: &ServerPolicy, status: u16, text: &str) -> Vec<u8> {
    let (mut reply, body) = parts(policy, status, text);
    reply.extend_from_slice(body.as_bytes());
    reply
}

/// The same, head and body apart.
fn parts(policy: &ServerPolicy, status: u16, text: &str) -> (Vec<u8>, String) {
    let body = format!("{}: {text}.\n", reason_phrase(status));
    let mut headers = Headers::default();
    match status {
        401 => headers.add(WWW_AUTHENTICATE, &authorization::challenge(policy)),
        405 => headers.add(ALLOW, "GET"),
        426 => {
            headers.add(UPGRADE, "websocket");
            headers.add(VERSION, VERSION_13);
        }
        _ => (),
    }
    // RFC 9110 §7.8: whoever sends Upgrade says so in Connection.
    headers.add(CONNECTION, if status == 426 { "close, Upgrade" } else { "close" });
    headers.add(CONTENT_LENGTH, &body.len().to_string());
    headers.add(CONTENT_TYPE, "text/plain; charset=utf-8");
    if let Some(server) = product(policy.server.as_deref()) {
        headers.add(SERVER, server);
    }
    (Head { start: StatusLine::new(status), headers }.to_bytes(), body)
}
