//! A lock that favours one thread: that one enters without an atomic instruction, two of which cost as much as all else that
//! queues a small message. Whoever else comes makes it an ordinary lock again, with a fence for all threads, and ordinary it
//! stays until one thread has had it to itself for a while.
//!
//! Why the favourite and another thread are never both inside: the favourite says that it is inside, and then looks whether
//! it still is the favourite. The other says that it no longer is, and then looks whether it is inside. Each does the one before
//! the other in everybody's eyes, as the other's fence is one for both: so at least one of them sees what the other has said.
#![allow(unsafe_code)]

use std::cell::UnsafeCell;
use std::marker::PhantomData;
use std::mem::{self, ManuallyDrop};
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering, compiler_fence};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use super::fence;

/// How often [`Guard::favour`] must come from one thread, and no other thread in between: so often the first time, and twice
/// as often whenever it was in vain. In tests it takes little, so that they see both ways.
const PATIENCE: u32 = if cfg!(any(test, feature = "test-hooks")) { 2 } else { 16 };
const PATIENCE_MAX: u32 = if cfg!(any(test, feature = "test-hooks")) { 8 } else { 4096 };

/// A value that one thread at a time has.
pub struct Biased<T> {
    /// Whom it favours, as [`this_thread`] has it; 0: nobody. Changed by who has the turn,
    /// and by a favourite that panics.
    favourite: AtomicUsize,
    /// The favourite is inside, or about to find out that it no longer is the favourite.
    inside: AtomicBool,
    /// Somebody waits for it to leave.
    awaited: AtomicBool,
    /// A favourite has panicked inside.
    poisoned: AtomicBool,
    /// The right to be inside of who is not the favourite.
    turn: Mutex<Streak>,
    /// The favourite has left.
    left: Condvar,
    value: UnsafeCell<T>,
}

// SAFETY: it hands the value out to one thread at a time, as a Mutex does.
unsafe impl<T: Send> Sync for Biased<T> {}

/// How long one thread has had the lock to itself.
#[derive(Debug)]
struct Streak {
    thread: usize,
    asked: u32,
    enough: u32,
}

/// The right to the value, until this is dropped. It stays on its thread.
pub struct Guard<'a, T> {
    lock: &'a Biased<T>,
    /// The favourite has none.
    turn: ManuallyDrop<Option<MutexGuard<'a, Streak>>>,
    /// A panic was under way before this was made, and is none of the value's business.
    panicking: bool,
    _stays: PhantomData<*mut T>,
}

impl<T: Default> Default for Biased<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> Biased<T> {
    /// One that favours nobody.
    pub const fn new(value: T) -> Self {
        Self {
            favourite: AtomicUsize::new(0),
            inside: AtomicBool::new(false),
            awaited: AtomicBool::new(false),
            poisoned: AtomicBool::new(false),
            turn: Mutex::new(Streak { thread: 0, asked: 0, enough: PATIENCE }),
            left: Condvar::new(),
            value: UnsafeCell::new(value),
        }
    }

    /// Waits until nobody else is inside. The same thread must not be.
    #[inline(always)]
    pub fn lock(&self) -> Guard<'_, T> {
        match self.enter() {
            true => self.guard(None, thread::panicking()),
            false => self.lock_in_turn(),
        }
    }

    /// What `work` makes of the value, if this thread is the favourite: the shortest way, for what is done most. None: it is
    /// not, and nothing has been done.
    #[inline(always)]
    pub fn as_favourite<R>(&self, work: impl FnOnce(&mut T) -> R) -> Option<R> {
        if !self.enter() {
            return None;
        }
        let mut guard = self.guard(None, false);
        let done = work(&mut guard);
        mem::forget(guard); // which is there for when that panics
        self.leave();
        Some(done)
    }

    #[inline(always)]
    fn guard<'a>(&'a self, turn: Option<MutexGuard<'a, Streak>>, panicking: bool) -> Guard<'a, T> {
        Guard { lock: self, turn: ManuallyDrop::new(turn), panicking, _stays: PhantomData }
    }

    /// Enters as the favourite, if this thread is that. Two fences for the compiler: the processors' are somebody else's call.
    #[inline(always)]
    fn enter(&self) -> bool {
        let me = this_thread();
        if self.favourite.load(Ordering::Relaxed) != me || self.inside.load(Ordering::Relaxed) {
            return false; // who is inside twice waits for itself below, as with any lock
        }
        self.inside.store(true, Ordering::Relaxed);
        compiler_fence(Ordering::SeqCst);
        if self.favourite.load(Ordering::Acquire) == me {
            return true;
        }
        self.leave();
        false
    }

    #[inline(always)]
    fn leave(&self) {
        self.inside.store(false, Ordering::Release);
        compiler_fence(Ordering::SeqCst);
        if self.awaited.load(Ordering::Relaxed) {
            self.tell();
        }
    }

    /// Whoever waits for the favourite to leave either sleeps when this comes, or has yet to look.
    #[cold]
    fn tell(&self) {
        drop(self.turn.lock().unwrap_or_else(PoisonError::into_inner));
        self.left.notify_all();
    }

    #[inline(never)]
    fn lock_in_turn(&self) -> Guard<'_, T> {
        self.clear(self.turn.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The favourite, which is inside, gets the turn instead. Whoever waits for it to leave goes on waiting for that.
    #[cold]
    fn step_down(&self) -> MutexGuard<'_, Streak> {
        let mut turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.favourite.store(0, Ordering::Relaxed);
        self.inside.store(false, Ordering::Release);
        self.left.notify_all();
        (turn.thread, turn.asked) = (this_thread(), 0);
        turn
    }

    /// Sees to it that there is no favourite inside, nor will be.
    fn clear<'a>(&'a self, mut turn: MutexGuard<'a, Streak>) -> Guard<'a, T> {
        loop {
            if self.favourite.load(Ordering::Acquire) != 0 {
                self.awaited.store(true, Ordering::Relaxed);
                self.favourite.store(0, Ordering::Relaxed);
                fence::everywhere();
                turn.enough = (turn.enough * 2).min(PATIENCE_MAX);
            }
            if !self.inside.load(Ordering::Acquire) {
                break;
            }
            turn = self.left.wait(turn).unwrap_or_else(PoisonError::into_inner);
        }
        self.awaited.store(false, Ordering::Relaxed);
        let me = this_thread();
        if mem::replace(&mut turn.thread, me) != me {
            turn.asked = 0;
        }
        self.guard(Some(turn), thread::panicking())
    }
}

impl<T> Guard<'_, T> {
    /// Somebody has panicked inside, which may have left the value half changed. The favourite that has is none since.
    #[inline(always)]
    pub fn is_poisoned(&self) -> bool {
        self.turn.is_some() && self.lock.poisoned.load(Ordering::Relaxed)
    }

    /// The value is as it should be again.
    pub fn clear_poison(&self) {
        self.lock.poisoned.store(false, Ordering::Relaxed);
    }

    #[inline(never)]
    fn end_turn(&mut self) {
        drop(self.turn.take());
    }

    /// Whoever comes after this is to see it, so all have to take their turn.
    #[cold]
    fn poison(&self) {
        self.lock.poisoned.store(true, Ordering::Relaxed);
        if self.turn.is_none() {
            self.lock.awaited.store(true, Ordering::Relaxed);
            self.lock.favourite.store(0, Ordering::Release);
        }
    }

    /// This thread will come most. If none but it has come for long, it is the favourite from now on.
    #[inline(always)]
    pub fn favour(&mut self) {
        if self.turn.is_some() {
            self.favour_in_turn();
        }
    }

    fn favour_in_turn(&mut self) {
        let poisoned = self.is_poisoned();
        let Some(turn) = &mut *self.turn else { return };
        turn.asked = turn.asked.saturating_add(1);
        if turn.asked >= turn.enough && !poisoned && fence::is_ready() {
            self.lock.inside.store(true, Ordering::Relaxed);
            self.lock.favourite.store(turn.thread, Ordering::Relaxed);
            self.end_turn();
        }
    }

    /// Lets go until `bell` rings, or for so long; false if it was that. A favourite is none any more.
    pub fn wait(mut self, bell: &Condvar, timeout: Option<Duration>) -> (Self, bool) {
        let lock = self.lock;
        let turn = self.turn.take().unwrap_or_else(|| lock.step_down());
        mem::forget(self); // the turn was all it had
        let (turn, in_time) = match timeout {
            None => (bell.wait(turn).unwrap_or_else(PoisonError::into_inner), true),
            Some(timeout) => {
                let (turn, waited) = bell.wait_timeout(turn, timeout).unwrap_or_else(PoisonError::into_inner);
                (turn, !waited.timed_out())
            }
        };
        (lock.clear(turn), in_time)
    }
}

impl<T> Drop for Guard<'_, T> {
    #[inline(always)]
    fn drop(&mut self) {
        if !self.panicking && thread::panicking() {
            self.poison();
        }
        match &*self.turn {
            None => self.lock.leave(),
            Some(_) => self.end_turn(),
        }
    }
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: nobody else is inside for as long as there is a guard.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above; and this borrows the guard.
        unsafe { &mut *self.lock.value.get() }
    }
}

/// A number that differs between threads that live at the same time, and is never 0.
#[cfg(all(target_arch = "x86_64", target_pointer_width = "64", target_os = "linux"))]
#[inline(always)]
pub fn this_thread() -> usize {
    let thread: usize;
    // SAFETY: there the word at fs:0 is its own address, one for each thread (ELF Handling for Thread-Local Storage, 4.3.6).
    unsafe {
        std::arch::asm!("mov {}, fs:0", out(reg) thread, options(pure, readonly, nostack, preserves_flags));
    }
    thread
}

/// A number that differs between threads that live at the same time, and is never 0.
#[cfg(not(all(target_arch = "x86_64", target_pointer_width = "64", target_os = "linux")))]
#[inline(always)]
pub fn this_thread() -> usize {
    thread_local!(static MARK: u8 = const { 0 });
    MARK.with(|mark| std::ptr::from_ref(mark) as usize)
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::mpsc;

    use super::*;

    /// Makes this thread the favourite.
    fn become_favourite<T>(lock: &Biased<T>) {
        for _ in 0..PATIENCE_MAX {
            lock.lock().favour();
        }
    }

    fn has_favourite<T>(lock: &Biased<T>) -> bool {
        lock.favourite.load(Ordering::Relaxed) != 0
    }

    #[test]
    fn who_comes_alone_for_long_is_favoured() {
        let lock = Biased::new(0);
        lock.lock().favour();
        assert!(!has_favourite(&lock));
        become_favourite(&lock);
        assert_eq!(has_favourite(&lock), cfg!(target_os = "linux"));
        *lock.lock() += 1;
        assert_eq!(*lock.lock(), 1);
    }

    #[test]
    fn a_favourite_that_stays_away_holds_nobody_up() {
        let lock = Biased::new(0);
        become_favourite(&lock);
        thread::scope(|scope| scope.spawn(|| *lock.lock() += 1).join().expect("it gets in"));
        assert!(!has_favourite(&lock));
        assert_eq!(*lock.lock(), 1);
    }

    #[test]
    fn who_comes_while_the_favourite_is_inside_waits_until_it_leaves() {
        let lock = Biased::new(Vec::new());
        become_favourite(&lock);
        thread::scope(|scope| {
            let mut inside = lock.lock();
            let others: Vec<_> = (0..4).map(|_| scope.spawn(|| lock.lock().push("another"))).collect();
            while cfg!(target_os = "linux") && !lock.awaited.load(Ordering::Relaxed) {
                thread::yield_now();
            }
            inside.push("the favourite");
            drop(inside);
            others.into_iter().for_each(|other| other.join().expect("it gets in"));
        });
        assert_eq!(*lock.lock(), ["the favourite", "another", "another", "another", "another"]);
    }

    /// Two numbers that differ only while somebody is inside; a favourite that is never long outside, and two others who come
    /// whenever there is one.
    #[test]
    fn never_are_two_inside() {
        const FENCES: u64 = 1000;
        let lock = Biased::new((0_u64, 0_u64));
        let over = AtomicBool::new(false);
        let add = || {
            let mut pair = lock.lock();
            assert_eq!(pair.0, pair.1);
            pair.0 += 1;
            compiler_fence(Ordering::SeqCst);
            pair.1 += 1;
            pair.favour();
        };
        let intrude = || {
            for _ in 0..FENCES {
                let failed = || lock.poisoned.load(Ordering::Relaxed); // then it has no favourite any more
                while cfg!(target_os = "linux") && !has_favourite(&lock) && !failed() {
                    thread::yield_now();
                }
                let mut pair = lock.lock();
                assert_eq!(pair.0, pair.1);
                pair.0 += 1;
                pair.1 += 1;
            }
        };
        let own = thread::scope(|scope| {
            let favourite = scope.spawn(|| (0_u64..).inspect(|_| add()).find(|_| over.load(Ordering::Relaxed)));
            let intruders = [scope.spawn(intrude), scope.spawn(intrude)].map(|thread| thread.join());
            over.store(true, Ordering::Relaxed);
            assert!(intruders.iter().all(|ended| ended.is_ok()));
            favourite.join().expect("it was alone inside").expect("it is over")
        });
        let all = own + 1 + 2 * FENCES;
        assert_eq!(*lock.lock(), (all, all));
    }

    #[test]
    fn a_panic_inside_is_remembered() {
        let lock = Biased::new(0);
        for favoured in [false, true] {
            if favoured {
                become_favourite(&lock);
            }
            let inside = catch_unwind(AssertUnwindSafe(|| {
                let _inside = lock.lock();
                panic!("on purpose");
            }));
            assert!(inside.is_err() && lock.lock().is_poisoned());
            lock.lock().clear_poison();
            assert!(!lock.lock().is_poisoned());
        }
    }

    #[test]
    fn who_waits_for_a_bell_lets_others_in() {
        let lock = Biased::new(false);
        let bell = Condvar::new();
        let (ready, is_ready) = mpsc::channel();
        thread::scope(|scope| {
            scope.spawn(|| {
                let mut inside = lock.lock();
                ready.send(()).expect("somebody listens");
                while !*inside {
                    inside = inside.wait(&bell, None).0;
                }
            });
            is_ready.recv().expect("it is inside");
            become_favourite(&lock); // while it waits
            *lock.lock() = true;
            bell.notify_all();
        });
        assert!(!lock.lock().wait(&bell, Some(Duration::ZERO)).1);
    }

    #[test]
    fn a_favourite_that_waits_for_a_bell_lets_others_in() {
        let lock = Biased::new(false);
        let bell = Condvar::new();
        become_favourite(&lock);
        thread::scope(|scope| {
            let mut inside = lock.lock();
            scope.spawn(|| {
                *lock.lock() = true;
                bell.notify_all();
            });
            while !*inside {
                inside = inside.wait(&bell, None).0;
            }
        });
        assert!(!has_favourite(&lock) && *lock.lock());
        become_favourite(&lock);
        assert_eq!(has_favourite(&lock), cfg!(target_os = "linux"));
    }
}
