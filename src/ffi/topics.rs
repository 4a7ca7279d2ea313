//! Topics, and what goes to many connections.

use std::collections::BTreeMap;
use std::ffi::c_void;

use super::convert::{Out, Versioned, array, bytes, invalid, out, text, versioned_or_default};
use super::guard::guard;
use super::registry;
use super::types::{hws_conn, hws_engine, hws_opcode, hws_status, hws_str};
use crate::engine::{Handle, Kind, Publication, Reached, invalid_handle};
use crate::error::{Operation, Result, Status};
use crate::protocol::{Broadcast, Opcode};

/// How a message goes to many. Zero is the default.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct hws_publish_options {
    pub struct_size: u32,
    /// HWS_SEND_RAW, hws_publish_flags
    pub flags: u32,
    /// a connection that does not get it, such as the one that it came from; one that has ended is nobody
    pub except: hws_conn,
}

// SAFETY: repr(C), struct_size first, integers only.
unsafe impl Versioned for hws_publish_options {}

const RAW: u32 = 2;
const LOCAL: u32 = 4;

/// Subscribes a connection to a topic: from now on it gets what is published to it. Topics are levels between slashes, as
/// in MQTT: "chat/room 7". Here + may stand for any one level, and # at the end for all that follow, and for none:
/// "chat/#" is "chat", too. However many of its subscriptions fit, a connection gets a message once. They end with the
/// connection. Twice the same is one.
///
/// Owns: topic is copied.
/// Errors: INVALID_HANDLE, FORKED, PANIC; INVALID_ARGUMENT for a topic that is empty, longer than 1024 bytes, not UTF-8, or
/// has a NUL or a wildcard elsewhere; INVALID_STATE before OPEN; CONNECTION_CLOSED once it closes; TOO_MANY_SUBSCRIPTIONS
/// over limits.subscriptions_max.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hws_subscribe(conn: hws_conn, topic: hws_str) -> hws_status {
    guard(Operation::Inspect, || {
        let host = registry::engine_of(conn.id, Kind::Conn)?;
        // SAFETY: C's promise about the text.
        let topic = unsafe { text(topic, "topic") }?;
        host.engine.subscribe(conn.id, topic)
    })
}

/// Takes a subscription back, written as it was subscribed to; an empty topic stands for all of the connection's. One that
/// there is not is no error.
///
/// Owns: nothing.
/// Errors: INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hws_unsubscribe(conn: hws_conn, topic: hws_str) -> hws_status {
    guard(Operation::Inspect, || {
        let host = registry::engine_of(conn.id, Kind::Conn)?;
        // SAFETY: C's promise about the text.
        let topic = unsafe { text(topic, "topic") }?;
        host.engine.unsubscribe(conn.id, topic)
    })
}

/// Sends a message, HWS_TEXT or HWS_BINARY, to all connections that have subscribed to a topic: those of the engine, and of
/// engines that share its topics. It is made and compressed once, not once for each, and leaves with the next hws_poll at
/// the latest. Who cannot take it goes without and is skipped: without room in its send queue (see
/// limits.slow_subscriber), in the middle of a fragmented message, or closing. options, reached and skipped may be NULL.
///
/// Owns: topic and data are copied before the call returns.
/// Errors: INVALID_HANDLE, STRUCT_SIZE, NO_MEMORY, FORKED, PANIC; INVALID_ARGUMENT, also for a topic that is empty, longer
/// than 1024 bytes or has a wildcard; INVALID_SEND for text that is not UTF-8; QUEUE_FULL when the events
/// of hws_engine_options.publish_events are not polled. Nobody got it then.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hws_publish(
    engine: hws_engine,
    topic: hws_str,
    opcode: hws_opcode,
    data: *const c_void,
    len: usize,
    options: *const hws_publish_options,
    reached: *mut u32,
    skipped: *mut u32,
) -> hws_status {
    guard(Operation::Send, || {
        let host = registry::engine(engine.id)?;
        // SAFETY: C's promise about the results.
        let counts = unsafe { Counts::new(reached, skipped) }?;
        // SAFETY: C's promise about the struct.
        let how = How::new(unsafe { versioned_or_default(options, "options") }?)?;
        // SAFETY: C's promise about the text and the data.
        let (topic, data) = unsafe { (text(topic, "topic")?, bytes(data.cast(), len, "data")?) };
        let publication = Publication::new(topic, message_opcode(opcode)?, data, how.raw)?;
        let mut publication = publication.except(how.except).local(how.local);
        let mut sum = host.engine.publish(&mut publication)?;
        host.hand_out_log();
        for other in host.group.others(&host) {
            // One that was freed meanwhile, or has failed, has no subscribers.
            sum += other.engine.publish(&mut publication).unwrap_or_default();
        }
        counts.set(sum);
        Ok(())
    })
}

/// Sends a message, HWS_TEXT or HWS_BINARY, to the connections of a list, as hws_publish does to those that have
/// subscribed. They may be of any engines; who has ended is skipped. options, reached and skipped may be NULL.
///
/// Owns: conns and data are copied before the call returns.
/// Errors: INVALID_ARGUMENT, STRUCT_SIZE, NO_MEMORY, FORKED, PANIC; INVALID_HANDLE for options.except; INVALID_SEND for text
/// that is not UTF-8.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hws_send_many(
    conns: *const hws_conn,
    count: usize,
    opcode: hws_opcode,
    data: *const c_void,
    len: usize,
    options: *const hws_publish_options,
    reached: *mut u32,
    skipped: *mut u32,
) -> hws_status {
    guard(Operation::Send, || {
        // SAFETY: C's promise about the results.
        let counts = unsafe { Counts::new(reached, skipped) }?;
        // SAFETY: C's promise about the struct.
        let how = How::new(unsafe { versioned_or_default(options, "options") }?)?;
        // SAFETY: C's promise about the array and the data.
        let (conns, data) = unsafe { (array(conns, count, "conns")?, bytes(data.cast(), len, "data")?) };
        let mut message = Broadcast::new(message_opcode(opcode)?, data, how.raw)?;
        counts.set(send_many(conns, how.except, &mut message)?);
        Ok(())
    })
}

/// To each engine at a time what is its own.
fn send_many(conns: &[hws_conn], except: u64, message: &mut Broadcast) -> Result<Reached> {
    let mut by_engine = BTreeMap::<_, Vec<u64>>::new();
    for conn in conns.iter().filter(|conn| conn.id != except || except == 0) {
        let engine = Handle::of(conn.id, Kind::Conn).map(|handle| handle.engine);
        by_engine.entry(engine).or_default().push(conn.id);
    }
    message.plain()?;
    let mut sum = Reached::default();
    for ids in by_engine.values() {
        let host = match registry::engine_of(ids[0], Kind::Conn) {
            Err(error) if error.status == Status::FORKED => return Err(error),
            host => host.ok(),
        };
        let reached = host.as_ref().and_then(|host| host.engine.send_many(ids, message).ok());
        sum += reached.unwrap_or(Reached { reached: 0, skipped: ids.len() as u32 });
        host.iter().for_each(|host| host.hand_out_log());
    }
    Ok(sum)
}

/// How many connections something that is published to a topic would go to: those that have subscribed, in the engine and
/// in engines that share its topics.
///
/// Owns: *count is the caller's.
/// Errors: INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hws_topic_subscribers(engine: hws_engine, topic: hws_str, count: *mut u32) -> hws_status {
    guard(Operation::Inspect, || {
        let host = registry::engine(engine.id)?;
        // SAFETY: C's promise that the pointer may be written.
        let out = unsafe { out(count, "count") }?;
        // SAFETY: C's promise about the text.
        let topic = unsafe { text(topic, "topic") }?;
        let here = host.engine.subscribers(topic)?;
        let others = host.group.others(&host);
        out.set(here + others.iter().map(|other| other.engine.subscribers(topic).unwrap_or(0)).sum::<u32>());
        Ok(())
    })
}

/// What the options say.
#[derive(Default)]
struct How {
    raw: bool,
    local: bool,
    except: u64,
}

impl How {
    fn new(from: Option<hws_publish_options>) -> Result<Self> {
        let Some(hws_publish_options { flags, except, .. }) = from else { return Ok(Self::default()) };
        if flags & !(RAW | LOCAL) != 0 {
            return Err(invalid(
                "options.flags",
                "has a bit that is neither HWS_SEND_RAW nor one of hws_publish_flags",
            ));
        }
        if except.id != 0 {
            Handle::of(except.id, Kind::Conn).ok_or_else(invalid_handle)?;
        }
        Ok(Self { raw: flags & RAW != 0, local: flags & LOCAL != 0, except: except.id })
    }
}

fn message_opcode(opcode: hws_opcode) -> Result<Opcode> {
    let known = Opcode::from_number(opcode).filter(|opcode| matches!(opcode, Opcode::Text | Opcode::Binary));
    known.ok_or_else(|| invalid("opcode", "is neither HWS_TEXT nor HWS_BINARY"))
}

/// Where the counts go, if they are wanted.
struct Counts<'a> {
    reached: Option<Out<'a, u32>>,
    skipped: Option<Out<'a, u32>>,
}

impl Counts<'_> {
    /// # Safety
    /// Each is NULL or may be written.
    unsafe fn new(reached: *mut u32, skipped: *mut u32) -> Result<Self> {
        // SAFETY: the caller's promise.
        let wanted = |to: *mut u32, argument| (!to.is_null()).then(|| unsafe { out(to, argument) }).transpose();
        Ok(Self { reached: wanted(reached, "reached")?, skipped: wanted(skipped, "skipped")? })
    }

    fn set(self, counts: Reached) {
        if let Some(out) = self.reached {
            out.set(counts.reached);
        }
        if let Some(out) = self.skipped {
            out.set(counts.skipped);
        }
    }
}
