//! Ciphertext that waits for the wire.

use rustls::unbuffered::{EncodeError, EncryptError, InsufficientSizeError};

/// What a record adds to its plaintext at the most: header, explicit nonce, type and tag.
const RECORD_COST: usize = 5 + 8 + 1 + 16;

/// Longest plaintext of a record.
const RECORD_MAX: usize = 1 << 14;

/// Bytes in the order in which they leave. Holds no memory while it is empty.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    bytes: Vec<u8>,
    /// How many of them have left.
    gone: usize,
    /// Where they end; behind are zeros to write over.
    end: usize,
}

impl Outbox {
    pub(super) fn waiting(&self) -> &[u8] {
        &self.bytes[self.gone..self.end]
    }

    /// So many have left.
    pub(super) fn wrote(&mut self, len: usize) {
        self.gone = self.end.min(self.gone + len);
        if self.gone == self.end {
            *self = Self::default();
        }
    }

    /// Appends the records that `encrypt` makes of this much plaintext.
    pub(super) fn encrypt(
        &mut self,
        plain: usize,
        mut encrypt: impl FnMut(&mut [u8]) -> Result<usize, EncryptError>,
    ) -> Result<(), EncryptError> {
        let records = plain.div_ceil(RECORD_MAX).max(1);
        self.append(plain + records * RECORD_COST, |room| match encrypt(room) {
            Ok(len) => Ok(Ok(len)),
            Err(EncryptError::InsufficientSize(size)) => Err(size),
            Err(error) => Ok(Err(error)),
        })
    }

    /// Appends the records of a handshake, an alert or a key update.
    pub(super) fn encode(
        &mut self,
        mut encode: impl FnMut(&mut [u8]) -> Result<usize, EncodeError>,
    ) -> Result<(), EncodeError> {
        self.append(0, |room| match encode(room) {
            Ok(len) => Ok(Ok(len)),
            Err(EncodeError::InsufficientSize(size)) => Err(size),
            Err(error) => Ok(Err(error)),
        })
    }

    /// Makes room for `guess` bytes, or for as many as `write` asks for.
    fn append<E>(
        &mut self,
        guess: usize,
        mut write: impl FnMut(&mut [u8]) -> Result<Result<usize, E>, InsufficientSizeError>,
    ) -> Result<(), E> {
        let mut room = guess;
        loop {
            self.make_room(room);
            match write(&mut self.bytes[self.end..]) {
                Ok(written) => return written.map(|len| self.end += len),
                Err(size) => room = size.required_size,
            }
        }
    }

    fn make_room(&mut self, room: usize) {
        if self.gone > self.end / 2 {
            self.bytes.copy_within(self.gone..self.end, 0);
            self.end -= self.gone;
            self.gone = 0;
        }
        if self.bytes.len() < self.end + room {
            self.bytes.resize(self.end + room, 0);
        }
    }
}
