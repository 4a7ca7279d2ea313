//! The send queue: bytes that wait for the kernel, in order, and the tokens to report when they have left.

use std::collections::VecDeque;

use super::buffer::{Buffers, no_memory};
use crate::error::Result;

/// Bytes on their way out.
#[derive(Debug, Default)]
pub struct Outbox {
    bytes: Vec<u8>,
    /// How much of `bytes` has left already.
    head: usize,
    /// Every byte that ever left.
    left: u64,
    /// What to report when `left` passes an offset; boxed, because most connections never ask.
    #[allow(clippy::box_collection)] // one word, not four, in every connection
    tokens: Option<Box<VecDeque<(u64, u64)>>>,
    /// The kernel took less than was offered and will say when it has room.
    blocked: bool,
}

impl Outbox {
    /// What waits.
    pub fn pending(&self) -> &[u8] {
        &self.bytes[self.head..]
    }

    /// How much waits.
    pub fn len(&self) -> usize {
        self.bytes.len() - self.head
    }

    /// Nothing waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The kernel refused some of it the last time.
    pub fn is_blocked(&self) -> bool {
        self.blocked
    }

    /// Every byte that has left so far.
    pub fn left(&self) -> u64 {
        self.left
    }

    /// Makes room for `len` more bytes, or fails with everything as it was.
    pub fn reserve(&mut self, len: usize, buffers: &mut Buffers) -> Result<()> {
        if self.bytes.capacity() == 0 {
            self.bytes = buffers.queue();
        } else if self.head > self.bytes.len() / 2 {
            // More has left than waits: the move costs less than what was sent since the last one.
            self.bytes.drain(..self.head);
            self.head = 0;
        }
        self.bytes.try_reserve(len).map_err(|_| no_memory(self.bytes.len(), len))
    }

    /// Queues bytes behind the rest; there is room after [`Outbox::reserve`].
    #[inline(always)]
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The last `len` queued bytes, to be masked in place.
    pub fn last(&mut self, len: usize) -> &mut [u8] {
        let start = self.bytes.len() - len;
        &mut self.bytes[start..]
    }

    /// Asks for `token` to be reported once everything queued so far has left.
    pub fn mark(&mut self, token: u64) {
        let end = self.left + self.len() as u64;
        self.tokens.get_or_insert_default().push_back((end, token));
    }

    /// The kernel took `len` bytes, all of those that waited unless `blocked`.
    pub fn wrote(&mut self, len: usize, blocked: bool) {
        self.left += len as u64;
        self.head += len;
        self.blocked = blocked;
        if self.head == self.bytes.len() {
            self.head = 0;
            self.bytes.clear();
        }
    }

    /// The kernel has room again.
    pub fn unblock(&mut self) {
        self.blocked = false;
    }

    /// Bytes that left without ever waiting here, because the queue was empty.
    pub fn passed_by(&mut self, len: usize) {
        self.left += len as u64;
    }

    /// The bytes of some token have left.
    pub fn has_token(&self) -> bool {
        self.tokens.as_ref().and_then(|t| t.front()).is_some_and(|(end, _)| *end <= self.left)
    }

    /// The next token whose bytes have left.
    pub fn next_token(&mut self) -> Option<u64> {
        if !self.has_token() {
            return None;
        }
        let tokens = self.tokens.as_mut()?;
        let (_, token) = tokens.pop_front()?;
        if tokens.is_empty() {
            self.tokens = None;
        }
        Some(token)
    }

    /// Gives the memory of an empty queue back.
    pub fn shelve(&mut self, buffers: &mut Buffers) {
        if self.is_empty() {
            self.head = 0;
            buffers.put_queue(std::mem::take(&mut self.bytes));
        }
    }

    /// Drops what waits: nobody will read it.
    pub fn discard(&mut self, buffers: &mut Buffers) {
        self.head = self.bytes.len();
        self.tokens = None;
        self.shelve(buffers);
    }
}
