//! What a client does about an answer that leads elsewhere (RFC 9110 §15.4, RFC 6455 §4.1).

use super::request::ClientRequest;
use crate::error::{Error, Operation, Result, Secret, Status};
use crate::http::Uri;

/// The redirects of one client: how many it follows, and where it has been.
///
/// What the client was told to say to one origin (scheme, host, port) it says to no other: not its credentials, not its
/// caller's header fields. What says who is asking rather than to whom goes along: Origin, User-Agent, subprotocols.
#[derive(Debug, Clone)]
pub struct Redirects {
    max: u32,
    /// Every URI that redirected us.
    visited: Vec<Uri>,
    /// The redirects that were followed: the latest, because of the one before, back to the first.
    trail: Option<Error>,
}

impl Redirects {
    /// More than anybody needs. Each redirect is a link of the chain of causes, and chains are walked by recursion: an
    /// endless one, which a server can make, would use the stack up.
    pub const MOST: u32 = 100;

    /// Follows so many; with none, every redirect is an error.
    pub fn new(max: u32) -> Self {
        Self { max, visited: Vec::new(), trail: None }
    }

    /// The next request after a refusal of this one, or the error that ends it, with everything that was tried as its
    /// causes. Refusals that lead nowhere, or not for a program to choose (300), are that error themselves.
    pub fn follow(&mut self, request: &ClientRequest, refusal: Error) -> Result<ClientRequest> {
        if self.max == 0 {
            return Err(refusal);
        }
        if !leads_elsewhere(&refusal) {
            return Err(self.stay(refusal));
        }
        match self.judge(request, &refusal) {
            Ok(next) => {
                self.visited.push(request.uri.clone());
                self.trail = Some(told(refusal, "followed", self.trail.take()));
                Ok(next)
            }
            Err(fault) => {
                let fault = fault.during(Operation::Handshake).with(|e| {
                    e.uri = request.uri.to_string();
                    e.location.clone_from(&refusal.location);
                    e.http_status = refusal.http_status;
                });
                Err(fault.because(told(refusal, "not followed", self.trail.take())))
            }
        }
    }

    /// The error of a request that redirects led to, with them as its innermost causes.
    pub fn explain(&self, error: Error) -> Error {
        error.rooted_in(self.trail.clone())
    }

    /// A refusal that is no redirect to follow.
    fn stay(&mut self, refusal: Error) -> Error {
        let refusal = refusal.with(|e| {
            if e.status == Status::REDIRECT {
                e.detail = "redirects of this status are not followed".into();
            }
        });
        refusal.rooted_in(self.trail.take())
    }

    /// The next request, unless there is a reason not to make it.
    fn judge(&self, request: &ClientRequest, refusal: &Error) -> Result<ClientRequest> {
        let location = Some(refusal.location_as_sent.reveal()).filter(|sent| !sent.is_empty());
        let next = next(request, location.unwrap_or(&refusal.location))?;
        if request.uri.secure && !next.uri.secure {
            return Err(Error::new(Status::REDIRECT_DOWNGRADE, "nothing would be encrypted any more"));
        }
        if request.uri == next.uri || self.visited.contains(&next.uri) {
            return Err(self.too_many("a loop"));
        }
        match self.visited.len() >= self.max as usize {
            true => Err(self.too_many("one more than may be followed")),
            false => Ok(next),
        }
    }

    fn too_many(&self, detail: &'static str) -> Error {
        Error::new(Status::TOO_MANY_REDIRECTS, detail).with(|e| {
            e.attempts = self.visited.len() as u32;
            e.max_attempts = self.max;
        })
    }
}

/// The client's own decision to make: one place to go, and a GET to make there.
fn leads_elsewhere(refusal: &Error) -> bool {
    let is_followed = matches!(refusal.http_status, 301 | 302 | 303 | 307 | 308);
    refusal.status == Status::REDIRECT && is_followed && !refusal.location.is_empty()
}

/// The same request where the Location leads, without what is not for the ears there.
fn next(request: &ClientRequest, location: &str) -> Result<ClientRequest> {
    // Without credentials of its own the base gives none away: those that come out are the Location's.
    let base = Uri { user: None, ..request.uri.clone() };
    Ok(request.moved(base.resolve(location)?))
}

/// A redirect as a part of the story. Its body is not: a long story must not be a heavy one.
fn told(refusal: Error, outcome: &'static str, before: Option<Error>) -> Error {
    let refusal = refusal.with(|e| {
        e.detail = outcome.into();
        e.body_truncated |= !e.body.is_empty();
        e.body = Vec::new();
        e.location_as_sent = Secret::default();
    });
    refusal.rooted_in(before)
}
