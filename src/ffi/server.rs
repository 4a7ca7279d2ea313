//! Servers.

use std::ffi::c_char;
use std::ptr;
use std::sync::Arc;

use super::compression::{extensions, hws_compression};
use super::convert::{
    Versioned, copy_out, invalid, optional_text, out, text, texts, time, toggle, versioned, versioned_or_default,
};
use super::descriptor::take_over;
use super::guard::guard;
use super::heartbeat::{heartbeat, hws_heartbeat};
use super::options::{hws_limits, hws_timers, shared};
use super::registry;
use super::route::{admission, hws_route, routes};
use super::socket::{hws_socket, socket_options};
use super::tls::{hws_tls, server_tls};
use super::types::{hws_engine, hws_listener, hws_status, hws_str, hws_toggle};
use crate::engine::{Caps, Farewell, Kind, Listen, Reception};
use crate::error::{Error, Operation, Result, Status};
use crate::handshake::{ServerPolicy, Site};
use crate::net::{Address, Bind};
use crate::session::{Terms, Time};

/// For all closing handshakes of a listener that closes, unless the host says otherwise.
const DRAIN: Time = 10_000_000;

/// What a server listens on and admits. Zero is the default; bind is needed.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct hws_server_options {
    pub struct_size: u32,
    /// connections that may wait to be accepted; default 4096, the system may cap it
    pub backlog: u32,
    /// "127.0.0.1:9001", "[::1]:0"; port 0 is a free one, see hws_listener_address. "unix:/path" (a stale socket there
    /// is replaced) and on Linux "unix:@name", which is in no directory. "fd:3" is a socket that this process was given:
    /// TCP or unix, bound, perhaps listening (then a backlog of 0 leaves it as it is). It belongs to the library after a
    /// success; others may hold it too, and take over what waits there when this listener is closed
    pub bind: hws_str,
    /// the Server header; default "hawser/VERSION"
    pub server: hws_str,
    /// what the server speaks, the preferred one first
    pub subprotocols: *const hws_str,
    pub subprotocol_count: usize,
    /// origins that are admitted, "https://example.com"; default any. Set it if browsers send you cookies
    pub origins: *const hws_str,
    pub origin_count: usize,
    /// refuse requests without an Origin header, which browsers always send; default off
    pub origin_required: hws_toggle,
    /// refuse clients that offer none of subprotocols; default off
    pub subprotocol_required: hws_toggle,
    /// connections of this listener at a time; default the engine's. More are answered 503
    pub max_connections: u32,
    pub reserved0: u32,
    /// comes back in the listener's events, and in those of its connections until hws_conn_set_user
    pub user: u64,
    /// of each connection; may be NULL
    pub limits: *const hws_limits,
    /// of each connection; may be NULL
    pub timers: *const hws_timers,
    /// speak TLS; default plain
    pub tls: *const hws_tls,
    /// of each connection; may be NULL
    pub socket: *const hws_socket,
    /// "name:password" of those who are let in, by Basic authentication (RFC 7617); default everybody. The passwords
    /// are for all to read unless there is TLS
    pub credentials: *const hws_str,
    pub credential_count: usize,
    /// what credentials are for, as browsers show it; default "hawser"
    pub realm: hws_str,
    /// of each connection; may be NULL
    pub compression: *const hws_compression,
    /// what is answered on which path; default: a WebSocket on every path. Paths without a route are answered 404
    pub routes: *const hws_route,
    pub route_count: usize,
    /// the names of this server, "example.com" (on any port) or "localhost:8080": requests whose Host header is another
    /// are answered 421; default any. Set it on machines whose users browse the web
    pub hosts: *const hws_str,
    pub host_count: usize,
    /// SO_REUSEPORT: listeners of other engines and processes that ask for the same, as the same user, may share the TCP
    /// port, and the system spreads connections among them, so that each core has an engine of its own. Default off.
    /// Without it, or for a fairer spread, see hws_adopt
    pub reuse_port: hws_toggle,
    /// connections of this listener at a time from one remote address, of IPv6 from one /64; unix sockets do not count;
    /// default no limit. More are answered 429
    pub max_per_address: u32,
    /// connections of this listener at a time that are not open yet; default 16384. More are answered 503
    pub max_handshakes: u32,
    /// off: clients that fail to open make no ACCEPT_FAILED event, they are only counted: hws_engine_refusals. That
    /// nothing can be accepted for now is told all the same; default on
    pub accept_failed_events: hws_toggle,
    /// of each connection; may be NULL: none
    pub heartbeat: *const hws_heartbeat,
}

// SAFETY: repr(C), struct_size first, integers and nullable pointers.
unsafe impl Versioned for hws_server_options {}

/// Binds and listens. An OPEN event follows for each client whose opening handshake succeeds, ACCEPT_FAILED for
/// each whose does not.
///
/// Owns: options is copied. *out_listener is the caller's, to be closed with hws_listener_close.
/// Errors: INVALID_HANDLE, INVALID_ARGUMENT, also for a descriptor that is no such socket (which stays as it was);
/// STRUCT_SIZE, INVALID_HEADER_VALUE, FORKED, PANIC; IO with os_error when the address cannot be bound or a file not be
/// read, FD_LIMIT, TOO_MANY_CONNECTIONS; UNSUPPORTED for unix sockets, descriptors and reuse_port where there are none.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hws_listen(
    engine: hws_engine,
    options: *const hws_server_options,
    out_listener: *mut hws_listener,
) -> hws_status {
    guard(Operation::Listen, || {
        let host = registry::engine(engine.id)?;
        // SAFETY: C's promise that the pointer may be written.
        let out = unsafe { out(out_listener, "out_listener") }?;
        // SAFETY: C's promise about the struct.
        let options = unsafe { versioned(options, "options") }?;
        // SAFETY: C's promise about what the struct points to.
        let (bind, reception) = unsafe { (text(options.bind, "options.bind")?, reception(&options)?) };
        let (listen, reuse_port) = listen(&options, reception)?;
        let id = match bind.strip_prefix("fd:") {
            Some(_) if reuse_port => Err(invalid("options.reuse_port", "comes too late for a socket that is bound")),
            Some(number) => {
                let number = number.parse().map_err(|_| invalid("options.bind", "has no number behind fd:"))?;
                take_over(number, "options.bind", |fd| host.engine.listen(inherited(fd), listen))
            }
            None => {
                let rule = "is neither an address with a port nor unix: and a path nor fd: and a number";
                let address = Address::parse(bind).ok_or_else(|| invalid("options.bind", rule))?;
                host.engine.listen(Bind::Address { address, reuse_port }, listen)
            }
        }?;
        out.set(hws_listener { id });
        Ok(())
    })
}

/// What a listener is to admit, and whether it shares its port.
pub fn listen(from: &hws_server_options, reception: Reception) -> Result<(Listen, bool)> {
    let cap = |value, default| if value == 0 { default } else { value };
    let reuse_port = toggle(from.reuse_port, false, "options.reuse_port")?;
    let listen = Listen {
        backlog: from.backlog,
        reception,
        caps: Caps {
            connections: cap(from.max_connections, u32::MAX),
            per_address: cap(from.max_per_address, u32::MAX),
            handshakes: cap(from.max_handshakes, Caps::HANDSHAKES),
        },
        tells_failures: toggle(from.accept_failed_events, true, "options.accept_failed_events")?,
        user: from.user,
    };
    Ok((listen, reuse_port))
}

#[cfg(unix)]
fn inherited(fd: std::os::fd::OwnedFd) -> Bind {
    Bind::Inherited(fd)
}

/// Never asked for: nothing can be taken over here.
#[cfg(not(unix))]
fn inherited(_fd: super::descriptor::OwnedFd) -> Bind {
    let address = Address::Ip((std::net::Ipv4Addr::UNSPECIFIED, 0).into());
    Bind::Address { address, reuse_port: false }
}

/// How a server receives those who come.
///
/// # Safety
/// Everything that `from` points to is as its fields say.
pub unsafe fn reception(from: &hws_server_options) -> Result<Reception> {
    // SAFETY: the caller's promise, here and below.
    let (mut policy, mut shared, tls, socket) = unsafe {
        let usual = ServerPolicy { extensions: extensions(ptr::null())?, ..ServerPolicy::default() };
        let policy = admission(usual, &from.into())?;
        (policy, shared(from.limits, from.timers)?, server_tls(from.tls)?, socket_options(from.socket)?)
    };
    policy.head_max = shared.head_max.unwrap_or(policy.head_max);
    // SAFETY: as above.
    shared.settings.heartbeat = unsafe { heartbeat(from.heartbeat, None) }?;
    // SAFETY: as above.
    unsafe {
        policy.server = optional_text(from.server, "options.server")?;
        policy.hosts = texts(from.hosts, from.host_count, "options.hosts")?;
    }
    policy.validate()?;
    // SAFETY: as above.
    let (routes, by_route) = unsafe { routes(from, &policy, &shared.settings) }?;
    let terms = Terms { site: Site::with_routes(policy, routes)?, settings: Arc::new(shared.settings), by_route };
    Ok(Reception { terms: Arc::new(terms), tls, socket })
}

/// Writes the address that a listener is bound to, "127.0.0.1:40213".
///
/// Owns: buf is the caller's; all is written with a NUL, or nothing. *needed counts the bytes without the NUL;
/// it may be NULL, and so may buf if cap is 0.
/// Errors: INVALID_HANDLE, INVALID_ARGUMENT, also for a cap that is too small (*needed is set then);
/// INVALID_STATE when it is closed; FORKED, PANIC.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hws_listener_address(
    listener: hws_listener,
    buf: *mut c_char,
    cap: usize,
    needed: *mut usize,
) -> hws_status {
    guard(Operation::Inspect, || {
        let host = registry::engine_of(listener.id, Kind::Listener)?;
        let address = host.engine.listener_address(listener.id)?.to_string();
        // SAFETY: C's promise about the buffer.
        unsafe { copy_out(&address, buf, cap, needed) }
    })
}

/// How the connections of a listener end with it. Zero is the default.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct hws_drain {
    pub struct_size: u32,
    /// for the closing handshakes of all, beside timers.close_ms for that of each; default 10 s, HWS_NEVER: no limit
    pub drain_ms: i32,
    /// what peers are told; default 1001
    pub code: u32,
    pub reserved0: u32,
    /// up to 123 bytes
    pub reason: hws_str,
}

// SAFETY: repr(C), struct_size first, integers and nullable pointers.
unsafe impl Versioned for hws_drain {}

/// Stops accepting; LISTENER_CLOSED follows. drain may be NULL: connections that are open, or being opened, stay.
///
/// With it they end: open ones are closed with its code and reason, clients in their opening handshake are answered 503,
/// and so are those whom the system has accepted for us already, unless bind was "fd:": they stay with whoever holds the
/// socket. What has not ended after drain_ms is cut off. LISTENER_CLOSED comes behind the last events of all these
/// connections; its value is how many of the open ones ended with a completed closing handshake, its token how many were
/// cut off without one.
///
/// Owns: drain is copied. The handle is stale at the poll after LISTENER_CLOSED.
/// Errors: INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, FORKED, PANIC; INVALID_SEND for a code or reason that may not be
/// sent; INVALID_STATE when it is closed, or closing, already.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hws_listener_close(listener: hws_listener, drain: *const hws_drain) -> hws_status {
    guard(Operation::Listen, || {
        let host = registry::engine_of(listener.id, Kind::Listener)?;
        // SAFETY: C's promise about the struct.
        let farewell = match unsafe { versioned_or_default(drain, "drain") }? {
            // SAFETY: C's promise about the text.
            Some(drain) => Some(unsafe { farewell(&drain) }?),
            None => None,
        };
        let closed = host.engine.listener_close(listener.id, farewell);
        host.hand_out_log();
        closed
    })
}

/// # Safety
/// The reason is as its length says.
unsafe fn farewell(from: &hws_drain) -> Result<Farewell> {
    let code = if from.code == 0 { 1001 } else { from.code };
    let unsendable = |_| Error::new(Status::INVALID_SEND, format!("close code {code} may not be sent"));
    Ok(Farewell {
        code: u16::try_from(code).map_err(unsendable)?,
        // SAFETY: the caller's promise.
        reason: unsafe { text(from.reason, "drain.reason") }?.to_owned(),
        patience: time(from.drain_ms, DRAIN, "drain.drain_ms")?,
    })
}

/// How many connections of listeners, of all that this engine has had, failed to open with this status or one that is-a it.
/// HWS_ERR_ERROR counts them all; those that are dropped because too many are being refused already count too.
///
/// Owns: nothing.
/// Errors: INVALID_HANDLE, INVALID_ARGUMENT, also when status is no error; FORKED, PANIC.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hws_engine_refusals(engine: hws_engine, status: hws_status, count: *mut u64) -> hws_status {
    guard(Operation::Inspect, || {
        let host = registry::engine(engine.id)?;
        // SAFETY: C's promise that the pointer may be written.
        let out = unsafe { out(count, "count") }?;
        let status = Status::from_code(status).filter(|status| *status != Status::OK);
        out.set(host.engine.refusals(status.ok_or_else(|| invalid("status", "is no error"))?)?);
        Ok(())
    })
}

/// From here on new connections of a listener open with this certificate and these rules; those that are open, or
/// being opened, keep theirs.
///
/// Owns: tls is copied, its files are read.
/// Errors: INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, FORKED, PANIC; IO for a file that cannot be read; INVALID_STATE
/// when the listener is closed, or plain. After an error the listener goes on as before.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hws_listener_set_tls(listener: hws_listener, tls: *const hws_tls) -> hws_status {
    guard(Operation::Listen, || {
        let host = registry::engine_of(listener.id, Kind::Listener)?;
        // SAFETY: C's promise about the struct and what it points to.
        let tls = unsafe { server_tls(tls) }?.ok_or_else(|| invalid("tls", "is NULL"))?;
        host.engine.listener_set_tls(listener.id, tls)
    })
}
