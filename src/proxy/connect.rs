//! HTTP's CONNECT (RFC 9110 §9.3.6).

use super::fault::{ended, garbled};
use super::proxy::Proxy;
use super::refusal::Refusal;
use super::step::Step;
use super::target::Target;
use crate::error::{Error, Result, Status};
use crate::http::{Head, HeadReader, Headers, Limits, RequestLine, StatusLine, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

/// What hawser calls itself.
const PRODUCT: &str = concat!("hawser/", env!("CARGO_PKG_VERSION"));

/// Waits for the response to a CONNECT.
#[derive(Debug)]
pub(super) struct Connect {
    phase: Phase,
    body_max: usize,
}

#[derive(Debug)]
enum Phase {
    Head(HeadReader<StatusLine>),
    /// The response refuses; its body is still coming.
    Body(Box<Refusal>),
}

impl Connect {
    /// The machine, and the request that it begins with.
    pub(super) fn new(proxy: &Proxy, target: &Target, head_max: usize, body_max: usize) -> (Self, Vec<u8>) {
        let phase = Phase::Head(HeadReader::new(Limits::with_head_max(head_max)));
        (Self { phase, body_max }, request(proxy, target))
    }

    pub(super) fn read(&mut self, input: &[u8]) -> Result<Step> {
        let mut taken = 0;
        while let Phase::Head(reader) = &mut self.phase {
            let rest = input.get(taken..).unwrap_or_default();
            let Some((head, used)) = reader.read(rest).map_err(|fault| in_head(&fault, reader))? else {
                return Ok(Step::NeedMore);
            };
            taken += used;
            judge_version(&head)?;
            match head.start.status {
                101 => {
                    return Err(name_status(garbled("the proxy switches to a protocol nobody asked for"), &head.start));
                }
                // RFC 9110 §15.2: any number of interim responses may come. Together they share the limit of one head.
                100..=199 => (),
                // §9.3.6: the tunnel begins behind the head, whatever it says about a body.
                200..=299 => return Ok(Step::Done { taken }),
                _ => self.phase = Phase::Body(Box::new(Refusal::new(&head, self.body_max))),
            }
        }
        self.read_body(input.get(taken..).unwrap_or_default())
    }

    fn read_body(&mut self, input: &[u8]) -> Result<Step> {
        match &mut self.phase {
            Phase::Body(refusal) => refusal.read(input).map_or(Ok(Step::NeedMore), Err),
            Phase::Head(_) => Ok(Step::NeedMore),
        }
    }

    pub(super) fn eof(&self) -> Error {
        match &self.phase {
            Phase::Head(reader) => {
                let error = ended(reader.taken());
                reader.start().map_or(error.clone(), |line| name_status(error, line))
            }
            Phase::Body(refusal) => refusal.eof(),
        }
    }

    pub(super) fn timed_out(&self) -> Option<Error> {
        match &self.phase {
            Phase::Head(_) => None,
            Phase::Body(refusal) => Some(refusal.timed_out()),
        }
    }
}

/// The request as it goes over the wire.
fn request(proxy: &Proxy, target: &Target) -> Vec<u8> {
    let authority = target.authority();
    let mut headers = Headers::default();
    headers.add("Host", &authority);
    if let Some((user, password)) = &proxy.user {
        let credentials = BASE64.encode(format!("{user}:{password}"));
        headers.add("Proxy-Authorization", &format!("Basic {credentials}"));
    }
    headers.add("User-Agent", PRODUCT);
    let start = RequestLine { method: "CONNECT".to_owned(), target: authority, version: Version::Http11 };
    Head { start, headers }.to_bytes()
}

/// HTTP/1.0 is as good here: there are proxies that never learned another, and what follows is not HTTP.
fn judge_version(head: &Head<StatusLine>) -> Result<()> {
    match head.start.version.as_str() {
        "HTTP/1.1" | "HTTP/1.0" => Ok(()),
        version => {
            let error = garbled("the version is neither HTTP/1.1 nor HTTP/1.0");
            Err(name_status(error, &head.start).with(|e| e.http_version = version.to_owned()))
        }
    }
}

/// A fault in the head: of its grammar, or a limit, which is told as the cause.
fn in_head(fault: &Error, reader: &HeadReader<StatusLine>) -> Error {
    let error = Error::new(Status::INVALID_PROXY_MESSAGE, fault.detail.clone()).with(|e| {
        e.position = fault.position;
        e.header_name.clone_from(&fault.header_name);
        e.header_value.clone_from(&fault.header_value);
    });
    let error = if fault.status.is_a(Status::SECURITY) { error.because(fault.clone()) } else { error };
    match reader.start() {
        Some(line) => name_status(error, line),
        None => error,
    }
}

fn name_status(error: Error, line: &StatusLine) -> Error {
    error.with(|e| {
        e.http_status = line.status;
        e.http_reason.clone_from(&line.reason);
    })
}
