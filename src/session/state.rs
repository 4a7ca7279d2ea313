//! Where a session stands, and what that means for its transport.

/// Where a session stands, as hosts see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum State {
    /// The opening handshake is not done.
    Connecting = 0,
    /// Messages may be sent.
    Open = 1,
    /// The closing handshake has begun, or the connection broke.
    Closing = 2,
    /// It is over.
    Closed = 3,
    /// A client that was open, or tried to be, is down and tries again. No session is ever here: it is where a
    /// connection stands between two of its sessions.
    Reconnecting = 4,
}

impl State {
    /// As a bit of the masks in errors.
    pub fn bit(self) -> u32 {
        1 << self as u32
    }
}

/// What is to be done with the transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Read and write as usual.
    Keep,
    /// All has been said: end the writing direction and read on until the peer ends too, so that what was
    /// said last is not lost to a reset.
    HalfClose,
    /// It is over: close the transport.
    Drop,
}
