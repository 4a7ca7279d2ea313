//! The server's half: judges the request, answers it.

use super::names::{CONTENT_LENGTH, HOST, KEY, TRANSFER_ENCODING, VERSION, VERSION_13};
use super::policy::ServerPolicy;
use super::{Handshake, authorization, extensions, key, origin, reply, subprotocol, upgrade};
use crate::error::{Error, Operation, Result, Status};
use crate::http::{Framing, Head, HeadReader, Headers, HostPort, Limits, RequestLine, lossy, masked_reference};

/// An opening handshake under way. Gives one result, `Open` or `Refused`, and is of no use after it. Holds nothing
/// before the first byte, and nothing after the result.
#[derive(Debug, Default)]
pub struct ServerHandshake {
    phase: Phase,
}

#[derive(Debug, Default)]
enum Phase {
    /// Not a byte has come.
    #[default]
    Fresh,
    Head(Box<HeadReader<RequestLine>>),
    Done,
}

/// How far the handshake is.
#[derive(Debug)]
#[allow(clippy::large_enum_variant)] // made once a connection, and taken apart at once
pub enum ServerProgress {
    /// All bytes were taken, more are needed.
    NeedMore,
    /// The request is granted.
    Open {
        /// Bytes of the input that belong to the handshake. Those behind them are frames.
        consumed: usize,
        /// For the client; the connection is open when it is sent.
        reply: Vec<u8>,
        /// What was agreed on.
        handshake: Handshake,
    },
    /// The request is refused.
    Refused {
        /// For the client; then the connection is to be closed.
        reply: Vec<u8>,
        /// For the host, with the status that was answered.
        error: Error,
    },
}

impl ServerHandshake {
    /// Nothing received yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes from the client; `policy` has been validated and is the same every time. After a result
    /// there is nothing more to say: `Refused` with INVALID_STATE and no reply.
    pub fn receive(&mut self, policy: &ServerPolicy, input: &[u8]) -> ServerProgress {
        let mut reader = match std::mem::replace(&mut self.phase, Phase::Done) {
            Phase::Head(reader) => reader,
            Phase::Fresh => Box::new(HeadReader::new(Limits::with_head_max(policy.head_max))),
            Phase::Done => return ServerProgress::Refused { reply: Vec::new(), error: is_over() },
        };
        match reader.read(input) {
            Ok(None) => {
                self.phase = if reader.taken() == 0 { Phase::Fresh } else { Phase::Head(reader) };
                ServerProgress::NeedMore
            }
            Ok(Some((head, consumed))) => match judge(&head, policy) {
                Ok((reply, handshake)) => ServerProgress::Open { consumed, reply, handshake },
                Err(error) => refuse(policy, name_request(error, Some(&head.start))),
            },
            Err(error) => refuse(policy, name_request(error, reader.start())),
        }
    }

    /// The client has ended the connection.
    pub fn eof(&self) -> Error {
        let reader = match &self.phase {
            Phase::Fresh => return ended("the client ended the connection without a request"),
            Phase::Head(reader) => reader,
            Phase::Done => return is_over(),
        };
        let error = ended("the client ended the connection inside its request");
        name_request(error, reader.start()).with(|e| e.current_size = Some(reader.taken()))
    }
}

/// Grants a request or refuses it (RFC 6455 §4.2.1), from the outside in: is it HTTP as we speak it, does it ask for
/// WebSocket, is it a request of this version, may this page ask, may this user, is there something to talk about. A
/// page that may not ask learns nothing about users, and who is no user nothing about subprotocols.
fn judge(head: &Head<RequestLine>, policy: &ServerPolicy) -> Result<(Vec<u8>, Handshake)> {
    let headers = &head.headers;
    head.start.version.require_http_11()?;
    judge_method(&head.start)?;
    judge_body(headers)?;
    let host = judge_host(headers)?;
    upgrade::judge_request(headers)?;
    judge_version(headers)?;
    let key = judge_key(headers)?;
    let origin = origin::judge(headers, policy)?;
    let user = authorization::judge(headers, policy)?;
    let choice = extensions::choose(&policy.extensions, headers)?;
    let agreed_extensions = extensions::to_value(&choice.answer);
    let offered = subprotocol::offered(headers)?;
    let chosen = subprotocol::choose(&offered, &policy.subprotocols, policy.subprotocol_required)?;
    let reply = reply::switching(policy, key, chosen.as_deref(), &agreed_extensions);
    let handshake = Handshake {
        http_status: 101,
        method: head.start.method.clone(),
        target: head.start.target.clone(),
        host,
        origin,
        subprotocol: chosen.unwrap_or_default(),
        extensions: agreed_extensions,
        agreed: choice.agreed,
        declined: choice.declined,
        subprotocols_offered: offered,
        user,
        headers: headers.to_strings(),
    };
    Ok((reply, handshake))
}

fn judge_method(line: &RequestLine) -> Result<()> {
    if line.method != "GET" {
        return Err(Error::new(Status::INVALID_METHOD, "an opening handshake is a GET request"));
    }
    match line.is_origin_form() {
        true => Ok(()),
        false => Err(Error::new(Status::INVALID_MESSAGE, "the request target is not a path")
            .with(|e| e.position = Some(line.method.len() as u64 + 1))),
    }
}

/// A body would be read as frames by us and as a body by a proxy before us, so there is to be none.
fn judge_body(headers: &Headers) -> Result<()> {
    let refuse = |name| Err(headers.invalid(Status::INVALID_MESSAGE, name, "an opening handshake has no body"));
    match Framing::of(headers)? {
        Framing::Unstated | Framing::Length(0) => Ok(()),
        Framing::Length(_) => refuse(CONTENT_LENGTH),
        Framing::Chunked => refuse(TRANSFER_ENCODING),
    }
}

/// RFC 9112 §3.2: exactly one, and a valid one.
fn judge_host(headers: &Headers) -> Result<String> {
    let host = lossy(headers.required(HOST)?);
    match HostPort::parse(&host) {
        Some(_) => Ok(host),
        None => {
            let detail = "the Host header is not a host, or a host and a port";
            Err(headers.invalid(Status::INVALID_HEADER_VALUE, HOST, detail))
        }
    }
}

fn judge_version(headers: &Headers) -> Result<()> {
    match headers.required(VERSION)? == VERSION_13.as_bytes() {
        true => Ok(()),
        false => {
            let detail = "the version of the WebSocket protocol must be 13";
            Err(headers.invalid(Status::INVALID_HEADER_VALUE, VERSION, detail))
        }
    }
}

fn judge_key(headers: &Headers) -> Result<&[u8]> {
    let key = headers.required(KEY)?;
    match key::is_key(key) {
        true => Ok(key),
        false => {
            let detail = "the key is not base64 of 16 bytes";
            Err(headers.invalid(Status::INVALID_HEADER_VALUE, KEY, detail))
        }
    }
}

fn refuse(policy: &ServerPolicy, error: Error) -> ServerProgress {
    let status = reply::status_for(&error);
    let reply = reply::refusal(policy, status, &error);
    let error = error.during(Operation::Handshake).with(|e| e.http_status = status);
    ServerProgress::Refused { reply, error }
}

/// An error that knows of the request it is about.
fn name_request(error: Error, line: Option<&RequestLine>) -> Error {
    match line {
        None => error,
        Some(line) => error.with(|e| {
            e.http_method.clone_from(&line.method);
            e.uri = masked_reference(&line.target);
        }),
    }
}

fn ended(detail: &'static str) -> Error {
    Error::new(Status::INVALID_MESSAGE_EOF, detail).during(Operation::Handshake)
}

fn is_over() -> Error {
    Error::new(Status::INVALID_STATE, "this opening handshake is over").during(Operation::Handshake)
}
