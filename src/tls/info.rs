//! What the two sides agreed on.

/// What a handshake ended with. Everything is empty before its end.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Info {
    /// `TLSv1.3` or `TLSv1.2`.
    pub version: &'static str,
    /// Its IANA name, `TLS_AES_128_GCM_SHA256`.
    pub cipher_suite: String,
    /// The application protocol, RFC 7301.
    pub alpn: Option<String>,
    /// The name that the client asked for, RFC 6066 §3; addresses are not asked for.
    pub server_name: Option<String>,
    /// Whom the peer's certificate is about, in the notation of RFC 4514.
    pub peer_subject: Option<String>,
    /// The peer's certificate itself, DER.
    pub peer_certificate: Option<Vec<u8>>,
    /// The handshake was short because it went on with an earlier session.
    pub resumed: bool,
}
