//! What becomes of events for which a batch has no room, or which nobody asks for now: they wait in the mailbox, within
//! the limits of their connection, or their connection is read no further.

use super::admission::has_opened;
use super::arena::Stretch;
use super::conn::{Conn, Details, Link, planned};
use super::core::Core;
use super::event::{Event, EventKind, Sink};
use super::flags::Flags;
use super::letter::Letter;
use super::mailbox::{Kept, Mailbox, NOBODY, NOBODYS_MAX};
use super::serve::event_of;
use super::timers::Owner;
use crate::error::{Error, Operation, Status};
use crate::protocol::Payload;
use crate::session::{Kit, Notice, Overflow, Session};

/// No batch at all: everything waits in the mailbox, from which somebody may wait for a message of this connection.
pub struct Aside(pub u64);

impl Sink for Aside {
    fn has_room(&self, _conn: u64) -> bool {
        false
    }

    fn is_full(&self) -> bool {
        false
    }

    fn put(&mut self, _event: &Event) {
        unreachable!("there was no room");
    }

    fn is_empty(&self) -> bool {
        true
    }

    fn puts_by(&self) -> bool {
        true
    }

    fn is_for(&self, conn: u64) -> bool {
        conn == self.0
    }
}

impl Conn {
    /// It is read on when there is no room in a batch.
    pub fn reads_on(&self) -> bool {
        match &self.link {
            Link::Up(_, session) => session.was_open() && session.queue_limits().overflow != Overflow::Backpressure,
            _ => false,
        }
    }
}

impl Core {
    /// There is no room in the batch for what comes of a connection; it may wait in the mailbox.
    #[inline(never)]
    pub fn may_wait<S: Sink>(&mut self, slot: u32, sink: &S) -> bool {
        let Core { conns, mailbox, options, .. } = self;
        let Some(conn) = conns.at(slot) else { return false };
        match &conn.link {
            // The first who leases it hears of that before anything that it says.
            _ if conn.flags.contains(Flags::POOLED) => false,
            Link::Up(_, session) if session.was_open() => {
                let queue = session.queue_limits();
                let all_may = options.io_thread || mailbox.waiting().1 < options.event_memory_max;
                let may = all_may || sink.is_for(conn.id);
                let reads_on = queue.overflow != Overflow::Backpressure || (sink.puts_by() && may);
                reads_on && mailbox.has_room(conn.id, queue)
            }
            _ => sink.puts_by(),
        }
    }

    /// Takes received bytes as [`Core::take`] does, while there is no room in the batch. With `all` whatever there is in
    /// them, because the end follows.
    pub fn take_aside<S: Sink>(&mut self, slot: u32, mut stretch: Stretch, all: bool, sink: &mut S) -> bool {
        while stretch.at < stretch.end {
            if !all && !self.may_wait(slot, sink) {
                return self.keep(slot, stretch, sink);
            }
            let Core { conns, arena, buffers, keys, mailbox, responses, now, .. } = self;
            let Some(conn) = conns.at(slot) else { return true };
            let Link::Up(_, session) = &mut conn.link else { return true };
            let mut kit = Kit { buffers, masks: keys, now: *now };
            match session.receive(arena.bytes(&stretch), &mut stretch.at, &mut kit) {
                None => {}
                Some(Notice::Open(handshake)) => self.greet(slot, *handshake, sink),
                Some(Notice::Asked(..)) if !mailbox.has_room_for_nobody() => session.turn_away(undecided(), &mut kit),
                Some(Notice::Asked(handshake, websocket)) => {
                    self.ask(slot, (*handshake, websocket), stretch, sink);
                    return true;
                }
                Some(Notice::Answered) => {
                    conn.flags.set(Flags::SILENT, !conn.flags.contains(Flags::KNOWN));
                    *responses += 1;
                }
                Some(notice) => {
                    let from = (conn.id, conn.listener, conn.user);
                    put_by(from, notice, mailbox, session, &mut conn.details, &mut kit);
                }
            }
        }
        true
    }

    /// Before a deadline ends a connection, all that was read of it is put by, however much waits already.
    pub fn swallow(&mut self, slot: u32) {
        let Some(stash) = self.conns.at(slot).and_then(|conn| conn.take(|passing| passing.stash.take())) else {
            return;
        };
        self.end_pause(slot);
        let stretch = self.arena.put(&stash);
        self.take_aside(slot, stretch, true, &mut Aside(NOBODY));
        self.note_conclusion(slot);
    }

    /// A connection cannot go on until there is room for what comes of it.
    pub fn wait_for_room<S: Sink>(&mut self, slot: u32, sink: &S) {
        if sink.puts_by() {
            self.clog(slot);
        }
        match self.options.io_thread {
            false => self.defer(slot),
            true if sink.puts_by() => {}
            true => self.queue(slot), // a pool has heard what it waited for, and hears the rest by itself
        }
    }

    /// What waits of a connection is in its way: it is not read, and so neither dead nor idle, unless it is that already.
    fn clog(&mut self, slot: u32) {
        let Core { conns, mailbox, now, .. } = self;
        let Some(conn) = conns.at(slot) else { return };
        let Link::Up(_, session) = &mut conn.link else {
            let Some(plan) = planned(&conn.details) else { return };
            return mailbox.await_room(conn.id, &plan.settings.queue);
        };
        mailbox.await_room(conn.id, session.queue_limits());
        let is_due = session.next_deadline() <= *now;
        if !is_due && conn.flags.raise(Flags::CLOGGED) {
            session.rest(*now);
            session.hold_idleness(true, *now);
        }
        self.rearm(slot);
    }

    /// There is room again for what comes of a connection.
    pub fn unclog(&mut self, slot: u32) {
        let now = self.now;
        let Some(conn) = self.conns.at(slot) else { return };
        conn.flags.remove(Flags::CLOGGED);
        let paused = conn.flags.contains(Flags::PAUSED);
        if let Some(session) = conn.session() {
            session.go_on(paused, now);
            session.hold_idleness(false, now);
        }
    }

    /// The host has taken something: whoever has waited for room may go on.
    pub fn relieve(&mut self) {
        for owner in self.mailbox.take_eased() {
            if let Ok((slot, _)) = self.conn(owner) {
                self.queue(slot);
            }
        }
    }

    /// The host holds a connection up.
    pub fn begin_pause(&mut self, slot: u32) {
        let Core { conns, mailbox, now, .. } = self;
        let Some(conn) = conns.at(slot) else { return };
        if conn.flags.raise(Flags::PAUSED) {
            mailbox.hold(conn.id, true);
            if let Some(session) = conn.session() {
                session.hold_keepalive(true, *now);
            }
        }
        if let Some((_, stretch)) = self.leftover.take_if(|(owner, _)| *owner == slot) {
            // Its bytes must not hold the block that others share.
            self.stash(slot, stretch);
        }
    }

    /// The host no longer holds a connection up, whether it has said so or not.
    pub fn end_pause(&mut self, slot: u32) {
        let Core { conns, mailbox, now, .. } = self;
        let Some(conn) = conns.at(slot) else { return };
        if conn.flags.lower(Flags::PAUSED) {
            mailbox.hold(conn.id, false);
            let clogged = conn.flags.contains(Flags::CLOGGED);
            if let Some(session) = conn.session() {
                session.hold_keepalive(clogged, *now);
            }
            self.rearm(slot);
        }
    }

    /// Delivers OPEN, in the batch if there is room.
    pub fn announce<S: Sink>(&mut self, slot: u32, sink: &mut S) {
        let Core { conns, listeners, mailbox, opened, keys, now, .. } = self;
        let Some(conn) = conns.at(slot) else { return };
        conn.flags.remove(Flags::GRANTED | Flags::APART);
        let mut event = Event::new(EventKind::Open, conn.id, conn.listener, conn.user);
        conn.tell_return(&mut event, *now, keys);
        conn.flags.insert(Flags::OPENED);
        event.opened = conn.opened().cloned();
        if sink.has_room(conn.id) {
            opened.push(slot);
            sink.put(&event);
        } else {
            has_opened(listeners, conn.listener, &mut conn.flags);
            mailbox.push(Letter::new(event));
        }
        self.arm_client(slot);
        self.say_what_waits(slot);
    }

    /// Puts a connection's last event by. Nobody counts on hearing of a client that did not open: if too much waits of
    /// that kind, it is only counted.
    pub fn put_end_by(&mut self, event: Event<'static>) {
        let nobodys = event.kind == EventKind::AcceptFailed && event.request == 0;
        if !nobodys || self.mailbox.has_room_for_nobody() {
            self.mailbox.push(Letter::new(event));
        }
    }

    /// Delivers what waited for this batch.
    pub fn empty_mailbox<S: Sink>(&mut self, sink: &mut S) {
        while sink.has_room(NOBODY) {
            let Some(letter) = self.mailbox.pop() else { return };
            let user = self.conn(letter.event.conn).map_or(letter.event.user, |(_, conn)| conn.user);
            sink.put(&Event { data: &letter.data, topic: letter.topic.as_deref(), user, ..letter.event.clone() });
            self.letter_is_delivered(letter);
        }
    }

    /// An event that was put by is in this batch, and so may be the first or the last of its connection or listener.
    pub fn letter_is_delivered(&mut self, letter: Letter) {
        let (kind, conn) = (letter.event.kind, letter.event.conn);
        match kind {
            EventKind::ListenerClosed => {
                if let Ok((slot, _)) = self.listener(letter.event.listener) {
                    self.done.push(Owner::Listener(slot));
                }
            }
            EventKind::Open | EventKind::Close | EventKind::ConnectFailed => {
                if let Ok((slot, conn)) = self.conn(conn) {
                    if kind == EventKind::Open {
                        conn.for_a_while().opened.clone_from(&letter.event.opened); // it may have come back since
                        self.opened.push(slot);
                    } else {
                        self.done.push(Owner::Conn(slot));
                    }
                }
            }
            EventKind::PoolReady | EventKind::PoolFailed => self.answer_was_read(letter.event.value),
            _ => {}
        }
        self.lent_letters.push(letter);
    }
}

/// What those are told on whom nobody decides, because too much waits for that already.
fn undecided() -> Error {
    Error::new(Status::QUEUE_FULL, "nobody takes the requests that wait").with(|e| {
        e.operation = Operation::Accept;
        e.capacity = NOBODYS_MAX as u64;
        e.current_size = Some(e.capacity);
        e.http_status = 503;
    })
}

/// A notice becomes a letter, as the limits of its connection allow.
pub fn put_by(
    from: (u64, u64, u64),
    notice: Notice,
    mailbox: &mut Mailbox,
    session: &mut Session,
    details: &mut Option<Box<Details>>,
    kit: &mut Kit,
) {
    let Some((event, payload)) = event_of(from, notice) else { return };
    if matches!(event.kind, EventKind::Message | EventKind::Fragment) {
        let lost = details.as_ref().map_or(0, |details| details.lost);
        let lost = match mailbox.push_message(event, payload.bytes(), session.queue_limits(), lost, kit.now) {
            Kept::Lost(lost) => lost,
            Kept::Overflown(error) => {
                session.fail(error, kit);
                1
            }
        };
        if lost > 0 {
            details.get_or_insert_default().lost += lost;
        }
    } else {
        mailbox.push(Letter { event, data: payload.bytes().into(), topic: None });
    }
    if let Payload::Buffered(buffer) | Payload::Inflated(buffer) = payload {
        kit.buffers.put_message(buffer);
    }
}
