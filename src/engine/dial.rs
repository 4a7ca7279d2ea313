//! A client on its way to a socket: names are looked up, addresses tried, all under the one deadline that also covers
//! the opening handshake.

use std::net::{IpAddr, SocketAddr};

use super::approach::through_proxy;
use super::plan::Plan;
use crate::error::{Error, Operation, Result, Status};
use crate::net::{Address, Race};
use crate::proxy::{Proxy, Target, Tunnel};
use crate::session::{NEVER, Time};

/// A client that has no socket yet.
pub struct Dial {
    pub proxy: Option<Proxy>,
    /// What the proxy will be asked for, once that is known.
    pub tunnel: Option<Tunnel>,
    /// The attempts to connect, once there are addresses.
    pub race: Option<Race>,
    /// When the race wants to go on.
    pub race_at: Time,
    /// The target's name is being looked up, for a proxy that takes addresses only.
    finds_target: bool,
}

/// A name to be looked up, and the port.
pub type Question = (String, u16);

impl Dial {
    /// Begins; what has to be looked up first, if anything has.
    pub fn new(plan: &Plan) -> Result<(Self, Option<Question>)> {
        let proxy = plan.proxy()?;
        let finds_target = proxy.as_ref().is_some_and(Proxy::resolves_locally);
        let mut dial = Self { proxy, tunnel: None, race: None, race_at: NEVER, finds_target };
        let question = dial.begin(plan)?;
        Ok((dial, question))
    }

    fn begin(&mut self, plan: &Plan) -> Result<Option<Question>> {
        let uri = &plan.request.uri;
        if let Some(address) = plan.detour() {
            self.race = Some(Race::single(address.clone(), plan.way.socket.clone()));
            return Ok(None);
        }
        match self.proxy.is_some() && !self.finds_target {
            true => self.ask_for(plan, target(uri.host_without_zone(), uri.port)),
            false => self.find(plan, uri.host.clone(), uri.port),
        }
    }

    /// Looks a name up, unless it is an address.
    fn find(&mut self, plan: &Plan, host: String, port: u16) -> Result<Option<Question>> {
        match host.parse::<IpAddr>() {
            Ok(address) => self.found(plan, vec![SocketAddr::new(address, port)]),
            Err(_) => Ok(Some((host, port))),
        }
    }

    /// The answer to the last question; what is to be looked up next, if anything is.
    pub fn found(&mut self, plan: &Plan, addresses: Vec<SocketAddr>) -> Result<Option<Question>> {
        if !std::mem::take(&mut self.finds_target) {
            self.race = Some(Race::new(addresses, plan.way.socket.clone()));
            return Ok(None);
        }
        // SOCKS4 knows IPv4 only; if there is none, the tunnel says so.
        let wants_ipv4 = self.proxy.as_ref().is_some_and(Proxy::wants_ipv4);
        let fit = addresses.iter().find(|address| address.is_ipv4() || !wants_ipv4).or(addresses.first());
        match fit {
            Some(address) => self.ask_for(plan, Target::Address(*address)),
            None => Err(Error::new(Status::ADDRESS, "the name has no address").during(Operation::Resolve)),
        }
    }

    /// The target is known: so is what the proxy will be asked for, and the proxy is next.
    fn ask_for(&mut self, plan: &Plan, target: Target) -> Result<Option<Question>> {
        let Some(proxy) = &self.proxy else { return Ok(None) };
        let (host, port) = (proxy.host.clone(), proxy.port);
        self.tunnel = Some(Tunnel::new(proxy, target, plan.request.head_max, plan.request.body_max)?);
        self.find(plan, host, port)
    }

    /// An error with the proxy on whose way it happened.
    pub fn blame(&self, error: Error) -> Error {
        match &self.proxy {
            Some(proxy) if !self.finds_target => through_proxy(&proxy.to_string(), error),
            _ => error,
        }
    }

    /// The open deadline passed.
    pub fn timed_out(&self, limit: Time) -> Error {
        let (status, operation) = match self.race {
            None => (Status::RESOLVE_TIMEOUT, Operation::Resolve),
            Some(_) => (Status::CONNECT_TIMEOUT, Operation::Connect),
        };
        let trying = self.race.iter().flat_map(Race::running).map(Address::to_string);
        self.blame(Error::new(status, "").with(|e| {
            e.operation = operation;
            e.timeout_ms = Some(limit / 1000);
            e.peer = trying.last().unwrap_or_default();
        }))
    }
}

/// What a proxy that looks names up is asked for.
fn target(host: &str, port: u16) -> Target {
    match host.parse() {
        Ok(address) => Target::Address(SocketAddr::new(address, port)),
        Err(_) => Target::Name(host.to_owned(), port),
    }
}
