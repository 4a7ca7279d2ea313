//! One line of a message, as its bytes come in.

use super::chars::is_text_byte;
use memchr::memchr;

/// Collects lines that end in CRLF. A byte is looked at when it arrives and never again, and it is refused when it
/// arrives: a TLS ClientHello on a plain port, or a bare CR, does not wait for a line end.
#[derive(Debug, Default)]
pub(super) struct LineReader {
    /// What has come of the present line; without its CRLF once it is complete.
    line: Vec<u8>,
    complete: bool,
    /// Offset of the present line in the message.
    start: u64,
    /// Bytes taken in all.
    taken: u64,
    /// Bytes looked at in all: the work done, for the test that holds it against the bytes fed.
    #[cfg(test)]
    pub(super) looked_at: u64,
}

/// Why a line is refused.
#[derive(Debug, PartialEq)]
pub(super) enum LineFault {
    /// Longer than the limit.
    TooLong,
    /// A byte that cannot be there, and its offset in the message.
    Malformed { position: u64, detail: &'static str },
}

impl LineReader {
    /// Takes what belongs to the present line, or to the next one if the present one is complete. Tells how many
    /// bytes that were; more than none if there are any. A line may have `max` bytes and its CRLF.
    pub(super) fn read(&mut self, input: &[u8], max: usize) -> Result<usize, LineFault> {
        if self.complete {
            self.line.clear();
            self.complete = false;
            self.start = self.taken;
        }
        let room = max.saturating_add(2).saturating_sub(self.line.len());
        let window = input.get(..room).unwrap_or(input);
        let piece = memchr(b'\n', window).and_then(|end| window.get(..=end)).unwrap_or(window);
        self.take(piece, max)?;
        if self.line.last() == Some(&b'\n') {
            self.line.truncate(self.line.len().saturating_sub(2));
            self.complete = true;
        }
        Ok(piece.len())
    }

    /// Appends, up to the first byte that cannot be there. What is refused does not depend on how the bytes were cut.
    fn take(&mut self, piece: &[u8], max: usize) -> Result<(), LineFault> {
        let mut after_cr = self.line.last() == Some(&b'\r');
        for &byte in piece {
            #[cfg(test)]
            (self.looked_at += 1);
            let detail = match byte {
                b'\n' if after_cr => "",
                _ if after_cr => "a carriage return without a line feed",
                b'\n' => "a line feed without a carriage return",
                b'\r' => "",
                _ if !is_text_byte(byte) => "a control character",
                _ if self.line.len() >= max => return Err(LineFault::TooLong),
                _ => "",
            };
            if !detail.is_empty() {
                return Err(LineFault::Malformed { position: self.taken, detail });
            }
            after_cr = byte == b'\r';
            self.line.push(byte);
            self.taken += 1;
        }
        Ok(())
    }

    /// The present line has its CRLF.
    pub(super) fn is_complete(&self) -> bool {
        self.complete
    }

    /// The present line without its CRLF, or what has come of it.
    pub(super) fn line(&self) -> &[u8] {
        &self.line
    }

    /// Offset in the message of the line that the next byte belongs to.
    pub(super) fn next_start(&self) -> u64 {
        if self.complete { self.taken } else { self.start }
    }

    /// Offset of the present line in the message.
    pub(super) fn start(&self) -> u64 {
        self.start
    }

    /// Bytes taken in all.
    pub(super) fn taken(&self) -> u64 {
        self.taken
    }
}
