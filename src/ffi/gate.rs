//! What may stand between a call and its engine: the thread runs a hook of the host, or the process is a fork. One word
//! that is 0 as long as there is neither anywhere, so that nearly all calls look at nothing else.

use std::sync::atomic::{AtomicU32, Ordering};

/// Hooks that are running, in all threads, and the forks that led here.
static REASONS: AtomicU32 = AtomicU32::new(0);

/// Nothing stands in anybody's way.
#[inline(always)]
pub fn is_open() -> bool {
    REASONS.load(Ordering::Relaxed) == 0
}

/// One reason more to look closer.
pub fn add_reason() {
    REASONS.fetch_add(1, Ordering::Relaxed);
}

/// One less.
pub fn remove_reason() {
    REASONS.fetch_sub(1, Ordering::Relaxed);
}
