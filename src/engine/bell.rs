//! How threads that wait are woken: the one that does the work, and the host where that is another one.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

use mio::Waker;

use super::engine::WakeHook;
use super::light::Light;
use crate::error::Result;

/// What wakes an engine's threads.
pub struct Bell {
    waker: Waker,
    /// The host's thread is not the one that works.
    apart: bool,
    hook: Mutex<Option<WakeHook>>,
    /// Where a host waits for events that another thread makes.
    pub host: Condvar,
    /// The descriptor that a host waits for, once it has asked for one.
    light: Mutex<Option<Light>>,
}

impl Bell {
    /// A bell that nobody hears yet.
    pub fn new(waker: Waker, apart: bool) -> Self {
        Self { waker, apart, hook: Mutex::default(), host: Condvar::new(), light: Mutex::default() }
    }

    /// Sets what is called for the host.
    pub fn set_hook(&self, hook: Option<WakeHook>) {
        *self.hook.lock().unwrap_or_else(PoisonError::into_inner) = hook;
    }

    /// There is work to do.
    pub fn ring_for_work(&self) {
        // Waking fails only if the selector is gone, and then nobody sleeps on it.
        let _ = self.waker.wake();
        if !self.apart {
            self.call_hook();
        }
    }

    /// There is something for a host that does not work itself.
    pub fn ring_for_host(&self) {
        self.host.notify_all();
        if self.apart {
            self.call_hook();
        }
    }

    /// Something is wrong: everybody should look.
    pub fn ring_for_all(&self) {
        self.ring_for_work();
        self.ring_for_host();
        self.set_light(true);
    }

    fn call_hook(&self) {
        let hook = self.hook.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(hook) = hook {
            hook();
        }
    }

    /// Lets the descriptor say whether something waits for the host.
    pub fn set_light(&self, on: bool) {
        if let Some(light) = self.light.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            light.set(on);
        }
    }

    /// The descriptor, made when it is first asked for; `on`: something waits.
    pub fn light(&self, on: bool) -> Result<isize> {
        let mut light = self.light.lock().unwrap_or_else(PoisonError::into_inner);
        if light.is_none() {
            *light = Some(Light::new()?);
        }
        light.as_mut().map_or(Ok(-1), |light| {
            light.set(on);
            Ok(light.descriptor())
        })
    }
}

/// Rings for everybody when it goes: nobody may be left waiting for a thread that is no more.
pub struct LastRing<'a>(pub &'a Arc<Bell>);

impl Drop for LastRing<'_> {
    fn drop(&mut self) {
        self.0.ring_for_all();
    }
}
