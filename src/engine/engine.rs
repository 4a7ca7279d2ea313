//! The engine as the border sees it: calls from any thread, each under the lock for as long as it takes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use mio::Waker;

use super::approach::Approach;
use super::conn::{Conn, Link, Traffic};
use super::core::{Core, Options, WAKER, invalid_handle};
use super::drain::Farewell;
use super::event::{Event, EventKind, Opened};
use super::handle::{Handle, Kind};
use super::listener::{Listen, Listener, Reception};
use super::log::Line;
use super::plan::{Plan, Way};
use super::poll::Poller;
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
    waker: Arc<Waker>,
    woken: AtomicBool,
    wake_hook: Arc<Mutex<Option<WakeHook>>>,
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
}

impl Engine {
    /// An engine in this slot of the process; its handles have generations above `after`.
    pub fn new(slot: u16, after: u32, options: Options) -> Result<Self> {
        let io = |e: std::io::Error| Error::io(&e, Operation::Engine);
        let poller = Poller::new().map_err(io)?;
        let registry = poller.poll.registry().try_clone().map_err(io)?;
        let waker = Arc::new(Waker::new(&registry, WAKER).map_err(io)?);
        let wake_hook: Arc<Mutex<Option<WakeHook>>> = Arc::default();
        let resolver = Resolver::new({
            let (waker, hook) = (Arc::clone(&waker), Arc::clone(&wake_hook));
            move || nudge(&waker, &hook)
        });
        Ok(Self {
            #[cfg(unix)]
            fd: std::os::fd::AsRawFd::as_raw_fd(&poller.poll),
            poller: Mutex::new(poller),
            core: Mutex::new(Core::new(registry, slot, after, options, resolver)),
            waker,
            woken: AtomicBool::new(false),
            wake_hook,
            contexts: Mutex::default(),
        })
    }

    /// The state, unless the engine was freed or a bug left it half changed.
    pub(super) fn core(&self) -> Result<MutexGuard<'_, Core>> {
        match self.core.lock() {
            Ok(core) if core.closed => Err(invalid_handle()),
            Ok(core) => Ok(core),
            Err(_) => {
                self.nudge(); // a thread that waits in a poll should hear of it, too
                Err(Error::new(Status::PANIC, "an earlier bug has left this engine unusable"))
            }
        }
    }

    /// Drops everything at once; a poll on another thread returns. Gives the highest generation ever used.
    pub fn free(&self) -> u32 {
        let mut core = self.core.lock().unwrap_or_else(PoisonError::into_inner);
        core.clear();
        let highest = core.highest_generation();
        drop(core);
        self.nudge();
        highest
    }

    /// Makes a blocked poll, or the next one, return at once.
    pub fn wake(&self) -> Result<()> {
        drop(self.core()?);
        self.woken.store(true, Ordering::Release);
        self.nudge();
        Ok(())
    }

    pub(super) fn take_woken(&self) -> bool {
        self.woken.swap(false, Ordering::Acquire)
    }

    fn nudge(&self) {
        nudge(&self.waker, &self.wake_hook);
    }

    /// Sets what is called when the host should poll soon.
    pub fn on_wake(&self, hook: Option<WakeHook>) -> Result<()> {
        drop(self.core()?);
        *self.wake_hook.lock().unwrap_or_else(PoisonError::into_inner) = hook;
        Ok(())
    }

    /// The file descriptor that is readable when a poll has something to do.
    #[cfg(unix)]
    pub fn pollable(&self) -> Result<isize> {
        drop(self.core()?);
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
        let left_over = self.woken.load(Ordering::Acquire) || !core.deferred.is_empty();
        let due = if left_over { now } else { core.next_deadline() };
        core.waits_until = due;
        Ok((due != NEVER).then(|| Duration::from_micros(due.saturating_sub(now))))
    }

    /// Lines for the host's log.
    pub fn take_log(&self) -> Vec<Line> {
        self.core().map(|mut core| core.log.take()).unwrap_or_default()
    }

    /// Begins to connect.
    pub fn connect(&self, what: Connect) -> Result<u64> {
        let (mut plan, user) = self.plan(what)?;
        let mut core = self.core()?;
        plan.open_by = core.look_at_clock().saturating_add(plan.settings.timers.open);
        let (slot, id) = core.admit(Conn::of_client(plan, user))?;
        core.set_out(slot);
        self.leave(core, None);
        Ok(id)
    }

    /// A client over a socket that the host has connected.
    pub fn adopt_client(&self, stream: Stream, mut what: Connect) -> Result<u64> {
        what.way.max_redirects = 0; // the socket leads to one server only
        let (mut plan, user) = self.plan(what)?;
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
    pub(super) fn plan(&self, what: Connect) -> Result<(Plan, u64)> {
        let Connect { request, settings, way, user } = what;
        let mut contexts = self.contexts.lock().unwrap_or_else(PoisonError::into_inner);
        Ok((Plan::new(request, Arc::new(settings), way, &mut contexts)?, user))
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
        }
        let (slot, _) = core.conn(id)?;
        let Core { conns, buffers, keys, now, .. } = &mut *core;
        let Some(conn) = conns.at(slot) else { return Err(invalid_handle()) };
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
        if conn.write_error.is_some() {
            core.hear_out(slot);
        }
        core.mark_dirty(slot);
        self.leave(core, Some(slot));
        Ok(())
    }

    /// Begins the closing handshake; a connection that is not open yet is dropped.
    pub fn close(&self, id: u64, code: u16, reason: &str) -> Result<()> {
        let mut core = self.core()?;
        core.look_at_clock();
        let (slot, conn) = core.conn(id)?;
        crate::protocol::check_close(code, reason).map_err(|e| e.during(Operation::Close).with(|e| e.conn = id))?;
        conn.flags.paused = false; // the peer's answer has to be read
        if conn.state() == State::Connecting {
            core.end(slot, aborted("closed by the host before it was open"));
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
        let (slot, _) = core.conn(id)?;
        let Core { conns, buffers, keys, now, .. } = &mut *core;
        match conns.at(slot).map(|conn| &mut conn.link) {
            Some(Link::Up(_, session)) => {
                session.broken(aborted("aborted by the host"), &mut Kit { buffers, masks: keys, now: *now });
                core.settle(slot);
            }
            Some(Link::Dialing(_) | Link::Approaching(_)) => core.end(slot, aborted("aborted by the host")),
            _ => {}
        }
        self.leave(core, Some(slot));
        Ok(())
    }

    /// Stops or resumes taking from a connection.
    pub fn pause(&self, id: u64, paused: bool) -> Result<()> {
        let mut core = self.core()?;
        let now = core.look_at_clock();
        let (slot, conn) = core.conn(id)?;
        conn.flags.paused = paused;
        if let Some(session) = conn.session() {
            session.hold_keepalive(paused, now);
        }
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
        let (_, conn) = core.conn(id)?;
        Ok(ConnInfo {
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
        }
        Ok(EngineInfo {
            connections: core.conns.len() as u32,
            traffic,
            handshake_failures: core.handshake_failures,
            responses: core.responses,
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
            }
        }
        if same_thread {
            return;
        }
        let due = core.next_deadline();
        let wake = due < core.waits_until;
        drop(core);
        if wake {
            self.nudge();
        }
    }

    /// Panics with the lock held, as a bug would.
    #[cfg(feature = "test-hooks")]
    pub fn panic_on_purpose(&self) -> Result<()> {
        let _core = self.core()?;
        panic!("on purpose");
    }
}

fn nudge(waker: &Waker, hook: &Mutex<Option<WakeHook>>) {
    // Waking fails only if the selector is gone, and then nobody sleeps on it.
    let _ = waker.wake();
    let hook = hook.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(hook) = hook {
        hook();
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
