//! What goes to many connections: subscribing to topics, publishing, sending to a list.

use std::ffi::CString;

use super::conn::{Conn, Link};
use super::core::Core;
use super::engine::{Engine, not_up};
use super::event::{Event, EventKind};
use super::letter::Letter;
use super::mailbox::NOBODY;
use super::sending::FLUSH_AT;
use super::topics::{check_filter, check_topic};
use crate::error::{Error, Operation, Result, Status};
use crate::protocol::{Broadcast, Opcode};
use crate::session::{Kit, Shared};

/// Something for everybody who has subscribed to its topic.
pub struct Publication<'a> {
    topic: &'a str,
    pub message: Broadcast<'a>,
    /// The connection that does not get it; 0 for none.
    except: u64,
    /// The engine that it is published to is yet to tell its host, if it does that.
    news: bool,
}

/// What has become of a message for many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reached {
    /// Connections that got it.
    pub reached: u32,
    /// Connections that should have and could not.
    pub skipped: u32,
}

impl<'a> Publication<'a> {
    /// A text or binary message; `local`: no news for the host.
    pub fn new(topic: &'a str, opcode: Opcode, data: &'a [u8], raw: bool) -> Result<Self> {
        check_topic(topic)?;
        Ok(Self { topic, message: Broadcast::new(opcode, data, raw)?, except: 0, news: true })
    }

    /// Not for this connection.
    #[must_use]
    pub fn except(self, conn: u64) -> Self {
        Self { except: conn, ..self }
    }

    /// No event for the host: it has this from somewhere else.
    #[must_use]
    pub fn local(self, local: bool) -> Self {
        Self { news: !local, ..self }
    }
}

impl std::ops::AddAssign for Reached {
    fn add_assign(&mut self, more: Self) {
        self.reached += more.reached;
        self.skipped += more.skipped;
    }
}

impl Engine {
    /// From here on the connection gets what is published to the topics that this stands for.
    pub fn subscribe(&self, id: u64, filter: &str) -> Result<()> {
        check_filter(filter)?;
        let mut core = self.core()?;
        let (slot, _) = core.conn(id)?;
        let Core { conns, topics, .. } = &mut *core;
        let Some(conn) = conns.at(slot) else { return Ok(()) };
        let Link::Up(_, session) = &conn.link else { return Err(not_up(conn)) };
        let state = conn.state();
        let known = |error: Error| error.with(|e| (e.conn, e.state) = (id, state.bit()));
        let max = session.subscriptions_max().map_err(known)?;
        topics.subscribe(&mut conn.subscriber, slot, filter, max).map_err(known)
    }

    /// Takes a subscription back; an empty one stands for all.
    pub fn unsubscribe(&self, id: u64, filter: &str) -> Result<()> {
        if !filter.is_empty() {
            check_filter(filter)?;
        }
        let mut core = self.core()?;
        let (slot, _) = core.conn(id)?;
        let Core { conns, topics, .. } = &mut *core;
        let Some(conn) = conns.at(slot) else { return Ok(()) };
        match filter {
            "" => topics.leave(&mut conn.subscriber),
            filter => topics.unsubscribe(&mut conn.subscriber, filter),
        }
        Ok(())
    }

    /// Connections with a subscription for this topic.
    pub fn subscribers(&self, topic: &str) -> Result<u32> {
        check_topic(topic)?;
        let mut count = 0;
        self.core()?.topics.search(topic, |_| count += 1);
        Ok(count)
    }

    /// Queues a message for everybody here who has subscribed to its topic. The first engine that gets it tells its host
    /// of it, if that is wanted.
    pub fn publish(&self, publication: &mut Publication) -> Result<Reached> {
        let mut core = self.core()?;
        let polls_here = core.polls_here();
        core.catch_up(polls_here);
        let mut audience = std::mem::take(&mut core.audience);
        core.topics.search(publication.topic, |slot| audience.push(slot));
        let outcome = core.publish(publication, &audience);
        audience.clear();
        core.audience = audience;
        core.leave(None);
        outcome
    }

    /// Queues a message for connections of this engine; handles that are stale count as skipped.
    pub fn send_many(&self, conns: &[u64], message: &mut Broadcast) -> Result<Reached> {
        let mut core = self.core()?;
        let polls_here = core.polls_here();
        core.catch_up(polls_here);
        let mut reached = Reached::default();
        for id in conns {
            match core.conn(*id) {
                Ok((slot, _)) => core.offer(slot, message, &mut reached),
                Err(_) => reached.skipped += 1,
            }
        }
        core.leave(None);
        Ok(reached)
    }
}

impl Core {
    fn publish(&mut self, publication: &mut Publication, audience: &[u32]) -> Result<Reached> {
        if !audience.is_empty() {
            publication.message.plain()?; // without memory for it nothing has happened
        }
        if std::mem::take(&mut publication.news) && self.options.publish_events {
            self.tell(publication)?;
        }
        let mut reached = Reached::default();
        for slot in audience {
            if publication.except == 0 || self.conns.at(*slot).is_some_and(|conn| conn.id != publication.except) {
                self.offer(*slot, &mut publication.message, &mut reached);
            }
        }
        Ok(reached)
    }

    /// An event for the host, which waits with the others for the next batch; an error if there is no room for it.
    fn tell(&mut self, publication: &Publication) -> Result<()> {
        let data = publication.message.data();
        let (waiting, max) = (self.mailbox.waiting_of(NOBODY).1, self.options.event_memory_max);
        let weight = Letter::weight_of_published(publication.topic.len(), data.len());
        if weight > max.saturating_sub(waiting) {
            return Err(Error::new(Status::QUEUE_FULL, "what is published is not polled").with(|e| {
                e.operation = Operation::Send;
                e.capacity = max;
                e.current_size = Some(waiting);
                e.size = Some(data.len() as u64);
            }));
        }
        let mut event = Event::new(EventKind::Publish, 0, 0, 0);
        event.opcode = publication.message.opcode() as u8;
        let topic = CString::new(publication.topic).ok(); // checked: it has no NUL
        self.mailbox.push(Letter { event, data: data.into(), topic });
        Ok(())
    }

    /// A message for many, for one of them.
    fn offer(&mut self, slot: u32, message: &mut Broadcast, reached: &mut Reached) {
        let Core { conns, buffers, keys, now, .. } = self;
        let mut kit = Kit { buffers, masks: keys, now: *now };
        let writable = conns.at(slot).filter(|conn| !conn.has_failed_to_write());
        let shared = match writable.and_then(Conn::session) {
            Some(session) => session.send_shared(message, &mut kit),
            None => Shared::Impossible,
        };
        match shared {
            Shared::Queued => {
                reached.reached += 1;
                self.flush_soon(slot);
            }
            Shared::Impossible => reached.skipped += 1,
            Shared::TooSlow => {
                reached.skipped += 1;
                self.too_slow(slot, message.data().len());
            }
        }
    }

    /// What is queued leaves with the next poll, unless it is much: a host that publishes much between two polls must not
    /// take its peers for slow. Whoever takes nothing now is not asked.
    fn flush_soon(&mut self, slot: u32) {
        let Some(session) = self.conns.at(slot).and_then(Conn::session) else { return };
        match session.out() {
            out if out.is_blocked() => {}
            out if out.len() < FLUSH_AT => self.mark_dirty(slot),
            _ => {
                self.flush(slot);
                self.settle(slot);
            }
        }
    }

    /// The queue of a connection has no room for what others get.
    fn too_slow(&mut self, slot: u32, len: usize) {
        let Core { conns, buffers, keys, topics, now, .. } = self;
        let Some(conn) = conns.at(slot) else { return };
        let Link::Up(_, session) = &mut conn.link else { return };
        if session.was_too_slow(len, &mut Kit { buffers, masks: keys, now: *now }) {
            if conn.reconnect().is_none() {
                topics.leave(&mut conn.subscriber);
            }
            self.settle(slot);
        }
    }
}
