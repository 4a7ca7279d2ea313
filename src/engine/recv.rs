//! Waiting for one connection's next message, for scripts and tests: a poll whose sink keeps the events of all
//! others for the next real one.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::core::Letter;
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
    aside: VecDeque<Letter>,
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

    fn put(&mut self, event: &Event) {
        use EventKind::{Close, ConnectFailed, Fragment, Message};
        if event.conn == self.wanted && matches!(event.kind, Message | Fragment | Close | ConnectFailed) {
            self.found = true;
            match &event.error {
                Some(error) => self.ended = Some(Arc::clone(error)),
                None => self.sink.put(event),
            }
            return;
        }
        let (event, data) = event.detach();
        self.aside_bytes += data.len() as u64;
        self.aside.push_back(Letter { event, data });
    }
}

impl Engine {
    /// Polls until the connection has a message, and puts that into `sink`; how it ended if it has none any more.
    pub fn recv<S: Sink>(&self, conn: u64, sink: &mut S, timeout: Option<Duration>) -> Result<()> {
        let started = Instant::now();
        if let Some(ended) = self.take_letter(conn, sink)? {
            return ended;
        }
        let mut one = {
            let mut core = self.core()?;
            core.conn(conn)?;
            let aside = std::mem::take(&mut core.mailbox);
            let aside_bytes = std::mem::take(&mut core.mailbox_bytes);
            let aside_max = core.options.event_memory_max;
            OneMessage { wanted: conn, sink, found: false, ended: None, aside, aside_bytes, aside_max }
        };
        let outcome = loop {
            let left = timeout.map(|t| t.saturating_sub(started.elapsed()));
            let polled = self.poll(&mut one, left);
            if polled.is_err() || one.found {
                break polled;
            }
            if left == Some(Duration::ZERO) {
                break Err(Error::new(Status::RECV_TIMEOUT, "").with(|e| {
                    e.operation = Operation::Receive;
                    e.timeout_ms = timeout.map(|t| t.as_millis() as u64);
                    e.conn = conn;
                }));
            }
        };
        let OneMessage { ended, aside, aside_bytes, .. } = one;
        let mut core = self.core()?;
        core.mailbox = aside;
        core.mailbox_bytes = aside_bytes;
        outcome.map_err(|e| e.during(Operation::Receive))?;
        ended.map_or(Ok(()), |error| Err((*error).clone()))
    }

    /// What an earlier receive put by for this connection: a message, which goes into `sink`, or its end.
    fn take_letter<S: Sink>(&self, conn: u64, sink: &mut S) -> Result<Option<Result<()>>> {
        use EventKind::{Close, ConnectFailed, Fragment, Message};
        let mut core = self.core()?;
        let mine = |e: &Event| e.conn == conn && matches!(e.kind, Message | Fragment | Close | ConnectFailed);
        let Some(at) = core.mailbox.iter().position(|letter| mine(&letter.event)) else { return Ok(None) };
        let Some(letter) = core.mailbox.remove(at) else { return Ok(None) };
        core.mailbox_bytes -= letter.data.len() as u64;
        if let Some(error) = &letter.event.error {
            return Ok(Some(Err((**error).clone())));
        }
        sink.put(&Event { data: &letter.data, ..letter.event.clone() });
        core.lent_letters.push(letter);
        Ok(Some(Ok(())))
    }
}
