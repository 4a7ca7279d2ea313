//! A client that comes back: what is lost is opened again, under the same handle, until its host or its policy says no.
//!
//! The way of a loss: [`Core::lost`] decides and lets the transport go, RECONNECTING is delivered, and once the host
//! has been told, a timer begins the next attempt. Whatever an attempt ends with is a loss again, or OPEN.

use super::backlog::{Backlog, Stock};
use super::backoff::{Backoff, Decision, Policy};
use super::conn::{Conn, Link, planned, planned_mut};
use super::core::Core;
use super::engine::{Engine, not_up};
use super::event::{Event, EventKind, FLAG_RECONNECTED, Sink};
use super::flags::Flags;
use super::keys::Keys;
use super::letter::Letter;
use super::log::Level;
use super::timers::Owner;
use crate::error::{Error, Operation, Result, Side, Status};
use crate::handshake::ClientRequest;
use crate::http::Uri;
use crate::session::{Kit, NEVER, State, Time};

/// What a host asks for that wants its connection to come back.
#[derive(Debug, Clone, Default)]
pub struct Revival {
    pub policy: Policy,
    /// Open for so long, it is opened anew; [`NEVER`] or 0: that does not happen.
    pub max_age: Time,
    /// What it keeps to be said later, or again.
    pub stock: Stock,
}

/// A host's word about when and where a connection is opened again.
#[derive(Debug, Clone)]
pub struct Again {
    /// After so long; [`NEVER`]: not until the host says so again.
    pub after: Time,
    /// There, from now on.
    pub uri: Option<Uri>,
    /// With these fields instead of those of the same names, from now on.
    pub headers: Vec<(String, String)>,
    /// What the peer is told, if the connection is open.
    pub farewell: (u16, String),
}

/// What happens when [`Reconnect::due`] has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// Down: the next attempt.
    Attempt,
    /// Down: the host has not said what it was to say.
    GiveUp(Status),
    /// Open: the connection is closed, to be opened anew.
    Reopen,
}

/// What a client needs to come back; kept with its plan for as long as it lives.
pub struct Reconnect {
    backoff: Backoff,
    max_age: Time,
    /// What every attempt begins with: what the host has changed stays, where redirects have led is forgotten.
    request: ClientRequest,
    /// It was open, or has tried to be, and is not.
    down: bool,
    /// Attempts since it went down.
    tries: u32,
    /// How it was lost: where every later failure begins.
    loss: Option<Error>,
    /// The last failure, with everything that led to it.
    last: Option<Error>,
    /// RECONNECTING that the host has not been told yet: why, and its value. Nothing is attempted before it has.
    news: Option<(Error, u64)>,
    next: Next,
    due: Time,
    /// When the earliest timer of it fires.
    armed: Time,
    /// What the peer is told when the connection is opened anew.
    farewell: (u16, String),
    /// The host or its options end this session, to begin the next after so long.
    planned: Option<Time>,
    /// The host wants no more of it.
    stopped: bool,
    /// What it has to say, or to say again.
    pub backlog: Backlog,
    /// A send was refused because of what waits.
    pub is_waited_for: bool,
}

impl Reconnect {
    /// For a client that sets out now.
    pub fn new(revival: Revival, request: ClientRequest, now: Time) -> Self {
        Self {
            backoff: Backoff::new(revival.policy, now),
            max_age: if revival.max_age == 0 { NEVER } else { revival.max_age },
            request,
            down: false,
            tries: 0,
            loss: None,
            last: None,
            news: None,
            next: Next::Attempt,
            due: NEVER,
            armed: NEVER,
            farewell: (1000, String::new()),
            planned: None,
            stopped: false,
            backlog: Backlog::new(revival.stock),
            is_waited_for: false,
        }
    }

    /// The host wants no more of it.
    pub fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// Its earliest timer fires then.
    pub fn awaits(&self, due: Time) -> bool {
        self.armed == due
    }

    /// When an attempt that begins now is over: it has its own deadline, and that of all attempts together.
    pub fn open_by(&self, now: Time, limit: Time) -> Time {
        now.saturating_add(limit).min(self.backoff.give_up_at())
    }

    /// The connection is open. A fleet that was started at one time must not reach its age at one time: chance makes it
    /// up to a tenth less.
    fn opened(&mut self, event: &mut Event, now: Time, random: u64) {
        let down = self.backoff.opened(now);
        if self.tries > 0 {
            event.value = down / 1000;
            event.token = self.tries.into();
        }
        let earlier = ((u128::from(self.max_age / 10) * u128::from(random)) >> 64) as Time;
        self.next = Next::Reopen;
        self.due = if self.max_age == NEVER { NEVER } else { now.saturating_add(self.max_age - earlier) };
        self.farewell = (1000, String::new());
        self.is_waited_for = false; // OPEN says as much
        (self.down, self.tries, self.loss, self.last, self.planned) = (false, 0, None, None, None);
        self.backlog.opened();
    }

    /// What is to be done about an error that has ended a session (`was_open`) or an attempt: `None`: wait for `due`.
    fn judge(&mut self, error: Error, was_open: bool, unsent: u64, now: Time, random: u64) -> Option<Error> {
        let error = if was_open {
            match self.planned {
                Some(_) => self.backoff.parted(now),
                None => self.backoff.lost(now),
            }
            self.loss = Some(error.clone());
            error
        } else {
            error.rooted_in(self.loss.clone())
        };
        let decision = match self.planned.take() {
            Some(after) => Decision::Retry(after),
            None => self.backoff.decide(&error, now, random),
        };
        let (next, wait, value) = match decision {
            Decision::Retry(NEVER) => (Next::GiveUp(Status::RECONNECT_EXHAUSTED), NEVER, u64::MAX),
            Decision::Retry(delay) => (Next::Attempt, delay, delay / 1000),
            Decision::Ask(patience) => (Next::GiveUp(Status::RECONNECT_REFUSED), patience, u64::MAX),
            Decision::Refused => return Some(self.give_up(Status::RECONNECT_REFUSED, error, now)),
            Decision::Exhausted => return Some(self.give_up(Status::RECONNECT_EXHAUSTED, error, now)),
        };
        self.wait(next, now.saturating_add(wait));
        let told = self.backoff.tell(error.clone(), now).with(|e| e.current_size = was_open.then_some(unsent));
        (self.down, self.last, self.news) = (true, Some(error), Some((told, value)));
        None
    }

    /// Down until `due`, or until it has been down too long.
    fn wait(&mut self, next: Next, due: Time) {
        let give_up_at = self.backoff.give_up_at();
        (self.next, self.due) = match due > give_up_at {
            true => (Next::GiveUp(Status::RECONNECT_EXHAUSTED), give_up_at),
            false => (next, due),
        };
    }

    /// The last error of the connection. A peer that has closed in order has finished, and that is no failure.
    fn give_up(&self, status: Status, last: Error, now: Time) -> Error {
        match (status, last.status) {
            (Status::RECONNECT_REFUSED, Status::CLOSED_OK) => last,
            _ => self.backoff.verdict(status, last, now),
        }
    }
}

impl Conn {
    /// It was open, or has tried to be, and is to come back.
    pub fn is_down(&self) -> bool {
        let reconnect = planned(&self.details).and_then(|plan| plan.reconnect.as_ref());
        reconnect.is_some_and(|reconnect| reconnect.down)
    }

    /// What it needs to come back, if it is to.
    pub fn reconnect(&mut self) -> Option<&mut Reconnect> {
        planned_mut(&mut self.details)?.reconnect.as_deref_mut()
    }

    /// The host wants no more of it: however it ends now, that is its end.
    pub fn stop_reconnecting(&mut self) {
        if let Some(reconnect) = self.reconnect() {
            reconnect.stopped = true;
        }
    }

    /// The error of a connection that its host gives up before it is open, or open again.
    pub fn given_up(&mut self, detail: &'static str) -> Error {
        let status = if self.flags.contains(Flags::OPENED) { Status::CLOSED_ERROR } else { Status::CONNECTION_CLOSED };
        let last = self.reconnect().and_then(|reconnect| reconnect.last.take());
        let error = Error::new(status, detail).with(|e| e.initiated_by = Side::Local);
        match (planned(&self.details), last) {
            (_, Some(last)) => error.because(last),
            (Some(plan), None) => plan.redirects.explain(error),
            (None, None) => error,
        }
    }

    /// The OPEN event says whether, and how, it has come back.
    pub fn tell_return(&mut self, event: &mut Event, now: Time, keys: &mut Keys) {
        let again = self.flags.contains(Flags::OPENED);
        let Some(reconnect) = self.reconnect() else { return };
        reconnect.opened(event, now, u64::from_ne_bytes(keys.take()));
        if again {
            event.flags |= FLAG_RECONNECTED;
            self.last().reconnects += 1;
        }
    }

    /// Messages that are lost if this is its end: they wait, or may not have been read.
    pub fn unsaid(&mut self, error: &Error) -> u64 {
        let clean = error.status == Status::CLOSED_OK;
        self.reconnect().map_or(0, |reconnect| reconnect.backlog.count(clean))
    }

    /// What the peer has read need not be kept.
    pub fn forget_what_was_read(&mut self) {
        let (Link::Up(_, session), Some(plan)) = (&self.link, planned_mut(&mut self.details)) else { return };
        if let Some(reconnect) = &mut plan.reconnect {
            reconnect.backlog.was_read(session.read_by_peer());
        }
    }

    /// What had no room in the backlog is counted where it outlives that.
    pub fn count_losses(&mut self) {
        let Some((dropped, unprotected)) = self.reconnect().map(|reconnect| reconnect.backlog.losses()) else { return };
        if (dropped, unprotected) != (0, 0) {
            let last = self.last();
            (last.dropped, last.unprotected) = (dropped, unprotected);
        }
    }
}

impl Core {
    /// A session or an attempt of a client has ended: `None` if another one will follow, else the error that is the
    /// connection's last.
    pub fn lost(&mut self, slot: u32, error: Error) -> Option<Error> {
        let Core { conns, keys, log, now, .. } = self;
        let Some(conn) = conns.at(slot) else { return Some(error) };
        if conn.reconnect().is_none_or(|reconnect| reconnect.stopped) {
            return Some(error);
        }
        let error = conn.describe(error, *now);
        let id = conn.id;
        let Conn { link, details, .. } = conn;
        let Some(plan) = planned_mut(details) else { return Some(error) };
        let Some(reconnect) = &mut plan.reconnect else { return Some(error) };
        let (mut was_open, mut unsent) = (false, 0);
        if let Link::Up(_, session) = link {
            (was_open, unsent) = (session.was_open(), session.out().unsent());
            reconnect.backlog.was_read(session.read_by_peer());
            reconnect.backlog.lost(&session.out().unreported());
        }
        let random = u64::from_ne_bytes(keys.take());
        let over = reconnect.judge(error, was_open, unsent, *now, random);
        if over.is_some() {
            return over;
        }
        if let Some((error, value)) = &reconnect.news {
            log.write(Level::Info, id, "engine", || match *value {
                u64::MAX => format!("lost, and not tried again unless the host says so: {error}"),
                ms => format!("lost, to be tried again in {ms} ms: {error}"),
            });
        }
        self.detach(slot);
        self.queue(slot);
        None
    }

    /// The transport of a connection that goes on without it is let go.
    pub fn detach(&mut self, slot: u32) {
        let Some(conn) = self.conns.at(slot) else { return };
        if matches!(conn.link, Link::Dialing(_)) {
            self.resolver.forget(conn.id);
        }
        let was_open = conn.flags.contains(Flags::OPENED);
        conn.detach();
        if was_open {
            let id = conn.id;
            self.mailbox.hold(id, false); // the pause is over
        }
        self.drop_leftover(slot);
    }

    /// Delivers RECONNECTING, if it is due and there is room; what follows it may follow then.
    pub fn tell_loss<S: Sink>(&mut self, slot: u32, sink: &mut S) {
        let Some(conn) = self.conns.at(slot) else { return };
        let (id, user) = (conn.id, conn.user);
        if conn.reconnect().is_none_or(|reconnect| reconnect.news.is_none()) {
            return;
        }
        // Behind what waits of it. A thread of the engine's own waits for no host.
        let aside = self.mailbox.has(id) || sink.puts_by();
        let room = if aside { self.mailbox.has_room_for_small(id) } else { sink.has_room(id) };
        if !room {
            return self.wait_for_room(slot, sink);
        }
        let Some((error, value)) = self.conns.at(slot).and_then(Conn::reconnect).and_then(|r| r.news.take()) else {
            return;
        };
        let mut event = Event::new(EventKind::Reconnecting, id, 0, user);
        (event.status, event.value) = (error.status, value);
        event.error = Some(error.into());
        match aside {
            true => self.mailbox.push(Letter::new(event)),
            false => sink.put(&event),
        }
        self.arm_client(slot);
    }

    /// Keeps the timer true to what a client is to do next.
    pub fn arm_client(&mut self, slot: u32) {
        let Core { conns, timers, .. } = self;
        let Some(reconnect) = conns.at(slot).and_then(Conn::reconnect) else { return };
        if reconnect.news.is_none() {
            timers.arm(Owner::Client(slot), reconnect.due, &mut reconnect.armed);
        }
    }

    /// The timer of a client, which may have moved on since it was armed.
    pub fn tick_client(&mut self, slot: u32, fired: Time) {
        let now = self.now;
        let Some(conn) = self.conns.at(slot) else { return };
        let (state, is_waiting) = (conn.state(), matches!(conn.link, Link::Waiting));
        let Some(reconnect) = conn.reconnect().filter(|reconnect| reconnect.armed == fired) else { return };
        reconnect.armed = NEVER;
        match reconnect.next {
            _ if reconnect.news.is_some() => {} // it is armed again when the host has been told
            _ if reconnect.due > now => self.arm_client(slot),
            Next::Attempt if is_waiting => self.attempt(slot),
            Next::GiveUp(status) if is_waiting => {
                let last = reconnect.last.take().unwrap_or_else(|| Error::new(Status::RECONNECT, ""));
                let error = reconnect.give_up(status, last, now);
                self.end_for_good(slot, error);
            }
            Next::Reopen if state == State::Open => self.reopen(slot),
            _ => {}
        }
    }

    /// The next attempt begins, with what the host wants to be asked for by now.
    fn attempt(&mut self, slot: u32) {
        let now = self.now;
        let Some(plan) = self.conns.at(slot).and_then(|conn| planned_mut(&mut conn.details)) else { return };
        let Some(reconnect) = &mut plan.reconnect else { return };
        reconnect.backoff.count_attempt();
        reconnect.tries = reconnect.tries.saturating_add(1);
        reconnect.due = NEVER;
        let open_by = reconnect.open_by(now, plan.settings.timers.open);
        let request = reconnect.request.clone();
        plan.begin_anew(request, open_by);
        if let Some(conn) = self.conns.at(slot) {
            conn.ask_for_what_is_planned();
        }
        self.set_out(slot);
    }

    /// Ends a session, so that the next can begin: what is queued leaves, then a Close frame.
    fn reopen(&mut self, slot: u32) {
        self.end_pause(slot); // the peer's answer has to be read
        let Core { conns, buffers, keys, now, .. } = self;
        let Some(conn) = conns.at(slot) else { return };
        let Some(reconnect) = conn.reconnect() else { return };
        let (code, reason) = reconnect.farewell.clone();
        (reconnect.planned, reconnect.due) = (Some(0), NEVER);
        if let Some(session) = conn.session() {
            // The code was checked, and nothing else can be wrong.
            let _ = session.close(code, &reason, &mut Kit { buffers, masks: keys, now: *now });
        }
        self.settle(slot);
        self.queue(slot);
    }

    /// The host's word counts more than the policy's.
    fn obey(&mut self, slot: u32, again: Again) -> Result<()> {
        let now = self.now;
        let Some(conn) = self.conns.at(slot) else { return Ok(()) };
        let state = conn.state();
        let Some(reconnect) = conn.reconnect().filter(|reconnect| !reconnect.stopped) else {
            return Err(not_to_come_back(conn));
        };
        reconnect.request = asked_anew(&reconnect.request, &again)?;
        let Again { after, farewell, .. } = again;
        reconnect.farewell = farewell;
        match state {
            State::Open if after == 0 => self.reopen(slot),
            State::Open => {
                (reconnect.next, reconnect.due) = (Next::Reopen, now.saturating_add(after));
                self.arm_client(slot);
            }
            State::Closing | State::Closed => reconnect.planned = Some(after),
            State::Connecting | State::Reconnecting => {
                reconnect.wait(Next::Attempt, now.saturating_add(after));
                self.detach(slot);
                self.queue(slot);
                self.arm_client(slot);
            }
        }
        Ok(())
    }
}

/// What is asked for from now on; an error, and nothing has changed.
fn asked_anew(request: &ClientRequest, again: &Again) -> Result<ClientRequest> {
    let mut next = match &again.uri {
        Some(uri) => request.moved(uri.clone()),
        None => request.clone(),
    };
    next.replace_headers(again.headers.clone());
    next.validate()?;
    Ok(next)
}

/// The error for a connection that does not come back, whatever its host says.
fn not_to_come_back(conn: &mut Conn) -> Error {
    if conn.outcome().is_none() && conn.reconnect().is_some() {
        return not_up(conn).with(|e| e.operation = Operation::Reconnect);
    }
    let (id, state) = (conn.id, conn.state().bit());
    Error::new(Status::RECONNECT_DISABLED, "").with(|e| {
        (e.conn, e.state) = (id, state);
        e.cause = conn.outcome().map(|outcome| &**outcome).cloned();
    })
}

impl Engine {
    /// Opens a connection again: now or later, there or elsewhere.
    pub fn reconnect(&self, id: u64, again: Again) -> Result<()> {
        let mut core = self.core()?;
        core.look_at_clock();
        let (slot, _) = core.conn(id)?;
        let (code, reason) = &again.farewell;
        let known = |error: Error| error.during(Operation::Reconnect).with(|e| e.conn = id);
        crate::protocol::check_close(*code, reason).map_err(known)?;
        core.obey(slot, again).map_err(known)?;
        core.leave(Some(slot));
        Ok(())
    }
}
