//! Compressed messages on their way in: inflated where they arrive, piece by piece, and never beyond what the limits
//! let a message grow to.

use super::buffer::Buffers;
use super::frame::Header;
use super::mask::apply_mask;
use super::receiver::{Begun, Limits, Message, Partial, Received, Receiver};
use crate::error::{Error, Result, Status};
use crate::extension::Coding;
use crate::protocol::Opcode;

/// The least and the most that is made at a time.
const STEP: (usize, usize) = (1 << 10, 64 << 10);

impl Receiver {
    /// A frame that would be too long if it were not compressed. What it inflates to is counted later; but a peer that
    /// makes messages longer by compressing them need not be humoured beyond what bad compressors do, or a frame
    /// without content could go on for ever.
    #[cold]
    pub(super) fn admit_coded(&self, header: &Header, limits: &Limits) -> Option<()> {
        let wire = match self.message() {
            Some(message) if message.coded => message.wire,
            None if header.rsv != 0 => 0,
            _ => return None,
        };
        let allowed = |max: u64| max.saturating_add(max / 8).saturating_add(1024);
        let fits =
            header.len <= allowed(limits.frame_max) && header.len <= allowed(limits.message_max).saturating_sub(wire);
        fits.then_some(())
    }
}

impl Begun {
    /// Takes what there is of a frame of a compressed message.
    pub(super) fn resume_coded(
        &mut self,
        Partial { header, received }: Partial,
        piece: &mut [u8],
        limits: &Limits,
        buffers: &mut Buffers,
        coding: &mut Option<Box<Coding>>,
    ) -> Result<Option<Received<'static>>> {
        let (Some(message), Some(coding)) = (self.message.as_mut(), coding.as_mut()) else { return Ok(None) };
        if let Some(key) = header.mask {
            apply_mask(piece, key, received);
        }
        message.wire += piece.len() as u64;
        coding.arrived(piece.len());
        inflate(message, piece, limits, buffers, coding)?;
        let received = received + piece.len() as u64;
        if received < header.len {
            self.partial = Some(Partial { header, received });
            return Ok(None);
        }
        self.partial = None;
        if header.fin {
            inflate(message, coding.tail(), limits, buffers, coding)?;
            coding.finish(&mut buffers.codecs)?;
        }
        self.finish_frame(header, limits, buffers)
    }
}

/// Inflates a piece onto the end of what there is, checked while it is hot: at most one byte more than is allowed.
fn inflate(
    message: &mut Message,
    mut piece: &[u8],
    limits: &Limits,
    buffers: &mut Buffers,
    coding: &mut Coding,
) -> Result<()> {
    // Delivered one by one, each frame is held against both limits by itself.
    let max = if limits.deliver_fragments { limits.frame_max.min(limits.message_max) } else { limits.message_max };
    loop {
        let so_far = message.buffer.len();
        let left = max.saturating_sub(so_far as u64).saturating_add(1);
        let most = piece.len().saturating_mul(8).clamp(STEP.0, STEP.1).min(usize::try_from(left).unwrap_or(STEP.1));
        let room = message.buffer.room(most)?;
        let step = coding.decode(piece, room, &mut buffers.codecs)?;
        let filled = step.made == room.len();
        message.buffer.advance(step.made);
        if message.buffer.len() as u64 > max {
            return Err(too_big(message.opcode, max));
        }
        if message.opcode == Opcode::Text {
            message.utf8.feed(&message.buffer.filled()[so_far..])?;
        }
        piece = &piece[step.taken..];
        if !filled && (piece.is_empty() || step.taken + step.made == 0) {
            return Ok(());
        }
    }
}

#[cold]
fn too_big(opcode: Opcode, max: u64) -> Error {
    Error::new(Status::PAYLOAD_TOO_BIG, "a message is over our limit once it is inflated").with(|e| {
        e.max_size = Some(max);
        e.current_size = Some(max);
        e.opcode = opcode as u8;
    })
}
