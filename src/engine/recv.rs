//! Waiting for one connection's next message, for scripts and tests: everything waits in the mailbox, and of that this one
//! is taken.

use std::time::Duration;

use super::core::Core;
use super::engine::Engine;
use super::event::{Event, Sink};
use super::letter::Letter;
use super::poll::Poller;
use super::queueing::Aside;
use crate::error::{Error, Operation, Result, Status};

impl Engine {
    /// Waits until the connection has a message, and puts that into `sink`; how it ended if it has none any more.
    pub fn recv<S: Sink>(&self, conn: u64, sink: &mut S, timeout: Option<Duration>) -> Result<()> {
        let during = |error: Error| error.during(Operation::Receive).with(|e| e.conn = conn);
        if self.apart {
            return self.take_message(conn, sink, timeout);
        }
        let mut poller = self.poller().map_err(during)?;
        self.recv_with(&mut poller, conn, sink, timeout)
    }

    /// The same by the one who has the right to poll.
    fn recv_with<S: Sink>(
        &self,
        poller: &mut Poller,
        conn: u64,
        sink: &mut S,
        timeout: Option<Duration>,
    ) -> Result<()> {
        let mut core = self.core()?;
        core.conn(conn)?;
        let until = core.begin_poll(timeout);
        core.conn(conn)?; // it may have been the last batch that kept it
        let mut letter = core.mailbox.take(conn);
        while letter.is_none() {
            let deadline = core.work_due().min(until);
            core = self.wait(poller, core, deadline)?;
            core.work(&mut Aside(conn));
            letter = core.mailbox.take(conn);
            if letter.is_none() {
                core.conclude_all(); // the host has nothing to answer first
            }
            core.flush_all();
            core.begin_turn();
            if letter.is_none() && core.now >= until {
                break;
            }
        }
        match letter {
            Some(letter) => core.deliver_letter(letter, sink),
            None => Err(timed_out(conn, timeout)),
        }
    }
}

/// The error of a receive for which nothing came in time.
pub fn timed_out(conn: u64, timeout: Option<Duration>) -> Error {
    Error::new(Status::RECV_TIMEOUT, "").with(|e| {
        e.operation = Operation::Receive;
        e.timeout_ms = timeout.map(|t| t.as_millis() as u64);
        e.conn = conn;
    })
}

impl Core {
    /// A letter to the one who waits for it: a message goes into the sink, an end is the error.
    pub fn deliver_letter<S: Sink>(&mut self, letter: Letter, sink: &mut S) -> Result<()> {
        let ended = letter.event.error.clone();
        if ended.is_none() {
            let user = self.conn(letter.event.conn).map_or(letter.event.user, |(_, conn)| conn.user);
            sink.put(&Event { data: &letter.data, user, ..letter.event.clone() });
        }
        self.letter_is_delivered(letter);
        ended.map_or(Ok(()), |error| Err((*error).clone()))
    }
}
