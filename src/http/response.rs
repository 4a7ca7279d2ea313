//! The first line of a response (RFC 9112 §4).

use super::chars::lossy;
use super::head::{StartLine, malformed};
use super::version::Version;
use crate::error::{Result, Status};

/// `HTTP-version SP status-code SP [reason-phrase]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusLine {
    /// The version, well-formed but not judged.
    pub version: Version,
    /// 100 to 599.
    pub status: u16,
    /// May be empty.
    pub reason: String,
}

impl StatusLine {
    /// A status with its usual reason.
    pub fn new(status: u16) -> Self {
        Self { version: Version::Http11, status, reason: reason_phrase(status).to_owned() }
    }
}

impl StartLine for StatusLine {
    const TOO_LONG: Status = Status::STATUS_LINE_TOO_LONG;
    const BLANK_LINES: usize = 0;

    fn parse(line: &[u8]) -> Result<Self> {
        let mut parts = line.splitn(3, |b| *b == b' ');
        let name = parts.next().unwrap_or_default();
        let Some(version) = Version::parse(name) else {
            return Err(malformed(0, "no HTTP version at the start of the status line"));
        };
        let Some(status) = parts.next().and_then(parse_status) else {
            return Err(malformed(name.len() + 1, "the status is not a number from 100 to 599"));
        };
        // §4 wants a space even before an empty reason; many a server leaves it out, and nothing hangs on it.
        let reason = lossy(parts.next().unwrap_or_default());
        Ok(Self { version, status, reason })
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(format!("{} {} {}", self.version.as_str(), self.status, self.reason).as_bytes());
    }
}

/// Three digits, the first of them of a class that RFC 9110 §15 knows.
fn parse_status(digits: &[u8]) -> Option<u16> {
    match digits {
        [b'1'..=b'5', b'0'..=b'9', b'0'..=b'9'] => {
            Some(digits.iter().fold(0, |number, digit| number * 10 + u16::from(digit - b'0')))
        }
        _ => None,
    }
}

/// What RFC 9110 §15 calls the statuses that hawser itself answers with.
pub fn reason_phrase(status: u16) -> &'static str {
    match status {
        101 => "Switching Protocols",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        414 => "URI Too Long",
        426 => "Upgrade Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        503 => "Service Unavailable",
        505 => "HTTP Version Not Supported",
        _ => "",
    }
}
