//! The host's allocator, behind the feature `allocator-hook`. Without the feature there is nothing to set.

use super::library::hws_allocator;
use crate::error::{Error, Result, Status};

#[cfg(not(feature = "allocator-hook"))]
pub fn set(_: &hws_allocator) -> Result<()> {
    Err(Error::new(Status::UNSUPPORTED, "the library was built without the feature allocator-hook"))
}

#[cfg(feature = "allocator-hook")]
pub use hook::set;

#[cfg(feature = "allocator-hook")]
mod hook {
    use super::{Error, Result, Status, hws_allocator};
    use crate::ffi::convert::invalid;
    use crate::ffi::hook::{self, Hook as Kind};
    use std::alloc::{GlobalAlloc, Layout, System};
    use std::ffi::c_void;
    use std::ptr;
    use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

    type Alloc = unsafe extern "C-unwind" fn(usize, usize, *mut c_void) -> *mut c_void;
    type Realloc = unsafe extern "C-unwind" fn(*mut c_void, usize, usize, usize, *mut c_void) -> *mut c_void;
    type Free = unsafe extern "C-unwind" fn(*mut c_void, usize, usize, *mut c_void);

    /// The host's functions; never freed, because memory from them may live as long as the process.
    struct Hook {
        alloc: Alloc,
        realloc: Realloc,
        free: Free,
        user: *mut c_void,
    }

    static HOOK: AtomicPtr<Hook> = AtomicPtr::new(ptr::null_mut());
    /// Allocations that the system has served and not got back.
    static SERVED: AtomicUsize = AtomicUsize::new(0);

    struct Hooked;

    #[global_allocator]
    static ALLOCATOR: Hooked = Hooked;

    /// The hook, once it is set; but not inside itself. A call that it makes into the library is refused, and what the
    /// refusal takes is gone before the call returns, so that it never meets the host's free.
    fn hook() -> Option<&'static Hook> {
        // SAFETY: NULL, or a Hook that is never freed.
        let hook = unsafe { HOOK.load(Ordering::Acquire).as_ref() };
        hook.filter(|_| hook::running() != Some(Kind::Allocator))
    }

    // SAFETY: each call goes to the system, or to the host's functions, which promise the same contract; the
    // switch happens only while nothing is allocated, so no pointer meets the other's free.
    unsafe impl GlobalAlloc for Hooked {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            match hook() {
                // SAFETY: the host's contract.
                Some(h) => Kind::Allocator.run(|| unsafe { (h.alloc)(layout.size(), layout.align(), h.user) }).cast(),
                None => {
                    SERVED.fetch_add(1, Ordering::Relaxed);
                    // SAFETY: the caller's contract.
                    unsafe { System.alloc(layout) }
                }
            }
        }

        unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
            match hook() {
                Some(h) => {
                    // SAFETY: the host's contract.
                    Kind::Allocator.run(|| unsafe { (h.free)(at.cast(), layout.size(), layout.align(), h.user) })
                }
                None => {
                    SERVED.fetch_sub(1, Ordering::Relaxed);
                    // SAFETY: the caller's contract.
                    unsafe { System.dealloc(at, layout) }
                }
            }
        }

        unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
            match hook() {
                Some(h) => {
                    // SAFETY: the host's contract.
                    Kind::Allocator
                        .run(|| unsafe { (h.realloc)(at.cast(), layout.size(), layout.align(), size, h.user) })
                        .cast()
                }
                // SAFETY: the caller's contract.
                None => unsafe { System.realloc(at, layout, size) },
            }
        }
    }

    /// Switches to the host's functions.
    pub fn set(allocator: &hws_allocator) -> Result<()> {
        let (Some(alloc), Some(realloc), Some(free)) = (allocator.alloc, allocator.realloc, allocator.free) else {
            return Err(invalid("allocator", "lacks one of its three functions"));
        };
        if SERVED.load(Ordering::Relaxed) > 0 || hook().is_some() {
            return Err(Error::new(Status::INVALID_STATE, "memory of another allocator is in use"));
        }
        let hook = Hook { alloc, realloc, free, user: allocator.user };
        // SAFETY: the host's contract; a Hook has no destructor.
        let at =
            Kind::Allocator.run(|| unsafe { alloc(size_of::<Hook>(), align_of::<Hook>(), hook.user) }).cast::<Hook>();
        if at.is_null() {
            return Err(Error::new(Status::NO_MEMORY, ""));
        }
        // SAFETY: fresh memory of the right size and alignment.
        unsafe { at.write(hook) };
        HOOK.store(at, Ordering::Release);
        Ok(())
    }
}
