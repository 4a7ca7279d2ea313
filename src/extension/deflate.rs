//! What a host may set about permessage-deflate, and what of it is offered or granted.

use super::negotiation::{Agreed, Incoming, Outgoing};
use super::parameters::{CLIENT_MAX_WINDOW_BITS, List, Parameters, Place, SERVER_NO_CONTEXT_TAKEOVER, fault};
use crate::error::{Error, Result, Status};
use crate::http::Extension;

/// The name that is registered for it (RFC 7692 §11.1).
pub(super) const NAME: &str = "permessage-deflate";

/// The largest window there is: what holds where nothing is said.
const MAX_BITS: u8 = 15;

/// How messages are compressed. The default takes little memory rather than the last few per cent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deflate {
    /// 1, fast, to 9, small.
    pub level: u8,
    /// 1 to 9: what a compressor may hold beside its window.
    pub memory_level: u8,
    /// Shorter messages, or first fragments, go as they are: to compress them takes more time than it saves.
    pub min_size: u32,
    /// Bits of the window that servers compress with. A client asks for it, a server keeps it.
    pub server_max_window_bits: Option<u8>,
    /// The same for clients: a server asks for it where it may.
    pub client_max_window_bits: Option<u8>,
    /// Servers begin each message with an empty window.
    pub server_no_context_takeover: bool,
    /// So do clients.
    pub client_no_context_takeover: bool,
}

impl Default for Deflate {
    fn default() -> Self {
        Self {
            level: 1,
            memory_level: 5,
            min_size: 128,
            server_max_window_bits: None,
            client_max_window_bits: None,
            server_no_context_takeover: false,
            client_no_context_takeover: false,
        }
    }
}

impl Deflate {
    /// The window bits of whoever has set none.
    pub const WINDOW_BITS: u8 = 12;

    /// Numbers that exist.
    pub fn validate(&self) -> Result<()> {
        let windows = [self.server_max_window_bits, self.client_max_window_bits];
        let faults = [
            (!(1..=9).contains(&self.level), "compression.level is not from 1 to 9"),
            (!(1..=9).contains(&self.memory_level), "compression.memory_level is not from 1 to 9"),
            (
                windows.iter().flatten().any(|bits| !(8..=15).contains(bits)),
                "compression: window bits are from 8 to 15",
            ),
        ];
        match faults.into_iter().find(|(wrong, _)| *wrong) {
            Some((_, detail)) => Err(Error::new(Status::INVALID_ARGUMENT, detail)),
            None => Ok(()),
        }
    }

    /// What a client offers, the best first. A server that cannot keep the window we ask for may take the second.
    pub(super) fn offers(&self) -> Vec<Extension> {
        let wanted = self.wanted();
        let fallback = Parameters { server_max_window_bits: None, ..wanted };
        let mut offers = vec![wanted];
        offers.extend((fallback != wanted).then_some(fallback));
        offers.into_iter().map(extension).collect()
    }

    fn wanted(&self) -> Parameters {
        Parameters {
            server_no_context_takeover: self.server_no_context_takeover,
            client_no_context_takeover: self.client_no_context_takeover,
            server_max_window_bits: self.server_max_window_bits,
            client_max_window_bits: Some(self.client_max_window_bits.filter(|bits| *bits < MAX_BITS)),
        }
    }

    /// A client's part: holds the answer against the offers (§7.1).
    pub(super) fn agree(&self, answer: &List) -> Result<Agreed> {
        let answer = Parameters::read(answer, Place::Answer)?;
        let wanted = self.wanted();
        let refuse = |detail, name: &str, value: Option<u8>| {
            let value = value.map(|value| value.to_string());
            Err(fault(Status::NEGOTIATION, detail, name, value.as_deref()))
        };
        if wanted.server_no_context_takeover && !answer.server_no_context_takeover {
            return refuse("the server does not grant what it was asked for", SERVER_NO_CONTEXT_TAKEOVER, None);
        }
        let ours = wanted.client_max_window_bits.flatten();
        let granted = answer.client_max_window_bits.flatten();
        if granted > ours && ours.is_some() {
            return refuse("the server grants a larger window than was offered", CLIENT_MAX_WINDOW_BITS, granted);
        }
        // Any window of the server's is within our second offer, which names none.
        let own = self.client_max_window_bits.unwrap_or(Self::WINDOW_BITS);
        Ok(Agreed {
            outgoing: self.outgoing(
                own.min(granted.unwrap_or(MAX_BITS)),
                !(answer.client_no_context_takeover || self.client_no_context_takeover),
            ),
            incoming: Incoming {
                window_bits: answer.server_max_window_bits.unwrap_or(MAX_BITS),
                takeover: !answer.server_no_context_takeover,
            },
        })
    }

    /// A server's part: grants one offer, or says why not (§7.1). What it answers, it keeps.
    pub(super) fn grant(&self, offer: &List) -> Result<(Extension, Agreed)> {
        let offer = Parameters::read(offer, Place::Offer)?;
        let own = self.server_max_window_bits.unwrap_or(Self::WINDOW_BITS);
        let server_bits = own.min(offer.server_max_window_bits.unwrap_or(MAX_BITS));
        // §7.1.2.2: a client that says nothing of it cannot keep a smaller window, and must not be asked to.
        let wanted = self.client_max_window_bits.unwrap_or(Self::WINDOW_BITS);
        let client_bits = offer.client_max_window_bits.map(|bits| wanted.min(bits.unwrap_or(MAX_BITS)));
        let answer = Parameters {
            server_no_context_takeover: offer.server_no_context_takeover || self.server_no_context_takeover,
            client_no_context_takeover: offer.client_no_context_takeover || self.client_no_context_takeover,
            server_max_window_bits: (server_bits < MAX_BITS || offer.server_max_window_bits.is_some())
                .then_some(server_bits),
            client_max_window_bits: client_bits.filter(|bits| *bits < MAX_BITS).map(Some),
        };
        let agreed = Agreed {
            outgoing: self.outgoing(server_bits, !answer.server_no_context_takeover),
            incoming: Incoming {
                window_bits: client_bits.unwrap_or(MAX_BITS),
                takeover: !answer.client_no_context_takeover,
            },
        };
        Ok((extension(answer), agreed))
    }

    fn outgoing(&self, window_bits: u8, takeover: bool) -> Outgoing {
        let Self { level, memory_level, min_size, .. } = *self;
        Outgoing { window_bits, takeover, level, memory_level, min_size }
    }
}

fn extension(parameters: Parameters) -> Extension {
    Extension { name: NAME.to_owned(), params: parameters.to_list() }
}
