//! Servers.

use std::ffi::c_char;
use std::ptr;
use std::sync::Arc;

use super::compression::{extensions, hws_compression};
use super::convert::{Versioned, copy_out, invalid, optional_text, out, text, texts, versioned};
use super::guard::guard;
use super::options::{hws_limits, hws_timers, shared};
use super::registry;
use super::route::{admission, hws_route, routes};
use super::socket::{hws_socket, socket_options};
use super::tls::{hws_tls, server_tls};
use super::types::{hws_engine, hws_listener, hws_status, hws_str, hws_toggle};
use crate::engine::{Kind, Listen, Reception};
use crate::error::{Operation, Result};
use crate::handshake::{ServerPolicy, Site};
use crate::net::Address;
use crate::session::Terms;

/// What a server listens on and admits. Zero is the default; bind is needed.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct hws_server_options {
    pub struct_size: u32,
    /// connections that may wait to be accepted; default 4096, the system may cap it
    pub backlog: u32,
    /// "127.0.0.1:9001", "[::1]:0"; port 0 is a free one, see hws_listener_address. "unix:/path" (a stale socket there
    /// is replaced) and on Linux "unix:@name", which is in no directory
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
}

// SAFETY: repr(C), struct_size first, integers and nullable pointers.
unsafe impl Versioned for hws_server_options {}

/// Binds and listens. An OPEN event follows for each client whose opening handshake succeeds, ACCEPT_FAILED for
/// each whose does not.
///
/// Owns: options is copied. *out_listener is the caller's, to be closed with hws_listener_close.
/// Errors: INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, INVALID_HEADER_VALUE, FORKED, PANIC; IO with os_error when
/// the address cannot be bound or a file not be read, FD_LIMIT, TOO_MANY_CONNECTIONS, UNSUPPORTED for unix sockets where
/// there are none.
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
        let rule = "is neither an address with a port nor unix: and a path";
        let listen = Listen {
            address: Address::parse(bind).ok_or_else(|| invalid("options.bind", rule))?,
            backlog: options.backlog,
            reception,
            max_connections: if options.max_connections == 0 { u32::MAX } else { options.max_connections },
            user: options.user,
        };
        out.set(hws_listener { id: host.engine.listen(listen)? });
        Ok(())
    })
}

/// How a server receives those who come.
///
/// # Safety
/// Everything that `from` points to is as its fields say.
pub unsafe fn reception(from: &hws_server_options) -> Result<Reception> {
    // SAFETY: the caller's promise, here and below.
    let (mut policy, shared, tls, socket) = unsafe {
        let usual = ServerPolicy { extensions: extensions(ptr::null())?, ..ServerPolicy::default() };
        let policy = admission(usual, &from.into())?;
        (policy, shared(from.limits, from.timers)?, server_tls(from.tls)?, socket_options(from.socket)?)
    };
    policy.head_max = shared.head_max.unwrap_or(policy.head_max);
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

/// Stops accepting; LISTENER_CLOSED follows. Connections that are open, or being opened, stay.
///
/// Owns: the handle is stale at the poll after LISTENER_CLOSED.
/// Errors: INVALID_HANDLE, FORKED, PANIC; INVALID_STATE when it is closed already.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn hws_listener_close(listener: hws_listener) -> hws_status {
    guard(Operation::Listen, || registry::engine_of(listener.id, Kind::Listener)?.engine.listener_close(listener.id))
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
