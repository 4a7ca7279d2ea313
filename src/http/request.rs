//! The first line of a request (RFC 9112 §3).

use super::chars::{is_token, is_token_byte, lossy};
use super::head::{StartLine, malformed};
use super::masking::masked_reference;
use super::version::Version;
use crate::error::{Error, Result, Status};

/// `method SP request-target SP HTTP-version`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestLine {
    /// A token.
    pub method: String,
    /// Visible ASCII, of whatever form.
    pub target: String,
    /// The version, well-formed but not judged.
    pub version: Version,
}

impl RequestLine {
    /// `GET target HTTP/1.1`, the request line of every opening handshake.
    pub fn get(target: &str) -> Self {
        Self { method: "GET".to_owned(), target: target.to_owned(), version: Version::Http11 }
    }

    /// The target is a path and perhaps a query (RFC 9112 §3.2.1), not a whole URI, an authority or `*`.
    pub fn is_origin_form(&self) -> bool {
        self.target.starts_with('/') && !self.target.contains('#')
    }

    /// The authority of a target that is a whole `http` or `https` URI (RFC 9112 §3.2.2), and the target without it.
    pub fn absolute_form(&self) -> Option<(&str, String)> {
        let (scheme, rest) = self.target.split_once("://")?;
        if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) || rest.contains('#') {
            return None;
        }
        let (authority, target) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        Some((authority, if target.starts_with('/') { target.to_owned() } else { format!("/{target}") }))
    }
}

impl StartLine for RequestLine {
    const TOO_LONG: Status = Status::REQUEST_LINE_TOO_LONG;
    const BLANK_LINES: usize = 1;

    fn parse(line: &[u8]) -> Result<Self> {
        let mut parts = line.split(|b| *b == b' ');
        let (Some(method), Some(target), Some(version), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(malformed(0, "a request line is a method, a target and a version, one space apart"));
        };
        if !is_token(method) {
            let at = method.iter().position(|b| !is_token_byte(*b)).unwrap_or(0);
            return Err(malformed(at, "the method is not a token"));
        }
        let named = |error: Error| {
            error.with(|e| {
                e.http_method = lossy(method);
                e.uri = masked_reference(&lossy(target));
            })
        };
        if let Some(at) = first_unfit(target) {
            return Err(named(malformed(method.len() + 1 + at, "the request target is not visible ASCII")));
        }
        let Some(version) = Version::parse(version) else {
            return Err(named(malformed(
                method.len() + target.len() + 2,
                "no HTTP version at the end of the request line",
            )));
        };
        Ok(Self { method: lossy(method), target: lossy(target), version })
    }

    fn write(&self, out: &mut Vec<u8>) {
        let version = self.version.as_str();
        for part in [self.method.as_str(), " ", &self.target, " ", version] {
            out.extend_from_slice(part.as_bytes());
        }
    }
}

/// The first byte that a target cannot have, or its end if it is empty.
fn first_unfit(target: &[u8]) -> Option<usize> {
    target.iter().position(|b| !b.is_ascii_graphic()).or(target.is_empty().then_some(0))
}
