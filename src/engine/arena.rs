//! Where bytes arrive: large blocks that all connections of an engine share. Small reads are packed into one
//! block, so that a batch touches little memory; the next poll uses the same memory again.

/// One block. Large enough that one read takes what a socket holds.
const BLOCK: usize = 512 << 10;
/// With less room than this left, a read goes to the next block.
const ROOM_MIN: usize = 64 << 10;

#[derive(Debug)]
struct Block {
    bytes: Box<[u8]>,
    filled: usize,
}

/// A stretch of received bytes.
#[derive(Debug, Clone, Copy)]
pub struct Stretch {
    block: usize,
    /// First byte that has not been taken.
    pub at: usize,
    /// End of the stretch.
    pub end: usize,
}

/// The blocks of an engine.
#[derive(Debug, Default)]
pub struct Arena {
    blocks: Vec<Block>,
    current: usize,
    /// Bytes that arrived since the last recycling.
    arrived: u64,
}

impl Arena {
    /// Makes every byte that was delivered free for new ones, except the stretch that was not used up.
    pub fn recycle(&mut self, keep: Option<Stretch>) {
        let kept = keep.map(|stretch| stretch.block);
        for (i, block) in self.blocks.iter_mut().enumerate() {
            if Some(i) != kept {
                block.filled = 0;
            }
        }
        self.arrived = 0;
        self.current = usize::from(kept == Some(0));
    }

    /// Gives the blocks back to the allocator; nothing of them is in use.
    pub fn trim(&mut self) {
        *self = Self::default();
    }

    /// There are no blocks.
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Bytes that arrived since the last recycling.
    pub fn arrived(&self) -> u64 {
        self.arrived
    }

    /// Room for one read, and for `slack` bytes more; [`Arena::fill`] says how much came.
    pub fn room(&mut self, slack: usize) -> &mut [u8] {
        self.room_for(ROOM_MIN + slack)
    }

    /// Room for at least `min` bytes, which is no more than a block.
    fn room_for(&mut self, min: usize) -> &mut [u8] {
        while self.blocks.get(self.current).is_some_and(|b| b.bytes.len() - b.filled < min) {
            self.current += 1;
        }
        if self.current >= self.blocks.len() {
            self.current = self.blocks.len();
            self.blocks.push(Block { bytes: vec![0; BLOCK].into_boxed_slice(), filled: 0 });
        }
        let block = &mut self.blocks[self.current];
        &mut block.bytes[block.filled..]
    }

    /// `len` bytes came into the room.
    pub fn fill(&mut self, len: usize) -> Stretch {
        let block = &mut self.blocks[self.current];
        let at = block.filled;
        block.filled += len;
        self.arrived += len as u64;
        Stretch { block: self.current, at, end: block.filled }
    }

    /// Copies bytes that waited elsewhere in, as if they had just arrived. They came from one stretch, so they
    /// fit into one block.
    pub fn put(&mut self, bytes: &[u8]) -> Stretch {
        self.room_for(bytes.len())[..bytes.len()].copy_from_slice(bytes);
        self.fill(bytes.len())
    }

    /// The bytes of a stretch from its block's beginning to its end; `stretch.at` is where to go on.
    #[inline]
    pub fn bytes(&mut self, stretch: &Stretch) -> &mut [u8] {
        &mut self.blocks[stretch.block].bytes[..stretch.end]
    }
}
