//! Memory for what cannot stay where it arrived: the parts of a message, and what waits to be sent. Buffers
//! are lent to a connection while it needs them and go back to a shelf, so that an idle connection holds
//! none and a busy one allocates none.

use super::mask::{copy_masked, push_masked};
use super::outbox::Waiting;
use super::receiver::Begun;
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

/// The shelf of buffers that nobody uses at the moment.
#[derive(Debug, Default)]
pub struct Buffers {
    messages: Vec<Buffer>,
    /// The memory of those.
    messages_bytes: usize,
    #[expect(clippy::vec_box, reason = "it is the boxes that are lent")]
    queues: Vec<Box<Waiting>>,
    /// What of a connection whose peer is in the middle of something.
    #[expect(clippy::vec_box, reason = "it is the boxes that are lent")]
    begun: Vec<Box<Begun>>,
    /// What compresses, and what decompresses.
    pub codecs: Codecs,
}

impl Buffers {
    /// Queues, and messages in parts, that are kept for later; the rest goes back to the allocator.
    const KEEP: usize = 64;
    /// Messages that are kept: compressed ones take one each, so there are as many as a batch has events.
    const KEEP_MESSAGES: usize = 1024;
    /// What they may take together.
    const KEEP_MESSAGES_BYTES: usize = 128 << 20;
    /// A buffer larger than this is not kept: one large message must not cost its size for ever.
    const KEEP_BYTES: usize = 2 << 20;

    /// An empty buffer for a message.
    pub fn message(&mut self) -> Buffer {
        let buffer = self.messages.pop().unwrap_or_default();
        self.messages_bytes -= buffer.bytes.capacity();
        buffer
    }

    /// Takes a buffer back.
    pub fn put_message(&mut self, mut buffer: Buffer) {
        let size = buffer.bytes.capacity();
        let room = self.messages.len() < Self::KEEP_MESSAGES && self.messages_bytes + size <= Self::KEEP_MESSAGES_BYTES;
        if size > 0 && size <= Self::KEEP_BYTES && room {
            self.messages_bytes += size;
            (buffer.start, buffer.filled) = (0, 0);
            self.messages.push(buffer);
        }
    }

    /// Empty memory for a send queue.
    pub fn queue(&mut self) -> Box<Waiting> {
        self.queues.pop().unwrap_or_default()
    }

    /// Takes memory of a send queue back.
    #[inline]
    pub(super) fn put_queue(&mut self, mut queue: Box<Waiting>) {
        if queue.capacity() <= Self::KEEP_BYTES && self.queues.len() < Self::KEEP {
            queue.clear();
            self.queues.push(queue);
        }
    }

    /// For a frame whose end has not come.
    pub(super) fn begun(&mut self) -> Box<Begun> {
        self.begun.pop().unwrap_or_default()
    }

    /// Takes back what such a frame has needed.
    pub(super) fn put_begun(&mut self, mut begun: Box<Begun>) {
        if self.begun.len() < Self::KEEP {
            *begun = Begun::default();
            self.begun.push(begun);
        }
    }

    /// Gives everything back to the allocator.
    pub fn trim(&mut self) {
        self.messages = Vec::new();
        self.messages_bytes = 0;
        self.queues = Vec::new();
        self.begun = Vec::new();
        self.codecs.trim();
    }
}
