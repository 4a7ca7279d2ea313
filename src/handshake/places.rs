//! How many may be in at a time, and who is.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::error::{Error, Result, Status};

/// So many places, and those that are taken.
#[derive(Debug, Clone)]
pub struct Places {
    taken: Arc<AtomicU32>,
    max: u32,
}

impl Places {
    /// None of them is taken.
    pub fn new(max: u32) -> Self {
        Self { taken: Arc::default(), max }
    }

    /// Takes one, or says that there is none.
    pub fn take(&self) -> Result<Place> {
        let free = |taken| (taken < self.max).then_some(taken + 1);
        match self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, free) {
            Ok(_) => Ok(Place(Arc::new(Taken(Arc::clone(&self.taken))))),
            Err(taken) => Err(full(taken, self.max)),
        }
    }
}

/// A place that is taken for as long as anybody holds this.
#[derive(Debug, Clone)]
pub struct Place(#[allow(dead_code)] Arc<Taken>); // it is there to be dropped

#[derive(Debug)]
struct Taken(Arc<AtomicU32>);

impl Drop for Taken {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cold]
fn full(taken: u32, max: u32) -> Error {
    Error::new(Status::TOO_MANY_CONNECTIONS, "this route has as many connections as it can take").with(|e| {
        e.http_status = 503;
        e.max_connections = max.into();
        e.in_use = taken.into();
    })
}
