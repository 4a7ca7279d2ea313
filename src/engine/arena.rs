//! Where bytes arrive: large blocks that all connections of an engine share. Small reads are packed into one
//! block, so that a batch touches little memory; the next poll uses the same memory again.

/// The most that one read takes: what a socket holds, as a rule, so that a message of a MiB comes whole, and is not copied.
pub const READ_MAX: usize = 1088 << 10;
/// A batch lends no more than about this, whatever the host allows: what the processor's own cache holds when the host looks at
/// it, and when its answers leave.
pub const LENT_MAX: usize = 256 << 10;
/// One block: room for a read, whatever else the batch lends.
const BLOCK: usize = LENT_MAX + READ_MAX + LINE;
/// A line of the processor's cache. Reads begin at one: where they do not, the kernel's copy takes up to half as much time
/// again.
const LINE: usize = 64;

#[derive(Debug)]
struct Block {
    bytes: Box<[u8]>,
    filled: usize,
}

impl Block {
    fn new() -> Self {
        let mut block = Self { bytes: vec![0; BLOCK].into_boxed_slice(), filled: 0 };
        block.fill(0);
        block
    }

    #[inline(always)]
    fn has_room(&self, min: usize) -> bool {
        self.bytes.len() - self.filled >= min
    }

    /// The next read begins behind so many bytes, or a little later.
    fn fill(&mut self, len: usize) {
        let end = self.filled + len;
        let ahead = self.bytes[end..].as_ptr().align_offset(LINE);
        self.filled = self.bytes.len().min(end.saturating_add(ahead));
    }

    /// Nothing of it is in use.
    fn empty(&mut self) {
        self.filled = 0;
        self.fill(0);
    }
}

impl Drop for Block {
    /// Goes back small. glibc takes large memory that is freed for a sign that more of it will be needed: from then on it
    /// keeps twice as much of the heap at hand, 1.6 MiB of what other connections have left.
    fn drop(&mut self) {
        let mut bytes = std::mem::take(&mut self.bytes).into_vec();
        bytes.truncate(1);
        bytes.shrink_to_fit();
    }
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
                block.empty();
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

    /// Room for the largest read, and for `slack` bytes more; [`Arena::fill`] says how much came.
    pub fn room(&mut self, slack: usize) -> &mut [u8] {
        self.room_for(READ_MAX + slack)
    }

    /// Room for at least `min` bytes, which is no more than a block.
    #[inline(always)]
    fn room_for(&mut self, min: usize) -> &mut [u8] {
        if !self.blocks.get(self.current).is_some_and(|block| block.has_room(min)) {
            self.go_on_to(min);
        }
        let block = &mut self.blocks[self.current];
        &mut block.bytes[block.filled..]
    }

    /// The next block that has room for as many bytes, or a new one.
    #[cold]
    #[inline(never)]
    fn go_on_to(&mut self, min: usize) {
        let next = self.blocks.iter().skip(self.current).position(|block| block.has_room(min));
        self.current = next.map_or(self.blocks.len(), |skipped| self.current + skipped);
        if self.current == self.blocks.len() {
            self.blocks.push(Block::new());
        }
    }

    /// `len` bytes came into the room.
    pub fn fill(&mut self, len: usize) -> Stretch {
        let block = &mut self.blocks[self.current];
        let at = block.filled;
        block.fill(len);
        self.arrived += len as u64;
        Stretch { block: self.current, at, end: at + len }
    }

    /// Copies bytes that waited elsewhere in, as if they had just arrived. They came from one stretch, so they
    /// fit into one block.
    pub fn put(&mut self, bytes: &[u8]) -> Stretch {
        self.room_for(bytes.len())[..bytes.len()].copy_from_slice(bytes);
        self.fill(bytes.len())
    }

    /// The block in which these bytes lie; nothing if they came from elsewhere.
    #[inline(always)]
    pub fn around(&self, bytes: &[u8]) -> &[u8] {
        let at = bytes.as_ptr().addr();
        let mut blocks = self.blocks.iter().map(|block| &*block.bytes);
        blocks.find(|block| at.wrapping_sub(block.as_ptr().addr()) < block.len()).unwrap_or_default()
    }

    /// The bytes of a stretch from its block's beginning to its end; `stretch.at` is where to go on.
    #[inline]
    pub fn bytes(&mut self, stretch: &Stretch) -> &mut [u8] {
        &mut self.blocks[stretch.block].bytes[..stretch.end]
    }
}
