//! A response that refuses the handshake, and its body.

use super::names::{LOCATION, RETRY_AFTER};
use crate::error::{Error, Result, Secret, Status};
use crate::http::{BodyReader, Head, Headers, StatusLine, lossy, masked_reference};

/// A response other than 101, as it comes in. What it will be to the host is known from its head on; what is missing
/// is the body, which often says more than the status.
#[derive(Debug)]
pub(super) struct Refusal {
    error: Error,
    body: BodyReader,
}

impl Refusal {
    pub(super) fn new(head: &Head<StatusLine>, body_max: usize) -> Result<Self> {
        let error = error_for(head);
        match BodyReader::new(head.start.status, &head.headers, body_max) {
            Ok(body) => Ok(Self { error, body }),
            Err(fault) => Err(describe(fault, head).with(|e| e.body_truncated = true)),
        }
    }

    /// Takes the next bytes. Gives the error once it is complete, be it the refusal or what is wrong with its body.
    pub(super) fn read(&mut self, input: &[u8]) -> Option<Error> {
        match self.body.read(input) {
            Ok(false) => None,
            Ok(true) => Some(self.finish(false)),
            Err(fault) => {
                let refusal = self.finish(true);
                Some(fault.with(|e| {
                    e.http_status = refusal.http_status;
                    e.http_reason = refusal.http_reason.clone();
                    e.headers = refusal.headers.clone();
                    e.body = refusal.body.clone();
                    e.body_truncated = true;
                }))
            }
        }
    }

    /// The connection has ended, which may be how the body ends.
    pub(super) fn eof(&self) -> Error {
        self.finish(!self.body.eof())
    }

    /// There is no more time for the body.
    pub(super) fn timed_out(&self) -> Error {
        self.finish(true)
    }

    fn finish(&self, truncated: bool) -> Error {
        self.error.clone().with(|e| {
            e.body = self.body.body().to_vec();
            e.body_truncated = truncated;
        })
    }
}

/// An error that knows of the response it is about.
pub(super) fn describe(error: Error, head: &Head<StatusLine>) -> Error {
    error.with(|e| {
        e.http_status = head.start.status;
        e.http_reason = head.start.reason.clone();
        e.headers = head.headers.to_shown();
    })
}

/// REDIRECT if the response leads elsewhere, INVALID_STATUS for everything else.
fn error_for(head: &Head<StatusLine>) -> Error {
    let location = location(head);
    let error = match location {
        Some(_) => Error::new(Status::REDIRECT, "redirects are not followed"),
        None => Error::new(Status::INVALID_STATUS, head.start.status.to_string()),
    };
    describe(error, head).with(|e| {
        if let Some(sent) = location {
            e.location = masked_reference(&sent);
            if e.location != sent {
                e.location_as_sent = Secret::new(sent);
            }
        }
        e.retry_after_ms = retry_after_ms(&head.headers);
    })
}

/// Where a redirect leads (RFC 9110 §15.4). With several Locations it leads nowhere.
fn location(head: &Head<StatusLine>) -> Option<String> {
    let is_redirect = matches!(head.start.status, 300..=303 | 307 | 308);
    let value = head.headers.one(LOCATION).ok().flatten();
    value.filter(|value| is_redirect && !value.is_empty()).map(lossy)
}

/// `delay-seconds` of RFC 9110 §10.2.3. The other form, a date, would take a clock. More than C's signed milliseconds
/// can hold is as much as they can hold.
fn retry_after_ms(headers: &Headers) -> Option<u64> {
    let value = headers.one(RETRY_AFTER).ok().flatten()?;
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let seconds = std::str::from_utf8(value).ok()?.parse::<u64>().unwrap_or(u64::MAX);
    Some(seconds.saturating_mul(1000).min(i64::MAX as u64))
}
