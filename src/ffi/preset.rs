//! Presets: named sets of options, as plain data that a host may look at, change and pass on.

use super::compression::hws_compression;
use super::convert::{Versioned, invalid, room_for, text, versioned, write_versioned};
use super::guard::guard;
use super::hook;
use super::options::{hws_limits, hws_timers};
use super::reconnect::hws_reconnect;
use super::types::{hws_status, hws_str};
use crate::error::{Operation, Result};

/// Where hws_preset_get writes. Each struct is the caller's, with its struct_size set; NULL: not wanted.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct hws_preset {
    pub struct_size: u32,
    pub reserved0: u32,
    pub timers: *mut hws_timers,
    pub limits: *mut hws_limits,
    pub compression: *mut hws_compression,
    pub reconnect: *mut hws_reconnect,
}

// SAFETY: repr(C), struct_size first, integers and nullable pointers.
unsafe impl Versioned for hws_preset {}

/// One preset.
struct Preset {
    name: &'static str,
    timers: hws_timers,
    limits: hws_limits,
    compression: hws_compression,
    reconnect: hws_reconnect,
}

const ON: u32 = 1;
const OFF: u32 = 2;

/// Nothing but defaults.
const fn usual<T: Versioned>() -> T {
    // SAFETY: all bytes zero is a value of T, see Versioned.
    unsafe { std::mem::zeroed() }
}

/// Why each value is what it is: docs/presets.md, which a test compares.
static PRESETS: [Preset; 3] = [
    Preset {
        name: "realtime",
        timers: hws_timers {
            open_ms: 5000,
            close_ms: 2000,
            send_ms: 5000,
            ping_interval_ms: 5000,
            ping_timeout_ms: 5000,
            ..usual()
        },
        limits: hws_limits { send_queue_max: 1 << 20, ..usual() },
        compression: hws_compression { enabled: OFF, ..usual() },
        reconnect: hws_reconnect { backoff_min_ms: 250, backoff_max_ms: 5000, stable_ms: 30_000, ..usual() },
    },
    Preset {
        name: "dashboard",
        timers: hws_timers {
            open_ms: 10_000,
            close_ms: 5000,
            send_ms: 30_000,
            ping_interval_ms: 20_000,
            ping_timeout_ms: 20_000,
            ..usual()
        },
        limits: hws_limits { message_max: 4 << 20, send_queue_max: 4 << 20, ..usual() },
        compression: hws_compression { enabled: ON, ..usual() },
        reconnect: hws_reconnect { backoff_max_ms: 30_000, ..usual() },
    },
    Preset {
        name: "mobile",
        timers: hws_timers {
            open_ms: 30_000,
            close_ms: 10_000,
            send_ms: 120_000,
            ping_interval_ms: 45_000,
            ping_timeout_ms: 30_000,
            ..usual()
        },
        limits: hws_limits { send_queue_max: 2 << 20, ..usual() },
        compression: hws_compression {
            enabled: ON,
            level: 6,
            min_size: 64,
            memory_level: 8,
            client_max_window_bits: 15,
            ..usual()
        },
        reconnect: hws_reconnect { backoff_max_ms: 120_000, buffer_max: 256 << 10, ..usual() },
    },
];

/// Fills option structs from a preset: "realtime" for feeds and games, "dashboard" for pages that people look at, "mobile"
/// for phones. Fields that it has no opinion on become 0, their default. Change what you like, and pass the structs on;
/// docs/presets.md has each value with its reason.
///
/// Owns: the structs that preset points to are the caller's, each with its struct_size set: what that has room for is
/// written.
/// Errors: INVALID_ARGUMENT, also for a name that is none: detail lists them; STRUCT_SIZE.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hws_preset_get(name: hws_str, preset: *const hws_preset) -> hws_status {
    guard(Operation::Library, || {
        hook::check()?;
        // SAFETY: C's promise about the struct.
        let to = unsafe { versioned(preset, "preset") }?;
        // SAFETY: C's promise about what the struct points to, and about the text.
        unsafe {
            check(&to)?;
            write(find(text(name, "name")?)?, &to)
        }
    })
}

/// Nothing is written unless there is room for all that is wanted.
///
/// # Safety
/// Each pointer is NULL or points to a struct of the size that it says.
unsafe fn check(to: &hws_preset) -> Result<()> {
    // SAFETY: the caller's promise.
    unsafe {
        room_for(to.timers, "preset.timers")?;
        room_for(to.limits, "preset.limits")?;
        room_for(to.compression, "preset.compression")?;
        room_for(to.reconnect, "preset.reconnect")
    }
}

fn find(name: &str) -> Result<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name).ok_or_else(|| {
        let names: Vec<_> = PRESETS.iter().map(|preset| preset.name).collect();
        invalid("name", &format!("is none of {}", names.join(", ")))
    })
}

/// # Safety
/// As for [`check`], which has found nothing wrong.
unsafe fn write(from: &Preset, to: &hws_preset) -> Result<()> {
    // SAFETY: the caller's promise.
    unsafe {
        if !to.timers.is_null() {
            write_versioned(to.timers, &from.timers, "preset.timers")?;
        }
        if !to.limits.is_null() {
            write_versioned(to.limits, &from.limits, "preset.limits")?;
        }
        if !to.compression.is_null() {
            write_versioned(to.compression, &from.compression, "preset.compression")?;
        }
        if !to.reconnect.is_null() {
            write_versioned(to.reconnect, &from.reconnect, "preset.reconnect")?;
        }
    }
    Ok(())
}
