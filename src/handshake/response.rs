//! A response that a host has made: the same for everybody who asks for a path, or its decision about one request.

use super::fields::{add_own, judge_fields};
use super::names::{ALLOW, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, SERVER, UPGRADE, VERSION, VERSION_13};
use super::policy::ServerPolicy;
use super::product;
use crate::error::{Error, Result, Status};
use crate::http::{Head, Headers, StatusLine};

/// A final response, with which the connection ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// 200 to 599.
    pub status: u16,
    /// Further fields, sent as they are and in this order.
    pub headers: Vec<(String, String)>,
    /// Sent whole, with its length.
    pub body: Vec<u8>,
}

impl Response {
    /// Refuses what is no response or could split one. The border calls it once; the handshake relies on it.
    pub fn validate(&self) -> Result<()> {
        let invalid = |detail| Err(Error::new(Status::INVALID_ARGUMENT, detail).with(|e| e.http_status = self.status));
        if !(200..=599).contains(&self.status) {
            return invalid("status: a response has one from 200 to 599");
        }
        if matches!(self.status, 204 | 205 | 304) && !self.body.is_empty() {
            return invalid("body: a response of this status has none"); // RFC 9110 §15.3.5, §15.3.6, §15.4.5
        }
        judge_fields(&self.headers)
    }

    /// As it goes over the wire; for HEAD without the body.
    pub(super) fn to_bytes(&self, policy: &ServerPolicy, method: &str) -> Vec<u8> {
        let mut headers = Headers::default();
        let own = |name: &str| self.headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(name));
        if self.status == 426 && !own(UPGRADE) {
            headers.add(UPGRADE, "websocket");
            headers.add(VERSION, VERSION_13);
        }
        if self.status == 405 && !own(ALLOW) {
            headers.add(ALLOW, "GET");
        }
        // RFC 9110 §7.8: whoever sends Upgrade says so in Connection.
        headers.add(CONNECTION, if self.status == 426 { "close, Upgrade" } else { "close" });
        // RFC 9110 §8.6: a 204 has none, and that of a 304 would be the length of what is not sent.
        if !matches!(self.status, 204 | 304) {
            headers.add(CONTENT_LENGTH, &self.body.len().to_string());
        }
        if !self.body.is_empty() && !own(CONTENT_TYPE) {
            headers.add(CONTENT_TYPE, "text/plain; charset=utf-8");
        }
        if let (false, Some(server)) = (own(SERVER), product(policy.server.as_deref())) {
            headers.add(SERVER, server);
        }
        add_own(&mut headers, &self.headers);
        let mut bytes = Head { start: StatusLine::new(self.status), headers }.to_bytes();
        if method != "HEAD" {
            bytes.extend_from_slice(&self.body);
        }
        bytes
    }

    /// For the host that made it.
    pub(super) fn as_error(&self) -> Error {
        Error::new(Status::HANDSHAKE_ABORTED, self.status.to_string()).with(|e| {
            e.http_status = self.status;
            e.headers.clone_from(&self.headers);
            e.body.clone_from(&self.body);
        })
    }
}
