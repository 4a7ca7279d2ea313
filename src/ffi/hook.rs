//! The host's hooks. A call of a hook's own into the library is refused: it would wait for a lock that its thread holds,
//! or take from under a batch what that points to. What is thrown out of a hook ends the process, in words.

use std::cell::Cell;

use super::error::{hws_close_info, hws_error_info};
use super::gate;
use super::types::hws_str;
use crate::error::{Error, Operation, Result, Status};

/// A function of the host's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hook {
    /// It takes lines of the log.
    Log,
    /// It hears that the engine wants to be polled.
    Wake,
    /// It gives memory and takes it back.
    Allocator,
}

thread_local! {
    /// The one that this thread is in.
    static RUNNING: Cell<Option<Hook>> = const { Cell::new(None) };
}

impl Hook {
    /// What it may not do, naming it.
    const fn rule(self) -> &'static str {
        match self {
            Hook::Log => "the log hook calls the library",
            Hook::Wake => "the wake hook calls the library",
            Hook::Allocator => "the allocator hook calls the library",
        }
    }

    /// Runs it.
    #[inline]
    pub fn run<T>(self, hook: impl FnOnce() -> T) -> T {
        let before = RUNNING.replace(Some(self));
        gate::add_reason();
        let unwinding = Unwinding(self);
        let result = hook();
        std::mem::forget(unwinding);
        gate::remove_reason();
        RUNNING.set(before);
        result
    }
}

/// The hook that this thread is in.
#[inline]
pub fn running() -> Option<Hook> {
    RUNNING.get()
}

/// Refuses whoever calls from inside a hook.
pub fn check() -> Result<()> {
    match running() {
        None => Ok(()),
        Some(hook) => Err(Error::new(Status::CALLBACK, hook.rule()).during(Operation::Library)),
    }
}

/// Dropped only if something is thrown: nobody between here and the host's catch could go on, for what is half done here
/// is behind locks that would stay locked.
struct Unwinding(Hook);

impl Drop for Unwinding {
    fn drop(&mut self) {
        // Without memory of ours, for that may be where it comes from.
        let _ = std::io::Write::write_all(
            &mut std::io::stderr(),
            match self.0 {
                Hook::Log => b"hawser: an exception has left the log hook\n".as_slice(),
                Hook::Wake => b"hawser: an exception has left the wake hook\n",
                Hook::Allocator => b"hawser: an exception has left the allocator hook\n",
            },
        );
        std::process::abort();
    }
}

/// An error that takes no memory: where the allocator's hook is running, there is none to be had.
pub struct Fixed(hws_error_info);

// SAFETY: its pointers point to constants, and nothing is ever written to.
unsafe impl Sync for Fixed {}

impl Fixed {
    /// The error as C sees it.
    pub fn info(&'static self) -> *const hws_error_info {
        &raw const self.0
    }
}

/// No error at all.
pub static NOTHING: Fixed = Fixed(fixed(Status::OK, Operation::None, c"success", c""));

/// The allocator's hook has called.
pub static REFUSED: Fixed = Fixed(fixed(
    Status::CALLBACK,
    Operation::Library,
    c"a hook of the host failed: the allocator hook calls the library",
    c"the allocator hook calls the library",
));

const fn text(text: &'static std::ffi::CStr) -> hws_str {
    hws_str { ptr: text.as_ptr(), len: text.count_bytes() }
}

const fn fixed(
    status: Status,
    operation: Operation,
    message: &'static std::ffi::CStr,
    detail: &'static std::ffi::CStr,
) -> hws_error_info {
    const NONE: hws_str = hws_str { ptr: std::ptr::null(), len: 0 };
    const EMPTY: hws_str = text(c"");
    const NO_FRAME: hws_close_info = hws_close_info { present: 0, code: 0, reason: NONE };
    // SAFETY: it consists of integers and pointers, for all of which zero is a value.
    let zero: hws_error_info = unsafe { std::mem::zeroed() };
    hws_error_info {
        struct_size: size_of::<hws_error_info>() as u32,
        status: status.code(),
        operation: operation as u32,
        timeout_ms: -1,
        position: -1,
        size: -1,
        max_size: -1,
        current_size: -1,
        message: text(message),
        detail: text(detail),
        uri: EMPTY,
        proxy: EMPTY,
        location: EMPTY,
        peer: EMPTY,
        http_method: EMPTY,
        http_version: EMPTY,
        http_reason: EMPTY,
        header_name: EMPTY,
        header_value: NONE,
        origin: EMPTY,
        parameter_name: EMPTY,
        parameter_value: EMPTY,
        close_rcvd: NO_FRAME,
        close_sent: NO_FRAME,
        rcvd_then_sent: -1,
        ..zero
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ffi::flat::FlatError;

    /// A flat error's fields, without its pointers into memory of its own.
    fn fields(info: &hws_error_info) -> String {
        let mut copy = *info;
        for text in [&mut copy.message, &mut copy.detail] {
            text.ptr = std::ptr::null();
        }
        copy.body.ptr = std::ptr::null();
        format!("{copy:?}").replace(&format!("{:?}", c"".as_ptr()), "EMPTY")
    }

    #[test]
    fn the_error_that_takes_no_memory_says_what_another_would() {
        let error = Error::new(Status::CALLBACK, Hook::Allocator.rule()).during(Operation::Library);
        let flat = FlatError::new(&error);
        // SAFETY: both live.
        let (flat, fixed) = unsafe { (&*flat.info(), &*REFUSED.info()) };
        assert_eq!(fields(flat), fields(fixed));
        // SAFETY: both texts are as long as they say.
        let text = |s: hws_str| unsafe { std::slice::from_raw_parts(s.ptr.cast::<u8>(), s.len) }.to_vec();
        assert_eq!((text(flat.message), text(flat.detail)), (text(fixed.message), text(fixed.detail)));
    }

    #[test]
    fn a_hook_inside_a_hook_leaves_the_outer_one_running() {
        assert!(check().is_ok() && gate::is_open());
        Hook::Log.run(|| {
            Hook::Allocator.run(|| assert_eq!(running(), Some(Hook::Allocator)));
            assert_eq!(running(), Some(Hook::Log));
            assert_eq!(check().unwrap_err().detail, "the log hook calls the library");
            assert!(!gate::is_open());
        });
        assert!(check().is_ok());
    }
}
