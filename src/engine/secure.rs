//! TLS on a socket: the way of ciphertext in and out.

use super::wire::{After, Read, read_once};
use crate::error::{Error, Operation, Result};
use crate::net::Stream;
use crate::session::{Kit, Session};
use crate::tls::{Opened, Tls};

/// The most plaintext that is encrypted before the kernel has taken all of it: what is encrypted cannot be called back,
/// and lies in memory twice.
const SEAL_AT_ONCE: usize = 64 << 10;

/// TLS and what of it is on its way out.
pub struct Secure {
    pub tls: Tls,
    /// Bytes of the session's queue that are encrypted and have not left yet.
    sealed: usize,
    /// The kernel took less than was offered and will say when it has room.
    pub blocked: bool,
    /// Ciphertext that has left.
    pub left: u64,
    /// We have said that nothing more will come.
    closed: bool,
    /// How it ended behind the plaintext of the last read; what the next one says.
    ended: Option<After>,
    /// The peer has said that nothing more will come.
    pub peer_closed: bool,
}

impl Secure {
    /// TLS that has said nothing yet, on a socket that `left` bytes have left already.
    pub fn new(tls: Tls, left: u64) -> Self {
        Self { tls, sealed: 0, blocked: false, left, closed: false, ended: None, peer_closed: false }
    }

    /// One read of up to `most` bytes of ciphertext; what they say is at the front of `block` then.
    pub fn read(&mut self, stream: &mut Stream, block: &mut [u8], most: usize) -> Read {
        if let Some(after) = self.ended.take() {
            return Read { came: 0, len: 0, after };
        }
        let at = self.tls.begin(block);
        let end = block.len().min(at.saturating_add(most));
        let mut read = read_once(stream, &mut block[at..end]);
        if read.came == 0 {
            return read;
        }
        let opened = self.tls.open(block, at + read.came);
        let (len, ended) = match opened {
            Ok(Opened { len, error: Some(error), .. }) => (len, Some(After::Broken(error))),
            Ok(Opened { len, ended, error: None }) => {
                self.peer_closed |= ended;
                (len, ended.then_some(After::End))
            }
            Err(error) => (0, Some(After::Broken(error))),
        };
        read.len = len;
        if let Some(After::Broken(_)) = ended {
            let _ = self.drain(stream); // the alert that says why
        }
        match ended {
            None => {}
            Some(after) if len == 0 => read.after = after,
            Some(after) => {
                self.ended = Some(after);
                read.after = After::More;
            }
        }
        read
    }

    /// Encrypts and writes what the session has queued, as far as the kernel takes it.
    pub fn flush(&mut self, stream: &Stream, session: &mut Session, kit: &mut Kit) -> Result<()> {
        loop {
            let before = self.left;
            if !self.drain(stream)? {
                if !session.out().is_empty() {
                    session.wrote(0, true, kit);
                    session.goes_on_sending(self.left > before, kit);
                }
                return Ok(());
            }
            let sealed = std::mem::take(&mut self.sealed);
            // With neither there is nothing to say, and no deadline to begin before the kernel was asked.
            if sealed > 0 || session.out().is_blocked() {
                session.wrote(sealed.min(session.out().len()), false, kit); // less, if it was discarded meanwhile
            }
            let waiting = session.out().pending();
            if waiting.is_empty() {
                return Ok(());
            }
            let chunk = &waiting[..waiting.len().min(SEAL_AT_ONCE)];
            self.tls.seal(chunk)?;
            self.sealed = chunk.len();
        }
    }

    /// Writes the ciphertext that waits; true if all of it has left.
    pub fn drain(&mut self, stream: &Stream) -> Result<bool> {
        let pending = self.tls.pending();
        if pending.is_empty() {
            return Ok(true);
        }
        let waiting = pending.len();
        let taken = stream.write(pending).map_err(|e| Error::io(&e, Operation::Send))?;
        self.tls.wrote(taken);
        self.left += taken as u64;
        self.blocked = taken < waiting;
        Ok(!self.blocked)
    }

    /// Says that nothing more will come; true if that has left.
    pub fn close(&mut self, stream: &Stream) -> bool {
        if !std::mem::replace(&mut self.closed, true) {
            self.tls.close();
        }
        self.drain(stream).unwrap_or(true)
    }
}
