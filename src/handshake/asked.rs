//! A request that waits for its host's decision.

use std::sync::Arc;

use super::fields::judge_fields;
use super::policy::ServerPolicy;
use super::response::Response;
use super::route::Gate;
use super::{Handshake, reply};
use crate::error::{Error, Result, Status};

/// What a host adds when it grants a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grant {
    /// One of those that were offered; `None`: the one that the route's own list leads to.
    pub subprotocol: Option<String>,
    /// Further fields of the response.
    pub headers: Vec<(String, String)>,
}

/// A request that is as it should be, and has a route whose host decides.
#[derive(Debug)]
pub struct Asked {
    /// What will have been agreed on if it is granted.
    handshake: Box<Handshake>,
    /// Sec-WebSocket-Key; `None`: it asks for no WebSocket, and can only be answered.
    key: Option<Vec<u8>>,
    /// What it came to.
    gate: Arc<Gate>,
}

impl Asked {
    pub(super) fn new(handshake: Handshake, key: Option<Vec<u8>>, gate: Arc<Gate>) -> Self {
        Self { handshake: Box::new(handshake), key, gate }
    }

    /// What is asked.
    pub fn handshake(&self) -> &Handshake {
        &self.handshake
    }

    /// It asks for a WebSocket.
    pub fn is_websocket(&self) -> bool {
        self.key.is_some()
    }

    /// The response that opens the connection, and what is agreed on then; or an error, and nothing is decided.
    pub fn grant(&self, grant: &Grant) -> Result<(Vec<u8>, Box<Handshake>)> {
        let Some(key) = &self.key else {
            return Err(Error::new(
                Status::INVALID_STATE,
                "this request asks for no WebSocket: it can only be answered",
            ));
        };
        judge_fields(&grant.headers)?;
        let mut handshake = self.handshake.clone();
        if let Some(name) = &grant.subprotocol {
            if !handshake.subprotocols_offered.contains(name) {
                return Err(Error::new(Status::INVALID_ARGUMENT, "subprotocol: the client has not offered this one"));
            }
            handshake.subprotocol.clone_from(name);
        }
        handshake.http_status = 101;
        let reply = reply::switching(self.policy(), key, &handshake.subprotocol, &handshake.extensions, &grant.headers);
        Ok((reply, handshake))
    }

    /// A response that opens nothing, and the error that tells the host.
    pub fn answer(&self, response: &Response) -> (Vec<u8>, Error) {
        let error = response.as_error().with(|e| {
            e.http_method.clone_from(&self.handshake.method);
            e.uri = crate::http::masked_reference(&self.handshake.target);
        });
        (response.to_bytes(self.policy(), &self.handshake.method), error)
    }

    /// What is admitted where it came to.
    pub fn policy(&self) -> &ServerPolicy {
        &self.gate.policy
    }
}
