//! The host's array of events, as a place for the engine to put them.

use std::ffi::CStr;

use super::convert::{ArrayNames, check_array};
use super::error::hws_error_info;
use super::events::hws_event;
use super::flat::{FlatError, FlatHandshake};
use super::registry::Batch;
use super::types::{hws_bytes, hws_conn, hws_listener, hws_request, hws_str};
use crate::engine::{Event, EventKind, Sink};
use crate::error::Result;
use crate::protocol::Opcode;

const EVENTS: ArrayNames = ArrayNames { array: "events", stride: "event_size", count: "capacity" };

/// An event that says nothing.
const NOTHING: hws_event = hws_event {
    kind: 0,
    flags: 0,
    conn: hws_conn { id: 0 },
    listener: hws_listener { id: 0 },
    request: hws_request { id: 0 },
    user: 0,
    token: 0,
    value: 0,
    status: 0,
    opcode: 0,
    data: hws_bytes { ptr: std::ptr::null(), len: 0 },
    error: std::ptr::null(),
    handshake: std::ptr::null(),
    topic: hws_str { ptr: std::ptr::null(), len: 0 },
    reserved: [0; 2],
};

/// An array of `hws_event`, which may be larger than ours in the caller's header.
pub struct EventArray {
    events: *mut u8,
    stride: usize,
    capacity: u32,
    pub count: u32,
    /// What the pointers in the events point to.
    pub batch: Batch,
}

impl EventArray {
    /// Checks the array.
    ///
    /// # Safety
    /// `events` is NULL or points to `capacity` times `stride` writable bytes.
    pub unsafe fn new(events: *mut hws_event, stride: usize, capacity: u32) -> Result<Self> {
        check_array(events, stride, capacity, EVENTS)?;
        Ok(Self { events: events.cast(), stride, capacity, count: 0, batch: Batch::default() })
    }

    #[inline]
    fn write(&mut self, event: &hws_event) {
        assert!(self.count < self.capacity, "the engine asks for room before it puts an event");
        let offset = self.count as usize * self.stride;
        // SAFETY: count < capacity, as asserted, so by `new` the whole stride may be written; it is aligned and at least
        // as large as the event.
        unsafe {
            let to = self.events.add(offset);
            to.cast::<hws_event>().write(*event);
            if self.stride > size_of::<hws_event>() {
                to.add(size_of::<hws_event>()).write_bytes(0, self.stride - size_of::<hws_event>());
            }
        }
        self.count += 1;
    }

    /// What was published, which has little that other events have. Apart, so that these do not pay for its topic.
    #[cold]
    fn publish(&mut self, event: &Event, topic: &CStr) {
        self.write(&hws_event {
            kind: event.kind as u32,
            opcode: event.opcode.into(),
            data: hws_bytes::of(event.data),
            topic: hws_str { ptr: topic.as_ptr(), len: topic.count_bytes() },
            ..NOTHING
        });
    }

    fn error(&mut self, event: &Event) -> *const hws_error_info {
        let Some(error) = &event.error else { return std::ptr::null() };
        let flat = FlatError::new(error);
        let info = flat.info();
        self.batch.errors.push(flat);
        info
    }
}

impl Sink for EventArray {
    #[inline]
    fn has_room(&self, _conn: u64) -> bool {
        self.count < self.capacity
    }

    #[inline]
    fn is_full(&self) -> bool {
        self.count >= self.capacity
    }

    #[inline]
    fn is_empty(&self) -> bool {
        self.count == 0
    }

    #[inline(always)]
    fn put_message(&mut self, from: (u64, u64, u64), opcode: Opcode, data: &[u8]) {
        let (conn, listener, user) = from;
        self.write(&hws_event {
            kind: EventKind::Message as u32,
            conn: hws_conn { id: conn },
            listener: hws_listener { id: listener },
            user,
            opcode: opcode as u32,
            data: hws_bytes::of(data),
            ..NOTHING
        });
    }

    #[inline]
    fn put(&mut self, event: &Event) {
        if let Some(topic) = event.topic {
            return self.publish(event, topic);
        }
        let error = self.error(event);
        let handshake = event.opened.as_ref().map_or(std::ptr::null(), |opened| {
            let flat = FlatHandshake::new(opened);
            let info = flat.info();
            self.batch.handshakes.push(flat);
            info
        });
        self.write(&hws_event {
            kind: event.kind as u32,
            flags: event.flags,
            conn: hws_conn { id: event.conn },
            listener: hws_listener { id: event.listener },
            request: hws_request { id: event.request },
            user: event.user,
            token: event.token,
            value: event.value,
            status: event.status.code(),
            opcode: event.opcode.into(),
            data: hws_bytes::of(event.data),
            error,
            handshake,
            ..NOTHING
        });
    }
}
