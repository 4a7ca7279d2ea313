//! A run: plain messages that follow each other on one connection. They leave together, each from where it lies: long ones
//! wherever that is, and short ones if they lie in a row as a server sends them, as received ones do. Only what the transport
//! refuses is copied.

use std::io::IoSlice;
use std::ops::Deref;

use crate::protocol::{Opcode, PLAIN_MAX, Whole, check_text, lies_at, lies_behind, long_header};

/// Where the parts of a run are listed, and the headers of messages that have none before them.
#[derive(Debug)]
pub struct Places<'a, const PARTS: usize, const HEADERS: usize> {
    /// The first is for what leaves before the run.
    parts: [IoSlice<'a>; PARTS],
    headers: [[u8; 4]; HEADERS],
}

/// For one message.
pub type One<'a> = Places<'a, 3, 1>;

/// For what a busy connection has in flight, a header and a payload each. With 16, answering 32 messages of 4 KiB took 1.07 times
/// the CPU.
pub type Many<'a> = Places<'a, 65, 32>;

impl<const PARTS: usize, const HEADERS: usize> Default for Places<'_, PARTS, HEADERS> {
    fn default() -> Self {
        Self { parts: [IoSlice::new(&[]); PARTS], headers: [[0; 4]; HEADERS] }
    }
}

/// Messages of a server's, of which each could be sent alone.
#[derive(Debug)]
pub struct Run<'a> {
    parts: &'a mut [IoSlice<'a>],
    /// How many of those are taken.
    taken: usize,
    messages: usize,
    bytes: usize,
    size: usize,
}

impl<'a> Run<'a> {
    /// From this size on two parts of a write cost less than a copy into the queue.
    pub const MESSAGE_MIN: usize = 4 << 10;
    /// What one has at the most, in bytes of frames: so much may leave, or wait, at a time.
    pub const SIZE_MAX: usize = 256 << 10;
    /// From this size on what leaves is worth a system call of its own rather than a copy into the queue.
    pub const SIZE_MIN: usize = 8 << 10;

    /// A message and those that follow it, up to one that is none for a run, or for whose frame there is no `room` or no place.
    /// They may lie in `memory` as they are sent. Of the following those are left that are not taken.
    #[inline(always)]
    pub fn of<'m: 'a, const PARTS: usize, const HEADERS: usize>(
        Places { parts, headers }: &'a mut Places<'a, PARTS, HEADERS>,
        memory: &'a [u8],
        room: usize,
        first: Whole<'m>,
        following: &mut (impl Iterator<Item = Whole<'m>> + Clone),
    ) -> Self {
        let mut run = Self { parts, taken: 1, messages: 0, bytes: 0, size: 0 };
        let (mut headers, room) = (headers.iter_mut(), room.min(Self::SIZE_MAX));
        let (mut next, mut ahead) = (Some(first), following.clone());
        while let Some(message) = next {
            let room = room - run.size;
            let is_long = Self::takes(message.1);
            let took = match lies_at(memory, message).filter(|_| is_long || run.messages == 0) {
                Some(frame) => run.take_row(&memory[frame.start..], room, message, &mut ahead),
                None => is_long && run.take(headers.next(), room, message),
            };
            if !took {
                break;
            }
            following.clone_from(&ahead);
            next = ahead.next();
        }
        run
    }

    /// So long a message may be part of one, wherever it lies.
    #[inline(always)]
    pub fn takes(data: &[u8]) -> bool {
        (Self::MESSAGE_MIN..=PLAIN_MAX).contains(&data.len())
    }

    /// Takes a message, and of those that follow it as many as lie behind it in `memory`, which begins with it.
    #[inline(always)]
    fn take_row<'m: 'a>(
        &mut self,
        memory: &'a [u8],
        room: usize,
        first: Whole<'m>,
        following: &mut (impl Iterator<Item = Whole<'m>> + Clone),
    ) -> bool {
        let memory = &memory[..memory.len().min(room)];
        let (mut next, mut ahead) = (Some(first), following.clone());
        let (mut end, mut messages, mut bytes) = (0, 0, 0);
        while let Some(message) = next {
            let Some(behind) = lies_behind(memory, end, message) else { break };
            if !is_right(message) {
                break;
            }
            end = behind;
            messages += 1;
            bytes += message.1.len();
            following.clone_from(&ahead);
            next = ahead.next();
        }
        self.put([&memory[..end]], messages, bytes)
    }

    /// Takes a message, to go behind a header.
    fn take(&mut self, header: Option<&'a mut [u8; 4]>, room: usize, (opcode, data): Whole<'a>) -> bool {
        let Some(header) = header.filter(|header| header.len() + data.len() <= room && is_right((opcode, data))) else {
            return false;
        };
        *header = long_header(opcode, data.len());
        self.put([header, data], 1, data.len())
    }

    /// Takes so many messages, in these parts, if there are any and there are places for them.
    fn put<const N: usize>(&mut self, parts: [&'a [u8]; N], messages: usize, bytes: usize) -> bool {
        let Some(places) = self.parts.get_mut(self.taken..self.taken + N).filter(|_| messages > 0) else {
            return false;
        };
        for (place, part) in places.iter_mut().zip(parts) {
            *place = IoSlice::new(part);
            self.size += part.len();
        }
        self.taken += N;
        self.messages += messages;
        self.bytes += bytes;
        true
    }

    /// How many there are.
    pub fn messages(&self) -> usize {
        self.messages
    }

    /// The bytes of their payloads.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The bytes of their frames.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Offers what `waits`, and it behind that; how much of both was taken.
    pub fn write(&self, waits: &[u8], write: impl FnOnce(&[IoSlice]) -> usize) -> usize {
        let parts = &self.parts[..self.taken];
        if waits.is_empty() {
            return write(&parts[1..]);
        }
        let mut with_waits = Many::default().parts;
        with_waits[1..parts.len()].copy_from_slice(&parts[1..]);
        with_waits[0] = IoSlice::new(waits);
        write(&with_waits[..parts.len()])
    }

    /// The frames, in order, as they lie.
    pub fn parts(&self) -> impl Iterator<Item = &[u8]> + Clone {
        self.parts[1..self.taken].iter().map(Deref::deref)
    }
}

/// What is said to be text is text.
#[inline(always)]
pub(super) fn is_right((opcode, data): Whole) -> bool {
    opcode != Opcode::Text || check_text(data).is_ok()
}
