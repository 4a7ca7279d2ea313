//! What a client asks for.

use super::fields::{invalid, judge_fields, judge_value};
use super::names::{
    AUTHORIZATION, CONNECTION, EXTENSIONS, HOST, KEY, ORIGIN, PROTOCOL, UPGRADE, USER_AGENT, VERSION, VERSION_13,
};
use super::{extensions, product, subprotocol};
use crate::error::{Result, Status};
use crate::extension::Extensions;
use crate::http::{Credentials, Head, Headers, Limits, RequestLine, Shown, Uri};
use std::fmt;

/// One client's opening handshake, as often as it is tried. Debug shows no secret.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientRequest {
    /// Where to.
    pub uri: Uri,
    /// The Origin header; none unless set.
    pub origin: Option<String>,
    /// The User-Agent header: `None` is `hawser/` and the version, an empty string is no header at all.
    pub user_agent: Option<String>,
    /// Sent by Basic authentication (RFC 7617); `None`: those of the URI, if it has any.
    pub credentials: Option<Credentials>,
    /// What the client speaks, the one it would rather speak first.
    pub subprotocols: Vec<String>,
    /// Further fields, sent as they are and in this order. Host, Origin and User-Agent take the place of ours.
    pub headers: Vec<(String, String)>,
    /// Fail unless the server agrees to a subprotocol.
    pub subprotocol_required: bool,
    /// What is offered beside the protocol itself.
    pub extensions: Extensions,
    /// Bytes of the response's head, those of interim responses included.
    pub head_max: usize,
    /// Bytes of the body of a response that refuses.
    pub body_max: usize,
}

/// Header fields that may stand in a request once only, and that a caller may bring.
const SINGLE: &[&str] = &[HOST, ORIGIN, USER_AGENT, AUTHORIZATION];

impl ClientRequest {
    /// The default of `body_max`.
    pub const BODY_MAX: usize = 1024 * 1024;

    /// A plain request for this URI.
    pub fn new(uri: Uri) -> Self {
        Self {
            uri,
            origin: None,
            user_agent: None,
            credentials: None,
            subprotocols: Vec::new(),
            headers: Vec::new(),
            subprotocol_required: false,
            extensions: Extensions::default(),
            head_max: Limits::HEAD_MAX,
            body_max: Self::BODY_MAX,
        }
    }

    /// Refuses what could split the request or contradict the handshake. The border calls it once; the handshake
    /// relies on it.
    ///
    /// INVALID_HEADER_VALUE is for what may not stand in a head; INVALID_ARGUMENT for options that are well-formed but
    /// not acceptable: a field that is ours, one that may not be repeated, a subprotocol listed twice.
    pub fn validate(&self) -> Result<()> {
        for (name, value) in [(ORIGIN, &self.origin), (USER_AGENT, &self.user_agent)] {
            judge_value(name, value.as_deref().unwrap_or_default())?;
        }
        self.user().map_or(Ok(()), Credentials::validate)?;
        judge_fields(&self.headers)?;
        SINGLE.iter().try_for_each(|name| self.judge_single(name))?;
        self.extensions.validate()?;
        subprotocol::validate(&self.subprotocols, self.subprotocol_required)
    }

    /// The same request to somewhere else, without what is not for the ears there: to another origin go neither
    /// credentials nor the caller's header fields. Credentials that the URI brings take the place of all others.
    #[must_use]
    pub fn moved(&self, uri: Uri) -> Self {
        let mut next = Self { uri, ..self.clone() };
        if !next.uri.origin_eq(&self.uri) {
            next.credentials = None;
            next.headers.clear();
        } else if next.uri.user.is_some() {
            next.credentials = None;
            next.headers.retain(|(name, _)| !name.eq_ignore_ascii_case(AUTHORIZATION));
        } else {
            next.uri.user.clone_from(&self.uri.user);
        }
        next
    }

    /// Takes these header fields instead of those of the same names, whichever way these were set.
    pub fn replace_headers(&mut self, fields: Vec<(String, String)>) {
        let is_new = |name: &str| fields.iter().any(|(new, _)| new.eq_ignore_ascii_case(name));
        self.headers.retain(|(name, _)| !is_new(name));
        if is_new(ORIGIN) {
            self.origin = None;
        }
        if is_new(USER_AGENT) {
            self.user_agent = None;
        }
        if is_new(AUTHORIZATION) {
            self.credentials = None;
            self.uri.user = None;
        }
        self.headers.extend(fields);
    }

    /// The request as it goes over the wire.
    pub(super) fn to_bytes(&self, key: &str) -> Vec<u8> {
        let mut headers = Headers::default();
        if self.own(HOST).is_none() {
            headers.add(HOST, &self.uri.host_header()); // RFC 9110 §7.2: Host comes first
        }
        for (name, value) in self.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(HOST)) {
            headers.add(name, value);
        }
        headers.add(UPGRADE, "websocket");
        headers.add(CONNECTION, "Upgrade");
        headers.add(KEY, key);
        headers.add(VERSION, VERSION_13);
        if !self.subprotocols.is_empty() {
            headers.add(PROTOCOL, &self.subprotocols.join(", "));
        }
        let offers = extensions::to_value(&self.extensions.offers());
        if !offers.is_empty() {
            headers.add(EXTENSIONS, &offers);
        }
        if let Some(origin) = &self.origin {
            headers.add(ORIGIN, origin);
        }
        if let (None, Some(agent)) = (self.own(USER_AGENT), product(self.user_agent.as_deref())) {
            headers.add(USER_AGENT, agent);
        }
        if let Some(user) = self.user() {
            headers.add(AUTHORIZATION, &user.basic());
        }
        for (name, value) in self.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case(HOST)) {
            headers.add(name, value);
        }
        Head { start: RequestLine::get(&self.uri.target), headers }.to_bytes()
    }

    /// The Host header as sent.
    pub(super) fn host(&self) -> String {
        self.own(HOST).map_or_else(|| self.uri.host_header(), str::to_owned)
    }

    /// The Origin header as sent; empty if there is none.
    pub(super) fn origin(&self) -> &str {
        self.origin.as_deref().or(self.own(ORIGIN)).unwrap_or_default()
    }

    /// Who asks.
    fn user(&self) -> Option<&Credentials> {
        self.credentials.as_ref().or(self.uri.user.as_ref())
    }

    /// The value of the caller's own field of this name.
    fn own(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    fn judge_single(&self, name: &str) -> Result<()> {
        let own = self.headers.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name)).count();
        let option = match name {
            ORIGIN => self.origin.is_some(),
            USER_AGENT => self.user_agent.is_some(),
            AUTHORIZATION => self.user().is_some(),
            _ => false,
        };
        match own + usize::from(option) > 1 {
            true => Err(invalid(Status::INVALID_ARGUMENT, name, self.own(name), "headers: this one is set twice")),
            false => Ok(()),
        }
    }
}

impl fmt::Debug for ClientRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientRequest")
            .field("uri", &self.uri)
            .field("origin", &self.origin)
            .field("user_agent", &self.user_agent)
            .field("credentials", &self.credentials)
            .field("subprotocols", &self.subprotocols)
            .field("headers", &Shown(&self.headers))
            .field("subprotocol_required", &self.subprotocol_required)
            .field("extensions", &self.extensions)
            .field("head_max", &self.head_max)
            .field("body_max", &self.body_max)
            .finish()
    }
}
