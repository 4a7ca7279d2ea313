//! What can be wrong with what a proxy says.

use crate::error::{Error, Status};

/// It does not speak its protocol.
pub(super) fn garbled(detail: &'static str) -> Error {
    Error::new(Status::INVALID_PROXY_MESSAGE, detail)
}

/// The byte at this offset of a SOCKS answer cannot be there.
pub(super) fn wrong_byte(position: u64, detail: &'static str) -> Error {
    garbled(detail).with(|e| e.position = Some(position))
}

/// The connection ended after so many bytes of an answer.
pub(super) fn ended(taken: u64) -> Error {
    let detail = match taken {
        0 => "the proxy ended the connection without an answer",
        _ => "the proxy ended the connection inside its answer",
    };
    garbled(detail).with(|e| e.current_size = Some(taken)).because(Error::new(Status::UNEXPECTED_EOF, ""))
}

/// A SOCKS proxy says that it could not, or would not.
pub(super) fn refused(reply: u8, meaning: &'static str) -> Error {
    Error::new(Status::SOCKS_REPLY, meaning).with(|e| e.socks_reply = Some(reply))
}
