//! Memory for what cannot stay where it arrived: the parts of a message, and what waits to be sent. Buffers
//! are lent to a connection while it needs them and go back to a shelf, so that an idle connection holds
//! none and a busy one allocates none.

use super::mask::{copy_masked, push_masked};
use super::outbox::Waiting;
use super::receiver::Begun;
use super::shelf::{Kept, Shelf};
use crate::error::{Error, Result, Status};
use crate::extension::Codecs;

/// A growing piece of memory that remembers how much of it was ever initialised, so that one which has been
/// used before can be read into again without clearing it.
#[derive(Debug, Default)]
pub struct Buffer {
    /// `len()` is what is initialised.
    bytes: Vec<u8>,
    /// Where its content begins.
    start: usize,
    /// Where that ends.
    filled: usize,
}

impl Buffer {
    /// What has been put in.
    pub fn filled(&self) -> &[u8] {
        &self.bytes[self.start..self.filled]
    }

    /// How much that is.
    pub fn len(&self) -> usize {
        self.filled - self.start
    }

    /// Nothing has been put in.
    pub fn is_empty(&self) -> bool {
        self.filled == self.start
    }

    /// The part from `start`, to be changed in place.
    pub fn filled_from(&mut self, start: usize) -> &mut [u8] {
        &mut self.bytes[self.start + start..self.filled]
    }

    /// An empty one leaves out so many bytes at its front.
    ///
    /// The rest of a frame that is read to behind the place of its header lies as it did in the stream, modulo 16. Where it
    /// lies a few bytes further, modulo a page, than where the kernel has it, processors that copy byte strings
    /// take a load for one of what was just stored, and the kernel's copy takes twice the time or more.
    pub fn leave_out(&mut self, len: usize) -> Result<()> {
        self.room(len)?;
        (self.start, self.filled) = (len, len);
        Ok(())
    }

    /// Puts more behind what is there.
    pub fn append(&mut self, more: &[u8]) -> Result<()> {
        if self.filled == self.bytes.len() {
            self.reserve(more.len())?;
            self.bytes.extend_from_slice(more);
        } else {
            self.room(more.len())?.copy_from_slice(more);
        }
        self.filled += more.len();
        Ok(())
    }

    /// The same for bytes that are masked, and stand at `offset` in their frame's payload: they are not, in here.
    pub fn append_masked(&mut self, more: &[u8], key: [u8; 4], offset: u64) -> Result<()> {
        if self.filled == self.bytes.len() {
            self.reserve(more.len())?;
            push_masked(&mut self.bytes, more, key, offset);
        } else {
            copy_masked(self.room(more.len())?, more, key, offset);
        }
        self.filled += more.len();
        Ok(())
    }

    /// Room for `len` bytes behind what is there; [`Buffer::advance`] says how many were put in.
    pub fn room(&mut self, len: usize) -> Result<&mut [u8]> {
        let end = self.filled + len;
        if end > self.bytes.len() {
            self.reserve(end - self.bytes.len())?;
            self.bytes.resize(end, 0);
        }
        Ok(&mut self.bytes[self.filled..end])
    }

    /// `len` bytes of the room have been put in.
    pub fn advance(&mut self, len: usize) {
        self.filled = (self.filled + len).min(self.bytes.len());
    }

    fn reserve(&mut self, more: usize) -> Result<()> {
        self.bytes.try_reserve(more).map_err(|_| no_memory(self.filled, more))
    }
}

/// The error for memory that a peer's or caller's size asked for and the system refused.
#[cold]
pub fn no_memory(current: usize, more: usize) -> Error {
    Error::new(Status::NO_MEMORY, "a buffer could not grow").with(|e| {
        e.current_size = Some(current as u64);
        e.size = Some((current as u64).saturating_add(more as u64));
    })
}

impl Kept for Buffer {
    /// Compressed messages take one each, so there are as many as a batch has events.
    const KEPT_MAX: usize = 128 << 20;

    fn size(&self) -> usize {
        self.bytes.capacity()
    }

    fn clear(&mut self) {
        (self.start, self.filled) = (0, 0);
    }
}

/// The shelves of an engine.
#[derive(Debug, Default)]
pub struct Buffers {
    messages: Shelf<Buffer>,
    queues: Shelf<Box<Waiting>>,
    /// What of a connection whose peer is in the middle of something.
    begun: Shelf<Box<Begun>>,
    /// What compresses, and what decompresses.
    pub codecs: Codecs,
}

impl Buffers {
    /// An empty buffer for a message.
    pub fn message(&mut self) -> Buffer {
        self.messages.take()
    }

    /// Takes a buffer back.
    pub fn put_message(&mut self, buffer: Buffer) {
        if buffer.size() > 0 {
            self.messages.put(buffer);
        }
    }

    /// Empty memory for a send queue.
    pub fn queue(&mut self) -> Box<Waiting> {
        self.queues.take()
    }

    /// Takes memory of a send queue back.
    #[inline]
    pub(super) fn put_queue(&mut self, queue: Box<Waiting>) {
        self.queues.put(queue);
    }

    /// For a frame whose end has not come.
    pub(super) fn begun(&mut self) -> Box<Begun> {
        self.begun.take()
    }

    /// Takes back what such a frame has needed.
    pub(super) fn put_begun(&mut self, begun: Box<Begun>) {
        self.begun.put(begun);
    }

    /// Gives everything back to the allocator.
    pub fn trim(&mut self) {
        (self.messages, self.queues, self.begun) = Default::default();
        self.codecs.trim();
    }
}
