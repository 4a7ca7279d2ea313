//! What one connection does to its messages, in both directions.

use std::fmt;

use super::codecs::Codecs;
use super::deflater::Deflater;
use super::history::History;
use super::inflater::{Inflater, Step, TAIL, cut_off};
use super::negotiation::{Agreed, Incoming, Outgoing};
use crate::error::Result;

/// What was left out of a flushed piece that ends a message (RFC 7692 §7.2.1).
const FLUSH_END: usize = 4;

/// Bytes of compressed messages, as they were and as they went over the wire.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Received, as they came.
    pub coded_in: u64,
    /// The same, inflated.
    pub plain_in: u64,
    /// Sent, as the host gave them.
    pub plain_out: u64,
    /// The same, as they went.
    pub coded_out: u64,
}

impl Tally {
    /// Adds another connection's.
    pub fn add(&mut self, other: &Tally) {
        self.coded_in += other.coded_in;
        self.plain_in += other.plain_in;
        self.plain_out += other.plain_out;
        self.coded_out += other.coded_out;
    }
}

/// A payload ready to be sent. Its memory goes back to [`Codecs::put_scratch`].
#[derive(Debug)]
pub struct Coded {
    /// The memory; all of it is initialised.
    pub scratch: Vec<u8>,
    len: usize,
}

impl Coded {
    /// The payload.
    pub fn payload(&self) -> &[u8] {
        self.scratch.get(..self.len).unwrap_or_default()
    }
}

/// The messages of one connection. It takes no more memory than two words until one of them is compressed: most
/// connections are idle.
pub enum Coding {
    /// What was agreed, and nothing else yet.
    Agreed(Agreed),
    /// There have been compressed messages.
    Working(Box<Work>),
}

/// What a connection holds once it has compressed, or its peer has.
pub struct Work {
    agreed: Agreed,
    /// Kept from message to message if there is takeover, and memory for it; else inside one only.
    deflater: Option<Box<Deflater>>,
    /// While a message is coming.
    inflater: Option<Box<Inflater>>,
    /// The end of what has come.
    history: History,
    tally: Tally,
    /// The peer has seen something that the compressor has not: nothing may refer to what came before.
    stale: bool,
}

impl Coding {
    /// The reserved bit that marks the first frame of a compressed message (RFC 7692 §6).
    pub const BIT: u8 = 0x40;

    /// A connection on which this was agreed.
    pub fn new(agreed: Agreed) -> Self {
        Self::Agreed(agreed)
    }

    /// What was compressed so far.
    pub fn tally(&self) -> Tally {
        self.work().map(|work| work.tally).unwrap_or_default()
    }

    fn work(&self) -> Option<&Work> {
        match self {
            Self::Working(work) => Some(work),
            Self::Agreed(_) => None,
        }
    }

    /// Lets `act` work; the first time there is nothing yet to work with.
    fn with<T>(&mut self, act: impl FnOnce(&mut Work) -> T) -> T {
        match self {
            Self::Working(work) => act(work),
            Self::Agreed(agreed) => {
                let mut work = Box::new(Work::new(*agreed));
                let done = act(&mut work);
                *self = Self::Working(work);
                done
            }
        }
    }

    #[inline(always)]
    fn agreed(&self) -> &Agreed {
        match self {
            Self::Agreed(agreed) => agreed,
            Self::Working(work) => &work.agreed,
        }
    }

    /// Messages of so many bytes and less go as they are.
    #[inline(always)]
    pub fn untouched(&self) -> usize {
        (self.agreed().outgoing.min_size as usize).saturating_sub(1)
    }

    /// Compresses a message, or with `more` its first fragment; `None` if it is to go as it is.
    pub fn encode_first(&mut self, data: &[u8], more: bool, codecs: &mut Codecs) -> Option<Coded> {
        if data.len() <= self.untouched() {
            return None;
        }
        // A whole message that does not get shorter goes as it is. Of a fragmented one nobody knows yet.
        let most = if more { usize::MAX } else { data.len() - 1 + FLUSH_END };
        self.with(|work| work.encode(data, more, most, codecs))
    }

    /// Compresses another fragment of a message that is a compressed one.
    pub fn encode_next(&mut self, data: &[u8], more: bool, codecs: &mut Codecs) -> Option<Coded> {
        self.with(|work| match data.is_empty() {
            true => Some(work.encode_nothing(more, codecs)),
            false => work.encode(data, more, usize::MAX, codecs),
        })
    }

    /// What was compressed last is not sent after all: nothing may refer to it.
    pub fn forget(&mut self) {
        if let Self::Working(work) = self {
            work.deflater.iter_mut().for_each(|deflater| deflater.reset());
        }
    }

    /// How a message of this length goes that many get, each form of it compressed once; `None` if it goes as it is.
    pub fn alone(&self, len: usize) -> Option<Outgoing> {
        let how = self.agreed().outgoing;
        (len > self.untouched()).then_some(Outgoing { takeover: false, min_size: 0, ..how })
    }

    /// Compresses a message behind an empty window, so that all can read it who agreed to such a window; `None` if it
    /// does not get shorter.
    pub fn encode_alone(how: &Outgoing, data: &[u8], codecs: &mut Codecs) -> Option<Coded> {
        let mut deflater = codecs.deflater(how);
        let coded = compress(&mut deflater, data, false, data.len() - 1 + FLUSH_END, codecs);
        codecs.put_deflater(deflater);
        coded
    }

    /// A message has been sent that was compressed like that: `plain` bytes that became `coded`.
    pub fn sent_alone(&mut self, plain: usize, coded: usize) {
        self.with(|work| {
            work.stale = true;
            work.tally.plain_out += plain as u64;
            work.tally.coded_out += coded as u64;
        });
    }

    /// Takes some of a compressed message, and fills some of `output`; nothing of either when it needs more input.
    pub fn decode(&mut self, input: &[u8], output: &mut [u8], codecs: &mut Codecs) -> Result<Step> {
        self.with(|work| work.decode(input, output, codecs))
    }

    /// So many bytes of a compressed message have come: counted here, because the tail has not.
    pub fn arrived(&mut self, len: usize) {
        self.with(|work| work.tally.coded_in += len as u64);
    }

    /// The rest of a compressed message, all of which has come: to be decoded like what came. Empty if nothing is
    /// missing.
    pub fn tail(&self) -> &'static [u8] {
        match self.work().and_then(|work| work.inflater.as_ref()) {
            Some(inflater) if !inflater.is_done() => &TAIL,
            _ => &[],
        }
    }

    /// The message is over, its tail included; an error if that is not where its data end.
    pub fn finish(&mut self, codecs: &mut Codecs) -> Result<()> {
        let Self::Working(work) = self else { return Ok(()) };
        let Some(mut inflater) = work.inflater.take() else { return Ok(()) };
        let done = inflater.is_done();
        inflater.leave();
        codecs.put_inflater(inflater);
        if done { Ok(()) } else { Err(cut_off()) }
    }

    /// The connection sends and receives no more.
    pub fn release(&mut self, codecs: &mut Codecs) {
        let Self::Working(work) = self else { return };
        if let Some(deflater) = work.deflater.take() {
            codecs.put_deflater(deflater);
        }
        work.inflater = None;
        work.history = History::default();
    }
}

impl Work {
    fn new(agreed: Agreed) -> Self {
        Self {
            agreed,
            deflater: None,
            inflater: None,
            history: History::default(),
            tally: Tally::default(),
            stale: false,
        }
    }

    fn encode(&mut self, data: &[u8], more: bool, most: usize, codecs: &mut Codecs) -> Option<Coded> {
        let stale = std::mem::take(&mut self.stale);
        if let Some(deflater) = self.deflater.as_mut().filter(|_| stale) {
            deflater.reset();
        }
        let mut deflater = self.deflater.take().unwrap_or_else(|| codecs.deflater(&self.agreed.outgoing));
        let coded = compress(&mut deflater, data, more, most, codecs);
        self.deflater = Some(deflater);
        if !more {
            self.rest(codecs);
        }
        let coded = coded?;
        self.tally.plain_out += data.len() as u64;
        self.tally.coded_out += coded.len as u64;
        Some(coded)
    }

    /// §7.2.3.6: nothing is said with the header of an empty block, whose rest the receiver adds.
    fn encode_nothing(&mut self, more: bool, codecs: &mut Codecs) -> Coded {
        let mut scratch = codecs.scratch();
        scratch.resize(scratch.len().max(1), 0);
        scratch[0] = 0;
        if !more {
            self.rest(codecs);
        }
        Coded { scratch, len: usize::from(!more) }
    }

    fn decode(&mut self, input: &[u8], output: &mut [u8], codecs: &mut Codecs) -> Result<Step> {
        let Incoming { window_bits, takeover } = self.agreed.incoming;
        let inflater = self.inflater.get_or_insert_with(|| codecs.inflater());
        let history = takeover.then_some(&mut self.history);
        let step = inflater.step(input, output, history, 1 << window_bits)?;
        self.tally.plain_in += step.made as u64;
        Ok(step)
    }

    /// The message is over: the compressor stays for the next only if that may refer to this one, and if there is
    /// memory for it.
    fn rest(&mut self, codecs: &mut Codecs) {
        let Some(mut deflater) = self.deflater.take() else { return };
        if self.agreed.outgoing.takeover && deflater.lease.is_none() {
            deflater.lease = codecs.lease(deflater.bytes());
        }
        match deflater.lease {
            Some(_) => self.deflater = Some(deflater),
            None => codecs.put_deflater(deflater),
        }
    }
}

/// Compresses a piece into at most so many bytes, with the end that a whole message leaves out; `None` if it gets longer.
fn compress(deflater: &mut Deflater, data: &[u8], more: bool, most: usize, codecs: &mut Codecs) -> Option<Coded> {
    let mut scratch = codecs.scratch();
    match deflater.compress(data, &mut scratch).filter(|made| *made <= most) {
        Some(made) => Some(Coded { scratch, len: if more { made } else { made - FLUSH_END } }),
        None => {
            deflater.reset(); // the peer will never see what it refers to
            codecs.put_scratch(scratch);
            None
        }
    }
}

impl fmt::Debug for Coding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Coding").field("agreed", self.agreed()).field("tally", &self.tally()).finish_non_exhaustive()
    }
}
