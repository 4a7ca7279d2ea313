//! The way to a peer with several addresses: "happy eyeballs", RFC 8305. An address that does not answer costs a
//! quarter of a second instead of the whole deadline.

use std::collections::{HashSet, VecDeque};
use std::io;
use std::net::SocketAddr;

use super::address::Address;
use super::failures::Failures;
use super::options::SocketOptions;
use super::stream::Stream;
use crate::error::{Error, Operation, Status};

/// Microseconds that an attempt has for itself before the next begins (RFC 8305 §5).
pub const ATTEMPT_DELAY: u64 = 250_000;
/// Attempts at a time.
const ATTEMPTS_MAX: usize = 8;
/// With so many at a time, one that has been silent for so long gives way: a lost SYN has had its second chance, and
/// behind eight addresses that swallow everything there may be one that does not.
const PATIENCE: u64 = ATTEMPT_DELAY * ATTEMPTS_MAX as u64;
/// A Unix listener without room says so at once, where TCP would knock again by itself.
const KNOCK_AGAIN: u64 = 10_000;
/// Attempts that one call may begin: each may fail at once, and others want to be served too.
const TURN: usize = 16;

/// The attempts to reach one peer. Dropping it gives all of them up.
#[derive(Debug)]
pub struct Race {
    waiting: VecDeque<Address>,
    running: VecDeque<Attempt>,
    failures: Failures,
    /// Why there is nothing to try.
    hopeless: Option<Error>,
    /// When the next attempt begins.
    next_at: u64,
    options: SocketOptions,
}

#[derive(Debug)]
struct Attempt {
    stream: Stream,
    address: Address,
    begun: u64,
}

/// How a race stands.
#[derive(Debug)]
pub enum Progress {
    /// Attempts are under way. Go on when one of their sockets is ready, and not later than this.
    Waiting {
        /// In microseconds; `u64::MAX` if only a socket can bring news.
        until: u64,
    },
    /// Connected. The other attempts are given up.
    Won(Stream, Address),
    /// Nothing is left to try.
    Lost(Error),
}

impl Race {
    /// To a name, by the addresses that the resolver found.
    pub fn new(addresses: Vec<SocketAddr>, options: SocketOptions) -> Race {
        Self::among(in_turn(addresses).into_iter().map(Address::Ip).collect(), options)
    }

    /// To the one address there is.
    pub fn single(address: Address, options: SocketOptions) -> Race {
        Self::among([address].into(), options)
    }

    /// A socket that is bound to an address of one family reaches no address of the other.
    fn among(mut waiting: VecDeque<Address>, options: SocketOptions) -> Race {
        let mut hopeless = None;
        if let Some(local) = options.local {
            let sample = waiting.front().map(Address::to_string);
            waiting.retain(|address| !matches!(address, Address::Ip(ip) if ip.is_ipv4() != local.is_ipv4()));
            if let (Some(sample), true) = (sample, waiting.is_empty()) {
                hopeless = Some(wrong_family(local, &sample));
            }
        }
        Race { waiting, running: VecDeque::new(), failures: Failures::default(), hopeless, next_at: 0, options }
    }

    /// Goes on at `now`, in microseconds: looks at what runs, begins what is due. Each new socket is handed to `register`
    /// once; the caller goes on whenever one of them is ready.
    pub fn advance(&mut self, now: u64, register: &mut dyn FnMut(&mut Stream) -> io::Result<()>) -> Progress {
        let mut won = self.look(now);
        for _ in 0..TURN {
            if won.is_some() || self.due().is_none_or(|due| due > now) {
                break;
            }
            won = self.begin(now, register);
        }
        match (won, self.due()) {
            (Some(Attempt { stream, address, .. }), _) => {
                self.running.clear();
                self.waiting.clear();
                Progress::Won(stream, address)
            }
            (None, None) if self.running.is_empty() => Progress::Lost(self.sum_up()),
            (None, due) => Progress::Waiting { until: due.unwrap_or(u64::MAX) },
        }
    }

    /// The addresses from which an answer is awaited, the oldest attempt first.
    pub fn running(&self) -> impl Iterator<Item = &Address> {
        let knocking = if self.running.is_empty() { self.waiting.front() } else { None };
        self.running.iter().map(|attempt| &attempt.address).chain(knocking)
    }

    /// Looks at every attempt; the first that is connected wins, those that failed make room for others at once.
    fn look(&mut self, now: u64) -> Option<Attempt> {
        let mut at = 0;
        while let Some(attempt) = self.running.get(at) {
            match attempt.stream.connected() {
                None => at += 1,
                Some(Ok(())) => return self.running.remove(at),
                Some(Err(error)) => {
                    if let Some(Attempt { address, .. }) = self.running.remove(at) {
                        self.failed(&address, &error);
                    }
                    self.next_at = now;
                }
            }
        }
        None
    }

    /// When the next attempt may begin; `None` if there is none.
    fn due(&self) -> Option<u64> {
        self.waiting.front()?;
        match self.running.front() {
            Some(oldest) if self.running.len() == ATTEMPTS_MAX => Some(self.next_at.max(oldest.begun + PATIENCE)),
            _ => Some(self.next_at),
        }
    }

    /// Begins the next attempt, and returns it if it is connected already.
    fn begin(&mut self, now: u64, register: &mut dyn FnMut(&mut Stream) -> io::Result<()>) -> Option<Attempt> {
        let address = self.waiting.pop_front()?;
        if self.running.len() == ATTEMPTS_MAX {
            self.give_way();
        }
        let begun = Stream::connect(&address, &self.options).and_then(|mut stream| {
            register(&mut stream)?;
            let connected = stream.connected().transpose()?.is_some();
            Ok((stream, connected))
        });
        match begun {
            Ok((stream, connected)) => {
                let attempt = Attempt { stream, address, begun: now };
                if connected {
                    return Some(attempt);
                }
                self.running.push_back(attempt);
                self.next_at = now.saturating_add(ATTEMPT_DELAY);
            }
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => {
                self.waiting.push_front(address);
                self.next_at = now.saturating_add(KNOCK_AGAIN);
            }
            Err(error) => self.failed(&address, &error),
        }
        None
    }

    /// The oldest attempt makes room.
    fn give_way(&mut self) {
        if let Some(Attempt { address, .. }) = self.running.pop_front() {
            let silence = io::Error::new(io::ErrorKind::TimedOut, format!("no answer in {} ms", PATIENCE / 1000));
            self.failed(&address, &silence);
        }
    }

    fn failed(&mut self, address: &Address, error: &io::Error) {
        self.failures.add(address, super::failure(error, Operation::Connect, address));
    }

    fn sum_up(&mut self) -> Error {
        self.hopeless.take().unwrap_or_else(|| self.failures.sum_up())
    }
}

fn wrong_family(local: SocketAddr, peer: &str) -> Error {
    let detail = format!("no address of the peer can be reached from {local}: another family");
    Error::new(Status::INVALID_ARGUMENT, detail).with(|e| {
        e.operation = Operation::Connect;
        e.peer = peer.to_owned();
    })
}

/// The families take turns, IPv6 first; within a family the resolver's order, which is RFC 6724's, stays (RFC 8305 §4).
fn in_turn(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let mut seen = HashSet::new();
    let (v6, v4): (Vec<_>, Vec<_>) = addresses.into_iter().filter(|a| seen.insert(*a)).partition(SocketAddr::is_ipv6);
    let mut order = Vec::with_capacity(seen.len());
    let (mut v6, mut v4) = (v6.into_iter(), v4.into_iter());
    loop {
        let pair = [v6.next(), v4.next()];
        if pair == [None, None] {
            return order;
        }
        order.extend(pair.into_iter().flatten());
    }
}

#[cfg(test)]
#[path = "race_tests.rs"]
mod tests;
