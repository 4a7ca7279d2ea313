//! Which library does the cryptography, as chosen when hawser is built.

use std::sync::{Arc, OnceLock};

use rustls::CipherSuite;
use rustls::crypto::CryptoProvider;
use rustls::server::ProducesTickets;

use crate::error::Result;

use super::fault;

#[cfg(feature = "aws-lc-rs")]
use rustls::crypto::aws_lc_rs as chosen;
#[cfg(all(feature = "ring", not(feature = "aws-lc-rs")))]
use rustls::crypto::ring as chosen;

#[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
compile_error!("TLS needs one of the features `ring` and `aws-lc-rs`");

/// Its name, for who asks what this build is made of. With both features on it is `aws-lc-rs`: nobody gets that one
/// without having asked for it.
pub const PROVIDER: &str = if cfg!(feature = "aws-lc-rs") { "aws-lc-rs" } else { "ring" };

/// The provider itself. Handed to rustls with every configuration: what other code of the process has installed as
/// its default neither matters nor changes.
pub(super) fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    PROVIDER.get_or_init(|| Arc::new(with_aes_128_first(chosen::default_provider()))).clone()
}

/// Nobody breaks AES with 128 bits either, and it takes a quarter less time than with 256: browsers ask for it first, too.
fn with_aes_128_first(mut provider: CryptoProvider) -> CryptoProvider {
    // Stable: the older versions of TLS stay behind, ECDSA and RSA as they were.
    provider.cipher_suites.sort_by_key(|suite| match suite.suite() {
        CipherSuite::TLS13_AES_128_GCM_SHA256 => 0,
        _ if suite.tls13().is_some() => 1,
        CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 | CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 => 2,
        _ => 3,
    });
    provider
}

/// Makes and reads session tickets (RFC 5077, RFC 8446 §4.6.1) with keys of its own that change by the hours.
pub(super) fn ticketer() -> Result<Arc<dyn ProducesTickets>> {
    chosen::Ticketer::new().map_err(|error| fault::configuration("session tickets", &error))
}
