//! A message that many connections get: checked once, and made once in each form in which it goes.

use super::buffer::{Buffers, no_memory};
use super::connection::not_text;
use super::frame::{Header, MAX_HEADER, Opcode};
use super::shared::SharedFrame;
use super::utf8::Utf8;
use crate::error::Result;
use crate::extension::{Coding, Outgoing};

/// A message for many.
#[derive(Debug)]
pub struct Broadcast<'a> {
    opcode: Opcode,
    data: &'a [u8],
    /// Not to be compressed.
    raw: bool,
    /// As it is.
    plain: Option<SharedFrame>,
    /// Compressed, each way once; without a frame if that made it no shorter.
    coded: Vec<(Outgoing, Option<SharedFrame>)>,
}

impl<'a> Broadcast<'a> {
    /// A text, which is checked, or a binary message.
    pub fn new(opcode: Opcode, data: &'a [u8], raw: bool) -> Result<Self> {
        if opcode == Opcode::Text {
            Utf8::check(data).map_err(not_text)?;
        }
        Ok(Self { opcode, data, raw, plain: None, coded: Vec::new() })
    }

    /// Text or binary.
    pub fn opcode(&self) -> Opcode {
        self.opcode
    }

    /// The payload.
    pub fn data(&self) -> &'a [u8] {
        self.data
    }

    /// The message as it goes uncompressed; an error if there is no memory for it.
    pub fn plain(&mut self) -> Result<&SharedFrame> {
        let frame = match self.plain.take() {
            Some(frame) => frame,
            None => frame(self.opcode, 0, self.data)?,
        };
        Ok(self.plain.insert(frame))
    }

    /// The message for a connection that compresses like this, or not at all; true if it is compressed.
    pub(super) fn form(&mut self, how: Option<Outgoing>, buffers: &mut Buffers) -> Result<(SharedFrame, bool)> {
        match how.filter(|_| !self.raw).and_then(|how| self.encoded(how, buffers)) {
            Some(frame) => Ok((frame, true)),
            None => Ok((self.plain()?.clone(), false)),
        }
    }

    /// The message compressed, if that makes it shorter and there is memory for it.
    fn encoded(&mut self, how: Outgoing, buffers: &mut Buffers) -> Option<SharedFrame> {
        if let Some((_, known)) = self.coded.iter().find(|(known, _)| *known == how) {
            return known.clone();
        }
        let coded = Coding::encode_alone(&how, self.data, &mut buffers.codecs);
        let made = coded.as_ref().and_then(|coded| frame(self.opcode, Coding::BIT, coded.payload()).ok());
        if let Some(coded) = coded {
            buffers.codecs.put_scratch(coded.scratch);
        }
        self.coded.push((how, made.clone()));
        made
    }
}

/// A frame as servers send it.
fn frame(opcode: Opcode, rsv: u8, payload: &[u8]) -> Result<SharedFrame> {
    let mut header = [0; MAX_HEADER];
    let start = Header { fin: true, opcode, rsv, mask: None, len: payload.len() as u64 }.write(&mut header);
    let len = MAX_HEADER - start + payload.len();
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(len).map_err(|_| no_memory(0, len))?;
    bytes.extend_from_slice(&header[start..]);
    bytes.extend_from_slice(payload);
    Ok(SharedFrame::new(bytes, MAX_HEADER - start))
}
