//! Frames that many send queues hold, so that nobody copies them.

use std::collections::VecDeque;
use std::sync::Arc;

/// What a queue has beside its own bytes: one word for it, whether it is a frame of everybody's or a row of its own.
#[derive(Debug)]
pub(super) enum Held {
    /// A frame, of which nothing has left; what the queue has of its own stands behind it. Most hold no more than that,
    /// and then it takes no memory.
    Frame(Vec<u8>),
    /// Frames and where they stand. No other queue has it.
    Row(Row),
}

impl Held {
    /// The bytes of a frame.
    pub fn frame(&self) -> &[u8] {
        match self {
            Held::Frame(bytes) => bytes,
            Held::Row(_) => &[],
        }
    }

    /// How much of it waits.
    pub fn len(&self) -> usize {
        match self {
            Held::Frame(bytes) => bytes.len(),
            Held::Row(row) => row.len,
        }
    }
}

/// A frame as a server sends it, header and payload.
#[derive(Debug, Clone)]
pub struct SharedFrame {
    held: Arc<Held>,
    header: usize,
}

impl SharedFrame {
    /// A frame whose first `header` bytes are its header.
    pub(super) fn new(bytes: Vec<u8>, header: usize) -> Self {
        Self { held: Arc::new(Held::Frame(bytes)), header }
    }

    /// All of it.
    pub fn bytes(&self) -> &[u8] {
        self.held.frame()
    }

    /// What it carries.
    pub fn payload(&self) -> &[u8] {
        self.bytes().get(self.header..).unwrap_or_default()
    }

    /// For a queue.
    pub(super) fn held(self) -> Arc<Held> {
        self.held
    }
}

/// A frame among a queue's own bytes.
#[derive(Debug)]
struct Place {
    /// The queue's own bytes between this frame and the one before.
    own: usize,
    frame: Arc<Held>,
    /// How much of the frame has left.
    gone: usize,
}

/// Frames among a queue's own bytes.
#[derive(Debug, Default)]
pub(super) struct Row {
    places: VecDeque<Place>,
    /// The queue's own bytes before the last of them.
    before: usize,
    /// How much of the frames waits.
    len: usize,
}

impl Row {
    /// Puts a frame behind everything, `waiting` own bytes included.
    pub fn push(&mut self, frame: Arc<Held>, waiting: usize) {
        self.len += frame.frame().len();
        self.places.push_back(Place { own: waiting - self.before, frame, gone: 0 });
        self.before = waiting;
    }

    /// Nothing is left.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// What waits, in the order in which it stands among the queue's `own` bytes.
    pub fn parts<'a>(&'a self, own: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        let mut rest = own;
        let placed = self.places.iter().flat_map(move |place| {
            let (before, after) = rest.split_at(place.own);
            rest = after;
            [before, &place.frame.frame()[place.gone..]]
        });
        placed.chain([&own[self.before..]]).filter(|part| !part.is_empty())
    }

    /// So many bytes have left; how many of them were the queue's own.
    pub fn wrote(&mut self, mut len: usize) -> usize {
        let mut own = 0;
        while let Some(place) = self.places.front_mut() {
            let taken = len.min(place.own);
            place.own -= taken;
            self.before -= taken;
            own += taken;
            len -= taken;
            let taken = len.min(place.frame.frame().len() - place.gone);
            place.gone += taken;
            self.len -= taken;
            len -= taken;
            if place.own > 0 || place.gone < place.frame.frame().len() {
                return own;
            }
            self.places.pop_front();
        }
        own + len
    }
}
