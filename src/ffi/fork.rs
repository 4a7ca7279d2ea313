//! Knowing that this process is a fork: an engine's selector, threads and random stock belong to the parent.

use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

/// Forks between the first engine's process and this one.
static FORKS: AtomicU32 = AtomicU32::new(0);

/// Which process this is, to be compared later.
#[inline]
pub fn process() -> u32 {
    FORKS.load(Ordering::Relaxed)
}

#[cfg(unix)]
extern "C" fn in_child() {
    FORKS.fetch_add(1, Ordering::Relaxed);
    super::gate::add_reason();
}

/// Notices every fork from here on.
pub fn watch() {
    static WATCH: Once = Once::new();
    WATCH.call_once(|| {
        #[cfg(unix)]
        // SAFETY: the handler only adds to atomics, which is safe between fork and exec.
        unsafe {
            libc::pthread_atfork(None, None, Some(in_child));
        }
    });
}
