//! A shelf: memory of one kind that nobody uses at the moment.

/// What a shelf holds.
pub trait Kept: Default {
    /// Bytes that a shelf keeps. A batch may take memory for each of thousands of connections, so it is not pieces that count;
    /// and as an engine that is never at rest keeps it for ever, it is no more than busy batches need.
    const KEPT_MAX: usize = 16 << 20;

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
        if size <= Self::ITEM_MAX && self.bytes + size <= T::KEPT_MAX {
            item.clear();
            self.bytes += size;
            self.items.push(item);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Kept for Vec<u8> {
        const KEPT_MAX: usize = 1000;

        fn size(&self) -> usize {
            self.capacity()
        }

        fn clear(&mut self) {
            self.truncate(0);
        }
    }

    #[test]
    fn what_is_put_back_is_empty_and_has_its_memory() {
        let mut shelf = Shelf::default();
        shelf.put(vec![1; 600]);
        let taken: Vec<u8> = shelf.take();
        assert_eq!((taken.len(), taken.capacity()), (0, 600));
        assert_eq!(shelf.take().capacity(), 0);
    }

    #[test]
    fn what_there_is_no_room_for_goes() {
        let mut shelf = Shelf::<Vec<u8>>::default();
        for size in [600, 500, 400, 1] {
            shelf.put(vec![0; size]);
        }
        assert_eq!([shelf.take().capacity(), shelf.take().capacity(), shelf.take().capacity()], [400, 600, 0]);
        shelf.put(vec![0; 1000]); // all of it is free again
        assert_eq!(shelf.take().capacity(), 1000);
    }
}
