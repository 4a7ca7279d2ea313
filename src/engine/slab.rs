//! Slots that are used again and again, each life with its own generation, so that a handle to an earlier one
//! is known for what it is.

use std::collections::VecDeque;

use super::handle::{GENERATION_MAX, SLOTS_MAX};

#[derive(Debug)]
struct Slot<T> {
    generation: u32,
    value: Option<T>,
}

/// Values in slots.
#[derive(Debug)]
pub struct Slab<T> {
    slots: Vec<Slot<T>>,
    /// First freed, first used: a slot rests as long as it can.
    free: VecDeque<u32>,
    len: usize,
    /// Generation of a slot's first life.
    first: u32,
    /// The highest generation given out.
    highest: u32,
}

impl<T> Slab<T> {
    /// A slab whose handles all have a generation above `after`.
    pub fn new(after: u32) -> Self {
        Self { slots: Vec::new(), free: VecDeque::new(), len: 0, first: after + 1, highest: after }
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// There are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The highest generation given out so far.
    pub fn highest(&self) -> u32 {
        self.highest
    }

    /// Puts a value in; its slot and generation, or `None` when every slot is taken.
    pub fn insert(&mut self, value: T) -> Option<(u32, u32)> {
        let slot = match self.free.pop_front() {
            Some(slot) => slot,
            None if self.slots.len() < SLOTS_MAX && self.first <= GENERATION_MAX => {
                self.make_room();
                self.slots.push(Slot { generation: self.first, value: None });
                self.slots.len() as u32 - 1
            }
            None => return None,
        };
        let entry = &mut self.slots[slot as usize];
        entry.value = Some(value);
        self.len += 1;
        self.highest = self.highest.max(entry.generation);
        Some((slot, entry.generation))
    }

    /// Room for one more slot. From few at once to so many that their memory comes from the system and grows where it
    /// lies: each size between would leave a hole in the heap, and its copy would keep everybody waiting.
    fn make_room(&mut self) {
        const FEW: usize = 64;
        const MANY: usize = 4096;
        let len = self.slots.len();
        if len == self.slots.capacity() && len >= FEW {
            self.slots.reserve(len.max(MANY));
        }
    }

    /// The value in a slot, whichever life it is.
    #[inline]
    pub fn at(&mut self, slot: u32) -> Option<&mut T> {
        self.slots.get_mut(slot as usize)?.value.as_mut()
    }

    /// The value, if the slot still lives the life of this generation.
    #[inline]
    pub fn get(&mut self, slot: u32, generation: u32) -> Option<&mut T> {
        let entry = self.slots.get_mut(slot as usize)?;
        if entry.generation == generation { entry.value.as_mut() } else { None }
    }

    /// Takes a value out; its handles are stale from here on.
    pub fn remove(&mut self, slot: u32) -> Option<T> {
        let entry = self.slots.get_mut(slot as usize)?;
        let value = entry.value.take()?;
        self.len -= 1;
        if entry.generation < GENERATION_MAX {
            entry.generation += 1;
            self.free.push_back(slot);
        }
        Some(value)
    }

    /// A value lived in this slot with this generation, and lives there no more.
    pub fn has_lived(&self, slot: u32, generation: u32) -> bool {
        let Some(entry) = self.slots.get(slot as usize) else { return false };
        let retired = entry.value.is_none() && generation == GENERATION_MAX;
        (self.first..entry.generation).contains(&generation) || (retired && entry.generation == generation)
    }

    /// Gives a value a new generation: its handles are stale from here on, and it stays. `None` if there is none left.
    pub fn renew(&mut self, slot: u32) -> Option<u32> {
        let entry = self.slots.get_mut(slot as usize).filter(|entry| entry.value.is_some())?;
        if entry.generation == GENERATION_MAX {
            return None;
        }
        entry.generation += 1;
        self.highest = self.highest.max(entry.generation);
        Some(entry.generation)
    }

    /// Every value with its slot.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        self.slots.iter().enumerate().filter_map(|(i, s)| s.value.as_ref().map(|v| (i as u32, v)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_to_an_earlier_life_finds_nothing() {
        let mut slab = Slab::new(41);
        let (slot, generation) = slab.insert("a").unwrap();
        assert_eq!(generation, 42);
        assert_eq!(slab.remove(slot), Some("a"));
        let again = slab.insert("b").unwrap();
        assert_eq!(again, (slot, generation + 1));
        assert!(slab.get(slot, generation).is_none());
        assert_eq!(slab.get(again.0, again.1), Some(&mut "b"));
    }

    #[test]
    fn a_value_may_outlive_its_handle() {
        let mut slab = Slab::new(GENERATION_MAX - 2);
        let (slot, generation) = slab.insert("a").unwrap();
        assert_eq!(slab.renew(slot), Some(generation + 1));
        assert!(slab.get(slot, generation).is_none());
        assert_eq!(slab.get(slot, generation + 1), Some(&mut "a"));
        assert_eq!((slab.highest(), slab.renew(slot), slab.renew(slot + 1)), (GENERATION_MAX, None, None));
    }

    #[test]
    fn what_has_lived_is_no_forgery() {
        let mut slab = Slab::new(41);
        let (slot, generation) = slab.insert("a").unwrap();
        assert!(!slab.has_lived(slot, generation) && !slab.has_lived(slot, 41));
        slab.remove(slot);
        assert!(slab.has_lived(slot, generation) && !slab.has_lived(slot, generation + 1));
        assert!(!slab.has_lived(slot, 41) && !slab.has_lived(slot + 1, generation));
        let mut slab = Slab::new(GENERATION_MAX - 1);
        let (slot, generation) = slab.insert("b").unwrap();
        assert!(!slab.has_lived(slot, generation));
        slab.remove(slot);
        assert!(slab.has_lived(slot, generation));
    }

    #[test]
    fn a_slot_is_retired_when_its_generations_are_used_up() {
        let mut slab = Slab::new(GENERATION_MAX - 1);
        let (slot, _) = slab.insert(1).unwrap();
        slab.remove(slot);
        assert_ne!(slab.insert(2).unwrap().0, slot);
        assert_eq!(slab.highest(), GENERATION_MAX);
    }
}
