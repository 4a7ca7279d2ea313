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

    /// The hook, once it is set.
    #[inline(always)]
    fn hook() -> Option<&'static Hook> {
        // SAFETY: NULL, or a Hook that is never freed.
        unsafe { HOOK.load(Ordering::Acquire).as_ref() }
    }

    /// What the hook does, but not inside itself: a call that it makes into the library is refused, and what the refusal
    /// takes from the system is back there before the call returns. Never inline: there are thousands of places that
    /// allocate, and in most programs there is no hook.
    impl Hook {
        #[inline(never)]
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            if hook::running() == Some(Kind::Allocator) {
                // SAFETY: the caller's contract.
                return unsafe { System.alloc(layout) };
            }
            // SAFETY: the host's contract.
            Kind::Allocator.run(|| unsafe { (self.alloc)(layout.size(), layout.align(), self.user) }).cast()
        }

        #[inline(never)]
        unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
            if hook::running() == Some(Kind::Allocator) {
                // SAFETY: the caller's contract.
                return unsafe { System.dealloc(at, layout) };
            }
            // SAFETY: the host's contract.
            Kind::Allocator.run(|| unsafe { (self.free)(at.cast(), layout.size(), layout.align(), self.user) });
        }

        #[inline(never)]
        unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
            if hook::running() == Some(Kind::Allocator) {
                // SAFETY: the caller's contract.
                return unsafe { System.realloc(at, layout, size) };
            }
            let (old, align) = (layout.size(), layout.align());
            // SAFETY: the host's contract.
            Kind::Allocator.run(|| unsafe { (self.realloc)(at.cast(), old, align, size, self.user) }).cast()
        }
    }

    // SAFETY: each call goes to the system, or to the host's functions, which promise the same contract; the
    // switch happens only while nothing is allocated, so no pointer meets the other's free.
    unsafe impl GlobalAlloc for Hooked {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            match hook() {
                // SAFETY: the caller's contract.
                Some(hook) => unsafe { hook.alloc(layout) },
                None => {
                    SERVED.fetch_add(1, Ordering::Relaxed);
                    // SAFETY: the caller's contract.
                    unsafe { System.alloc(layout) }
                }
            }
        }

        /// Fresh pages of the system are zero already, and cost nothing before they are used.
        unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
            match hook() {
                Some(hook) => {
                    // SAFETY: the caller's contract.
                    let at = unsafe { hook.alloc(layout) };
                    if !at.is_null() {
                        // SAFETY: that much has just been allocated.
                        unsafe { at.write_bytes(0, layout.size()) };
                    }
                    at
                }
                None => {
                    SERVED.fetch_add(1, Ordering::Relaxed);
                    // SAFETY: the caller's contract.
                    unsafe { System.alloc_zeroed(layout) }
                }
            }
        }

        unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
            match hook() {
                // SAFETY: the caller's contract.
                Some(hook) => unsafe { hook.dealloc(at, layout) },
                None => {
                    SERVED.fetch_sub(1, Ordering::Relaxed);
                    // SAFETY: the caller's contract.
                    unsafe { System.dealloc(at, layout) }
                }
            }
        }

        unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
            match hook() {
                // SAFETY: the caller's contract.
                Some(hook) => unsafe { hook.realloc(at, layout, size) },
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
        let fresh = || unsafe { alloc(size_of::<Hook>(), align_of::<Hook>(), hook.user) };
        let at = Kind::Allocator.run(fresh).cast::<Hook>();
        if at.is_null() {
            return Err(Error::new(Status::NO_MEMORY, ""));
        }
        // SAFETY: fresh memory of the right size and alignment.
        unsafe { at.write(hook) };
        HOOK.store(at, Ordering::Release);
        Ok(())
    }
}
