//! Pools of client connections.

use std::sync::Arc;

use super::client::{hws_client_options, what};
use super::convert::{Versioned, invalid, out, text, time, toggle, versioned, write_versioned};
use super::guard::guard;
use super::registry;
use super::types::{hws_conn, hws_engine, hws_pool, hws_status, hws_str, hws_toggle};
use crate::engine::{Acquire, Connect, Kind, PoolCounts, PoolLimits, SLOTS_MAX};
use crate::error::{Operation, Result};
use crate::session::{NEVER, Time};

/// What a pool may do. Zero is the default; client is needed.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct hws_pool_options {
    pub struct_size: u32,
    /// sockets at a time, also those that are being opened, checked or closed; default 10
    pub max_connections: u32,
    /// a connection that nobody has held for so long is closed; default 5 minutes
    pub idle_ms: i32,
    /// one that was opened so long ago is not lent again; default never
    pub max_age_ms: i32,
    /// one that nobody has held for longer gets a ping, and is lent when that is answered; default 30 s, HWS_NEVER: is lent
    /// without
    pub check_after_ms: i32,
    /// for the answer to that ping; default 5 s. One that does not answer is dropped, and nobody need know
    pub check_ms: i32,
    /// calls of hws_pool_acquire that may wait at a time; default 1024
    pub waiters_max: u32,
    /// that ping goes before every lease but a connection's first, whatever check_after_ms says; default off
    pub check_always: hws_toggle,
    /// for every connection. Its uri says to which server; targets are paths there
    pub client: *const hws_client_options,
}

// SAFETY: repr(C), struct_size first, integers and nullable pointers.
unsafe impl Versioned for hws_pool_options {}

/// What there is in a pool, and what has been.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct hws_pool_counts {
    /// set it before the call; afterwards the bytes filled in
    pub struct_size: u32,
    /// that there are: the sum of the next five
    pub sockets: u32,
    pub idle: u32,
    pub leased: u32,
    pub opening: u32,
    /// a ping waits for its answer
    pub checking: u32,
    pub closing: u32,
    /// calls of hws_pool_acquire that wait
    pub waiting: u32,
    /// connections that opened
    pub opened: u64,
    /// connections that failed to open
    pub open_failed: u64,
    /// leases of connections that had been leased before
    pub reused: u64,
    /// connections whose peers did not answer the ping
    pub checks_failed: u64,
    /// calls of hws_pool_acquire that waited in vain
    pub timeouts: u64,
    /// connections that were released and could not be lent on, or that ended or said something while nobody held them
    pub discarded: u64,
    /// connections closed because of idle_ms or max_age_ms
    pub expired: u64,
    /// idle connections closed to make room for one with another target
    pub displaced: u64,
}

// SAFETY: repr(C), struct_size first, integers only.
unsafe impl Versioned for hws_pool_counts {}

const SECOND: Time = 1_000_000;

/// Makes a pool of client connections to one server. It opens none until one is asked for.
///
/// Owns: options is copied. *out_pool is the caller's, to be freed with hws_pool_free or with its engine.
/// Errors: INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, FORKED, PANIC; for options.client those of hws_connect: INVALID_URI,
/// INVALID_HEADER_VALUE, INVALID_PROXY, IO; TOO_MANY_CONNECTIONS.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hws_pool_new(
    engine: hws_engine,
    options: *const hws_pool_options,
    out_pool: *mut hws_pool,
) -> hws_status {
    guard(Operation::Connect, || {
        let host = registry::engine(engine.id)?;
        // SAFETY: C's promise that the pointer may be written.
        let out = unsafe { out(out_pool, "out_pool") }?;
        // SAFETY: C's promise about the struct, and what it points to.
        let (client, limits) = unsafe { pool_options(options) }?;
        out.set(hws_pool { id: host.engine.pool_new(client, limits)? });
        Ok(())
    })
}

/// # Safety
/// As for [`versioned`], and everything that the struct points to is as its fields say.
unsafe fn pool_options(from: *const hws_pool_options) -> Result<(Connect, PoolLimits)> {
    // SAFETY: the caller's promise, here and below.
    let from = unsafe { versioned(from, "options") }?;
    let limits = limits(&from)?;
    // SAFETY: as above.
    let client = unsafe { what(&versioned(from.client, "options.client")?) }?;
    if client.revival.is_some() {
        return Err(invalid("options.client.reconnect", "is not for pools, which replace what is lost"));
    }
    Ok((client, limits))
}

fn limits(from: &hws_pool_options) -> Result<PoolLimits> {
    let number = |value: u32, default: u32| if value == 0 { default } else { value };
    let check_after = time(from.check_after_ms, 30 * SECOND, "options.check_after_ms")?;
    let always = toggle(from.check_always, false, "options.check_always")?;
    Ok(PoolLimits {
        max_connections: number(from.max_connections, 10).min(SLOTS_MAX as u32),
        idle: time(from.idle_ms, 300 * SECOND, "options.idle_ms")?,
        age: time(from.max_age_ms, NEVER, "options.max_age_ms")?,
        check_after: if always { 0 } else { check_after },
        check: time(from.check_ms, 5 * SECOND, "options.check_ms")?,
        waiters_max: number(from.waiters_max, 1024),
    })
}

/// Asks for a connection to a target, "/path?query", or {0}: that of the pool's uri. An idle one with this target will do;
/// else one is opened. Exactly one event with the token follows: POOL_READY with the connection, which is leased to you
/// until you release it or its CLOSE comes; or POOL_FAILED with POOL_EXHAUSTED after timeout_ms (0: open_ms of the client's
/// timers, HWS_NEVER: no deadline), with the reason why the connection that was opened for this call did not open, or
/// with POOL_CLOSED. Calls are served in their order, whatever their targets.
///
/// Owns: target is copied.
/// Errors: INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC; INVALID_URI for a target that is none; POOL_EXHAUSTED when
/// waiters_max calls wait, or their events do; POOL_CLOSED after hws_pool_free.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hws_pool_acquire(pool: hws_pool, target: hws_str, timeout_ms: i32, token: u64) -> hws_status {
    guard(Operation::Acquire, || {
        let host = registry::engine_of(pool.id, Kind::Pool)?;
        // SAFETY: C's promise about the text.
        let target = unsafe { text(target, "target") }?;
        let timeout = if timeout_ms == 0 { None } else { Some(time(timeout_ms, 0, "timeout_ms")?) };
        let target = Some(target).filter(|target| !target.is_empty());
        let acquired = host.engine.pool_acquire(pool.id, Acquire { target, timeout, token });
        host.hand_out_log();
        acquired
    })
}

/// Gives a leased connection back, from here on without any events of it but those that are in your hands. With reusable
/// not 0 it is lent again, under another handle; your handle, subscriptions, tokens and number (hws_conn_set_user)
/// end. It is closed instead, which is no error, if reusable is 0, if it is not open any more, if a message is under way in
/// either direction or was received and not yet delivered, if much is still to be sent, or if the pool has been freed.
///
/// Owns: conn is stale afterwards.
/// Errors: INVALID_HANDLE, also for a connection that was released before, or whose last event came before the last poll;
/// INVALID_ARGUMENT if conn is not of this pool; POOL_CLOSED for that after hws_pool_free; FORKED, PANIC.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn hws_pool_release(pool: hws_pool, conn: hws_conn, reusable: i32) -> hws_status {
    guard(Operation::Close, || {
        let host = registry::engine_of(pool.id, Kind::Pool)?;
        let other = registry::engine_of(conn.id, Kind::Conn)?;
        if !Arc::ptr_eq(&host, &other) {
            host.engine.pool_counts(pool.id)?; // a handle that means nothing says so first
            other.engine.state(conn.id)?;
            return Err(invalid("conn", "is not of this pool").with(|e| e.conn = conn.id));
        }
        let released = host.engine.pool_release(pool.id, conn.id, reusable != 0);
        host.hand_out_log();
        released
    })
}

/// Closes a pool: calls that wait get POOL_FAILED with POOL_CLOSED, connections that nobody holds are closed with 1000.
/// Leased ones stay with their holders, and are closed when they are released.
///
/// Owns: the handle is good for nothing but hws_pool_release afterwards; all else gets POOL_CLOSED while the engine lives.
/// Errors: INVALID_HANDLE, FORKED, PANIC; POOL_CLOSED if it is closed already.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub extern "C" fn hws_pool_free(pool: hws_pool) -> hws_status {
    guard(Operation::Close, || {
        let host = registry::engine_of(pool.id, Kind::Pool)?;
        let freed = host.engine.pool_free(pool.id);
        host.hand_out_log();
        freed
    })
}

/// What there is in a pool, and what has been.
///
/// Owns: *stats is the caller's, with struct_size set.
/// Errors: INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, FORKED, PANIC; POOL_CLOSED after hws_pool_free.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hws_pool_stats(pool: hws_pool, stats: *mut hws_pool_counts) -> hws_status {
    guard(Operation::Inspect, || {
        let counts = registry::engine_of(pool.id, Kind::Pool)?.engine.pool_counts(pool.id)?;
        // SAFETY: C's promise about the struct.
        unsafe { write_versioned(stats, &stats_of(&counts), "stats") }
    })
}

fn stats_of(counts: &PoolCounts) -> hws_pool_counts {
    hws_pool_counts {
        struct_size: 0,
        sockets: counts.sockets(),
        idle: counts.idle,
        leased: counts.leased,
        opening: counts.opening,
        checking: counts.checking,
        closing: counts.closing,
        waiting: counts.waiting,
        opened: counts.opened,
        open_failed: counts.open_failed,
        reused: counts.reused,
        checks_failed: counts.checks_failed,
        timeouts: counts.timeouts,
        discarded: counts.discarded,
        expired: counts.expired,
        displaced: counts.displaced,
    }
}
