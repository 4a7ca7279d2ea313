//! Masking keys and nonces: unpredictable bytes from the kernel, fetched a thousand keys at a time, so that no
//! frame costs a system call.

use crate::protocol::MaskSource;

const STOCK: usize = 4096;

/// A stock of random bytes.
pub struct Keys {
    stock: Box<[u8; STOCK]>,
    used: usize,
}

impl Default for Keys {
    /// An empty stock, filled when it is first needed.
    fn default() -> Self {
        Self { stock: Box::new([0; STOCK]), used: STOCK }
    }
}

impl Keys {
    /// Random bytes that were never given out before.
    #[inline]
    pub fn take<const N: usize>(&mut self) -> [u8; N] {
        if self.used + N > STOCK {
            // The kernel's generator does not fail once it has started; a key that can be guessed would be
            // worse than the HWS_ERR_PANIC that comes of this.
            getrandom::fill(&mut *self.stock).expect("the kernel gives random bytes");
            self.used = 0;
        }
        let mut bytes = [0; N];
        let taken = &mut self.stock[self.used..self.used + N];
        bytes.copy_from_slice(taken);
        taken.fill(0);
        self.used += N;
        bytes
    }
}

impl MaskSource for Keys {
    #[inline]
    fn key(&mut self) -> [u8; 4] {
        self.take()
    }
}
