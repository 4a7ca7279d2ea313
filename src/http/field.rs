//! One header field.

use super::chars::{is_ows, is_token, is_token_byte, lossy, trim_ows};
use super::head::malformed;
use super::masking::{shown_name, shown_value};
use crate::error::Result;
use std::fmt;

/// A name and a value, as they stand in the message. Debug shows no secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Field {
    /// A token; its case is the sender's.
    pub name: String,
    /// Without the whitespace around it. May hold obs-text (RFC 9110 §5.5), so it need not be UTF-8.
    pub value: Vec<u8>,
}

impl Field {
    /// A field of our own making. The caller answers for both parts being fit for a head.
    pub fn new(name: &str, value: &str) -> Self {
        Self { name: name.to_owned(), value: value.as_bytes().to_vec() }
    }

    /// `field-line` of RFC 9112 §5: name, colon, value; no line folding, no space before the colon. What is allowed
    /// on a line at all, the line reader has seen to. Positions are offsets in the line.
    pub(super) fn parse(line: &[u8]) -> Result<Self> {
        if line.first().copied().is_some_and(is_ows) {
            return Err(malformed(0, "whitespace before a header's name, or obsolete line folding"));
        }
        let mut parts = line.splitn(2, |b| *b == b':');
        let (Some(name), Some(value)) = (parts.next(), parts.next()) else {
            return Err(malformed(line.len(), "a header line without a colon"));
        };
        let value = trim_ows(value);
        match judge_name(name) {
            Ok(()) => Ok(Self { name: lossy(name), value: value.to_vec() }),
            Err(error) => Err(error.with(|e| {
                e.header_name = shown_name(&lossy(trim_ows(name)));
                e.header_value = Some(shown_value(&e.header_name, &lossy(value)));
            })),
        }
    }

    /// Name and value of a line that is refused, as far as they can be told and shown.
    pub(super) fn guess(line: &[u8]) -> Option<(String, String)> {
        let mut parts = line.splitn(2, |b| *b == b':');
        let name = parts.next().filter(|name| is_token(name))?;
        let value = lossy(trim_ows(parts.next()?));
        Some((lossy(name), shown_value(&lossy(name), &value)))
    }

    /// The value as an error may have it.
    pub(super) fn shown(&self) -> String {
        shown_value(&self.name, &lossy(&self.value))
    }

    /// The name, whatever its case.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// Appends the field as a line.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        for part in [self.name.as_bytes(), b": ", &self.value, b"\r\n"] {
            out.extend_from_slice(part);
        }
    }
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}", self.name, self.shown())
    }
}

fn judge_name(name: &[u8]) -> Result<()> {
    match name.iter().position(|b| !is_token_byte(*b)) {
        None if name.is_empty() => Err(malformed(0, "a header without a name")),
        None => Ok(()),
        // RFC 9112 §5.1: a proxy that strips the space and a server that keeps it would see different headers.
        Some(at) if name.iter().skip(at).copied().all(is_ows) => {
            Err(malformed(at, "whitespace between a header's name and its colon"))
        }
        Some(at) => Err(malformed(at, "a header's name is not a token")),
    }
}
