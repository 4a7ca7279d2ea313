//! Where the state of an engine lives: a place that outlives it and houses the next one, so that a handle leads there
//! without anybody counting who looks.

use std::ops::{Deref, DerefMut};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::core::{Core, invalid_handle};
use crate::error::{Error, Result, Status};

/// A place for one engine at a time. Alone in its cache lines: neighbours are other threads' engines.
#[repr(align(128))]
#[derive(Default)]
pub struct Home(Mutex<Option<Box<Core>>>);

/// The state of an engine, for as long as it is held.
pub struct Held<'a>(MutexGuard<'a, Option<Box<Core>>>);

impl Home {
    /// An empty one.
    pub const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// An engine moves in. A bug in an earlier one is none of its business.
    pub fn move_in(&self, core: Core) {
        let mut place = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        self.0.clear_poison();
        *place = Some(Box::new(core));
    }

    /// The engine of this life moves out, however a bug may have left it.
    pub fn move_out(&self, life: u32) -> Option<Box<Core>> {
        let mut place = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        place.take_if(|core| core.life == life)
    }

    /// The state of the engine that lives here, whichever it is, unless a bug has left it half changed.
    #[inline(always)]
    pub fn core(&self) -> Result<Held<'_>> {
        let mut core = self.as_it_was_left()?;
        core.last = None;
        Ok(core)
    }

    /// The same for who does no more than what `last` knows of.
    #[inline(always)]
    pub fn as_it_was_left(&self) -> Result<Held<'_>> {
        match self.0.lock() {
            Ok(place) => Held::there(place),
            Err(poisoned) => Err(half_changed(Held::there(poisoned.into_inner())?)),
        }
    }

    /// The same, however a bug may have left it: to be left so by another.
    pub fn poisonable(&self) -> Result<Held<'_>> {
        Held::there(self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<'a> Held<'a> {
    #[inline(always)]
    fn there(place: MutexGuard<'a, Option<Box<Core>>>) -> Result<Self> {
        if place.is_some() { Ok(Self(place)) } else { Err(invalid_handle()) }
    }

    /// The same, if it is the engine of this life.
    pub fn of(self, life: u32) -> Result<Self> {
        if self.life == life { Ok(self) } else { Err(invalid_handle()) }
    }

    /// Lets go until `bell` rings, or for so long; false if it was that. `None`: look again who lives here, and how.
    pub fn wait_for(self, bell: &Condvar, timeout: Option<Duration>) -> Option<(Self, bool)> {
        let (place, in_time) = match timeout {
            None => (bell.wait(self.0).ok()?, true),
            Some(timeout) => {
                let (place, waited) = bell.wait_timeout(self.0, timeout).ok()?;
                (place, !waited.timed_out())
            }
        };
        Some((Self::there(place).ok()?, in_time))
    }
}

impl Deref for Held<'_> {
    type Target = Core;

    #[inline(always)]
    fn deref(&self) -> &Core {
        self.0.as_deref().expect("it was there when this was made")
    }
}

impl DerefMut for Held<'_> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut Core {
        self.0.as_deref_mut().expect("it was there when this was made")
    }
}

/// A bug has left an engine unusable. Whoever waits for it is to hear of it, too.
#[cold]
fn half_changed(core: Held) -> Error {
    let bell = core.bell.clone();
    drop(core); // no lock is held while the host's hook runs
    bell.ring_for_all();
    Error::new(Status::PANIC, "an earlier bug has left this engine unusable")
}
