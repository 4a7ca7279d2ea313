//! A shelf: memory of one kind that nobody uses at the moment.

/// What a shelf holds.
pub trait Kept: Default {
    /// The bytes that it takes.
    fn size(&self) -> usize;

    /// Makes it as good as new, but for its memory.
    fn clear(&mut self);
}

/// Whoever needs such memory takes it from here, and puts it back.
#[derive(Debug, Default)]
pub struct Shelf<T> {
    items: Vec<T>,
    bytes: usize,
}

impl<T: Kept> Shelf<T> {
    /// One large message must not cost its size for ever.
    const ITEM_MAX: usize = 2 << 20;
    /// A batch may take memory for each of thousands of connections, so it is their bytes that are counted.
    const BYTES_MAX: usize = 128 << 20;

    /// One from the shelf, or a new one.
    #[inline(always)]
    pub fn take(&mut self) -> T {
        match self.items.pop() {
            Some(item) => {
                self.bytes -= item.size();
                item
            }
            None => T::default(),
        }
    }

    /// Puts one back. What there is no room for goes back to the allocator.
    #[inline(always)]
    pub fn put(&mut self, mut item: T) {
        let size = item.size();
        if size <= Self::ITEM_MAX && self.bytes + size <= Self::BYTES_MAX {
            item.clear();
            self.bytes += size;
            self.items.push(item);
        }
    }
}
