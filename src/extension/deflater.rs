//! Compression: blocks of DEFLATE (RFC 1951), each piece flushed so that the peer can read all of it.

use zlib_rs::{Deflate, DeflateConfig, DeflateFlush, Method, Strategy};

use super::codecs::Lease;
use super::negotiation::Outgoing;

/// The smallest window that there is a compressor for. It never looks back further than 250 bytes (zlib's MAX_DIST),
/// so its output is good for a peer that has 8 bits, too.
const MIN_BITS: u8 = 9;

/// A compressor with its window.
pub(super) struct Deflater {
    inner: Deflate,
    window_bits: u8,
    level: u8,
    memory_level: u8,
    /// Its share of the ceiling, while a connection keeps it.
    pub lease: Option<Lease>,
}

impl Deflater {
    /// An empty window of this size.
    pub fn new(how: &Outgoing) -> Self {
        let window_bits = how.window_bits.max(MIN_BITS);
        let config = DeflateConfig {
            level: how.level.into(),
            method: Method::Deflated,
            window_bits: -i32::from(window_bits), // negative: without zlib's header
            mem_level: how.memory_level.into(),
            strategy: Strategy::Default,
        };
        let inner = Deflate::new_with_config(config);
        Self { inner, window_bits, level: how.level, memory_level: how.memory_level, lease: None }
    }

    /// It compresses this way.
    pub fn is_for(&self, how: &Outgoing) -> bool {
        let own = (self.window_bits, self.level, self.memory_level);
        own == (how.window_bits.max(MIN_BITS), how.level, how.memory_level)
    }

    /// What it takes: two windows and a chain for each position, zlib-rs's table of 65536 hashes, the symbols and
    /// output of a block, and its state.
    pub fn bytes(&self) -> usize {
        (4 << self.window_bits) + (128 << 10) + (7 << (self.memory_level + 6)) + (6 << 10)
    }

    /// Forgets everything. The peer need not know: nothing refers to what came before.
    pub fn reset(&mut self) {
        self.inner.reset();
    }

    /// Compresses a piece into `out`, all of which is initialised and which grows as needed, and says how much of it
    /// was filled. The piece is not empty; what comes out ends in 00 00 FF FF.
    ///
    /// It is always finished, also when it is clear that it does not get shorter: zlib-rs 0.6.8 does not survive a reset
    /// in the middle of a block, and data that cannot be compressed shows that only near its end.
    pub fn compress(&mut self, piece: &[u8], out: &mut Vec<u8>) -> Option<usize> {
        let (mut taken, mut made) = (0, 0);
        loop {
            if made == out.len() {
                out.resize((out.len() * 2).max(piece.len() / 2).max(FIRST_ROOM), 0);
            }
            let (before_in, before_out) = (self.inner.total_in(), self.inner.total_out());
            let rest = piece.get(taken..)?;
            self.inner.compress(rest, out.get_mut(made..)?, DeflateFlush::SyncFlush).ok()?;
            taken += (self.inner.total_in() - before_in) as usize;
            made += (self.inner.total_out() - before_out) as usize;
            if made < out.len() {
                return (taken == piece.len()).then_some(made);
            }
        }
    }
}

/// Room for what most messages become.
const FIRST_ROOM: usize = 16 << 10;
