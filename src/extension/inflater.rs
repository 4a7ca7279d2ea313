//! Decompression, a step at a time: the caller decides how much may come out of it.
//!
//! Connections share decompressors. What a connection keeps between messages is only what they may refer back to, at
//! most its peer's window and no more than has come: a fraction of a decompressor, which is made for the largest
//! window. It also makes the end of a stream (BFINAL, RFC 7692 §7.2.3.4) a matter of beginning anew with that.

use zlib_rs::{Inflate, InflateFlush, Status as Zlib};

use crate::error::{Error, Result, Status};

/// What a sender leaves out (§7.2.2), and behind it a last block without content: only where everything before it is
/// complete does the stream end there.
pub(super) const TAIL: [u8; 9] = [0x00, 0x00, 0xff, 0xff, 0x01, 0x00, 0x00, 0xff, 0xff];

/// How far a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Step {
    /// Bytes of the input that were taken.
    pub taken: usize,
    /// Bytes of the output that were filled.
    pub made: usize,
}

/// A decompressor.
pub(super) struct Inflater {
    inner: Inflate,
    /// Nothing has come since it was last made new.
    fresh: bool,
    /// Memory for the history of a connection that keeps none.
    pub spare: Vec<u8>,
}

impl Default for Inflater {
    fn default() -> Self {
        Self { inner: Inflate::new(false, 15), fresh: true, spare: Vec::new() }
    }
}

impl Inflater {
    /// Begins anew, behind what came before.
    pub fn begin(&mut self, history: &[u8]) -> Result<()> {
        self.inner.reset(false);
        self.fresh = true;
        self.inner.set_dictionary(history).map(|_| ()).map_err(|e| corrupt(e.as_str()))
    }

    /// The stream has ended, or never began.
    pub fn is_done(&self) -> bool {
        self.fresh
    }

    /// Takes some of `input`, fills some of `output`, and remembers that in `history`, of which `window` bytes count.
    pub fn step(&mut self, input: &[u8], output: &mut [u8], history: &mut Vec<u8>, window: usize) -> Result<Step> {
        let (before_in, before_out) = (self.inner.total_in(), self.inner.total_out());
        let status = self.inner.decompress(input, output, InflateFlush::NoFlush);
        let status = status.map_err(|e| corrupt(self.inner.error_message().unwrap_or(e.as_str())))?;
        let step = Step {
            taken: (self.inner.total_in() - before_in) as usize,
            made: (self.inner.total_out() - before_out) as usize,
        };
        self.fresh &= step.taken == 0;
        remember(history, output.get(..step.made).unwrap_or_default(), window);
        if status == Zlib::StreamEnd {
            self.begin(history)?;
        }
        Ok(step)
    }
}

/// Keeps the last `window` bytes of what has come, in no more memory than that.
fn remember(history: &mut Vec<u8>, more: &[u8], window: usize) {
    let more = more.get(more.len().saturating_sub(window)..).unwrap_or_default();
    let over = (history.len() + more.len()).saturating_sub(window);
    history.drain(..over);
    let needed = history.len() + more.len();
    if needed > history.capacity() {
        history.reserve_exact(needed.next_power_of_two().min(window) - history.len());
    }
    history.extend_from_slice(more);
}

#[cold]
fn corrupt(what: &str) -> Error {
    Error::new(Status::DECOMPRESSION, format!("a message is not DEFLATE: {what}"))
}

/// The error for a message that ends inside a block.
#[cold]
pub(super) fn cut_off() -> Error {
    corrupt("it ends inside a block")
}
