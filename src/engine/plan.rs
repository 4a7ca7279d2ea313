//! What a client was asked for: kept until it is open, because a redirect may send it elsewhere, and for as long as it
//! lives if it comes back when it is lost.

use std::collections::VecDeque;
use std::sync::Arc;

use super::approach::Step;
use super::reconnect::Reconnect;
use crate::error::Result;
use crate::handshake::{ClientRequest, Redirects};
use crate::http::Uri;
use crate::net::{Address, SocketOptions};
use crate::proxy::{Environment, Proxy, Tunnel};
use crate::session::{NEVER, Settings, Time};
use crate::tls::{ClientContext, ClientContexts, ClientOptions};

/// How a client gets to its server, as the host has set it.
#[derive(Debug, Clone, Default)]
pub struct Way {
    /// Through this proxy,
    pub proxy: Option<Proxy>,
    /// or through the one that the environment names.
    pub environment: Option<Environment>,
    /// There instead of to the host of the URI.
    pub connect_to: Option<Address>,
    /// For wss; `None` where the host has set nothing.
    pub tls: Option<ClientOptions>,
    /// The name to ask for and to expect in the certificate, instead of the URI's.
    pub server_name: Option<String>,
    /// For https proxies; `None`: whom `tls` trusts.
    pub proxy_tls: Option<ClientOptions>,
    /// Redirects to follow.
    pub max_redirects: u32,
    pub socket: SocketOptions,
}

/// What a client was asked for, and how far it has come.
pub struct Plan {
    /// The request to be made now; not the first one after a redirect.
    pub request: ClientRequest,
    pub settings: Arc<Settings>,
    /// The open deadline, once the clock has been looked at.
    pub open_by: Time,
    pub way: Way,
    pub redirects: Redirects,
    /// How it comes back, if it does.
    pub reconnect: Option<Box<Reconnect>>,
    /// Where the host has sent us; some of its wishes hold there only.
    home: Uri,
    contexts: Contexts,
}

/// TLS for everybody that the client may meet.
#[derive(Clone)]
struct Contexts {
    /// For the origin that the host has named.
    home: Option<ClientContext>,
    /// For others: our certificate is not for them.
    away: Option<ClientContext>,
    proxy: Option<ClientContext>,
}

impl Contexts {
    /// Certificates are read where they may be needed, and wherever the host has set any: a mistake shows at once.
    fn new(way: &Way, secure: bool, elsewhere: bool, cache: &mut ClientContexts) -> Result<Self> {
        let tls = way.tls.clone().unwrap_or_default();
        let anonymous = ClientOptions { identity: None, alpn: Vec::new(), ..tls.clone() };
        let tls_proxy = way.proxy.as_ref().is_some_and(Proxy::is_tls) || way.environment.is_some();
        let elsewhere = elsewhere || way.max_redirects > 0;
        let mut get = |wanted: bool, options: &ClientOptions| wanted.then(|| cache.get(options)).transpose();
        Ok(Self {
            home: get(secure || elsewhere || way.tls.is_some(), &tls)?,
            away: get(elsewhere, &ClientOptions { identity: None, ..tls.clone() })?,
            proxy: get(tls_proxy || way.proxy_tls.is_some(), way.proxy_tls.as_ref().unwrap_or(&anonymous))?,
        })
    }
}

impl Plan {
    /// A plan that has not been begun; `cache` has the TLS contexts of the engine. Only one that comes back may be told to
    /// go `elsewhere`.
    pub fn new(
        request: ClientRequest,
        settings: Arc<Settings>,
        way: Way,
        elsewhere: bool,
        cache: &mut ClientContexts,
    ) -> Result<Self> {
        let contexts = Contexts::new(&way, request.uri.secure, elsewhere, cache)?;
        let (redirects, home) = (Redirects::new(way.max_redirects), request.uri.clone());
        Ok(Self { request, settings, open_by: NEVER, way, redirects, reconnect: None, home, contexts })
    }

    /// The same plan for another attempt: where redirects have led is forgotten.
    pub fn begin_anew(&mut self, request: ClientRequest, open_by: Time) {
        self.request = request;
        self.redirects = Redirects::new(self.way.max_redirects);
        self.open_by = open_by;
    }

    /// The same for another target of the same origin, not begun either.
    pub fn toward(&self, target: &str) -> Self {
        let mut request = self.request.clone();
        target.clone_into(&mut request.uri.target);
        Self {
            request,
            settings: Arc::clone(&self.settings),
            open_by: NEVER,
            way: self.way.clone(),
            redirects: Redirects::new(self.way.max_redirects),
            reconnect: None,
            home: self.home.clone(),
            contexts: self.contexts.clone(),
        }
    }

    /// We are still where the host has sent us.
    fn is_at_home(&self) -> bool {
        self.request.uri.origin_eq(&self.home)
    }

    /// Where to connect to, if not to the host of the URI.
    pub fn detour(&self) -> Option<&Address> {
        self.way.connect_to.as_ref().filter(|_| self.is_at_home())
    }

    /// The proxy to go through.
    pub fn proxy(&self) -> Result<Option<Proxy>> {
        let uri = &self.request.uri;
        match (&self.way.proxy, &self.way.environment) {
            _ if self.detour().is_some() => Ok(None),
            (Some(proxy), _) => Ok(Some(proxy.clone())),
            (None, Some(environment)) => environment.proxy_for(uri.secure, uri.host_without_zone(), uri.port),
            (None, None) => Ok(None),
        }
    }

    /// What stands between the socket and the WebSocket.
    pub fn steps(&self, tunnel: Option<(&Proxy, Tunnel)>) -> Result<VecDeque<Step>> {
        let mut steps = VecDeque::new();
        if let Some((proxy, tunnel)) = tunnel {
            if let Some(context) = self.contexts.proxy.as_ref().filter(|_| proxy.is_tls()) {
                steps.push_back(Step::Encrypt { tls: Box::new(context.connect(&proxy.host)?), with_proxy: true });
            }
            steps.push_back(Step::Tunnel(Box::new(tunnel)));
        }
        let (context, name) = match self.is_at_home() {
            true => (&self.contexts.home, self.way.server_name.as_deref()),
            false => (&self.contexts.away, None),
        };
        if let Some(context) = context.as_ref().filter(|_| self.request.uri.secure) {
            let tls = context.connect(name.unwrap_or(self.request.uri.host_without_zone()))?;
            steps.push_back(Step::Encrypt { tls: Box::new(tls), with_proxy: false });
        }
        Ok(steps)
    }
}
