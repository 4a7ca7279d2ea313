//! The chunked transfer coding (RFC 9112 §7.1).

use super::field::Field;
use super::line::{LineFault, LineReader};
use crate::error::{Error, Result, Status};

/// A size line with its extensions, or a line of the trailer section.
const LINE_MAX: usize = 8192;

/// Takes chunks apart.
#[derive(Debug)]
pub(super) struct Chunked {
    lines: LineReader,
    next: Next,
    /// What size lines, line ends and trailers may still cost: a peer that sends a byte a chunk, with an extension to
    /// each, is not to make us read for ever what the limit on the body never sees.
    overhead_left: u64,
}

#[derive(Debug)]
enum Next {
    Size,
    Data(u64),
    DataEnd,
    Trailer,
    Nothing,
}

impl Chunked {
    pub(super) fn new(overhead_max: u64) -> Self {
        Self { lines: LineReader::default(), next: Next::Size, overhead_left: overhead_max }
    }

    /// Everything has come, the trailer section too.
    pub(super) fn is_complete(&self) -> bool {
        matches!(self.next, Next::Nothing)
    }

    /// What is announced of the present chunk and has not come.
    pub(super) fn announced(&self) -> u64 {
        if let Next::Data(left) = self.next { left } else { 0 }
    }

    /// Takes some of the input: how many bytes, and those of them that belong to the body.
    pub(super) fn step<'a>(&mut self, input: &'a [u8]) -> Result<(usize, &'a [u8])> {
        if let Next::Data(left) = self.next {
            return Ok(self.take_data(input, left));
        }
        let taken = match self.next {
            Next::DataEnd => self.lines.read(input, 0).map_err(|_| malformed("a chunk is longer than its size"))?,
            _ => self.lines.read(input, LINE_MAX).map_err(refused_line)?,
        };
        self.overhead_left = self.overhead_left.checked_sub(taken as u64).ok_or_else(too_much_overhead)?;
        if self.lines.is_complete() {
            self.judge_line()?;
        }
        Ok((taken, &[]))
    }

    fn take_data<'a>(&mut self, input: &'a [u8], left: u64) -> (usize, &'a [u8]) {
        let data = usize::try_from(left).ok().and_then(|left| input.get(..left)).unwrap_or(input);
        self.next = match left - data.len() as u64 {
            0 => Next::DataEnd,
            left => Next::Data(left),
        };
        (data.len(), data)
    }

    fn judge_line(&mut self) -> Result<()> {
        let line = self.lines.line();
        self.next = match self.next {
            Next::Size => match parse_size(line)? {
                0 => Next::Trailer,
                size => Next::Data(size),
            },
            Next::DataEnd => Next::Size,
            Next::Trailer if !line.is_empty() => Field::parse(line).map(|_| Next::Trailer)?,
            Next::Trailer | Next::Data(_) | Next::Nothing => Next::Nothing,
        };
        Ok(())
    }
}

/// `chunk-size [chunk-ext]`: hexadecimal digits, no sign, no prefix. Extensions are for nobody we know.
fn parse_size(line: &[u8]) -> Result<u64> {
    let len = line.iter().take_while(|b| b.is_ascii_hexdigit()).count();
    let (digits, rest) = line.split_at(len);
    if !matches!(rest, [] | [b';' | b' ' | b'\t', ..]) {
        return Err(malformed("the size of a chunk is not a hexadecimal number"));
    }
    let digits = std::str::from_utf8(digits).unwrap_or_default();
    u64::from_str_radix(digits, 16).map_err(|_| malformed("the size of a chunk is missing or beyond all bounds"))
}

fn refused_line(fault: LineFault) -> Error {
    match fault {
        LineFault::TooLong => malformed("a line of the chunked coding is too long"),
        LineFault::Malformed { detail, .. } => malformed(detail),
    }
}

fn too_much_overhead() -> Error {
    Error::new(Status::BODY_TOO_LARGE, "the chunked coding is larger than what it carries")
}

fn malformed(detail: &'static str) -> Error {
    Error::new(Status::INVALID_MESSAGE, detail)
}
