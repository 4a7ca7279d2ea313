//! The session room: one WebSocket from its first byte to its last, as a state machine over bytes and time.
//!
//! Owns the succession of opening handshake, conversation and closing handshake, the deadlines of each, and the
//! keepalive. Bytes and `now` go in; bytes, notices and the next deadline come out. Never touches a socket,
//! a clock, a thread or a source of randomness, so tests drive two sessions against each other in memory.
//! Called by `engine`, which owns sockets and clock.

mod deadlines;
mod ending;
mod handover;
mod heartbeat;
mod notice;
mod opening;
mod pace;
mod past;
mod ping;
mod queue;
mod run;
mod sending;
#[allow(clippy::module_inception)] // the room and the noun it is named after
mod session;
mod settings;
mod sharing;
mod state;
mod terms;

pub use heartbeat::{Answer, Heartbeat};
pub use notice::{Counters, Heard, Kit, Notice};
pub use past::Transport;
pub use queue::{Overflow, Queue};
pub use run::{Many, One, Run};
pub use sending::Outgoing;
pub use session::Session;
pub use settings::{Settings, Timers};
pub use sharing::Shared;
pub use state::{Fate, State};
pub use terms::Terms;

/// Microseconds on a clock that never goes back and starts anywhere.
pub type Time = u64;

/// A deadline that does not come.
pub const NEVER: Time = Time::MAX;
