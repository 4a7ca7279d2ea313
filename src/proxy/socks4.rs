//! SOCKS4, and SOCKS4a, which takes names.

use super::fault::{ended, refused, wrong_byte};
use super::proxy::Proxy;
use super::step::Step;
use super::target::Target;
use crate::error::{Error, Result, Status};
use std::net::{IpAddr, Ipv4Addr};

/// The length of an answer: version, reply, and a port and an address that mean nothing here.
const ANSWER: usize = 8;

/// The address that says "a name follows" (SOCKS4a). So does every other 0.0.0.x, but 0.0.0.0.
const NAME_FOLLOWS: Ipv4Addr = Ipv4Addr::new(0, 0, 0, 1);

/// Waits for the one answer there is.
#[derive(Debug)]
pub(super) struct Socks4 {
    /// What has come; at most [`ANSWER`] bytes.
    answer: Vec<u8>,
}

impl Socks4 {
    /// The machine, and the request that it begins with.
    pub(super) fn new(proxy: &Proxy, target: &Target) -> Result<(Self, Vec<u8>)> {
        Ok((Self { answer: Vec::with_capacity(ANSWER) }, request(proxy, target)?))
    }

    pub(super) fn read(&mut self, input: &[u8]) -> Result<Step> {
        for (at, byte) in input.iter().enumerate() {
            self.answer.push(*byte);
            if judge(&self.answer)? {
                return Ok(Step::Done { taken: at + 1 });
            }
        }
        Ok(Step::NeedMore)
    }

    pub(super) fn eof(&self) -> Error {
        ended(self.answer.len() as u64)
    }
}

/// Version 4, CONNECT, port, address, the user with a NUL, and for SOCKS4a the name with a NUL.
fn request(proxy: &Proxy, target: &Target) -> Result<Vec<u8>> {
    let (address, name) = match target {
        Target::Name(name, _) => (NAME_FOLLOWS, Some(name)),
        Target::Address(address) => (judge_address(address.ip())?, None),
    };
    let user = proxy.user.as_ref().map_or("", |(user, _)| user);
    let mut bytes = vec![4, 1];
    bytes.extend_from_slice(&target.port().to_be_bytes());
    bytes.extend_from_slice(&address.octets());
    for text in std::iter::once(user).chain(name.map(String::as_str)) {
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(0);
    }
    Ok(bytes)
}

fn judge_address(address: IpAddr) -> Result<Ipv4Addr> {
    let IpAddr::V4(address) = address else {
        return Err(Error::new(Status::INVALID_ARGUMENT, "SOCKS4 cannot connect to an IPv6 address"));
    };
    match address.octets() {
        [0, 0, 0, last] if last != 0 => {
            Err(Error::new(Status::INVALID_ARGUMENT, "SOCKS4a keeps the addresses 0.0.0.x for names"))
        }
        _ => Ok(address),
    }
}

/// Judges the byte that came last; true once the answer is complete.
fn judge(answer: &[u8]) -> Result<bool> {
    match answer {
        [version] if *version != 0 => Err(wrong_byte(0, "the answer of a SOCKS4 proxy does not begin with 0")),
        [_, reply] => judge_reply(*reply).map(|()| false),
        _ => Ok(answer.len() == ANSWER),
    }
}

fn judge_reply(reply: u8) -> Result<()> {
    match reply {
        90 => Ok(()),
        91 => Err(refused(reply, "the request was rejected or failed")),
        92 => Err(refused(reply, "the proxy cannot reach identd on this machine")),
        93 => Err(refused(reply, "identd on this machine reports another user")),
        _ => Err(wrong_byte(1, "a reply that SOCKS4 does not have")),
    }
}
