//! What every exported function goes through: panics stop here, errors become codes and the thread's last
//! error.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::error::hws_error_info;
use super::flat::FlatError;
use super::hook::{self, Hook};
use super::types::hws_status;
use crate::error::{Error, Operation, Result, Status};

/// The thread's failures. Two of them, so that the older one can still be read, say to be formatted, while a
/// call that fails writes the newer.
struct LastErrors {
    slots: [Option<Box<FlatError>>; 2],
    newest: usize,
    /// Newer than both: the allocator's hook was refused, which leaves nothing but this mark.
    refused: bool,
}

thread_local! {
    static LAST: RefCell<LastErrors> = const { RefCell::new(LastErrors { slots: [None, None], newest: 0, refused: false }) };
}

/// Runs one exported function.
pub fn guard(operation: Operation, body: impl FnOnce() -> Result<()>) -> hws_status {
    match contain(body) {
        Ok(()) => Status::OK.code(),
        Err(error) => record(error.during(operation)),
    }
}

/// Stops a panic. What it left half changed is behind a lock that is poisoned by it, so nobody sees it.
fn contain<T>(body: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|payload| Err(panicked(&*payload)))
}

#[cold]
fn panicked(payload: &(dyn Any + Send)) -> Error {
    let text = payload.downcast_ref::<&str>().map(|s| (*s).to_owned());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    Error::new(Status::PANIC, text.unwrap_or_else(|| "no message".to_owned()))
}

#[cold]
fn record(error: Error) -> hws_status {
    let code = error.status.code();
    let refused = hook::running() == Some(Hook::Allocator);
    let flat = (!refused).then(|| Box::new(FlatError::new(&error)));
    // A thread that is being torn down has no last error any more; the code still tells.
    let oldest = LAST.try_with(|last| {
        let mut last = last.borrow_mut();
        last.refused = refused;
        last.newest ^= usize::from(!refused);
        let newest = last.newest;
        flat.and_then(|flat| last.slots[newest].replace(flat))
    });
    drop(oldest); // not before: the allocator's hook may look at the last error
    code
}

/// The thread's newest failure, or success if there was none; never NULL.
pub fn last_error() -> *const hws_error_info {
    let newest = LAST.try_with(|last| {
        let last = last.borrow();
        if last.refused { Some(hook::REFUSED.info()) } else { last.slots[last.newest].as_ref().map(|flat| flat.info()) }
    });
    newest.ok().flatten().unwrap_or_else(FlatError::none)
}
