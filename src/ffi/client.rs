//! Clients.

use super::compression::{extensions, hws_compression};
use super::convert::{Versioned, array, invalid, optional_text, out, text, texts, toggle, versioned};
use super::guard::guard;
use super::heartbeat::{heartbeat, hws_heartbeat};
use super::options::{hws_limits, hws_timers, shared};
use super::reconnect::{hws_reconnect, revival};
use super::registry;
use super::request::header_fields;
use super::socket::{hws_socket, socket_options};
use super::tls::{client_tls, hws_tls};
use super::types::{hws_conn, hws_engine, hws_header, hws_status, hws_str, hws_toggle};
use crate::engine::{Connect, Way};
use crate::error::{Operation, Result};
use crate::handshake::{ClientRequest, Redirects};
use crate::http::{Credentials, Uri};
use crate::net::Address;
use crate::proxy::{Environment, Proxy};

/// What a client asks for. Zero is the default; uri is needed.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct hws_client_options {
    pub struct_size: u32,
    /// fail with SUBPROTOCOL unless the server agrees to one; default off
    pub subprotocol_required: hws_toggle,
    /// ws[s]://[user:password@]host[:port][/path][?query], RFC 6455 section 3
    pub uri: hws_str,
    /// the Origin header; default none
    pub origin: hws_str,
    /// the User-Agent header; default "hawser/VERSION"
    pub user_agent: hws_str,
    /// to be offered, the preferred one first
    pub subprotocols: *const hws_str,
    pub subprotocol_count: usize,
    /// further fields of the request
    pub headers: *const hws_header,
    pub header_count: usize,
    /// comes back in every event of the connection
    pub user: u64,
    /// may be NULL
    pub limits: *const hws_limits,
    /// may be NULL
    pub timers: *const hws_timers,
    /// for wss; may be NULL
    pub tls: *const hws_tls,
    /// for https proxies; default: whom tls trusts, without its certificate, server_name and alpn
    pub proxy_tls: *const hws_tls,
    /// may be NULL
    pub socket: *const hws_socket,
    /// "http://[user:password@]host:port", or https, socks4, socks4a, socks5, socks5h (here the proxy looks the name up);
    /// default none
    pub proxy: hws_str,
    /// take the proxy from the environment: wss_proxy, https_proxy, all_proxy, no_proxy and their kin; default off
    pub proxy_from_env: hws_toggle,
    /// redirects to follow, RFC 6455 section 4.1, up to 100; default 0: a redirect is an error
    pub max_redirects: u32,
    /// connect there instead of to the host of the URI: "127.0.0.1:9001", "unix:/path", "unix:@name" (Linux, abstract).
    /// Redirects to other hosts do not go there
    pub connect_to: hws_str,
    /// for Basic authentication (RFC 7617); default those of the URI, "ws://user:password@host"
    pub basic_user: hws_str,
    pub basic_password: hws_str,
    /// may be NULL
    pub compression: *const hws_compression,
    /// may be NULL: none
    pub heartbeat: *const hws_heartbeat,
    /// come back when the connection is lost, or cannot be opened yet; default NULL: do not
    pub reconnect: *const hws_reconnect,
}

// SAFETY: repr(C), struct_size first, integers and nullable pointers.
unsafe impl Versioned for hws_client_options {}

/// Begins to connect: looks the name up, connects, passes proxy and TLS, does the opening handshake, follows redirects.
/// OPEN or CONNECT_FAILED follows within timers.open_ms; with reconnect that is the time of each attempt.
///
/// Owns: options is copied. *out_conn needs no freeing: it is stale at the poll after its last event.
/// Errors: INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, INVALID_URI, FORKED, PANIC; INVALID_HEADER_VALUE for
/// headers that cannot be sent; INVALID_PROXY; IO for a certificate's file that cannot be read; TOO_MANY_CONNECTIONS. No
/// event follows a call that failed.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hws_connect(
    engine: hws_engine,
    options: *const hws_client_options,
    out_conn: *mut hws_conn,
) -> hws_status {
    guard(Operation::Connect, || {
        let host = registry::engine(engine.id)?;
        // SAFETY: C's promise that the pointer may be written.
        let out = unsafe { out(out_conn, "out_conn") }?;
        // SAFETY: C's promise about the struct.
        let options = unsafe { versioned(options, "options") }?;
        // SAFETY: C's promise about what the struct points to.
        let id = host.engine.connect(unsafe { what(&options) }?)?;
        host.hand_out_log();
        out.set(hws_conn { id });
        Ok(())
    })
}

/// What a client is to do.
///
/// # Safety
/// Everything that `from` points to is as its fields say.
pub unsafe fn what(from: &hws_client_options) -> Result<Connect> {
    // SAFETY: the caller's promise, here and below.
    let (mut request, mut shared) = unsafe { (request(from)?, shared(from.limits, from.timers)?) };
    // SAFETY: as above.
    shared.settings.heartbeat = unsafe { heartbeat(from.heartbeat, None) }?;
    request.head_max = shared.head_max.unwrap_or(request.head_max);
    request.body_max = shared.body_max.unwrap_or(request.body_max);
    request.validate()?;
    // SAFETY: as above.
    let (way, revival) = unsafe { (way(from)?, revival(from.reconnect, &mut shared.settings.timers)?) };
    Ok(Connect { request, settings: shared.settings, way, revival, user: from.user })
}

/// # Safety
/// As for [`what`].
unsafe fn request(from: &hws_client_options) -> Result<ClientRequest> {
    // SAFETY: the caller's promise, here and below.
    let uri = unsafe { text(from.uri, "options.uri") }?;
    if uri.is_empty() {
        return Err(invalid("options.uri", "is missing"));
    }
    let mut request = ClientRequest::new(Uri::parse(uri)?);
    // SAFETY: as above.
    unsafe {
        request.origin = optional_text(from.origin, "options.origin")?;
        request.user_agent = optional_text(from.user_agent, "options.user_agent")?;
        request.subprotocols = texts(from.subprotocols, from.subprotocol_count, "options.subprotocols")?;
        request.headers = header_fields(array(from.headers, from.header_count, "options.headers")?)?;
        let user = optional_text(from.basic_user, "options.basic_user")?;
        let password = optional_text(from.basic_password, "options.basic_password")?;
        if user.is_some() || password.is_some() {
            let (user, password) = (user.unwrap_or_default(), password.unwrap_or_default());
            request.credentials = Some(Credentials::new(&user, &password)?);
        }
    }
    // SAFETY: as above.
    request.extensions = unsafe { extensions(from.compression) }?;
    request.subprotocol_required = toggle(from.subprotocol_required, false, "options.subprotocol_required")?;
    Ok(request)
}

/// How to get there.
///
/// # Safety
/// As for [`what`].
unsafe fn way(from: &hws_client_options) -> Result<Way> {
    // SAFETY: the caller's promise, here and below.
    let (tls, proxy_tls) = unsafe { (client_tls(from.tls, "tls")?, client_tls(from.proxy_tls, "proxy_tls")?) };
    let (tls, server_name) = tls.unzip();
    if proxy_tls.as_ref().is_some_and(|(_, name)| name.is_some()) {
        return Err(invalid("proxy_tls.server_name", "is not for proxies"));
    }
    // SAFETY: as above.
    let (proxy, connect_to, socket) = unsafe {
        let proxy = optional_text(from.proxy, "options.proxy")?;
        (proxy, optional_text(from.connect_to, "options.connect_to")?, socket_options(from.socket)?)
    };
    let from_env = toggle(from.proxy_from_env, false, "options.proxy_from_env")?;
    if proxy.is_some() && connect_to.is_some() {
        return Err(invalid("options.connect_to", "and options.proxy exclude each other"));
    }
    let rule = "is neither an address with a port nor unix: and a path";
    if from.max_redirects > Redirects::MOST {
        return Err(invalid("options.max_redirects", "is over 100"));
    }
    let address = |text: String| Address::parse(&text).ok_or_else(|| invalid("options.connect_to", rule));
    Ok(Way {
        proxy: proxy.map(|text| Proxy::parse(&text)).transpose()?,
        environment: from_env.then(|| Environment::read(|name| std::env::var(name).ok())),
        connect_to: connect_to.map(address).transpose()?,
        tls,
        server_name: server_name.flatten(),
        proxy_tls: proxy_tls.map(|(options, _)| options),
        max_redirects: from.max_redirects,
        socket,
    })
}
