//! TLS as C sets it.

use std::path::PathBuf;

use super::convert::{self, Versioned, array, invalid, optional_text, texts, toggle, versioned_or_default};
use super::types::{hws_bytes, hws_str, hws_toggle};
use crate::error::Result;
use crate::tls::{ClientAuth, ClientOptions, Identity, Pem, ServerContext, ServerOptions, Version};

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

/// What a client's struct says: whom to trust and who we are, and the name to ask for.
///
/// # Safety
/// `from` is NULL or as for [`versioned`], and everything it points to is as its fields say.
pub unsafe fn client_tls(
    from: *const hws_tls,
    argument: &'static str,
) -> Result<Option<(ClientOptions, Option<String>)>> {
    // SAFETY: the caller's promise, here and below.
    let Some(from) = (unsafe { versioned_or_default(from, argument) })? else { return Ok(None) };
    if from.client_auth != 0 || from.more_certificate_count != 0 {
        return Err(invalid(argument, "has client_auth or more_certificates, which are for servers"));
    }
    // SAFETY: as above.
    let (options, name) = unsafe {
        let options = ClientOptions {
            skip_verification: toggle(from.dangerous_skip_verification, false, "tls.dangerous_skip_verification")?,
            system_roots: toggle(from.system_roots, false, "tls.system_roots")?,
            bundled_roots: match from.bundled_roots {
                0 => None,
                set => Some(toggle(set, false, "tls.bundled_roots")?),
            },
            ca: authorities(&from)?,
            identity: identity(&from.certificate)?,
            alpn: texts(from.alpn, from.alpn_count, "tls.alpn")?,
            min_version: min_version(from.min_version)?,
            key_log: optional_text(from.key_log_file, "tls.key_log_file")?.map(PathBuf::from),
            resumption: toggle(from.resumption, true, "tls.resumption")?,
            ..ClientOptions::default()
        };
        (options, optional_text(from.server_name, "tls.server_name")?)
    };
    Ok(Some((options, name)))
}

/// What a server's struct says, as a context for its connections.
///
/// # Safety
/// As for [`client_tls`].
pub unsafe fn server_tls(from: *const hws_tls) -> Result<Option<ServerContext>> {
    // SAFETY: the caller's promise, here and below.
    let Some(from) = (unsafe { versioned_or_default(from, "tls") })? else { return Ok(None) };
    // SAFETY: as above.
    let options = unsafe {
        if from.server_name.len != 0 {
            return Err(invalid("tls.server_name", "is for clients"));
        }
        let toggles = [
            (from.system_roots, "tls.system_roots"),
            (from.bundled_roots, "tls.bundled_roots"),
            (from.dangerous_skip_verification, "tls.dangerous_skip_verification"),
        ];
        for (set, name) in toggles {
            if toggle(set, false, name)? {
                return Err(invalid(name, "is for clients"));
            }
        }
        let mut identities = Vec::from_iter(identity(&from.certificate)?);
        for more in array(from.more_certificates, from.more_certificate_count, "tls.more_certificates")? {
            identities.extend(identity(more)?);
        }
        ServerOptions {
            identities,
            client_auth: match from.client_auth {
                0 => ClientAuth::None,
                1 => ClientAuth::Optional,
                2 => ClientAuth::Required,
                _ => return Err(invalid("tls.client_auth", "is not one of hws_client_auths")),
            },
            ca: authorities(&from)?,
            alpn: texts(from.alpn, from.alpn_count, "tls.alpn")?,
            min_version: min_version(from.min_version)?,
            key_log: optional_text(from.key_log_file, "tls.key_log_file")?.map(PathBuf::from),
            resumption: toggle(from.resumption, true, "tls.resumption")?,
        }
    };
    ServerContext::new(&options).map(Some)
}

fn min_version(number: u32) -> Result<Version> {
    match number {
        0 | 0x0303 => Ok(Version::Tls12),
        0x0304 => Ok(Version::Tls13),
        _ => Err(invalid("tls.min_version", "is not one of hws_tls_versions")),
    }
}

/// # Safety
/// Everything that `from` points to is as its fields say.
unsafe fn authorities(from: &hws_tls) -> Result<Vec<Pem>> {
    // SAFETY: the caller's promise.
    unsafe { pem(from.ca_file, from.ca_pem, "tls.ca_file", "tls.ca_pem") }.map(Vec::from_iter)
}

/// # Safety
/// Everything that `from` points to is as its fields say.
unsafe fn identity(from: &hws_certificate) -> Result<Option<Identity>> {
    // SAFETY: the caller's promise.
    let (chain, key) = unsafe {
        let chain = pem(from.cert_file, from.cert_pem, "tls.certificate.cert_file", "tls.certificate.cert_pem")?;
        (chain, pem(from.key_file, from.key_pem, "tls.certificate.key_file", "tls.certificate.key_pem")?)
    };
    match (chain, key) {
        (Some(chain), Some(key)) => Ok(Some(Identity { chain, key })),
        (None, None) => Ok(None),
        (Some(_), None) => Err(invalid("tls.certificate", "has no private key")),
        (None, Some(_)) => Err(invalid("tls.certificate", "has a private key only")),
    }
}

/// # Safety
/// Both point to what their lengths say.
unsafe fn pem(file: hws_str, bytes: hws_bytes, a_file: &'static str, a_pem: &'static str) -> Result<Option<Pem>> {
    // SAFETY: the caller's promise.
    let (file, bytes) = unsafe { (optional_text(file, a_file)?, convert::bytes(bytes.ptr, bytes.len, a_pem)?) };
    if !bytes.is_empty() {
        return Ok(Some(Pem::Bytes(bytes.to_vec())));
    }
    Ok(file.map(|file| Pem::File(file.into())))
}
