//! A response to CONNECT that refuses, and its body.

use crate::error::{Error, Status};
use crate::http::{BodyReader, Head, StatusLine, retry_after_ms};

/// A response other than 2xx, as it comes in. What it will be to the host is known from its head on; what is missing
/// is the beginning of the body, which often says more than the status. Nothing about that body takes its place: that
/// the proxy refuses is the news, even if the page it sends along is endless or garbled.
#[derive(Debug)]
pub(super) struct Refusal {
    error: Error,
    /// `None` if the head does not say in one voice how the body is framed.
    body: Option<BodyReader>,
}

impl Refusal {
    pub(super) fn new(head: &Head<StatusLine>, body_max: usize) -> Self {
        let status = match head.start.status {
            407 => Status::PROXY_AUTHENTICATION,
            _ => Status::INVALID_PROXY_STATUS,
        };
        let error = Error::new(status, head.start.status.to_string()).with(|e| {
            e.http_status = head.start.status;
            e.http_reason.clone_from(&head.start.reason);
            e.headers = head.headers.to_strings();
            e.retry_after_ms = retry_after_ms(&head.headers);
        });
        let body = BodyReader::new(head.start.status, &head.headers, body_max).ok();
        Self { error, body: body.map(BodyReader::filling_up) }
    }

    /// Takes the next bytes. Gives the error once its body is complete, over the limit or beyond understanding.
    pub(super) fn read(&mut self, input: &[u8]) -> Option<Error> {
        match self.body.as_mut().map(|body| body.read(input)) {
            Some(Ok(false)) => None,
            Some(Ok(true)) => Some(self.finish(false)),
            Some(Err(_)) | None => Some(self.finish(true)),
        }
    }

    /// The connection has ended, which may be how the body ends.
    pub(super) fn eof(&self) -> Error {
        self.finish(!self.body.as_ref().is_some_and(BodyReader::eof))
    }

    /// There is no more time for the body.
    pub(super) fn timed_out(&self) -> Error {
        self.finish(true)
    }

    fn finish(&self, truncated: bool) -> Error {
        self.error.clone().with(|e| {
            e.body = self.body.as_ref().map(|body| body.body().to_vec()).unwrap_or_default();
            e.body_truncated = truncated;
        })
    }
}
