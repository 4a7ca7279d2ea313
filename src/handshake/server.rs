//! The server's half: judges the request, answers it.

use std::sync::Arc;

use super::asked::Asked;
use super::names::{CONTENT_LENGTH, KEY, TRANSFER_ENCODING, VERSION, VERSION_13};
use super::policy::ServerPolicy;
use super::response::Response;
use super::route::{Answer, Gate};
use super::site::{Routed, Site};
use super::{Handshake, authorization, extensions, host, key, origin, reply, subprotocol, upgrade};
use crate::error::{Error, Operation, Result, Status};
use crate::http::{Framing, Head, HeadReader, Headers, Limits, RequestLine, masked_reference};

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
    /// The request is as it should be, and the host's to decide on.
    Asked {
        /// As for `Open`.
        consumed: usize,
        /// The request.
        asked: Asked,
    },
    /// The request has got the response that its route has for everybody.
    Answered {
        /// For the client; then the connection is to be closed.
        reply: Vec<u8>,
        /// The same for the host.
        error: Error,
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

    /// Takes the next bytes from the client; `site` has been validated and is the same every time. After a result
    /// there is nothing more to say: `Refused` with INVALID_STATE and no reply.
    pub fn receive(&mut self, site: &Site, input: &[u8]) -> ServerProgress {
        let mut reader = match std::mem::replace(&mut self.phase, Phase::Done) {
            Phase::Head(reader) => reader,
            Phase::Fresh => Box::new(HeadReader::new(Limits::with_head_max(site.policy.head_max))),
            Phase::Done => return ServerProgress::Refused { reply: Vec::new(), error: is_over() },
        };
        match reader.read(input) {
            Ok(None) => {
                self.phase = if reader.taken() == 0 { Phase::Fresh } else { Phase::Head(reader) };
                ServerProgress::NeedMore
            }
            Ok(Some((head, consumed))) => decide(&host::in_origin_form(&head).unwrap_or(head), consumed, site),
            Err(error) => refuse(&site.policy, name_request(error, reader.start())),
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

/// Grants a request, refuses it, answers it, or leaves it to the host, as its path wants it.
fn decide(head: &Head<RequestLine>, consumed: usize, site: &Site) -> ServerProgress {
    let routed = match head.start.is_origin_form() {
        true => site.find(&head.start.target),
        false => Ok(None), // which no WebSocket has
    };
    let (gate, decided) = match routed {
        Err(error) => (None, Err(error)),
        Ok(None) => (None, open(head, consumed, &site.policy, None)),
        Ok(Some(routed)) => match &Arc::clone(&routed.route).answer {
            Answer::Response(response) => (None, answer(head, response, &site.policy)),
            Answer::WebSocket(gate) if gate.decide => (Some(Arc::clone(gate)), ask(head, consumed, gate, routed)),
            Answer::WebSocket(gate) => {
                (Some(Arc::clone(gate)), open(head, consumed, &gate.policy, Some((gate, routed))))
            }
        },
    };
    let policy = gate.as_ref().map_or(&site.policy, |gate| &gate.policy);
    decided.unwrap_or_else(|error| refuse(policy, name_request(error, Some(&head.start))))
}

/// A request that is granted if it is as it should be.
fn open(
    head: &Head<RequestLine>,
    consumed: usize,
    policy: &ServerPolicy,
    routed: Option<(&Gate, Routed)>,
) -> Result<ServerProgress> {
    let (key, mut handshake) = judge(head, policy)?;
    if let Some((gate, routed)) = routed {
        handshake.route = Some(gate.admit(routed)?);
    }
    handshake.http_status = 101;
    let reply = reply::switching(policy, key, &handshake.subprotocol, &handshake.extensions, &[]);
    Ok(ServerProgress::Open { consumed, reply, handshake })
}

/// A request that the host decides on, if it is as it should be: also one that asks for no WebSocket.
fn ask(head: &Head<RequestLine>, consumed: usize, gate: &Arc<Gate>, routed: Routed) -> Result<ServerProgress> {
    let headers = &head.headers;
    let (key, mut handshake) = match upgrade::is_wanted(headers)? {
        true => judge(head, &gate.policy).map(|(key, handshake)| (Some(key.to_vec()), handshake))?,
        false => (None, judge_plain(head, &gate.policy)?),
    };
    handshake.route = Some(gate.admit(routed)?);
    Ok(ServerProgress::Asked { consumed, asked: Asked::new(handshake, key, Arc::clone(gate)) })
}

/// A request whose path has one response for everybody.
fn answer(head: &Head<RequestLine>, response: &Response, policy: &ServerPolicy) -> Result<ServerProgress> {
    head.start.version.require_http_11()?;
    judge_reading(&head.start)?;
    judge_body(&head.headers)?;
    host::judge(&head.headers, policy)?;
    let error = name_request(response.as_error(), Some(&head.start));
    Ok(ServerProgress::Answered { reply: response.to_bytes(policy, &head.start.method), error })
}

/// Judges a request (RFC 6455 §4.2.1), from the outside in: is it HTTP as we speak it, does it ask for WebSocket, is it
/// a request of this version, may this page ask, may this user, is there something to talk about. A page that may not
/// ask learns nothing about users, and who is no user nothing about subprotocols. Gives the key, and what is agreed on
/// if the request is granted.
fn judge<'a>(head: &'a Head<RequestLine>, policy: &ServerPolicy) -> Result<(&'a [u8], Handshake)> {
    let headers = &head.headers;
    head.start.version.require_http_11()?;
    judge_method(&head.start)?;
    judge_body(headers)?;
    let host = host::judge(headers, policy)?;
    upgrade::judge_request(headers)?;
    judge_version(headers)?;
    let key = judge_key(headers)?;
    let origin = origin::judge(headers, policy)?;
    let user = authorization::judge(headers, policy)?;
    let choice = extensions::choose(&policy.extensions, headers)?;
    let offered = subprotocol::offered(headers)?;
    let chosen = subprotocol::choose(&offered, &policy.subprotocols, policy.subprotocol_required)?;
    let handshake = Handshake {
        host,
        origin,
        subprotocol: chosen.unwrap_or_default(),
        extensions: extensions::to_value(&choice.answer),
        agreed: choice.agreed,
        declined: choice.declined,
        subprotocols_offered: offered,
        user,
        ..asked_by(head)
    };
    Ok((key, handshake))
}

/// The same for a request that asks for no WebSocket: may this page read, may this user.
fn judge_plain(head: &Head<RequestLine>, policy: &ServerPolicy) -> Result<Handshake> {
    head.start.version.require_http_11()?;
    judge_reading(&head.start)?;
    judge_body(&head.headers)?;
    let host = host::judge(&head.headers, policy)?;
    let origin = origin::judge(&head.headers, policy)?;
    let user = authorization::judge(&head.headers, policy)?;
    Ok(Handshake { host, origin, user, ..asked_by(head) })
}

/// What a request says, whatever it asks for.
fn asked_by(head: &Head<RequestLine>) -> Handshake {
    Handshake {
        method: head.start.method.clone(),
        target: head.start.target.clone(),
        headers: head.headers.to_strings(),
        ..Handshake::default()
    }
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

fn judge_reading(line: &RequestLine) -> Result<()> {
    match line.method.as_str() {
        "GET" | "HEAD" => Ok(()),
        _ => Err(Error::new(Status::INVALID_METHOD, "what is at this path can be read, and that is all")),
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
