//! SOCKS5 (RFC 1928), with user and password (RFC 1929).

use super::fault::{ended, refused, wrong_byte};
use super::proxy::Proxy;
use super::step::Step;
use super::target::Target;
use crate::error::{Error, Result, Status};
use std::net::IpAddr;

const VERSION: u8 = 5;

/// The version of RFC 1929's own negotiation.
const LOGIN_VERSION: u8 = 1;

/// "No authentication required".
const OPEN: u8 = 0;
/// "Username/password".
const LOGIN: u8 = 2;
/// "No acceptable methods".
const NONE: u8 = 0xff;

const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;

/// Waits for two or three answers, one after the other. Everything that it will say was made with it.
pub(super) struct Socks5 {
    stage: Stage,
    /// User and password, until they are sent; `None` if there are none to offer.
    login: Option<Vec<u8>>,
    request: Vec<u8>,
    /// What has come of the present answer; at most 262 bytes.
    answer: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
enum Stage {
    /// Which method the proxy chooses.
    Method,
    /// Whether it takes the credentials.
    Login,
    /// Whether it has connected us.
    Reply,
}

impl Socks5 {
    /// The machine, and the greeting that it begins with.
    pub(super) fn new(proxy: &Proxy, target: &Target) -> Result<(Self, Vec<u8>)> {
        let login = proxy.user.as_ref().map(|(user, password)| login(user, password)).transpose()?;
        let greeting = match login {
            Some(_) => vec![VERSION, 2, OPEN, LOGIN],
            None => vec![VERSION, 1, OPEN],
        };
        Ok((Self { stage: Stage::Method, login, request: request(target)?, answer: Vec::new() }, greeting))
    }

    pub(super) fn read(&mut self, input: &[u8]) -> Result<Step> {
        for (at, byte) in input.iter().enumerate() {
            self.answer.push(*byte);
            if self.judge()? {
                return Ok(self.advance(at + 1));
            }
        }
        Ok(Step::NeedMore)
    }

    pub(super) fn eof(&self) -> Error {
        let error = ended(self.answer.len() as u64);
        match self.stage {
            // Some refuse that way. Others only fail: it stays what it looks like, with a word on what it may be.
            Stage::Login => error.with(|e| e.detail = "the proxy ended the connection over user and password".into()),
            Stage::Method | Stage::Reply => error,
        }
    }

    /// Judges the byte that came last; true once the answer is complete.
    fn judge(&self) -> Result<bool> {
        match self.stage {
            Stage::Method => judge_method(&self.answer, self.login.is_some()),
            Stage::Login => judge_login(&self.answer),
            Stage::Reply => judge_reply(&self.answer),
        }
    }

    /// Goes on behind a complete answer.
    fn advance(&mut self, taken: usize) -> Step {
        let answer = std::mem::take(&mut self.answer);
        let login = self.login.take().filter(|_| answer == [VERSION, LOGIN]);
        match (self.stage, login) {
            (Stage::Method, Some(output)) => {
                self.stage = Stage::Login;
                Step::Say { taken, output }
            }
            (Stage::Method | Stage::Login, _) => {
                self.stage = Stage::Reply;
                Step::Say { taken, output: std::mem::take(&mut self.request) }
            }
            (Stage::Reply, _) => Step::Done { taken },
        }
    }
}

/// `VER ULEN UNAME PLEN PASSWD` of RFC 1929.
fn login(user: &str, password: &str) -> Result<Vec<u8>> {
    let mut bytes = vec![LOGIN_VERSION];
    push_counted(&mut bytes, user)?;
    push_counted(&mut bytes, password)?;
    Ok(bytes)
}

/// `VER CMD RSV ATYP DST.ADDR DST.PORT` of RFC 1928 §4.
fn request(target: &Target) -> Result<Vec<u8>> {
    let mut bytes = vec![VERSION, 1, 0];
    match target {
        Target::Name(name, _) => {
            bytes.push(NAME);
            push_counted(&mut bytes, name)?;
        }
        Target::Address(address) => match address.ip() {
            IpAddr::V4(ip) => {
                bytes.push(IPV4);
                bytes.extend_from_slice(&ip.octets());
            }
            IpAddr::V6(ip) => {
                bytes.push(IPV6);
                bytes.extend_from_slice(&ip.octets());
            }
        },
    }
    bytes.extend_from_slice(&target.port().to_be_bytes());
    Ok(bytes)
}

/// The text behind its length. That it fits in one byte was seen to before; here it is certain.
fn push_counted(bytes: &mut Vec<u8>, text: &str) -> Result<()> {
    let too_long = |_| Error::new(Status::INVALID_ARGUMENT, "SOCKS5 counts the bytes of a text in one");
    bytes.push(u8::try_from(text.len()).map_err(too_long)?);
    bytes.extend_from_slice(text.as_bytes());
    Ok(())
}

fn judge_method(answer: &[u8], login_offered: bool) -> Result<bool> {
    match answer {
        [version] => judge_version(*version).map(|()| false),
        [_, OPEN] => Ok(true),
        [_, LOGIN] if login_offered => Ok(true),
        [_, NONE] if login_offered => Err(unauthenticated("the proxy takes neither a password nor none")),
        [_, NONE] => Err(unauthenticated("the proxy wants credentials")),
        _ => Err(wrong_byte(1, "the proxy chose a method that it was not offered")),
    }
}

fn judge_login(answer: &[u8]) -> Result<bool> {
    match answer {
        [LOGIN_VERSION] => Ok(false),
        [_, 0] => Ok(true),
        [_] => Err(wrong_byte(0, "the answer to user and password does not begin with 1")),
        _ => Err(unauthenticated("the proxy refuses the user or the password")),
    }
}

/// `VER REP RSV ATYP BND.ADDR BND.PORT` of RFC 1928 §6. A refusal is one from its second byte on: there are proxies
/// that say no more than that.
fn judge_reply(answer: &[u8]) -> Result<bool> {
    match answer {
        [version] => judge_version(*version).map(|()| false),
        [_, 0] => Ok(false),
        [_, reply] => Err(refused(*reply, meaning(*reply))),
        [_, _, _, kind] if !matches!(*kind, IPV4 | NAME | IPV6) => {
            Err(wrong_byte(3, "an address of a type that SOCKS5 does not have"))
        }
        _ => Ok(reply_len(answer) == Some(answer.len())),
    }
}

/// How long a reply will be, once that can be told.
fn reply_len(answer: &[u8]) -> Option<usize> {
    let around = 4 + 2;
    match answer {
        [_, _, _, IPV4, ..] => Some(around + 4),
        [_, _, _, IPV6, ..] => Some(around + 16),
        [_, _, _, NAME, len, ..] => Some(around + 1 + usize::from(*len)),
        _ => None,
    }
}

fn judge_version(version: u8) -> Result<()> {
    match version {
        VERSION => Ok(()),
        _ => Err(wrong_byte(0, "the answer of a SOCKS5 proxy does not begin with 5")),
    }
}

fn unauthenticated(detail: &'static str) -> Error {
    Error::new(Status::PROXY_AUTHENTICATION, detail)
}

/// The words of RFC 1928 §6.
fn meaning(reply: u8) -> &'static str {
    match reply {
        1 => "general SOCKS server failure",
        2 => "connection not allowed by ruleset",
        3 => "network unreachable",
        4 => "host unreachable",
        5 => "connection refused",
        6 => "TTL expired",
        7 => "command not supported",
        8 => "address type not supported",
        _ => "a failure that RFC 1928 has no name for",
    }
}
