//! One TLS connection over bytes, perhaps inside another one.

use crate::error::{Error, Result};

use super::info::Info;
use super::layer::{HELD_MAX, Layer};

/// One TLS connection, client's or server's side, or one inside another. Two pointers wide.
pub struct Tls {
    layer: Box<Layer>,
    /// What it runs in: the layer nearer to the wire.
    under: Option<Box<Tls>>,
}

/// What [`Tls::open`] made of the ciphertext.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Opened {
    /// So much plaintext lies at the front of the block.
    pub len: usize,
    /// The peer has said close_notify: this was all.
    pub ended: bool,
    /// What came behind that plaintext is a failure.
    pub error: Option<Error>,
}

impl Opened {
    /// A failure without any plaintext before it is nothing but a failure.
    pub(super) fn or_error(mut self) -> Result<Self> {
        match self.error.take_if(|_| self.len == 0) {
            Some(error) => Err(error),
            None => Ok(self),
        }
    }
}

impl Tls {
    /// How much longer a block must be than what is read into it: the room for what [`begin`](Self::begin) puts there,
    /// one incomplete handshake message for each of two layers.
    pub const SLACK: usize = 2 * HELD_MAX;

    pub(super) fn new(mut layer: Layer) -> Result<Self> {
        layer.start()?;
        Ok(Self { layer: Box::new(layer), under: None })
    }

    /// The same connection inside of `under`, which is the layer nearer to the wire and stands alone: a connection to
    /// a server through a proxy that speaks TLS itself. [`SLACK`](Self::SLACK) is made for two layers.
    #[must_use]
    pub fn over(mut self, under: Tls) -> Tls {
        debug_assert!(self.under.is_none() && under.under.is_none(), "two layers at the most");
        self.under = Some(Box::new(under));
        // Only a failed layer refuses bytes; it says so at the next call of `open`.
        let _ = self.pass_down();
        self
    }

    /// True until every layer can carry data.
    pub fn is_handshaking(&self) -> bool {
        self.layer.is_handshaking() || self.under.as_ref().is_some_and(|under| under.is_handshaking())
    }

    /// Puts the bytes of what is incomplete at the front of `block`; what is read next belongs behind them. Returns how
    /// many these are. To be called before every read whose bytes go to [`open`](Self::open).
    pub fn begin(&mut self, block: &mut [u8]) -> usize {
        let held = self.layer.held();
        let len = held.len();
        block[..len].copy_from_slice(held);
        len + self.under.as_mut().map_or(0, |under| under.begin(&mut block[len..]))
    }

    /// Ciphertext lies in `block[..len]`, beginning with what [`begin`](Self::begin) put there. Afterwards plaintext
    /// lies in `block[..opened.len]`. A failure without plaintext before it is an `Err`, and every later call gives it
    /// again; the alert that tells the peer about it is pending.
    pub fn open(&mut self, block: &mut [u8], len: usize) -> Result<Opened> {
        let Some(under) = &mut self.under else { return self.layer.open(block, len) };
        let front = self.layer.held().len();
        let below = under.open(&mut block[front..], len - front)?;
        let opened = self.layer.open(block, front + below.len);
        let passed = self.pass_down();
        let mut opened = opened?;
        opened.error = opened.error.or(below.error).or(passed.err());
        if below.ended && !opened.ended && opened.error.is_none() {
            opened.ended = true;
            opened.error = self.layer.eof();
        }
        opened.or_error()
    }

    /// Encrypts `plain` behind what is pending, once the handshake is done.
    pub fn seal(&mut self, plain: &[u8]) -> Result<()> {
        self.layer.seal(plain)?;
        self.pass_down()
    }

    /// Ciphertext for the wire: flights of the handshake, alerts, key updates, sealed data.
    pub fn pending(&self) -> &[u8] {
        self.under.as_ref().map_or_else(|| self.layer.waiting(), |under| under.pending())
    }

    /// So much of it has left. Memory goes back when all has.
    pub fn wrote(&mut self, len: usize) {
        match &mut self.under {
            Some(under) => under.wrote(len),
            None => self.layer.wrote(len),
        }
    }

    /// Queues close_notify on every layer whose handshake is done. Nothing can be sealed behind it; the peer's data can
    /// still be opened.
    pub fn close(&mut self) {
        self.layer.close();
        let _ = self.pass_down();
        if let Some(under) = &mut self.under {
            under.close();
        }
    }

    /// TCP has ended. Inside the handshake that is a failure of TLS; afterwards what it means is for others to say.
    pub fn eof(&mut self) -> Option<Error> {
        let below = self.under.as_mut().and_then(|under| under.eof());
        below.or_else(|| self.layer.eof())
    }

    /// What the handshake ended with, of the layer that carries the data.
    pub fn info(&self) -> Info {
        self.layer.info()
    }

    /// What this layer has for the wire is plaintext to the layer under it, as soon as that can carry any.
    fn pass_down(&mut self) -> Result<()> {
        let Some(under) = &mut self.under else { return Ok(()) };
        let waiting = self.layer.waiting();
        if waiting.is_empty() || under.is_handshaking() {
            return Ok(());
        }
        under.seal(waiting)?;
        let len = waiting.len();
        self.layer.wrote(len);
        Ok(())
    }
}

impl std::fmt::Debug for Tls {
    /// Says nothing of what is inside: there are keys.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls").field("handshaking", &self.is_handshaking()).finish_non_exhaustive()
    }
}
