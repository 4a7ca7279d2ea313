//! The version of a message.

use super::chars::lossy;
use crate::error::{Error, Result, Status};

/// What a start line says about the version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Version {
    /// `HTTP/1.1`, the only one a handshake is spoken in (RFC 6455 §4.1).
    Http11,
    /// Another one, as the peer wrote it.
    Other(String),
}

impl Version {
    /// `HTTP/` and a number. More than RFC 9112 §2.3 allows ("HTTP/2", "HTTP/1.10"), so that whoever speaks another
    /// HTTP learns that it is the version and not the grammar; `None` for anything else.
    pub fn parse(text: &[u8]) -> Option<Self> {
        if text == b"HTTP/1.1" {
            return Some(Self::Http11);
        }
        let number = text.strip_prefix(b"HTTP/")?;
        let mut parts = number.splitn(2, |b| *b == b'.');
        let is_number = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
        parts.all(is_number).then(|| Self::Other(lossy(text)))
    }

    /// As the peer wrote it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Http11 => "HTTP/1.1",
            Self::Other(text) => text,
        }
    }

    /// Refuses every other version with INVALID_HTTP_VERSION.
    pub fn require_http_11(&self) -> Result<()> {
        match self {
            Self::Http11 => Ok(()),
            Self::Other(text) => Err(Error::new(Status::INVALID_HTTP_VERSION, "the version must be HTTP/1.1")
                .with(|e| e.http_version = text.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_another_version_from_no_version() {
        assert_eq!(Version::parse(b"HTTP/1.1"), Some(Version::Http11));
        for other in ["HTTP/1.0", "HTTP/1.10", "HTTP/2", "HTTP/2.0", "HTTP/0.9", "HTTP/01.1"] {
            assert_eq!(Version::parse(other.as_bytes()).map(|v| v.as_str().to_owned()), Some(other.to_owned()));
        }
        for none in ["", "HTTP/", "HTTP/1.", "HTTP/.1", "http/1.1", "HTTP/1.1.1", "HTTP/+1.1", "HTTP/1.1x", "SSH-2.0"] {
            assert_eq!(Version::parse(none.as_bytes()), None, "{none}");
        }
    }
}
