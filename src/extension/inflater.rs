//! Decompression, a step at a time: the caller decides how much may come out of it.
//!
//! Connections share decompressors. What a connection keeps between messages is only what they may refer back to, at
//! most its peer's window and no more than has come: a fraction of a decompressor, which is made for the largest
//! window. It also makes the end of a stream (BFINAL, RFC 7692 §7.2.3.4) a matter of beginning anew with that.

use zlib_rs::{Inflate, InflateFlush, Status as Zlib};

use super::history::History;
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
    /// The stream has ended, or never began: what comes next begins one.
    done: bool,
    /// The history of this message, of a connection that keeps none.
    spare: History,
}

impl Default for Inflater {
    fn default() -> Self {
        Self { inner: Inflate::new(false, 15), done: true, spare: History::default() }
    }
}

impl Inflater {
    /// The stream has ended, or never began.
    pub fn is_done(&self) -> bool {
        self.done
    }

    /// Leaves the stream, wherever that is: the next may be another connection's.
    pub fn leave(&mut self) {
        self.done = true;
        self.spare.clear();
    }

    /// Takes some of `input`, fills some of `output`, and remembers that in the history that the connection keeps, if it
    /// does; of this `window` bytes count.
    pub fn step(&mut self, input: &[u8], output: &mut [u8], kept: Option<&mut History>, window: usize) -> Result<Step> {
        let Self { inner, done, spare } = self;
        let history = kept.unwrap_or(spare);
        if *done {
            if input.is_empty() {
                return Ok(Step::default());
            }
            begin(inner, history)?;
        }
        let (before_in, before_out) = (inner.total_in(), inner.total_out());
        let status = inner.decompress(input, output, InflateFlush::NoFlush);
        let status = status.map_err(|e| corrupt(inner.error_message().unwrap_or(e.as_str())))?;
        *done = status == Zlib::StreamEnd;
        let step =
            Step { taken: (inner.total_in() - before_in) as usize, made: (inner.total_out() - before_out) as usize };
        history.push(output.get(..step.made).unwrap_or_default(), window);
        Ok(step)
    }
}

/// Begins a stream behind what came before.
fn begin(inner: &mut Inflate, history: &History) -> Result<()> {
    inner.reset(false);
    for part in history.parts() {
        inner.set_dictionary(part).map_err(|e| corrupt(e.as_str()))?;
    }
    Ok(())
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
