//! The send queue: bytes that wait for the kernel, in order, and the tokens to report when they have left.

use std::collections::VecDeque;
use std::io::IoSlice;
use std::sync::Arc;

use super::buffer::{Buffers, no_memory};
use super::mask::push_masked;
use super::shared::{Held, Row, SharedFrame};
use super::shelf::Kept;
use super::simd::push_plain;
use crate::error::Result;

/// A frame of so few bytes is copied behind others: a place in a row costs as much.
const COPY_MAX: usize = 1 << 10;

/// Bytes on their way out.
#[derive(Debug, Default)]
pub struct Outbox {
    /// Every byte that ever left.
    left: u64,
    /// Frames that other queues hold, too, before and among its own bytes.
    shared: Option<Arc<Held>>,
    /// From the shelf, and nothing while nothing waits.
    waiting: Option<Box<Waiting>>,
}

/// What a queue holds itself.
#[derive(Debug, Default)]
pub struct Waiting {
    bytes: Vec<u8>,
    /// What there is to remember of a queue that does not leave as a whole, at once, with nobody waiting for that.
    more: Option<Box<More>>,
    /// The memory of that while there is none.
    spare: Option<Box<More>>,
}

impl Waiting {
    /// Nothing waits, and nothing is to be remembered.
    fn is_over(&self) -> bool {
        self.bytes.is_empty() && self.more.is_none()
    }
}

impl Kept for Box<Waiting> {
    fn size(&self) -> usize {
        let spare = self.spare.as_ref().map_or(0, |spare| spare.size());
        size_of::<Waiting>() + self.bytes.capacity() + spare
    }

    fn clear(&mut self) {
        self.bytes.clear();
    }
}

/// What few queues have, and none for long.
#[derive(Debug, Default)]
struct More {
    /// How much of `bytes` has left already.
    head: usize,
    /// The kernel took less than was offered and will say when it has room.
    blocked: bool,
    /// What to report when `left` passes an offset.
    tokens: VecDeque<(u64, u64)>,
    /// Bytes that were dropped before they left.
    unsent: u64,
    /// The bytes of the last send that was refused, to say when there is room for it; 0 for none.
    refused: u64,
}

impl More {
    /// There is none of it.
    fn is_over(&self) -> bool {
        let Self { head, blocked, tokens, unsent, refused } = self;
        *head == 0 && !blocked && tokens.is_empty() && *unsent == 0 && *refused == 0
    }

    /// The bytes that it takes.
    fn size(&self) -> usize {
        size_of::<Self>() + self.tokens.capacity() * size_of::<(u64, u64)>()
    }
}

impl Outbox {
    #[inline(always)]
    fn waiting(&mut self) -> &mut Waiting {
        match self.waiting {
            Some(ref mut waiting) => waiting,
            None => begun(&mut self.waiting),
        }
    }

    #[inline(always)]
    fn more(&self) -> Option<&More> {
        self.waiting.as_ref()?.more.as_deref()
    }

    /// Changes what there is to remember, which may be over then.
    fn remember(&mut self, change: impl FnOnce(&mut More)) {
        let Waiting { more, spare, .. } = self.waiting();
        change(more.get_or_insert_with(|| spare.take().unwrap_or_default()));
        if let Some(over) = more.take_if(|more| more.is_over()) {
            *spare = Some(over);
        }
    }

    /// The same, if there is any.
    fn recall(&mut self, change: impl FnOnce(&mut More)) {
        if self.more().is_some() {
            self.remember(change);
        }
    }

    /// Its own bytes, those that have left and lie before the others included.
    #[inline(always)]
    fn bytes(&self) -> &[u8] {
        self.waiting.as_ref().map_or(&[], |waiting| &waiting.bytes)
    }

    fn head(&self) -> usize {
        self.more().map_or(0, |more| more.head)
    }

    /// What waits, as far as it lies in one piece: all of it, unless some is shared.
    #[inline]
    pub fn pending(&self) -> &[u8] {
        match self.shared.as_deref() {
            None => self.own(),
            Some(Held::Frame(bytes)) => bytes,
            Some(Held::Row(row)) => row.parts(self.own()).next().unwrap_or_default(),
        }
    }

    /// What waits in a queue that is simple.
    #[inline(always)]
    pub fn simple(&self) -> &[u8] {
        self.bytes()
    }

    /// What waits, in order, as far as there is room for its parts; how many there are.
    pub fn parts<'a>(&'a self, parts: &mut [IoSlice<'a>]) -> usize {
        match self.shared.as_deref() {
            Some(Held::Row(row)) => fill(parts, row.parts(self.own())),
            held => fill(parts, held.map(Held::frame).into_iter().chain([self.own()])),
        }
    }

    /// Some of what waits is shared, so that it does not lie in one piece.
    #[inline]
    pub fn is_shared(&self) -> bool {
        self.shared.is_some()
    }

    /// What waits lies in one piece, the kernel has not refused any of it, and nobody is to be told of it.
    #[inline(always)]
    pub fn is_simple(&self) -> bool {
        self.shared.is_none() && self.more().is_none()
    }

    /// There is nothing at all.
    #[inline(always)]
    pub fn is_idle(&self) -> bool {
        self.is_simple() && self.bytes().is_empty()
    }

    fn own(&self) -> &[u8] {
        &self.bytes()[self.head()..]
    }

    /// How much waits.
    #[inline(always)]
    pub fn len(&self) -> usize {
        if self.is_simple() { self.bytes().len() } else { self.len_of_all() }
    }

    #[inline(never)]
    fn len_of_all(&self) -> usize {
        let shared = self.shared.as_ref().map_or(0, |held| held.len());
        self.own().len() + shared
    }

    /// Nothing waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The kernel refused some of it the last time.
    pub fn is_blocked(&self) -> bool {
        self.more().is_some_and(|more| more.blocked)
    }

    /// Every byte that has left so far.
    pub fn left(&self) -> u64 {
        self.left
    }

    /// Makes room for `len` more bytes, or fails with everything as it was.
    #[inline(always)]
    pub fn reserve(&mut self, len: usize, buffers: &mut Buffers) -> Result<()> {
        if self.has_room(len) || self.make_room(len, buffers) {
            Ok(())
        } else {
            Err(no_memory(self.bytes().len(), len))
        }
    }

    /// There is room for `len` more bytes.
    #[inline(always)]
    pub fn has_room(&self, len: usize) -> bool {
        self.spare() >= len
    }

    /// Bytes for which there is room.
    #[inline(always)]
    pub fn spare(&self) -> usize {
        match self.waiting.as_deref() {
            Some(Waiting { bytes, more: None, .. }) => bytes.capacity() - bytes.len(),
            _ => 0,
        }
    }

    /// Makes room for `len` more bytes; false: there is no memory, and everything is as it was.
    #[inline(never)]
    pub fn make_room(&mut self, len: usize, buffers: &mut Buffers) -> bool {
        let Waiting { bytes, more, .. } = &mut **self.waiting.get_or_insert_with(|| buffers.queue());
        if let Some(more) = more.as_mut().filter(|more| more.head > bytes.len() / 2) {
            // More has left than waits: the move costs less than what was sent since the last one.
            bytes.drain(..more.head);
            more.head = 0;
        }
        bytes.try_reserve(len).is_ok()
    }

    /// Queues bytes behind the rest; there is room after [`Outbox::reserve`].
    #[inline(always)]
    pub fn push(&mut self, bytes: &[u8]) {
        self.waiting().bytes.extend_from_slice(bytes);
    }

    /// The same for a payload that goes masked.
    pub fn push_masked(&mut self, payload: &[u8], key: [u8; 4]) {
        push_masked(&mut self.waiting().bytes, payload, key, 0);
    }

    /// The same for a frame: its header, and its payload, which goes masked if there is a key, as the header's end.
    #[inline(always)]
    pub fn push_frame<const N: usize>(&mut self, header: [u8; N], key: Option<[u8; 4]>, payload: &[u8]) {
        let bytes = &mut self.waiting().bytes;
        push_few(bytes, header);
        match key {
            None => push_plain(bytes, payload),
            Some(key) => {
                push_few(bytes, key);
                push_masked(bytes, payload, key, 0);
            }
        }
    }

    /// Queues a frame behind the rest without copying it, unless a copy costs less.
    pub fn share(&mut self, frame: SharedFrame, buffers: &mut Buffers) -> Result<()> {
        let bytes = frame.bytes();
        if !self.is_empty() && bytes.len() <= COPY_MAX {
            self.reserve(bytes.len(), buffers)?;
            self.push(bytes);
        } else if self.is_empty() {
            self.shared = Some(frame.held());
        } else {
            let waiting = self.own().len();
            if let Some(row) = self.row() {
                row.push(frame.held(), waiting);
            }
        }
        Ok(())
    }

    /// The row of shared frames. A single frame becomes one, before everything.
    fn row(&mut self) -> Option<&mut Row> {
        if !matches!(self.shared.as_deref(), Some(Held::Row(_))) {
            let mut row = Row::default();
            if let Some(frame) = self.shared.take() {
                row.push(frame, 0);
            }
            self.shared = Some(Arc::new(Held::Row(row)));
        }
        match self.shared.as_mut().and_then(Arc::get_mut) {
            Some(Held::Row(row)) => Some(row),
            _ => None,
        }
    }

    /// So many bytes have left, some of which may be shared; how many are not.
    fn wrote_shared(&mut self, len: usize) -> usize {
        match self.shared.as_deref() {
            Some(Held::Frame(bytes)) if len == 0 || len >= bytes.len() => {
                let own = len.saturating_sub(bytes.len());
                if len > 0 {
                    self.shared = None;
                }
                return own;
            }
            _ => {}
        }
        let Some(row) = self.row() else { return len };
        let own = row.wrote(len);
        let none_left = row.is_empty();
        if none_left {
            self.shared = None;
        }
        own
    }

    /// The last `len` queued bytes, to be masked in place.
    pub fn last(&mut self, len: usize) -> &mut [u8] {
        let bytes = &mut self.waiting().bytes;
        let start = bytes.len() - len;
        &mut bytes[start..]
    }

    /// Asks for `token` to be reported once everything queued so far has left.
    pub fn mark(&mut self, token: u64) {
        let end = self.left + self.len() as u64;
        self.remember(|more| more.tokens.push_back((end, token)));
    }

    /// All of a simple queue has left.
    #[inline(always)]
    pub fn left_whole(&mut self, buffers: &mut Buffers) {
        if let Some(waiting) = self.waiting.take() {
            self.left += waiting.bytes.len() as u64;
            buffers.put_queue(waiting);
        }
    }

    /// The kernel took `len` bytes, all of those that waited unless `blocked`.
    pub fn wrote(&mut self, len: usize, blocked: bool) {
        self.left += len as u64;
        if self.is_simple() && len == self.bytes().len() && !blocked {
            self.waiting.iter_mut().for_each(|waiting| waiting.bytes.clear());
        } else {
            self.wrote_some(len, blocked);
        }
    }

    #[inline(never)]
    fn wrote_some(&mut self, len: usize, blocked: bool) {
        let own = if self.shared.is_some() { self.wrote_shared(len) } else { len };
        let mut head = self.head() + own;
        if head == self.bytes().len() {
            self.waiting.iter_mut().for_each(|waiting| waiting.bytes.clear());
            head = 0;
        }
        if self.more().is_some() || head > 0 || blocked {
            self.remember(|more| (more.head, more.blocked) = (head, blocked));
        }
    }

    /// A send of so many bytes was refused, for want of room; 0 takes that back.
    pub fn refuse(&mut self, len: u64) {
        self.remember(|more| more.refused = len);
    }

    /// The bytes of the last send that was refused; 0 for none.
    pub fn refused(&self) -> u64 {
        self.more().map_or(0, |more| more.refused)
    }

    /// The kernel has room again.
    pub fn unblock(&mut self) {
        self.recall(|more| more.blocked = false);
    }

    /// Bytes that left without ever waiting here, because the queue was empty.
    pub fn passed_by(&mut self, len: usize) {
        self.left += len as u64;
    }

    /// The bytes of some token have left.
    pub fn has_token(&self) -> bool {
        self.more().and_then(|more| more.tokens.front()).is_some_and(|(end, _)| *end <= self.left)
    }

    /// The next token whose bytes have left.
    pub fn next_token(&mut self) -> Option<u64> {
        if !self.has_token() {
            return None;
        }
        let mut next = None;
        self.recall(|more| next = more.tokens.pop_front());
        next.map(|(_, token)| token)
    }

    /// Tokens that were not reported.
    pub fn unreported(&self) -> Vec<u64> {
        self.more().into_iter().flat_map(|more| &more.tokens).map(|(_, token)| *token).collect()
    }

    /// Nobody wants to hear any more what has left.
    pub fn forget_tokens(&mut self) {
        self.recall(|more| more.tokens.clear());
    }

    /// Gives the memory of an empty queue back.
    #[inline]
    pub fn shelve(&mut self, buffers: &mut Buffers) {
        if let Some(waiting) = self.waiting.take_if(|waiting| waiting.is_over()) {
            buffers.put_queue(waiting);
        }
    }

    /// Drops what waits: nobody will read it.
    pub fn discard(&mut self, buffers: &mut Buffers) {
        // What comes later is no message any more.
        if !self.is_empty() && self.unsent() == 0 {
            let unsent = self.len() as u64;
            self.remember(|more| more.unsent = unsent);
        }
        self.shared = None;
        self.waiting.iter_mut().for_each(|waiting| waiting.bytes.clear());
        self.recall(|more| more.head = 0);
        self.shelve(buffers);
    }

    /// Bytes that were dropped before they left.
    pub fn unsent(&self) -> u64 {
        self.more().map_or(0, |more| more.unsent)
    }
}

/// Apart, for whoever queues has made room before, as a rule.
#[cold]
#[inline(never)]
fn begun(waiting: &mut Option<Box<Waiting>>) -> &mut Waiting {
    waiting.get_or_insert_default()
}

/// For so few that a call would cost more.
#[inline(always)]
fn push_few<const N: usize>(bytes: &mut Vec<u8>, few: [u8; N]) {
    for byte in few {
        bytes.push(byte);
    }
}

/// Puts parts into places, as far as there are some; how many there are.
fn fill<'a>(places: &mut [IoSlice<'a>], parts: impl Iterator<Item = &'a [u8]>) -> usize {
    let parts = parts.filter(|part| !part.is_empty());
    places.iter_mut().zip(parts).map(|(place, part)| *place = IoSlice::new(part)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contents(out: &Outbox) -> Vec<u8> {
        let mut parts = [IoSlice::new(&[]); 64];
        let count = out.parts(&mut parts);
        parts[..count].iter().flat_map(|part| part.to_vec()).collect()
    }

    /// Own bytes and shared frames in every order, leaving in pieces of every size.
    #[test]
    fn what_is_shared_leaves_in_its_order() {
        let mut buffers = Buffers::default();
        let large = SharedFrame::new(vec![b'L'; COPY_MAX + 1], 2);
        let small = SharedFrame::new(vec![b's'; 10], 2);
        for order in 0..3usize.pow(5) {
            for piece in [1, 7, 500, COPY_MAX, COPY_MAX + 1, COPY_MAX + 2, 100_000] {
                let (mut out, mut wanted) = (Outbox::default(), Vec::new());
                for place in 0..5 {
                    match order / 3usize.pow(place) % 3 {
                        0 => {
                            out.reserve(3, &mut buffers).unwrap();
                            out.push(b"own");
                            wanted.extend_from_slice(b"own");
                        }
                        kind => {
                            let frame = if kind == 1 { &large } else { &small };
                            out.share(frame.clone(), &mut buffers).unwrap();
                            wanted.extend_from_slice(frame.bytes());
                        }
                    }
                    assert_eq!((contents(&out), out.len()), (wanted.clone(), wanted.len()));
                    let len = piece.min(out.len());
                    out.wrote(len, false);
                    wanted.drain(..len);
                    assert_eq!(contents(&out), wanted);
                }
                while !out.is_empty() {
                    assert!(wanted.starts_with(out.pending()) && !out.pending().is_empty());
                    let len = piece.min(out.pending().len());
                    out.wrote(len, false);
                    wanted.drain(..len);
                }
                assert!(wanted.is_empty() && !out.is_shared());
                out.shelve(&mut buffers);
            }
        }
        assert_eq!((Arc::strong_count(&large.held()), Arc::strong_count(&small.held())), (1, 1));
    }

    #[test]
    fn a_frame_in_an_empty_queue_takes_no_memory() {
        let (mut out, mut buffers) = (Outbox::default(), Buffers::default());
        out.share(SharedFrame::new(vec![1; 10], 2), &mut buffers).unwrap();
        assert_eq!((out.waiting.is_none(), out.len()), (true, 10));
        out.discard(&mut buffers);
        assert!(out.is_empty() && !out.is_shared());
    }

    #[test]
    fn an_empty_queue_is_small() {
        assert!(size_of::<Outbox>() <= 3 * size_of::<u64>());
    }
}
