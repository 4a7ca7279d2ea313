//! The body of a message (RFC 9112 §6).

use super::chunked::Chunked;
use super::headers::Headers;
use crate::error::{Error, Result, Status};

/// How a head says that its body is framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Not at all: a request has no body then, a response goes on to the end of the connection.
    Unstated,
    /// By its length. One beyond all bounds is `u64::MAX`.
    Length(u64),
    /// By the chunked coding.
    Chunked,
}

impl Framing {
    /// What the head says. Anything that two readers might understand differently is INVALID_MESSAGE: both headers
    /// at once, a repeated one, a list, a sign, another coding (RFC 9112 §6.3).
    pub fn of(headers: &Headers) -> Result<Self> {
        let lengths = headers.get_all(LENGTH).count();
        let codings = headers.get_all(CODING).count();
        let length = headers.get_all(LENGTH).next().unwrap_or_default();
        let coding = headers.get_all(CODING).next().unwrap_or_default();
        let invalid = |name, detail| Err(headers.invalid(Status::INVALID_MESSAGE, name, detail));
        match (lengths, codings) {
            (0, 0) => Ok(Self::Unstated),
            (0, 1) if coding.eq_ignore_ascii_case(b"chunked") => Ok(Self::Chunked),
            (0, _) => invalid(CODING, "a transfer coding other than chunked"),
            (1, 0) if !length.is_empty() && length.iter().all(u8::is_ascii_digit) => Ok(Self::Length(number(length))),
            (_, 0) => invalid(LENGTH, "the length of the body is not one number"),
            (_, _) => invalid(CODING, "the body has both a length and a transfer coding"),
        }
    }
}

const LENGTH: &str = "Content-Length";
const CODING: &str = "Transfer-Encoding";

/// Digits to a number, however many there are.
fn number(digits: &[u8]) -> u64 {
    digits.iter().fold(0u64, |n, d| n.saturating_mul(10).saturating_add(u64::from(d.wrapping_sub(b'0'))))
}

/// Reads the body of a response, up to a limit. Memory grows with what has come, never with what is announced.
#[derive(Debug)]
pub struct BodyReader {
    decoder: Decoder,
    body: Vec<u8>,
    max: usize,
    fills_up: bool,
}

#[derive(Debug)]
enum Decoder {
    /// So many bytes are missing.
    Length(u64),
    Chunked(Chunked),
    ToEof,
}

impl BodyReader {
    /// For the body that follows the head of a response to a GET (RFC 9112 §6.3).
    pub fn new(status: u16, headers: &Headers, max: usize) -> Result<Self> {
        let decoder = match Framing::of(headers)? {
            _ if matches!(status, 100..=199 | 204 | 304) => Decoder::Length(0),
            Framing::Length(length) => Decoder::Length(length),
            Framing::Chunked => Decoder::Chunked(Chunked::new((max as u64).max(64 * 1024))),
            Framing::Unstated => Decoder::ToEof,
        };
        Ok(Self { decoder, body: Vec::new(), max, fills_up: false })
    }

    /// Reads on until the limit is reached where it would refuse what is announced beyond it: for a body of which the
    /// beginning is wanted, however long it is.
    #[must_use]
    pub fn filling_up(mut self) -> Self {
        self.fills_up = true;
        self
    }

    /// Takes the next bytes; true once the body is complete. What is announced beyond the limit is BODY_TOO_LARGE at
    /// once, with what has come still in [`body`](Self::body).
    pub fn read(&mut self, mut input: &[u8]) -> Result<bool> {
        while !input.is_empty() && !self.is_complete() {
            let (taken, data) = match &mut self.decoder {
                Decoder::ToEof => (input.len(), input),
                Decoder::Chunked(chunked) => chunked.step(input)?,
                Decoder::Length(left) => {
                    let data = usize::try_from(*left).ok().and_then(|left| input.get(..left)).unwrap_or(input);
                    *left -= data.len() as u64;
                    (data.len(), data)
                }
            };
            self.append(data)?;
            input = input.get(taken..).unwrap_or_default();
        }
        self.judge_announced()?;
        Ok(self.is_complete())
    }

    /// The connection has ended; true if that is how this body ends.
    pub fn eof(&self) -> bool {
        matches!(self.decoder, Decoder::ToEof) || self.is_complete()
    }

    /// What has come so far.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    fn is_complete(&self) -> bool {
        match &self.decoder {
            Decoder::Length(left) => *left == 0,
            Decoder::Chunked(chunked) => chunked.is_complete(),
            Decoder::ToEof => false,
        }
    }

    fn append(&mut self, data: &[u8]) -> Result<()> {
        let room = self.max.saturating_sub(self.body.len());
        self.body.extend_from_slice(data.get(..room).unwrap_or(data));
        match data.len() > room {
            true => Err(self.too_large(data.len() - room)),
            false => Ok(()),
        }
    }

    fn judge_announced(&self) -> Result<()> {
        let room = self.max.saturating_sub(self.body.len()) as u64;
        match self.announced() > room && !(self.fills_up && room > 0) {
            true => Err(self.too_large(0)),
            false => Ok(()),
        }
    }

    /// What the peer says is still to come; of the present chunk only, if there are chunks.
    fn announced(&self) -> u64 {
        match &self.decoder {
            Decoder::Length(left) => *left,
            Decoder::Chunked(chunked) => chunked.announced(),
            Decoder::ToEof => 0,
        }
    }

    fn too_large(&self, thrown_away: usize) -> Error {
        let met = (self.body.len() + thrown_away) as u64;
        Error::new(Status::BODY_TOO_LARGE, "the body of the response is over the limit").with(|e| {
            e.size = Some(met.saturating_add(self.announced()));
            e.max_size = Some(self.max as u64);
        })
    }
}
