//! The protocol room: RFC 6455 after the opening handshake, for both roles.
//!
//! Owns frames, masking, the assembly and checking of messages, control frames and the rules of the closing
//! handshake. It is fed bytes and gives bytes and events. Never touches a socket, a clock, a thread or a
//! source of randomness (masking keys are handed in), so the same bytes always give the same events.
//! Called by `session`, which adds the opening handshake and the deadlines.

mod broadcast;
mod buffer;
mod close;
mod coded;
mod connection;
mod frame;
mod laid;
mod mask;
mod messages;
mod outbox;
mod plain;
mod receiver;
mod shared;
mod shelf;
mod simd;
mod utf8;

pub use broadcast::Broadcast;
pub use buffer::{Buffer, Buffers};
pub use close::{check_close, close_code_for};
pub use connection::{Connection, Incoming, MaskSource, Tools, check_text};
pub use frame::{Header, MAX_CONTROL_PAYLOAD, MAX_HEADER, Opcode};
pub use laid::{Whole, lies_at, lies_behind};
pub use mask::{apply_mask, push_masked, unmask_text};
pub use outbox::Outbox;
pub use plain::{PLAIN_MAX, Plain, long_header};
pub use receiver::{Cut, Limits, Payload, Watch};
pub use shared::SharedFrame;
pub use shelf::{Kept, Shelf};

/// Which end of the connection this is (RFC 6455 §1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Masks what it sends, waits for the server to close TCP.
    Client,
    /// Never masks, closes TCP.
    Server,
}
