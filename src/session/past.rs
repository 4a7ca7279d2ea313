//! Past the queue: what is long is offered to the transport from where it lies, and only what that refuses is copied.

use std::io::IoSlice;

use super::notice::Kit;
use super::run::Run;
use super::session::{Phase, Session};
use crate::protocol::{Header, MAX_HEADER, PLAIN_MAX, Role};

/// From this size on a payload is worth a system call of its own rather than a copy into the queue.
const PAYLOAD_MIN: usize = 64 << 10;

/// What bytes leave by.
pub trait Transport {
    /// Takes bytes, in order and at once, and says how many; 0 when it takes none.
    fn write(&mut self, parts: &[IoSlice]) -> usize;
}

impl Session {
    /// So long a payload goes past the queue.
    #[inline(always)]
    pub(super) fn goes_past(&self, len: usize) -> bool {
        len >= PAYLOAD_MIN && self.may_go_past()
    }

    /// A payload may leave as it is, and with all that waits.
    #[inline(always)]
    fn may_go_past(&self) -> bool {
        self.role == Role::Server && !self.out.is_blocked() && !self.out.is_shared()
    }

    /// What waits, the header and the payload in one write; the rest joins the queue, which has room for it.
    pub(super) fn send_past(
        &mut self,
        header: &Header,
        data: &[u8],
        payload: &[u8],
        transport: &mut dyn Transport,
        kit: &mut Kit,
    ) {
        self.talk(kit, |connection, _| connection.committed(header, data));
        let mut bytes = [0; MAX_HEADER];
        let start = header.write(&mut bytes);
        let head = &bytes[start..];
        let taken = transport.write(&[self.out.pending(), head, payload].map(IoSlice::new));
        self.went_past(taken, [head, payload].into_iter(), kit);
    }

    /// A run of plain messages, however long they are, may go past the queue.
    pub fn sends_runs(&self) -> bool {
        let Phase::Talking(connection) = &self.phase else { return false };
        connection.sends_plain(PLAIN_MAX) && self.may_go_past()
    }

    /// Sends a run, for which there is room, if [`Session::sends_runs`]. With what waits it leaves in one write, if it is worth
    /// that; the rest joins the queue. False: nothing has been sent.
    pub fn send_run(&mut self, run: &Run, transport: &mut dyn Transport, kit: &mut Kit) -> bool {
        if self.out.reserve(run.size(), kit.buffers).is_err() {
            return false;
        }
        if self.out.len() + run.size() >= Run::SIZE_MIN {
            let taken = run.write(self.out.pending(), |parts| transport.write(parts));
            self.went_past(taken, run.parts(), kit);
        } else {
            run.parts().for_each(|part| self.out.push(part));
        }
        self.counters.messages_out += run.messages() as u64;
        self.counters.bytes_out += run.bytes() as u64;
        self.active = kit.now;
        true
    }

    /// So many bytes were taken of what waits and of what was offered behind it. The rest joins the queue, which has room.
    fn went_past<'a>(&mut self, taken: usize, offered: impl Iterator<Item = &'a [u8]> + Clone, kit: &mut Kit) {
        let waiting = self.out.len();
        let all = waiting + offered.clone().map(<[u8]>::len).sum::<usize>();
        self.out.wrote(taken.min(waiting), taken < all);
        let mut passed = taken.saturating_sub(waiting);
        for part in offered {
            let skip = passed.min(part.len());
            passed -= skip;
            self.out.passed_by(skip);
            self.out.push(&part[skip..]);
        }
        self.watch_queue(taken > 0, kit);
    }
}
