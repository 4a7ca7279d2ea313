//! The head of a message: start line and header fields, as their bytes come in.

use super::field::Field;
use super::headers::Headers;
use super::line::{LineFault, LineReader};
use crate::error::{Error, Record, Result, Status};

/// How large a head may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the start line or of a header line, without its CRLF.
    pub line_max: usize,
    /// Header lines.
    pub headers_max: usize,
    /// Bytes of the whole head, line ends and all. Has no code of its own: the line that crosses it is the line that
    /// is too long, and the error says so in its detail and sizes.
    pub head_max: usize,
}

impl Limits {
    /// The default of `head_max`.
    pub const HEAD_MAX: usize = 64 * 1024;

    /// The defaults, with another size of the whole.
    pub fn with_head_max(head_max: usize) -> Self {
        Self { line_max: 8192, headers_max: 128, head_max }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::with_head_max(Self::HEAD_MAX)
    }
}

/// The first line of a head, which tells a request from a response.
pub trait StartLine: Sized {
    /// What it is when it is too long.
    const TOO_LONG: Status;
    /// Empty lines to ignore before it.
    const BLANK_LINES: usize;

    /// Parses the line; positions in errors are offsets in the line.
    fn parse(line: &[u8]) -> Result<Self>;

    /// Appends the line, without its CRLF.
    fn write(&self, out: &mut Vec<u8>);
}

/// A start line and header fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head<S> {
    /// The first line.
    pub start: S,
    /// The fields.
    pub headers: Headers,
}

impl<S: StartLine> Head<S> {
    /// As it goes over the wire. Whoever filled it answers for names and values being fit for a head.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(256);
        self.start.write(&mut out);
        out.extend_from_slice(b"\r\n");
        self.headers.iter().for_each(|field| field.write(&mut out));
        out.extend_from_slice(b"\r\n");
        out
    }
}

/// Reads a head. Every line is judged as soon as it is complete, and its length and its bytes while it grows.
///
/// After a head it reads the next one, as a client must behind an interim response. Offsets and `head_max` are those
/// of all heads together: there is no end to interim responses otherwise.
#[derive(Debug)]
pub struct HeadReader<S> {
    limits: Limits,
    lines: LineReader,
    blank_lines: usize,
    start: Option<S>,
    headers: Headers,
}

impl<S: StartLine> HeadReader<S> {
    /// Nothing read yet.
    pub fn new(limits: Limits) -> Self {
        Self { limits, lines: LineReader::default(), blank_lines: 0, start: None, headers: Headers::default() }
    }

    /// Takes the next bytes. With the last of the head comes the head itself, and how many bytes of this `input`
    /// belong to it; the others are the caller's. Before that all of them were taken.
    pub fn read(&mut self, input: &[u8]) -> Result<Option<(Head<S>, usize)>> {
        let mut used = 0;
        while let Some(rest) = input.get(used..).filter(|rest| !rest.is_empty()) {
            used += self.read_line(rest)?;
            if self.lines.is_complete() {
                if let Some(head) = self.judge_line()? {
                    return Ok(Some((head, used)));
                }
            }
        }
        Ok(None)
    }

    /// The start line, once it is complete; for the error about what follows it.
    pub fn start(&self) -> Option<&S> {
        self.start.as_ref()
    }

    /// Bytes taken so far.
    pub fn taken(&self) -> u64 {
        self.lines.taken()
    }

    /// Bytes looked at so far.
    #[cfg(test)]
    pub(super) fn looked_at(&self) -> u64 {
        self.lines.looked_at
    }

    /// Takes what belongs to one line.
    fn read_line(&mut self, input: &[u8]) -> Result<usize> {
        let used = usize::try_from(self.lines.next_start()).unwrap_or(usize::MAX);
        let Some(left) = self.limits.head_max.checked_sub(used.saturating_add(2)) else {
            return Err(self.head_too_large());
        };
        self.lines.read(input, left.min(self.limits.line_max)).map_err(|fault| match fault {
            LineFault::TooLong if left < self.limits.line_max => self.head_too_large(),
            LineFault::TooLong => self.too_large("a line is too long", self.limits.line_max),
            LineFault::Malformed { position, detail } => self.malformed(position, detail),
        })
    }

    /// Makes something of a complete line; with the empty one that ends it, the head.
    fn judge_line(&mut self) -> Result<Option<Head<S>>> {
        match self.start.take() {
            None => self.judge_start()?,
            Some(start) if self.lines.line().is_empty() => {
                return Ok(Some(Head { start, headers: std::mem::take(&mut self.headers) }));
            }
            start => {
                self.start = start; // before anything can fail: errors name it
                self.judge_field()?;
            }
        }
        Ok(None)
    }

    fn judge_start(&mut self) -> Result<()> {
        if !self.lines.line().is_empty() {
            self.start = Some(S::parse(self.lines.line()).map_err(|error| self.in_message(error))?);
            return Ok(());
        }
        // RFC 9112 §2.2: a client may have ended the body of an earlier request with a CRLF too many. One.
        self.blank_lines += 1;
        match self.blank_lines > S::BLANK_LINES {
            true => Err(self.malformed(self.lines.start(), "an empty line instead of a start line")),
            false => Ok(()),
        }
    }

    fn judge_field(&mut self) -> Result<()> {
        let field = Field::parse(self.lines.line()).map_err(|error| self.in_message(error))?;
        let count = self.headers.len() + 1;
        if count > self.limits.headers_max {
            return Err(Error::new(Status::TOO_MANY_HEADERS, "too many header lines").with(|e| {
                e.size = Some(count as u64);
                e.max_size = Some(self.limits.headers_max as u64);
            }));
        }
        self.headers.push(field);
        Ok(())
    }

    /// Turns an offset in the line into one in the message.
    fn in_message(&self, error: Error) -> Error {
        error.with(|e| e.position = e.position.map(|at| at + self.lines.start()))
    }

    fn malformed(&self, position: u64, detail: &'static str) -> Error {
        Error::new(Status::INVALID_MESSAGE, detail).with(|e| {
            e.position = Some(position);
            self.name_field(e);
        })
    }

    fn head_too_large(&self) -> Error {
        self.too_large("the head is too large", self.limits.head_max)
    }

    /// What would have come is not known: the size is that of what is certain, one byte more than there may be.
    fn too_large(&self, detail: &'static str, max: usize) -> Error {
        let status = if self.start.is_none() { S::TOO_LONG } else { Status::HEADER_LINE_TOO_LONG };
        Error::new(status, detail).with(|e| {
            e.size = Some((max as u64).saturating_add(1));
            e.max_size = Some(max as u64);
            self.name_field(e);
        })
    }

    /// Names the field whose line is being read, with as much of its value as has come.
    fn name_field(&self, error: &mut Record) {
        if self.start.is_some() && !self.lines.is_complete() {
            if let Some((name, value)) = Field::guess(self.lines.line()) {
                error.header_name = name;
                error.header_value = Some(value);
            }
        }
    }
}

/// A start line or a field that breaks its grammar, with the offset in its line.
pub(super) fn malformed(position: usize, detail: &'static str) -> Error {
    Error::new(Status::INVALID_MESSAGE, detail).with(|e| e.position = Some(position as u64))
}
