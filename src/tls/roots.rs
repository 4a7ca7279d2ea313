//! The roots of trust: who may vouch for a peer.

use std::sync::Arc;

use rustls::RootCertStore;

use crate::error::{Error, Operation, Result, Status};

use super::pem::Pem;

/// The roots under construction.
pub(super) struct Roots(RootCertStore);

impl Roots {
    pub(super) fn new() -> Self {
        Self(RootCertStore::empty())
    }

    /// Mozilla's list, as it was when the library was built.
    pub(super) fn add_bundled(&mut self) {
        self.0.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }

    /// The operating system's. Every system has some that nobody can parse; those are left out as everywhere.
    pub(super) fn add_system(&mut self) -> Result<()> {
        let found = rustls_native_certs::load_native_certs();
        let (added, _) = self.0.add_parsable_certificates(found.certs);
        match (added, found.errors.first()) {
            (0, Some(error)) => Err(no_system_roots(&error.to_string())),
            (0, None) => Err(no_system_roots("there are none")),
            _ => Ok(()),
        }
    }

    /// Those of the caller, all of them or none.
    pub(super) fn add(&mut self, pem: &Pem) -> Result<()> {
        for (at, certificate) in pem.certificates()?.into_iter().enumerate() {
            self.0.add(certificate).map_err(|error| {
                pem.unusable(&format!("holds a certificate that cannot be used as a root (number {}: {error})", at + 1))
            })?;
        }
        Ok(())
    }

    /// The finished list; `None` when it is empty.
    pub(super) fn finish(self) -> Option<Arc<RootCertStore>> {
        (!self.0.is_empty()).then(|| Arc::new(self.0))
    }
}

fn no_system_roots(why: &str) -> Error {
    Error::new(Status::IO, format!("the system's root certificates: {why}")).during(Operation::Tls)
}
