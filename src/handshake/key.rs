//! Sec-WebSocket-Key and the Sec-WebSocket-Accept that answers it (RFC 6455 §4.1, §4.2.2).

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use sha1::{Digest as _, Sha1};

/// What the key is hashed with, so that only a server that knows WebSocket can answer.
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Reads keys whose last digit has bits to spare and has them set: §4.2.1 asks for 16 bytes, and small clients that
/// make a key of 22 random digits send them.
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));

/// The key for 16 bytes from the caller's CSPRNG, fresh for every attempt.
pub fn key_from(nonce: [u8; 16]) -> String {
    BASE64.encode(nonce)
}

/// The accept value for a key as it stands in the request.
pub fn accept_for(key: &[u8]) -> String {
    BASE64.encode(Sha1::new().chain_update(key).chain_update(GUID).finalize())
}

/// The key is base64 of exactly 16 bytes.
pub(super) fn is_key(key: &[u8]) -> bool {
    let mut nonce = [0; 18]; // what 24 digits without padding would hold
    key.len() == 24 && BASE64.decode_slice(key, &mut nonce) == Ok(16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_6455() {
        assert_eq!(key_from(*b"the sample nonce"), "dGhlIHNhbXBsZSBub25jZQ==");
        assert_eq!(accept_for(b"dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn a_key_is_base64_of_16_bytes() {
        assert!(is_key(b"dGhlIHNhbXBsZSBub25jZQ=="));
        assert!(is_key(b"dGhlIHNhbXBsZSBub25jZR=="), "bits to spare");
        for key in [
            "",
            "dGhlIHNhbXBsZSBub25jZQ",
            "dGhlIHNhbXBsZSBub25jZQ=",
            "dGhlIHNhbXBsZSBub25jZTE=",
            "dGhlIHNhbXBsZSBub25jZTEy",
            "dGhlIHNhbXBsZSBub25j Q==",
            "dGhlIHNhbXBsZSBub25jZ-==",
            "====",
            "dGhlIHNhbXBsZSBub25jZQ==AAAA",
        ] {
            assert!(!is_key(key.as_bytes()), "{key}");
        }
    }
}
