//! An engine with a thread of its own: that reads, writes and keeps deadlines whatever the host does, and puts every event
//! into the mailbox; polls and receives only take from there.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{MutexGuard, TryLockError};
use std::time::{Duration, Instant};

use super::bell::LastRing;
use super::core::Core;
use super::engine::Engine;
use super::event::Sink;
use super::home::Held;
use super::log::Line;
use super::mailbox::NOBODY;
use super::poll::{Poller, concurrent};
use super::queueing::Aside;
use super::recv::timed_out;
use crate::error::{Operation, Result};

impl Engine {
    /// The work of the engine's own thread: all there is, until the engine is freed or a bug has left it unusable. The log
    /// is handed out with no lock held.
    pub fn run(&self, hand_out: impl Fn(&[Line])) {
        let _ring = LastRing(&self.bell);
        let ended = catch_unwind(AssertUnwindSafe(|| {
            let Ok(mut poller) = self.poller() else { return };
            loop {
                match self.turn(&mut poller) {
                    Ok(lines) => hand_out(&lines),
                    // The kernel refuses to wait for sockets: a bug, not weather.
                    Err(error) if self.core().is_ok() => panic!("{error}"),
                    Err(_) => return,
                }
            }
        }));
        if let Err(bug) = ended {
            // Wherever it was, nobody does the work any more: whoever comes is to hear of it.
            let _core = self.home.poisonable();
            resume_unwind(bug);
        }
    }

    /// Waits for work and does it; what there is to log about it.
    fn turn(&self, poller: &mut Poller) -> Result<Vec<Line>> {
        let mut core = self.core()?;
        core.poller = super::engine::this_thread();
        core.look_at_clock();
        core.begin_turn();
        core.flush_all();
        let due = core.work_due();
        let mut core = self.wait(poller, core, due)?;
        core.work(&mut Aside(NOBODY));
        let host_polls = core.host_waits;
        core.conclude_some(host_polls);
        core.flush_all();
        let lines = core.log.take();
        let news = core.has_news();
        drop(core);
        if news {
            self.bell.ring_for_host();
        }
        Ok(lines)
    }

    /// There is something for a poll to do.
    pub(super) fn has_mail(&self, core: &Core) -> bool {
        !core.mailbox.is_empty() || !core.done.is_empty() || self.is_woken()
    }

    /// Something may wait no more, or again, that the host has not taken.
    pub(super) fn relight(&self, core: &Core) {
        if self.apart {
            self.bell.set_light(self.has_mail(core));
        }
    }

    /// Fills the sink from the mailbox, waiting up to `timeout` for something to be there.
    pub(super) fn drain<S: Sink>(&self, sink: &mut S, timeout: Option<Duration>) -> Result<()> {
        let _turn = self.host_turn()?;
        let mut core = self.begin_drain()?;
        let started = Instant::now();
        let mut in_time = true;
        loop {
            core.empty_mailbox(sink);
            let waits = !core.mailbox.is_empty(); // but there is no room
            if !sink.is_empty() || waits || self.take_woken() || !in_time {
                core.host_waits = sink.is_empty() && !waits;
                self.end_drain(core);
                return Ok(());
            }
            (core, in_time) = self.wait_for_mail(core, timeout.map(|t| t.saturating_sub(started.elapsed())))?;
        }
    }

    /// The same for the next message of one connection.
    pub(super) fn take_message<S: Sink>(&self, conn: u64, sink: &mut S, timeout: Option<Duration>) -> Result<()> {
        let _turn = self.host_turn().map_err(|e| e.during(Operation::Receive).with(|e| e.conn = conn))?;
        self.core()?.conn(conn)?;
        let mut core = self.begin_drain()?;
        let started = Instant::now();
        let mut in_time = true;
        let received = loop {
            if let Err(error) = core.conn(conn) {
                break Err(error);
            }
            if let Some(letter) = core.mailbox.take(conn) {
                break core.deliver_letter(letter, sink);
            }
            if !in_time {
                break Err(timed_out(conn, timeout));
            }
            (core, in_time) = self.wait_for_mail(core, timeout.map(|t| t.saturating_sub(started.elapsed())))?;
        };
        core.host_waits = received.is_err();
        self.end_drain(core);
        received
    }

    /// One thread of the host's at a time.
    fn host_turn(&self) -> Result<MutexGuard<'_, ()>> {
        match self.host_turn.try_lock() {
            Ok(turn) => Ok(turn),
            Err(TryLockError::WouldBlock) => Err(concurrent()),
            Err(TryLockError::Poisoned(turn)) => Ok(turn.into_inner()),
        }
    }

    /// The last batch is over. Whoever has ended, and about whom the host has said all, is answered.
    fn begin_drain(&self) -> Result<Held<'_>> {
        let mut core = self.core()?;
        core.look_at_clock();
        core.told = false;
        core.forget_batch();
        core.conclude_some(true);
        core.flush_all();
        Ok(core)
    }

    /// Waits for something to be put into the mailbox; false if nothing was in time.
    fn wait_for_mail<'a>(&'a self, mut core: Held<'a>, timeout: Option<Duration>) -> Result<(Held<'a>, bool)> {
        core.look_at_clock();
        core.conclude_some(true);
        core.flush_all();
        core.told = false;
        core.host_waits = true;
        self.call_for_work(&core);
        match core.wait_for(&self.bell.host, timeout) {
            Some((core, in_time)) => {
                let mut core = core.of(self.life)?;
                core.host_waits = false;
                Ok((core, in_time))
            }
            None => self.core().map(|core| (core, false)),
        }
    }

    /// Whoever has waited for room goes on.
    fn end_drain(&self, mut core: Held<'_>) {
        core.relieve();
        core.told = false;
        self.relight(&core);
        self.call_for_work(&core);
    }

    /// The engine's thread sleeps, and has something to do.
    fn call_for_work(&self, core: &Core) {
        if core.work_due() < core.waits_until {
            self.bell.ring_for_work();
        }
    }
}

impl Core {
    /// There is something in the mailbox of which the host has not heard. It has now.
    pub fn has_news(&mut self) -> bool {
        let news = self.options.io_thread && !self.mailbox.is_empty() && !std::mem::replace(&mut self.told, true);
        if news {
            self.bell.set_light(true);
        }
        news
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::engine::Options;
    use crate::error::Status;

    fn engine() -> Arc<Engine> {
        let options = Options {
            max_connections: 1,
            event_memory_max: 1,
            compression_memory_max: None,
            publish_events: false,
            io_thread: true,
        };
        Arc::new(Engine::new(Box::leak(Box::default()), 0, 0, options).expect("there are descriptors"))
    }

    #[test]
    fn a_bug_in_the_thread_is_told_to_the_host_that_waits() {
        let engine = engine();
        let its = Arc::clone(&engine);
        let thread = std::thread::spawn(move || its.run(|_| panic!("on purpose")));
        engine.bell.ring_for_work();
        let polled = engine.poll(&mut Aside(NOBODY), None);
        assert_eq!(polled.map_err(|e| e.status), Err(Status::PANIC));
        assert!(thread.join().is_err());
        assert_eq!(engine.wake().map_err(|e| e.status), Err(Status::PANIC));
    }

    #[test]
    fn the_thread_ends_with_the_engine() {
        let engine = engine();
        let its = Arc::clone(&engine);
        let thread = std::thread::spawn(move || its.run(|_| {}));
        engine.free();
        thread.join().expect("it has done nothing wrong");
        assert_eq!(engine.poll(&mut Aside(NOBODY), None).map_err(|e| e.status), Err(Status::INVALID_HANDLE));
    }
}
