//! Handles: what a host holds instead of pointers. A number that names its kind, its engine, a slot and the
//! generation of what lives there; the top bit is clear, because some languages have only signed numbers.

/// kind (4 bits) | engine (12) | slot (20) | generation (28)
const KIND_SHIFT: u32 = 60;
const ENGINE_SHIFT: u32 = 48;
const SLOT_SHIFT: u32 = 28;

/// Engines in a process.
pub const ENGINES_MAX: usize = 1 << 12;
/// Connections, or listeners, of an engine.
pub const SLOTS_MAX: usize = 1 << 20;
/// Lives of a slot; then it is retired, so that no handle ever comes back.
pub const GENERATION_MAX: u32 = (1 << 28) - 1;

/// What a handle is a handle of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// An engine.
    Engine = 1,
    /// A listener.
    Listener = 2,
    /// A connection.
    Conn = 3,
    /// A connection whose request waits for a decision.
    Request = 4,
    /// A pool.
    Pool = 5,
    /// A kept error.
    Error = 7,
}

/// A handle, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handle {
    /// What it is a handle of.
    pub kind: Kind,
    /// The engine's slot in the process.
    pub engine: u16,
    /// The slot in the engine.
    pub slot: u32,
    /// Which life of the slot, from 1.
    pub generation: u32,
}

impl Handle {
    /// The number that hosts hold.
    pub fn id(self) -> u64 {
        ((self.kind as u64) << KIND_SHIFT)
            | (u64::from(self.engine) << ENGINE_SHIFT)
            | (u64::from(self.slot) << SLOT_SHIFT)
            | u64::from(self.generation)
    }

    /// The number of the same place as a handle of another kind.
    pub fn renamed(id: u64, kind: Kind) -> u64 {
        (id & !(u64::MAX << KIND_SHIFT)) | ((kind as u64) << KIND_SHIFT)
    }

    /// Takes a number apart, if it can be a handle of this kind.
    #[inline]
    pub fn of(id: u64, kind: Kind) -> Option<Handle> {
        let handle = Handle {
            kind,
            engine: (id >> ENGINE_SHIFT) as u16 & (ENGINES_MAX as u16 - 1),
            slot: Self::slot_of(id),
            generation: Self::generation_of(id),
        };
        (id >> KIND_SHIFT == kind as u64 && handle.generation != 0).then_some(handle)
    }

    /// The slot, if the number is a handle.
    #[inline(always)]
    pub fn slot_of(id: u64) -> u32 {
        (id >> SLOT_SHIFT) as u32 & (SLOTS_MAX as u32 - 1)
    }

    /// The generation, if the number is a handle.
    #[inline(always)]
    pub fn generation_of(id: u64) -> u32 {
        id as u32 & GENERATION_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back_with_the_top_bit_clear() {
        let handle = Handle { kind: Kind::Error, engine: 4095, slot: (1 << 20) - 1, generation: GENERATION_MAX };
        assert_eq!(Handle::of(handle.id(), Kind::Error), Some(handle));
        assert_eq!(handle.id() >> 63, 0);
        assert_eq!(Handle::of(handle.id(), Kind::Conn), None);
        assert_eq!(Handle::of(0, Kind::Engine), None);
    }
}
