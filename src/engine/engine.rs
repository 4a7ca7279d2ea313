//! The engine as the border sees it: calls from any thread, each under the lock for as long as it takes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mio::Waker;

use super::approach::Approach;
use super::bell::Bell;
use super::conn::{Conn, Link, Traffic};
use super::core::{Core, Options, WAKER, invalid_handle};
use super::drain::Farewell;
use super::event::{Event, EventKind, Opened};
use super::flags::Flags;
use super::home::{Held, Home};
use super::listener::{Listen, Listener, Reception};
use super::log::Line;
use super::plan::{Plan, Way};
use super::poll::Poller;
use super::reconnect::{Reconnect, Revival};
use crate::error::{Error, Operation, Result, Status};
use crate::handshake::ClientRequest;
use crate::net::{Address, Bind, PeerCredentials, Resolver, Socket, Stream};
use crate::session::{Kit, NEVER, Settings, State};
use crate::tls::{ClientContexts, ServerContext};

/// Called when the host should poll soon; from any thread, with no lock held.
pub type WakeHook = Arc<dyn Fn() + Send + Sync>;

/// An engine: connections, listeners, and the loop that drives them.
pub struct Engine {
    pub(super) poller: Mutex<Poller>,
    pub(super) home: &'static Home,
    /// Which of those that live there, one after the other.
    pub(super) life: u32,
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
    /// An engine that moves in here, with this slot in the process; its handles have generations above `after`.
    pub fn new(home: &'static Home, slot: u16, after: u32, options: Options) -> Result<Self> {
        let io = |e: std::io::Error| Error::io(&e, Operation::Engine);
        let poller = Poller::new().map_err(io)?;
        let registry = poller.poll.registry().try_clone().map_err(io)?;
        let bell = Arc::new(Bell::new(Waker::new(&registry, WAKER).map_err(io)?, options.io_thread));
        let resolver = Resolver::new({
            let bell = Arc::clone(&bell);
            move || bell.ring_for_work()
        });
        let core = Core::new(registry, slot, after, options, resolver, Arc::clone(&bell));
        let life = core.life;
        home.move_in(core);
        Ok(Self {
            #[cfg(unix)]
            fd: std::os::fd::AsRawFd::as_raw_fd(&poller.poll),
            poller: Mutex::new(poller),
            home,
            life,
            bell,
            woken: AtomicBool::new(false),
            apart: options.io_thread,
            host_turn: Mutex::new(()),
            contexts: Mutex::default(),
        })
    }

    /// The state, unless the engine was freed or a bug left it half changed.
    pub(super) fn core(&self) -> Result<Held<'_>> {
        self.home.core()?.of(self.life)
    }

    /// Drops everything at once; a poll on another thread returns. Gives the highest generation ever used.
    pub fn free(&self) -> u32 {
        let core = self.home.move_out(self.life);
        let highest = core.as_ref().map_or(0, |core| core.highest_generation());
        drop(core); // with no lock held
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
        core.leave(None);
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
        core.leave(None);
        Ok(id)
    }

    /// A server over a socket that the host has accepted.
    pub fn adopt_server(&self, stream: Stream, reception: Reception, user: u64) -> Result<u64> {
        let mut core = self.core()?;
        let approach = Approach::of_server(stream, reception, core.look_at_clock(), None)?;
        let id = core.adopt(Conn::new(Link::Down, 0, user), approach)?;
        core.leave(None);
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
        let (slot, id) = core
            .listeners
            .insert(Listener::new(socket, what))
            .ok_or_else(|| Error::new(Status::TOO_MANY_CONNECTIONS, "listeners"))?;
        let Some(listener) = core.listeners.at(slot) else { return Err(invalid_handle()) };
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
        core.leave(None);
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
        core.leave(Some(slot));
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
        core.leave(Some(slot));
        Ok(())
    }

    /// Stops or resumes taking from a connection.
    pub fn pause(&self, id: u64, paused: bool) -> Result<()> {
        let mut core = self.core()?;
        core.look_at_clock();
        let (slot, conn) = core.conn(id)?;
        let is_down = conn.is_down();
        match paused {
            // The host does not know yet that there is nothing to pause any more.
            true if is_down || core.mailbox.ends_pause(id) => return Ok(()),
            true => core.begin_pause(slot),
            false => {
                core.end_pause(slot);
                core.queue(slot);
            }
        }
        self.relight(&core);
        core.leave(Some(slot));
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
            was_open: conn.flags.contains(Flags::OPENED),
            traffic: conn.traffic(),
            opened: conn.opened().cloned(),
            subprotocol: conn.subprotocol().to_owned(),
            peer: conn.peer_text(),
            credentials: match &conn.link {
                Link::Up(wire, _) => wire.stream.credentials(),
                _ => None,
            },
            outcome: conn.outcome().cloned(),
        })
    }

    /// Sums over all connections, those of today and those that are gone.
    pub fn info(&self) -> Result<EngineInfo> {
        let core = self.core()?;
        let mut traffic = core.past;
        for (_, conn) in core.conns.iter().filter(|(_, conn)| conn.outcome().is_none()) {
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

    /// Panics with the lock held, as a bug would.
    #[cfg(feature = "test-hooks")]
    pub fn panic_on_purpose(&self) -> Result<()> {
        let _core = self.core()?;
        panic!("on purpose");
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.home.move_out(self.life);
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
    let error = match conn.outcome() {
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
