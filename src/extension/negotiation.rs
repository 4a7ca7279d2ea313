//! Which extensions a connection uses: what a client offers and makes of the answer, what a server grants.

use super::deflate::{self, Deflate};
use crate::error::{Error, Result, Status};
use crate::http::Extension;

/// The extensions that we would use. The default is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extensions {
    /// permessage-deflate (RFC 7692).
    pub deflate: Option<Deflate>,
}

/// What was agreed, as seen from our side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agreed {
    /// How we compress.
    pub outgoing: Outgoing,
    /// What the peer compresses with.
    pub incoming: Incoming,
}

/// How we compress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outgoing {
    /// Our window: at most what was agreed.
    pub window_bits: u8,
    /// A message may refer to those before it.
    pub takeover: bool,
    /// Ours to choose: 1 to 9.
    pub level: u8,
    /// Ours to choose: 1 to 9.
    pub memory_level: u8,
    /// Shorter messages go as they are.
    pub min_size: u32,
}

/// What the peer compresses with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Incoming {
    /// Its window, at most.
    pub window_bits: u8,
    /// A message may refer to those before it.
    pub takeover: bool,
}

/// What a server makes of its client's offers.
#[derive(Debug, Default)]
pub struct Choice {
    /// For the client; empty for none.
    pub answer: Vec<Extension>,
    /// The same for us.
    pub agreed: Option<Agreed>,
    /// Why others were declined. It is no failure: the connection opens without them.
    pub declined: Vec<Error>,
}

impl Extensions {
    /// Numbers that exist.
    pub fn validate(&self) -> Result<()> {
        self.deflate.as_ref().map_or(Ok(()), Deflate::validate)
    }

    /// What a client offers, in its order of preference.
    pub fn offers(&self) -> Vec<Extension> {
        self.deflate.as_ref().map(Deflate::offers).unwrap_or_default()
    }

    /// What a server answered, held against what we offered: every extension was asked for (RFC 6455 §4.1 step 5),
    /// none is there twice, and its parameters keep within the offer.
    pub fn agree(&self, answered: &[Extension]) -> Result<Option<Agreed>> {
        let refuse = |detail| Err(Error::new(Status::NEGOTIATION, detail));
        let mut agreed = None;
        for extension in answered {
            let Some(deflate) = self.deflate.as_ref().filter(|_| extension.name == deflate::NAME) else {
                return refuse("the server uses an extension that was not offered");
            };
            if agreed.is_some() {
                return refuse("the server uses an extension twice");
            }
            agreed = Some(deflate.agree(&extension.params)?);
        }
        Ok(agreed)
    }

    /// What a server grants: of each extension the first offer that it can keep. The others behind it were the
    /// client's second thoughts.
    pub fn choose(&self, offered: &[Extension]) -> Choice {
        let mut choice = Choice::default();
        for offer in offered {
            match &self.deflate {
                Some(deflate) if offer.name == deflate::NAME => {
                    if choice.agreed.is_none() {
                        choice.take(deflate.grant(&offer.params), offer);
                    }
                }
                _ => {
                    let unknown = Error::new(Status::NEGOTIATION, "this server does not use this extension");
                    choice.take(Err(unknown), offer);
                }
            }
        }
        choice
    }
}

impl Choice {
    fn take(&mut self, granted: Result<(Extension, Agreed)>, offer: &Extension) {
        match granted {
            Ok((answer, agreed)) => {
                self.answer.push(answer);
                self.agreed = Some(agreed);
            }
            Err(error) => self.declined.push(error.with(|e| e.header_value = Some(offer.to_string()))),
        }
    }
}
