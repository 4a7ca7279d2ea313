//! The engine room: the loop and everything that lives in it.
//!
//! Owns connections, listeners, timers, the memory that bytes arrive in and wait in, and the one lock around
//! all of them. Never interprets bytes (that is `session`), never calls the host (hooks are called by the
//! border, with no lock held, except the wake hook). Called by `ffi`.
//!
//! The way of a poll is in `poll`, one connection's turn in `serve`, a client's way to its server in `open`.

mod accept;
mod admission;
mod approach;
mod arena;
mod backlog;
mod backoff;
mod bell;
mod broadcast;
mod conn;
mod core;
mod delivery;
mod dial;
mod drain;
#[allow(clippy::module_inception)] // the room and the noun it is named after
mod engine;
mod event;
mod flags;
mod greeting;
mod guests;
mod handle;
mod home;
mod inbox;
mod io;
mod keys;
mod letter;
mod light;
mod listener;
mod log;
mod mailbox;
mod open;
mod plan;
mod poll;
mod pool;
mod pooling;
mod queueing;
mod reconnect;
mod recv;
mod secure;
mod sending;
mod serve;
mod slab;
mod timers;
mod topics;
mod usual;
mod wire;

pub use self::core::{Options, invalid_handle};
pub use backlog::{Overflow, Replay, Stock};
pub use backoff::Policy;
pub use broadcast::{Publication, Reached};
pub use conn::Traffic;
pub use drain::Farewell;
pub use engine::{ConnInfo, Connect, Engine, EngineInfo, WakeHook};
pub use event::{Event, EventKind, FLAG_CLEAN, FLAG_FIN, FLAG_RECONNECTED, Opened, Sink};
pub use handle::{ENGINES_MAX, GENERATION_MAX, Handle, Kind, SLOTS_MAX};
pub use home::Home;
pub use listener::{Caps, Listen, Reception};
pub use log::{Level, Line, is_logging, set_max_level};
pub use plan::Way;
pub use pool::{PoolCounts, PoolLimits};
pub use pooling::Acquire;
pub use reconnect::{Again, Revival};
pub use sending::PlainMessage;
pub use slab::{Slab, Tenant};
