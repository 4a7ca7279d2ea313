//! permessage-deflate, as C sets it.

use super::convert::{Versioned, invalid, toggle, versioned_or_default};
use super::types::hws_toggle;
use crate::error::Result;
use crate::extension::{Deflate, Extensions};

/// Compression of messages, permessage-deflate (RFC 7692). Zero is the default: clients offer it, servers grant it.
/// An idle connection costs nothing for it, nor does one whose messages are short. A compressor takes 164 KiB with the
/// default window and memory level and 374 KiB with the largest; it stays with a connection that has compressed until
/// it closes (see hws_engine_options.compression_memory_max), unless there is no context takeover. What a connection
/// receives compressed costs it the peer's window, 4 KiB by default, and no more than came.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct hws_compression {
    pub struct_size: u32,
    /// default on
    pub enabled: hws_toggle,
    /// 1, fast, to 9, small; default 1
    pub level: u32,
    /// shorter messages, or first fragments, are sent as they are, bytes; default 128
    pub min_size: u32,
    /// 1 to 9: the memory of a compressor beside its window; default 5
    pub memory_level: u32,
    pub reserved0: u32,
    /// 8 to 15, the bits of the window that clients compress with: a server asks for it where it may, a client keeps it;
    /// default 12
    pub client_max_window_bits: u32,
    /// the same for servers: a client asks for it, a server keeps it; default 12 in a server, not asked for in a client
    pub server_max_window_bits: u32,
    /// clients begin each message with an empty window; default off
    pub client_no_context_takeover: hws_toggle,
    /// servers do; default off
    pub server_no_context_takeover: hws_toggle,
}

// SAFETY: repr(C), struct_size first, integers only.
unsafe impl Versioned for hws_compression {}

/// Reads the struct, which may be NULL.
///
/// # Safety
/// As for [`versioned_or_default`].
pub unsafe fn extensions(from: *const hws_compression) -> Result<Extensions> {
    // SAFETY: the caller's promise.
    let Some(from) = (unsafe { versioned_or_default(from, "compression") })? else {
        return Ok(Extensions { deflate: Some(Deflate::default()) });
    };
    let usual = Deflate::default();
    let small = |value: u32, default: u8, argument| match value {
        0 => Ok(default),
        value => u8::try_from(value).map_err(|_| invalid(argument, "is too large")),
    };
    let bits = |value: u32, argument| small(value, 0, argument).map(|bits| (bits != 0).then_some(bits));
    let deflate = Deflate {
        level: small(from.level, usual.level, "compression.level")?,
        memory_level: small(from.memory_level, usual.memory_level, "compression.memory_level")?,
        min_size: if from.min_size == 0 { usual.min_size } else { from.min_size },
        server_max_window_bits: bits(from.server_max_window_bits, "compression.server_max_window_bits")?,
        client_max_window_bits: bits(from.client_max_window_bits, "compression.client_max_window_bits")?,
        server_no_context_takeover: toggle(
            from.server_no_context_takeover,
            false,
            "compression.server_no_context_takeover",
        )?,
        client_no_context_takeover: toggle(
            from.client_no_context_takeover,
            false,
            "compression.client_no_context_takeover",
        )?,
    };
    deflate.validate()?;
    let enabled = toggle(from.enabled, true, "compression.enabled")?;
    Ok(Extensions { deflate: enabled.then_some(deflate) })
}
