//! The client's half: sends the request, holds the response against it.

use super::extensions;
use super::names::ACCEPT;
use super::refusal::{Refusal, describe};
use super::request::ClientRequest;
use super::{Handshake, key, subprotocol, upgrade};
use crate::error::{Error, Operation, Result, Status};
use crate::extension::Extensions;
use crate::http::{HeadReader, Headers, Limits, StatusLine};

/// An opening handshake under way. Gives one result, `Open` or an error, and is of no use after it.
#[derive(Debug)]
pub struct ClientHandshake {
    accept: String,
    subprotocol_required: bool,
    extensions: Extensions,
    body_max: usize,
    /// For errors.
    uri: String,
    /// What our half of the result is.
    asked: Handshake,
    phase: Phase,
}

#[derive(Debug)]
enum Phase {
    Head(HeadReader<StatusLine>),
    /// The response refuses; its body is still coming.
    Body(Box<Refusal>),
    Done,
}

/// How far the handshake is.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "made once a connection and taken apart at once")]
pub enum ClientProgress {
    /// All bytes were taken, more are needed.
    NeedMore,
    /// The connection is open.
    Open {
        /// Bytes of the input that belong to the handshake. Those behind them are frames.
        consumed: usize,
        /// What was agreed on.
        handshake: Handshake,
    },
}

impl ClientHandshake {
    /// Begins a handshake for a validated request; the bytes are for the server. `nonce` comes from a CSPRNG, fresh
    /// for every attempt.
    pub fn new(request: &ClientRequest, nonce: [u8; 16]) -> (Self, Vec<u8>) {
        let key = key::key_from(nonce);
        let handshake = Self {
            accept: key::accept_for(key.as_bytes()),
            subprotocol_required: request.subprotocol_required,
            extensions: request.extensions,
            body_max: request.body_max,
            uri: request.uri.to_string(),
            asked: Handshake {
                method: "GET".to_owned(),
                target: request.uri.target.clone(),
                host: request.host(),
                origin: request.origin().to_owned(),
                subprotocols_offered: request.subprotocols.clone(),
                ..Handshake::default()
            },
            phase: Phase::Head(HeadReader::new(Limits::with_head_max(request.head_max))),
        };
        (handshake, request.to_bytes(&key))
    }

    /// Takes the next bytes from the server. The error of a refused handshake waits for the body of the response.
    pub fn receive(&mut self, input: &[u8]) -> Result<ClientProgress> {
        let result = match std::mem::replace(&mut self.phase, Phase::Done) {
            Phase::Head(reader) => self.read_head(reader, input),
            Phase::Body(refusal) => self.read_body(refusal, input),
            Phase::Done => Err(is_over()),
        };
        result.map_err(|error| self.finish(error))
    }

    /// The server has ended the connection.
    pub fn eof(&mut self) -> Error {
        let error = match std::mem::replace(&mut self.phase, Phase::Done) {
            Phase::Head(reader) => ended_in_head(&reader),
            Phase::Body(refusal) => refusal.eof(),
            Phase::Done => is_over(),
        };
        self.finish(error)
    }

    /// What to report when there is no more time: a refusal of which only the body is missing, else a timeout, which
    /// is for the caller to make.
    pub fn timed_out(&self) -> Option<Error> {
        match &self.phase {
            Phase::Body(refusal) => Some(self.finish(refusal.timed_out())),
            Phase::Head(_) | Phase::Done => None,
        }
    }

    fn read_head(&mut self, mut reader: HeadReader<StatusLine>, input: &[u8]) -> Result<ClientProgress> {
        let mut consumed = 0;
        loop {
            let rest = input.get(consumed..).unwrap_or_default();
            let Some((head, taken)) = reader.read(rest).map_err(|error| name_status(error, &reader))? else {
                self.phase = Phase::Head(reader);
                return Ok(ClientProgress::NeedMore);
            };
            consumed += taken;
            head.start.version.require_http_11().map_err(|error| describe(error, &head))?;
            match head.start.status {
                101 => {
                    let handshake = self.judge(&head.headers).map_err(|error| describe(error, &head))?;
                    return Ok(ClientProgress::Open { consumed, handshake });
                }
                // RFC 9110 §15.2: any number of interim responses may come. Together they share the limit of one head.
                100..=199 => (),
                _ => {
                    let refusal = Refusal::new(&head, self.body_max)?;
                    return self.read_body(Box::new(refusal), input.get(consumed..).unwrap_or_default());
                }
            }
        }
    }

    fn read_body(&mut self, mut refusal: Box<Refusal>, input: &[u8]) -> Result<ClientProgress> {
        match refusal.read(input) {
            Some(error) => Err(error),
            None => {
                self.phase = Phase::Body(refusal);
                Ok(ClientProgress::NeedMore)
            }
        }
    }

    /// Holds a 101 against the request (RFC 6455 §4.1).
    fn judge(&self, headers: &Headers) -> Result<Handshake> {
        upgrade::judge_response(headers)?;
        if headers.required(ACCEPT)? != self.accept.as_bytes() {
            let detail = "the value does not answer the key of the request";
            return Err(headers.invalid(Status::INVALID_HEADER_VALUE, ACCEPT, detail));
        }
        let (extensions, agreed) = extensions::agree(&self.extensions, headers)?;
        let offered = &self.asked.subprotocols_offered;
        let subprotocol = subprotocol::agreed(headers, offered, self.subprotocol_required)?;
        Ok(Handshake {
            http_status: 101,
            subprotocol: subprotocol.unwrap_or_default(),
            extensions,
            agreed,
            headers: headers.to_strings(),
            ..self.asked.clone()
        })
    }

    fn finish(&self, error: Error) -> Error {
        error.during(Operation::Handshake).with(|e| e.uri.clone_from(&self.uri))
    }
}

/// An error inside a head whose status line has come.
fn name_status(error: Error, reader: &HeadReader<StatusLine>) -> Error {
    match reader.start() {
        None => error,
        Some(line) => error.with(|e| {
            e.http_status = line.status;
            e.http_reason.clone_from(&line.reason);
        }),
    }
}

fn ended_in_head(reader: &HeadReader<StatusLine>) -> Error {
    let detail = match reader.taken() {
        0 => "the server ended the connection without a response",
        _ => "the server ended the connection inside its response",
    };
    let error = Error::new(Status::INVALID_MESSAGE_EOF, detail).with(|e| e.current_size = Some(reader.taken()));
    name_status(error, reader)
}

fn is_over() -> Error {
    Error::new(Status::INVALID_STATE, "this opening handshake is over")
}
