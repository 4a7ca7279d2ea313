//! The memory that compression takes: what connections share, and a ceiling for what they keep.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::deflater::Deflater;
use super::inflater::Inflater;
use super::negotiation::Outgoing;

/// What no connection holds at the moment, one for an engine.
#[allow(clippy::vec_box)] // they move between here and connections, and are to cost these a word while they have none
pub struct Codecs {
    deflaters: Vec<Box<Deflater>>,
    inflaters: Vec<Box<Inflater>>,
    scratch: Vec<u8>,
    /// Bytes of compressors that connections keep from message to message.
    kept: Arc<AtomicUsize>,
    kept_max: usize,
}

impl Default for Codecs {
    fn default() -> Self {
        Self {
            deflaters: Vec::new(),
            inflaters: Vec::new(),
            scratch: Vec::new(),
            kept: Arc::default(),
            kept_max: Self::KEPT_MAX,
        }
    }
}

/// A share of the ceiling, given back when it is dropped.
pub(super) struct Lease {
    kept: Arc<AtomicUsize>,
    bytes: usize,
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.kept.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Codecs {
    /// The default of [`Codecs::set_kept_max`]: room for some 400 compressors of the default size.
    pub const KEPT_MAX: usize = 64 << 20;
    /// What is kept for later of either kind; the rest goes back to the allocator.
    const KEEP: usize = 4;
    /// Scratch memory larger than this is not kept.
    const KEEP_BYTES: usize = 2 << 20;

    /// What the compressors may take that connections keep from message to message. Over it, connections share: each
    /// message then begins with an empty window, which a sender may always do.
    pub fn set_kept_max(&mut self, bytes: usize) {
        self.kept_max = bytes;
    }

    /// What those take now.
    pub fn kept(&self) -> usize {
        self.kept.load(Ordering::Relaxed)
    }

    /// A compressor with an empty window.
    pub(super) fn deflater(&mut self, how: &Outgoing) -> Box<Deflater> {
        match self.deflaters.iter().position(|deflater| deflater.is_for(how)) {
            Some(at) => {
                let mut deflater = self.deflaters.swap_remove(at);
                deflater.reset();
                deflater
            }
            None => Box::new(Deflater::new(how)),
        }
    }

    /// May a connection keep a compressor of so many bytes?
    pub(super) fn lease(&self, bytes: usize) -> Option<Lease> {
        let fits = self.kept().saturating_add(bytes) <= self.kept_max;
        fits.then(|| {
            self.kept.fetch_add(bytes, Ordering::Relaxed);
            Lease { kept: Arc::clone(&self.kept), bytes }
        })
    }

    /// Takes a compressor back.
    pub(super) fn put_deflater(&mut self, mut deflater: Box<Deflater>) {
        deflater.lease = None;
        if self.deflaters.len() < Self::KEEP {
            self.deflaters.push(deflater);
        }
    }

    /// A decompressor with an empty window.
    pub(super) fn inflater(&mut self) -> Box<Inflater> {
        self.inflaters.pop().unwrap_or_default()
    }

    /// Takes a decompressor back.
    pub(super) fn put_inflater(&mut self, inflater: Box<Inflater>) {
        if self.inflaters.len() < Self::KEEP {
            self.inflaters.push(inflater);
        }
    }

    /// Memory to compress into; all of it is initialised.
    pub(super) fn scratch(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.scratch)
    }

    /// Takes it back.
    pub fn put_scratch(&mut self, scratch: Vec<u8>) {
        if scratch.capacity() <= Self::KEEP_BYTES {
            self.scratch = scratch;
        }
    }

    /// Gives everything back to the allocator that no connection holds.
    pub fn trim(&mut self) {
        self.deflaters = Vec::new();
        self.inflaters = Vec::new();
        self.scratch = Vec::new();
    }
}

impl fmt::Debug for Codecs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Codecs").field("kept", &self.kept()).field("kept_max", &self.kept_max).finish_non_exhaustive()
    }
}
