//! The engine as the border sees it: calls from any thread, each under the lock for as long as it takes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mio::Waker;

use super::approach::Approach;
use super::bell::Bell;
use super::conn::{Conn, Link, Traffic};
use super::core::{Core, Options, WAKER, invalid_handle};
use super::drain::Farewell;
use super::event::{Event, EventKind, Opened};
use super::handle::{Handle, Kind};
use super::listener::{Listen, Listener, Reception};
use super::log::Line;
use super::plan::{Plan, Way};
use super::poll::Poller;
use super::reconnect::{Reconnect, Revival};
use crate::error::{Error, Operation, Result, Status};
use crate::handshake::ClientRequest;
use crate::net::{Address, Bind, PeerCredentials, Resolver, Socket, Stream};
use crate::session::{DirectWrite, Kit, NEVER, Outgoing, Settings, State};
use crate::tls::{ClientContexts, ServerContext};

/// From so many waiting bytes a send writes at once rather than with the next poll.
pub(super) const FLUSH_AT: usize = 256 << 10;

/// Called when the host should poll soon; from any thread, with no lock held.
pub type WakeHook = Arc<dyn Fn() + Send + Sync>;

/// An engine: connections, listeners, and the loop that drives them.
pub struct Engine {
    pub(super) poller: Mutex<Poller>,
    core: Mutex<Core>,
    pub(super) bell: Arc<Bell>,
    woken: AtomicBool,
    /// A thread of its own does the work: see `io`.
    pub(super) apart: bool,
    /// The right to take from the mailbox, where that is so.
    pub(super) host_turn: Mutex<()>,
    /// TLS of the clients; not in the core, for certificates are read from files, which takes time.
    contexts: Mutex<ClientContexts>,
    #[cfg(unix)]
    fd: std::os::fd::RawFd,
}

/// What the border may ask about a connection.
#[derive(Debug, Clone)]
pub struct ConnInfo {
    /// Where it stands.
    pub state: State,
    /// The opening handshake was done.
    pub was_open: bool,
    /// What went through it.
    pub traffic: Traffic,
    /// Messages that wait for the host, and bytes in them.
    pub waiting: (usize, u64),
    /// What was agreed, while the batch with its OPEN event lasts.
    pub opened: Option<Arc<Opened>>,
    /// The subprotocol that was agreed.
    pub subprotocol: String,
    /// Address of the peer.
    pub peer: String,
    /// Whose process the peer is, where the system says so.
    pub credentials: Option<PeerCredentials>,
    /// How it ended.
    pub outcome: Option<Arc<Error>>,
}

/// What a client is to do.
pub struct Connect {
    pub request: ClientRequest,
    pub settings: Settings,
    pub way: Way,
    /// How it comes back when it is lost, if it does.
    pub revival: Option<Revival>,
    /// What the host attaches.
    pub user: u64,
}

/// Sums over an engine.
#[derive(Debug, Clone, Copy)]
pub struct EngineInfo {
    /// Connections there are.
    pub connections: u32,
    /// What went through all that ever were.
    pub traffic: Traffic,
    /// Connections that failed to open.
    pub handshake_failures: u64,
    /// Requests that got the response of their route.
    pub responses: u64,
    /// Messages that wait for the host, and bytes in them.
    pub waiting: (usize, u64),
}

impl Engine {
    /// An engine in this slot of the process; its handles have generations above `after`.
    pub fn new(slot: u16, after: u32, options: Options) -> Result<Self> {
        let io = |e: std::io::Error| Error::io(&e, Operation::Engine);
        let poller = Poller::new().map_err(io)?;
        let registry = poller.poll.registry().try_clone().map_err(io)?;
        let bell = Arc::new(Bell::new(Waker::new(&registry, WAKER).map_err(io)?, options.io_thread));
        let resolver = Resolver::new({
            let bell = Arc::clone(&bell);
            move || bell.ring_for_work()
        });
        Ok(Self {
            #[cfg(unix)]
            fd: std::os::fd::AsRawFd::as_raw_fd(&poller.poll),
            poller: Mutex::new(poller),
            core: Mutex::new(Core::new(registry, slot, after, options, resolver)),
            bell,
            woken: AtomicBool::new(false),
            apart: options.io_thread,
            host_turn: Mutex::new(()),
            contexts: Mutex::default(),
        })
    }

    /// The state, unless the engine was freed or a bug left it half changed.
    pub(super) fn core(&self) -> Result<MutexGuard<'_, Core>> {
        match self.core.lock() {
            Ok(core) if core.closed => Err(invalid_handle()),
            Ok(core) => Ok(core),
            Err(poisoned) => {
                drop(poisoned); // no lock is held while the host's hook runs
                Err(self.poisoned())
            }
        }
    }

    #[cold]
    fn poisoned(&self) -> Error {
        self.bell.ring_for_all(); // a thread that waits in a poll should hear of it, too
        Error::new(Status::PANIC, "an earlier bug has left this engine unusable")
    }

    /// Drops everything at once; a poll on another thread returns. Gives the highest generation ever used.
    pub fn free(&self) -> u32 {
        let mut core = self.core.lock().unwrap_or_else(PoisonError::into_inner);
        core.clear();
        let highest = core.highest_generation();
        drop(core);
        self.bell.ring_for_all();
        highest
    }

    /// Makes a blocked poll, or the next one, return at once.
    pub fn wake(&self) -> Result<()> {
        let core = self.core()?;
        self.woken.store(true, Ordering::Release);
        if self.apart {
            self.bell.set_light(true);
        }
        drop(core);
        match self.apart {
            true => self.bell.ring_for_host(),
            false => self.bell.ring_for_work(),
        }
        Ok(())
    }

    pub(super) fn is_woken(&self) -> bool {
        self.woken.load(Ordering::Acquire)
    }

    pub(super) fn take_woken(&self) -> bool {
        self.woken.swap(false, Ordering::Acquire)
    }

    /// The state, however a bug may have left it: to be left so by another.
    pub(super) fn poisonable(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets what is called when the host should poll soon.
    pub fn on_wake(&self, hook: Option<WakeHook>) -> Result<()> {
        drop(self.core()?);
        self.bell.set_hook(hook);
        Ok(())
    }

    /// The file descriptor that is readable when a poll has something to do.
    #[cfg(unix)]
    pub fn pollable(&self) -> Result<isize> {
        let core = self.core()?;
        if self.apart {
            return self.bell.light(self.has_mail(&core));
        }
        Ok(self.fd as isize)
    }

    /// No such thing here without a thread of the engine's own.
    #[cfg(not(unix))]
    pub fn pollable(&self) -> Result<isize> {
        Err(Error::new(Status::UNSUPPORTED, "this platform has no pollable descriptor"))
    }

    /// How long the host may sleep before it polls; `None`: until the descriptor is readable.
    pub fn next_timeout(&self) -> Result<Option<Duration>> {
        let mut core = self.core()?;
        let now = core.look_at_clock();
        if self.apart {
            return Ok(self.has_mail(&core).then_some(Duration::ZERO));
        }
        let left_over = self.is_woken() || !core.deferred.is_empty();
        let due = if left_over { now } else { core.next_deadline() };
        core.waits_until = due;
        Ok((due != NEVER).then(|| Duration::from_micros(due.saturating_sub(now))))
    }

    /// Lines for the host's log.
    pub fn take_log(&self) -> Vec<Line> {
        self.core().map(|mut core| core.log.take()).unwrap_or_default()
    }

    /// Begins to connect.
    pub fn connect(&self, mut what: Connect) -> Result<u64> {
        let revival = what.revival.take();
        let (mut plan, user) = self.plan(what, revival.is_some())?;
        let mut core = self.core()?;
        let now = core.look_at_clock();
        plan.reconnect = revival.map(|revival| Box::new(Reconnect::new(revival, plan.request.clone(), now)));
        plan.open_by = match &plan.reconnect {
            Some(reconnect) => reconnect.open_by(now, plan.settings.timers.open),
            None => now.saturating_add(plan.settings.timers.open),
        };
        let (slot, id) = core.admit(Conn::of_client(plan, user))?;
        core.set_out(slot);
        self.leave(core, None);
        Ok(id)
    }

    /// A client over a socket that the host has connected.
    pub fn adopt_client(&self, stream: Stream, mut what: Connect) -> Result<u64> {
        what.way.max_redirects = 0; // the socket leads to one server only
        let (mut plan, user) = self.plan(what, false)?;
        let mut core = self.core()?;
        plan.open_by = core.look_at_clock().saturating_add(plan.settings.timers.open);
        let approach = Approach::of_client(stream, &plan, None)?;
        let id = core.adopt(Conn::of_client(plan, user), approach)?;
        self.leave(core, None);
        Ok(id)
    }

    /// A server over a socket that the host has accepted.
    pub fn adopt_server(&self, stream: Stream, reception: Reception, user: u64) -> Result<u64> {
        let mut core = self.core()?;
        let approach = Approach::of_server(stream, reception, core.look_at_clock(), None)?;
        let id = core.adopt(Conn::new(Link::Down, 0, user), approach)?;
        self.leave(core, None);
        Ok(id)
    }

    /// What a client is to do, with the certificates it needs, and the host's word for it.
    pub(super) fn plan(&self, what: Connect, elsewhere: bool) -> Result<(Plan, u64)> {
        let Connect { request, settings, way, user, .. } = what;
        let mut contexts = self.contexts.lock().unwrap_or_else(PoisonError::into_inner);
        Ok((Plan::new(request, Arc::new(settings), way, elsewhere, &mut contexts)?, user))
    }

    /// Binds and listens.
    pub fn listen(&self, bind: Bind, what: Listen) -> Result<u64> {
        let socket = Socket::listen(bind, what.backlog, &what.reception.socket)?;
        let mut core = self.core()?;
        let registry = core.registry.try_clone().map_err(|e| Error::io(&e, Operation::Listen))?;
        let (slot, generation) = core
            .listeners
            .insert(Listener::new(socket, what))
            .ok_or_else(|| Error::new(Status::TOO_MANY_CONNECTIONS, "listeners"))?;
        let id = Handle { kind: Kind::Listener, engine: core.engine, slot, generation }.id();
        let Some(listener) = core.listeners.at(slot) else { return Err(invalid_handle()) };
        listener.id = id;
        let registered = listener
            .socket
            .as_mut()
            .map_or(Ok(()), |socket| registry.register(socket, Core::listener_token(slot), mio::Interest::READABLE));
        if let Err(e) = registered {
            core.listeners.remove(slot);
            return Err(Error::io(&e, Operation::Listen));
        }
        Ok(id)
    }

    /// Connections that come from now on get this certificate; those that are there keep theirs.
    pub fn listener_set_tls(&self, id: u64, tls: ServerContext) -> Result<()> {
        let mut core = self.core()?;
        let (_, listener) = core.listener(id)?;
        match (listener.socket().is_some(), &mut listener.reception.tls) {
            (false, _) => Err(listener_closed()),
            (_, None) => Err(Error::new(Status::INVALID_STATE, "the listener has no TLS")),
            (_, Some(present)) => {
                *present = tls;
                Ok(())
            }
        }
    }

    /// The address that a listener is bound to.
    pub fn listener_address(&self, id: u64) -> Result<Address> {
        let mut core = self.core()?;
        let (_, listener) = core.listener(id)?;
        listener.socket().ok_or_else(listener_closed)?.local()
    }

    /// Stops accepting; LISTENER_CLOSED follows. With a farewell it does when the connections have ended, which are told
    /// so; else they stay.
    pub fn listener_close(&self, id: u64, farewell: Option<Farewell>) -> Result<()> {
        let mut core = self.core()?;
        core.look_at_clock();
        let (slot, listener) = core.listener(id)?;
        listener.socket().ok_or_else(listener_closed)?;
        match farewell {
            Some(farewell) => core.drain(slot, farewell)?,
            None => {
                let user = listener.user;
                core.stop_listening(slot);
                core.post(Event::new(EventKind::ListenerClosed, 0, id, user));
            }
        }
        self.leave(core, None);
        Ok(())
    }

    /// Queues a message, as a whole or not at all.
    pub fn send(&self, id: u64, message: Outgoing) -> Result<()> {
        let mut core = self.core()?;
        if message.opcode == crate::protocol::Opcode::Ping {
            core.look_at_clock();
        } else {
            core.catch_up();
        }
        let (slot, _) = core.conn(id)?;
        let Core { conns, buffers, keys, now, .. } = &mut *core;
        let Some(conn) = conns.at(slot) else { return Err(invalid_handle()) };
        if conn.plan.is_some() {
            core.send_by_plan(slot, message)?;
            self.leave(core, Some(slot));
            return Ok(());
        }
        let Link::Up(wire, session) = &mut conn.link else { return Err(not_up(conn)) };
        let mut kit = Kit { buffers, masks: keys, now: *now };
        let write_error = &mut conn.write_error;
        let is_plain = wire.is_plain();
        let mut write = |slices: [&[u8]; 3]| match wire.stream.write_slices(slices) {
            Ok(taken) => taken,
            Err(e) => {
                write_error.get_or_insert_with(|| Error::io(&e, Operation::Send));
                0
            }
        };
        let write: Option<DirectWrite> = if is_plain { Some(&mut write) } else { None };
        let sent = session.send(message, write, &mut kit);
        let state = session.state().bit();
        sent.map_err(|error| error.with(|e| (e.conn, e.state) = (id, state)))?;
        let is_dirty = std::mem::replace(&mut conn.flags.dirty, true);
        if conn.write_error.is_some() {
            core.hear_out(slot);
        }
        if !is_dirty {
            core.dirty.push(slot);
        }
        self.leave(core, Some(slot));
        Ok(())
    }

    /// Begins the closing handshake; a connection that is not open yet is dropped.
    pub fn close(&self, id: u64, code: u16, reason: &str) -> Result<()> {
        let mut core = self.core()?;
        core.look_at_clock();
        let (slot, conn) = core.conn(id)?;
        crate::protocol::check_close(code, reason).map_err(|e| e.during(Operation::Close).with(|e| e.conn = id))?;
        conn.stop_reconnecting();
        let opening = matches!(conn.state(), State::Connecting | State::Reconnecting);
        let error = opening.then(|| conn.given_up("closed by the host before it was open"));
        core.end_pause(slot); // the peer's answer has to be read
        if let Some(error) = error {
            core.end_for_good(slot, error);
        } else {
            let Core { conns, buffers, keys, now, .. } = &mut *core;
            if let Some(session) = conns.at(slot).and_then(Conn::session) {
                session.close(code, reason, &mut Kit { buffers, masks: keys, now: *now })?;
            }
            core.settle(slot);
            core.queue(slot);
        }
        self.leave(core, Some(slot));
        Ok(())
    }

    /// Drops the transport; the terminal event follows.
    pub fn abort(&self, id: u64) -> Result<()> {
        let mut core = self.core()?;
        core.look_at_clock();
        let (slot, conn) = core.conn(id)?;
        conn.stop_reconnecting();
        if matches!(conn.state(), State::Connecting | State::Reconnecting) {
            let error = conn.given_up("aborted by the host");
            core.end_for_good(slot, error);
        } else {
            let Core { conns, buffers, keys, now, .. } = &mut *core;
            if let Some(session) = conns.at(slot).and_then(Conn::session) {
                session.broken(aborted("aborted by the host"), &mut Kit { buffers, masks: keys, now: *now });
                core.settle(slot);
            }
        }
        self.leave(core, Some(slot));
        Ok(())
    }

    /// Stops or resumes taking from a connection.
    pub fn pause(&self, id: u64, paused: bool) -> Result<()> {
        let mut core = self.core()?;
        let now = core.look_at_clock();
        let (slot, _) = core.conn(id)?;
        if paused && core.is_over_for_its_host(slot) {
            return Ok(()); // what is meant is a session that is over
        }
        let (_, conn) = core.conn(id)?;
        conn.flags.paused = paused;
        let clogged = conn.flags.clogged;
        if let Some(session) = conn.session() {
            session.hold_keepalive(paused || clogged, now);
        }
        core.mailbox.hold(id, paused);
        if !paused {
            core.rearm(slot);
            core.queue(slot);
        } else if let Some((_, stretch)) = core.leftover.take_if(|(owner, _)| *owner == slot) {
            // Its bytes must not hold the block that others share.
            core.stash(slot, stretch);
        }
        self.leave(core, Some(slot));
        Ok(())
    }

    /// Attaches the host's word to a connection.
    pub fn set_user(&self, id: u64, user: u64) -> Result<()> {
        self.core()?.conn(id)?.1.user = user;
        Ok(())
    }

    /// The host's word for a connection.
    pub fn user(&self, id: u64) -> Result<u64> {
        Ok(self.core()?.conn(id)?.1.user)
    }

    /// Where a connection stands.
    pub fn state(&self, id: u64) -> Result<State> {
        Ok(self.core()?.conn(id)?.1.state())
    }

    /// All there is to know about a connection.
    pub fn conn_info(&self, id: u64) -> Result<ConnInfo> {
        let mut core = self.core()?;
        let waiting = core.mailbox.waiting_of(id);
        let (_, conn) = core.conn(id)?;
        conn.forget_what_was_read();
        Ok(ConnInfo {
            waiting,
            state: conn.state(),
            was_open: conn.flags.opened,
            traffic: conn.traffic(),
            opened: conn.opened.clone(),
            subprotocol: conn.subprotocol().to_owned(),
            peer: conn.peer.as_ref().map(ToString::to_string).unwrap_or_default(),
            credentials: match &conn.link {
                Link::Up(wire, _) => wire.stream.credentials(),
                _ => None,
            },
            outcome: conn.outcome.clone(),
        })
    }

    /// Sums over all connections, those of today and those that are gone.
    pub fn info(&self) -> Result<EngineInfo> {
        let core = self.core()?;
        let mut traffic = core.past;
        for (_, conn) in core.conns.iter().filter(|(_, conn)| conn.outcome.is_none()) {
            let more = conn.traffic();
            traffic.add(&more);
            traffic.queued += more.queued;
            traffic.kept += more.kept;
        }
        Ok(EngineInfo {
            connections: core.conns.len() as u32,
            traffic,
            handshake_failures: core.handshake_failures,
            responses: core.responses,
            waiting: core.mailbox.waiting(),
        })
    }

    /// Connections of listeners that failed to open for this reason, or one of its kind.
    pub fn refusals(&self, status: Status) -> Result<u64> {
        Ok(self.core()?.refusals.of(status))
    }

    /// The last thing a call does: what cannot wait for the next poll is done now, and a poll that should know
    /// is woken.
    pub(super) fn leave(&self, mut core: MutexGuard<'_, Core>, changed: Option<u32>) {
        let same_thread = core.poller == this_thread() && !core.blocked;
        if let Some(slot) = changed {
            let queued = match core.conns.at(slot).map(|conn| &conn.link) {
                Some(Link::Up(_, session)) => session.out().len(),
                _ => 0,
            };
            // The thread that polls flushes with its next poll, many messages in one write. Nobody else can
            // know when that will be.
            if queued > 0 && (!same_thread || queued >= FLUSH_AT) {
                core.flush(slot);
                core.settle(slot);
                core.forget_flushed();
            }
        }
        if same_thread {
            return;
        }
        let due = core.next_deadline();
        let wake = due < core.waits_until;
        core.waits_until = due.min(core.waits_until); // to be told once is enough
        let news = self.has_news(&mut core);
        drop(core);
        if wake {
            self.bell.ring_for_work();
        }
        if news {
            self.bell.ring_for_host();
        }
    }

    /// Panics with the lock held, as a bug would.
    #[cfg(feature = "test-hooks")]
    pub fn panic_on_purpose(&self) -> Result<()> {
        let _core = self.core()?;
        panic!("on purpose");
    }
}

/// A number that differs between threads that live at the same time.
pub(super) fn this_thread() -> usize {
    thread_local!(static MARK: u8 = const { 0 });
    MARK.with(|mark| std::ptr::from_ref(mark) as usize)
}

#[cold]
pub(super) fn not_up(conn: &Conn) -> Error {
    let state = conn.state();
    let error = match &conn.outcome {
        None if state == State::Connecting => {
            let required = State::Open.bit();
            Error::new(Status::INVALID_STATE, "the connection is not open yet").with(|e| e.required_states = required)
        }
        None if state == State::Reconnecting => {
            let required = State::Open.bit();
            Error::new(Status::INVALID_STATE, "the connection is down, and reconnects")
                .with(|e| e.required_states = required)
        }
        None => Error::new(Status::CONNECTION_CLOSED, ""),
        Some(outcome) => Error::new(Status::CONNECTION_CLOSED, "").because((**outcome).clone()).with(|e| {
            e.close_rcvd.clone_from(&outcome.close_rcvd);
            e.close_sent.clone_from(&outcome.close_sent);
            e.rcvd_then_sent = outcome.rcvd_then_sent;
            e.initiated_by = outcome.initiated_by;
        }),
    };
    error.during(Operation::Send).with(|e| (e.conn, e.state) = (conn.id, state.bit()))
}

fn listener_closed() -> Error {
    Error::new(Status::INVALID_STATE, "the listener is closed").with(|e| e.operation = Operation::Inspect)
}

fn aborted(detail: &'static str) -> Error {
    Error::new(Status::CONNECTION_CLOSED, detail).with(|e| e.initiated_by = crate::error::Side::Local)
}
