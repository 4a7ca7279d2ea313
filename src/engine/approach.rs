//! The way from a connected socket to a WebSocket: what is said to proxies, and TLS, one step after the other.

use std::collections::VecDeque;
use std::sync::Arc;

use super::listener::Reception;
use super::plan::Plan;
use super::wire::{After, Read, Wire};
use crate::error::{Error, Operation, Result, Status};
use crate::net::Stream;
use crate::proxy::{Progress, Proxy, Tunnel};
use crate::session::{Settings, Terms, Time};
use crate::tls::Tls;

/// A connected socket that is no WebSocket's yet.
pub struct Approach {
    pub wire: Wire,
    pub settings: Arc<Settings>,
    /// The open deadline.
    pub open_by: Time,
    /// Whose WebSocket it becomes.
    pub side: Side,
    /// What the proxy on the way calls itself, without credentials; empty if there is none.
    pub proxy: String,
    /// Bytes that came so far.
    pub received: usize,
    /// Bytes that left so far, without those that TLS has counted.
    pub sent: u64,
    steps: VecDeque<Step>,
    /// Bytes that wait to leave.
    out: Vec<u8>,
}

/// Whose WebSocket it becomes.
pub enum Side {
    /// A client's; the connection has a plan.
    Client,
    /// A server's; with an error it will be told that there is no room.
    Server(Arc<Terms>, Option<Error>),
}

/// One step of the way.
pub enum Step {
    /// A proxy is asked to connect us.
    Tunnel(Box<Tunnel>),
    /// TLS; with the proxy itself, or with the peer.
    Encrypt { tls: Box<Tls>, with_proxy: bool },
    /// TLS has begun.
    Handshake { with_proxy: bool },
}

/// How far it has come.
pub enum Advance {
    /// The kernel will say when it can go on, unless there may be more to read already.
    Waiting(After),
    /// Nothing stands between us and the WebSocket; so much of the block is its first bytes already.
    Arrived(usize),
}

impl Approach {
    /// A client's, at the beginning of its way.
    pub fn of_client(stream: Stream, plan: &Plan, proxy: Option<(&Proxy, Tunnel)>) -> Result<Self> {
        let name = proxy.as_ref().map(|(proxy, _)| proxy.to_string()).unwrap_or_default();
        let approach = Self::new(stream, plan.steps(proxy)?, Arc::clone(&plan.settings), plan.open_by, Side::Client);
        Ok(Self { proxy: name, ..approach })
    }

    /// A server's, for a socket that has come in.
    pub fn of_server(stream: Stream, reception: Reception, now: Time, turned_away: Option<Error>) -> Result<Self> {
        let Reception { terms, tls, .. } = reception;
        let mut steps = VecDeque::new();
        if let Some(context) = tls {
            steps.push_back(Step::Encrypt { tls: Box::new(context.accept()?), with_proxy: false });
        }
        let settings = Arc::clone(&terms.settings);
        let open_by = now.saturating_add(settings.timers.open);
        Ok(Self::new(stream, steps, settings, open_by, Side::Server(terms, turned_away)))
    }

    fn new(stream: Stream, steps: VecDeque<Step>, settings: Arc<Settings>, open_by: Time, side: Side) -> Self {
        let wire = Wire::new(stream);
        Self { wire, settings, open_by, side, proxy: String::new(), received: 0, sent: 0, steps, out: Vec::new() }
    }

    /// Room that a turn needs beside what it reads.
    pub const SLACK: usize = Tls::SLACK;

    /// Nothing stands between us and the WebSocket.
    pub fn has_arrived(&self) -> bool {
        self.steps.is_empty()
    }

    /// Goes on as far as it can without waiting, reading once at the most, and only if `readable`.
    pub fn advance(&mut self, block: &mut [u8], readable: bool) -> Result<Advance> {
        let spoken = self.speak(0);
        if self.steps.is_empty() {
            return Ok(Advance::Arrived(0));
        }
        if !readable {
            return spoken.map(|()| Advance::Waiting(After::Nothing));
        }
        let Read { came, len, after } = self.wire.read(block, usize::MAX);
        self.received += came;
        if came > 0 && !matches!(after, After::Broken(_)) {
            let left = self.hear(block, len)?;
            self.speak(left)?;
            if self.steps.is_empty() {
                return Ok(Advance::Arrived(left));
            }
        }
        // What the peer says last tells more than that nothing can be said to it any more.
        match (after, spoken) {
            (After::Broken(error), _) => Err(self.blame(error)),
            (After::More, _) => Ok(Advance::Waiting(After::More)),
            (_, Err(error)) => Err(error),
            (After::End, Ok(())) => Err(self.eof()),
            (after, Ok(())) => Ok(Advance::Waiting(after)),
        }
    }

    /// Begins the steps that are due and writes what there is to say. `unread` bytes came behind the last step.
    fn speak(&mut self, unread: usize) -> Result<()> {
        loop {
            match self.steps.front_mut() {
                Some(Step::Tunnel(_) | Step::Encrypt { .. }) if unread > 0 => return Err(self.spoke_too_soon(unread)),
                Some(Step::Tunnel(tunnel)) => self.out.append(&mut tunnel.take_output()),
                Some(Step::Encrypt { with_proxy, .. }) => {
                    let with_proxy = *with_proxy;
                    let begun = self.steps.pop_front();
                    self.steps.push_front(Step::Handshake { with_proxy });
                    if let Some(Step::Encrypt { tls, .. }) = begun {
                        self.wire.encrypt(*tls, self.sent);
                    }
                }
                _ => {}
            }
            self.sent += self.wire.send(&mut self.out).map_err(|error| self.blame(error))?;
            match self.steps.front() {
                Some(Step::Handshake { .. }) if !self.wire.is_handshaking() => drop(self.steps.pop_front()),
                _ => return Ok(()),
            }
        }
    }

    /// Hands what came to the present step; what it leaves is at the front of the block then.
    fn hear(&mut self, block: &mut [u8], len: usize) -> Result<usize> {
        match self.steps.front_mut() {
            Some(Step::Tunnel(tunnel)) => match tunnel.receive(&block[..len]) {
                Ok(Progress::NeedMore) => Ok(0),
                Ok(Progress::Done { consumed }) => {
                    self.steps.pop_front();
                    block.copy_within(consumed..len, 0);
                    Ok(len - consumed)
                }
                Err(error) => Err(self.blame(error)),
            },
            _ => Ok(len), // TLS has heard it before us; what is left is for what comes after TLS
        }
    }

    /// Whatever comes next, it is ours to begin.
    fn spoke_too_soon(&self, unread: usize) -> Error {
        let detail = "the proxy sent bytes before it was asked anything";
        let error = Error::new(Status::INVALID_PROXY_MESSAGE, detail).with(|e| e.size = Some(unread as u64));
        through_proxy(&self.proxy, error.during(Operation::Proxy))
    }

    /// The other side has ended the connection.
    fn eof(&mut self) -> Error {
        let error = match self.steps.front_mut() {
            Some(Step::Tunnel(tunnel)) => tunnel.eof(),
            _ => self.wire.eof(),
        };
        self.blame(error)
    }

    /// The open deadline passed.
    pub fn timed_out(&self) -> Error {
        let known = match self.steps.front() {
            Some(Step::Tunnel(tunnel)) => tunnel.timed_out(),
            _ => None,
        };
        self.blame(known.unwrap_or_else(|| {
            Error::new(Status::CONNECT_TIMEOUT, "").with(|e| e.timeout_ms = Some(self.settings.timers.open / 1000))
        }))
    }

    /// An error with what was being done, and with whom.
    fn blame(&self, error: Error) -> Error {
        let with_proxy = match self.steps.front() {
            Some(Step::Tunnel(_)) => true,
            Some(Step::Encrypt { with_proxy, .. } | Step::Handshake { with_proxy }) => *with_proxy,
            None => false,
        };
        let operation = match self.steps.front() {
            Some(Step::Tunnel(_)) => Operation::Proxy,
            _ => Operation::Tls,
        };
        let error = error.with(|e| e.operation = operation);
        if with_proxy { through_proxy(&self.proxy, error) } else { error.with(|e| e.proxy.clone_from(&self.proxy)) }
    }
}

/// A failure on the way to a proxy, or of the proxy itself: PROXY because of it, unless the code says so itself.
pub fn through_proxy(proxy: &str, error: Error) -> Error {
    let says_so = error.status.is_a(Status::PROXY) || error.status.is_a(Status::TIMEOUT);
    let operation = error.operation;
    let error = if says_so { error } else { Error::new(Status::PROXY, "").because(error).during(operation) };
    error.with(|e| proxy.clone_into(&mut e.proxy))
}
