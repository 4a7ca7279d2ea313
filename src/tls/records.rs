//! The frames of TLS records, as far as one sees them from outside.

/// Type, version and length.
const HEADER: usize = 5;

/// Longest record body: 2^14 bytes of plaintext and what TLS 1.2 lets a cipher add (RFC 5246 §6.2.3).
const BODY_MAX: usize = (1 << 14) + 2048;

/// How many bytes at the front are worth looking at: those of the records that are there as a whole. Something that
/// is no record is worth it, too, because nothing that follows will make it one.
pub(super) fn whole(bytes: &[u8]) -> usize {
    let mut at = 0;
    loop {
        match record(&bytes[at..]) {
            Record::Whole(len) => at += len,
            Record::Beginning => return at,
            Record::None => return bytes.len(),
        }
    }
}

enum Record {
    Whole(usize),
    Beginning,
    None,
}

fn record(bytes: &[u8]) -> Record {
    let Some(header) = bytes.first_chunk::<HEADER>() else { return Record::Beginning };
    let body = usize::from(u16::from_be_bytes([header[3], header[4]]));
    if !(20..=24).contains(&header[0]) || header[1] != 3 || body > BODY_MAX {
        return Record::None;
    }
    if bytes.len() < HEADER + body { Record::Beginning } else { Record::Whole(HEADER + body) }
}

/// True for the beginning of an HTTP request or response: somebody mixed up `ws` and `wss`.
pub(super) fn looks_like_http(bytes: &[u8]) -> bool {
    const BEGINNINGS: &[&[u8]] =
        &[b"HTTP/", b"GET ", b"POST ", b"PUT ", b"HEAD ", b"CONNECT ", b"OPTIONS ", b"DELETE ", b"PATCH ", b"TRACE "];
    BEGINNINGS.iter().any(|beginning| bytes.starts_with(&beginning[..beginning.len().min(HEADER)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_records_count_and_whatever_is_none() {
        let two = b"\x17\x03\x03\0\x02ab\x16\x03\x01\0\x01c";
        assert_eq!(whole(two), two.len());
        assert_eq!(whole(&two[..12]), 7);
        assert_eq!(whole(&two[..4]), 0);
        assert_eq!(whole(b"GET / HTTP/1.1\r\n"), 16);
        assert_eq!(whole(b"\x17\x03\x03\xff\xff"), 5, "too long");
    }

    #[test]
    fn http_is_known_by_five_bytes() {
        assert!(looks_like_http(b"GET / HTTP/1.1") && looks_like_http(b"HTTP/1.1 400") && looks_like_http(b"CONNE"));
        assert!(!looks_like_http(b"\x16\x03\x01\0\x05") && !looks_like_http(b"SSH-2.0"));
    }
}
