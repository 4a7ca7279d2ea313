//! Sessions against each other and against hostile bytes, in memory: no socket, no clock, no luck.

#[path = "../common/pair.rs"]
mod pair;

mod closing;
mod compression;
mod conversation;
mod deadlines;
mod deciding;
mod heartbeat;
mod pace;
mod past;
mod reading;
mod sending;
