//! A transport: a socket, and TLS on it if there is any. Speaks plaintext to the engine.

use std::io::{self, IoSlice};

use super::secure::Secure;
use crate::error::{Error, Operation, Result, Status};
use crate::net::Stream;
use crate::session::{Kit, Session};
use crate::tls::{self, Tls};

/// Parts of a queue that are written at once.
const PARTS: usize = 16;

/// A socket, and TLS on it if there is any.
pub struct Wire {
    pub stream: Stream,
    secure: Option<Box<Secure>>,
}

/// What one read brought.
pub struct Read {
    /// Bytes that came from the network.
    pub came: usize,
    /// Plaintext at the front of the block.
    pub len: usize,
    /// What to expect of the next.
    pub after: After,
}

/// What is behind the bytes of a read.
pub enum After {
    /// More, most likely: the read was as large as its room.
    More,
    /// Nothing for now, most likely: the read was smaller than its room.
    Enough,
    /// Nothing for now.
    Nothing,
    /// The peer has ended its direction.
    End,
    /// The transport broke.
    Broken(Error),
}

impl Wire {
    /// A plain one.
    pub fn new(stream: Stream) -> Self {
        Self { stream, secure: None }
    }

    /// Puts TLS on it, or into the TLS that is there; `left` bytes have left before there was any.
    pub fn encrypt(&mut self, tls: Tls, left: u64) {
        let (tls, left) = match self.secure.take() {
            Some(under) => (tls.over(under.tls), under.left),
            None => (tls, left),
        };
        self.secure = Some(Box::new(Secure::new(tls, left)));
    }

    /// There is no TLS: what the kernel gives and takes is plaintext.
    #[inline]
    pub fn is_plain(&self) -> bool {
        self.secure.is_none()
    }

    /// TLS is not up yet.
    pub fn is_handshaking(&self) -> bool {
        self.secure.as_ref().is_some_and(|secure| secure.tls.is_handshaking())
    }

    /// What TLS agreed on.
    pub fn info(&self) -> Option<tls::Info> {
        self.secure.as_ref().map(|secure| secure.tls.info())
    }

    /// Bytes that left, where that is not what the session has counted.
    pub fn left(&self) -> Option<u64> {
        self.secure.as_ref().map(|secure| secure.left)
    }

    /// One read of up to `most` bytes into `block`, which has more than [`Wire::slack`] bytes.
    #[inline]
    pub fn read(&mut self, block: &mut [u8], most: usize) -> Read {
        match &mut self.secure {
            None => {
                let most = most.min(block.len());
                read_once(&mut self.stream, &mut block[..most])
            }
            Some(secure) => secure.read(&mut self.stream, block, most),
        }
    }

    /// Room that a read needs for what TLS puts before what it reads.
    #[inline]
    pub fn slack(&self) -> usize {
        if self.is_plain() { 0 } else { Tls::SLACK }
    }

    /// Writes what the session has queued, as far as the kernel takes it.
    pub fn flush(&mut self, session: &mut Session, kit: &mut Kit) -> Result<()> {
        if let Some(secure) = &mut self.secure {
            return secure.flush(&self.stream, session, kit);
        }
        if session.out().is_shared() {
            return self.flush_parts(session, kit);
        }
        let waiting = session.out().len();
        let taken = self.stream.write(session.out().pending()).map_err(|e| Error::io(&e, Operation::Send))?;
        session.wrote(taken, taken < waiting, kit);
        Ok(())
    }

    /// The same for a queue that does not lie in one piece.
    fn flush_parts(&mut self, session: &mut Session, kit: &mut Kit) -> Result<()> {
        loop {
            let mut parts = [IoSlice::new(&[]); PARTS];
            let count = session.out().parts(&mut parts);
            let offered: usize = parts[..count].iter().map(|part| part.len()).sum();
            let taken = self.stream.write_parts(&parts[..count]).map_err(|e| Error::io(&e, Operation::Send))?;
            session.wrote(taken, taken < offered, kit);
            if taken < offered || session.out().is_empty() {
                return Ok(());
            }
        }
    }

    /// Writes bytes from before there is a session; those that left are taken out of `bytes`, and counted here unless
    /// TLS does.
    pub fn send(&mut self, bytes: &mut Vec<u8>) -> Result<u64> {
        match &mut self.secure {
            Some(secure) => {
                if !bytes.is_empty() {
                    secure.tls.seal(bytes)?;
                    bytes.clear();
                }
                secure.drain(&self.stream)?;
            }
            None if bytes.is_empty() => {}
            None => {
                let taken = self.stream.write(bytes).map_err(|e| Error::io(&e, Operation::Send))?;
                bytes.drain(..taken);
                return Ok(taken as u64);
            }
        }
        Ok(0)
    }

    /// TLS has something to say, and the kernel may take it.
    #[inline]
    pub fn wants_write(&self) -> bool {
        self.secure.as_ref().is_some_and(|secure| !secure.blocked && !secure.tls.pending().is_empty())
    }

    /// The kernel has room again; true if TLS has waited for that.
    #[inline]
    pub fn unblock(&mut self) -> bool {
        self.secure.as_mut().is_some_and(|secure| std::mem::take(&mut secure.blocked))
    }

    /// Ends our direction, with TLS's own word for it first; false while that waits to leave. If it fails, the transport
    /// is gone, and reading will say so.
    pub fn end_writing(&mut self) -> bool {
        let said = self.secure.as_mut().is_none_or(|secure| secure.close(&self.stream));
        if said {
            let _ = self.stream.shutdown_write();
        }
        said
    }

    /// Says that nothing more will come, if that can be said at once.
    pub fn farewell(&mut self) {
        if let Some(secure) = &mut self.secure {
            secure.close(&self.stream);
        }
    }

    /// The peer has said nothing of an end of TLS: if TCP has ended, somebody on the way may have cut it.
    pub fn was_cut_off(&self) -> bool {
        self.secure.as_ref().is_some_and(|secure| !secure.peer_closed)
    }

    /// The transport has ended: an error if that is one even before there is a session.
    pub fn eof(&mut self) -> Error {
        let error = self.secure.as_mut().and_then(|secure| secure.tls.eof());
        error.unwrap_or_else(|| Error::new(Status::UNEXPECTED_EOF, ""))
    }
}

/// One read, whatever it says.
#[inline(always)]
pub fn read_once(stream: &mut Stream, room: &mut [u8]) -> Read {
    let (len, after) = match stream.read(room) {
        Ok(0) => (0, After::End),
        Ok(len) if len == room.len() => (len, After::More),
        Ok(len) => (len, After::Enough),
        Err(e) if e.kind() == io::ErrorKind::WouldBlock => (0, After::Nothing),
        Err(e) => (0, After::Broken(Error::io(&e, Operation::Receive))),
    };
    Read { came: len, len, after }
}
