//! One turn for one connection: take what waits, read once, write what there is, end what is over.

use super::arena::Stretch;
use super::conn::{Conn, Link};
use super::core::{Conclusion, Core};
use super::event::{Event, EventKind, FLAG_COMPRESSED, FLAG_FIN, Sink};
use super::flags::Flags;
use super::letter::Letter;
use super::log::Level;
use super::queueing::put_by;
use super::timers::Owner;
use super::wire::{After, Read};
use crate::error::{Error, Operation, Status};
use crate::protocol::{Buffer, Opcode, Payload};
use crate::session::{Fate, Kit, Notice, Time};

/// The most that one direct read asks for.
const DIRECT_MAX: usize = 512 << 10;

/// The most that is read while another connection's rest waits for a later batch: this one's rest would have to be
/// copied.
const READ_BEHIND: usize = 16 << 10;

/// The most that is read at once when all of it may have to be copied.
pub const READ_TO_COPY: usize = 64 << 10;

/// So long the answer to a peer's Close waits for a host that does not take what came before it.
const PATIENCE: Time = 1_000_000;

/// Connections on their way that get a turn before everybody else does again: one of TLS costs as much as a thousand
/// messages.
const APPROACHES_MAX: usize = 16;

impl Core {
    /// One turn. What cannot be done now, because the batch is full, stays for the next.
    #[inline(always)]
    pub fn serve<S: Sink>(&mut self, slot: u32, sink: &mut S) {
        let Some(conn) = self.conns.at(slot) else { return self.serve_pool(slot, sink) };
        conn.flags.remove(Flags::QUEUED | Flags::ALONE);
        if self.usual_turn(slot, sink) {
            return;
        }
        self.serve_otherwise(slot, sink);
    }

    #[inline(never)]
    fn serve_otherwise<S: Sink>(&mut self, slot: u32, sink: &mut S) {
        let Some(conn) = self.conns.at(slot) else { return };
        if conn.flags.contains(Flags::DONE) {
            return;
        }
        if !conn.flags.contains(Flags::APART) || self.begin_apart(slot, sink) {
            self.turn(slot, sink);
        }
    }

    /// A turn that begins with something that others' do not; false if that was all. Apart, so that these do not pay for it.
    #[cold]
    #[inline(never)]
    fn begin_apart<S: Sink>(&mut self, slot: u32, sink: &mut S) -> bool {
        let Some(conn) = self.conns.at(slot) else { return false };
        if conn.flags.contains(Flags::POOLED) {
            self.serve_pooled(slot);
            return false;
        }
        let room = sink.has_room(conn.id) || self.may_wait(slot, sink);
        match room {
            true => self.announce(slot, sink),
            false => self.wait_for_room(slot, sink),
        }
        room
    }

    /// The turn itself.
    pub fn turn<S: Sink>(&mut self, slot: u32, sink: &mut S) {
        let Some(conn) = self.conns.at(slot) else { return };
        let clogged = conn.flags.contains(Flags::CLOGGED);
        let room = sink.has_room(conn.id) || self.may_wait(slot, sink);
        if room && clogged {
            self.unclog(slot);
        }
        let Some(conn) = self.conns.at(slot) else { return };
        match &conn.link {
            Link::Dialing(_) => self.race(slot),
            Link::Approaching(_) if self.approached >= APPROACHES_MAX => return self.queue(slot),
            Link::Approaching(_) if room => self.approach(slot, sink),
            Link::Up(..) if room => self.converse(slot, sink),
            Link::Approaching(_) => return self.wait_for_room(slot, sink),
            Link::Up(..) => {
                self.report(slot, sink);
                return self.wait_for_room(slot, sink);
            }
            Link::Waiting => return self.tell_loss(slot, sink),
            Link::Down => {}
        }
        if self.conns.at(slot).is_some_and(|conn| conn.outcome().is_some()) {
            self.finish(slot, sink);
        }
    }

    /// A connection with a transport: what waited first, then one read.
    #[inline(always)]
    fn converse<S: Sink>(&mut self, slot: u32, sink: &mut S) {
        if self.conns.at(slot).and_then(Conn::session).is_some_and(|session| session.is_asked()) {
            return self.await_decision(slot);
        }
        let had_rest = self.has_rest(slot);
        let took_all = self.take_waiting(slot, sink);
        self.note_conclusion(slot);
        if !took_all {
            return;
        }
        self.report(slot, sink);
        let enough = self.has_lent_enough();
        let Some(Conn { link: Link::Up(_, session), flags, id, .. }) = self.conns.at(slot) else { return };
        if flags.wants_read() && session.wants_read() {
            match sink.has_room(*id) || self.may_wait(slot, sink) {
                // One that had a rest from before has had its turn: a peer that never stops drowns nobody.
                true if !enough && !had_rest => self.read(slot, sink),
                true => self.queue(slot),
                false => self.wait_for_room(slot, sink),
            }
        }
        self.settle(slot);
        self.report(slot, sink);
    }

    /// Something was read before and not taken.
    fn has_rest(&mut self, slot: u32) -> bool {
        let left_over = self.leftover.is_some_and(|(owner, _)| owner == slot);
        left_over || self.conns.at(slot).is_some_and(|conn| conn.has_stash())
    }

    /// Takes what was read before and not taken; false if the batch is full before that is done.
    #[inline(always)]
    fn take_waiting<S: Sink>(&mut self, slot: u32, sink: &mut S) -> bool {
        let Some(conn) = self.conns.at(slot) else { return false };
        if conn.flags.contains(Flags::PAUSED) {
            return true;
        }
        if let Some(stash) = conn.take(|passing| passing.stash.take()) {
            let stretch = self.arena.put(&stash);
            return self.take(slot, stretch, sink);
        }
        match self.leftover {
            Some((owner, stretch)) if owner == slot => {
                self.leftover = None;
                self.take(slot, stretch, sink)
            }
            _ => true,
        }
    }

    /// Hands a stretch of received bytes to the session, as far as the batch has room; false if it is full.
    pub fn take<S: Sink>(&mut self, slot: u32, mut stretch: Stretch, sink: &mut S) -> bool {
        let Core { conns, arena, buffers, keys, lent, lent_bytes, responses, now, .. } = self;
        let Some(conn) = conns.at(slot) else { return true };
        let Link::Up(_, session) = &mut conn.link else { return true };
        let mut kit = Kit { buffers, masks: keys, now: *now };
        let bytes = arena.bytes(&stretch);
        while stretch.at < bytes.len() {
            if !sink.has_room(conn.id) {
                return self.take_aside(slot, stretch, false, sink);
            }
            let (id, from) = (conn.id, (conn.id, conn.listener, conn.user));
            if let Some(plain) = session.takes_plain() {
                session.receive_plain(plain, bytes, &mut stretch.at, kit.now, |opcode, data| {
                    sink.put_message(from, opcode, data);
                    sink.has_room(id)
                });
            }
            if stretch.at == bytes.len() || !sink.has_room(id) {
                continue;
            }
            match session.receive(bytes, &mut stretch.at, &mut kit) {
                None => {}
                Some(Notice::Open(handshake)) => {
                    self.greet(slot, *handshake, sink);
                    return self.take(slot, stretch, sink);
                }
                Some(Notice::Asked(handshake, websocket)) => {
                    self.ask(slot, (*handshake, websocket), stretch, sink);
                    return true;
                }
                Some(Notice::Answered) => {
                    conn.flags.set(Flags::SILENT, !conn.flags.contains(Flags::KNOWN));
                    *responses += 1;
                }
                Some(notice) => deliver(from, notice, sink, lent, lent_bytes),
            }
        }
        true
    }

    /// The batch is full: what was not taken stays where it is, or with the connection if another one's rest
    /// lies there already.
    pub fn keep<S: Sink>(&mut self, slot: u32, stretch: Stretch, sink: &S) -> bool {
        if self.options.io_thread {
            self.stash(slot, stretch); // nobody knows how long it stays
            self.wait_for_room(slot, sink);
            return false;
        }
        if self.leftover.is_none() {
            self.leftover = Some((slot, stretch));
        } else {
            self.stash(slot, stretch);
        }
        // Behind the others: a peer that never stops must not have every batch to itself.
        self.queue(slot);
        false
    }

    /// Copies what was not taken of a stretch to the connection, so that it holds no block that others share.
    pub fn stash(&mut self, slot: u32, stretch: Stretch) {
        let rest = self.arena.bytes(&stretch)[stretch.at..].into();
        if let Some(conn) = self.conns.at(slot) {
            conn.for_a_while().stash = Some(rest);
        }
    }

    /// One read, to where it serves best.
    fn read<S: Sink>(&mut self, slot: u32, sink: &mut S) {
        let Core { conns, arena, buffers, keys, lent, lent_bytes, leftover, mailbox, read_max, now, .. } = self;
        let Some(conn) = conns.at(slot) else { return };
        let Link::Up(wire, session) = &mut conn.link else { return };
        let mut kit = Kit { buffers, masks: keys, now: *now };
        let mut stretch = None;
        let direct = if wire.is_plain() { session.direct(DIRECT_MAX, &mut kit) } else { None };
        let Read { came, after, .. } = match direct {
            Some(room) => {
                let read = wire.read(room, usize::MAX);
                if read.len > 0 {
                    if let Some(notice) = session.advance(read.len, &mut kit) {
                        let from = (conn.id, conn.listener, conn.user);
                        match sink.has_room(conn.id) {
                            true => deliver(from, notice, sink, lent, lent_bytes),
                            false => put_by(from, notice, mailbox, session, &mut conn.details, &mut kit),
                        }
                    }
                }
                read
            }
            None => {
                let most = if leftover.is_some() { READ_BEHIND } else { *read_max };
                let read = wire.read(arena.room(wire.slack()), most);
                stretch = (read.len > 0).then(|| arena.fill(read.len));
                read
            }
        };
        session.arrived(came);
        self.have_read(slot, after, stretch, sink);
    }

    /// After a read: what came is taken, as far as there is room, and what is behind it decides how to go on.
    pub fn have_read<S: Sink>(&mut self, slot: u32, after: After, stretch: Option<Stretch>, sink: &mut S) {
        let Some(conn) = self.conns.at(slot) else { return };
        conn.flags.have_read(&after);
        if conn.has_failed_to_write() && matches!(after, After::Enough) {
            conn.flags.insert(Flags::READABLE);
        }
        let more = conn.flags.contains(Flags::READABLE);
        if let Some(stretch) = stretch {
            self.take(slot, stretch, sink);
        }
        self.note_conclusion(slot);
        match after {
            After::More | After::Enough if more => self.queue(slot),
            After::More | After::Enough => {}
            nothing => self.no_more(slot, nothing),
        }
    }

    /// The peer may have ended the conversation.
    pub fn note_conclusion(&mut self, slot: u32) {
        let Core { conns, concluding, now, .. } = self;
        let Some(conn) = conns.at(slot) else { return };
        let (id, patience) = (conn.id, if conn.flags.contains(Flags::POOLED) { 0 } else { PATIENCE }); // nobody holds it who might answer
        if conn.session().is_some_and(|session| session.must_conclude()) {
            concluding.push_back(Conclusion { slot, conn: id, due: now.saturating_add(patience) });
        }
    }

    /// Everything that had arrived has been read; `last` is why there was no more.
    fn no_more(&mut self, slot: u32, last: After) {
        if !matches!(last, After::Nothing) {
            // An answer to the peer's Close may still be due; it goes out before the end is noticed.
            let Core { conns, buffers, keys, now, .. } = self;
            if let Some(session) = conns.at(slot).and_then(Conn::session) {
                session.conclude(&mut Kit { buffers, masks: keys, now: *now });
            }
            self.flush(slot);
        }
        let Core { conns, buffers, keys, now, .. } = self;
        let Some(conn) = conns.at(slot) else { return };
        let write_error = conn.take(|passing| passing.write_error.take());
        let Link::Up(wire, session) = &mut conn.link else { return };
        let mut kit = Kit { buffers, masks: keys, now: *now };
        match (write_error, last) {
            // The alert that says why tells more than that nothing can be written any more.
            (_, After::Broken(error)) if error.status.is_a(Status::TLS) => session.broken(error, &mut kit),
            (Some(error), _) => session.broken(error, &mut kit),
            (None, After::End) if session.was_open() && wire.was_cut_off() => {
                let error = Error::new(Status::UNEXPECTED_EOF, "TLS was cut off, without its close_notify");
                session.broken(error.during(Operation::Receive), &mut kit);
            }
            (None, After::End) => session.eof(&mut kit),
            (None, After::Broken(error)) => session.broken(error, &mut kit),
            (None, After::More | After::Enough | After::Nothing) => {}
        }
    }

    /// After anything that changed a session: its bytes go out soon, its timers are right, its transport does
    /// what the session wants.
    pub fn settle(&mut self, slot: u32) {
        let Some(conn) = self.conns.at(slot) else { return };
        let can_write = !conn.has_failed_to_write();
        let Link::Up(wire, session) = &mut conn.link else { return };
        match session.fate() {
            Fate::Keep => {}
            Fate::HalfClose if conn.flags.contains(Flags::HALF_CLOSED) => {}
            Fate::HalfClose => conn.flags.set(Flags::HALF_CLOSED, wire.end_writing()),
            Fate::Drop => {
                wire.farewell();
                let outcome = session.outcome();
                return self.end(slot, outcome);
            }
        }
        let queued = !session.out().is_empty() && !session.out().is_blocked();
        if can_write && (queued || wire.wants_write()) {
            self.mark_dirty(slot);
        }
        self.rearm(slot);
    }

    /// Writes what waits, as far as the kernel takes it. [`Core::settle`] is due afterwards.
    pub fn flush(&mut self, slot: u32) {
        let Core { conns, buffers, keys, now, .. } = self;
        let Some(conn) = conns.at(slot) else { return };
        conn.flags.remove(Flags::DIRTY);
        let can_write = !conn.has_failed_to_write();
        let Link::Up(wire, session) = &mut conn.link else { return };
        if !can_write || (session.out().is_empty() && !wire.wants_write()) {
            return;
        }
        if let Err(error) = wire.flush(session, &mut Kit { buffers, masks: keys, now: *now }) {
            conn.for_a_while().write_error = Some(error);
            self.hear_out(slot);
        }
        self.after_writing(slot);
    }

    /// Nothing can be written any more. What the peer sent before it went is still to be read, also if the host had
    /// paused it; the end follows that.
    pub fn hear_out(&mut self, slot: u32) {
        let Core { conns, buffers, .. } = self;
        let Some(conn) = conns.at(slot) else { return };
        conn.flags.insert(Flags::READABLE);
        if let Link::Up(_, session) = &mut conn.link {
            session.discard_queue(buffers);
        }
        self.end_pause(slot);
        self.queue(slot);
    }

    /// The queue is shorter: there may be something to tell, to read again, or to end.
    pub fn after_writing(&mut self, slot: u32) {
        let Some(conn) = self.conns.at(slot) else { return };
        let readable = conn.flags.wants_read();
        let Link::Up(_, session) = &mut conn.link else { return };
        if session.has_news() || (readable && session.wants_read()) || session.fate() != Fate::Keep {
            self.queue(slot);
        }
    }

    /// Tells what has left, and that there is room again.
    pub fn report<S: Sink>(&mut self, slot: u32, sink: &mut S) {
        let Core { conns, mailbox, buffers, .. } = self;
        let Some(conn) = conns.at(slot) else { return };
        let Link::Up(_, session) = &mut conn.link else { return };
        if !session.has_news() {
            return;
        }
        while sink.has_room(conn.id) || (sink.puts_by() && mailbox.has_room_for_small(conn.id)) {
            let mut event = Event::new(EventKind::Sent, conn.id, conn.listener, conn.user);
            if let Some(token) = session.take_sent(buffers) {
                event.token = token;
            } else if session.take_writable(buffers) {
                return self.tell_room(slot, sink);
            } else {
                return;
            }
            match sink.has_room(conn.id) {
                true => sink.put(&event),
                false => mailbox.push(Letter::new(event)),
            }
        }
        self.wait_for_room(slot, sink);
    }

    /// Delivers the terminal event of a connection that has ended.
    #[inline(never)]
    fn finish<S: Sink>(&mut self, slot: u32, sink: &mut S) {
        let Some(conn) = self.conns.at(slot) else { return };
        let Some(event) = Core::terminal_event(conn) else { return };
        if conn.flags.contains(Flags::SILENT) {
            conn.flags.insert(Flags::DONE);
            return self.gone.push(slot);
        }
        let muted = conn.flags.contains(Flags::MUTED) && event.kind == EventKind::AcceptFailed && event.request == 0;
        // Behind what waits of it, even if there is room: that has been paused.
        let aside = self.mailbox.has(conn.id) || sink.puts_by();
        if !muted && !aside && !sink.has_room(conn.id) {
            return self.defer(slot);
        }
        conn.flags.insert(Flags::DONE);
        let known = conn.flags.contains(Flags::KNOWN);
        let id = event.conn;
        self.log.write(Level::Info, id, "engine", || match &event.error {
            Some(error) => format!("{:?}: {error}", event.kind),
            None => format!("{:?}", event.kind),
        });
        match (known, aside) {
            (false, _) => self.gone.push(slot),
            (true, false) => self.done.push(Owner::Conn(slot)),
            (true, true) => {} // when it is delivered
        }
        match aside {
            _ if muted => {}
            true => self.put_end_by(event),
            false => sink.put(&event),
        }
    }
}

/// Puts a notice into the batch as an event. A buffered payload is lent to the batch.
fn deliver<S: Sink>(from: (u64, u64, u64), notice: Notice, sink: &mut S, lent: &mut Vec<Buffer>, lent_bytes: &mut u64) {
    let Some((event, payload)) = event_of(from, notice) else { return };
    sink.put(&Event { data: payload.bytes(), ..event });
    if let Payload::Buffered(buffer) | Payload::Inflated(buffer) = payload {
        *lent_bytes += buffer.len() as u64;
        lent.push(buffer);
    }
}

/// Turns a notice into its event, apart from its payload.
#[inline(always)]
pub fn event_of((conn, listener, user): (u64, u64, u64), notice: Notice) -> Option<(Event<'static>, Payload)> {
    let mut event = Event::new(EventKind::Message, conn, listener, user);
    let (kind, opcode, payload) = match notice {
        Notice::Message(opcode, payload) => (EventKind::Message, opcode, payload),
        Notice::Fragment(opcode, fin, payload) => {
            event.flags = if fin { FLAG_FIN } else { 0 };
            (EventKind::Fragment, opcode, payload)
        }
        Notice::Ping(payload) => (EventKind::Ping, Opcode::Ping, payload),
        Notice::Pong(payload, token, rtt) => {
            event.token = token;
            event.value = rtt;
            (EventKind::Pong, Opcode::Pong, payload)
        }
        Notice::Open(_) | Notice::Asked(..) | Notice::Answered => return None,
    };
    event.kind = kind;
    event.opcode = opcode as u8;
    if matches!(payload, Payload::Inflated(_)) {
        event.flags |= FLAG_COMPRESSED;
    }
    Some((event, payload))
}
