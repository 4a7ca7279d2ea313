//! The library as a whole.

use std::ffi::{CStr, c_char, c_void};
use std::sync::{PoisonError, RwLock};

use super::convert::{Versioned, versioned};
use super::guard::guard;
use super::hook::{self, Hook};
use super::types::hws_status;
use crate::engine::{Line, set_max_level};
use crate::error::{Error, Operation, Result, Status};
use crate::tls::PROVIDER;

/// Where all of the library's memory comes from. All three functions or none; align is a power of two.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct hws_allocator {
    pub struct_size: u32,
    pub reserved0: u32,
    pub alloc: Option<unsafe extern "C-unwind" fn(size: usize, align: usize, user: *mut c_void) -> *mut c_void>,
    pub realloc: Option<
        unsafe extern "C-unwind" fn(
            ptr: *mut c_void,
            old_size: usize,
            align: usize,
            new_size: usize,
            user: *mut c_void,
        ) -> *mut c_void,
    >,
    pub free: Option<unsafe extern "C-unwind" fn(ptr: *mut c_void, size: usize, align: usize, user: *mut c_void)>,
    pub user: *mut c_void,
}

// SAFETY: repr(C), struct_size first, integers and nullable pointers.
unsafe impl Versioned for hws_allocator {}

/// Receives a line of the log. handle is the connection, listener or engine it is about, or 0. text has
/// text_len bytes and a NUL. No lock is held; what it calls of the library fails with CALLBACK.
pub type hws_log_fn = Option<
    unsafe extern "C-unwind" fn(
        user: *mut c_void,
        level: u32,
        handle: u64,
        target: *const c_char,
        text: *const c_char,
        text_len: usize,
    ),
>;

/// Called when hws_poll should be called soon, from any thread. Must not block; what it calls of the library fails with
/// CALLBACK.
pub type hws_wake_fn = Option<unsafe extern "C-unwind" fn(user: *mut c_void)>;

/// The HWS_ABI_VERSION that the library was built with.
///
/// Owns: nothing.
/// Errors: none.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn hws_abi_version() -> u32 {
    ABI_VERSION
}

/// Bumped only when programs built with an older header would break.
pub const ABI_VERSION: u32 = 1;

/// The version of the library, "0.1.0".
///
/// Owns: static.
/// Errors: none.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn hws_version() -> *const c_char {
    const VERSION: &CStr = match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(version) => version,
        Err(_) => panic!("the version holds a NUL"),
    };
    VERSION.as_ptr()
}

/// What a build may have, and whether this one does.
const FEATURES: &[(&str, bool)] = &[
    ("client", true),
    ("server", true),
    ("tls", true),
    ("proxy", true),
    ("deflate", true),
    ("routes", true),
    ("topics", true),
    ("reconnect", true),
    ("io_thread", true),
    ("pool", true),
    ("unix", cfg!(unix)),
    ("allocator", cfg!(feature = "allocator-hook")),
    ("pollable", cfg!(unix)),
];

/// 1 if the library can do this, else 0: "client", "server", "tls", "proxy", "deflate", "routes", "topics", "pool",
/// "reconnect", "io_thread", "unix", "allocator", "pollable"; "ring" or "aws-lc-rs", whichever does TLS's cryptography.
///
/// Owns: nothing.
/// Errors: none; NULL is no feature.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hws_has_feature(name: *const c_char) -> i32 {
    if name.is_null() {
        return 0;
    }
    // SAFETY: not NULL, and C's promise that it is NUL-terminated.
    let name = unsafe { CStr::from_ptr(name) }.to_bytes();
    let here = FEATURES.iter().filter(|(_, here)| *here).map(|(feature, _)| *feature);
    here.chain([PROVIDER]).any(|feature| feature.as_bytes() == name).into()
}

/// Makes the library take all its memory from the host. Before anything else: memory of one allocator cannot be
/// freed by another. For the whole process.
///
/// Owns: the functions and user must stay valid for ever.
/// Errors: INVALID_ARGUMENT, STRUCT_SIZE; INVALID_STATE when memory is in use already; UNSUPPORTED when the
/// library was built without the hook.
/// Threads: any, but none other may be in the library.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hws_set_allocator(allocator: *const hws_allocator) -> hws_status {
    guard(Operation::Library, || {
        hook::check()?;
        // SAFETY: C's promise about the struct.
        let allocator = unsafe { versioned(allocator, "allocator") }?;
        super::allocator::set(&allocator)
    })
}

#[derive(Clone, Copy)]
struct Logger {
    write: unsafe extern "C-unwind" fn(*mut c_void, u32, u64, *const c_char, *const c_char, usize),
    user: *mut c_void,
}

// SAFETY: the host promises a logger that any thread may call; the pointer is only handed back to it.
unsafe impl Send for Logger {}
// SAFETY: as above.
unsafe impl Sync for Logger {}

static LOGGER: RwLock<Option<Logger>> = RwLock::new(None);

/// Sends the log of all engines to a function: lines up to max_level, one of hws_log_levels. Level 0 or a NULL
/// function switches the log off, which it is at first. For the whole process.
///
/// Owns: user must stay valid until the logger is replaced and no call of it is running.
/// Errors: INVALID_ARGUMENT.
/// Threads: any; the logger is called on any thread that uses the library.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn hws_set_logger(max_level: u32, logger: hws_log_fn, user: *mut c_void) -> hws_status {
    guard(Operation::Library, || set_logger(max_level, logger, user))
}

fn set_logger(max_level: u32, write: hws_log_fn, user: *mut c_void) -> Result<()> {
    hook::check()?;
    if max_level > crate::engine::Level::Trace as u32 {
        return Err(Error::new(Status::INVALID_ARGUMENT, "max_level is above HWS_LOG_TRACE"));
    }
    let logger = write.filter(|_| max_level > 0).map(|write| Logger { write, user });
    set_max_level(if logger.is_some() { max_level } else { 0 });
    *LOGGER.write().unwrap_or_else(PoisonError::into_inner) = logger;
    Ok(())
}

/// Hands one line to the host.
pub fn log(line: &Line) {
    let logger = *LOGGER.read().unwrap_or_else(PoisonError::into_inner);
    let Some(Logger { write, user }) = logger else { return };
    let target = [line.target.as_bytes(), b"\0"].concat();
    let text = [line.text.as_bytes(), b"\0"].concat();
    // SAFETY: the host's own function with its own pointer; both texts end in a NUL and outlive the call.
    Hook::Log.run(|| unsafe {
        write(user, line.level as u32, line.handle, target.as_ptr().cast(), text.as_ptr().cast(), line.text.len());
    });
}
