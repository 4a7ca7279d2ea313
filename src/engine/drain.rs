//! The graceful end of a listener: who waits is told to come back later, who is open is told goodbye, and when all of
//! them have gone, or been cut off, so is the listener.

use super::admission::going_away;
use super::approach::Side;
use super::conn::{Conn, Link};
use super::core::Core;
use super::event::{Event, EventKind};
use super::log::Level;
use super::timers::Owner;
use crate::error::{Error, Operation, Result, Status};
use crate::net::Socket;
use crate::session::{Kit, NEVER, State, Time};

/// What the connections of a listener are told when it closes, and how long they may take.
#[derive(Debug, Clone)]
pub struct Farewell {
    pub code: u16,
    pub reason: String,
    /// For the closing handshakes; [`NEVER`]: as long as they take by themselves.
    pub patience: Time,
}

/// A listener that is closing.
#[derive(Debug)]
pub struct Drain {
    farewell: Farewell,
    /// When whoever is left is cut off.
    until: Time,
    /// The deadline has passed, and what had arrived by then is being read.
    reprieved: bool,
    /// Connections that the kernel may hold for us: not more are accepted, or under a flood it would never end.
    pub waiting: u32,
    /// Connections that ended with both Close frames.
    clean: u64,
    /// Those that were cut off.
    cut: u64,
    /// The last event has been made.
    announced: bool,
}

impl Core {
    /// A listener begins to close.
    pub fn drain(&mut self, slot: u32, farewell: Farewell) -> Result<()> {
        crate::protocol::check_close(farewell.code, &farewell.reason).map_err(|e| e.during(Operation::Close))?;
        let until = self.now.saturating_add(farewell.patience);
        let Some(listener) = self.listeners.at(slot) else { return Ok(()) };
        let id = listener.id;
        let inherited = listener.socket.as_ref().is_some_and(Socket::is_inherited);
        listener.drain = Some(Box::new(Drain {
            farewell: farewell.clone(),
            until,
            reprieved: false,
            waiting: Socket::backlog(listener.backlog).saturating_add(1),
            clean: 0,
            cut: 0,
            announced: false,
        }));
        self.timers.arm(Owner::Listener(slot), until, &mut listener.armed);
        self.log.write(Level::Info, id, "engine", || "the listener is closing".to_owned());
        for conn in self.connections_of(id) {
            self.send_off(conn, &farewell);
        }
        if inherited {
            // Who waits there waits for whoever holds the socket, too.
            self.stop_listening(slot);
        } else {
            self.accepting.push_back(slot);
        }
        Ok(())
    }

    /// The slots of a listener's connections that have not ended.
    fn connections_of(&self, listener: u64) -> Vec<u32> {
        let theirs = |conn: &Conn| conn.listener == listener && conn.outcome().is_none();
        self.conns.iter().filter(|(_, conn)| theirs(conn)).map(|(slot, _)| slot).collect()
    }

    /// Whoever is open is told goodbye; whoever is not, to come back later, as soon as it can hear that.
    fn send_off(&mut self, slot: u32, farewell: &Farewell) {
        self.end_pause(slot); // the peer's answer has to be read
        let Core { conns, buffers, keys, now, .. } = self;
        let Some(conn) = conns.at(slot) else { return };
        match &mut conn.link {
            Link::Up(_, session) => {
                let mut kit = Kit { buffers, masks: keys, now: *now };
                match session.state() {
                    State::Connecting => session.turn_away(going_away(), &mut kit),
                    // The code was checked, and nothing else can be wrong.
                    State::Open => drop(session.close(farewell.code, &farewell.reason, &mut kit)),
                    State::Closing | State::Closed | State::Reconnecting => {}
                }
            }
            Link::Approaching(approach) => {
                if let Side::Server(_, turned_away) = &mut approach.side {
                    turned_away.get_or_insert_with(going_away);
                }
            }
            Link::Dialing(_) | Link::Down | Link::Waiting => {}
        }
        self.settle(slot);
        self.queue(slot);
    }

    /// Nobody waits in the kernel's queue any more, or nobody who is ours to answer.
    pub fn stop_listening(&mut self, slot: u32) {
        let Some(listener) = self.listeners.at(slot) else { return };
        listener.readable = false;
        listener.paused_until = 0;
        if let Some(mut socket) = listener.socket.take() {
            // Others may hold the socket: closing ours would not end its events. It fails only if there is nothing to undo.
            let _ = mio::event::Source::deregister(&mut socket, &self.registry);
        }
        self.announce_end(slot);
    }

    /// A connection that was open has ended like this.
    pub fn count_farewell(&mut self, listener: u64, error: &Error) {
        let listener = self.listeners.get(listener);
        let Some(drain) = listener.and_then(|(_, listener)| listener.drain.as_mut()) else { return };
        if error.rcvd_then_sent.is_some() {
            drain.clean += 1;
        } else if error.chain().any(|e| e.status == Status::CLOSE_TIMEOUT) {
            drain.cut += 1;
        }
    }

    /// The last event of a listener that closes, once all of its connections have gone.
    pub fn announce_end(&mut self, slot: u32) {
        let Some(listener) = self.listeners.at(slot) else { return };
        let is_over = listener.socket.is_none() && listener.connections == 0;
        let Some(drain) = listener.drain.as_mut().filter(|drain| is_over && !drain.announced) else { return };
        drain.announced = true;
        let mut event = Event::new(EventKind::ListenerClosed, 0, listener.id, listener.user);
        (event.value, event.token) = (drain.clean, drain.cut);
        self.post(event);
    }

    /// The timer of a listener: its rest is over, or its patience.
    pub fn tick_listener(&mut self, slot: u32) {
        let now = self.now;
        let Some(listener) = self.listeners.at(slot) else { return };
        let until = listener.drain.as_ref().map_or(NEVER, |drain| drain.until);
        if (1..=now).contains(&listener.paused_until) {
            self.resume_accepting(slot);
        }
        if until <= now {
            return self.lose_patience(slot);
        }
        if let Some(listener) = self.listeners.at(slot) {
            let due = if listener.paused_until > 0 { until.min(listener.paused_until) } else { until };
            self.timers.arm(Owner::Listener(slot), due, &mut listener.armed);
        }
    }

    /// What had arrived in time counts, so that is read first; then whoever is left is cut off.
    fn lose_patience(&mut self, slot: u32) {
        let Some(listener) = self.listeners.at(slot) else { return };
        let id = listener.id;
        let Some(drain) = &mut listener.drain else { return };
        if !std::mem::replace(&mut drain.reprieved, true) {
            drain.until = self.now + 1000;
            return self.timers.arm(Owner::Listener(slot), drain.until, &mut listener.armed);
        }
        drain.until = NEVER;
        let patience = drain.farewell.patience;
        for conn in self.connections_of(id) {
            self.cut_off(conn, patience);
        }
        self.stop_listening(slot);
    }

    fn cut_off(&mut self, slot: u32, patience: Time) {
        let Core { conns, buffers, keys, now, .. } = self;
        match conns.at(slot).map(|conn| &mut conn.link) {
            Some(Link::Up(_, session)) => {
                let error = Error::new(Status::CLOSE_TIMEOUT, "drain_ms is over").with(|e| {
                    e.operation = Operation::Close;
                    e.timeout_ms = Some(patience / 1000);
                });
                session.broken(error, &mut Kit { buffers, masks: keys, now: *now });
                self.settle(slot);
            }
            // It has not heard that it was refused.
            Some(Link::Approaching(_)) => self.end(slot, going_away().with(|e| e.http_status = 0)),
            _ => {}
        }
    }
}
