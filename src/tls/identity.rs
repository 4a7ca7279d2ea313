//! What one side shows to prove who it is.

use rustls::sign::CertifiedKey;
use rustls::{Error as TlsError, InconsistentKeys};

use crate::error::{Error, Result};

use super::pem::Pem;
use super::provider::provider;

/// A certificate with its chain, and the private key to it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Identity {
    /// The certificate, then those that lead from it to a root; the root itself may be left out.
    pub chain: Pem,
    /// PKCS#8, PKCS#1 or SEC1; RSA, ECDSA P-256 or P-384, Ed25519.
    pub key: Pem,
}

impl Identity {
    /// Both as rustls wants them, sure to belong together.
    pub(super) fn load(&self) -> Result<CertifiedKey> {
        let chain = self.chain.certificates()?;
        let key = self.key.key()?;
        CertifiedKey::from_der(chain, key, &provider()).map_err(|error| self.refused(&error))
    }

    fn refused(&self, error: &TlsError) -> Error {
        match error {
            TlsError::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
                self.key.unusable(&format!("is not the private key to the certificate in {}", self.chain))
            }
            TlsError::InvalidCertificate(_) => self.chain.unusable("begins with a certificate that cannot be parsed"),
            _ => self.key.unusable("holds a private key of no known kind (RSA, ECDSA P-256 and P-384, Ed25519)"),
        }
    }
}
