//! TLS as C sets it.

use super::convert::Versioned;
use super::types::{hws_bytes, hws_str, hws_toggle};

/// Whether a server asks its clients for certificates.
#[repr(C)]
pub enum hws_client_auths {
    /// it does not
    HWS_CLIENT_AUTH_NONE = 0,
    /// a client may show one; a bad one is refused
    HWS_CLIENT_AUTH_OPTIONAL = 1,
    /// a client without a good one is refused
    HWS_CLIENT_AUTH_REQUIRED = 2,
}

/// Versions of TLS, as they are on the wire.
#[repr(C)]
pub enum hws_tls_versions {
    HWS_TLS_1_2 = 0x0303,
    HWS_TLS_1_3 = 0x0304,
}

/// A certificate chain, the leaf first, and its private key: PEM, in a file or in memory; memory wins. Keys are PKCS #8,
/// PKCS #1 or SEC 1, of RSA, ECDSA or Ed25519.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct hws_certificate {
    pub cert_file: hws_str,
    pub key_file: hws_str,
    pub cert_pem: hws_bytes,
    pub key_pem: hws_bytes,
}

/// How a client checks servers, and how either side shows who it is. Zero is the default. Files are read during the
/// call that is given this.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct hws_tls {
    pub struct_size: u32,
    /// HWS_TLS_1_2, the default, or HWS_TLS_1_3
    pub min_version: u32,
    /// keep sessions, so that later connections of the engine open faster; default on
    pub resumption: hws_toggle,
    /// clients: also trust the roots that the system trusts; default off
    pub system_roots: hws_toggle,
    /// clients: trust the roots bundled with the library, those of Mozilla; default on unless ca_file or ca_pem is set
    pub bundled_roots: hws_toggle,
    /// clients: on accepts every certificate, so that anybody on the way can read and change everything; default off
    pub dangerous_skip_verification: hws_toggle,
    /// servers: one of hws_client_auths; needs ca_file or ca_pem. See hws_handshake.tls_subject
    pub client_auth: u32,
    pub reserved0: u32,
    /// PEM of the roots to trust: clients for servers, servers for clients
    pub ca_file: hws_str,
    pub ca_pem: hws_bytes,
    /// who we are: needed by servers, and by clients where servers ask
    pub certificate: hws_certificate,
    /// servers: further ones, chosen by the name that a client asks for (SNI)
    pub more_certificates: *const hws_certificate,
    pub more_certificate_count: usize,
    /// clients: the name to ask for and to expect in the certificate; default the host of the URI
    pub server_name: hws_str,
    /// protocols for ALPN (RFC 7301), the preferred one first; default none
    pub alpn: *const hws_str,
    pub alpn_count: usize,
    /// secrets are appended to this file, in the format of SSLKEYLOGFILE, for Wireshark; whoever has it can read all
    pub key_log_file: hws_str,
}

// SAFETY: repr(C), struct_size first, integers and nullable pointers.
unsafe impl Versioned for hws_tls {}
