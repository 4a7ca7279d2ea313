//! Names to addresses. getaddrinfo blocks, so it runs on threads of its own: made when there is work, gone
//! when there is none, never more than a few, so that a resolver that hangs holds neither the loop nor more
//! threads than that.

use std::collections::VecDeque;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::error::{Error, Operation, Result, Status};

/// Lookups at a time; further ones wait their turn, under their own deadlines.
const THREADS_MAX: usize = 4;

/// The answer to one lookup.
pub struct Lookup {
    /// The asker's word for it.
    pub id: u64,
    /// At least one address, in the resolver's order, or ADDRESS.
    pub addresses: Result<Vec<SocketAddr>>,
}

/// Looks names up.
pub struct Resolver {
    shared: Arc<Shared>,
}

/// Called, on any thread, when answers wait.
type Notify = Box<dyn Fn() + Send + Sync>;

struct Shared {
    state: Mutex<Jobs>,
    notify: Notify,
}

#[derive(Default)]
struct Jobs {
    waiting: VecDeque<(u64, String, u16)>,
    answers: Vec<Lookup>,
    threads: usize,
    closed: bool,
}

impl Resolver {
    /// A resolver that calls `notify` on one of its threads when answers wait.
    pub fn new(notify: impl Fn() + Send + Sync + 'static) -> Self {
        Self { shared: Arc::new(Shared { state: Mutex::default(), notify: Box::new(notify) }) }
    }

    /// Asks for the addresses of `host`.
    pub fn ask(&self, id: u64, host: &str, port: u16) -> Result<()> {
        let mut jobs = self.shared.jobs();
        jobs.waiting.push_back((id, host.to_owned(), port));
        if jobs.threads == THREADS_MAX {
            return Ok(());
        }
        let shared = Arc::clone(&self.shared);
        match thread::Builder::new().name("hawser-resolve".into()).spawn(move || shared.work()) {
            Ok(_) => jobs.threads += 1,
            Err(_) if jobs.threads > 0 => {}
            Err(e) => {
                jobs.waiting.pop_back();
                return Err(Error::io(&e, Operation::Resolve));
            }
        }
        Ok(())
    }

    /// What has been answered since the last time.
    pub fn answers(&self) -> Vec<Lookup> {
        std::mem::take(&mut self.shared.jobs().answers)
    }
}

impl Drop for Resolver {
    /// Nobody waits any more. A thread inside getaddrinfo cannot be stopped; it ends by itself afterwards.
    fn drop(&mut self) {
        let mut jobs = self.shared.jobs();
        jobs.closed = true;
        jobs.waiting.clear();
    }
}

impl Shared {
    fn jobs(&self) -> std::sync::MutexGuard<'_, Jobs> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The life of one thread: as long as there is work.
    fn work(&self) {
        loop {
            let mut jobs = self.jobs();
            let Some((id, host, port)) = jobs.waiting.pop_front() else {
                jobs.threads -= 1;
                return;
            };
            drop(jobs);
            let addresses = look_up(&host, port);
            let mut jobs = self.jobs();
            if !jobs.closed {
                jobs.answers.push(Lookup { id, addresses });
                drop(jobs);
                (self.notify)();
            }
        }
    }
}

fn look_up(host: &str, port: u16) -> Result<Vec<SocketAddr>> {
    let unknown = |detail: String, os_error: i32| {
        Error::new(Status::ADDRESS, detail).with(|e| {
            e.operation = Operation::Resolve;
            e.os_error = os_error;
        })
    };
    match (host, port).to_socket_addrs() {
        Ok(addresses) => {
            let addresses: Vec<_> = addresses.collect();
            if addresses.is_empty() { Err(unknown(format!("{host} has no address"), 0)) } else { Ok(addresses) }
        }
        Err(e) => Err(unknown(format!("{host}: {e}"), e.raw_os_error().unwrap_or(0))),
    }
}
