//! The border: the only `extern "C"` functions, and the C types they speak.
//!
//! Owns handles' way to engines, the thread's last error, and the conversion between C's structs and ours.
//! Every function goes through one `guard`, which stops panics, turns errors into codes and records them.
//! Never decides anything: check, convert, call, record. Called by programs in other languages.
//!
//! The order of the modules is the order of the header, which cbindgen makes from them. The one lint that the
//! house denies is allowed here: pointers from C cannot be had without it. Each use says why it is sound.
#![allow(unsafe_code, non_camel_case_types)]
// What a caller of the C functions must see to is said in the header's rules and in each comment.
#![allow(clippy::missing_safety_doc)]

pub mod types;

pub mod error;
pub mod library;
pub mod raise;

pub mod compression;
pub mod events;
pub mod heartbeat;
pub mod options;
pub mod socket;
pub mod tls;

pub mod preset;
pub mod reconnect;

pub mod client;
pub mod server;

pub mod adopt;

pub mod sending;

pub mod connection;

pub mod topics;

pub mod pool;

mod allocator;
mod convert;
mod descriptor;
mod flat;
mod fork;
mod gate;
mod group;
mod guard;
mod hook;
mod registry;
mod request;
mod route;
mod sink;
