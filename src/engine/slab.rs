//! Slots that are used again and again, each life with its own generation, so that a handle to an earlier one
//! is known for what it is.

use std::collections::VecDeque;

use super::handle::{GENERATION_MAX, Handle, Kind, SLOTS_MAX};

/// What lives in a slot and knows its own handle, so that the slot need not.
pub trait Tenant {
    /// The handle, which the slab writes.
    fn id(&mut self) -> &mut u64;
}

/// A place for a value, no larger than that where the value has a pattern to spare.
#[derive(Debug)]
pub enum Slot<T> {
    /// Somebody lives here.
    Taken(T),
    /// Nobody does.
    Free {
        /// Of its next life.
        next: u32,
    },
}

impl<T> Slot<T> {
    #[inline(always)]
    fn value(&mut self) -> Option<&mut T> {
        match self {
            Self::Taken(value) => Some(value),
            Self::Free { .. } => None,
        }
    }
}

/// Values in slots.
#[derive(Debug)]
pub struct Slab<T> {
    /// What the handles say of all of them.
    kind: Kind,
    engine: u16,
    slots: Vec<Slot<T>>,
    /// First freed, first used: a slot rests as long as it can.
    free: VecDeque<u32>,
    len: usize,
    /// Generation of a slot's first life.
    first: u32,
    /// The highest generation given out.
    highest: u32,
}

impl<T: Tenant> Slab<T> {
    /// A slab of an engine, in which all handles are of this kind and have a generation above `after`.
    pub fn new(kind: Kind, engine: u16, after: u32) -> Self {
        Self { kind, engine, slots: Vec::new(), free: VecDeque::new(), len: 0, first: after + 1, highest: after }
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

    /// Puts a value in and gives it its handle; its slot and the handle, or `None` when every slot is taken.
    pub fn insert(&mut self, mut value: T) -> Option<(u32, u64)> {
        let slot = match self.free.pop_front() {
            Some(slot) => slot,
            None if self.slots.len() < SLOTS_MAX && self.first <= GENERATION_MAX => {
                self.make_room();
                self.slots.push(Slot::Free { next: self.first });
                self.slots.len() as u32 - 1
            }
            None => return None,
        };
        let place = self.slots.get_mut(slot as usize)?;
        let Slot::Free { next: generation } = *place else { return None };
        let id = Handle { kind: self.kind, engine: self.engine, slot, generation }.id();
        *value.id() = id;
        *place = Slot::Taken(value);
        self.len += 1;
        self.highest = self.highest.max(generation);
        Some((slot, id))
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
        self.slots.get_mut(slot as usize)?.value()
    }

    /// The value that has this handle, and its slot.
    #[inline]
    pub fn get(&mut self, id: u64) -> Option<(u32, &mut T)> {
        let slot = Handle::slot_of(id);
        let value = self.at(slot)?;
        if *value.id() == id { Some((slot, value)) } else { None }
    }

    /// Takes a value out; its handle is stale from here on.
    pub fn remove(&mut self, slot: u32) -> Option<T> {
        let next = generation(self.at(slot)?) + 1;
        let place = self.slots.get_mut(slot as usize)?;
        let Slot::Taken(value) = std::mem::replace(place, Slot::Free { next }) else { return None };
        self.len -= 1;
        if next <= GENERATION_MAX {
            self.free.push_back(slot);
        }
        Some(value)
    }

    /// A value had this handle, and has it no more.
    pub fn has_lived(&mut self, id: u64) -> bool {
        let Some(handle) = Handle::of(id, self.kind).filter(|handle| handle.engine == self.engine) else {
            return false;
        };
        let now = match self.slots.get_mut(handle.slot as usize) {
            Some(Slot::Taken(value)) => generation(value),
            Some(Slot::Free { next }) => *next,
            None => return false,
        };
        (self.first..now).contains(&handle.generation)
    }

    /// Gives a value a new handle: the one it had is stale from here on, and it stays. `None` if there is none left.
    pub fn renew(&mut self, slot: u32) -> Option<u64> {
        let (kind, engine) = (self.kind, self.engine);
        let value = self.at(slot)?;
        let generation = generation(value) + 1;
        if generation > GENERATION_MAX {
            return None;
        }
        let id = Handle { kind, engine, slot, generation }.id();
        *value.id() = id;
        self.highest = self.highest.max(generation);
        Some(id)
    }

    /// Every value with its slot.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        self.slots.iter().enumerate().filter_map(|(i, slot)| match slot {
            Slot::Taken(value) => Some((i as u32, value)),
            Slot::Free { .. } => None,
        })
    }
}

/// Which life of its slot a value lives.
fn generation(value: &mut impl Tenant) -> u32 {
    Handle::generation_of(*value.id())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Guest(&'static str, u64);

    impl Tenant for Guest {
        fn id(&mut self) -> &mut u64 {
            &mut self.1
        }
    }

    fn slab(after: u32) -> Slab<Guest> {
        Slab::new(Kind::Conn, 7, after)
    }

    fn who(found: Option<(u32, &mut Guest)>) -> Option<&'static str> {
        found.map(|(_, guest)| guest.0)
    }

    #[test]
    fn a_handle_to_an_earlier_life_finds_nothing() {
        let mut slab = slab(41);
        let (slot, id) = slab.insert(Guest("a", 0)).unwrap();
        assert_eq!(Handle::of(id, Kind::Conn), Some(Handle { kind: Kind::Conn, engine: 7, slot, generation: 42 }));
        assert_eq!(slab.remove(slot), Some(Guest("a", id)));
        assert_eq!(slab.insert(Guest("b", 0)), Some((slot, id + 1)));
        assert_eq!((who(slab.get(id)), who(slab.get(id + 1))), (None, Some("b")));
    }

    #[test]
    fn a_handle_of_another_kind_or_engine_finds_nothing() {
        let mut slab = slab(0);
        let (_, id) = slab.insert(Guest("a", 0)).unwrap();
        assert_eq!(who(slab.get(Handle::renamed(id, Kind::Request))), None);
        assert_eq!(who(slab.get(id ^ (1 << 48))), None);
        assert_eq!(who(slab.get(id)), Some("a"));
    }

    #[test]
    fn a_value_may_outlive_its_handle() {
        let mut slab = slab(GENERATION_MAX - 2);
        let (slot, id) = slab.insert(Guest("a", 0)).unwrap();
        assert_eq!(slab.renew(slot), Some(id + 1));
        assert_eq!((who(slab.get(id)), who(slab.get(id + 1))), (None, Some("a")));
        assert_eq!((slab.highest(), slab.renew(slot), slab.renew(slot + 1)), (GENERATION_MAX, None, None));
    }

    #[test]
    fn what_has_lived_is_no_forgery() {
        let mut slab = self::slab(41);
        let (slot, id) = slab.insert(Guest("a", 0)).unwrap();
        assert!(!slab.has_lived(id) && !slab.has_lived(id - 1));
        slab.remove(slot);
        assert!(slab.has_lived(id) && !slab.has_lived(id + 1) && !slab.has_lived(Handle::renamed(id, Kind::Pool)));
        let mut slab = self::slab(GENERATION_MAX - 1);
        let (slot, id) = slab.insert(Guest("b", 0)).unwrap();
        assert!(!slab.has_lived(id));
        slab.remove(slot);
        assert!(slab.has_lived(id));
    }

    #[test]
    fn a_slot_is_retired_when_its_generations_are_used_up() {
        let mut slab = slab(GENERATION_MAX - 1);
        let (slot, _) = slab.insert(Guest("a", 0)).unwrap();
        slab.remove(slot);
        assert_ne!(slab.insert(Guest("b", 0)).unwrap().0, slot);
        assert_eq!(slab.highest(), GENERATION_MAX);
    }
}
