//! A client on its way to a transport: resolve the name, try its addresses one after the other, all under the
//! one deadline that also covers the opening handshake.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;

use mio::net::TcpStream;

use crate::error::{Error, Operation, Status};
use crate::handshake::ClientRequest;
use crate::net;
use crate::session::{Settings, Time};

/// Everything a client needs until it has a transport.
pub struct Dial {
    pub request: ClientRequest,
    pub settings: Arc<Settings>,
    /// The open deadline.
    pub open_by: Time,
    /// Addresses not tried yet; `None` while the name is being looked up.
    pub addresses: Option<VecDeque<SocketAddr>>,
    /// The attempt that is on.
    pub attempt: Option<(TcpStream, SocketAddr)>,
    /// What the earlier attempts ran into.
    failures: Vec<Error>,
}

impl Dial {
    /// Nothing tried yet.
    pub fn new(request: ClientRequest, settings: Arc<Settings>, open_by: Time) -> Self {
        Self { request, settings, open_by, addresses: None, attempt: None, failures: Vec::new() }
    }

    /// Begins to connect to the next address; the error that sums up all attempts when there is none left.
    pub fn next_attempt(&mut self) -> Result<&mut TcpStream, Error> {
        self.attempt = None;
        while let Some(address) = self.addresses.as_mut().and_then(VecDeque::pop_front) {
            match net::connect(address) {
                Ok(stream) => return Ok(&mut self.attempt.insert((stream, address)).0),
                Err(error) => self.failed(&error, address),
            }
        }
        Err(self.sum_up())
    }

    /// The present attempt failed.
    pub fn attempt_failed(&mut self, error: &std::io::Error) {
        if let Some((_, address)) = self.attempt.take() {
            self.failed(error, address);
        }
    }

    fn failed(&mut self, error: &std::io::Error, address: SocketAddr) {
        let error = Error::io(error, Operation::Connect).with(|e| e.peer = address.to_string());
        self.failures.push(error);
    }

    /// One error for all attempts: their own if they agree, else CONNECT_FAILED because of the last.
    fn sum_up(&mut self) -> Error {
        let attempts = self.failures.len() as u32;
        let Some(last) = self.failures.pop() else {
            return Error::new(Status::ADDRESS, "the name has no address");
        };
        let agreed = self.failures.iter().all(|e| e.status == last.status);
        let error = if agreed { last } else { Error::new(Status::CONNECT_FAILED, "").because(last) };
        error.with(|e| {
            e.attempts = attempts;
            e.operation = Operation::Connect;
        })
    }

    /// The open deadline passed before there was a transport.
    pub fn timed_out(&self) -> Error {
        let (status, operation) = match self.addresses {
            None => (Status::RESOLVE_TIMEOUT, Operation::Resolve),
            Some(_) => (Status::CONNECT_TIMEOUT, Operation::Connect),
        };
        Error::new(status, "").with(|e| {
            e.operation = operation;
            e.timeout_ms = Some(self.settings.timers.open / 1000);
            e.peer = self.attempt.as_ref().map_or_else(String::new, |(_, address)| address.to_string());
        })
    }
}
