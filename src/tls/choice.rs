//! Which of a server's certificates a client gets to see.

use std::cell::Cell;
use std::sync::Arc;

use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use webpki::EndEntityCert;

use crate::error::Result;

use super::identity::Identity;

thread_local! {
    /// The name that the ClientHello of the connection at work asked for. rustls' unbuffered connections do not tell
    /// it, but they ask for the certificate while they are being driven, on the same thread.
    static ASKED: Cell<Option<Box<str>>> = const { Cell::new(None) };
}

/// The name in the ClientHello that this thread has just seen, told once.
pub(super) fn asked() -> Option<Box<str>> {
    ASKED.take()
}

/// The certificates of a server, with the names they are for.
#[derive(Debug)]
pub(super) struct Choice(Vec<Shown>);

#[derive(Debug)]
struct Shown {
    /// DNS names of the subjectAltName, in lower case.
    names: Vec<String>,
    certified: Arc<CertifiedKey>,
}

impl Choice {
    pub(super) fn new(identities: &[Identity]) -> Result<Self> {
        identities.iter().map(Shown::load).collect::<Result<_>>().map(Self)
    }

    /// The first for the name, else the first at all; in both cases rather one whose key the client can verify.
    fn choose(&self, name: Option<&str>, fits: impl Fn(&Shown) -> bool) -> Option<&Shown> {
        let named = |shown: &&Shown| name.is_some_and(|name| shown.is_for(name));
        let all = || self.0.iter();
        let by_name = all().filter(named).find(|shown| fits(shown)).or_else(|| all().find(named));
        by_name.or_else(|| all().find(|shown| fits(shown))).or_else(|| self.0.first())
    }
}

impl ResolvesServerCert for Choice {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name().map(str::to_ascii_lowercase);
        let schemes = hello.signature_schemes();
        let chosen = self.choose(name.as_deref(), |shown| shown.certified.key.choose_scheme(schemes).is_some());
        ASKED.set(name.map(String::into_boxed_str));
        chosen.map(|shown| shown.certified.clone())
    }
}

impl Shown {
    fn load(identity: &Identity) -> Result<Self> {
        let certified = Arc::new(identity.load()?);
        let parsed = EndEntityCert::try_from(&certified.cert[0])
            .map_err(|error| identity.chain.unusable(&format!("begins with a certificate of no use ({error})")))?;
        let names = parsed.valid_dns_names().map(str::to_ascii_lowercase).collect();
        Ok(Self { names, certified })
    }

    /// RFC 6125 §6.4.3: a wildcard stands for the whole leftmost label.
    fn is_for(&self, name: &str) -> bool {
        let parent = name.split_once('.').map(|(_, parent)| parent);
        self.names.iter().any(|own| own == name || (own.strip_prefix("*.").is_some() && own.get(2..) == parent))
    }
}
