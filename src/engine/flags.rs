//! What is on about a connection, in one word: most of it is asked about on the way of each message.

use bitflags::bitflags;

use super::wire::After;

bitflags! {
    /// What is on about a connection.
    #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
    pub struct Flags: u32 {
        /// The kernel has, or may have, something to read.
        const READABLE = 1 << 0;
        /// The peer has ended its direction: read until the end shows.
        const READ_CLOSED = 1 << 1;
        /// In the queue of connections to be served.
        const QUEUED = 1 << 2;
        /// In the list of connections to be flushed.
        const DIRTY = 1 << 3;
        /// The host wants nothing from it for now.
        const PAUSED = 1 << 4;
        /// There is no room for what comes of it: it is not read until the host has taken some of what waits.
        const CLOGGED = 1 << 5;
        /// The host knows it by its handle: a client's always, a server's once it is open.
        const KNOWN = 1 << 6;
        /// Its OPEN event was delivered: CLOSE will be its last.
        const OPENED = 1 << 7;
        /// The host has granted its request, and has not had the OPEN event yet.
        const GRANTED = 1 << 8;
        /// The host was asked about its request.
        const ASKED = 1 << 9;
        /// It is of a pool, and nobody has leased it: the pool hears what it says.
        const POOLED = 1 << 10;
        /// Its turn begins with something that the others' do not: it is [`Flags::GRANTED`] or [`Flags::POOLED`].
        const APART = 1 << 11;
        /// Nobody need hear of its end.
        const SILENT = 1 << 12;
        /// The writing direction is closed.
        const HALF_CLOSED = 1 << 13;
        /// The host brought its socket, and may hold it under another number still: closing ours does not end its events.
        const ADOPTED = 1 << 14;
        /// Its listener has let it in, rather than telling it why not.
        const ADMITTED = 1 << 15;
        /// Its listener waits for it to open.
        const OPENING = 1 << 16;
        /// Its host wants no event if it fails to open.
        const MUTED = 1 << 17;
        /// The terminal event was delivered; freed when the batch ends.
        const DONE = 1 << 18;
        /// [`Reprieve::Waits`]
        const REPRIEVE_WAITS = 1 << 19;
        /// [`Reprieve::Heard`]
        const REPRIEVE_HEARD = 1 << 20;
        /// One message came with its last turn, and nothing has been sent for it.
        const ALONE = 1 << 21;
    }
}

/// A deadline that has passed waits until what had arrived was read, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reprieve {
    /// None waits.
    Over,
    /// One does, and nothing has been read since.
    Waits,
    /// One did.
    Heard,
}

impl Flags {
    /// What stands between a socket that is readable and the usual way of what comes from it.
    const IN_THE_WAY: Self = Self::READ_CLOSED
        .union(Self::PAUSED)
        .union(Self::CLOGGED)
        .union(Self::APART)
        .union(Self::HALF_CLOSED)
        .union(Self::DONE)
        .union(Self::REPRIEVE_WAITS)
        .union(Self::REPRIEVE_HEARD);

    /// There is something to read, and nothing in its way.
    #[inline(always)]
    pub fn only_readable(self) -> bool {
        self.intersection(Self::READABLE.union(Self::IN_THE_WAY)) == Self::READABLE
    }

    /// There is something to read, and the host wants it.
    #[inline(always)]
    pub fn wants_read(self) -> bool {
        self.intersection(Self::READABLE.union(Self::PAUSED)) == Self::READABLE
    }

    /// Raises a flag; true if it was not up.
    #[inline(always)]
    pub fn raise(&mut self, flag: Self) -> bool {
        let was_up = self.contains(flag);
        self.insert(flag);
        !was_up
    }

    /// Lowers a flag; true if it was up.
    pub fn lower(&mut self, flag: Self) -> bool {
        let was_up = self.contains(flag);
        self.remove(flag);
        was_up
    }

    /// How it stands with a deadline that has passed.
    pub fn reprieve(self) -> Reprieve {
        match self.intersection(Self::REPRIEVE_WAITS.union(Self::REPRIEVE_HEARD)) {
            Self::REPRIEVE_WAITS => Reprieve::Waits,
            Self::REPRIEVE_HEARD => Reprieve::Heard,
            _ => Reprieve::Over,
        }
    }

    /// Changes that.
    pub fn set_reprieve(&mut self, reprieve: Reprieve) {
        self.set(Self::REPRIEVE_WAITS, reprieve == Reprieve::Waits);
        self.set(Self::REPRIEVE_HEARD, reprieve == Reprieve::Heard);
    }

    /// What a read says about the next one.
    #[inline]
    pub fn have_read(&mut self, after: &After) {
        if self.reprieve() == Reprieve::Waits {
            self.set_reprieve(Reprieve::Heard);
        }
        let readable = match after {
            After::More => true,
            After::Enough => self.contains(Self::READ_CLOSED),
            After::Nothing | After::End | After::Broken(_) => false,
        };
        self.set(Self::READABLE, readable);
        // One that has ended says so. What was said to have ended was another socket: one that has lost the race.
        if matches!(after, After::Nothing) {
            self.remove(Self::READ_CLOSED);
        }
    }

    /// What a connection that was lost takes with it to its next transport.
    pub fn without_transport(self) -> Self {
        let kept = Self::KNOWN | Self::POOLED | Self::APART | Self::OPENED | Self::PAUSED | Self::QUEUED | Self::DIRTY;
        // Who is paused does not see the answer to its request.
        let dropped = if self.contains(Self::OPENED) { Self::PAUSED } else { Self::empty() };
        self.intersection(kept.difference(dropped))
    }
}
