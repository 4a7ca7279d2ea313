//! The character classes of RFC 9110 §5.6, on bytes.

/// `tchar` of RFC 9110 §5.6.2.
pub(super) fn is_token_byte(byte: u8) -> bool {
    let is_mark = matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~');
    is_mark || byte.is_ascii_alphanumeric()
}

/// `token` of RFC 9110 §5.6.2: at least one `tchar`, and nothing else.
pub fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().copied().all(is_token_byte)
}

/// What a line of a head may hold: tab, space, visible ASCII and obs-text (RFC 9110 §5.5). No control characters.
pub(super) fn is_text_byte(byte: u8) -> bool {
    matches!(byte, b'\t' | b' '..=b'~' | 0x80..)
}

/// May stand as a field value (RFC 9110 §5.5). With CR, LF or NUL in it, it could split the message it stands in.
pub fn is_field_value(bytes: &[u8]) -> bool {
    bytes.iter().copied().all(is_text_byte)
}

/// `OWS` of RFC 9110 §5.6.3.
pub(super) fn is_ows(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Without the optional whitespace around it.
pub(super) fn trim_ows(mut bytes: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = bytes {
        if !is_ows(*first) {
            break;
        }
        bytes = rest;
    }
    while let [rest @ .., last] = bytes {
        if !is_ows(*last) {
            break;
        }
        bytes = rest;
    }
    bytes
}

/// For errors and for the host: what is not UTF-8 becomes U+FFFD.
pub fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_what_rfc_9110_lists() {
        let listed = b"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        for byte in 0..=255 {
            assert_eq!(is_token_byte(byte), listed.contains(&byte), "{byte:#x}");
        }
        assert!(!is_token(b""));
    }

    #[test]
    fn whitespace_is_trimmed_on_both_sides_only() {
        assert_eq!(trim_ows(b" \t a b\t "), b"a b");
        assert_eq!(trim_ows(b" \t "), b"");
    }
}
