//! A session that goes from one host to the next: what the first wanted to know is nothing to the second.

use super::notice::Kit;
use super::session::{Phase, Session};
use crate::error::Result;
use crate::protocol::Opcode;

impl Session {
    /// Neither side is in the middle of a message, and neither has begun to close.
    pub fn is_at_rest(&self) -> bool {
        !self.ended && matches!(&self.phase, Phase::Talking(connection) if connection.is_at_rest())
    }

    /// Sends a ping of its keeper's own, whose pong comes back with the token.
    pub fn probe(&mut self, payload: &[u8], token: u64, kit: &mut Kit) -> Result<()> {
        self.pings.get_or_insert_default().check(payload)?;
        self.queue(Opcode::Ping, false, payload, kit)?;
        self.pings.get_or_insert_default().sent(payload, Some(token), self.counters.messages_out, kit.now);
        Ok(())
    }

    /// Tokens of messages and pings, and that a send was refused: nobody is told any more.
    pub fn forget_host(&mut self) {
        self.out.refuse(0);
        self.out.forget_tokens();
        if let Some(pings) = &mut self.pings {
            pings.forget_host();
        }
    }
}
