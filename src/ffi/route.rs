//! Routes: what a server answers on which path.

use std::ptr;
use std::sync::Arc;

use super::compression::{extensions, hws_compression};
use super::convert::{Versioned, invalid, optional_text, text, texts, toggle, versioned, versioned_or_default};
use super::heartbeat::{heartbeat, hws_heartbeat};
use super::options::{hws_limits, hws_timers, shared_after};
use super::request::{hws_response, response};
use super::server::hws_server_options;
use super::types::{hws_str, hws_toggle};
use crate::error::Result;
use crate::handshake::{Answer, Gate, Places, Route, ServerPolicy};
use crate::http::Credentials;
use crate::session::Settings;

/// What is answered on a path, or on many. Zero is what the server's options say; pattern is needed.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct hws_route {
    /// the same in all routes of an array
    pub struct_size: u32,
    /// REQUEST events for what comes here, also for plain HTTP requests (HWS_FLAG_PLAIN): hws_request_accept or
    /// hws_request_respond answers them, within timers.open_ms of the server; default off
    pub decide: hws_toggle,
    /// "/chat/:room": a segment that begins with a colon is any one segment, and hws_handshake.params has it. "/files/*":
    /// the rest of the path, whatever it is, also none; "*": every path. Of several that match, the one that says more
    /// wins, whatever their order. Paths are compared as they are: case, slashes and escapes count. Up to 256 segments
    pub pattern: hws_str,
    /// no WebSocket: every GET and HEAD gets this page, without an event; may be NULL
    pub page: *const hws_response,
    /// of its connections, until hws_conn_set_user, and of its REQUEST events
    pub user: u64,
    /// as in hws_server_options, whose own hold where this has none
    pub subprotocols: *const hws_str,
    pub subprotocol_count: usize,
    pub origins: *const hws_str,
    pub origin_count: usize,
    pub origin_required: hws_toggle,
    pub subprotocol_required: hws_toggle,
    pub credentials: *const hws_str,
    pub credential_count: usize,
    pub realm: hws_str,
    /// connections of this route at a time; default no limit but the server's. More are answered 503
    pub max_connections: u32,
    pub reserved0: u32,
    pub limits: *const hws_limits,
    pub timers: *const hws_timers,
    pub compression: *const hws_compression,
    /// may be NULL; interval_ms HWS_NEVER: none here
    pub heartbeat: *const hws_heartbeat,
}

// SAFETY: repr(C), struct_size first, integers and nullable pointers.
unsafe impl Versioned for hws_route {}

/// The fields that say who is admitted: servers and routes have the same.
pub struct Admission {
    subprotocols: (*const hws_str, usize),
    origins: (*const hws_str, usize),
    origin_required: hws_toggle,
    subprotocol_required: hws_toggle,
    credentials: (*const hws_str, usize),
    realm: hws_str,
    compression: *const hws_compression,
}

/// The same few lines for both structs.
macro_rules! admission_of {
    ($struct:ty) => {
        impl From<&$struct> for Admission {
            fn from(from: &$struct) -> Self {
                Self {
                    subprotocols: (from.subprotocols, from.subprotocol_count),
                    origins: (from.origins, from.origin_count),
                    origin_required: from.origin_required,
                    subprotocol_required: from.subprotocol_required,
                    credentials: (from.credentials, from.credential_count),
                    realm: from.realm,
                    compression: from.compression,
                }
            }
        }
    };
}

admission_of!(hws_server_options);
admission_of!(hws_route);

/// Who is admitted: `usual`, unless the fields say otherwise.
///
/// # Safety
/// Everything that `from` points to is as its fields say.
pub unsafe fn admission(usual: ServerPolicy, from: &Admission) -> Result<ServerPolicy> {
    let mut policy = usual;
    let list = |(items, count), argument, to: &mut Vec<String>| {
        // SAFETY: the caller's promise.
        let own = unsafe { texts(items, count, argument) }?;
        if !own.is_empty() {
            *to = own;
        }
        Ok(())
    };
    list(from.subprotocols, "options.subprotocols", &mut policy.subprotocols)?;
    list(from.origins, "options.origins", &mut policy.origins)?;
    // SAFETY: the caller's promise.
    unsafe {
        if !from.compression.is_null() {
            policy.extensions = extensions(from.compression)?;
        }
        policy.realm = optional_text(from.realm, "options.realm")?.unwrap_or(policy.realm);
        let own = texts(from.credentials.0, from.credentials.1, "options.credentials")?;
        if !own.is_empty() {
            policy.credentials = own.iter().map(|entry| credentials(entry)).collect::<Result<_>>()?;
        }
    }
    policy.origin_required = toggle(from.origin_required, policy.origin_required, "options.origin_required")?;
    let required = policy.subprotocol_required;
    policy.subprotocol_required = toggle(from.subprotocol_required, required, "options.subprotocol_required")?;
    Ok(policy)
}

fn credentials(entry: &str) -> Result<Credentials> {
    let (user, password) =
        entry.split_once(':').ok_or_else(|| invalid("options.credentials", "has an entry without a colon"))?;
    Credentials::new(user, password)
}

/// The routes of a server, and what the connections of each are given.
///
/// # Safety
/// Everything that `from` points to is as its fields say.
pub unsafe fn routes(
    from: &hws_server_options,
    policy: &ServerPolicy,
    settings: &Settings,
) -> Result<(Vec<Route>, Vec<Arc<Settings>>)> {
    if from.route_count == 0 {
        return Ok((Vec::new(), Vec::new()));
    }
    if from.route_count > ROUTES_MAX {
        return Err(invalid("options.routes", "has more than 65536 entries"));
    }
    // SAFETY: the caller's promise, here and below: there is a first route, and its size is what lies between two.
    unsafe { versioned(from.routes, "options.routes") }?;
    // SAFETY: as above; it has just been read.
    let stride = unsafe { ptr::addr_of!((*from.routes).struct_size).read_unaligned() } as usize;
    let mut routes = (Vec::new(), Vec::new());
    for index in 0..from.route_count {
        // SAFETY: as above.
        let route = unsafe { versioned(from.routes.byte_add(index * stride), "options.routes") }?;
        if route.struct_size as usize != stride {
            return Err(invalid("options.routes", "has entries of different struct_size"));
        }
        // SAFETY: as above.
        let (route, settings) = unsafe { read_route(&route, policy, settings, from.user) }?;
        routes.0.push(route);
        routes.1.push(settings);
    }
    Ok(routes)
}

/// More than anybody writes by hand.
const ROUTES_MAX: usize = 1 << 16;

/// # Safety
/// As for [`routes`].
unsafe fn read_route(
    from: &hws_route,
    policy: &ServerPolicy,
    settings: &Settings,
    user: u64,
) -> Result<(Route, Arc<Settings>)> {
    // SAFETY: the caller's promise, here and below.
    let pattern = unsafe { text(from.pattern, "routes.pattern") }?.to_owned();
    // SAFETY: as above.
    let mut shared = unsafe { shared_after(settings.clone(), from.limits, from.timers) }?;
    // SAFETY: as above.
    shared.settings.heartbeat = unsafe { heartbeat(from.heartbeat, shared.settings.heartbeat.take()) }?;
    // SAFETY: as above.
    let answer = match unsafe { versioned_or_default(from.page, "routes.page") }? {
        // SAFETY: as above.
        None => Answer::WebSocket(Arc::new(unsafe { gate(from, policy) }?)),
        // SAFETY: as above.
        Some(page) => Answer::Response(unsafe { response(&page) }?),
    };
    let user = if from.user == 0 { user } else { from.user };
    Ok((Route { pattern, answer, user }, Arc::new(shared.settings)))
}

/// # Safety
/// As for [`routes`].
unsafe fn gate(from: &hws_route, policy: &ServerPolicy) -> Result<Gate> {
    // SAFETY: the caller's promise.
    let policy = unsafe { admission(policy.clone(), &from.into()) }?;
    policy.validate()?;
    Ok(Gate {
        policy,
        places: (from.max_connections > 0).then(|| Places::new(from.max_connections)),
        decide: toggle(from.decide, false, "routes.decide")?,
    })
}
