//! A run: long plain messages that follow each other on one connection. They leave with one write, each from where it lies,
//! and only what the transport refuses is copied.

use std::io::IoSlice;
use std::ops::Deref;

use crate::protocol::{Opcode, PLAIN_MAX, check_text, long_header};

/// What a run says, at the most: as much as ever waits for the next poll.
const BYTES_MAX: usize = 256 << 10;
/// What a busy connection has in flight. With 16, answering 32 messages of 4 KiB took 1.07 times the CPU.
const MESSAGES_MAX: usize = 32;

/// Where the headers of a run are.
pub type Headers = [[u8; 4]; MESSAGES_MAX];

/// Messages of a server's, of which each could be sent alone.
pub struct Run<'a> {
    /// The first is for what leaves before it; then a header and a payload each.
    places: [IoSlice<'a>; 1 + 2 * MESSAGES_MAX],
    messages: usize,
    bytes: usize,
}

impl<'a> Run<'a> {
    /// From this size on two places in a write cost less than a copy into the queue.
    pub const MESSAGE_MIN: usize = 4 << 10;

    /// The first of these messages, up to one that is none for a run or for which there is no room.
    #[inline(always)]
    pub fn of(headers: &'a mut Headers, messages: impl Iterator<Item = (Opcode, &'a [u8])>) -> Self {
        let mut run = Self { places: [IoSlice::new(&[]); 1 + 2 * MESSAGES_MAX], messages: 0, bytes: 0 };
        for (header, (opcode, data)) in headers.iter_mut().zip(messages) {
            let is_wrong = opcode == Opcode::Text && check_text(data).is_err();
            if is_wrong || !Self::takes(data) || run.bytes + data.len() > BYTES_MAX {
                break;
            }
            *header = long_header(opcode, data.len());
            let at = run.end();
            (run.places[at], run.places[at + 1]) = (IoSlice::new(header), IoSlice::new(data));
            run.messages += 1;
            run.bytes += data.len();
        }
        run
    }

    /// So long a message may be part of one.
    #[inline(always)]
    pub fn takes(data: &[u8]) -> bool {
        (Self::MESSAGE_MIN..=PLAIN_MAX).contains(&data.len())
    }

    /// How many there are.
    pub fn messages(&self) -> usize {
        self.messages
    }

    /// The bytes of their payloads.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Offers what `waits`, and it behind that; how much of both was taken.
    pub fn write(&self, waits: &[u8], write: impl FnOnce(&[IoSlice]) -> usize) -> usize {
        if waits.is_empty() {
            return write(&self.places[1..self.end()]);
        }
        let mut places = self.places;
        places[0] = IoSlice::new(waits);
        write(&places[..self.end()])
    }

    /// Headers and payloads, in order.
    pub fn parts(&self) -> impl Iterator<Item = &[u8]> + Clone {
        self.places[1..self.end()].iter().map(Deref::deref)
    }

    fn end(&self) -> usize {
        1 + 2 * self.messages
    }
}
