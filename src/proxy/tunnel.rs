//! The way through a proxy, whatever it speaks.

use super::connect::Connect;
use super::fault::garbled;
use super::kind::Kind;
use super::proxy::Proxy;
use super::socks4::Socks4;
use super::socks5::Socks5;
use super::step::Step;
use super::target::Target;
use crate::error::{Error, Operation, Result, Status};
use std::fmt;

/// A tunnel on its way. Gives one result, `Done` or an error, and is of no use after it.
pub struct Tunnel {
    /// For errors.
    proxy: String,
    machine: Machine,
    output: Vec<u8>,
}

enum Machine {
    Connect(Box<Connect>),
    Socks4(Socks4),
    Socks5(Socks5),
    Over,
}

/// How far the tunnel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// All bytes were taken, more are needed. There may be something to say first.
    NeedMore,
    /// The next byte sent goes to the target.
    Done {
        /// Bytes of the input that were the proxy's. Those behind them are the target's.
        consumed: usize,
    },
}

impl Tunnel {
    /// Begins a tunnel to `target`. `head_max` limits the heads of all HTTP responses together, `body_max` is how much
    /// of the body of a refusal is kept.
    ///
    /// INVALID_PROXY is for credentials that this proxy cannot be told, INVALID_ARGUMENT for such a target: a name
    /// over 255 bytes, a name that was to be looked up here, an IPv6 address through SOCKS4.
    pub fn new(proxy: &Proxy, target: Target, head_max: usize, body_max: usize) -> Result<Self> {
        let named = |error: Error| name_proxy(error, proxy.to_string());
        proxy.judge().map_err(named)?;
        let target = judge_target(proxy, target).map_err(named)?;
        let (machine, output) = Machine::new(proxy, &target, head_max, body_max).map_err(named)?;
        Ok(Self { proxy: proxy.to_string(), machine, output })
    }

    /// Bytes for the proxy: once behind [`new`](Self::new), and behind every [`receive`](Self::receive). Empty when
    /// nothing is due.
    pub fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output)
    }

    /// Takes the next bytes from the proxy. The error of a refused CONNECT waits for the body of the response.
    pub fn receive(&mut self, input: &[u8]) -> Result<Progress> {
        let mut machine = std::mem::replace(&mut self.machine, Machine::Over);
        let result = machine.read(input).and_then(|step| self.follow(step, input));
        match result {
            Ok(Progress::NeedMore) => self.machine = machine,
            Ok(Progress::Done { .. }) => (),
            Err(_) => self.output.clear(),
        }
        result.map_err(|error| self.finish(error))
    }

    /// The proxy has ended the connection.
    pub fn eof(&mut self) -> Error {
        self.output.clear();
        let error = std::mem::replace(&mut self.machine, Machine::Over).eof();
        self.finish(error)
    }

    /// What to report when there is no more time: a refusal of which only the body is missing, else a timeout, which
    /// is for the caller to make.
    pub fn timed_out(&self) -> Option<Error> {
        match &self.machine {
            Machine::Connect(connect) => connect.timed_out().map(|error| self.finish(error)),
            Machine::Socks4(_) | Machine::Socks5(_) | Machine::Over => None,
        }
    }

    /// Does what an answer leads to. What the proxy says before it has been asked is no answer.
    fn follow(&mut self, step: Step, input: &[u8]) -> Result<Progress> {
        match step {
            Step::NeedMore => Ok(Progress::NeedMore),
            _ if !self.output.is_empty() => Err(unasked()),
            Step::Say { taken, .. } if taken < input.len() => Err(unasked()),
            Step::Say { output, .. } => {
                self.output = output;
                Ok(Progress::NeedMore)
            }
            Step::Done { taken } => Ok(Progress::Done { consumed: taken }),
        }
    }

    fn finish(&self, error: Error) -> Error {
        name_proxy(error, self.proxy.clone())
    }
}

impl fmt::Debug for Tunnel {
    /// Without what is to be sent: there are credentials in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tunnel").field("proxy", &self.proxy).finish_non_exhaustive()
    }
}

impl Machine {
    fn new(proxy: &Proxy, target: &Target, head_max: usize, body_max: usize) -> Result<(Self, Vec<u8>)> {
        match proxy.kind {
            Kind::Http | Kind::Https => {
                let (connect, output) = Connect::new(proxy, target, head_max, body_max);
                Ok((Self::Connect(Box::new(connect)), output))
            }
            Kind::Socks4 | Kind::Socks4a => {
                Socks4::new(proxy, target).map(|(socks, output)| (Self::Socks4(socks), output))
            }
            Kind::Socks5 | Kind::Socks5h => {
                Socks5::new(proxy, target).map(|(socks, output)| (Self::Socks5(socks), output))
            }
        }
    }

    fn read(&mut self, input: &[u8]) -> Result<Step> {
        match self {
            Self::Connect(connect) => connect.read(input),
            Self::Socks4(socks) => socks.read(input),
            Self::Socks5(socks) => socks.read(input),
            Self::Over => Err(is_over()),
        }
    }

    fn eof(&self) -> Error {
        match self {
            Self::Connect(connect) => connect.eof(),
            Self::Socks4(socks) => socks.eof(),
            Self::Socks5(socks) => socks.eof(),
            Self::Over => is_over(),
        }
    }
}

/// A proxy whose names are looked up here gets addresses only: one name that slips through would be looked up where
/// its owner did not want it to be.
fn judge_target(proxy: &Proxy, target: Target) -> Result<Target> {
    match target.judged()? {
        Target::Name(..) if proxy.resolves_locally() => {
            Err(Error::new(Status::INVALID_ARGUMENT, "through this proxy goes an address, not a name"))
        }
        target => Ok(target),
    }
}

fn name_proxy(error: Error, proxy: String) -> Error {
    error.during(Operation::Proxy).with(|e| e.proxy = proxy)
}

fn unasked() -> Error {
    garbled("the proxy answers what it has not been asked")
}

fn is_over() -> Error {
    Error::new(Status::INVALID_STATE, "this tunnel is over")
}
