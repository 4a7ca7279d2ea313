//! Lines for the host's log. They are collected under the engine's lock and handed out after it, because the
//! host's logger must be free to do what it likes.

use std::sync::atomic::{AtomicU32, Ordering};

/// How much the host wants to hear; 0 is nothing. One for the process, like the logger itself.
static MAX_LEVEL: AtomicU32 = AtomicU32::new(0);

/// How important a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u32)]
#[allow(missing_docs)]
pub enum Level {
    Error = 1,
    Warn = 2,
    Info = 3,
    Debug = 4,
    Trace = 5,
}

/// Sets how much the host wants to hear.
pub fn set_max_level(level: u32) {
    MAX_LEVEL.store(level, Ordering::Relaxed);
}

/// The host wants to hear something.
#[inline]
pub fn is_logging() -> bool {
    MAX_LEVEL.load(Ordering::Relaxed) > 0
}

/// One line.
pub struct Line {
    /// How important.
    pub level: Level,
    /// The connection or listener it is about, or 0.
    pub handle: u64,
    /// The part of hawser that speaks.
    pub target: &'static str,
    /// What it says, without a line end.
    pub text: String,
}

/// Lines that wait to be handed out.
#[derive(Default)]
pub struct Log {
    lines: Vec<Line>,
}

impl Log {
    /// Writes a line if the host wants it; `text` is only made then.
    #[inline]
    pub fn write(&mut self, level: Level, handle: u64, target: &'static str, text: impl FnOnce() -> String) {
        if level as u32 <= MAX_LEVEL.load(Ordering::Relaxed) {
            self.lines.push(Line { level, handle, target, text: text() });
        }
    }

    /// Takes what waits.
    #[inline]
    pub fn take(&mut self) -> Vec<Line> {
        std::mem::take(&mut self.lines)
    }
}
