//! What a client that comes back sends: at once if it is open, later if it is not, and again if it may have been lost.

use super::backlog::{Message, Replay};
use super::conn::{Conn, Link, planned, planned_mut};
use super::core::{Core, invalid_handle};
use super::engine::{Engine, not_up};
use super::event::{Event, EventKind, Sink};
use super::flags::Flags;
use super::letter::Letter;
use crate::error::{Error, Operation, Result, Status};
use crate::protocol::{Broadcast, Opcode};
use crate::session::{Kit, Outgoing, State};

impl Core {
    /// A message of the host's for a client that has a plan: it is not open yet, or comes back.
    #[inline(never)]
    pub fn send_by_plan(&mut self, slot: u32, message: Outgoing) -> Result<()> {
        let Some(conn) = self.conns.at(slot) else { return Err(invalid_handle()) };
        let state = conn.state();
        let Some(reconnect) = conn.reconnect() else { return Err(not_up(conn)) };
        let is_whole = matches!(message.opcode, Opcode::Text | Opcode::Binary) && !message.more;
        match state {
            State::Open => self.send_in_turn(slot, message, is_whole),
            State::Closed => Err(not_up(conn)),
            _ if reconnect.is_stopped() || !reconnect.backlog.takes_messages() || !is_whole => Err(not_up(conn)),
            _ => self.send_later(slot, message),
        }
    }

    /// The connection is open: what waits goes first.
    fn send_in_turn(&mut self, slot: u32, message: Outgoing, is_whole: bool) -> Result<()> {
        if !message.opcode.is_control() && self.has_more_to_say(slot) {
            self.say_what_waits(slot);
            if self.has_more_to_say(slot) {
                return self.send_behind(slot, message, is_whole);
            }
        }
        self.send_now(slot, message, is_whole)
    }

    fn has_more_to_say(&mut self, slot: u32) -> bool {
        let reconnect = self.conns.at(slot).and_then(Conn::reconnect);
        reconnect.is_some_and(|reconnect| reconnect.backlog.next().is_some())
    }

    /// The connection is open, and nothing waits.
    fn send_now(&mut self, slot: u32, message: Outgoing, is_whole: bool) -> Result<()> {
        let Core { conns, buffers, keys, now, .. } = self;
        let Some(conn) = conns.at(slot) else { return Err(invalid_handle()) };
        let id = conn.id;
        let mut kit = Kit { buffers, masks: keys, now: *now };
        let (Link::Up(_, session), Some(plan)) = (&mut conn.link, planned_mut(&mut conn.details)) else {
            return Err(not_up(conn));
        };
        let Some(reconnect) = &mut plan.reconnect else { return Err(invalid_handle()) };
        session
            .send(message, None, &mut kit)
            .map_err(|error| error.with(|e| (e.conn, e.state) = (id, State::Open.bit())))?;
        if is_whole && reconnect.backlog.stock.replay != Replay::Off {
            let Outgoing { opcode, data, raw, token, .. } = message;
            reconnect.backlog.was_read(session.read_by_peer());
            reconnect.backlog.said(Message::new(opcode, data, raw, token), session.counters().messages_out);
        }
        self.say_what_waits(slot); // it may have waited for the last fragment of this
        Ok(())
    }

    /// The connection is open, and what waits goes first.
    fn send_behind(&mut self, slot: u32, message: Outgoing, is_whole: bool) -> Result<()> {
        let Some(reconnect) = self.conns.at(slot).and_then(Conn::reconnect) else { return Err(invalid_handle()) };
        // In the middle of a message in fragments, its next one is what all others wait for.
        if message.opcode == Opcode::Continuation {
            return self.send_now(slot, message, false);
        }
        if is_whole && reconnect.backlog.has_room(message.data.len()) {
            return self.send_later(slot, message);
        }
        reconnect.is_waited_for = true;
        let (capacity, waiting) = (reconnect.backlog.stock.waiting_max, reconnect.backlog.bytes());
        Err(Error::new(Status::SEND_QUEUE_FULL, "what was sent before has not left").with(|e| {
            e.operation = Operation::Send;
            e.capacity = capacity;
            e.current_size = Some(waiting);
            e.size = Some(message.data.len() as u64);
        }))
    }

    /// The message waits until the connection is open, or until it is its turn.
    fn send_later(&mut self, slot: u32, message: Outgoing) -> Result<()> {
        let Some(conn) = self.conns.at(slot) else { return Err(invalid_handle()) };
        let (id, state) = (conn.id, conn.state().bit());
        let kept = keepable(conn, &message);
        let Some(reconnect) = conn.reconnect() else { return Err(invalid_handle()) };
        let before = reconnect.backlog.losses();
        let known = |error: Error| error.during(Operation::Send).with(|e| (e.conn, e.state) = (id, state));
        kept.and_then(|message| reconnect.backlog.wait(message)).map_err(known)?;
        if reconnect.backlog.losses() != before {
            conn.count_losses();
        }
        Ok(())
    }

    /// The connection is open, or there is room again: what waits is sent, as far as there is.
    pub fn say_what_waits(&mut self, slot: u32) {
        let Core { conns, buffers, keys, now, .. } = self;
        let Some(conn) = conns.at(slot) else { return };
        let (Link::Up(_, session), Some(plan)) = (&mut conn.link, planned_mut(&mut conn.details)) else { return };
        let Some(reconnect) = &mut plan.reconnect else { return };
        let mut kit = Kit { buffers, masks: keys, now: *now };
        while let Some(message) = reconnect.backlog.next().filter(|_| session.state() == State::Open) {
            let Message { opcode, raw, ref data, .. } = *message;
            let token = if message.report { message.token } else { 0 };
            // Without room in the queue the session says when there is some. Nothing else can be wrong with what was checked
            // before it was kept, but for memory, and a message in fragments that is to end first.
            if session.send(Outgoing { opcode, data, more: false, token, raw }, None, &mut kit).is_err() {
                break;
            }
            reconnect.backlog.was_read(session.read_by_peer());
            reconnect.backlog.has_said(session.counters().messages_out);
        }
        let is_read = !conn.flags.intersects(Flags::PAUSED | Flags::CLOGGED);
        if is_read && reconnect.backlog.is_half_full() {
            session.ask_what_was_read(&mut kit);
        }
        conn.count_losses();
        self.mark_dirty(slot);
    }

    /// There is room in the queue again after a send was refused: for what waits first, then for the host, if it was the
    /// host who was refused.
    #[cold]
    pub fn tell_room<S: Sink>(&mut self, slot: u32, sink: &mut S) {
        let Some(conn) = self.conns.at(slot) else { return };
        let event = Event::new(EventKind::Writable, conn.id, conn.listener, conn.user);
        if let Some(reconnect) = conn.reconnect().filter(|reconnect| reconnect.backlog.next().is_some()) {
            let is_waited_for = reconnect.is_waited_for;
            self.say_what_waits(slot);
            let Some(reconnect) = self.conns.at(slot).and_then(Conn::reconnect) else { return };
            if reconnect.backlog.next().is_some() || !is_waited_for {
                return;
            }
            reconnect.is_waited_for = false;
        }
        match sink.has_room(event.conn) {
            true => sink.put(&event),
            false => self.mailbox.push(Letter::new(event)),
        }
    }

    /// Sends now, if it is open, and whenever it is open again.
    fn send_again(&mut self, slot: u32, message: Outgoing) -> Result<()> {
        let Some(conn) = self.conns.at(slot) else { return Err(invalid_handle()) };
        let state = conn.state();
        let mut kept = keepable(conn, &message)?;
        kept.report = false;
        let Some(reconnect) = conn.reconnect() else { return Err(not_coming_back(conn)) };
        let by_itself = reconnect.backlog.check_first(&kept)?;
        if reconnect.is_stopped() {
            return Err(not_up(conn));
        }
        if state == State::Open && by_itself {
            self.send_in_turn(slot, message, false)?; // not kept: it is said again anyway
        }
        if let Some(reconnect) = self.conns.at(slot).and_then(Conn::reconnect) {
            reconnect.backlog.say_first(kept);
        }
        Ok(())
    }
}

/// A copy of a message that may be sent later without being checked again.
fn keepable(conn: &Conn, message: &Outgoing) -> Result<Message> {
    let Outgoing { opcode, data, raw, token, .. } = *message;
    Broadcast::new(opcode, data, raw)?;
    let max = planned(&conn.details).map_or(u64::MAX, |plan| plan.settings.send_queue_max);
    if data.len() as u64 > max {
        return Err(Error::new(Status::SEND_QUEUE_FULL, "the message is larger than the whole queue").with(|e| {
            e.operation = Operation::Send;
            e.capacity = max;
            e.size = Some(data.len() as u64);
        }));
    }
    Ok(Message::new(opcode, data, raw, token))
}

fn not_coming_back(conn: &Conn) -> Error {
    let (id, state) = (conn.id, conn.state().bit());
    Error::new(Status::RECONNECT_DISABLED, "").during(Operation::Send).with(|e| {
        (e.conn, e.state) = (id, state);
        e.cause = conn.outcome().map(|outcome| Error::clone(outcome));
    })
}

impl Engine {
    /// Sends a whole message now, and first whenever the connection is open again.
    pub fn send_again(&self, id: u64, message: Outgoing) -> Result<()> {
        let mut core = self.core()?;
        core.look_at_clock();
        let (slot, conn) = core.conn(id)?;
        let state = conn.state().bit();
        core.send_again(slot, message).map_err(|error| error.with(|e| (e.conn, e.state) = (id, state)))?;
        core.leave(Some(slot));
        Ok(())
    }

    /// What was sent with this token is not sent again; 0: nothing is.
    pub fn forget(&self, id: u64, token: u64) -> Result<()> {
        let mut core = self.core()?;
        let (_, conn) = core.conn(id)?;
        let Some(reconnect) = conn.reconnect() else { return Err(not_coming_back(conn)) };
        reconnect.backlog.forget_first(token);
        Ok(())
    }

    /// What has a token up to this one has arrived; what else may have been lost is sent again, and what waits behind it.
    pub fn replay(&self, id: u64, after: u64) -> Result<()> {
        let mut core = self.core()?;
        core.look_at_clock();
        let (slot, conn) = core.conn(id)?;
        let state = conn.state();
        let Some(reconnect) = conn.reconnect() else { return Err(not_coming_back(conn)) };
        if reconnect.backlog.stock.replay != Replay::OnRequest {
            let detail = "reconnect.replay is not HWS_REPLAY_ON_REQUEST";
            return Err(Error::new(Status::INVALID_STATE, detail).with(|e| (e.conn, e.state) = (id, state.bit())));
        }
        if state != State::Open {
            return Err(not_up(conn));
        }
        reconnect.backlog.release(after);
        core.say_what_waits(slot);
        core.leave(Some(slot));
        Ok(())
    }
}
