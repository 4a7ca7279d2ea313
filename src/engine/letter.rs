//! An event that waits for the host.

use std::ffi::CString;

use super::event::{Event, EventKind, FLAG_RECONNECTED};

/// An event that waits, with its payload.
pub struct Letter {
    pub event: Event<'static>,
    pub data: Box<[u8]>,
    pub topic: Option<CString>,
}

/// What the peer has caused comes in the order of the wire, and waits while its connection is paused; the rest does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Messages and fragments.
    Message = 0,
    /// What else the peer has caused, and what tells of lost messages.
    Peer = 1,
    /// What we have caused, and the end.
    Own = 2,
}

impl Letter {
    /// An event without payload.
    pub fn new(event: Event<'static>) -> Self {
        Self { event, data: Box::default(), topic: None }
    }

    /// What it counts for: what is published as a whole, for there is no peer who would be slowed down while it waits.
    pub fn weight(&self) -> u64 {
        match &self.topic {
            Some(topic) => Self::weight_of_published(topic.as_bytes().len(), self.data.len()),
            None => self.data.len() as u64,
        }
    }

    /// The same before there is a letter.
    pub fn weight_of_published(topic: usize, data: usize) -> u64 {
        (size_of::<Letter>() + topic + data) as u64
    }

    /// Where it waits.
    pub fn lane(&self) -> Lane {
        match self.event.kind {
            EventKind::Message | EventKind::Fragment => Lane::Message,
            EventKind::Ping | EventKind::Pong | EventKind::Queue => Lane::Peer,
            _ => Lane::Own,
        }
    }

    /// Nothing of its connection comes behind it.
    pub fn is_last(&self) -> bool {
        matches!(self.event.kind, EventKind::Close | EventKind::ConnectFailed)
    }

    /// A session ends or begins with it that those before it do not belong to: a pause of theirs is over.
    pub fn ends_pause(&self) -> bool {
        let is_back = self.event.kind == EventKind::Open && self.event.flags & FLAG_RECONNECTED != 0;
        is_back || self.is_last() || self.event.kind == EventKind::Reconnecting
    }
}
