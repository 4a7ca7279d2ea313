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
    waiting: VecDeque<Job>,
    running: Vec<Job>,
    /// The number of the lookup that began last.
    begun: u64,
    answers: Vec<Lookup>,
    threads: usize,
    closed: bool,
}

/// One lookup, for everybody who asks the same while it is not done.
struct Job {
    host: String,
    port: u16,
    /// Nobody, once all of them have been forgotten.
    askers: Vec<u64>,
    /// Which lookup it is, once it has begun: of a name that somebody gave up there may be two.
    number: u64,
}

impl Resolver {
    /// A resolver that calls `notify` on one of its threads when answers wait.
    pub fn new(notify: impl Fn() + Send + Sync + 'static) -> Self {
        Self { shared: Arc::new(Shared { state: Mutex::default(), notify: Box::new(notify) }) }
    }

    /// Asks for the addresses of `host`; `id` may be anything that is not waiting for an answer already.
    pub fn ask(&self, id: u64, host: &str, port: u16) -> Result<()> {
        let mut jobs = self.shared.jobs();
        if jobs.join(id, host, port) {
            return Ok(());
        }
        jobs.waiting.push_back(Job { host: host.to_owned(), port, askers: vec![id], number: 0 });
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

    /// Whoever asked as `id` no longer waits: no answer will come, and a lookup that has not begun never will.
    pub fn forget(&self, id: u64) {
        let mut jobs = self.shared.jobs();
        let Jobs { waiting, running, answers, .. } = &mut *jobs;
        for job in waiting.iter_mut().chain(running) {
            job.askers.retain(|asker| *asker != id);
        }
        waiting.retain(|job| !job.askers.is_empty());
        answers.retain(|answer| answer.id != id);
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
            let next = self.jobs().begin();
            let Some((number, host, port)) = next else { return };
            let addresses = look_up(&host, port);
            if self.jobs().finish(number, &addresses) {
                (self.notify)();
            }
        }
    }
}

impl Jobs {
    /// Lets `id` share a lookup of the same name. One that has begun is shared only while somebody still believes in it:
    /// if all have given up, the network may be another one by now.
    fn join(&mut self, id: u64, host: &str, port: u16) -> bool {
        let jobs = self.waiting.iter_mut().chain(&mut self.running);
        match jobs.filter(|job| !job.askers.is_empty()).find(|job| job.host == host && job.port == port) {
            Some(job) => {
                job.askers.push(id);
                true
            }
            None => false,
        }
    }

    /// The next lookup for a thread; if there is none the thread ends.
    fn begin(&mut self) -> Option<(u64, String, u16)> {
        let Some(mut job) = self.waiting.pop_front() else {
            self.threads -= 1;
            return None;
        };
        self.begun += 1;
        job.number = self.begun;
        let what = (job.number, job.host.clone(), job.port);
        self.running.push(job);
        Some(what)
    }

    /// Answers everybody who waits for this lookup; true if there is somebody.
    fn finish(&mut self, number: u64, addresses: &Result<Vec<SocketAddr>>) -> bool {
        let Some(at) = self.running.iter().position(|job| job.number == number) else { return false };
        let askers = self.running.swap_remove(at).askers;
        if self.closed || askers.is_empty() {
            return false;
        }
        self.answers.extend(askers.into_iter().map(|id| Lookup { id, addresses: addresses.clone() }));
        true
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What a thread does, without one.
    fn waiting(jobs: &mut Jobs, id: u64, host: &str) {
        if !jobs.join(id, host, 80) {
            jobs.waiting.push_back(Job { host: host.into(), port: 80, askers: vec![id], number: 0 });
        }
    }

    fn answered(jobs: &mut Jobs) -> Vec<u64> {
        jobs.answers.drain(..).map(|answer| answer.id).collect()
    }

    fn resolver(jobs: Jobs) -> Resolver {
        Resolver { shared: Arc::new(Shared { state: Mutex::new(jobs), notify: Box::new(|| {}) }) }
    }

    #[test]
    fn those_who_ask_the_same_share_a_lookup() {
        let mut jobs = Jobs { threads: 1, ..Jobs::default() };
        waiting(&mut jobs, 1, "a");
        waiting(&mut jobs, 2, "a");
        let (number, host, port) = jobs.begin().unwrap();
        assert_eq!((host.as_str(), port), ("a", 80));
        waiting(&mut jobs, 3, "a");
        waiting(&mut jobs, 4, "b");
        assert!(jobs.finish(number, &Ok(vec![])));
        assert_eq!(answered(&mut jobs), [1, 2, 3]);
        assert_eq!(jobs.waiting.len(), 1);
    }

    #[test]
    fn a_lookup_that_everybody_gave_up_is_not_shared_and_answers_nobody() {
        let mut jobs = Jobs { threads: 2, ..Jobs::default() };
        waiting(&mut jobs, 1, "a");
        let (hangs, ..) = jobs.begin().unwrap();
        let resolver = resolver(jobs);
        resolver.forget(1);
        let mut jobs = resolver.shared.jobs();
        waiting(&mut jobs, 2, "a");
        let (fresh, ..) = jobs.begin().unwrap();
        assert!(jobs.finish(fresh, &Ok(vec![])));
        assert_eq!(answered(&mut jobs), [2]);
        assert!(!jobs.finish(hangs, &Ok(vec![])));
        assert!(jobs.running.is_empty());
    }

    #[test]
    fn a_thousand_tries_while_every_thread_hangs_leave_nothing_behind() {
        let resolver = resolver(Jobs { threads: THREADS_MAX, ..Jobs::default() });
        for id in 0..1000 {
            resolver.ask(id, &format!("host-{id}.invalid"), 80).unwrap();
        }
        assert_eq!(resolver.shared.jobs().waiting.len(), 1000);
        (0..1000).for_each(|id| resolver.forget(id));
        let jobs = resolver.shared.jobs();
        assert!(jobs.waiting.is_empty() && jobs.threads == THREADS_MAX);
    }

    #[test]
    fn an_answer_that_nobody_fetched_is_forgotten_too() {
        let answers = [7, 8].map(|id| Lookup { id, addresses: Ok(vec![]) }).into();
        let resolver = resolver(Jobs { answers, ..Jobs::default() });
        resolver.forget(7);
        assert_eq!(resolver.answers().iter().map(|a| a.id).collect::<Vec<_>>(), [8]);
    }

    #[test]
    fn threads_end_with_the_work() {
        let (tell, told) = std::sync::mpsc::channel();
        let tell = Mutex::new(tell);
        let resolver = Resolver::new(move || tell.lock().unwrap().send(()).unwrap());
        resolver.ask(1, "127.0.0.1", 80).unwrap();
        told.recv().unwrap();
        let answers = resolver.answers();
        assert_eq!(answers[0].addresses, Ok(vec!["127.0.0.1:80".parse().unwrap()]));
        while resolver.shared.jobs().threads > 0 {
            thread::yield_now();
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn an_address_with_a_zone_is_looked_up() {
        let found = look_up("fe80::1%lo", 80).unwrap();
        assert!(matches!(found[..], [SocketAddr::V6(v6)] if v6.scope_id() != 0), "{found:?}");
    }

    #[test]
    fn what_cannot_be_a_name_is_an_address_error() {
        for name in ["a\0b", ""] {
            assert_eq!(look_up(name, 80).unwrap_err().status, Status::ADDRESS, "{name:?}");
        }
    }
}
