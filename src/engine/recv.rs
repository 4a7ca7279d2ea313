//! Waiting for one connection's next message, for scripts and tests: a poll whose sink keeps the events of all
//! others for the next real one.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::core::{Core, Letter};
use super::engine::Engine;
use super::event::{Event, EventKind, Sink};
use crate::error::{Error, Operation, Result, Status};

/// Takes one message, or the end, of one connection; puts everything else by.
struct OneMessage<'a, S> {
    wanted: u64,
    sink: &'a mut S,
    found: bool,
    /// The connection has ended; this is how.
    ended: Option<Arc<Error>>,
    aside: Vec<Letter>,
    aside_bytes: u64,
    aside_max: u64,
}

impl<S: Sink> Sink for OneMessage<'_, S> {
    fn has_room(&self, conn: u64) -> bool {
        !self.found && (conn == self.wanted || self.aside_bytes < self.aside_max)
    }

    fn is_full(&self) -> bool {
        self.found
    }

    fn is_empty(&self) -> bool {
        !self.found
    }

    fn takes_mail(&self) -> bool {
        false
    }

    fn put(&mut self, event: &Event) -> bool {
        if is_message_or_end(event, self.wanted) {
            self.found = true;
            match &event.error {
                Some(error) => self.ended = Some(Arc::clone(error)),
                None => _ = self.sink.put(event),
            }
            return true;
        }
        let (event, data) = event.detach();
        self.aside_bytes += data.len() as u64;
        self.aside.push(Letter { event, data, topic: None });
        false
    }
}

/// What a receive of this connection waits for.
fn is_message_or_end(event: &Event, conn: u64) -> bool {
    use EventKind::{Close, ConnectFailed, Fragment, Message};
    event.conn == conn && matches!(event.kind, Message | Fragment | Close | ConnectFailed)
}

impl Engine {
    /// Polls until the connection has a message, and puts that into `sink`; how it ended if it has none any more.
    pub fn recv<S: Sink>(&self, conn: u64, sink: &mut S, timeout: Option<Duration>) -> Result<()> {
        let started = Instant::now();
        let mut poller = self.poller().map_err(|e| e.during(Operation::Receive))?;
        let (before, aside_max) = {
            let mut core = self.core()?;
            if let Some(letter) = core.take_letter(conn) {
                return core.deliver_letter(letter, sink);
            }
            core.conn(conn)?;
            (core.mailbox_bytes, core.options.event_memory_max)
        };
        let mut one = OneMessage {
            wanted: conn,
            sink,
            found: false,
            ended: None,
            aside: Vec::new(),
            aside_bytes: before,
            aside_max,
        };
        let outcome = loop {
            let left = timeout.map(|t| t.saturating_sub(started.elapsed()));
            let polled = self.poll_with(&mut poller, &mut one, left);
            if polled.is_err() || one.found {
                break polled;
            }
            if left == Some(Duration::ZERO) {
                break Err(timed_out(conn, timeout));
            }
        };
        let OneMessage { ended, aside, aside_bytes, .. } = one;
        let mut core = self.core()?;
        core.mailbox_bytes += aside_bytes - before; // other threads may have put something by, too
        for letter in aside {
            // Meanwhile its connection may have gone back to its pool: then it is for nobody.
            match letter.event.conn == 0 || core.conn(letter.event.conn).is_ok() {
                true => core.mailbox.push_back(letter),
                false => core.mailbox_bytes -= letter.weight(),
            }
        }
        outcome?;
        ended.map_or(Ok(()), |error| Err((*error).clone()))
    }
}

fn timed_out(conn: u64, timeout: Option<Duration>) -> Error {
    Error::new(Status::RECV_TIMEOUT, "").with(|e| {
        e.operation = Operation::Receive;
        e.timeout_ms = timeout.map(|t| t.as_millis() as u64);
        e.conn = conn;
    })
}

impl Core {
    /// What an earlier receive put by for this connection: a message, or its end.
    fn take_letter(&mut self, conn: u64) -> Option<Letter> {
        let at = self.mailbox.iter().position(|letter| is_message_or_end(&letter.event, conn))?;
        let letter = self.mailbox.remove(at)?;
        self.mailbox_bytes -= letter.weight();
        Some(letter)
    }

    /// A letter to the one who waits for it: a message goes into the sink, an end is the error.
    fn deliver_letter<S: Sink>(&mut self, letter: Letter, sink: &mut S) -> Result<()> {
        let ended = letter.event.error.clone();
        if ended.is_none() {
            sink.put(&Event { data: &letter.data, ..letter.event.clone() });
        }
        self.letter_is_delivered(letter);
        ended.map_or(Ok(()), |error| Err((*error).clone()))
    }
}
