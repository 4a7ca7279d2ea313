//! The pace at which a frame comes: a peer that has begun one and goes on by a byte now and then is cut off, for it
//! holds what that frame has taken so far.

use super::deadlines::timeout;
use super::session::{Phase, Session};
use super::state::State;
use super::{NEVER, Time};
use crate::error::{Error, Operation, Status};
use crate::protocol::{Cut, Watch};

/// The pace is measured over so long, and a frame that comes within it is not measured at all: networks stall.
const PERIOD: Time = 30_000_000;

impl Session {
    /// The bytes of a read end inside a frame: from here on it is watched, unless it is already. Apart, for most reads do
    /// not.
    #[cold]
    pub(super) fn watch_frame(&mut self, now: Time) {
        let watched = self.watch();
        match self.cut_frame() {
            Some(cut) if watched.is_some_and(|watched| watched.frame == cut.frame) => {}
            // What the read has brought of it counts.
            found => self.begin_period(found.map(|cut| Cut { received: 0, ..cut }), now),
        }
    }

    /// Nobody was reading, or nobody will be: what comes of a frame is measured from here on.
    pub fn watch_frame_anew(&mut self, hold: bool, now: Time) {
        let found = if hold { None } else { self.cut_frame() };
        self.begin_period(found, now);
    }

    /// No frame is watched any more.
    #[inline(always)]
    pub(super) fn watch_no_frame(&mut self) {
        if let Phase::Talking(connection) = &mut self.phase {
            connection.set_watch(None);
        }
    }

    fn begin_period(&mut self, cut: Option<Cut>, now: Time) {
        let due = now.saturating_add(PERIOD);
        let watch = cut.map(|cut| Watch { due, frame: cut.frame, from: cut.received });
        if let Phase::Talking(connection) = &mut self.phase {
            connection.set_watch(watch);
        }
    }

    fn watch(&self) -> Option<Watch> {
        match &self.phase {
            Phase::Talking(connection) => connection.watch(),
            _ => None,
        }
    }

    /// The next look at a frame that has begun.
    pub(super) fn look_due(&self) -> Time {
        self.watch().map_or(NEVER, |watch| watch.due)
    }

    /// The frame of which only a part has come, if anybody minds.
    fn cut_frame(&self) -> Option<Cut> {
        let Phase::Talking(connection) = &self.phase else { return None };
        if self.settings.receive_rate_min == u64::MAX || self.state() != State::Open {
            return None;
        }
        connection.cut()
    }

    /// A period is over: why the peer is cut off, or another period begins.
    pub(super) fn crawls(&mut self, now: Time) -> Option<Error> {
        let (Watch { frame, from, .. }, found) = (self.watch()?, self.cut_frame());
        self.begin_period(found, now);
        let cut = found.filter(|cut| cut.frame == frame && self.wants_read())?;
        let wanted = self.settings.receive_rate_min.saturating_mul(PERIOD / 1_000_000);
        // Within the period there can have been no other frame of the same number: that would have been told.
        if cut.received.saturating_sub(from) >= wanted {
            return None;
        }
        let detail = "a frame has begun and comes too slowly";
        Some(timeout(Status::RECV_TIMEOUT, detail, Operation::Receive, PERIOD).with(|e| {
            e.size = cut.len;
            e.current_size = Some(cut.received);
        }))
    }
}
