//! A session that goes from one host to the next: what the first wanted to know is nothing to the second.

use super::session::{Phase, Session};

impl Session {
    /// Neither side is in the middle of a message, and neither has begun to close.
    pub fn is_at_rest(&self) -> bool {
        !self.ended && matches!(&self.phase, Phase::Talking(connection) if connection.is_at_rest())
    }

    /// Tokens of messages and pings, and that a send was refused: nobody is told any more.
    pub fn forget_host(&mut self) {
        self.refused = 0;
        self.out.forget_tokens();
        if let Some(pings) = &mut self.pings {
            pings.forget_host();
        }
    }
}
